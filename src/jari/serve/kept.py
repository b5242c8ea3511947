"""`Kept`: answers that take long, computed once however many ask, and the latest of them kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


class Kept(Generic[Answer]):
    """Answers by what was asked; for several threads.

    Parameters
    ----------
    most
        How many are kept.
    at_once
        How many are computed at a time; others wait for their turn.

    Examples
    --------
    >>> squares = Kept[int](most=2)
    >>> squares("three", lambda: 3 * 3), squares("three", lambda: 0)
    (9, 9)
    """

    def __init__(self, most: int, *, at_once: int = 1) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, Future[Answer]] = OrderedDict()
        self._lock = threading.Lock()
        self._turns = threading.Semaphore(at_once)

    def __len__(self) -> int:
        return len(self._answers)

    def latest(self, fits: Callable[[Any], bool]) -> Answer | None:
        """The answer asked for last of those whose question fits, if one is there."""
        with self._lock:
            for asked, promise in reversed(self._answers.items()):
                if fits(asked) and promise.done() and promise.exception() is None:
                    return promise.result()
        return None

    def __call__(self, asked: Hashable, make: Callable[[], Answer]) -> Answer:
        """The answer to what was asked; an error is raised for all who wait for it, and not kept."""
        with self._lock:
            promise = self._answers.get(asked)
            mine = promise is None
            if promise is None:
                promise = self._answers[asked] = Future()
            self._answers.move_to_end(asked)
            while len(self._answers) > self._most:  # who waits for one that goes still has its promise
                self._answers.popitem(last=False)
        if not mine:
            return promise.result()
        try:
            with self._turns:
                answer = make()
        except BaseException as error:
            with self._lock:
                if self._answers.get(asked) is promise:
                    del self._answers[asked]
            promise.set_exception(error)
            raise
        promise.set_result(answer)
        return answer
