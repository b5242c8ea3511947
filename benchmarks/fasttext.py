"""FastText against fastText's own package and gensim's FastText: ``python -m benchmarks.fasttext``.

All read one file of tokens, with the same hyperparameters, each as a whole process that is measured from outside and
ends with its model saved; they run by turns. Vectors are evaluated by one program. ``--korean`` compares jamo,
characters and whole words on Korean eojeol instead; ``--neighbours`` compares vectors and answers of a model that
fastText wrote with those that we read from it.

Data: text/ and evaluation/ in the folder that JARI_DATA names (default: ../shared/data). fastText's package is
``pip install fasttext``; a side that is not installed is left out. Their 5 epochs take a quarter of an hour.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.process import measured

THREADS, DIM = 2, 100
SIDES = ("jari", "fasttext", "gensim")
KOREAN: dict[str, dict[str, Any]] = {
    "skip-gram": {},
    "characters 3-6": {"min_ngram": 3},
    "characters 1-6": {"min_ngram": 1},
    "jamo, characters 3-6": {"min_ngram": 3, "jamo": True},
    "jamo, characters 1-6": {"min_ngram": 1, "jamo": True},
    "jamo, characters 1-4": {"min_ngram": 1, "max_ngram": 4, "jamo": True},
}


def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--megabytes", type=int, default=1000, help="of text at most")
    parser.add_argument("--sides", default=",".join(SIDES))
    parser.add_argument("--korean", action="store_true")
    parser.add_argument("--neighbours", action="store_true")
    parser.add_argument("--run", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)  # one side, in its process
    options = parser.parse_args()
    data = Path(os.environ.get("JARI_DATA", "../shared/data")).resolve()
    if options.run:
        DOINGS[options.run[0]](*options.run[1:])
        return
    if not (data / "evaluation").is_dir():
        sys.exit(f"There is no {data / 'evaluation'}: say in JARI_DATA where the texts and test sets are.")
    with tempfile.TemporaryDirectory(prefix="jari-benchmark-") as made:
        folder = Path(made)
        if options.korean:
            print(measured(__spec__.name, ["--run", "korean", data, folder, options.epochs]).output, end="")
            return
        measured("benchmarks.tokens", [options.megabytes, folder / "tokens.txt"])
        if options.neighbours:
            print(measured(__spec__.name, ["--run", "neighbours", folder / "tokens.txt", folder]).output, end="")
            return
        compare(folder, data, options)


def compare(folder: Path, data: Path, options: argparse.Namespace) -> None:
    """Each side as often as was asked for, by turns."""
    sides = [side for side in options.sides.split(",") if importlib.util.find_spec(side) is not None]
    measured(__spec__.name, ["--run", "jari", _head(folder), folder / "warm-up.jari", 1, 1])  # compiles what is new
    walls: dict[str, list[float]] = {side: [] for side in sides}
    for repeat in range(options.repeats):
        for side in sides:
            out = folder / f"{side}-{repeat}{'.jari' if side == 'jari' else '.bin'}"
            load = os.getloadavg()[0]
            found = measured(__spec__.name, ["--run", side, folder / "tokens.txt", out, options.epochs, repeat + 1])
            walls[side].append(found.wall)
            quality = json.loads(measured("benchmarks.quality", [out, data / "evaluation"]).output)
            told = {name: round(value, 4) for name, value in quality.items() if value is not None}
            print(
                f"{side:<9}{repeat}  {found.wall:7.1f} s, {found.cpu:7.1f} s of processor, {found.peak_mb:5.0f} MB  "
                f"{told}, load before {load:.1f}",
                flush=True,
            )
            shutil.rmtree(out) if out.is_dir() else out.unlink()
    for side in sides:
        if side != "jari" and "jari" in sides:
            ratios = sorted(theirs / ours for theirs, ours in zip(walls[side], walls["jari"], strict=True))
            print(f"{side}: {ratios[len(ratios) // 2]:.1f} times our time")


def learn_jari(text: str, out: str, epochs: str, seed: str) -> None:
    """Our side."""
    from jari.learn.fasttext import FastText

    learner = FastText(
        dim=DIM, epochs=int(epochs), tokenizer="whitespace", threads=THREADS, random_state=int(seed), min_count=5
    )
    learner.fit(Path(text)).embedding_.save(out)


def learn_fasttext(text: str, out: str, epochs: str, seed: str) -> None:
    """fastText's package, whose defaults are these; it takes no seed here."""
    import fasttext

    model = fasttext.train_unsupervised(
        text,
        model="skipgram",
        dim=DIM,
        ws=5,
        epoch=int(epochs),
        minCount=5,
        neg=5,
        t=1e-4,
        lr=0.05,
        minn=3,
        maxn=6,
        bucket=2_000_000,
        thread=THREADS,
        verbose=0,
    )
    model.save_model(out)


