"""How long it takes to open a large embedding, and to ask it: ``python -m benchmarks.open_and_ask``.

Targets: 1,000,000 × 300 opens in less than 0.2 s and a few MB; one query takes at most 1.2 times the bare
``matrix @ query`` of NumPy on the same mapped matrix. Each ratio is the median over pairs measured by turns, so that
a machine that is busy for a while slows both sides.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from jari.embedding import Embedding, load

_OPEN = """
import sys, time
import jari.embedding
def resident(kind):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(kind))
before, start = resident("VmRSS"), time.perf_counter()
embedding = jari.embedding.load(sys.argv[1])
seconds = time.perf_counter() - start
print(seconds, resident("VmRSS") - before, resident("VmHWM") - before)
start = time.perf_counter()
embedding.similar("key 77")
print(time.perf_counter() - start)
"""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--dim", type=int, default=300)
    parser.add_argument("--pairs", type=int, default=21, help="how often each ratio is measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.jari"
        _write(path, options.keys, options.dim)
        measure_opening(path, runs=5)
        measure_asking(load(path), pairs=options.pairs)


def measure_opening(path: Path, runs: int) -> None:
    """Time and memory of opening, each time in a fresh process; the file is in the page cache."""
    found = []
    for _ in range(runs):
        out = subprocess.run([sys.executable, "-c", _OPEN, str(path)], capture_output=True, text=True, check=True)
        found.append([float(figure) for figure in out.stdout.split()])
    seconds, grown, peak, first = (statistics.median(column) for column in zip(*found, strict=True))
    print(f"open         {seconds:.3f} s, resident memory +{grown:.1f} MB (at its peak +{peak:.1f} MB)")
    print(f"first query  {first:.3f} s, pages not yet mapped")


def measure_asking(embedding: Embedding, pairs: int) -> None:
    """Queries against the bare product."""
    rng = np.random.default_rng(0)
    query = rng.standard_normal(embedding.dim, dtype=np.float32)
    matrix = embedding.vectors
    for metric in ("cosine", "dot", "euclidean"):
        _ratio(f"1 query, {metric}", lambda: matrix @ query, lambda m=metric: embedding.similar(query, metric=m), pairs)
    _ratio("1 query, k=1000", lambda: matrix @ query, lambda: embedding.similar(query, k=1000), pairs)
    _ratio("1 key", lambda: matrix @ query, lambda: embedding.similar("key 77"), pairs)
    expression = "'key 1' - 'key 2' + 'key 3'"
    terms = rng.standard_normal((3, embedding.dim), dtype=np.float32)
    _ratio("3CosAdd", lambda: matrix @ query, lambda: embedding.solve(expression), pairs)
    _ratio("3CosMul", lambda: terms @ matrix.T, lambda: embedding.solve(expression, method="mul"), pairs // 3)
    some, queries = matrix[:100_000], rng.standard_normal((256, embedding.dim), dtype=np.float32)
    few = embedding.top(100_000)
    _ratio("256 queries of 100,000", lambda: queries @ some.T, lambda: few.similar(queries), pairs // 3)


def _ratio(name: str, bare: Callable[[], object], ours: Callable[[], object], pairs: int) -> None:
    bare(), ours()
    times = [(_seconds(bare), _seconds(ours)) for _ in range(max(3, pairs))]
    ratios = sorted(b / a for a, b in times)
    middle = statistics.median(a for a, _ in times) * 1e3, statistics.median(b for _, b in times) * 1e3
    low, high = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
    print(
        f"{name:<24} bare {middle[0]:7.1f} ms, ours {middle[1]:7.1f} ms: "
        f"× {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})"
    )


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _write(path: Path, n: int, dim: int) -> None:
    vectors = np.random.default_rng(1).standard_normal((n, dim), dtype=np.float32)
    start = time.perf_counter()
    Embedding([f"key {row}" for row in range(n)], vectors).save(path)
    print(f"{n:,} × {dim}: made and saved in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    main()
