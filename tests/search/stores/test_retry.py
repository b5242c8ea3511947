from __future__ import annotations

import pytest

from jari.errors import JariError, ServerDown
from jari.search.stores.retry import patiently


class Time:
    """A clock that only `sleep` moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def asked(attempt, *, wait: float = 1.0, why=str):
    time = Time()
    try:
        return patiently(attempt, server="It at a:1", why=why, wait=wait, sleep=time.sleep, clock=time.clock), time
    except Exception as error:
        return error, time


def failing(times: int, error: type[Exception] = ConnectionRefusedError):
    left = iter(range(times))

    def attempt() -> str:
        if next(left, None) is not None:
            raise error("no")
        return "yes"

    return attempt


def test_an_answer_is_not_waited_for():
    answer, time = asked(failing(0))
    assert (answer, time.pauses) == ("yes", [])


def test_pauses_double():
    answer, time = asked(failing(4))
    assert answer == "yes"
    assert time.pauses == [0.05, 0.1, 0.2, 0.4]


def test_the_last_attempt_is_at_the_end_of_the_wait():
    error, time = asked(failing(99), wait=1.0)
    assert isinstance(error, ServerDown)
    assert str(error) == "It at a:1 does not answer (no): start it, or check the address."
    assert isinstance(error.__cause__, ConnectionRefusedError)
    assert sum(time.pauses) == pytest.approx(1.0)
    assert asked(failing(len(time.pauses)), wait=1.0)[0] == "yes"


def test_no_wait_is_one_attempt():
    error, time = asked(failing(1), wait=0)
    assert isinstance(error, ServerDown)
    assert time.pauses == []


def test_other_errors_are_raised_at_once():
    error, time = asked(failing(1, KeyError), why=lambda error: None)
    assert isinstance(error, KeyError)
    assert time.pauses == []


def test_it_is_an_error_of_ours_and_of_connections():
    assert issubclass(ServerDown, JariError)
    assert issubclass(ServerDown, ConnectionError)
