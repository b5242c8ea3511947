"""The best of a few candidates for one query, by their exact scores in float64.

cosine x·q / |x||q|, dot product x·q, Euclidean -|x - q|: the greater the better. NumPy takes a dozen calls for it,
which is as long as the search takes that found the candidates.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from jari.kernels._jit import kernel
from jari.types import Matrix, Rows, Vector


@kernel
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
    """Fill in the best rows and their scores, best first, equal scores by row.

    Parameters
    ----------
    vectors
        Shape (n, d).
    numbers
        Candidates, shape (c,); those below 0 are none.
    places
        The row of each number.
    query
        Shape (d,); not zero where `metric` is 0.
    metric
        0 cosine, 1 dot product, 2 Euclidean.
    without
        A row that must not be answered, or -1.
    rows, scores
        Filled, shape (k,).

    Returns
    -------
    found
        How many were filled in: k, or as many as there are.
    """
    k, found, length = rows.shape[0], 0, 1.0
    if metric == 0:
        largest = 0.0
        for j in range(query.shape[0]):
            largest = max(largest, abs(query[j]))
        squares = 0.0
        for j in range(query.shape[0]):
            squares += (query[j] / largest) * (query[j] / largest)
        length = math.sqrt(squares) * largest
    for i in range(numbers.shape[0]):
        if numbers[i] < 0:
            continue
        row = places[numbers[i]]
        if row == without:
            continue
        vector, product, square = vectors[row], 0.0, 0.0
        if metric == 0:
            for j in range(query.shape[0]):
                value = np.float64(vector[j])
                product += value * (query[j] / length)
                square += value * value
            exact = product / math.sqrt(square) if square > 0.0 else 0.0
            exact = min(1.0, max(-1.0, exact))
        elif metric == 1:
            for j in range(query.shape[0]):
                product += np.float64(vector[j]) * query[j]
            exact = product
        else:
            for j in range(query.shape[0]):
                apart = np.float64(vector[j]) - query[j]
                square += apart * apart
            exact = -math.sqrt(square)
        score = np.float32(exact)
        at = found if found < k else k
        while at > 0 and (scores[at - 1] < score or (scores[at - 1] == score and rows[at - 1] > row)):
            at -= 1
        if at == k:
            continue
        found = min(found + 1, k)
        for later in range(found - 1, at, -1):
            rows[later], scores[later] = rows[later - 1], scores[later - 1]
        rows[at], scores[at] = row, score
    return found
