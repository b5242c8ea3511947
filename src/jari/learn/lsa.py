"""`LSA`: words and documents from the documents that words stand in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import numpy.typing as npt

from jari import parameters
from jari.embedding import Embedding
from jari.errors import BadInput
from jari.ingest import Corpus
from jari.ingest.bags import Bags, bag_of_words
from jari.learn.centred import centred_svd, product
from jari.learn.svd import truncated_svd
from jari.learn.textlearner import TextLearner
from jari.threads import thread_count
from jari.types import Callback, Matrix, Progress, Vector

if TYPE_CHECKING:
    from jari.ingest.bags import Sparse

Doubles = npt.NDArray[np.float64]


class LSA(TextLearner):
    """Words and documents to vectors, by the singular values of how often each word stands in each document.

    Parameters
    ----------
    weighting
        ``"tfidf"``: counts, less for words that stand in many documents, each document brought to unit length;
        ``"tf"``: counts, at unit length; ``"count"``: as counted. The first two are scikit-learn's `TfidfTransformer`.
    dim
        How many singular values, and numbers in a vector. 100 to 300 serve.
    p
        Vectors are scaled by the singular values to this power. With 0.5, the product of a word's and a document's
        vector is about the weight of the word in the document, and words compare best; 1 keeps distances between
        documents, as principal components do.
    center
        Take the mean of the documents away first: principal components. The matrix stays sparse all the same.
    iterations
        Power iterations of the randomised SVD. 2 are nearly twice as fast, and the last components less exact.
    min_count
        Words seen less often are left out.
    max_vocabulary
        Keep at most so many words, the most frequent ones.
    tokenizer
        ``"words"``, ``"whitespace"`` or a function from a string to a list of words.
    threads
        None uses every core. The vectors are the same with any number.
    random_state
        A seed, or None for another one each time: vectors differ by little more than rounding.
    callbacks
        Called with a `Progress` some ten times a second.

    Attributes
    ----------
    embedding_ : Embedding
        The words.
    documents_ : Embedding
        The documents, each a string, list of words, or line of a file; those without a word that was kept are there
        too, at 0 (with `center` at where a document without words belongs).
    components_ : ndarray of shape (dim, words)
        Orthonormal rows: in scikit-learn's words the right singular vectors.
    singular_values_, explained_variance_ratio_ : ndarray of shape (dim,)
        And the share of the variance of all weights that each dimension has, as `TruncatedSVD` counts it.
    mean_ : ndarray of shape (words,), or None
        What `center` took away.
    seed_ : int
        The seed that was used.

    Notes
    -----
    Deerwester, Dumais, Furnas, Landauer & Harshman 1990, *Indexing by Latent Semantic Analysis*: X ≈ U Σ Vᵀ with a row
    of X a document; words are V Σᵖ, documents U Σᵖ, here as X V Σᵖ⁻¹, so that `transform` gives a document of the
    text the vector that `documents_` has of it.

    Examples
    --------
    >>> text = ["ship boat ocean", "boat ocean", "ship ocean", "tree wood", "tree wood leaf", "leaf wood"]
    >>> learner = LSA(dim=2, min_count=1, random_state=1).fit(text, keys=["a", "b", "c", "d", "e", "f"])
    >>> sorted(learner.documents_.similar("a", k=2).keys)
    ['b', 'c']
    >>> sorted(learner.documents_.similar(learner.transform(["a leaf"])[0], k=3).keys)
    ['d', 'e', 'f']
    """

    def __init__(
        self,
        weighting: Literal["tfidf", "tf", "count"] = "tfidf",
        *,
        dim: int = 100,
        p: float = 0.5,
        center: bool = False,
        iterations: int = 5,
        min_count: int = 5,
        max_vocabulary: int | None = None,
        tokenizer: Any = "words",
        threads: int | None = None,
        random_state: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.weighting = weighting
        self.dim = dim
        self.p = p
        self.center = center
        self.iterations = iterations
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.tokenizer = tokenizer
        self.threads = threads
        self.random_state = random_state
        self.callbacks = callbacks

    def check(self) -> None:
        """Look at every parameter, as `fit` does before it reads any text.

        Raises
        ------
        BadInput
            A parameter out of its range.

        Examples
        --------
        >>> LSA("bm25").check()
        Traceback (most recent call last):
        jari.errors.BadInput: weighting='bm25': choose 'tfidf' or 'tf' or 'count'.
        """
        parameters.choice("weighting", self.weighting, ("tfidf", "tf", "count"))
        super().check()
        parameters.whole("dim", self.dim, 1, "a vector needs at least one number")
        parameters.real("p", self.p, 0.0, "it is the power of a scale")
        parameters.whole("iterations", self.iterations, 0, "it is a number of times")

    def fit(self, X: Corpus | Any, y: Any = None, *, keys: Iterable[str] | None = None) -> Self:
        """Learn from documents, forgetting what was learnt before.

        Parameters
        ----------
        X
            Anything that `jari.encode` takes: paths (a document a line), strings, lists of words; or a `Corpus`, each
            sentence of which is a document.
        y
            Not used.
        keys
            What to call the documents, no two alike; ``"0"``, ``"1"``, … if not given.

        Raises
        ------
        BadInput
            A parameter out of its range, fewer words or documents than `dim`, a key that stands twice.
        """
        self.check()
        bags = bag_of_words(
            X,
            tokenizer=self.tokenizer,
            min_count=self.min_count,
            max_vocabulary=self.max_vocabulary,
            keys=keys,
            callback=self._tell,
        )
        self._refuse_small(bags)
        self.seed_ = parameters.seed_of(self.random_state)
        self.losses_ = []
        weights = self._fitted_weights(bags.matrix)
        weighted = _weighted(bags.matrix, weights)
        mean = weighted.mean(axis=0, dtype=np.float64).astype(np.float32) if self.center else None
        s, components = self._decomposed(weighted, mean)
        scores = self._projected(weighted, mean, components)
        self._weights, self.mean_, self.components_, self.singular_values_ = weights, mean, components, s
        self.explained_variance_ratio_ = _shares(scores, weighted)
        metadata = self._metadata(bags.statistics) | {
            "singular_values": s.tolist(),
            "explained_variance_ratio": self.explained_variance_ratio_.tolist(),
        }
        words = np.ascontiguousarray(components.T) * _power(s, self.p)
        self.embedding_ = Embedding(bags.vocabulary, words, metadata=metadata | {"rows": "words"})
        scores *= _power(s, self.p - 1)
        self.documents_ = Embedding(bags.documents, scores, metadata=metadata | {"rows": "documents"})
        return self

    def transform(self, X: Iterable[str | Sequence[str]] | Corpus | os.PathLike[str]) -> Any:
        """Fold documents in: the vector that each would have had in `documents_`, shape (documents, dim).

        Parameters
        ----------
        X
            Strings or lists of words; a `Corpus`; a `pathlib.Path` or a list of them, a document a line.
        """
        self._learnt("embedding_")
        if isinstance(X, str):
            raise BadInput(f"Give a list of texts, not one text ({X[:40]!r}), or a file as a pathlib.Path.")
        source = _texts(X)
        if source is None:
            return self._output(np.empty((0, self.embedding_.dim), np.float32), self.get_feature_names_out())
        tokenizer = self.tokenizer if isinstance(source, Corpus) else self._tokenizer()
        bags = bag_of_words(source, vocabulary=self.embedding_.vocabulary, tokenizer=tokenizer)
        scores = self._projected(_weighted(bags.matrix, self._weights), self.mean_, self.components_)
        scores *= _power(self.singular_values_, self.p - 1)
        return self._output(scores, self.get_feature_names_out())

    def fit_transform(self, X: Any, y: Any = None, **fit_parameters: Any) -> Any:
        """`fit`, and the vectors of `documents_`: `X` is read once."""
        self.fit(X, y, **fit_parameters)
        return self._output(self.documents_.vectors, self.get_feature_names_out())

    def _refuse_small(self, bags: Bags) -> None:
        documents, words = bags.matrix.shape
        most = min(words, documents) - bool(self.center)  # the mean takes one away
        if self.dim > most:
            raise BadInput(
                f"dim={self.dim}: {documents:,} documents of {words:,} different words (min_count={self.min_count}) "
                f"have {most:,} dimensions at most. Lower dim or min_count, or give more text."
            )

    def _fitted_weights(self, matrix: Sparse) -> Any:
        if self.weighting == "count":
            return None
        from sklearn.feature_extraction.text import TfidfTransformer  # a second

        return TfidfTransformer(use_idf=self.weighting == "tfidf").fit(matrix)

    def _decomposed(self, X: Sparse, mean: Vector | None) -> tuple[Doubles, Matrix]:
        def tell(done: int, total: int) -> None:
            self._tell(Progress("learning", done, total, "rows"))

        dim, iterations, threads = int(self.dim), int(self.iterations), thread_count(self.threads)
        generator = np.random.default_rng(self.seed_)
        if mean is not None:
            return centred_svd(X, mean, dim, iterations=iterations, generator=generator, threads=threads, tell=tell)
        _, s, Vt = truncated_svd(X, dim, iterations=iterations, generator=generator, threads=threads, tell=tell)
        return s, np.ascontiguousarray(Vt)

    def _projected(self, X: Sparse, mean: Vector | None, components: Matrix) -> Matrix:
        """``(X - mean) V``, shape (documents, dim)."""
        V = np.ascontiguousarray(components.T)
        scores = product(X, V, thread_count(self.threads))
        if mean is not None:
            scores -= mean @ V
        return scores

    def _tell(self, progress: Progress) -> None:
        for callback in self.callbacks:
            callback(progress)


def _texts(X: Any) -> Any:
    """What `bag_of_words` should read: never a list of strings, which it might take for paths. None for nothing."""
    if isinstance(X, Corpus | os.PathLike):
        return X
    given = list(X.to_pylist() if hasattr(X, "to_pylist") else X)
    if not given:
        return None
    return given if all(isinstance(one, os.PathLike) for one in given) else iter(given)


def _weighted(matrix: Sparse, weights: Any) -> Sparse:
    """In the memory of the counts."""
    from scipy.sparse import csr_array

    return matrix if weights is None else csr_array(weights.transform(matrix, copy=False))


def _power(s: Doubles, p: float) -> Vector:
    """``sᵖ``, and 0 where a dimension is nothing."""
    return np.power(s, p, out=np.zeros_like(s), where=s > 0).astype(np.float32)


def _shares(scores: Matrix, X: Sparse) -> Doubles:
    """The variance of each column of `scores`, as a share of the variance of all columns of X together."""
    own = np.einsum("ij,ij->j", scores, scores, dtype=np.float64) / len(scores)
    own -= scores.mean(axis=0, dtype=np.float64) ** 2
    total = np.einsum("i,i->", X.data, X.data, dtype=np.float64) / len(scores)
    total -= (X.mean(axis=0, dtype=np.float64) ** 2).sum()
    shares: Doubles = own / total if total > 0 else np.zeros(len(own))
    return shares
