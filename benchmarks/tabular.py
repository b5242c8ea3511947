"""How well prices are foretold from tables: ``python -m benchmarks tabular [--data DATA …] [--table]``.

The logarithm of house prices in Ames and of adverts in Dublin, in five folds that are the same for all. Measured by the
root of the mean squared error: a linear model on one-hot and TF-IDF, gradient boosting on ordinals, on ordinals with
the LSA of the texts, `EntityEmbedder` with its defaults, and gradient boosting on the vectors that it learnt. The
linear model and the boosting are tuned by three folds of the rows that they learn from; nothing of EntityEmbedder is.
"halves" asks what it costs that vectors have seen the targets of the rows that boosting learns from.

The figures go to benchmarks/results/tabular.json, and with --table into docs/entity-embeddings.md, between the markers.
A run takes half an hour to an hour on one core, most of it to tune the boosting. --keep holds what every model
foretold, to go on from.

Data: tables/ames.csv.gz and tables/dublin-listings.csv.gz in the folder that JARI_DATA names (default: ../shared/data).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from sklearn.model_selection import KFold
from threadpoolctl import threadpool_limits

import jari
from benchmarks.process import CHECKOUT
from benchmarks.results import session
from benchmarks.tabular_models import MODELS, Fold, Kinds, embedder_of
from benchmarks.tabular_table import write

RESULTS = CHECKOUT / "benchmarks" / "results" / "tabular.json"
PAGE = CHECKOUT / "docs" / "entity-embeddings.md"
FOLDS, BOOTSTRAP = 5, 10_000
WORST = 5  # rows, of which the results say how good a model would be without them
PAIRS = (
    ("embedder", "ridge"),
    ("embedder", "native"),
    ("vectors", "ordinals"),
    ("vectors", "native"),
    ("vectors", "lsa"),
    ("vectors", "embedder"),
    ("unseen", "vectors"),
    ("half unseen", "half seen"),
)

ASKED = {
    "Dublin": {
        "property_type": ("Entire home", "Private room in home", "Shared room in hostel", "Entire loft"),
        "description": ("luxury", "sea", "single"),
    }
}
OFTEN = {"categorical": 15, "text": 60}  # rows that hold a category or a word, before its neighbours are asked for


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", choices=[*DATA], default=[*DATA], help="which tables")
    parser.add_argument("--only", nargs="+", choices=[*MODELS], default=[*MODELS], help="which models")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--table", action="store_true", help="measure nothing; write the table into the page")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="of what was foretold, to go on from")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="FILE", help="the results")
    options = parser.parse_args()
    if options.table:
        write(json.loads(options.out.read_text("utf-8")), PAGE)
        return
    held = json.loads(options.out.read_text("utf-8")) if options.out.exists() else {"data": {}}
    for data in options.data:
        table, target, kinds = DATA[data]()
        print(f"\n{data}: {len(table):,} rows, {kinds}", flush=True)
        rows: dict[str, dict[str, Any]] = {}
        with threadpool_limits(options.threads):
            for name in options.only:
                rows |= _measured(data, name, table, target, kinds, options.threads, options.keep)
        held["data"][data] = _figures(target, rows)
        if data in ASKED and "embedder" in options.only:
            held["data"][data]["nearest"] = _nearest(table, target, kinds, options.threads, ASKED[data])
        held["session"] = session() | {"threads": options.threads, "scikit-learn": sklearn.__version__}
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(held, indent=1) + "\n", "utf-8")
        print(json.dumps(held["data"][data]["differences"], indent=1))


def _measured(
    data: str, name: str, table: pd.DataFrame, target: Any, kinds: Kinds, threads: int, keep: Path | None
) -> dict[str, dict[str, Any]]:
    """What a model foretells of each row when it has not learnt from it, and how long a fold took."""
    path = keep / f"{data}-{name}.json" if keep else None
    if path and path.exists():
        found: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8"))
        return found
    rows: dict[str, dict[str, Any]] = {}
    for fold, (learnt, asked) in enumerate(_folds(target)):
        began = time.perf_counter()
        made = MODELS[name](Fold(table.iloc[learnt], table.iloc[asked], target[learnt], kinds, fold, threads))
        seconds = time.perf_counter() - began
        for one, foretold in made.items():
            row = rows.setdefault(one, {"values": [0.0] * len(target), "chosen": [], "seconds": 0.0})
            for at, value in zip(asked.tolist(), foretold.values.tolist(), strict=True):
                row["values"][at] = value
            row["chosen"].append(dict(foretold.chosen))
            row["seconds"] += seconds / FOLDS
            error = float(np.sqrt(np.mean((foretold.values - target[asked]) ** 2)))
            print(f"  {one:<10} fold {fold}: {error:.4f}  {seconds:6.1f} s  {dict(foretold.chosen)}", flush=True)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(rows), "utf-8")
    return rows


def _folds(target: Any) -> list[tuple[Any, Any]]:
    return list(KFold(FOLDS, shuffle=True, random_state=0).split(target))


def _figures(target: Any, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """RMSE by fold and their mean; intervals, and differences of pairs, of bootstrap samples of all rows."""
    squares = {name: (np.array(row["values"]) - target) ** 2 for name, row in rows.items()}
    rng = np.random.default_rng(0)
    drawn: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(BOOTSTRAP):
        sample = rng.integers(0, len(target), len(target))
        for name, errors in squares.items():
            drawn[name].append(float(np.sqrt(errors[sample].mean())))
    models, folds = {}, [asked for _, asked in _folds(target)]
    for name, row in rows.items():
        by_fold = [float(np.sqrt(squares[name][asked].mean())) for asked in folds]
        models[name] = {
            "folds": by_fold,
            "mean": float(np.mean(by_fold)),
            **_interval(drawn[name]),
            "without_worst": float(np.sqrt(np.sort(squares[name])[:-WORST].mean())),
            "seconds": row["seconds"],
            "chosen": row["chosen"],
        }
    differences = [
        {
            "of": one,
            "beside": other,
            "mean": models[one]["mean"] - models[other]["mean"],
            **_interval(np.subtract(drawn[one], drawn[other])),
        }
        for one, other in PAIRS
        if one in rows and other in rows
    ]
    return {"rows": len(target), "models": models, "differences": differences}


def _nearest(
    table: pd.DataFrame, target: Any, kinds: Kinds, threads: int, asked: Mapping[str, tuple[str, ...]]
) -> dict[str, dict[str, list[str]]]:
    """The three nearest, with cosines, of some categories and words, learnt from all rows."""
    learner = embedder_of(Fold(table, table, target, kinds, 0, threads), table, target)
    told: dict[str, dict[str, list[str]]] = {}
    for column, keys in asked.items():
        found = learner.embeddings_[column]
        often = OFTEN[learner.columns_[column]]
        few = [
            key
            for key, count in zip(found.vocabulary, found.vocabulary.counts, strict=True)
            if count >= often and not key.startswith("<")
        ]
        among = jari.Embedding(few, np.stack([found[key] for key in few]))
        answers = {key: among.similar(key, k=3) for key in keys}
        told[column] = {
            key: [f"{one} {score:.2f}" for one, score in zip(near.keys, near.scores, strict=True)]
            for key, near in answers.items()
        }
    return told


def _interval(drawn: Any) -> dict[str, float]:
    low, high = np.percentile(drawn, [2.5, 97.5])
    return {"low": float(low), "high": float(high)}


# ── Data


def _ames() -> tuple[pd.DataFrame, Any, Kinds]:
    table = _read("ames.csv.gz").drop(columns=["Order", "PID"])
    table["MS SubClass"] = table["MS SubClass"].astype(str)
    target = np.log(table.pop("SalePrice").to_numpy(float))
    return table, target, _kinds(table, [])


def _dublin() -> tuple[pd.DataFrame, Any, Kinds]:
    table = _read("dublin-listings.csv.gz").drop(columns=["id"])
    target = np.log(table.pop("price").str.replace("[$,]", "", regex=True).to_numpy(float))
    return table, target, _kinds(table, ["name", "description", "neighborhood_overview", "amenities"])


def _kinds(table: pd.DataFrame, text: list[str]) -> Kinds:
    numeric = [str(name) for name in table.select_dtypes("number").columns]
    return Kinds([name for name in table if name not in {*numeric, *text}], numeric, text)


DATA: dict[str, Callable[[], tuple[pd.DataFrame, Any, Kinds]]] = {"Ames": _ames, "Dublin": _dublin}


def _read(name: str) -> pd.DataFrame:
    path = Path(os.environ.get("JARI_DATA", "../shared/data")).resolve() / "tables" / name
    if not path.is_file():
        sys.exit(f"There is no tables/{name} in the folder that JARI_DATA names (default: ../shared/data).")
    return pd.read_csv(path)


if __name__ == "__main__":
    main()
