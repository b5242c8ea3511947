"""`jari.kernels.rescoring`, by the definitions and one sort."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jari.types import Matrix, Rows, Vector


def rescore(
    vectors: Matrix,
    numbers: Rows,
    places: Rows,
    query: npt.NDArray[np.float64],
    metric: int,
    without: int,
    rows: Rows,
    scores: Vector,
) -> int:
    candidates = places[numbers[numbers >= 0]]
    candidates = candidates[candidates != without]
    x = vectors[candidates].astype(np.float64)
    if metric == 0:
        largest = np.abs(query).max()
        direction = query / (np.sqrt(np.square(query / largest).sum()) * largest)
        lengths = np.sqrt((x * x).sum(axis=1))
        exact = np.clip((x * direction).sum(axis=1) / np.where(lengths > 0, lengths, 1), -1, 1)
    elif metric == 1:
        exact = (x * query).sum(axis=1)
    else:
        exact = -np.sqrt(np.square(x - query).sum(axis=1))
    single = exact.astype(np.float32)
    order = np.lexsort((candidates, -single))[: len(rows)]
    rows[: len(order)], scores[: len(order)] = candidates[order], single[order]
    return len(order)
