from __future__ import annotations

import numpy as np
import pytest

from jari.embedding import Embedding
from jari.explore.overlap import SharedLists, jaccard_of, overlap_of


def test_jaccard_is_that_of_sets():
    rng = np.random.default_rng(1)
    here, there = (np.stack([rng.permutation(12)[:k] for _ in range(50)]) for k in (5, 7))
    expected = [len({*a} & {*b}) / len({*a} | {*b}) for a, b in zip(here.tolist(), there.tolist(), strict=True)]
    np.testing.assert_allclose(jaccard_of(here, there), expected, rtol=1e-6)
    assert jaccard_of(np.empty((2, 0), int), np.empty((2, 0), int)).tolist() == [1, 1]


def test_the_bins_of_the_histogram():
    edges = np.arange(12, dtype=np.float32) / np.float32(11)
    assert overlap_of(edges).histogram == (1,) * 10 + (2,)
    assert overlap_of(np.zeros(3, np.float32)).histogram == (3, *[0] * 10)


def test_the_mean_lies_in_its_interval():
    values = np.random.default_rng(2).random(200).astype(np.float32)
    told = overlap_of(values)
    assert told.low < told.mean < told.high
    assert told.mean == pytest.approx(values.mean(), rel=1e-5)
    assert told == overlap_of(values)


@pytest.mark.parametrize("copied", [0, 1 << 28])
@pytest.mark.parametrize("many", [15, 40])
def test_lists_are_those_of_similar(monkeypatch, copied, many):
    monkeypatch.setattr("jari.explore.overlap._COPIED", copied)
    rng = np.random.default_rng(3)
    embedding = Embedding([f"k{i}" for i in range(40)], rng.normal(size=(40, 4)))
    rows = rng.permutation(40)[:many]
    found = SharedLists(embedding, rows, 5).of(np.arange(0, many, 3))
    for place, places in zip(range(0, many, 3), found, strict=True):
        expected = embedding.similar(f"k{rows[place]}", 5, rows=rows)
        assert rows[places].tolist() == expected.rows.tolist()
