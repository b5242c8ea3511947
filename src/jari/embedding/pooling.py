"""One vector for a text: the sparse product S · E.

S is a bag of words, with a row a text and a column a key; E is `embedding.vectors`. This is the one definition of
pooling. With S from ``jari.ingest.bags.bag_of_words(texts, vocabulary=embedding.vocabulary).matrix``:

- ``"sum"``: S_ik is how often text i holds key k;
- ``"mean"``: the same, each row divided by its sum;
- weights w: S_ik · w_k, each row divided by its sum. Weights of 1 are the mean.

A row without entries is 0, and so is its vector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from jari.embedding.lookup import subwords_for
from jari.embedding.metrics import lengths_of
from jari.errors import BadInput
from jari.types import Counts, Matrix, Rows, Unknown, Vector

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding

Weights: TypeAlias = Literal["mean", "sum"] | npt.ArrayLike
Tokenizer: TypeAlias = Callable[[str], Iterable[str]]


def pool(
    embedding: Embedding,
    texts: Iterable[str | Iterable[str]],
    *,
    weights: Weights = "mean",
    normalize: bool = False,
    unknown: Unknown = "skip",
    tokenizer: Tokenizer | None = None,
) -> Matrix:
    """One vector a text: see `Embedding.pool`.

    Parameters
    ----------
    weights
        ``"mean"`` over the known tokens, ``"sum"``, or how much each key counts in a mean: shape (keys,), none below 0,
        such as `smooth_inverse_frequency` gives. Tokens that are put together from subwords count as much as the key
        that counts most: they are rare.

    Raises
    ------
    BadInput
        Weights that are none, one text instead of a list.
    UnknownKey
        A token is not there and ``unknown="raise"``.

    Examples
    --------
    >>> from jari.embedding import Embedding
    >>> embedding = Embedding(["the", "king"], [[1, 0], [0, 3]])
    >>> pool(embedding, ["the king", "king king the the", "?"]).tolist()
    [[0.5, 1.5], [0.5, 1.5], [0.0, 0.0]]
    >>> pool(embedding, ["the king"], weights=[0.5, 1.5]).tolist()
    [[0.25, 2.25]]
    """
    each = _weights_of(embedding, weights)
    if isinstance(texts, str):
        raise BadInput(f"Give a list of texts, not one text ({texts[:40]!r}): pool([text])[0] pools one.")
    subwords = subwords_for(embedding, unknown)
    tokens: list[str] = []
    ends = [0]
    for found in _tokens(list(texts), tokenizer or str.split):
        tokens += found
        ends.append(len(tokens))
    rows = embedding.vocabulary.rows(tokens, unknown="raise" if unknown == "raise" else "mark")
    taken = rows >= 0
    pooled, totals = _product(rows, taken, ends, embedding.vectors, each)
    if subwords is not None and not taken.all():
        strange: dict[str, int] = {}  # each put together once, however often it comes
        for place in np.flatnonzero(~taken):
            rows[place] = strange.setdefault(tokens[place], len(strange))
        composed = np.array([subwords.compose(token) for token in strange])
        most = None if each is None else np.full(len(strange), each.max(initial=0))
        more, of_more = _product(rows, ~taken, ends, composed, most)
        pooled += more
        totals += of_more
    if not isinstance(weights, str) or weights == "mean":
        pooled /= np.where(totals > 0, totals, 1)[:, None]
    if normalize:
        lengths = lengths_of(pooled.astype(np.float64))
        pooled /= np.where(lengths > 0, lengths, 1.0).astype(np.float32)[:, None]
    return pooled


def _tokens(texts: list[str | Iterable[str]], tokenizer: Tokenizer) -> Iterator[Iterable[str]]:
    """The tokens of each text; with a tokenizer that is faster on many texts, it gets them together."""
    strings = [text for text in texts if isinstance(text, str)]
    many = getattr(tokenizer, "many", None)
    found = iter(map(tokenizer, strings) if many is None else many(strings))
    return (next(found) if isinstance(text, str) else text for text in texts)


def _product(
    columns: Rows, taken: npt.NDArray[np.bool_], ends: list[int], vectors: Matrix, each: Vector | None
) -> tuple[Matrix, Vector]:
    """The weighted sums of the vectors of those tokens that are `taken`, and of the weights themselves."""
    from scipy.sparse import csr_array  # a tenth of a second, and only pooling needs it

    columns, offsets = columns[taken], np.concatenate([[0], np.cumsum(taken)])[ends]
    share = np.ones(len(columns), np.float32) if each is None else each[columns]
    bags = csr_array((share, columns, offsets), shape=(len(offsets) - 1, len(vectors)))
    return np.asarray(bags @ vectors, np.float32), np.asarray(bags.sum(axis=1), np.float32)


def smooth_inverse_frequency(counts: Counts | None, a: float = 1e-3) -> Vector:
    """How much each word should count in the mean of a text: ``a / (a + p)``, frequent words little.

    Parameters
    ----------
    counts
        How often each key was seen, shape (n,): ``embedding.vocabulary.counts``.
    a
        The frequency at which a word counts half.

    Raises
    ------
    BadInput
        Nobody counted, or `a` is not above 0.

    Notes
    -----
    The weights of Arora, Liang & Ma 2017, *A Simple but Tough-to-Beat Baseline for Sentence Embeddings*; they go on to
    take away the first principal component of all texts.

    Examples
    --------
    >>> smooth_inverse_frequency(np.array([900, 99, 1]))
    array([0.00..., 0.01 , 0.5  ], dtype=float32)
    """
    if counts is None:
        raise BadInput(
            "This vocabulary came without counts, which weights by frequency need. Give weights of your own."
        )
    if not a > 0:
        raise BadInput(f"a={a!r}: it is a frequency. Give a number above 0.")
    frequencies = counts / max(1, int(np.sum(counts)))
    return cast(Vector, (a / (a + frequencies)).astype(np.float32))


def _weights_of(embedding: Embedding, weights: Any) -> Vector | None:
    """The weight of each key; None where each is 1."""
    if isinstance(weights, str):
        if weights not in ("mean", "sum"):
            raise BadInput(f"weights={weights!r} is not known: choose 'mean' or 'sum', or give a number for each key.")
        return None
    each = np.asarray(weights)
    if each.shape != (len(embedding),) or each.dtype.kind not in "fiu":
        raise BadInput(
            f"weights of shape {each.shape} and type {each.dtype}: give one number a key, shape ({len(embedding)},)."
        )
    if len(each) and not (np.isfinite(each).all() and each.min() >= 0):
        worst = int(np.argmin(np.where(np.isfinite(each), each, -np.inf)))
        raise BadInput(
            f"The weight of {embedding.keys[worst]!r} is {each[worst]}: weights are finite numbers, none below 0."
        )
    return each.astype(np.float32)
