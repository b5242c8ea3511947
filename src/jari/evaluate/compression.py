"""What compression costs: bytes, neighbours that are no longer found, analogies that are no longer solved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from jari.embedding import Embedding
from jari.embedding.codes import CompressedEmbedding
from jari.embedding.compression import Method, compress
from jari.errors import BadInput
from jari.evaluate.analogy import Analogies, analogies
from jari.evaluate.casing import CaseIndex
from jari.types import Callback, Matrix, Progress, Rows

_SECONDS = 0.5  # of queries, to tell how fast they are
_WARM_UP = 5
_ANSWERS = 20  # that are scored for an analogy where codes are rescored, some of them the question's own words


@dataclass(frozen=True, slots=True)
class CompressionResult:
    """What one method made of an embedding.

    Parameters
    ----------
    method
        As for `jari.embedding.compression.compress`.
    dim
        How many dimensions are left.
    bytes_per_key
        Of all vectors and codes; keys not counted.
    scanned_bytes_per_key
        What a search runs through: less where finer codes only rescore a shortlist.
    recall
        The share of the k nearest keys of the embedding that are among the k nearest here.
    analogies
        The share of analogies solved; None where none were given, or could be asked.
    queries_per_second
        One query at a time.
    seconds
        That compressing took.
    """

    method: str
    dim: int
    bytes_per_key: float
    scanned_bytes_per_key: float
    recall: float
    analogies: float | None
    queries_per_second: float
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """The same as a dictionary that `json.dumps` takes."""
        return {name: getattr(self, name) for name in self.__slots__}


def methods_for(dim: int) -> tuple[str, ...]:
    """The methods that are worth a look for vectors of so many dimensions.

    Examples
    --------
    >>> methods_for(100)[:4]
    ('float32', 'float16', 'int8', 'binary')
    """
    half, quarter = max(1, dim // 2), max(1, dim // 4)
    return (
        "float32",
        "float16",
        "int8",
        "binary",
        "binary+int8",
        f"pq:{quarter}",
        f"pq:{quarter}+int8",
        f"pq:{half}",
        f"pca:{half}",
        f"pca:{half}+int8",
        "all-but-the-top",
        f"processed-pca:{half}",
        f"truncate:{half}",
    )


def compare_compression(
    embedding: Embedding,
    methods: Sequence[str] | None = None,
    *,
    k: int = 10,
    queries: int = 1000,
    questions: Analogies | None = None,
    restrict: int | None = 30_000,
    random_state: int | None = 0,
    callback: Callback | None = None,
) -> Iterator[CompressionResult]:
    """Compress an embedding by one method after another, and measure each.

    Queries are keys drawn by chance: the vector of each (mapped as the others where dimensions are reduced, but never
    coded) asks for its k nearest keys by cosine, itself left out. What an exact search of `embedding` finds is right.

    Analogies are solved as `analogies` does, with decoded vectors; where codes are rescored, by searching with the sum
    of the finer vectors.

    Parameters
    ----------
    embedding
        With its keys ordered by frequency, where analogies are asked.
    methods
        As for `jari.embedding.compression.compress`; those of `methods_for` if not given.
    k
        How many neighbours.
    queries
        How many; all keys where there are fewer.
    questions, restrict
        As for `analogies`.
    random_state
        Which keys ask, and where k-means begins.
    callback
        Told which method is at work.

    Raises
    ------
    BadInput
        A method is not known or does not fit the embedding, or there are fewer than two keys.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> small = Embedding(map(str, range(300)), rng.normal(size=(300, 16)))
    >>> for result in compare_compression(small, ["int8", "binary"], queries=50):
    ...     print(result.method, result.bytes_per_key, result.recall > 0.9)
    int8 20.0 True
    binary 8.426666666666666 False
    """
    chosen = list(methods_for(embedding.dim) if methods is None else methods)
    for method in chosen:  # before the work begins
        Method.of(method)
    if len(embedding) < 2:
        raise BadInput(f"An embedding of {len(embedding)} keys has no neighbours to find: there must be two or more.")
    rng = np.random.default_rng(random_state)
    rows = np.sort(rng.choice(len(embedding), min(queries, len(embedding)), replace=False))
    right = _without(rows, embedding.similar(embedding.vectors[rows], k=k + 1).rows, k)
    for done, method in enumerate(chosen):
        if callback is not None:
            callback(Progress(f"comparing: {method}", done, len(chosen), "methods"))
        yield _measured(embedding, method, rows, right, questions, restrict, random_state)
    if callback is not None:
        callback(Progress("comparing", len(chosen), len(chosen), "methods"))


def _measured(
    embedding: Embedding,
    text: str,
    rows: Rows,
    right: Rows,
    questions: Analogies | None,
    restrict: int | None,
    random_state: int | None,
) -> CompressionResult:
    start = time.perf_counter()
    method = Method.of(text)
    reduced = method.reduced(embedding)
    made: Embedding | CompressedEmbedding = reduced
    if method.codes is not None:
        made = compress(reduced, str(replace(method, reductions=())), random_state=random_state)
    seconds = time.perf_counter() - start
    k = right.shape[1]
    vectors = reduced.vectors[rows]
    found = _without(rows, made.similar(vectors, k=k + 1).rows, k)
    alike = np.mean([len(np.intersect1d(mine, true)) for mine, true in zip(found, right, strict=True)]) / k
    return CompressionResult(
        method=text,
        dim=made.dim,
        bytes_per_key=4.0 * made.dim if isinstance(made, Embedding) else made.bytes_per_key,
        scanned_bytes_per_key=4.0 * made.dim if isinstance(made, Embedding) else made.codes.bytes_per_key,
        recall=float(alike),
        analogies=None if questions is None else _solved(made, questions, restrict),
        queries_per_second=_rate(lambda at: made.similar(vectors[at % len(vectors)], k=k)),
        seconds=seconds,
    )


def _without(rows: Rows, found: Rows, k: int) -> Rows:
    """The first k of each line that are not the query's own row."""
    kept = found != rows[:, None]
    kept[:, -1] &= ~kept.all(axis=1)  # the query itself was not found: leave out the last one instead
    first: Rows = found[kept].reshape(len(found), -1)[:, :k]
    return first


