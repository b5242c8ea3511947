"""What is tried where nobody says, and which engine a device gets."""

import numpy as np
import pytest

from jari.errors import BadInput
from jari.learn.neural.entity_embedder import EntityEmbedder
from jari.learn.neural.tables import beginning
from jari.learn.neural.tables.kernel_engine import KernelEngine

QUICK = {"epochs": 8, "hidden": (8,), "device": "cpu", "threads": 1, "random_state": 1}


def adverts(rows, *, words=4):
    draw = np.random.default_rng(5)
    worth = {f"word{at}": draw.normal() for at in range(30)}
    texts = [draw.choice([*worth], words).tolist() for _ in range(rows)]
    prices = np.array([sum(worth[word] for word in text) for text in texts])
    return {"text": [" ".join(text) for text in texts]}, prices


def learnt(rows=400, **given):
    table, prices = adverts(rows)
    return EntityEmbedder(text=["text"], **(QUICK | given)).fit(table, prices)


def test_the_better_of_two_shares_of_words_is_kept():
    alone = {share: learnt(word_dropout=share) for share in (0.6, 0.2)}
    best = {share: min(learner.judged_) for share, learner in alone.items()}
    chosen = learnt()
    assert best[0.2] < best[0.6]  # words that are four count, each of them
    assert chosen.statistics_["word dropout"] == 0.2
    table, _ = adverts(400)
    np.testing.assert_array_equal(chosen.predict(table), alone[0.2].predict(table))


def test_it_learns_once_where_it_is_said_or_nobody_judges_or_nothing_is_read():
    runs = []
    assert learnt(word_dropout=0.5, callbacks=[runs.append]).statistics_["word dropout"] == 0.5
    assert len({one.figures["epoch"] for one in runs if one.done == one.total}) == 1
    assert learnt(validation=0.0).statistics_["word dropout"] == 0.6
    plain = EntityEmbedder(**QUICK).fit({"area": ["a", "b"] * 60}, [1.0, 2.0] * 60)
    assert "word dropout" not in plain.statistics_


def test_pytorch_is_not_imported_where_there_is_no_driver(monkeypatch):
    monkeypatch.setattr(beginning, "_DRIVERS", ())
    monkeypatch.setattr(beginning.sys, "platform", "linux")
    monkeypatch.setattr(beginning, "require", lambda *_, **__: pytest.fail("it was asked for"))
    assert not beginning._has_gpu()


def test_the_cpu_has_the_kernels(monkeypatch):
    monkeypatch.setattr(beginning, "_has_gpu", lambda: False)
    engines = []

    def kept(*given):
        engines.append(KernelEngine(*given))
        return engines[-1]

    monkeypatch.setattr(beginning, "KernelEngine", kept)
    for device in ("cpu", "auto"):
        learnt(device=device, word_dropout=0.1, epochs=1)
    assert len(engines) == 2


def test_a_device_that_is_not_there():
    pytest.importorskip("torch")
    with pytest.raises(BadInput, match="device='cuda:99' cannot be used"):
        learnt(device="cuda:99")
