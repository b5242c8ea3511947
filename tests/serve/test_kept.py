"""Answers that are computed once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from jari.serve.kept import Kept


def test_who_asks_the_same_waits_for_one_answer() -> None:
    kept, made, begun = Kept[int](most=3), [], threading.Event()

    def slow() -> int:
        begun.set()
        time.sleep(0.05)
        made.append(1)
        return 7

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: kept("a", slow), range(8))) == [7] * 8
    assert made == [1]


def test_the_latest_are_kept() -> None:
    kept, made = Kept[int](most=2), []
    for asked in (1, 2, 1, 3, 1, 2):
        kept(asked, lambda asked=asked: made.append(asked) or asked)
    assert made == [1, 2, 3, 2]
    assert len(kept) == 2


def test_the_latest_that_fits() -> None:
    kept = Kept[int](most=3)
    for asked in ((1, "a"), (2, "a"), (3, "b")):
        kept(asked, lambda asked=asked: asked[0] * 10)
    assert kept.latest(lambda asked: asked[1] == "a") == 20
    assert kept.latest(lambda asked: asked[1] == "c") is None


def test_an_error_is_not_kept() -> None:
    kept = Kept[int](most=2)
    with pytest.raises(ValueError, match="once"):
        kept("a", lambda: (_ for _ in ()).throw(ValueError("once")))
    assert kept("a", lambda: 1) == 1


def test_others_wait_for_their_turn() -> None:
    kept, running, most = Kept[int](most=9, at_once=1), [], []

    def slow() -> int:
        running.append(1)
        most.append(len(running))
        time.sleep(0.01)
        running.pop()
        return 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda asked: kept(asked, slow), range(4)))
    assert max(most) == 1
