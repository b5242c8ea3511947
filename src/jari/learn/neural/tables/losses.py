"""How far outputs are from a target, and which way down is."""

from __future__ import annotations

from typing import Any

import numpy as np

from jari.types import Matrix


def loss_and_slope(outputs: Matrix, target: Any, task: str) -> tuple[float, Matrix]:
    """The mean loss, and its gradient by the outputs.

    Parameters
    ----------
    outputs
        Shape (n, k).
    target
        Shape (n,): numbers, or classes from 0 on.
    task
        ``"regression"``: squares. Else the surprise ``-log p``, of the logistic function where k is 1, and of the
        softmax otherwise.

    Examples
    --------
    >>> loss_and_slope(np.float32([[1.0], [3.0]]), np.float32([1.0, 1.0]), "regression")
    (2.0, array([[0.],
           [2.]], dtype=float32))
    """
    n = len(outputs)
    if task == "regression":
        off = outputs - target[:, None]
        return float(np.mean(off * off)), off * np.float32(2 / n)
    if outputs.shape[1] == 1:
        scores = outputs[:, 0].astype(np.float64)
        surprise = np.logaddexp(0, scores) - target * scores
        odds = 0.5 * (1 + np.tanh(0.5 * scores))
        return float(surprise.mean()), ((odds - target) / n).astype(np.float32)[:, None]
    scores = outputs.astype(np.float64)
    scores -= scores.max(axis=1, keepdims=True)
    odds = np.exp(scores)
    totals = odds.sum(axis=1, keepdims=True)
    rows = np.arange(n)
    surprise = np.log(totals[:, 0]) - scores[rows, target]
    odds /= totals
    odds[rows, target] -= 1
    return float(surprise.mean()), (odds / n).astype(np.float32)
