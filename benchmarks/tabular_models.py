"""What foretells a column of a table in `benchmarks.tabular`, each tuned inside the rows that it learns from."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.linalg import orthogonal_procrustes
from scipy.sparse import csr_array, hstack
from sklearn.compose import make_column_transformer
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from jari.learn.neural.entity_embedder import EntityEmbedder

INNER = 3  # folds of the rows that are learnt from, by which all is chosen
ALPHAS = tuple(10.0 ** np.arange(-1, 2.1, 0.5))
RATE, STEPS = 0.05, 500
TREES = tuple(  # leaves, rows in a leaf, columns that a split may choose from
    {"max_leaf_nodes": leaves, "min_samples_leaf": least, "max_features": share}
    for leaves, (least, share) in itertools.product((8, 31), ((20, 1.0), (20, 0.3), (5, 0.3)))
)
LSA_DIM = 32
HALF, HALF_STEPS = {"max_leaf_nodes": 8, "min_samples_leaf": 20, "max_features": 0.3}, 300


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which columns are which."""

    categorical: list[str]
    numeric: list[str]
    text: list[str]


@dataclass(frozen=True, slots=True)
class Fold:
    """Rows to learn from, rows to foretell, and the logarithm of what the first cost."""

    learnt: pd.DataFrame
    asked: pd.DataFrame
    target: np.ndarray[Any, np.dtype[np.float64]]
    kinds: Kinds
    seed: int
    threads: int

    @property
    def inner(self) -> list[tuple[Any, Any]]:
        """The same for all that are tuned."""
        return list(KFold(INNER, shuffle=True, random_state=1).split(self.learnt))


@dataclass(frozen=True, slots=True)
class Foretold:
    """The logarithm of each asked row, and what was chosen by the inner folds."""

    values: np.ndarray[Any, np.dtype[np.float64]]
    chosen: Mapping[str, Any]


Model = Callable[[Fold], Mapping[str, Foretold]]


# ── A linear model


def ridge(fold: Fold) -> Mapping[str, Foretold]:
    """One-hot, TF-IDF and scaled numbers; what is missing is the median and a flag.

    Which words there are, and how often, is counted once on all rows that are learnt from: it says nothing of a target.
    First the settings of texts are chosen, with `min_frequency=3`, then `min_frequency`; alpha with each anew.
    """
    spoken = {"ngram_range": [(1, 1), (1, 2)], "min_df": [2, 5], "sublinear_tf": [False, True]}
    grid = [dict(zip(spoken, one, strict=True)) for one in itertools.product(*spoken.values())]
    texts, best = {}, (np.inf, 0.0)
    if fold.kinds.text:
        scored = []
        for one in grid:
            matrix = _ridge_rows(fold, texts=one, frequency=3)[0]
            scored.append((_ridge_alpha(fold, matrix), one))
        best, texts = min(scored, key=lambda each: each[0])
    frequency = 3
    for one in (1, 3, 10, 30):
        found = _ridge_alpha(fold, _ridge_rows(fold, texts=texts, frequency=one)[0])
        if found < best:
            best, frequency = found, one
    learnt, asked = _ridge_rows(fold, texts=texts, frequency=frequency)
    values = _ridge(best[1]).fit(learnt, fold.target).predict(asked)
    return {"ridge": Foretold(values, {"alpha": best[1], "min_frequency": frequency, **texts})}


def _ridge(alpha: float) -> Ridge:
    return Ridge(alpha=alpha, solver="sparse_cg", tol=1e-4)


def _ridge_alpha(fold: Fold, matrix: Any) -> tuple[float, float]:
    """The squared error of the best alpha, and this alpha."""
    errors = np.zeros(len(ALPHAS))
    for rows, held in fold.inner:
        for at, alpha in enumerate(ALPHAS):
            values = _ridge(alpha).fit(matrix[rows], fold.target[rows]).predict(matrix[held])
            errors[at] += ((values - fold.target[held]) ** 2).sum()
    return float(errors.min()), float(ALPHAS[errors.argmin()])


