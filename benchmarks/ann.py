"""Approximate search against the exact one: ``python -m benchmarks.ann [EMBEDDING.jari]``.

Target: a recall of 0.95 of the 10 nearest or more, at 20 times the exact rate or more, one query at a time, on an
embedding of some 80,000 words. The exact rate is that of `Embedding.similar`, on as many threads; the ratio to faiss's
own exact search, IndexFlatIP, stands beside it: for vectors as short as these it is faster. Each ratio is the median
over rounds in which all sides are asked by turns, so that a machine that is busy for a while slows all of them.

Recall is measured with rows that were held out when the index was built ("new vectors"), and with keys; never with
queries that chose the effort.

Without EMBEDDING one is learnt (skip-gram, 100 dimensions) from text/enwiki.txt.gz in the folder that JARI_DATA names
(default: ../shared/data). ``--write docs/search.md`` puts the tables between the markers there.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import faiss
import numpy as np
from threadpoolctl import threadpool_limits

from jari.embedding import Embedding, load
from jari.search.ann import ANN
from jari.search.ann.method import omp_threads

BEGIN, END = "<!-- benchmark:ann -->", "<!-- /benchmark -->"
HELD_OUT, ASKED, BATCH = 1000, 64, 64


def main() -> None:
    """Print the tables, and write them where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("embedding", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=11, help="how often each ratio is measured")
    parser.add_argument("--threads", type=int, default=1, help="of all sides, while they are asked")
    parser.add_argument("--methods", nargs="+", default=["hnsw", "ivf-pq", "sq8"])
    parser.add_argument("--write", type=Path, metavar="PAGE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        whole = load(options.embedding or _learnt(Path(folder) / "words.jari"))
        page = "\n\n".join(measured(whole, options.methods, options.rounds, options.threads))
    print(page)
    if options.write:
        _put(options.write, page)


def measured(whole: Embedding, methods: Sequence[str], rounds: int, threads: int) -> Iterator[str]:
    """The tables as Markdown."""
    order = np.random.default_rng(0).permutation(len(whole))
    held, kept = order[:HELD_OUT], np.sort(order[HELD_OUT:])
    embedding = Embedding(whole.vocabulary.take(kept), whole.vectors[kept])
    strangers = whole.vectors[held]
    keys = [embedding.keys[int(row)] for row in np.random.default_rng(1).permutation(len(embedding))[:HELD_OUT]]
    units = embedding.vectors / np.maximum(embedding.norms, 1e-30)[:, None]
    flat = faiss.IndexFlatIP(embedding.dim)
    flat.add(units)
    exact_keys, exact_strangers = embedding.similar(keys).rows, embedding.similar(strangers).rows
    yield (
        f"{len(embedding):,} keys × {embedding.dim}, cosine, k = 10, {threads} thread{'s' * (threads > 1)} "
        f"({platform.machine()}, faiss {faiss.__version__}). In brackets: how many exact queries take as long, "
        "first of `Embedding.similar`, then of faiss's `IndexFlatIP`; medians of rounds in which all take turns."
    )
    rows, built = [], []
    for method in methods:
        began = time.perf_counter()
        ann = ANN.build(embedding, method, random_state=1, callback=None)  # type: ignore[arg-type]
        seconds = time.perf_counter() - began
        size = len(faiss.serialize_index(ann._searcher.index))
        built.append(f"| {method} | {seconds:.0f} s | {size / 1e6:.1f} MB | {size / len(embedding):.0f} |")
        ann = _with_threads(ann, threads)
        for effort in _efforts(ann):
            recalls = (
                _recall(ann.similar(keys, effort=effort).rows, exact_keys),
                _recall(ann.similar(strangers, effort=effort).rows, exact_strangers),
            )
            sides: dict[str, Callable[[int], object]] = {
                "flat": lambda at: flat.search(units[at : at + 1], 10),
                "exact": lambda at: embedding.similar(strangers[at]),
                "key": lambda at, ann=ann, effort=effort: ann.similar(keys[at], effort=effort),
                "vector": lambda at, ann=ann, effort=effort: ann.similar(strangers[at], effort=effort),
                "rows": lambda at, ann=ann, effort=effort: ann.rows(strangers[at], effort=effort),
            }
            times = _by_turns(sides, rounds, threads)
            batch = {"many": lambda at, ann=ann, effort=effort: ann.rows(strangers[at : at + BATCH], effort=effort)}
            many = _by_turns(batch, rounds, threads, count=8)["many"]
            micro = {name: statistics.median(each) * 1e6 for name, each in times.items()}
            cells = [method, f"{ann.method.effort_name} {effort}{_chosen(ann, effort)}", *(f"{r:.3f}" for r in recalls)]
            for name in ("key", "vector", "rows"):
                ratios = [
                    statistics.median(a / b for a, b in zip(times[exact], times[name], strict=True))
                    for exact in ("exact", "flat")
                ]
                cells.append(f"{micro[name]:.0f} µs (× {ratios[0]:.0f}, × {ratios[1]:.0f})")
            rows.append(f"| {' | '.join([*cells, f'{statistics.median(many) / BATCH * 1e6:.0f} µs'])} |")
            print(rows[-1], f"flat {micro['flat']:.0f} µs, exact {micro['exact']:.0f} µs", file=sys.stderr)
    yield "\n".join(["| method | built in | index | bytes a key |", "|---|--:|--:|--:|", *built])
    yield "\n".join(
        [
            "| method | effort | recall of keys | of new vectors | `similar(key)` | `similar(vector)` | `rows(vector)` "
            f"| each of {BATCH} at once |",
            "|---|---|--:|--:|--:|--:|--:|--:|",
            *rows,
        ]
    )


def _efforts(ann: ANN) -> list[int]:
    """Those that were chosen, and some around them."""
    chosen = {ann.efforts.keys, ann.efforts.vectors}
    around = {"hnsw": {16, 32, 64, 128}, "ivf-pq": {8, 32, 128}, "sq8": {10}}[ann.method.name]
    return sorted(chosen | around)


def _chosen(ann: ANN, effort: int) -> str:
    kinds = [name for name in ("keys", "vectors") if getattr(ann.efforts, name) == effort]
    return f", for {' and '.join(kinds)}" if kinds else ""


def _with_threads(ann: ANN, threads: int) -> ANN:
    return ANN(
        ann._searcher, ann.efforts, ann.curve, k=ann.k, target_recall=ann.target_recall, seed=ann.seed, threads=threads
    )


def _recall(found: np.ndarray, exact: np.ndarray) -> float:
    return float(np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found.tolist(), exact.tolist(), strict=True)]))


