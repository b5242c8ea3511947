"""Counting, PPMI and SVD: ``python -m benchmarks.spectral speed | product | choices``.

``speed TEXT``
    From a file of tokens to saved vectors, `SpectralEmbedding` against a dictionary, SciPy and scikit-learn's
    `TruncatedSVD` (`benchmarks.peer_spectral`): each a whole process, by turns. ``--megabytes`` takes so much of the
    text on both sides: a dictionary of 33 M pairs takes 10 GB.
``product CORPUS``
    The product of the PPMI matrix and a block of 112 columns, ours against SciPy's; and the whole SVD against
    scikit-learn's, with the share of the sum of squares that each finds.
``choices CORPUS EVALUATION [NAME=VALUE …]``
    How good vectors are with other parameters: the figures of docs/decisions/0007-spectral.md. Any parameter of
    `SpectralEmbedding`; several values stand apart by commas, and all combinations are tried.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.process import measured

SAME = {"dim": 100, "window": 5, "min_count": 5}
PLAIN = {"sample": 0, "shift": 1.0, "power": 1.0, "p": 0.5, "drop": 0}  # what the peer does


def main() -> None:
    """Do one of the three."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    speed = commands.add_parser("speed")
    speed.add_argument("text", type=Path)
    speed.add_argument("--evaluation", type=Path, help="a folder of test sets")
    speed.add_argument("--megabytes", type=float, default=20)
    speed.add_argument("--repeats", type=int, default=3)
    speed.set_defaults(run=measure_speed)
    product = commands.add_parser("product")
    product.add_argument("corpus", type=Path)
    product.add_argument("--repeats", type=int, default=5)
    product.set_defaults(run=measure_product)
    choices = commands.add_parser("choices")
    choices.add_argument("corpus", type=Path)
    choices.add_argument("evaluation", type=Path)
    choices.add_argument("parameters", nargs="*", metavar="NAME=VALUE,…")
    choices.set_defaults(run=measure_choices)
    learn = commands.add_parser("learn", help="our side of speed")
    learn.add_argument("text", type=Path)
    learn.add_argument("out", type=Path)
    learn.set_defaults(run=learn_from)
    given = parser.parse_args()
    given.run(given)


def measure_speed(given: argparse.Namespace) -> None:
    """A line a run, then the ratio of the medians."""
    walls: dict[str, list[float]] = {"ours": [], "theirs": []}
    with tempfile.TemporaryDirectory() as folder:
        text = _part(given.text, int(given.megabytes * 1e6), Path(folder))
        measured(
            "benchmarks.spectral", ["learn", _part(text, 1_000_000, Path(folder), "little"), f"{folder}/warm.jari"]
        )
        for repeat in range(given.repeats):
            for side in walls:
                out = Path(folder) / f"{side}-{repeat}.jari"
                ours = "benchmarks.spectral", ["learn", text, out]
                theirs = "benchmarks.peer_spectral", [text, out, json.dumps(SAME)]
                found = measured(*(ours if side == "ours" else theirs))
                walls[side].append(found.wall)
                figures = {"side": side, "wall": found.wall, "cpu": found.cpu, "peak_mb": found.peak_mb}
                figures |= json.loads(found.output)
                if given.evaluation:
                    figures |= json.loads(measured("benchmarks.quality", [out, given.evaluation]).output)
                print(json.dumps(figures), flush=True)
    medians = {side: statistics.median(times) for side, times in walls.items()}
    print(
        f"ours {medians['ours']:.1f} s, theirs {medians['theirs']:.1f} s: {medians['theirs'] / medians['ours']:.1f} ×"
    )


