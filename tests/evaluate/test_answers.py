"""The best row by blocks: against one plain formula a question."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jari.evaluate.answers as answers_module
from jari.evaluate.answers import answers


def _plain(vectors, questions, classes, method):
    """One question at a time, in float64."""
    unit = vectors.astype(np.float64)
    lengths = np.linalg.norm(unit, axis=1, keepdims=True)
    unit /= np.where(lengths > 0, lengths, 1)
    all_scores = []
    for a, b, c in questions:
        if method == "add":
            scores = unit @ (unit[b] - unit[a] + unit[c])
        else:
            near = (unit @ unit[[a, b, c]].T + 1) / 2
            scores = near[:, 1] * near[:, 2] / (near[:, 0] + 0.001)
        scores[np.isin(classes, classes[[a, b, c]])] = -np.inf
        all_scores.append(scores)
    return np.array(all_scores)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(4, 40), m=st.integers(0, 12), d=st.integers(1, 5), seed=st.integers(0, 999),
    method=st.sampled_from(["add", "mul"]), block=st.integers(1, 9), tile=st.integers(1, 17),
)  # fmt: skip
def test_whatever_the_blocks_the_best_row_is_found(n, m, d, seed, method, block, tile):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(n, d)).astype(np.float32)
    questions = rng.integers(0, n, (m, 3))
    classes = np.arange(n)
    classes[1::5] = classes[0::5][: len(classes[1::5])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answers_module, "_BLOCK", block)
        patch.setattr(answers_module, "_TILE", tile)
        found = answers(vectors, questions, classes, method=method)
    for scores, row in zip(_plain(vectors, questions, classes, method), found, strict=True):
        best = scores.max()
        if best > -np.inf:
            # in one or two dimensions float32 cannot tell some rows apart
            assert scores[row] == pytest.approx(best, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("method", ["add", "mul"])
def test_of_equal_scores_the_first_row_answers(method, monkeypatch):
    monkeypatch.setattr(answers_module, "_TILE", 2)
    vectors = np.array([[1, 0], [0, 1], [1, 1], [3, 4], [3, 4], [3, 4]], dtype=np.float32)
    assert answers(vectors, np.array([[0, 1, 2]]), np.arange(6), method=method).tolist() == [3]


def test_zero_vectors_are_never_nan(recwarn):
    vectors = np.array([[1, 0], [0, 1], [0, 0], [1, 1], [0, 2]], dtype=np.float32)
    for method in ("add", "mul"):
        assert answers(vectors, np.array([[0, 1, 2]]), np.arange(5), method=method).tolist() == [4]
    assert not recwarn
