"""Word vectors learnt by a task, by context, and by both: ``python -m benchmarks task_trained [--table]``.

Korean film reviews and whether they praise: 1 to 4 stars are no, 9 and 10 are yes, others are left out of the task. The
reviews are taken apart into morphemes by Kiwi (the extra ``korean``). `Word2Vec` reads all of them without their stars,
but for the 10,000 of the test. `EntityEmbedder` foretells the answer from 500, 5,000 and 50,000 labelled reviews, with
word vectors that begin at random, that begin as those of Word2Vec, and that stay as those of Word2Vec. All else is the
same, but for the share of words that are left out: 0.1, 0.3 or 0.6, as the judging tenth of the first seed's reviews
finds best. Three seeds, each with other labelled reviews and the same test; intervals are of bootstrap samples of it.

The figures go to benchmarks/results/task_trained.json, and with --table into docs/task-trained.md, between the markers.
Some 20 minutes on one core.

Data: text/nsmc-120k.tsv.gz in the folder that JARI_DATA names (default: ../shared/data).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import jari
from benchmarks.process import CHECKOUT
from benchmarks.results import session
from benchmarks.task_trained_table import write
from jari.ingest.kiwi import Kiwi
from jari.learn.neural.entity_embedder import EntityEmbedder

RESULTS = CHECKOUT / "benchmarks" / "results" / "task_trained.json"
PAGE = CHECKOUT / "docs" / "task-trained.md"
SIZES, SEEDS, TEST, BOOTSTRAP = (500, 5_000, 50_000), 3, 10_000, 10_000
DIM = 64
ROWS_SEEN = 600_000  # epochs are fewer where there are many rows: 12 of 50,000
WORD_DROPOUTS = (0.1, 0.3, 0.6)
WAYS = ("random", "begun", "frozen")
ASKED = ("재미있", "지루", "감동", "연기")
FREQUENT = 100  # reviews that hold a word, before its neighbours are asked for
POLAR = 1.0  # log odds, from which a word takes a side

Reviews = list[list[str]]


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[*SIZES], help="labelled reviews")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--table", action="store_true", help="measure nothing; write the tables into the page")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="FILE", help="the results")
    options = parser.parse_args()
    if options.table:
        write(json.loads(options.out.read_text("utf-8")), PAGE)
        return
    reviews, praise = _reviews(options.threads)
    order = np.random.default_rng(0).permutation(np.flatnonzero(praise >= 0))
    test, pool = order[:TEST], order[TEST:]
    held_out = set(test.tolist())
    context = _context([one for at, one in enumerate(reviews) if at not in held_out])
    print(f"{len(reviews):,} reviews, {len(pool):,} to label, {context}", flush=True)
    results: dict[str, Any] = {
        "reviews": len(reviews),
        "words": len(context),
        "majority": float(np.mean(praise[test] == 1)),
        "accuracy": [],
        "session": session() | {"threads": options.threads},
    }
    learnt: dict[str, Any] = {}
    for size in options.sizes:
        right: dict[str, list[Any]] = {way: [] for way in WAYS}
        for seed in range(options.seeds):
            rows = np.random.default_rng(seed).permutation(pool)[:size]
            for way in WAYS:
                began = time.perf_counter()
                shares = [learnt[way].word_dropout] if seed else WORD_DROPOUTS
                learner = _learnt(way, context, seed, shares, _table(reviews, rows), praise[rows], options.threads)
                right[way].append(learner.predict(_table(reviews, test)) == praise[test])
                learnt[way] = learner
                said = (
                    f"{right[way][-1].mean():.4f}, words left out {learner.word_dropout}, {len(learner.losses_)} epochs"
                )
                print(f"{size:>7,} {way:<7} {seed}: {said}, {time.perf_counter() - began:.1f} s", flush=True)
        results["accuracy"].append({"size": size, **_accuracy(right)})
        results.setdefault("moved", []).append(
            {"size": size, **_moved(context, learnt["begun"], [reviews[at] for at in rows])}
        )
    spaces = {way: learnt[way].embeddings_["review"] for way in ("random", "begun")}
    results |= _neighbours({"context": context, **spaces}, [reviews[at] for at in rows], praise[rows])
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps({name: results[name] for name in ("moved", "sides", "neighbours")}, ensure_ascii=False, indent=1))


def _context(reviews: Reviews) -> jari.Embedding:
    """Words by what stands beside them; it has seen no star."""
    learner = jari.Word2Vec(dim=DIM, min_count=5, epochs=10, tokenizer="whitespace", threads=1, random_state=1)
    return learner.fit(reviews).embedding_


def _learnt(
    way: str,
    context: jari.Embedding,
    seed: int,
    word_dropouts: Sequence[float],
    table: dict[str, Reviews],
    praise: Any,
    threads: int,
) -> EntityEmbedder:
    """With the share of words left out that the rows which judge find best."""
    learners = [
        EntityEmbedder(
            task="binary",
            text=["review"],
            text_dim=DIM,
            pretrained=None if way == "random" else {"review": context},
            freeze=way == "frozen",
            word_dropout=share,
            epochs=min(40, ROWS_SEEN // len(praise)),
            device="cpu",
            threads=threads,
            random_state=seed,
        ).fit(table, praise)
        for share in word_dropouts
    ]
    return min(learners, key=lambda one: min(one.judged_))


def _table(reviews: Reviews, rows: Any) -> dict[str, Reviews]:
    return {"review": [reviews[at] for at in rows]}


def _accuracy(right: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Shares of the test that are right, means over the seeds; and by how much more than from random vectors."""
    means = {way: np.mean(found, axis=0) for way, found in right.items()}
    rng = np.random.default_rng(0)
    drawn: dict[str, list[float]] = {way: [] for way in right}
    for _ in range(BOOTSTRAP):
        sample = rng.integers(0, TEST, TEST)
        for way, found in means.items():
            drawn[way].append(float(found[sample].mean()))
    told: dict[str, Any] = {"ways": {}, "above_random": {}}
    for way, found in right.items():
        told["ways"][way] = {
            "mean": float(means[way].mean()),
            **_interval(drawn[way]),
            "seeds": [float(one.mean()) for one in found],
        }
        if way != "random":
            told["above_random"][way] = {
                "mean": float(means[way].mean() - means["random"].mean()),
                **_interval(np.subtract(drawn[way], drawn["random"])),
            }
    return told