def _rate(ask: Callable[[int], object]) -> float:
    for at in range(_WARM_UP):
        ask(at)
    taken: list[float] = []
    begin = now = time.perf_counter()
    while now - begin < _SECONDS:
        ask(len(taken))
        taken.append(time.perf_counter() - now)
        now += taken[-1]
    return 1.0 / float(np.median(taken))


def _solved(made: Embedding | CompressedEmbedding, questions: Analogies, restrict: int | None) -> float | None:
    if isinstance(made, Embedding):
        return analogies(made, questions, restrict=restrict).accuracy
    if made.finer is None:
        return analogies(made.embedding(), questions, restrict=restrict).accuracy
    return _solved_by_search(made, questions, restrict)


def _solved_by_search(made: CompressedEmbedding, questions: Analogies, restrict: int | None) -> float | None:
    """3CosAdd, where only a shortlist is scored."""
    n = len(made) if restrict is None else min(restrict, len(made))
    index = CaseIndex(made.keys[:n])
    asked = [question for section in questions.sections for question in section.questions]
    rows = index.rows(word for question in asked for word in question).reshape(-1, 4)
    rows = rows[np.all(rows >= 0, axis=1)]
    if not len(rows):
        return None
    a, b, c = (_units(made.vectors[rows[:, at]]) for at in range(3))
    found = made.similar(b - a + c, k=min(_ANSWERS, n), rows=np.arange(n)).rows
    classes = index.classes[found]
    barred: npt.NDArray[np.bool_] = (classes[:, :, None] == index.classes[rows[:, None, :3]]).any(axis=2)
    first = classes[np.arange(len(rows)), np.argmin(barred, axis=1)]
    return float(np.mean(first == rows[:, 3]))


def _units(vectors: Matrix) -> Matrix:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    units: Matrix = np.divide(vectors, lengths, dtype=np.float32)
    return units