def learn_from(given: argparse.Namespace) -> None:
    """Our side: from text to saved vectors, as `benchmarks.peer_spectral` does, and with the same parameters."""
    from jari.learn.spectral import SpectralEmbedding

    stages: dict[str, float] = {}
    began = time.perf_counter()

    def tell(progress: Any) -> None:
        stages[progress.stage] = time.perf_counter() - began

    learner = SpectralEmbedding(**SAME, **PLAIN, tokenizer="whitespace", random_state=1, callbacks=[tell])
    learner.fit([given.text]).embedding_.save(given.out)
    share = float((learner.singular_values_**2).sum())
    pairs = learner.embedding_.metadata["matrix"]["pairs_counted"]
    print(json.dumps({"told": stages, "pairs": pairs, "share": share}))


def measure_product(given: argparse.Namespace) -> None:
    """Products and decompositions by turns."""
    import numpy as np
    from sklearn.decomposition import TruncatedSVD

    import jari
    from jari.ingest.cooccurrence import Cooccurrence
    from jari.ingest.pmi import PMI
    from jari.learn import svd

    with jari.Corpus.open(given.corpus) as corpus:
        matrix = PMI(Cooccurrence.of(corpus, window=SAME["window"]), positive=True).matrix
    width = 112
    block = svd.zeros(matrix.shape[1], width)
    block[:] = np.random.default_rng(0).standard_normal(block.shape, dtype=np.float32)
    flop = 2e-9 * matrix.nnz * width
    for threads in (1, 2):
        operand = svd._Operand(matrix)
        with svd.ThreadPoolExecutor(threads) as pool:

            def multiply(operand: Any = operand, pool: Any = pool) -> None:
                operand.times(block, pool, lambda rows: None)

            ours, theirs = _by_turns(multiply, lambda: matrix @ block, given.repeats)
        print(f"product, {threads} threads: {flop / ours:.1f} GFLOP/s, SciPy {flop / theirs:.1f} (one thread)")
    whole = float((matrix.data.astype(np.float64) ** 2).sum())
    for iterations in (2, 3, 5, 8):
        began = time.perf_counter()
        _, s, _ = svd.truncated_svd(
            matrix, SAME["dim"], iterations=iterations, generator=np.random.default_rng(1), transposed=matrix
        )
        seconds = time.perf_counter() - began
        print(f"SVD, {iterations} iterations: {seconds:.2f} s, share {(s**2).sum() / whole:.5f}, last {s[-1]:.1f}")
    began = time.perf_counter()
    s = TruncatedSVD(SAME["dim"], random_state=1).fit(matrix).singular_values_
    seconds = time.perf_counter() - began
    print(f"TruncatedSVD: {seconds:.2f} s, share {(s.astype(float) ** 2).sum() / whole:.5f}, last {s[-1]:.1f}")


def measure_choices(given: argparse.Namespace) -> None:
    """A line for each combination of values."""
    import jari
    from benchmarks.quality import measures
    from jari.learn.spectral import SpectralEmbedding

    chosen = [one.partition("=") for one in given.parameters]
    values = [[_value(value) for value in text.split(",")] for _, _, text in chosen]
    with jari.Corpus.open(given.corpus) as corpus:
        for combination in itertools.product(*values):
            parameters = {name: value for (name, _, _), value in zip(chosen, combination, strict=True)}
            began = time.perf_counter()
            learner = SpectralEmbedding(random_state=1).set_params(**parameters).fit(corpus)
            seconds = round(time.perf_counter() - began, 1)
            found = measures(learner.embedding_, given.evaluation)
            print(json.dumps({**parameters, "seconds": seconds, **found}), flush=True)


def _by_turns(one: Callable[[], object], other: Callable[[], object], times: int) -> tuple[float, float]:
    one(), other()
    found = [(_seconds(one), _seconds(other)) for _ in range(times)]
    return statistics.median(a for a, _ in found), statistics.median(b for _, b in found)


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _part(text: Path, size: int, folder: Path, name: str = "text") -> Path:
    """The first lines, of some `size` bytes together."""
    if not text.is_file():
        sys.exit(f"There is no file {text}.")
    out = folder / f"{name}.txt"
    with text.open("rb") as source:
        out.write_bytes(b"".join(source.readlines(size)))
    return out


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


if __name__ == "__main__":
    main()
