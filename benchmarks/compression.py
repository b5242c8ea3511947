"""What compression costs: ``python -m benchmarks compression EMBEDDING... [--peers] [--write]``.

For each way: bytes a key, how many of the ten nearest keys are still found, how many of Google's analogies are still
solved, and queries a second, one at a time. With ``--peers``, the same for faiss's scalar and product quantisers on the
same vectors at length 1, by the same queries. With ``--write``, the table goes into docs/compression.md.

Test sets: evaluation/ in the folder that JARI_DATA names (default: ../shared/data); without it, no analogies.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import jari
from jari.evaluate import Analogies, read_analogies
from jari.evaluate.compression import CompressionResult, compare_compression

PAGE = Path(__file__).parents[1] / "docs" / "compression.md"
BEGIN, END = "<!-- benchmark:compression -->", "<!-- /benchmark -->"
HEAD = """\
| method | dimensions | bytes a key | scanned | recall@10 | analogies | queries/s | seconds to make |
|---|--:|--:|--:|--:|--:|--:|--:|"""
_SECONDS = 0.5


def main() -> None:
    """Print a table for each embedding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("embeddings", type=Path, nargs="+", metavar="EMBEDDING")
    parser.add_argument("--methods", nargs="+", metavar="STEPS", help="the usual ones if not given")
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--peers", action="store_true", help="faiss too")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/compression.md")
    options = parser.parse_args()
    questions = _questions()
    tables = []
    for path in options.embeddings:
        embedding = jari.load(path)
        title = f"**{len(embedding):,} words × {embedding.dim}**"
        print(f"{title}\n\n{HEAD}", flush=True)
        rows = []
        for result in compare_compression(
            embedding, options.methods, queries=options.queries, questions=questions, random_state=options.seed
        ):
            rows.append(_row(result))
            print(rows[-1], flush=True)
        if options.peers:
            for row in _peers(embedding, options.queries, options.seed):
                print(row, flush=True)
        print()
        tables.append("\n".join([title, "", HEAD, *rows]))
    print(_note(options, questions))
    if options.write:
        _write("\n\n".join([*tables, _note(options, questions)]))


def _row(result: CompressionResult) -> str:
    cells = [
        f"`{result.method}`",
        f"{result.dim}",
        f"{result.bytes_per_key:.0f}",
        f"{result.scanned_bytes_per_key:.0f}",
        f"{result.recall:.3f}",
        "–" if result.analogies is None else f"{result.analogies:.1%}",
        f"{result.queries_per_second:,.0f}",
        f"{result.seconds:.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _peers(embedding: jari.Embedding, queries: int, seed: int) -> Iterator[str]:
    import faiss

    faiss.omp_set_num_threads(_cores())
    n, d = embedding.shape
    rows = np.sort(np.random.default_rng(seed).choice(n, min(queries, n), replace=False))
    right = embedding.similar(list(np.asarray(embedding.keys[rows])), k=10).rows
    units = embedding.vectors / np.maximum(embedding.norms, 1e-30)[:, None]
    # By distance, not by product: of unit vectors both say the same, but of quantised ones distance finds more (PQ25 of
    # 79,385 × 100: recall 0.66 against 0.56).
    scalar, metric = faiss.ScalarQuantizer, faiss.METRIC_L2
    kinds: dict[str, Callable[[], Any]] = {
        "faiss flat": lambda: faiss.IndexFlatL2(d),
        "faiss fp16": lambda: faiss.IndexScalarQuantizer(d, scalar.QT_fp16, metric),
        "faiss 8bit": lambda: faiss.IndexScalarQuantizer(d, scalar.QT_8bit, metric),
        f"faiss PQ{d // 4}": lambda: faiss.IndexPQ(d, d // 4, 8, metric),
        f"faiss PQ{d // 2}": lambda: faiss.IndexPQ(d, d // 2, 8, metric),
    }
    for name, make in kinds.items():
        start = time.perf_counter()
        index = make()
        index.train(units)
        index.add(units)
        seconds = time.perf_counter() - start
        found = index.search(units[rows], 11)[1]
        found = [[each for each in line if each != row][:10] for row, line in zip(rows, found, strict=True)]
        recall = statistics.fmean(len(np.intersect1d(a, b)) / 10 for a, b in zip(found, right, strict=True))
        bytes_each = getattr(index, "code_size", 4 * d)
        rate = _rate(lambda at, index=index: index.search(units[rows[at % len(rows)]][None], 10))
        yield f"| {name} | {d} | {bytes_each} | {bytes_each} | {recall:.3f} | | {rate:,.0f} | {seconds:.1f} |"


def _rate(ask: Callable[[int], object]) -> float:
    taken: list[float] = []
    begin = now = time.perf_counter()
    while now - begin < _SECONDS:
        ask(len(taken))
        taken.append(time.perf_counter() - now)
        now += taken[-1]
    return 1 / statistics.median(taken)


def _questions() -> Analogies | None:
    data = Path(os.environ.get("JARI_DATA", "../shared/data")).resolve()
    path = data / "evaluation" / "google-analogies.en.txt.gz"
    return read_analogies(path) if path.exists() else None


def _note(options: argparse.Namespace, questions: Analogies | None) -> str:
    lines = [
        f"{options.queries:,} keys, drawn by seed {options.seed}, ask by cosine with their vector before it is coded,",
        "their own row left out; right is what an exact search of the embedding finds."
        + (" Analogies are Google's among" if questions is not None else ""),
        *(["the 30,000 most frequent words, by 3CosAdd."] if questions is not None else []),
        f"{_processor()}, {_cores()} cores; NumPy {np.__version__}, Python {platform.python_version()}.",
    ]
    return "\n".join(lines)


def _write(table: str) -> None:
    page = PAGE.read_text(encoding="utf-8")
    between = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
    if not between.search(page):
        sys.exit(f"{PAGE.name} has no lines {BEGIN} and {END} to put the table between.")
    PAGE.write_text(between.sub(lambda _: f"{BEGIN}\n{table}\n{END}", page), encoding="utf-8")
    print(f"The table is in {PAGE.name}.")


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found[1] if found else platform.machine()


if __name__ == "__main__":
    main()
