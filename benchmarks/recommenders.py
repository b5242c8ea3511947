"""How good recommenders are: ``python -m benchmarks recommenders``.

Every learner of Jari's and implicit's ALS and BPR, on ml-100k and kmrd (Korean films). A rating of 4 of 5 or more (8 of
10) is a choice, all with the same weight; users with fewer than five choices are left out, as Liang et al. 2018 do: of
kmrd's that is most. Users are dealt into five folds; each fold is held out once, and of what its users chose four
fifths are given and the rest is wanted.

Each learner is tuned with the same number of trials: its defaults, then parameters drawn at random, measured by
nDCG@100 on users held out of the first fold's training users, three fifths of them in three turns. The best of them is
learnt on all five folds. implicit's BPR cannot fold users in: what is given of them is learnt from as well, for that
one only.

The figures go to benchmarks/results/recommenders.json, row by row: --only names the rows that are measured anew, the
others stay. --table writes them into docs/recommendation-quality.md, between the markers.

Data: interactions/ml-100k and interactions/kmrd in the folder that JARI_DATA names (default: ../shared/data).
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.process import CHECKOUT
from benchmarks.recommender_peers import Contender, Parameters, contenders
from benchmarks.recommender_table import write
from benchmarks.results import session
from jari.errors import BadInput
from jari.evaluate.estimates import Doubles, differences, estimates
from jari.evaluate.recommendation import recommendation
from jari.ingest.interactions import Interactions
from jari.ingest.splits import Split, by_user
from jari.ingest.thresholds import at_least

RESULTS = CHECKOUT / "benchmarks" / "results" / "recommenders.json"
FOLDS, INNER, FEWEST = 5, 3, 5
MEASURES = ("nDCG@100", "Recall@20", "Recall@50", "MAP@100", "HR@10", "MRR@100", "Coverage@20", "Novelty@20")
TUNED_BY = "nDCG@100"
COMPARED = ("nDCG@100", "Recall@20")
PEER = "implicit-als"


def main() -> None:
    """Search, measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=[*DATA], default=[*DATA], help="which ratings")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="which learners; all that are installed if not given")
    parser.add_argument("--trials", type=int, default=30, help="parameters tried for each learner")
    parser.add_argument("--searches", type=int, default=1, help="repeat the search, to see what hangs on its luck")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--table", action="store_true", help="measure nothing; write the table into the page")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="FILE", help="the results")
    options = parser.parse_args()
    if options.table:
        write(json.loads(options.out.read_text("utf-8")), CHECKOUT / "docs" / "recommendation-quality.md")
        return
    known = contenders()
    names = options.only or [*known]
    if strange := [name for name in names if name not in known]:
        sys.exit(f"There is no {', '.join(strange)}. Choose of {', '.join(known)}.")
    held = json.loads(options.out.read_text("utf-8")) if options.out.exists() else {"data": {}}
    for data in options.data:
        choices = DATA[data]()
        print(f"\n{data}: {choices}", flush=True)
        splits = [by_user(choices, fold=fold, folds=FOLDS) for fold in range(FOLDS)]
        kept = held["data"].setdefault(data, {"rows": {}})
        kept |= {"users": choices.shape[0], "items": int((choices.items.counts > 0).sum()), "entries": len(choices)}
        values = _peer_again(known, kept["rows"], splits, options.threads)
        for name in sorted(names, key=lambda name: name != PEER):  # first what the others are compared with
            if options.searches > 1:
                kept["rows"][name]["searches"] = [
                    _search(known[name], splits, options.trials, options.threads, seed)
                    for seed in range(options.searches)
                ]
                options.out.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", "utf-8")
                continue
            trials = _tuned(known[name], splits[0], options.trials, options.threads)
            best = max(trials, key=lambda trial: trial["value"])
            row, measured = _measured(known[name], splits, best["parameters"], options.threads)
            if name == PEER:
                values = measured
                for other in kept["rows"].values():
                    other.pop("better_than_implicit_als", None)
            elif values:
                row["better_than_implicit_als"] = {
                    one: asdict(each) for one, each in differences(measured, values).items() if one in COMPARED
                }
            kept["rows"][name] = {"name": known[name].name, **row, "parameters": best["parameters"], "trials": trials}
            held["session"] = session() | {"threads": options.threads, "implicit": _implicit_version()}
            options.out.parent.mkdir(parents=True, exist_ok=True)
            options.out.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", "utf-8")
            _print(kept["rows"][name])


def _search(contender: Contender, splits: list[Split], trials: int, threads: int, seed: int) -> dict[str, Any]:
    """What one search chooses, and what that brings in the five folds."""
    best = max(_tuned(contender, splits[0], trials, threads, seed), key=lambda trial: trial["value"])
    row, _ = _measured(contender, splits, best["parameters"], threads)
    found = {name: row["estimates"][name]["mean"] for name in COMPARED}
    print(f"{contender.name}, search {seed}: {found}", flush=True)
    return {"parameters": best["parameters"], **found}


