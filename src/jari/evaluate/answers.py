"""The best row for each analogy, by blocks: never questions × vocabulary at once."""

from __future__ import annotations

from typing import Literal

import numpy as np

from jari.types import Callback, Matrix, Progress, Rows

# Scores of BLOCK × TILE float32 are 4 MB and stay in the cache between product and argmax. Google's 19,544 questions
# on 30,000 × 100, 2 cores, adding and multiplying: 512 × 2,048 0.56 and 0.36 s; 1,024 × 8,192 0.78 and 0.92 s.
_BLOCK = 512  # questions
_TILE = 2048  # rows of the vocabulary
_EPSILON = np.float32(0.001)  # Levy and Goldberg's


def answers(
    vectors: Matrix,
    questions: Rows,
    classes: Rows,
    *,
    method: Literal["add", "mul"] = "add",
    callback: Callback | None = None,
) -> Rows:
    """For each question a : b = c : ?, the row with the highest score.

    Parameters
    ----------
    vectors
        Shape (n, d), of any length each; may be memory-mapped: a tile at a time is copied.
    questions
        Rows of a, b and c, shape (m, 3).
    classes
        For each row, the first row of its class, shape (n,): rows of the classes of a, b and c are no answers.
    method
        ``"add"``: cos(x, b - a + c). ``"mul"``: cos'(x, b)·cos'(x, c) / (cos'(x, a) + 0.001), cos' = (cos + 1) / 2.
    callback
        Told after each tile.

    Returns
    -------
    rows
        Shape (m,); of equal scores the first row.

    Examples
    --------
    >>> square = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1], [-1, 0, 0]], dtype=np.float32)
    >>> answers(square, np.array([[0, 1, 2]]), np.arange(5))
    array([3])
    """
    n, m = len(vectors), len(questions)
    best = np.full(m, -np.inf, dtype=np.float32)
    found = np.zeros(m, dtype=np.int64)
    barred_question, barred_row = _barred(questions, classes)
    score = _Sum(vectors, questions) if method == "add" else _Product(vectors, questions)

    for first in range(0, n, _TILE):
        tile = _unit(vectors[first : first + _TILE])
        in_tile = (barred_row >= first) & (barred_row < first + len(tile))
        tile_question, tile_row = barred_question[in_tile], barred_row[in_tile] - first
        for start in range(0, m, _BLOCK):
            block = slice(start, min(start + _BLOCK, m))
            scores = score(block, tile)
            low, high = np.searchsorted(tile_question, (block.start, block.stop))
            scores[tile_question[low:high] - start, tile_row[low:high]] = -np.inf
            top = scores.argmax(axis=1)
            top_score = scores[np.arange(len(top)), top]
            better = top_score > best[block]  # strictly: of equal scores the earlier tile keeps its answer
            best[block][better] = top_score[better]
            found[block][better] = top[better] + first
        if callback is not None:
            callback(Progress("solving analogies", first + len(tile), n, "rows"))
    return found


class _Sum:
    """3CosAdd: the cosine with a target, up to the target's length, which no comparison within a question needs."""

    def __init__(self, vectors: Matrix, questions: Rows) -> None:
        a, b, c = (_unit(vectors[column]) for column in questions.T)
        self._targets: Matrix = b + c - a

    def __call__(self, block: slice, tile: Matrix) -> Matrix:
        scores: Matrix = self._targets[block] @ tile.T
        return scores


class _Product:
    """3CosMul: the cosines of each distinct word once, then products of their rows."""

    def __init__(self, vectors: Matrix, questions: Rows) -> None:
        self._vectors, self._questions = vectors, questions

    def __call__(self, block: slice, tile: Matrix) -> Matrix:
        # Neighbouring questions share words: 512 of Google's hold some 100 distinct ones.
        words, at = np.unique(self._questions[block], return_inverse=True)
        near: Matrix = _unit(self._vectors[words]) @ tile.T
        near += np.float32(1)
        near *= np.float32(0.5)
        a, b, c = at.reshape(-1, 3).T
        scores = near[b]
        scores *= near[c]
        near += _EPSILON
        np.reciprocal(near, out=near)
        scores *= near[a]
        return scores


def _unit(vectors: Matrix) -> Matrix:
    """Rows at unit length; a zero vector stays zero."""
    lengths: Matrix = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    unit: Matrix = np.divide(vectors, lengths, dtype=np.float32)
    return unit


def _barred(questions: Rows, classes: Rows) -> tuple[Rows, Rows]:
    """Pairs (question, row) that are no answers, ordered by question: all rows of the classes of a, b and c."""
    by_class = np.argsort(classes, kind="stable")
    asked = classes[questions].ravel()
    starts = np.searchsorted(classes[by_class], asked, side="left")
    stops = np.searchsorted(classes[by_class], asked, side="right")
    sizes = stops - starts
    # 0, 1, … within each class, laid end to end
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    rows = by_class[np.repeat(starts, sizes) + within]
    return np.repeat(np.repeat(np.arange(len(questions)), questions.shape[1]), sizes), rows
