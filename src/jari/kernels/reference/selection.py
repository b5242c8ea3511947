"""`jari.kernels.selection`, by one comparison of whole arrays."""

from __future__ import annotations

import numpy as np

from jari.types import Matrix, Rows, Vector


def reaching(
    products: Matrix,
    begin: int,
    end: int,
    by_query: Vector,
    by_place: Vector,
    plus: Vector,
    bar: Vector,
    queries: Rows,
    places: Rows,
) -> int:
    inside = slice(begin, end)
    scores = products[:, inside] * by_query[:, None] * by_place[inside] + plus[inside]
    q, j = np.nonzero(scores >= bar[:, None])
    kept = min(len(q), len(queries))
    queries[:kept], places[:kept] = q[:kept], j[:kept] + begin
    return len(q)
