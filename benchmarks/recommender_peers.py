"""What the benchmark of recommenders learns with: Jari's learners and those of implicit, each with what is searched."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import csr_matrix, vstack
from threadpoolctl import threadpool_limits

from jari.embedding import Neighbours
from jari.errors import ExtraMissing
from jari.evaluate.recommendation import Recommends
from jari.ingest.interactions import Interactions
from jari.ingest.splits import Split

Parameters: TypeAlias = dict[str, Any]
Draw: TypeAlias = Callable[[np.random.Generator], Parameters]


@dataclass(frozen=True, slots=True)
class Contender:
    """One row of the table.

    Parameters
    ----------
    name
        In the table.
    learn
        From a split, parameters, a number of threads and a seed to something that answers.
    draw
        Parameters drawn at random; None where there is nothing to search. The first trial is always the defaults.
    """

    name: str
    learn: Callable[[Split, Parameters, int, int], Recommends]
    draw: Draw | None = None


def contenders() -> dict[str, Contender]:
    """Those that are here, by their short names."""
    found = {"popularity": _ours("popularity", "Popularity", None)}
    for name, draw in SPACES.items():
        module, learner = HOMES[name]
        try:
            importlib.import_module(f"jari.learn.{module}")
        except (ImportError, ExtraMissing) as missing:
            print(f"{learner} is left out: {missing}")
            continue
        found[name] = _ours(module, learner, draw)
    try:
        importlib.import_module("implicit")
    except ImportError:
        print("implicit is not installed, and left out.")
        return found
    found["implicit-als"] = Contender("implicit ALS", _implicit_als, _implicit_als_space)
    found["implicit-bpr"] = Contender("implicit BPR", _implicit_bpr, _implicit_bpr_space)
    return found


def _ours(module: str, learner: str, draw: Draw | None) -> Contender:
    def learn(split: Split, parameters: Parameters, threads: int, seed: int) -> Recommends:
        made = getattr(importlib.import_module(f"jari.learn.{module}"), learner)
        recommender: Recommends = made(**parameters, threads=threads, random_state=seed).fit(split.train)
        return recommender

    return Contender(learner, learn, draw)


# ── What is searched. The number of factors and of passes have the same choices everywhere.


_ENTRIES = 300  # about choices + unobserved · items of a user: what l2 is multiplied with in ImplicitALS


def _log(rng: np.random.Generator, low: float, high: float) -> float:
    """Each factor of ten as likely as the others, to three digits."""
    return float(f"{np.exp(rng.uniform(np.log(low), np.log(high))):.3g}")


def _one_of(rng: np.random.Generator, *choices: Any) -> Any:
    return choices[int(rng.integers(len(choices)))]


def _als_point(rng: np.random.Generator) -> Parameters:
    """What the two ALS have in common."""
    return {
        "dim": _one_of(rng, 16, 32, 64, 128),
        "epochs": _one_of(rng, 8, 16, 32),
        "unobserved": _log(rng, 0.01, 1),
        "l2": _log(rng, 0.001, 0.1),
    }


def _als_space(rng: np.random.Generator) -> Parameters:
    """At the same points as implicit's, and how regularisation grows with the entries besides, which implicit lacks."""
    drawn = _als_point(rng)
    exponent = _one_of(np.random.default_rng(int(drawn["l2"] * 1e6)), 0.0, 0.5, 1.0)  # draws nothing from `rng`
    return drawn | {"l2": float(f"{drawn['l2'] * _ENTRIES ** (1 - exponent):.3g}"), "l2_exponent": exponent}


def _implicit_als_space(rng: np.random.Generator) -> Parameters:
    drawn = _als_point(rng)
    alpha = 1 / drawn["unobserved"]
    return {
        "factors": drawn["dim"],
        "iterations": drawn["epochs"],
        "alpha": round(alpha, 2),
        "regularization": round(alpha * _ENTRIES * drawn["l2"], 2),
    }