def learn_gensim(text: str, out: str, epochs: str, seed: str) -> None:
    """gensim, from a file, which is its quickest way."""
    from gensim.models import FastText
    from gensim.models.fasttext import save_facebook_model

    model = FastText(
        corpus_file=text,
        sg=1,
        vector_size=DIM,
        window=5,
        epochs=int(epochs),
        min_count=5,
        negative=5,
        sample=1e-4,
        min_n=3,
        max_n=6,
        bucket=2_000_000,
        workers=THREADS,
        seed=int(seed),
    )
    save_facebook_model(model, out)


def korean(data: str, folder: str, epochs: str) -> None:
    """Spearman's correlation on Korean WordSim353 for each way of taking words apart."""
    import jari
    from jari.evaluate import read_pairs, similarity
    from jari.learn.fasttext import FastText

    text = Path(folder) / "kowiki.txt"
    with gzip.open(Path(data) / "text" / "kowiki.txt.gz", "rb") as packed, text.open("wb") as stream:
        shutil.copyfileobj(packed, stream)
    pairs = read_pairs(Path(data) / "evaluation" / "wordsim353.ko.csv")
    with jari.encode(text, tokenizer="whitespace", min_count=5) as corpus:
        for name, parameters in KOREAN.items():
            learner = FastText if parameters else jari.Word2Vec
            made = learner(epochs=max(int(epochs), 5), random_state=1, threads=THREADS, **parameters).fit(corpus)
            known = similarity(made.embedding_, pairs, bootstrap=0)
            told = f"{known.spearman:.3f} on {known.used} known pairs"
            if parameters:
                told += f", {_of_all(made.embedding_, pairs):.3f} on all {known.total}"
            print(f"{name:<24}{told}")


def neighbours(text: str, folder: str) -> None:
    """Vectors and neighbours of a model that fastText learnt and saved."""
    import numpy as np

    import fasttext
    import jari

    path = Path(folder) / "theirs.bin"
    learn_fasttext(str(_head(Path(text).parent)), str(path), "1", "1")
    theirs, ours = fasttext.load_model(str(path)), jari.load(path)
    unseen = [f"{word}{end}" for word in theirs.words[:500] for end in ("s", "ing", "х", "자리")]
    asked = theirs.words + unseen
    same = np.array_equal(
        ours.vectors_of(asked, unknown="subword"), np.array([theirs.get_word_vector(word) for word in asked])
    )
    print(f"{len(theirs.words):,} words and {len(unseen):,} unseen ones: the same bits: {same}")
    some = theirs.words[:200] + unseen[:200]
    alike = sum(
        [key for _, key in theirs.get_nearest_neighbors(word, k=10)]
        == list(ours.similar(word, 10, unknown="subword").keys)
        for word in some
    )
    print(f"the same ten neighbours in the same order: {alike} of {len(some)} (the others: equal to the last digit)")


def _of_all(embedding: Any, pairs: Any) -> float:
    """The correlation over all pairs, unseen words put together from n-grams."""
    import numpy as np
    from scipy.stats import spearmanr

    left, right = (embedding.vectors_of(side, unknown="subword").astype(float) for side in (pairs.left, pairs.right))
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    return float(spearmanr((left * right).sum(axis=1) / np.maximum(lengths, 1e-9), pairs.scores).statistic)


def _head(folder: Path) -> Path:
    """The first two megabytes of the tokens."""
    part = folder / "head.txt"
    with (folder / "tokens.txt").open("rb") as source, part.open("wb") as stream:
        stream.writelines(source.readlines(2_000_000))
    return part


DOINGS = {
    "jari": learn_jari,
    "fasttext": learn_fasttext,
    "gensim": learn_gensim,
    "korean": korean,
    "neighbours": neighbours,
}

if __name__ == "__main__":
    main()
