"""Exact top-10 of a batch, against faiss and NumPy: ``python -m benchmarks topk``.

Targets: 300,000 × 300 float32, 64 queries: no slower than faiss's `IndexFlatIP` on the same threads (ratio 1.0 at
most), and half as long as ``argpartition(Q @ M.T)``. Faiss is measured with its own settings and with others that make
it use BLAS, with blocks of several sizes, and the fastest counts; `argpartition` picks the ten places and does not sort
them. Sides are measured by turns, with pauses in which the threads of one library fall asleep before those of another
are asked: middle values, and in brackets the least and the most.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import faiss
import numpy as np

from jari.embedding import Embedding
from jari.embedding.neighbours import top_k
from jari.threads import thread_count

_BLOCKS = (1024, 4096, 16384, 65536, 131072)
_PAUSE = 0.1  # seconds; OpenBLAS's threads wait actively for some time


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--dim", type=int, default=300)
    parser.add_argument("--queries", type=int, default=64)
    parser.add_argument("--pairs", type=int, default=9, help="how often each side is measured")
    options = parser.parse_args()
    faiss.omp_set_num_threads(thread_count())
    generator = np.random.default_rng(0)
    vectors = generator.standard_normal((options.rows, options.dim), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    queries = generator.standard_normal((options.queries, options.dim), dtype=np.float32)
    index = faiss.IndexFlatIP(options.dim)
    index.add(vectors)
    embedding = Embedding([str(row) for row in range(options.rows)], vectors)

    own = faiss.cvar.distance_compute_blas_threshold

    def by_faiss(block: int | None) -> Callable[[], Any]:
        def search() -> Any:
            faiss.cvar.distance_compute_blas_threshold = own if block is None else 20
            faiss.cvar.distance_compute_blas_database_bs = block or 1024
            return index.search(queries, 10)[1]

        return search

    def by_argpartition() -> Any:
        products = queries @ vectors.T
        return np.argpartition(products, options.rows - 10, axis=1)[:, options.rows - 10 :]

    norms = embedding.norms
    halves, (codes, scales) = vectors.astype(np.float16), _int8(vectors)
    sides: dict[str, Callable[[], Any]] = {
        "Jari, dot": lambda: embedding.similar(queries, metric="dot").rows,
        "Jari, cosine": lambda: embedding.similar(queries).rows,
        "Jari, euclidean": lambda: embedding.similar(queries, metric="euclidean").rows,
        "faiss as it comes": by_faiss(None),
        **{f"faiss, blocks of {block:,}": by_faiss(block) for block in _BLOCKS},
        "argpartition(Q @ M.T)": by_argpartition,
        "Q @ M.T alone": lambda: queries @ vectors.T,
        "Jari, float16": lambda: top_k(halves, queries, 10, norms=norms)[0],
        "Jari, int8": lambda: top_k(codes, queries, 10, scales=scales, norms=norms)[0],
    }
    exact = sides["Jari, dot"]()
    assert (exact == by_faiss(1024)()).mean() > 0.99  # float32 takes near ties for one another
    assert (np.sort(exact) == np.sort(by_argpartition())).mean() > 0.999
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(options.pairs):
        for name, side in sides.items():
            time.sleep(_PAUSE)
            start = time.perf_counter()
            side()
            times[name].append(time.perf_counter() - start)
    shape = f"{options.rows:,} × {options.dim}, {options.queries} queries, {thread_count()} threads"
    print(f"{shape}; faiss {faiss.__version__}, NumPy {np.__version__}")
    for name, taken in times.items():
        ratio = _spread([a / b for a, b in zip(taken, times["Jari, dot"], strict=True)])
        print(f"{name:<24}{statistics.median(taken) * 1e3:8.1f} ms   ÷ Jari {ratio}")
    fastest = min((name for name in sides if name.startswith("faiss")), key=lambda name: statistics.median(times[name]))
    for name in (fastest, "argpartition(Q @ M.T)"):
        print(f"Jari ÷ {name}: {_spread([a / b for a, b in zip(times['Jari, dot'], times[name], strict=True)])}")


def _int8(vectors: Any) -> tuple[Any, Any]:
    scales = (np.abs(vectors).max(axis=1) / 127).astype(np.float32)
    return np.round(vectors / scales[:, None]).astype(np.int8), scales


def _spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()
