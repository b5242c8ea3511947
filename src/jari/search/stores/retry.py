"""`patiently`: ask a server again for a while, then say in one line that it is down."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

from jari.errors import ServerDown

T = TypeVar("T")
WAIT: Final = 5.0  # seconds; a database that restarts is back by then, and a person still waits
_FIRST_PAUSE: Final = 0.05  # seconds, doubled each time


def patiently(
    attempt: Callable[[], T],
    *,
    server: str,
    why: Callable[[Exception], str | None],
    wait: float = WAIT,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """What `attempt` answers; where the server does not, try again with pauses, each twice as long as the one before.

    Parameters
    ----------
    attempt
        It is called again, so it must not matter whether it was done before.
    server
        For people, with the address and without a password: ``"PostgreSQL at localhost:5432"``.
    why
        Says in a few words why the server did not answer, or None where an error is no matter of that: such an error
        is raised at once.
    wait
        Seconds in all, after which no further attempt begins.

    Raises
    ------
    ServerDown
        The server did not answer within `wait`.

    Examples
    --------
    >>> def refuse():
    ...     raise ConnectionRefusedError("refused")
    >>> patiently(refuse, server="PostgreSQL at localhost:1", why=str, wait=0)
    Traceback (most recent call last):
    jari.errors.ServerDown: PostgreSQL at localhost:1 does not answer (refused): start it, or check the address.
    """
    pause, end = _FIRST_PAUSE, clock() + wait
    while True:
        try:
            return attempt()
        except Exception as error:
            reason = why(error)
            if reason is None:
                raise
            left = end - clock()
            if left <= 0:
                raise ServerDown(f"{server} does not answer ({reason}): start it, or check the address.") from error
        sleep(min(pause, left))
        pause *= 2
