"""`jari.kernels.als`, one row and one block at a time, in float64."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jari.types import Ids, Matrix, Vector

Doubles = npt.NDArray[np.float64]


def solve_rows(
    X: Matrix,
    Y: Matrix,
    B: Matrix,
    l2: Vector,
    weights: Vector,
    indices: Ids,
    indptr: Ids,
    begin: int,
    end: int,
    Z: Matrix,
    A: Matrix,
    N: Matrix,
) -> float:
    loss = 0.0
    for row in range(begin, end):
        y, c = _what_it_has(Y, weights, indices, indptr, row)
        normal = (y.T * c) @ y + B + l2[row] * np.eye(X.shape[1])
        X[row] = np.linalg.solve(normal, y.T @ c)
        loss += _loss(X[row].astype(np.float64), y, c, B, float(l2[row]))
    return loss


def sweep_rows(
    X: Matrix,
    Y: Matrix,
    B: Matrix,
    l2: Vector,
    weights: Vector,
    indices: Ids,
    indptr: Ids,
    begin: int,
    end: int,
    block: int,
    Z: Matrix,
    A: Matrix,
    N: Matrix,
    e: Vector,
    g: Vector,
) -> float:
    d = X.shape[1]
    loss = 0.0
    for row in range(begin, end):
        y, c = _what_it_has(Y, weights, indices, indptr, row)
        x = X[row].astype(np.float64)
        for first in range(0, d, block):
            part = slice(first, min(first + block, d))
            downhill = y[:, part].T @ (c * (1 - y @ x)) - (B @ x)[part] - l2[row] * x[part]
            normal = (y[:, part].T * c) @ y[:, part] + B[part, part] + l2[row] * np.eye(len(downhill))
            x[part] += np.linalg.solve(normal, downhill)
        X[row] = x
        loss += _loss(x, y, c, B, float(l2[row]))
    return loss


def _what_it_has(Y: Matrix, weights: Vector, indices: Ids, indptr: Ids, row: int) -> tuple[Doubles, Doubles]:
    part = slice(int(indptr[row]), int(indptr[row + 1]))
    y = Y[indices[part]].astype(np.float64)
    return y, (weights[part] if len(weights) > 1 else np.full(len(y), weights[0])).astype(np.float64)


def _loss(x: Doubles, y: Doubles, c: Doubles, B: Matrix, l2: float) -> float:
    return float(c @ (y @ x - 1) ** 2 + x @ B @ x + l2 * (x @ x))
