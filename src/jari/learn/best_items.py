"""The best items of many users at once, exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array

from jari.types import Matrix, Rows, Vector


def best_items(
    users: Matrix,
    items: Matrix,
    k: int,
    *,
    biases: Vector | None = None,
    seen: csr_array[Any] | None = None,
    allowed: Rows | None = None,
    threads: int = 1,
) -> tuple[Rows, Vector]:
    """The k items with the greatest ``users @ items.T + biases`` of each user.

    Parameters
    ----------
    users, items
        Shapes (m, d) and (n, d).
    biases
        Shape (n,).
    seen
        Shape (m, n): entries are left out.
    allowed
        The only rows of `items` that may be answered, rising.
    threads
        How many to use.

    Returns
    -------
    rows, scores
        Shape (m, k), the best first, equal scores in the order of their rows; -1 and -inf where none is left.
    """
    rows = np.full((len(users), k), -1, dtype=np.int64)
    best = np.full((len(users), k), -np.inf, dtype=np.float32)
    for start in range(0, len(users), 256):
        part = users[start : start + 256]
        scores = part @ items.T
        if biases is not None:
            scores += biases
        if seen is not None:
            taken = seen[start : start + len(part)].tocoo()
            scores[taken.row, taken.col] = -np.inf
        if allowed is not None:
            others = np.ones(len(items), dtype=bool)
            others[allowed] = False
            scores[:, others] = -np.inf
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        found = np.take_along_axis(scores, order, axis=1)
        there = found > -np.inf
        rows[start : start + len(part), : order.shape[1]] = np.where(there, order, -1)
        best[start : start + len(part), : order.shape[1]] = found
    return rows, best