def _ridge_rows(fold: Fold, *, texts: Mapping[str, Any], frequency: int) -> tuple[Any, Any]:
    """The rows that are learnt from and those that are asked, sparse."""
    table = make_column_transformer(
        (OneHotEncoder(min_frequency=frequency, handle_unknown="infrequent_if_exist"), fold.kinds.categorical),
        (make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), fold.kinds.numeric),
    )
    learnt, asked = [csr_array(table.fit_transform(fold.learnt))], [csr_array(table.transform(fold.asked))]
    for column in fold.kinds.text:
        words = TfidfVectorizer(**texts)
        learnt.append(words.fit_transform(fold.learnt[column].fillna("")))
        asked.append(words.transform(fold.asked[column].fillna("")))
    return csr_array(hstack(learnt)), csr_array(hstack(asked))


# ── Gradient boosting


def ordinals(fold: Fold) -> Mapping[str, Foretold]:
    """Boosting on numbers and on categories as ordinals, taken for numbers; texts are left out."""
    learnt, asked = _ordinals(fold)
    return {"ordinals": _boosted(fold, learnt, asked)}


def native(fold: Fold) -> Mapping[str, Foretold]:
    """The same, where boosting knows which columns are categories."""
    learnt, asked = _ordinals(fold)
    flags = np.arange(learnt.shape[1]) < len(fold.kinds.categorical)
    return {"native": _boosted(fold, learnt, asked, categorical_features=flags)}


def lsa(fold: Fold) -> Mapping[str, Foretold]:
    """Ordinals, and of each text the first coordinates of its LSA, which know nothing of the target."""
    if not fold.kinds.text:
        return {}
    learnt, asked = ([one] for one in _ordinals(fold))
    for column in fold.kinds.text:
        words = make_pipeline(TfidfVectorizer(min_df=2, sublinear_tf=True), TruncatedSVD(LSA_DIM, random_state=0))
        learnt.append(words.fit_transform(fold.learnt[column].fillna("")))
        asked.append(words.transform(fold.asked[column].fillna("")))
    return {"lsa": _boosted(fold, np.hstack(learnt), np.hstack(asked))}


def _ordinals(fold: Fold) -> tuple[Any, Any]:
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan)
    table = make_column_transformer((encoder, fold.kinds.categorical), ("passthrough", fold.kinds.numeric))
    return table.fit_transform(fold.learnt).astype(float), table.transform(fold.asked).astype(float)


def _boosted(fold: Fold, learnt: Any, asked: Any, **more: Any) -> Foretold:
    parts = ((learnt[rows], learnt[held], rows, held) for rows, held in fold.inner)
    return _boosted_by(fold, parts, learnt, asked, **more)


def _boosted_by(fold: Fold, parts: Iterator[Any] | list[Any], learnt: Any, asked: Any, **more: Any) -> Foretold:
    """Choose trees and their number by the inner folds, each with rows of its own; learn from all."""
    errors = np.zeros((len(TREES), STEPS))
    for rows_of, held_of, rows, held in parts:
        for at, trees in enumerate(TREES):
            model = _trees(trees, STEPS, **more).fit(rows_of, fold.target[rows])
            for step, values in enumerate(model.staged_predict(held_of)):
                errors[at, step] += ((values - fold.target[held]) ** 2).sum()
    at, step = np.unravel_index(errors.argmin(), errors.shape)
    chosen = {"max_iter": int(step) + 1, **TREES[at]}
    values = _trees(TREES[at], int(step) + 1, **more).fit(learnt, fold.target).predict(asked)
    return Foretold(values, chosen)


def _trees(trees: Mapping[str, Any], steps: int, **more: Any) -> HistGradientBoostingRegressor:
    return HistGradientBoostingRegressor(
        learning_rate=RATE, max_iter=steps, early_stopping=False, random_state=0, **trees, **more
    )


