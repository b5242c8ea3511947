"""Word similarity: does the cosine of two words rank pairs as people do?"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from jari.embedding import Embedding
from jari.errors import BadFile, BadInput
from jari.evaluate.casing import Case, CaseIndex
from jari.evaluate.text import read_lines, set_name
from jari.types import Path, Rows

Values: TypeAlias = npt.NDArray[np.float64]  # (pairs,) or (samples, pairs)

_FEWEST = 3  # two pairs always agree or disagree wholly: a correlation of them says nothing


@dataclass(frozen=True, slots=True)
class WordPairs:
    """Pairs of words with the similarity that people gave them.

    Parameters
    ----------
    name
        What the set is called: ``"wordsim353"``.
    left, right
        The words, one of each a pair.
    scores
        As many, on any scale: only their order counts.

    Raises
    ------
    BadInput
        The three differ in length.
    """

    name: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    scores: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.left) == len(self.right) == len(self.scores):
            raise BadInput(
                f"{len(self.left)} left words, {len(self.right)} right words and {len(self.scores)} scores: "
                f"give as many of each."
            )

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True, slots=True)
class SimilarityResult:
    """How far an embedding agrees with people about which pairs are alike.

    Parameters
    ----------
    name
        Of the test set.
    spearman
        Rank correlation between cosines and human scores, -1 to 1; None where it has no meaning (see `reason`).
    low, high
        95 % interval of `spearman`: percentiles over bootstrap samples of the pairs. None where there is none.
    used, total
        Pairs with both words in the embedding, and all pairs.
    missing
        The words that the embedding does not hold, each once, in the order of the file.
    reason
        Why `spearman` is None; None where it is not.
    """

    name: str
    spearman: float | None
    low: float | None
    high: float | None
    used: int
    total: int
    missing: tuple[str, ...] = ()
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as a dictionary that `json.dumps` takes."""
        return asdict(self) | {"missing": list(self.missing)}


def read_pairs(path: Path) -> WordPairs:
    """Read a similarity test set: a word, a word and a score a line.

    Columns stand apart by tabs, by commas (fields may be quoted) or by spaces: the first row tells which. A first
    row whose third column is no number is a header. Lines that begin with ``#`` and empty lines are passed over.
    The file is UTF-8, with or without a byte order mark, plain or gzipped.

    Raises
    ------
    NoSuchFile
        Nothing is there.
    BadEncoding
        The bytes are not UTF-8.
    BadFile
        A row without exactly three columns, an empty word, a score that is no finite number, no pairs at all;
        the message says which line.
    """
    left, right, scores = [], [], []
    header_may_come = True
    for number, row in _rows(path):
        if len(row) != 3:
            raise BadFile(
                f"{path}, line {number}: {len(row)} column{'s' * (len(row) != 1)} ({_shorten(' | '.join(row))}), "
                f"where three belong: word, word, score."
            )
        first, second, written = (field.strip() for field in row)
        score = _number(written)
        is_header, header_may_come = header_may_come and score is None, False
        if is_header:
            continue
        if score is None or not math.isfinite(score):
            raise BadFile(f"{path}, line {number}: the score {_shorten(written)!r} is not a finite number.")
        if not first or not second:
            raise BadFile(f"{path}, line {number}: a word is empty; each line needs word, word, score.")
        left.append(first)
        right.append(second)
        scores.append(score)
    if not scores:
        raise BadFile(f"{path} holds no pairs: each line needs word, word, score.")
    return WordPairs(set_name(path), tuple(left), tuple(right), tuple(scores))


