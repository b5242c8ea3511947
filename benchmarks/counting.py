"""How long it takes to count co-occurrences, and in how much memory: ``python -m benchmarks.counting CORPUS``.

CORPUS is a folder of `jari encode`. Against two ways that come naturally: a dictionary in Python, which is run on the
first part of the text and multiplied (its share of new pairs falls with the length of the text, its caches miss more:
both are left out), and SciPy, a sparse matrix for each distance, added up. Both sides of each word, ``shrink`` weights.
Each run is a process of its own; seconds, by the clock and of processor, are those of counting alone, kernels loaded;
memory is that of the process at its peak. ``first run`` compiles the kernels too. The figures of
docs/decisions/0005-counting.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from itertools import pairwise
from typing import Any

from benchmarks.process import measured

DICTIONARY_PART = 50  # of the text; a tenth would take minutes


def main() -> None:
    """Run the sides by turns, print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("--window", type=int, nargs="+", default=[5, 10])
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--repeats", type=int, default=3, help="how often ours is run; the median counts")
    parser.add_argument("--ours", action="store_true", help="leave out the others")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        print(json.dumps(SIDES[given.side](given.corpus, given.window[0], given.memory)))
        return
    print("| window | | s | processor s | threads | peak MB | entries |\n|--:|---|--:|--:|--:|--:|--:|")
    for window in given.window:
        sides = ["one thread", *(() if given.ours else ("dictionary", "scipy"))]
        with tempfile.TemporaryDirectory() as empty:
            cold = {"NUMBA_CACHE_DIR": empty, "XDG_CACHE_HOME": empty}
            _print(window, "first run", [_run(given, "jari", window, cold)])
        ours = [_run(given, "jari", window) for _ in range(given.repeats)]
        _print(window, "jari", ours)
        for side in sides:
            _print(window, side, [_run(given, side, window)])


def _run(given: argparse.Namespace, side: str, window: int, environment: dict[str, str] | None = None) -> Any:
    line = [given.corpus, "--side", side, "--window", window, "--memory", given.memory]
    found = measured("benchmarks.counting", line, environment)
    return json.loads(found.output.splitlines()[-1]) | {"peak": found.peak_mb}


def _print(window: int, name: str, runs: list[Any]) -> None:
    extra = "warm_up" if name == "first run" else None
    wall, cpu = (
        statistics.median(run["seconds"][k] + (run[extra][k] if extra else 0) for run in runs) for k in range(2)
    )
    peak, (threads, entries) = statistics.median(run["peak"] for run in runs), (runs[0][x] for x in ("threads", "nnz"))
    part = f", of 1 / {DICTIONARY_PART} × {DICTIONARY_PART}" if name == "dictionary" else ""
    print(f"| {window} | {name}{part} | {wall:.2f} | {cpu:.2f} | {threads} | {peak:.0f} | {entries:,} |", flush=True)


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(before: tuple[float, float], times: float = 1) -> list[float]:
    return [times * (now - then) for now, then in zip(_now(), before, strict=True)]


def _jari(folder: str, window: int, memory: str, threads: int | None = None) -> dict[str, Any]:
    import numpy as np

    import jari
    from jari.ingest.cooccurrence import Cooccurrence
    from jari.ingest.resources import thread_count

    with jari.Corpus.open(folder) as corpus:
        began = _now()
        Cooccurrence.of(jari.Corpus(np.zeros(9, np.int32), np.array([0, 9]), corpus.vocabulary))
        warm_up, began = _since(began), _now()
        with Cooccurrence.of(corpus, window=window, memory=memory, threads=threads) as near:
            seconds, used = _since(began), thread_count(threads)
            return {"seconds": seconds, "warm_up": warm_up, "nnz": near.matrix.nnz, "threads": used}


def _dictionary(folder: str, window: int, memory: str) -> dict[str, Any]:
    import jari

    with jari.Corpus.open(folder) as corpus:
        sentences, tokens = [], 0
        for start, stop in pairwise(corpus.offsets.tolist()):
            sentences.append(corpus.ids[start:stop].tolist())
            tokens += stop - start
            if tokens * DICTIONARY_PART >= len(corpus):
                break
        began = _now()
        counts: defaultdict[tuple[int, int], float] = defaultdict(float)
        for sentence in sentences:
            for i, word in enumerate(sentence):
                for d, context in enumerate(sentence[i + 1 : i + 1 + window], 1):
                    weight = (window + 1 - d) / window
                    counts[word, context] += weight
                    counts[context, word] += weight
        return {"seconds": _since(began, len(corpus) / tokens), "nnz": len(counts), "threads": 1}


def _scipy(folder: str, window: int, memory: str) -> dict[str, Any]:
    import numpy as np
    from scipy import sparse

    import jari

    with jari.Corpus.open(folder) as corpus:
        began = _now()
        ids, n = np.asarray(corpus.ids), len(corpus.vocabulary)
        sentence = np.repeat(np.arange(len(corpus.offsets) - 1, dtype=np.int32), np.diff(corpus.offsets))
        after = sparse.csr_array((n, n), dtype=np.float32)
        for d in range(1, window + 1):
            same = sentence[:-d] == sentence[d:]
            words, contexts = ids[:-d][same], ids[d:][same]
            weights = np.full(len(words), (window + 1 - d) / window, np.float32)
            after = after + sparse.coo_array((weights, (words, contexts)), shape=(n, n)).tocsr()
        near = after + after.T
        return {"seconds": _since(began), "nnz": near.nnz, "threads": 1}


SIDES: dict[str, Any] = {
    "jari": _jari,
    "one thread": lambda folder, window, memory: _jari(folder, window, memory, threads=1),
    "dictionary": _dictionary,
    "scipy": _scipy,
}


if __name__ == "__main__":
    sys.exit(main())
