"""What the register tiles of `jari.kernels.products` bring over loops: ``python -m benchmarks.tiles``.

One core, matrices in its nearest caches, of the sizes of a skip-gram group: 42 contexts, 32 noise words, rows of 100
numbers padded to 112. The best of some runs counts, so that other work on the machine disturbs little.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from jari.kernels._jit import LANES, kernel
from jari.kernels.products import dots, sums
from jari.types import Matrix

N, K, D = 42, 32, 112  # constants to LLVM: the loops are given every advantage
TIMES, REPEATS = 20_000, 10  # a run of so many products takes some 30 ms


@kernel
def loop_dots(S: Matrix, A: Matrix, X: Matrix, R: Matrix) -> None:
    for i in range(0, N, 2):
        for j in range(0, K, 4):
            a0 = a1 = a2 = a3 = b0 = b1 = b2 = b3 = np.float32(0)
            for k in range(D):
                a, b, x0, x1, x2, x3 = A[i, k], A[i + 1, k], X[j, k], X[j + 1, k], X[j + 2, k], X[j + 3, k]
                a0, a1, a2, a3 = a0 + a * x0, a1 + a * x1, a2 + a * x2, a3 + a * x3
                b0, b1, b2, b3 = b0 + b * x0, b1 + b * x1, b2 + b * x2, b3 + b * x3
            S[i, j], S[i, j + 1], S[i, j + 2], S[i, j + 3] = a0, a1, a2, a3
            S[i + 1, j], S[i + 1, j + 1], S[i + 1, j + 2], S[i + 1, j + 3] = b0, b1, b2, b3


@kernel
def tile_dots(S: Matrix, A: Matrix, X: Matrix, R: Matrix) -> None:
    dots(S, A, N, X, K, D)


@kernel
def loop_sums(S: Matrix, A: Matrix, X: Matrix, R: Matrix) -> None:
    for i in range(N):
        R[i] = np.float32(0)
        for j in range(0, K, 4):
            s0, s1, s2, s3 = S[i, j], S[i, j + 1], S[i, j + 2], S[i, j + 3]
            for k in range(D):
                R[i, k] += s0 * X[j, k] + s1 * X[j + 1, k] + s2 * X[j + 2, k] + s3 * X[j + 3, k]


@kernel
def tile_sums(S: Matrix, A: Matrix, X: Matrix, R: Matrix) -> None:
    sums(R, 0, N, S, 0, K, 1, X, 0, K, False, D)


@kernel
def repeat(product: Any, times: int, S: Matrix, A: Matrix, X: Matrix, R: Matrix) -> None:
    for _ in range(times):
        product(S, A, X, R)


def main() -> None:
    A, X = (np.random.default_rng(0).standard_normal((n, D), dtype=np.float32) for n in (N + 2, K))
    print(f"{LANES} floats a vector; GFLOP/s, best of {REPEATS}\n\n|  | loops | tiles |\n|---|--:|--:|")
    for name, *products in (("dots: A Xᵀ", loop_dots, tile_dots), ("sums: S X", loop_sums, tile_sums)):
        best = []
        for product in products:
            S, R = A[:, :K] @ np.eye(K, dtype=np.float32), np.zeros_like(A)  # room for whole fours: 44 rows
            repeat(product, 1, S, A, X, R)  # compiled here
            assert np.abs((S - A @ X.T if "dots" in name else R - S @ X)[:N]).max() < 1e-3, name
            seconds = []
            for _ in range(REPEATS):
                began = time.perf_counter()
                repeat(product, TIMES, S, A, X, R)
                seconds.append(time.perf_counter() - began)
            best.append(2 * N * K * D * TIMES / min(seconds) / 1e9)
        print(f"| {name} | {best[0]:.0f} | {best[1]:.0f} |")


if __name__ == "__main__":
    main()