def _bpr_space(rng: np.random.Generator) -> Parameters:
    return {
        "dim": _one_of(rng, 16, 32, 64, 128),
        "epochs": _one_of(rng, 30, 100, 300),
        "learning_rate": _log(rng, 0.003, 0.3),
        "l2": _log(rng, 1e-4, 0.1),
    }


def _implicit_bpr_space(rng: np.random.Generator) -> Parameters:
    return {
        "factors": _one_of(rng, 16, 32, 64, 128),
        "iterations": _one_of(rng, 30, 100, 300),
        "learning_rate": _log(rng, 0.003, 0.3),
        "regularization": _log(rng, 1e-4, 0.1),
    }


def _ease_space(rng: np.random.Generator) -> Parameters:
    return {"l2": _log(rng, 10, 3000)}


def _item2vec_space(rng: np.random.Generator) -> Parameters:
    return {
        "dim": _one_of(rng, 16, 32, 64, 128),
        "epochs": _one_of(rng, 30, 100, 300),
        "learning_rate": _log(rng, 0.003, 0.1),
        "noise_exponent": _one_of(rng, -0.5, 0.0, 0.5, 0.75),
        "popularity": _one_of(rng, 0.0, 0.3, 0.6),
    }


def _softmax_space(rng: np.random.Generator) -> Parameters:
    return {
        "dim": _one_of(rng, 32, 64, 128),
        "hidden": _one_of(rng, (), (64,), (256,)),
        "dropout": _one_of(rng, 0.0, 0.3),
        "learning_rate": _log(rng, 0.001, 0.01),
        "l2": _log(rng, 0.01, 3),
    }


HOMES = {
    "als": ("als", "ImplicitALS"),
    "bpr": ("bpr", "BPR"),
    "ease": ("ease", "EASE"),
    "item2vec": ("item2vec", "Item2Vec"),
    "softmax": ("neural.softmax_recommender", "SoftmaxRecommender"),
}
SPACES: dict[str, Draw] = {
    "als": _als_space,
    "bpr": _bpr_space,
    "ease": _ease_space,
    "item2vec": _item2vec_space,
    "softmax": _softmax_space,
}


# ── implicit


class Implicit:
    """A model of implicit's, asked as ours are asked.

    Parameters
    ----------
    model
        That has been fitted.
    rows
        From the key of a user to the row that the model knows; None where users are folded in.
    threads
        For its BLAS.
    """

    def __init__(self, model: Any, rows: Mapping[str, int] | None, threads: int) -> None:
        self._model, self._rows, self._threads = model, rows, threads

    def recommend_many(self, users: Interactions, k: int = 10, *, exclude_seen: bool = True) -> Neighbours:
        """The k best items of each user."""
        told = csr_matrix(users.matrix)
        at = np.arange(len(users.users)) if self._rows is None else [self._rows[key] for key in users.users]
        with threadpool_limits(1, "blas"):
            rows, scores = self._model.recommend(
                np.asarray(at),
                told,
                N=k,
                filter_already_liked_items=exclude_seen,
                **({} if self._rows is not None else {"recalculate_user": True}),
            )
        rows = np.where(scores > -1e30, rows, -1).astype(np.int64)  # what it puts where nothing is left
        return Neighbours(rows.astype(object), scores, rows)


def _implicit_als(split: Split, parameters: Parameters, threads: int, seed: int) -> Recommends:
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(**parameters, num_threads=threads, random_state=seed)
    with threadpool_limits(1, "blas"):
        model.fit(csr_matrix(split.train.matrix), show_progress=False)
    return Implicit(model, None, threads)


def _implicit_bpr(split: Split, parameters: Parameters, threads: int, seed: int) -> Recommends:
    """It cannot fold in: what is given of the users who are asked about is learnt from as well."""
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(**parameters, num_threads=threads, random_state=seed)
    with threadpool_limits(1, "blas"):
        model.fit(csr_matrix(vstack([split.train.matrix, split.given.matrix])), show_progress=False)
    first = len(split.train.users)
    return Implicit(model, {key: first + row for row, key in enumerate(split.given.users)}, threads)
