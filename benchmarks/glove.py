"""GloVe's speed and how good its vectors are: ``python -m benchmarks.glove TEXT EVALUATION [NAME=VALUE …]``.

TEXT holds tokens between blanks, a sentence a line; EVALUATION the test sets; NAME=VALUE any parameter of `GloVe`, in
JSON. Without --quality, by turns: one epoch of gensim's skip-gram on the same text (the yardstick; it goes with
--without-gensim), counting, arranging, and the mean of the iterations. With --quality, a line a seed, then the means.
--save keeps the encoded text and the counts in a folder, or takes them from there.

The figures of docs/decisions/0006-glove.md. --shape, --weight and --power are constants of the unseen pairs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import jari
from benchmarks.quality import measures
from jari.ingest.cooccurrence import Cooccurrence
from jari.learn import glove_chance, glove_tiles
from jari.learn.glove import GloVe
from jari.types import Progress

THREADS = 2
GENSIM = {"vector_size": 100, "sg": 1, "window": 5, "negative": 5, "sample": 1e-4, "min_count": 5, "epochs": 1}


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", type=Path)
    parser.add_argument("evaluation", type=Path)
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE")
    parser.add_argument("--quality", action="store_true")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="1 to N; or so many turns")
    parser.add_argument("--save", type=Path, metavar="FOLDER")
    parser.add_argument("--without-gensim", action="store_true")
    parser.add_argument("--shape", type=float, default=glove_tiles._SHAPE)
    parser.add_argument("--weight", type=float, default=float(glove_tiles._WEIGHT))
    parser.add_argument("--power", type=float, default=glove_chance._POWER)
    given = parser.parse_intermixed_args()
    glove_tiles._SHAPE, glove_tiles._WEIGHT, glove_chance._POWER = given.shape, np.float32(given.weight), given.power
    parameters = {name: _value(value) for name, _, value in (one.partition("=") for one in given.parameters)}
    with tempfile.TemporaryDirectory() as folder:
        place = given.save or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        if given.quality:
            quality(given.text, given.evaluation, place, parameters, given.seeds)
        else:
            speed(given.text, place, parameters, given.seeds, gensim=not given.without_gensim)


def quality(text: Path, evaluation: Path, folder: Path, parameters: dict[str, Any], seeds: int) -> None:
    """All answers of each seed: one learning, several ways to read it."""
    counts = _counts(text, folder, GloVe(**parameters))
    found: dict[str, list[dict[str, Any]]] = {}
    for seed in range(1, seeds + 1):
        began = time.perf_counter()
        learner = GloVe(**{"threads": THREADS, **parameters, "vectors": "input", "random_state": seed}).fit(counts)
        seconds, words, contexts = time.perf_counter() - began, learner.embedding_.vectors, learner.embedding_.context
        assert contexts is not None
        for answer, vectors in (("input", words), ("sum", words + contexts)):
            measured = measures(jari.Embedding(counts.vocabulary, vectors), evaluation)
            found.setdefault(answer, []).append(measured)
            line = {"seed": seed, "vectors": answer, "seconds": round(seconds, 1), "loss": learner.losses_[-1]}
            print(json.dumps(line | measured), flush=True)
    for answer, ones in found.items():
        means = {name: float(np.mean([one[name] for one in ones])) for name in ones[0] if name != "queen"}
        print(json.dumps({"vectors": answer, "mean": means, "queen first": sum(one["queen"] == 1 for one in ones)}))


def speed(text: Path, folder: Path, parameters: dict[str, Any], turns: int, *, gensim: bool) -> None:
    """Each turn: theirs, then ours."""
    corpus, seconds = _corpus(text, folder), dict[str, list[float]]()
    GloVe(dim=4, epochs=1, min_count=1).fit(["compile all kernels"] * 9)
    Cooccurrence.of(["compile all kernels"] * 9, min_count=1)
    for turn in range(turns):
        if gensim:
            seconds.setdefault("gensim, skip-gram, one epoch", []).append(_gensim(text, folder))
        learner, clock = GloVe(**{"threads": THREADS, **parameters, "random_state": turn}), Clock()
        learner.set_params(callbacks=[clock], epochs=max(3, parameters.get("epochs", 5)))
        clock.begin()
        counts = _counted(corpus, learner)
        clock.end("counting")
        learner.fit(counts)
        clock.end("learning")
        iterations = clock.iterations(learner.epochs)
        one = statistics.mean(iterations)
        seconds.setdefault("counting", []).append(clock.seconds["counting"])
        seconds.setdefault("arranging and the rest", []).append(clock.seconds["learning"] - sum(iterations))
        seconds.setdefault("one iteration", []).append(one)
    for name, ones in seconds.items():
        print(f"{name:<30} {statistics.median(ones):6.2f} s   ({', '.join(f'{one:.2f}' for one in ones)})")


class Clock:
    """When each epoch was done, by what the learner tells."""

    def __init__(self) -> None:
        self.told: list[tuple[float, float]] = []
        self.seconds: dict[str, float] = {}

    def __call__(self, progress: Progress) -> None:
        if progress.stage == "learning":
            self.told.append((progress.figures["epoch"], time.perf_counter()))

    def begin(self) -> None:
        self.last = time.perf_counter()

    def end(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[name], self.last = now - self.last, now

    def iterations(self, epochs: int) -> list[float]:
        """From the first look to the last, cut into epochs of equal length."""
        (first, began), (last, ended) = self.told[0], self.told[-1]
        return [(ended - began) / (last - first)] * epochs


def _corpus(text: Path, folder: Path) -> jari.Corpus:
    if not (folder / "corpus").is_dir():
        with jari.encode(text, tokenizer="whitespace", min_count=5) as corpus:
            corpus.save(folder / "corpus")
    return jari.Corpus.open(folder / "corpus")


def _counts(text: Path, folder: Path, learner: GloVe) -> Cooccurrence:
    place = folder / f"counts-{learner.window}-{learner.window_weighting}-{learner.symmetric}"
    if not place.is_dir():
        _counted(_corpus(text, folder), learner).save(place)
    return Cooccurrence.open(place)


def _counted(corpus: jari.Corpus, learner: GloVe) -> Cooccurrence:
    return Cooccurrence.of(
        corpus,
        window=learner.window,
        weighting=learner.window_weighting,
        symmetric=learner.symmetric,
        memory=learner.memory,
        threads=THREADS,
    )


def _gensim(text: Path, folder: Path) -> float:
    line = [sys.executable, "-m", "benchmarks.peer_gensim", text, folder / "vectors.bin"]
    line.append(json.dumps(GENSIM | {"workers": THREADS}))
    ran = subprocess.run(line, capture_output=True, text=True, check=True)
    return float(json.loads(ran.stdout)["training"])


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


if __name__ == "__main__":
    main()
