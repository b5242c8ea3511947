"""The hierarchical softmax from a text file to vectors, against gensim: ``python -m benchmarks.hierarchical``.

As `benchmarks.word2vec`: both read one file of tokens as whole processes that are measured from outside and end with
their vectors saved, ours ``Word2Vec(loss="hierarchical")``, theirs ``Word2Vec(corpus_file=…, hs=1, negative=0)``; they
run by turns, and one program evaluates both. A line a run, then the ratio of each pair and the means.

Data: as `benchmarks.word2vec`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.process import Measured, measured
from benchmarks.word2vec import SAME, THREADS, prepare

OURS, THEIRS = "jari", "gensim"


def learn(text: str, out: str, given: str) -> None:
    """Our side, in a process of its own."""
    import jari

    learner = jari.Word2Vec(loss="hierarchical", tokenizer="whitespace", threads=THREADS, **json.loads(given))
    learner.fit(Path(text)).embedding_.save(out)
    used = learner.embedding_.metadata["parameters"]
    print(json.dumps({"rates": [used["learning_rate"], used["min_learning_rate"]]}))


def main() -> None:
    """Measure by turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=1, metavar="N", help="with seeds 1 to N")
    parser.add_argument("--architecture", choices=("skipgram", "cbow"), default="skipgram")
    parser.add_argument("--quick", action="store_true", help="a little of the text")
    options = parser.parse_args()
    ours = {name: value for name, value in SAME.items() if name != "negative"}
    theirs = ours | {"hs": 1, "negative": 0, "workers": THREADS, "sg": int(options.architecture == "skipgram")}
    ours |= {"architecture": options.architecture, "dim": options.dim, "epochs": options.epochs}
    theirs |= {"vector_size": options.dim, "epochs": options.epochs}
    with tempfile.TemporaryDirectory(prefix="jari-benchmark-") as made:
        folder = Path(made)
        about, evaluation = prepare(folder, options.quick)
        print(json.dumps(about))
        text, warm = folder / "tokens.txt", folder / "warm.txt"
        with text.open("rb") as stream:
            warm.write_bytes(b"".join(stream.readline() for _ in range(100)))
        _run(OURS, warm, folder / "warm.jari", ours | {"epochs": 1, "random_state": 1}, None)  # compile, uncounted
        found: dict[str, list[tuple[Measured, dict[str, Any]]]] = {OURS: [], THEIRS: []}
        for seed in range(1, options.repeats + 1):
            found[OURS].append(_run(OURS, text, folder / f"{seed}.jari", ours | {"random_state": seed}, evaluation))
            found[THEIRS].append(_run(THEIRS, text, folder / f"{seed}.bin", theirs | {"seed": seed}, evaluation))
    pairs = zip(found[THEIRS], found[OURS], strict=True)
    ratios = [theirs_took.wall / ours_took.wall for (theirs_took, _), (ours_took, _) in pairs]
    print(f"their wall ÷ ours: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    for side, runs in found.items():
        names = [name for name, value in runs[0][1].items() if value is not None and name != "queen"]
        print(side, {name: round(statistics.mean(quality[name] for _, quality in runs), 4) for name in names})


def _run(
    side: str, text: Path, out: Path, given: dict[str, Any], evaluation: Path | None
) -> tuple[Measured, dict[str, Any]]:
    if side == OURS:
        took = measured("benchmarks.hierarchical", ["--ours", text, out, json.dumps(given)])
    else:
        took = measured("benchmarks.peer_gensim", [text, out, json.dumps(given)])
    quality: dict[str, Any] = {}
    if evaluation is not None:
        quality = json.loads(measured("benchmarks.quality", [out, evaluation]).output)
    said = {name: round(value, 4) for name, value in quality.items() if value is not None}
    told = json.loads(took.output)
    print(f"{side:<8}{took.wall:7.1f} s  {took.cpu:7.1f} s CPU  {took.peak_mb:5.0f} MB  {told}  {said}", flush=True)
    return took, quality


if __name__ == "__main__":
    if sys.argv[1:2] == ["--ours"]:
        learn(*sys.argv[2:])
    else:
        main()