def _interval(drawn: Any) -> dict[str, float]:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {"low": float(low), "high": float(high)}


def _moved(before: jari.Embedding, learner: EntityEmbedder, labelled: Reviews) -> dict[str, Any]:
    """How far vectors that began as those of context have moved, as a share of their length."""
    after = learner.embeddings_["review"]
    far = np.linalg.norm(after.vectors - before.vectors, axis=1) / np.linalg.norm(before.vectors, axis=1)
    there = {word for review in labelled for word in review}
    seen = np.array([word in there for word in before.vocabulary])
    return {
        "words_seen": int(seen.sum()),
        "words_unseen": int((~seen).sum()),
        "seen": float(np.median(far[seen])),
        "unseen": float(far[~seen].max(initial=0)),
    }


def _neighbours(spaces: Mapping[str, jari.Embedding], labelled: Reviews, praise: Any) -> dict[str, Any]:
    """The nearest of some words, and how often the nearest of words that take a side are on the same one.

    A word's side is of the labelled reviews that hold it: the logarithm of the odds that they praise, less that of all.
    """
    counts: dict[str, list[int]] = {}
    for review, good in zip(labelled, praise, strict=True):
        for word in set(review):
            counts.setdefault(word, [0, 0])[int(good)] += 1
    prior = np.log((praise == 1).sum() / (praise == 0).sum())
    odds = {
        word: float(np.log((yes + 1) / (no + 1)) - prior)
        for word, (no, yes) in counts.items()
        if yes + no >= FREQUENT and all(word in space for space in spaces.values())
    }
    polar = [word for word, value in odds.items() if abs(value) >= POLAR]
    told: dict[str, Any] = {"neighbours": {}, "sides": {"words": len(odds), "polar": len(polar)}}
    signs = np.sign([odds[word] for word in odds])
    told["sides"]["chance"] = float(np.mean([(signs == np.sign(odds[word])).mean() for word in polar]))
    for name, space in spaces.items():
        few = jari.Embedding([*odds], np.stack([space[word] for word in odds]))
        told["neighbours"][name] = {word: list(few.similar(word, k=6).keys) for word in ASKED if word in few}
        near = [np.mean([odds[one] * odds[word] > 0 for one in few.similar(word, k=10).keys]) for word in polar]
        told["sides"][name] = float(np.mean(near))
    return told


def _reviews(threads: int) -> tuple[Reviews, Any]:
    """Morphemes, and 1 for praise, 0 for blame, -1 for what is between."""
    path = Path(os.environ.get("JARI_DATA", "../shared/data")).resolve() / "text" / "nsmc-120k.tsv.gz"
    if not path.is_file():
        sys.exit(f"There is no text/{path.name} in the folder that JARI_DATA names (default: ../shared/data).")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    stars = np.array([int(row["rating"]) for row in rows])
    praise = np.where(stars >= 9, 1, np.where(stars <= 4, 0, -1))
    return list(Kiwi().many((row["review"] or "" for row in rows), threads)), praise


if __name__ == "__main__":
    main()