def _by_turns(
    sides: dict[str, Callable[[int], object]], rounds: int, threads: int, count: int = ASKED
) -> dict[str, list[float]]:
    """The median seconds of a call, for each side and round."""
    with _limited(threads):
        for ask in sides.values():
            for at in range(10):
                ask(at)
        found: dict[str, list[float]] = {name: [] for name in sides}
        for each in range(rounds):
            for name, ask in sides.items():
                now = count if name not in ("flat", "exact") else count // 4
                found[name].append(statistics.median(_seconds(ask, each * 31 + at) for at in range(now)))
    return found


@contextmanager
def _limited(threads: int) -> Iterator[None]:
    with threadpool_limits(threads), omp_threads(threads):
        yield


def _seconds(ask: Callable[[int], object], at: int) -> float:
    start = time.perf_counter()
    ask(at)
    return time.perf_counter() - start


def _learnt(place: Path) -> Path:
    import jari

    text = Path(os.environ.get("JARI_DATA", "../shared/data")) / "text" / "enwiki.txt.gz"
    if not text.exists():
        sys.exit(f"There is no {text}: set JARI_DATA to the folder that holds text/enwiki.txt.gz, or give a .jari.")
    jari.Word2Vec(dim=100, max_vocabulary=80_000, random_state=1).fit(text).embedding_.save(place)
    return place


def _put(page: Path, table: str) -> None:
    content = page.read_text(encoding="utf-8")
    between = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
    if not between.search(content):
        sys.exit(f"{page.name} has no lines {BEGIN} and {END} to put the tables between.")
    page.write_text(between.sub(lambda _: f"{BEGIN}\n{table}\n{END}", content), encoding="utf-8")


if __name__ == "__main__":
    main()
