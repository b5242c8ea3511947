"""What one-hot costs and does not say, beside an embedding: ``python -m benchmarks onehot [--write]``.

Three tables: how much memory a column takes, as zeros and ones and as row numbers of an embedding; how far categories
are from each other, of films that people rated; and what an order that is not there costs a model of house prices. With
``--write``, they go into docs/categories.md.

Data: interactions/ml-100k and tables/ames.csv.gz in the folder that JARI_DATA names (default: ../shared/data).
"""

from __future__ import annotations

import argparse
import gzip
import os
import platform
import re
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeRegressor

import jari
from jari.ingest.categories import LabelCategories, MultiHotCategories, OneHotCategories, OrdinalCategories

PAGE = Path(__file__).parents[1] / "docs" / "categories.md"
DIM = 32
FILMS = ("Star Wars (1977)", "Aladdin (1992)", "Alien (1979)")
QUALITY = ["Po", "Fa", "TA", "Gd", "Ex"]  # poor, fair, typical, good, excellent
LIKED = 4  # stars


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the generated column")
    parser.add_argument("--categories", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--write", action="store_true", help="put the tables into docs/categories.md")
    options = parser.parse_args()
    about = f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores."
    tables = {
        "size": "\n".join([*sizes(options.rows, options.categories), "", about]),
        "nearness": "\n".join(nearness()),
        "order": "\n".join(orders()),
    }
    for name, table in tables.items():
        print(f"{name}\n\n{table}\n")
    if options.write:
        write(tables)


def sizes(rows: int, categories: list[int]) -> Iterator[str]:
    """Memory of one column, and how long it takes to encode."""
    yield f"| categories | one-hot, dense | one-hot, sparse | ids | embedding of {DIM} dimensions | fit | transform |"
    yield "|--:|--:|--:|--:|--:|--:|--:|"
    for n in categories:
        draw = np.random.default_rng(0).permutation(rows) % n
        column = np.array([f"category {at}" for at in range(n)], dtype=object)[draw]
        start = time.perf_counter()
        encoder = OneHotCategories().fit(column)
        fitted = time.perf_counter()
        matrix = encoder.transform(column)
        done = time.perf_counter()
        ids = LabelCategories().fit_transform(column)
        width = len(encoder.vocabulary_)
        assert matrix.shape == (rows, width)
        sparse = matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes
        figures = [_bytes(4 * rows * width), _bytes(sparse), _bytes(ids.nbytes), _bytes(4 * width * DIM)]
        yield f"| {n:,} | {' | '.join(figures)} | {fitted - start:.1f} s | {done - fitted:.1f} s |"


def nearness() -> Iterator[str]:
    """How near films are to each other, and whether near ones are of the same genres."""
    baskets, genres = films()
    learner = jari.SpectralEmbedding(
        dim=DIM, window=2000, window_weighting="flat", sample=0, shift=1, threads=1, random_state=1
    )
    embedding = learner.fit(baskets).embedding_
    titles = list(embedding.vocabulary)
    encoder = OneHotCategories().fit(titles)
    one_hot = encoder.transform(titles)
    vectors = embedding.vectors / embedding.norms[:, None]
    yield f"| {len(titles):,} films | one-hot | embedding |"
    yield "|---|--:|--:|"
    yield f"| dimensions | {one_hot.shape[1]:,} | {embedding.dim} |"
    hot, learnt = _cosines(one_hot.toarray()), _cosines(vectors)
    for name, share in (("1 pair of 100 is nearer than", 0.99), ("half of the pairs are", 0.5)):
        far = [np.sqrt(2 - 2 * np.quantile(cosines, share)) for cosines in (hot, learnt)]
        yield f"| distance: {name} | {far[0]:.3f} | {far[1]:.3f} |"
    for name, share in (("1 pair of 100 is above", 0.99), ("half of the pairs are", 0.5)):
        near = [np.quantile(cosines, share) for cosines in (hot, learnt)]
        yield f"| cosine: {name} | {near[0]:.2f} | {near[1]:.2f} |"
    shared = _shared([genres[title] for title in titles])
    nearest = np.asarray(embedding.similar(titles, k=10).rows)
    found = float(np.take_along_axis(shared, nearest, axis=1).mean())
    chance = float((shared.sum() - np.trace(shared)) / (shared.size - len(shared)))
    yield f"| genres shared with the 10 nearest films | {chance:.2f}, as by chance | {found:.2f} |"
    yield ""
    yield "| film | nearest by one-hot | nearest in the embedding, with cosines |"
    yield "|---|---|---|"
    for film in FILMS:
        answer = embedding.similar(film, k=3)
        near = ", ".join(f"{key} {score:.2f}" for key, score in zip(answer.keys, answer.scores, strict=True))
        yield f"| {film} | all {len(titles) - 1:,} others alike | {near} |"


def films() -> tuple[list[list[str]], Mapping[str, list[str]]]:
    """Titles that each person liked, and the genres of each title."""
    folder = "interactions/ml-100k"
    names = [line.split("|")[0] for line in _lines(f"{folder}/u.genre") if line]
    titles, genres = {}, {}
    for line in _lines(f"{folder}/u.item"):
        if line:
            item, title, *_ = line.split("|")
            flags = line.split("|")[-len(names) :]
            titles[item], genres[title] = title, [one for one, flag in zip(names, flags, strict=True) if flag == "1"]
    liked: dict[str, list[str]] = {}
    for line in _lines(f"{folder}/u.data.gz"):
        if line:
            user, item, stars, _ = line.split("\t")
            if int(stars) >= LIKED:
                liked.setdefault(user, []).append(titles[item])
    return list(liked.values()), genres


def orders() -> Iterator[str]:
    """How well a house price is foretold from one column, by numbers of three kinds."""
    ames = pd.read_csv(_file("tables/ames.csv.gz"), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    price = np.log(ames["SalePrice"].astype(float).to_numpy())
    models = {"linear": Ridge(1.0), "tree": DecisionTreeRegressor(min_samples_leaf=20, random_state=0)}
    yield "| column | numbers | linear model | tree |"
    yield "|---|---|--:|--:|"
    for column, order in (("Neighborhood", None), ("Exter Qual", QUALITY), ("Kitchen Qual", QUALITY)):
        encoders: dict[str, Any] = {"labels": LabelCategories()}
        if order:
            encoders["ranks"] = OrdinalCategories(order)
        encoders["one-hot"] = OneHotCategories()
        count = f"{ames[column].nunique()} {'ordered' if order else 'without an order'}"
        for kind, encoder in encoders.items():
            folds = KFold(5, shuffle=True, random_state=0)
            scores = [
                cross_val_score(make_pipeline(encoder, model), ames[[column]], price, cv=folds, scoring="r2").mean()
                for model in models.values()
            ]
            yield f"| `{column}`, {count} | {kind} | {scores[0]:.3f} | {scores[1]:.3f} |"


def write(tables: Mapping[str, str]) -> None:
    """Put the tables between their marks in the page."""
    page = PAGE.read_text(encoding="utf-8")
    for name, table in tables.items():
        begin, end = f"<!-- benchmark:onehot-{name} -->", "<!-- /benchmark -->"
        between = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
        if not between.search(page):
            sys.exit(f"{PAGE.name} has no lines {begin} and {end} to put the table between.")
        page = between.sub(lambda _, begin=begin, table=table, end=end: f"{begin}\n{table}\n{end}", page)
    PAGE.write_text(page, encoding="utf-8")
    print(f"The tables are in {PAGE.name}.")


def _cosines(units: Any) -> np.ndarray[Any, Any]:
    """Of each pair of rows of length 1, shape (pairs,)."""
    products = units @ units.T
    return np.asarray(products[np.triu_indices(len(products), 1)])


def _shared(genres: list[list[str]]) -> np.ndarray[Any, Any]:
    """Jaccard's index of each two films: genres that they share, of those that either has."""
    flags: csr_array[Any] = MultiHotCategories().fit_transform(genres)
    both = (flags @ flags.T).toarray()
    sizes = both.diagonal()
    return np.asarray(both / np.maximum(sizes[:, None] + sizes - both, 1))


def _bytes(count: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count / 1e3:,.0f} kB"


def _lines(name: str) -> list[str]:
    path = _file(name)
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return content.decode("latin-1").splitlines()


def _file(name: str) -> Path:
    path = Path(os.environ.get("JARI_DATA", "../shared/data")).resolve() / name
    if not path.exists():
        sys.exit(f"There is no {name} in the folder that JARI_DATA names (default: ../shared/data).")
    return path


if __name__ == "__main__":
    main()
