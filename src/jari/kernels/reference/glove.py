"""`jari.kernels.glove`, entry by entry."""

from __future__ import annotations

import numpy as np

from jari.types import Ids, Matrix, Offsets, Vector


def descend(
    rows: Ids,
    starts: Offsets,
    begin: int,
    end: int,
    columns: Ids,
    logs: Vector,
    weights: Vector,
    W: Matrix,
    C: Matrix,
    d: int,
    rate: float,
) -> float:
    loss = 0.0
    for k in range(begin, end):
        at, stop = starts[k], starts[k + 1]
        while at < stop:
            some = slice(at, at + (4 if at + 4 <= stop else 1))
            word, contexts = W[rows[k], :d].copy(), C[columns[some], :d]
            error = logs[some] - contexts @ word
            slope = weights[some] * error  # of -½ f e², by the product
            loss += float(slope @ error)
            for matrix, row, gradient in ((W, rows[k], slope @ contexts), (C, columns[some], np.outer(slope, word))):
                matrix[row, d : 2 * d] += gradient**2
                matrix[row, :d] += rate * gradient / np.sqrt(matrix[row, d : 2 * d])
            at = some.stop
    return loss