def _peer_again(
    known: Mapping[str, Contender], rows: Mapping[str, Any], splits: list[Split], threads: int
) -> dict[str, Doubles]:
    """What implicit's ALS brought each user with the parameters that are kept; nothing where it was not measured."""
    if PEER not in known or PEER not in rows:
        return {}
    return _measured(known[PEER], splits, rows[PEER]["parameters"], threads)[1]


def _tuned(contender: Contender, split: Split, trials: int, threads: int, seed: int = 0) -> list[dict[str, Any]]:
    """What was tried, in its order, each with the mean over some folds of the users who are learnt from.

    Parameters with which learning diverges bring 0.
    """
    inner = [by_user(split.train, fold=fold, folds=FOLDS, random_state=1) for fold in range(INNER)]
    rng = np.random.default_rng(seed)
    drawn: list[Parameters] = [{}]
    if contender.draw is not None:
        drawn += [contender.draw(rng) for _ in range(trials - 1)]
    tried = []
    for parameters in drawn:
        began = time.perf_counter()
        try:
            values = [
                recommendation(contender.learn(one, parameters, threads, 0), one, measures=[TUNED_BY], bootstrap=0)
                for one in inner
            ]
            value = float(np.mean([one.estimates[TUNED_BY].mean for one in values]))
        except BadInput as diverged:
            print(f"  {contender.name}: {diverged}", flush=True)
            value = 0.0
        seconds = time.perf_counter() - began
        tried.append({"parameters": parameters, "value": value, "seconds": seconds})
        print(f"  {contender.name:<20}{value:.4f}  {seconds:6.1f} s  {parameters}", flush=True)
    return tried


def _measured(
    contender: Contender, splits: list[Split], parameters: Parameters, threads: int
) -> tuple[dict[str, Any], dict[str, Doubles]]:
    """Over the five folds: each user is held out in one of them, and counts once. The row, and values by user."""
    folds, learning, asking = [], [], []
    for seed, split in enumerate(splits):
        began = time.perf_counter()
        learnt = contender.learn(split, parameters, threads, seed)
        learning.append(time.perf_counter() - began)
        began = time.perf_counter()
        folds.append(recommendation(learnt, split, measures=MEASURES, bootstrap=0))
        asking.append(time.perf_counter() - began)
    values = {name: np.concatenate([one.values[name] for one in folds]) for name in folds[0].values}
    found = {name: asdict(one) for name, one in estimates(values).items()}
    for name in MEASURES:
        means = [one.estimates[name].mean for one in folds]
        # The mean of the five means, which is what the table has; the interval is of all users.
        found[name] = found.get(name, {"low": None, "high": None}) | {"mean": float(np.mean(means)), "folds": means}
    seconds = {"learning": float(np.mean(learning)), "asking": float(np.mean(asking))}
    return {"estimates": found, "seconds": seconds}, values


def _implicit_version() -> str | None:
    try:
        return importlib.metadata.version("implicit")
    except importlib.metadata.PackageNotFoundError:
        return None


def _print(row: dict[str, Any]) -> None:
    means = "  ".join(f"{name} {row['estimates'][name]['mean']:.4f}" for name in MEASURES)
    print(f"{row['name']:<20}{means}  learnt in {row['seconds']['learning']:.2f} s", flush=True)


# ── Data


def _ml100k() -> Interactions:
    """ml-100k, ratings of 4 and 5."""
    return _choices(_file("ml-100k", "u.data.gz"), 4, user=1, item=2, weight=3)


def _kmrd() -> Interactions:
    """kmrd, ratings of 8, 9 and 10."""
    return _choices(_file("kmrd", "rates.csv.gz"), 8, user="user", item="movie", weight="rate")


DATA: dict[str, Callable[[], Interactions]] = {"ml-100k": _ml100k, "kmrd": _kmrd}


def _file(folder: str, name: str) -> Path:
    path = Path(os.environ.get("JARI_DATA", "../shared/data")).resolve() / "interactions" / folder / name
    if not path.is_file():
        sys.exit(f"There is no interactions/{folder}/{name} in the folder that JARI_DATA names (../shared/data).")
    return path


def _choices(path: Path, least: int, **columns: Any) -> Interactions:
    """Ratings from `least` on of users with five of them or more, all of weight 1."""
    liked = at_least(Interactions.of(path, duplicates="last", **columns), least)
    liked = liked.take_users(np.flatnonzero(np.diff(liked.matrix.indptr) >= FEWEST))
    return Interactions(liked.users, liked.items, (liked.matrix > 0).astype(np.float32))


if __name__ == "__main__":
    main()
