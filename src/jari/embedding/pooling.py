"""One vector for a text: the sparse product S · E.

S is a bag of words, with a row a text and a column a key; E is `embedding.vectors`. This is the one definition of
pooling, whatever the bags hold: words of a text, films that a user saw, what is in a basket. S_ik is how often text i
holds key k; then

- ``"sum"``: S · E;
- ``"mean"``: the same, each row divided by the sum of its row of S;
- weights w, one a key: the same of S_ik · w_k. Weights of 1 are the mean;
- ``"tfidf"``: w_k = ln((1 + N) / (1 + N_k)) + 1, where N_k of N texts hold k;
- ``"sif"``: w_k = a / (a + p_k), where p_k is the share of k among all words that were counted; and then what all texts
  have in common is taken away, the first principal component of their vectors (Arora, Liang & Ma 2017).

A row without entries is 0, and so is its vector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt

from jari.embedding.bags import Bag, Tokenizer, bag_of, bag_of_matrix
from jari.embedding.lookup import subwords_for
from jari.embedding.metrics import lengths_of
from jari.embedding.parts import frozen
from jari.errors import BadInput
from jari.threads import thread_count
from jari.types import Counts, Ids, Matrix, Unknown, Vector

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding

Weights: TypeAlias = Literal["mean", "sum", "tfidf", "sif"] | npt.ArrayLike
Result = TypeVar("Result")

HALF_WEIGHT = 1e-3  # the frequency at which a word counts half: Arora et al.'s `a`
_AT_ONCE = 4096  # texts: some 50,000 words, a few milliseconds of work


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Pooling:
    """How texts become vectors: what is found out from many texts, and holds for others.

    One text alone does not say which words are rare, nor what all texts have in common. `fit` finds that out from many;
    a query is then pooled as the documents were.

    Parameters
    ----------
    embedding
        Keys and their vectors.
    each
        How much each key counts, shape (keys,); None where each counts the same. Tokens that are put together from
        subwords count as much as the key that counts most: they are rare.
    divided
        Whether sums are divided by what was summed up: a mean.
    common
        Directions that are taken away, orthonormal, shape (components, d).
    normalize, unknown, tokenizer, threads
        As for `Embedding.pool`.

    Examples
    --------
    >>> from jari.embedding import Embedding
    >>> embedding = Embedding(["the", "king", "queen"], [[1, 0], [0, 3], [1, 4]])
    >>> pooling = Pooling.fit(embedding, ["the king", "the queen", "the the"], "tfidf")
    >>> pooling(["the king"]).round(2)
    array([[0.37, 1.89]], dtype=float32)
    """

    embedding: Embedding
    each: Vector | None = None
    divided: bool = True
    common: Matrix | None = None
    normalize: bool = False
    unknown: Unknown = "skip"
    tokenizer: Tokenizer | None = None
    threads: int | None = None

    @classmethod
    def fit(cls, embedding: Embedding, texts: Any, weights: Weights = "sif", **options: Any) -> Pooling:
        """Find out from texts how to pool them, and others.

        Parameters
        ----------
        embedding
            Keys and their vectors.
        texts, weights
            As for `Embedding.pool`.
        **options
            `normalize`, `unknown`, `tokenizer`, `threads`.

        Raises
        ------
        BadInput
            Weights that are none; ``"sif"`` of an embedding without counts, or of fewer than two texts.
        """
        held = _held(texts)
        started = cls._started(embedding, held, weights, options)
        return replace(started, common=_in_common(started._summed(held))) if _is(weights, "sif") else started

    @classmethod
    def expected(cls, embedding: Embedding, **options: Any) -> Pooling:
        """SIF without any texts: what is taken away is the direction in which a text is to be expected.

        With w = a / (a + p), the words of a text drawn by their frequencies p sum up to Σ p w v; all texts have that in
        common. On Cranfield it serves as well as the first principal component of the documents (docs/retrieval.md).

        Parameters
        ----------
        embedding
            With counts.
        **options
            `normalize`, `unknown`, `tokenizer`, `threads`.

        Raises
        ------
        BadInput
            Nobody counted.

        Examples
        --------
        >>> from jari.embedding import Embedding, Vocabulary
        >>> embedding = Embedding(Vocabulary(["the", "king"], [999, 1]), [[1, 0], [1, 2]])
        >>> Pooling.expected(embedding)(["the", "king"]).round(1)
        array([[ 0.3, -0.5],
               [-0.6,  0.9]], dtype=float32)
        """
        counts = embedding.vocabulary.counts
        weights = smooth_inverse_frequency(counts)
        common = np.zeros(embedding.dim)
        for start in range(0, len(embedding), _AT_ONCE):
            now = slice(start, start + _AT_ONCE)
            share = cast(Counts, counts)[now] * weights[now].astype(np.float64)
            common += share @ embedding.vectors[now].astype(np.float64)
        length = np.linalg.norm(common)
        direction = (common / length).astype(np.float32)[None, :] if length > 0 else None
        return cls(embedding=embedding, each=weights, common=direction, **options)

    @classmethod
    def _started(cls, embedding: Embedding, texts: Any, weights: Weights, options: dict[str, Any]) -> Pooling:
        """All but the directions that are taken away."""
        plain = cls(embedding=embedding, **options)
        if not isinstance(weights, str):
            return replace(plain, each=_weights_of(embedding, weights))
        if weights in ("mean", "sum"):
            return replace(plain, divided=weights == "mean")
        if weights == "sif":
            return replace(plain, each=smooth_inverse_frequency(embedding.vocabulary.counts))
        if weights == "tfidf":
            return replace(plain, each=plain._inverse_document_frequency(texts))
        raise BadInput(
            f"weights={weights!r} is not known: choose 'mean', 'sum', 'tfidf' or 'sif', or give a number for each key."
        )

    def __call__(self, texts: Any) -> Matrix:
        """One vector a text, shape (texts, d), float32."""
        return self._finished(self._summed(_held(texts)))

    def _summed(self, texts: Any) -> Matrix:
        """The vectors before anything is taken away from them."""
        vectors = self.embedding.vectors
        subwords = subwords_for(self.embedding, self.unknown)

        def pooled(bag: Bag) -> Matrix:
            weights = np.ones(len(bag.rows), np.float32) if self.each is None else self.each[bag.rows]
            found, totals = _sums(vectors, bag, bag.rows, weights)
            if subwords is not None and len(bag.rows) and bag.rows.min() < 0:
                strange: dict[Any, int] = {}  # each put together once, however often it comes
                rows = np.full(len(bag.rows), -1, np.int32)
                for place in np.flatnonzero(bag.rows < 0):
                    token = bag.token(int(place))
                    if not isinstance(token, str):
                        raise self.embedding.vocabulary.unknown(token)
                    rows[place] = strange.setdefault(token, len(strange))
                most = 1.0 if self.each is None else float(self.each.max(initial=0))
                weights = np.full(len(rows), most, np.float32)
                more, of_more = _sums(subwords.compose_many(list(strange)), bag, rows, weights)
                found += more
                totals += of_more
            if self.divided:
                found /= np.where(totals > 0, totals, 1)[:, None]
            return found

        pieces = list(self._over_bags(texts, pooled))
        return pieces[0] if len(pieces) == 1 else np.concatenate([np.empty((0, vectors.shape[1]), np.float32), *pieces])

    def _finished(self, pooled: Matrix) -> Matrix:
        if self.common is not None:
            pooled -= (pooled @ self.common.T) @ self.common
        if self.normalize:
            lengths = lengths_of(pooled.astype(np.float64))
            pooled /= np.where(lengths > 0, lengths, 1.0).astype(np.float32)[:, None]
        return pooled

    def _inverse_document_frequency(self, texts: Any) -> Vector:
        keys = len(self.embedding)
        seen, documents = np.zeros(keys), 0
        for found, many in self._over_bags(texts, lambda bag: (bag.document_frequencies(keys), len(bag))):
            seen += found
            documents += many
        return cast(Vector, (np.log((1 + documents) / (1 + seen)) + 1).astype(np.float32))

    def _over_bags(self, texts: Any, work: Callable[[Bag], Result]) -> Iterator[Result]:
        """`work` done on some texts after others, by several threads at once; what it gave, in order."""
        vocabulary = self.embedding.vocabulary
        if not isinstance(texts, list):
            yield work(bag_of_matrix(vocabulary, texts))
            return

        def read(first: int) -> Result:
            bag = bag_of(vocabulary, texts[first : first + _AT_ONCE], self.tokenizer)
            if self.unknown == "raise" and len(bag.rows) and bag.rows.min() < 0:
                raise vocabulary.unknown(bag.token(int(np.argmin(bag.rows))))
            return work(bag)

        threads = thread_count(self.threads)
        if len(texts) <= _AT_ONCE or threads == 1:
            yield from map(read, range(0, len(texts), _AT_ONCE))
        else:
            with ThreadPoolExecutor(threads, thread_name_prefix="jari-pooling") as pool:
                yield from pool.map(read, range(0, len(texts), _AT_ONCE))


def pool(embedding: Embedding, texts: Any, *, weights: Weights = "mean", **options: Any) -> Matrix:
    """One vector a text: see `Embedding.pool`.

    Examples
    --------
    >>> from jari.embedding import Embedding
    >>> embedding = Embedding(["the", "king"], [[1, 0], [0, 3]])
    >>> pool(embedding, ["the king", "king king the the", "?"]).tolist()
    [[0.5, 1.5], [0.5, 1.5], [0.0, 0.0]]
    >>> pool(embedding, [{"the": 1, "king": 2}], weights="sum").tolist()
    [[1.0, 6.0]]
    >>> pool(embedding, ["the king"], weights=[0.5, 1.5]).tolist()
    [[0.25, 2.25]]
    """
    held = _held(texts)
    started = Pooling._started(embedding, held, weights, options)
    pooled = started._summed(held)
    if _is(weights, "sif"):
        started = replace(started, common=_in_common(pooled))
    return started._finished(pooled)


def smooth_inverse_frequency(counts: Counts | None, a: float = HALF_WEIGHT) -> Vector:
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
    The weights of Arora, Liang & Ma 2017, *A Simple but Tough-to-Beat Baseline for Sentence Embeddings*. `Pooling.fit`
    goes on as they do and takes away the first principal component of all texts.

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


def _held(texts: Any) -> Any:
    """Texts as a list, a sparse matrix as it is."""
    if isinstance(texts, str):
        raise BadInput(f"Give a list of texts, not one text ({texts[:40]!r}): pool([text])[0] pools one.")
    return texts if hasattr(texts, "tocsr") else list(texts)


def _is(weights: Weights, name: str) -> bool:
    return isinstance(weights, str) and weights == name


def _sums(vectors: Matrix, bag: Bag, rows: Ids, weights: Vector) -> tuple[Matrix, Vector]:
    """The weighted sums of the vectors in some rows, and of the weights themselves."""
    from jari.kernels.pooling import weighted_sums  # half a second that opening an embedding does not need

    if bag.counts is not None:
        weights = weights * bag.counts
    out, totals = np.empty((len(bag), vectors.shape[1]), np.float32), np.empty(len(bag), np.float32)
    weighted_sums(frozen(vectors), rows, weights, bag.ends, 0, len(bag), out, totals)
    return out, totals


def _in_common(pooled: Matrix) -> Matrix:
    """The first principal component of vectors, around 0: shape (1, d)."""
    told = int(np.count_nonzero(np.abs(pooled).max(axis=1, initial=0)))
    if told < 2:
        raise BadInput(
            f"weights='sif' takes away what all texts have in common, and {told} of the texts given {_holds(told)} a "
            "known word: fit it on many texts (Pooling.fit), or give weights=smooth_inverse_frequency(counts)."
        )
    gram = np.zeros((pooled.shape[1], pooled.shape[1]))
    for start in range(0, len(pooled), _AT_ONCE):
        exact = pooled[start : start + _AT_ONCE].astype(np.float64)
        gram += exact.T @ exact
    return np.ascontiguousarray(np.linalg.eigh(gram)[1][:, -1:].T, dtype=np.float32)


def _holds(told: int) -> str:
    return "holds" if told == 1 else "hold"


def _weights_of(embedding: Embedding, weights: Any) -> Vector:
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
