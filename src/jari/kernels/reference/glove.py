"""`jari.kernels.glove`, entry by entry."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jari.types import Ids, Matrix, Offsets

Shorts = npt.NDArray[np.uint16]  # (entries,)


def descend(
    rows: Ids,
    starts: Offsets,
    begin: int,
    end: int,
    first: int,
    columns: Shorts,
    logs: npt.NDArray[np.int16],
    weights: Shorts,
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
            context = first + columns[some].astype(int)
            word, contexts = W[rows[k], :d].copy(), C[context, :d]
            error = logs[some] / 1024 - contexts @ word
            slope = weights[some] / 65535 * error  # of -½ f e², by the product
            loss += float(slope @ error)
            for matrix, row, gradient in ((W, rows[k], slope @ contexts), (C, context, np.outer(slope, word))):
                matrix[row, d : 2 * d] += gradient**2
                matrix[row, :d] += rate * gradient / np.sqrt(matrix[row, d : 2 * d])
            at = some.stop
    return loss
