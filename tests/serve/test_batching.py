"""Questions that wait together."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import numpy as np
import pytest

from jari.embedding import Embedding
from jari.errors import UnknownKey
from jari.serve.batching import Batches, Found, Manner
from jari.serve.items import EmbeddingItem
from jari.serve.metrics import Metrics
from serve.royal import royal


class Counted(Metrics):
    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []

    def batch(self, questions: int) -> None:
        super().batch(questions)
        self.sizes.append(questions)


def item(embedding: Embedding | None = None) -> EmbeddingItem:
    return EmbeddingItem("royal", "", "1", royal() if embedding is None else embedding)


def test_what_comes_together_is_asked_together_and_answered_as_alone() -> None:
    draw = np.random.default_rng(0)
    many = item(Embedding([str(row) for row in range(500)], draw.standard_normal((500, 16))))
    metrics = Counted()

    async def asked() -> list[Found]:
        batches = Batches(1, metrics)
        questions = [batches.similar(many, str(row), 10) for row in range(40)]
        return await asyncio.gather(*questions, batches.similar(many, "7", 3), batches.solve(many, "1 - 2 + 3", 5))

    found = asyncio.run(asked())
    assert metrics.sizes == [40, 1, 1]
    for row in range(40):
        alone = many.embedding.similar(str(row), 10)
        assert found[row] == Found(alone.keys.tolist(), alone.rows.tolist(), alone.scores.tolist())
    assert found[40].keys == many.embedding.similar("7", 3).keys.tolist()
    assert found[41].keys == many.embedding.solve("1 - 2 + 3", 5).keys.tolist()


def test_no_batch_is_larger_than_64() -> None:
    metrics, many = Counted(), item()

    async def asked() -> None:
        batches = Batches(1, metrics)
        await asyncio.gather(*(batches.similar(many, "king", 1) for _ in range(150)))

    asyncio.run(asked())
    assert metrics.sizes == [64, 64, 22]


def test_a_second_thread_takes_up_what_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics, many, go = Counted(), item(), threading.Event()
    ask = Manner.ask

    def slow(self: Manner, questions: Any) -> list[Found]:
        go.wait(5)
        return ask(self, questions)

    monkeypatch.setattr(Manner, "ask", slow)

    async def asked() -> None:
        batches = Batches(2, metrics)
        first = asyncio.gather(*(batches.similar(many, "king", 1) for _ in range(3)))
        await asyncio.sleep(0.05)
        few = asyncio.gather(*(batches.similar(many, "king", 1) for _ in range(15)))
        await asyncio.sleep(0.05)
        assert metrics.sizes == [3]
        other = asyncio.ensure_future(batches.similar(many, "king", 2))
        await asyncio.sleep(0.05)
        assert metrics.sizes == [3, 1]  # another manner has the second thread at once
        go.set()
        await asyncio.gather(first, few, other)

    asyncio.run(asked())
    assert sorted(metrics.sizes) == [1, 3, 15]


def test_one_bad_question_does_not_spoil_the_others() -> None:
    async def asked() -> list[Any]:
        batches = Batches(1, Counted())
        questions = [batches.similar(item_, key, 1) for key in ("king", "nobody", "queen")]
        return await asyncio.gather(*questions, return_exceptions=True)

    item_ = item()
    first, second, third = asyncio.run(asked())
    assert (first.keys, third.keys) == (["man"], ["woman"])
    assert isinstance(second, UnknownKey)


def test_who_went_away_is_not_asked_for() -> None:
    metrics, many = Counted(), item()

    async def asked() -> None:
        batches = Batches(1, metrics)
        gone = asyncio.ensure_future(batches.similar(many, "king", 1))
        kept = asyncio.ensure_future(batches.similar(many, "queen", 1))
        await asyncio.sleep(0)
        gone.cancel()
        assert (await kept).keys == ["woman"]

    asyncio.run(asked())
    assert metrics.sizes in ([1], [2])
