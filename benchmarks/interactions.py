"""How long it takes to read interactions, and in how much memory: ``python -m benchmarks.interactions``.

Two inputs, both of a power law: whole numbers as ids that NumPy makes a million at a time, whose own time is not
counted; and a csv file of the shape of MovieLens (userId, movieId, rating, timestamp), made once for all sides. Against
the way that comes naturally: pandas reads and factorizes, SciPy makes the matrix (no order of keys, no checks). The
peer takes the ids of the first input whole. Each run is a process of its own; seconds are by the clock, kernels loaded;
memory is that of the process at its peak.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.process import measured

CHUNK = 1_000_000


def main() -> None:
    """Run the sides by turns, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=float, default=10e6, help="of whole numbers; 100e6 is what issue 5 asks for")
    parser.add_argument("--keys", type=float, default=1e6, help="users, and as many items")
    parser.add_argument("--rows", type=float, default=2e6, help="of the csv file")
    parser.add_argument("--repeats", type=int, default=1, help="how often each is run; the median counts")
    parser.add_argument("--only", choices=("chunks", "csv"))
    parser.add_argument("--ours", action="store_true", help="leave out the others")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--file", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        print(json.dumps(SIDES[given.side](given)))
        return
    print("| input | | s | peak MB | users × items, entries |\n|---|---|--:|--:|---|")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ratings.csv"
        line = ["--entries", given.entries, "--keys", given.keys, "--rows", given.rows, "--file", file]
        if given.only != "csv":
            _print(f"{given.entries:,.0f} pairs", given, line, ["jari, chunks", "pandas, whole"])
        if given.only != "chunks":
            measured("benchmarks.interactions", [*line, "--side", "make csv"])
            _print(f"{given.rows:,.0f} rows of csv", given, line, ["jari, csv", "pandas, csv"])


def _print(name: str, given: argparse.Namespace, line: list[Any], sides: list[str]) -> None:
    for side in sides[: 1 if given.ours else None]:
        runs = []
        for _ in range(given.repeats):
            found = measured("benchmarks.interactions", [*line, "--side", side])
            runs.append(json.loads(found.output.splitlines()[-1]) | {"peak": found.peak_mb})
        seconds, peak = (statistics.median(run[x] for run in runs) for x in ("seconds", "peak"))
        shape = " × ".join(f"{n:,}" for n in runs[0]["shape"])
        print(f"| {name} | {side} | {seconds:.1f} | {peak:,.0f} | {shape}, {runs[0]['nnz']:,} |", flush=True)


def _pairs(entries: float, keys: float, spent: list[float]) -> Iterator[Any]:
    import numpy as np

    generator = np.random.default_rng(0)
    for start in range(0, int(entries), CHUNK):
        began = time.perf_counter()
        size = min(CHUNK, int(entries) - start)
        chunk = tuple((generator.random(size) ** 2 * keys).astype(np.int64) for _ in range(2))
        spent[0] += time.perf_counter() - began
        yield chunk


def _warm() -> Any:
    from jari.ingest.interactions import Interactions

    Interactions.of([(1, 2), ("a", "b")])
    return Interactions


def _jari_chunks(given: argparse.Namespace) -> dict[str, Any]:
    interactions, spent, began = _warm(), [0.0], time.perf_counter()
    made = interactions.of(_pairs(given.entries, given.keys, spent))
    return {"seconds": time.perf_counter() - began - spent[0], "shape": made.shape, "nnz": len(made)}


def _jari_csv(given: argparse.Namespace) -> dict[str, Any]:
    interactions, began = _warm(), time.perf_counter()
    made = interactions.of(given.file, weight="rating", time="timestamp")
    return {"seconds": time.perf_counter() - began, "shape": made.shape, "nnz": len(made)}


def _pandas_whole(given: argparse.Namespace) -> dict[str, Any]:
    import numpy as np
    import pandas as pd
    from scipy.sparse import coo_array

    chunks = list(_pairs(given.entries, given.keys, [0.0]))
    users, items = (np.concatenate([chunk[k] for chunk in chunks]) for k in range(2))
    del chunks
    began = time.perf_counter()
    (rows, row_keys), (columns, column_keys) = pd.factorize(users), pd.factorize(items)
    ones = np.ones(len(rows), np.float32)
    matrix = coo_array((ones, (rows, columns)), shape=(len(row_keys), len(column_keys))).tocsr()
    return {"seconds": time.perf_counter() - began, "shape": matrix.shape, "nnz": int(matrix.nnz)}


def _pandas_csv(given: argparse.Namespace) -> dict[str, Any]:
    import numpy as np
    import pandas as pd
    from scipy.sparse import coo_array

    began = time.perf_counter()
    table = pd.read_csv(given.file)
    (rows, row_keys), (columns, column_keys) = pd.factorize(table["userId"]), pd.factorize(table["movieId"])
    weights = table["rating"].to_numpy(np.float32)
    matrix = coo_array((weights, (rows, columns)), shape=(len(row_keys), len(column_keys))).tocsr()
    return {"seconds": time.perf_counter() - began, "shape": matrix.shape, "nnz": int(matrix.nnz)}


def _make_csv(given: argparse.Namespace) -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa
    import pyarrow.csv

    generator, n = np.random.default_rng(0), int(given.rows)
    columns = {
        "userId": (generator.random(n) ** 2 * 138_493).astype(np.int64) + 1,
        "movieId": (generator.random(n) ** 3 * 26_744).astype(np.int64) + 1,
        "rating": generator.integers(1, 11, n) / 2,
        "timestamp": generator.integers(789_652_009, 1_427_784_002, n),
    }
    pa.csv.write_csv(pa.table(columns), given.file)
    return {}


SIDES: dict[str, Any] = {
    "jari, chunks": _jari_chunks,
    "pandas, whole": _pandas_whole,
    "jari, csv": _jari_csv,
    "pandas, csv": _pandas_csv,
    "make csv": _make_csv,
}


if __name__ == "__main__":
    sys.exit(main())
