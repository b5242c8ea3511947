"""`Batches`: questions that come at the same time are answered together.

An exact search reads the whole matrix, and for thirty questions nearly as fast as for one. So a question waits for
those that are there already, never for others: whatever has gathered when a thread becomes free is asked at once.
Answers are the same as one by one, which `Embedding.similar` promises.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from jari.embedding import Embedding
from jari.embedding.arithmetic import Method
from jari.embedding.queries import Query
from jari.serve.items import EmbeddingItem
from jari.serve.metrics import Metrics
from jari.types import Metric

_WORTH = 16  # questions that are worth another thread: fewer wait for the one that asks the same already
_MOST = 64  # questions at once: more gain little, and those that are in them wait longer
_MOST_TERMS = 64
_LARGEST = float(np.finfo(np.float32).max)

Waiting: TypeAlias = "list[tuple[Any, asyncio.Future[Found]]]"


@dataclass(frozen=True, slots=True)
class Manner:
    """How something is asked; questions of the same manner can be asked together."""

    item: EmbeddingItem
    by: Literal["similar", "solve", "index"]
    k: int
    metric: Metric = "cosine"
    method: Method = "add"
    include_inputs: bool = False

    def ask(self, questions: Sequence[Any]) -> list[Found]:
        """The answers, in the same order."""
        embedding = self.item.embedding
        if len(questions) > 1 and self.k + _MOST_TERMS > len(embedding):
            return [found for each in questions for found in self.ask([each])]  # or all get as few as one of them
        if self.by == "solve":
            found = embedding.solve(
                list(questions),
                self.k,
                self.method,
                metric=self.metric,
                include_inputs=self.include_inputs,
                unknown=self.item.unknown,
            )
        elif self.by == "index":
            found = self.item.index().similar(list(questions), self.k, include_inputs=self.include_inputs)
        else:
            found = embedding.similar(
                list(questions), self.k, self.metric, include_inputs=self.include_inputs, unknown=self.item.unknown
            )
        rows, keys = found.rows.tolist(), found.keys.tolist()
        scores = np.clip(found.scores, -_LARGEST, _LARGEST).tolist()  # a dot product may be too large for float32
        return [Found(*each) for each in zip(keys, rows, scores, strict=True)]


@dataclass(frozen=True, slots=True)
class Found:
    """What is nearest to one question, best first; rows of -1 are to be left out."""

    keys: list[str]
    rows: list[int]
    scores: list[float]


class Batches:
    """Gathers questions of one event loop and has threads answer them.

    Parameters
    ----------
    threads
        How many batches are answered at a time.
    metrics
        Are told how many questions were asked together.
    """

    def __init__(self, threads: int, metrics: Metrics) -> None:
        self._threads, self._metrics = threads, metrics
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="jari-batch")
        self._waiting: dict[Manner, Waiting] = {}
        self._running: Counter[Manner] = Counter()
        self._starting = self._prepared = False

    async def similar(
        self,
        item: EmbeddingItem,
        query: Query,
        k: int,
        metric: Metric = "cosine",
        *,
        include_inputs: bool = False,
        approximate: bool = False,
    ) -> Found:
        """What is near a key or a vector (d,)."""
        by: Literal["similar", "index"] = "index" if approximate else "similar"
        return await self._asked(Manner(item, by, k, metric, include_inputs=include_inputs), query)

    async def solve(
        self,
        item: EmbeddingItem,
        expression: str,
        k: int,
        method: Method = "add",
        metric: Metric = "cosine",
        *,
        include_inputs: bool = False,
    ) -> Found:
        """What is near to where an expression leads."""
        return await self._asked(Manner(item, "solve", k, metric, method, include_inputs), expression)

    def close(self) -> None:
        """End the threads once they have answered."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def _asked(self, manner: Manner, question: Any) -> Found:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Found] = loop.create_future()
        self._waiting.setdefault(manner, []).append((question, future))
        if not self._starting and self._running.total() < self._threads:
            self._starting = True
            loop.call_soon(self._start, loop)  # after whatever else has arrived by now
        return await future

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._starting = False
        while self._running.total() < self._threads:
            manner = next((each for each, waiting in self._waiting.items() if self._is_worth(each, len(waiting))), None)
            if manner is None:
                return
            waiting = self._waiting.pop(manner)
            if len(waiting) > _MOST:
                self._waiting[manner] = waiting[_MOST:]
                waiting = waiting[:_MOST]
            waiting = [(question, future) for question, future in waiting if not future.done()]
            if waiting:
                if len(waiting) > 1 and not self._prepared:
                    self._prepared = True
                    threading.Thread(target=_prepare, args=(manner.item.embedding,), name="jari-prepare").start()
                self._running[manner] += 1
                self._metrics.batch(len(waiting))
                self._pool.submit(self._work, loop, manner, waiting)

    def _is_worth(self, manner: Manner, waiting: int) -> bool:
        return manner not in self._running or waiting >= _WORTH

    def _work(self, loop: asyncio.AbstractEventLoop, manner: Manner, waiting: Waiting) -> None:
        """In a thread: ask all together; where that fails, one by one, so that each gets its own error."""
        answers: list[Found | Exception]
        try:
            answers = list(manner.ask([question for question, _ in waiting]))
        except Exception as error:
            answers = [error] if len(waiting) == 1 else [_alone(manner, question) for question, _ in waiting]
        loop.call_soon_threadsafe(self._done, loop, manner, waiting, answers)

    def _done(
        self, loop: asyncio.AbstractEventLoop, manner: Manner, waiting: Waiting, answers: Sequence[Found | Exception]
    ) -> None:
        self._running[manner] -= 1
        if not self._running[manner]:
            del self._running[manner]  # and with it a thing that may have left the shelf
        for (_, future), answer in zip(waiting, answers, strict=True):
            if future.done():  # whoever asked has gone
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
        self._start(loop)


def _alone(manner: Manner, question: Any) -> Found | Exception:
    try:
        return manner.ask([question])[0]
    except Exception as error:
        return error


def _prepare(embedding: Embedding) -> None:
    """Fetch the kernel that many questions at once are asked by: a second or two, which one question need not wait."""
    import jari.kernels.selection  # noqa: F401 - once it is there, batches take it

    if len(embedding):
        embedding.similar(embedding.vectors[:_WORTH], k=1)