def similarity(
    embedding: Embedding,
    pairs: WordPairs,
    *,
    case: Case = "fold",
    bootstrap: int = 1000,
    random_state: int = 0,
) -> SimilarityResult:
    """Spearman's rank correlation between the cosines of word pairs and what people say of them.

    Pairs with a word that is not in the embedding are left out and counted.

    Parameters
    ----------
    embedding
        Where the vectors come from.
    pairs
        From `read_pairs`, or made by hand.
    case
        ``"fold"``: *Tiger* finds *tiger*, and of keys that differ only in case the first is taken.
        ``"exact"``: a word finds the very same key only.
    bootstrap
        Samples (with replacement, as many pairs as there are) for the 95 % interval; 0 leaves the interval out.
    random_state
        Seed of the bootstrap: the same seed gives the same interval.

    Returns
    -------
    result
        With fewer than 3 usable pairs, or no variation in them, `spearman` is None and `reason` says why:
        of several test sets, one that does not fit the embedding must not stop the others.

    Raises
    ------
    BadInput
        `case` is unknown or `bootstrap` is negative.

    Examples
    --------
    >>> from jari.embedding import Embedding
    >>> farm = Embedding(["cat", "kitten", "dog", "tractor"], [[5, 1], [4, 1], [3, 2], [-1, 4]])
    >>> judged = WordPairs("farm", ("Cat", "cat", "cat", "cat"), ("kitten", "dog", "tractor", "combine"), (9, 7, 1, 1))
    >>> result = similarity(farm, judged)
    >>> round(result.spearman, 3), result.used, result.total, result.missing
    (1.0, 3, 4, ('combine',))
    """
    if bootstrap < 0:
        raise BadInput(f"bootstrap={bootstrap} is negative: give the number of samples, or 0 for no interval.")
    index = CaseIndex(embedding.keys, case)
    left, right = index.rows(pairs.left), index.rows(pairs.right)
    known = (left >= 0) & (right >= 0)
    words = (word for pair in zip(pairs.left, pairs.right, strict=True) for word in pair)
    missing = tuple(dict.fromkeys(word for word in words if index.row(word) < 0))
    used, total = int(known.sum()), len(pairs)

    if used < _FEWEST:
        reason = f"only {used} of {total} pairs have both words in the embedding; at least {_FEWEST} are needed"
        return SimilarityResult(pairs.name, None, None, None, used, total, missing, reason)
    judged = np.asarray(pairs.scores, dtype=np.float64)[known]
    measured = _cosines(embedding, left[known], right[known])
    for what, values in (("score", judged), ("cosine", measured)):
        if (values == values[0]).all():
            reason = f"all {used} usable pairs have the same {what}, so there is no order to compare"
            return SimilarityResult(pairs.name, None, None, None, used, total, missing, reason)

    spearman = float(_spearman(judged[None], measured[None])[0])
    low, high = _interval(judged, measured, bootstrap, random_state)
    return SimilarityResult(pairs.name, spearman, low, high, used, total, missing)


def _cosines(embedding: Embedding, left: Rows, right: Rows) -> Values:
    a = np.asarray(embedding.vectors[left], dtype=np.float64)
    b = np.asarray(embedding.vectors[right], dtype=np.float64)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    # A zero vector has no direction: as far from everything as a right angle.
    cosines: Values = np.einsum("ij,ij->i", a, b) / np.where(lengths > 0, lengths, 1.0)
    # Words with themselves must tie at 1, not be ranked by the last bit of a float64.
    return cosines.round(12)


def _spearman(x: Values, y: Values) -> Values:
    """Row by row: Pearson's correlation of average ranks, shape (samples,); NaN where a row does not vary."""
    from scipy.stats import rankdata  # half a second to import: not for those who only read a file

    x, y = rankdata(x, axis=1), rankdata(y, axis=1)
    x -= x.mean(axis=1, keepdims=True)
    y -= y.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.einsum("ij,ij->i", x, x) * np.einsum("ij,ij->i", y, y))
    correlations: Values = np.full(len(x), np.nan)
    np.divide(np.einsum("ij,ij->i", x, y), spread, out=correlations, where=spread > 0)
    return correlations


def _interval(x: Values, y: Values, samples: int, seed: int) -> tuple[float, float] | tuple[None, None]:
    if samples == 0:
        return None, None
    drawn = np.random.default_rng(seed).integers(0, len(x), (samples, len(x)))
    correlations = _spearman(x[drawn], y[drawn])
    correlations = correlations[~np.isnan(correlations)]  # a sample of one pair many times over
    if not len(correlations):
        return None, None
    low, high = np.percentile(correlations, [2.5, 97.5])
    return float(low), float(high)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number and columns of each row that holds something."""
    lines = read_lines(path)
    kept = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not kept:
        return
    first = kept[0][1]
    if "\t" in first:
        yield from ((number, line.rstrip("\t").split("\t")) for number, line in kept)
    elif "," in first:
        for number, line in kept:
            try:
                yield number, next(csv.reader([line], strict=True))
            except csv.Error as error:
                raise BadFile(f"{path}, line {number}: quotes that do not fit together ({error}).") from error
    else:
        yield from ((number, line.split()) for number, line in kept)


def _number(written: str) -> float | None:
    try:
        return float(written)
    except ValueError:
        return None


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