# ── EntityEmbedder


def embedder(fold: Fold) -> Mapping[str, Foretold]:
    """EntityEmbedder by itself and, in front of boosting, as it is and out of fold.

    A vector that is given to boosting has seen the targets of the rows that it stands in; what it is asked for later
    has not been seen. So the trees are chosen by embedders that have not seen the inner fold either. Out of fold, the
    rows that are learnt from get their vectors of such embedders, too, each turned to the space of the one that has
    seen all.
    """
    whole = embedder_of(fold, fold.learnt, fold.target)
    learnt, asked = _vectors(whole, fold.learnt), _vectors(whole, fold.asked)
    dims = {name: one.dim for name, one in whole.embeddings_.items() if name in fold.kinds.categorical}
    parts, unseen = [], learnt.copy()
    for rows, held in fold.inner:
        one = embedder_of(fold, fold.learnt.iloc[rows], fold.target[rows], dims)
        seen, others = (_vectors(one, fold.learnt.iloc[some], learnt.columns) for some in (rows, held))
        parts.append((seen, others, rows, held))
        unseen.iloc[held] = _turned(seen, learnt.iloc[rows], others, whole)
    return {
        "embedder": Foretold(np.log(whole.predict(fold.asked)), {"epochs": len(whole.losses_)}),
        "vectors": _boosted_by(fold, parts, learnt, asked),
        "unseen": _boosted(fold, unseen.to_numpy(), asked.to_numpy()),
    }


def halves(fold: Fold) -> Mapping[str, Foretold]:
    """What it costs that vectors have seen the targets: they are learnt of one half of the rows, boosting of either.

    The vectors, the number of rows and the trees are the same for both.
    """
    seen, others = next(iter(KFold(2, shuffle=True, random_state=1).split(fold.learnt)))
    one = embedder_of(fold, fold.learnt.iloc[seen], fold.target[seen])
    asked, made = _vectors(one, fold.asked), {}
    for name, rows in (("half seen", seen), ("half unseen", others)):
        model = _trees(HALF, HALF_STEPS).fit(_vectors(one, fold.learnt.iloc[rows]), fold.target[rows])
        made[name] = Foretold(model.predict(asked), {"max_iter": HALF_STEPS, **HALF})
    return made


def embedder_of(fold: Fold, table: pd.DataFrame, target: Any, dims: Mapping[str, int] | None = None) -> EntityEmbedder:
    """With its defaults, the same for every table; `dims` are what the rule gives for all rows of the fold."""
    learner = EntityEmbedder(
        dims=dims,
        categorical=fold.kinds.categorical,
        numeric=fold.kinds.numeric,
        text=fold.kinds.text,
        target_transform="log",
        device="cpu",
        threads=fold.threads,
        random_state=fold.seed,
    )
    return learner.fit(table, np.exp(target))


def _vectors(learner: EntityEmbedder, table: pd.DataFrame, columns: Any = None) -> pd.DataFrame:
    """What `transform` gives; 0 in flags of missing numbers of which the learner has met none."""
    made = pd.DataFrame(learner.transform(table), columns=learner.get_feature_names_out())
    return made if columns is None else made.reindex(columns=columns, fill_value=0)


def _turned(of: pd.DataFrame, onto: pd.DataFrame, rows: pd.DataFrame, learner: EntityEmbedder) -> Any:
    """Rows whose vectors are turned, column by column, as turns the same rows of one space onto another's."""
    done = rows.copy()
    for column, embedding in learner.embeddings_.items():
        block = [f"{column}_{at}" for at in range(embedding.dim)]
        turn, _ = orthogonal_procrustes(of[block].to_numpy(), onto[block].to_numpy())
        done[block] = rows[block].to_numpy() @ turn
    return done.to_numpy()


MODELS: dict[str, Model] = {
    "ridge": ridge,
    "ordinals": ordinals,
    "native": native,
    "lsa": lsa,
    "embedder": embedder,
    "halves": halves,
}
