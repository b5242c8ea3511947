"""Ways to rank all documents for all queries, computed directly: what `benchmarks.retrieval` compares.

Each gives scores, shape (queries, documents); 0 is for documents that are not found. Nothing here asks a collection:
what pooling and fusion are worth can be seen without a database in between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

import jari
from jari.embedding.pooling import Pooling, smooth_inverse_frequency
from jari.ingest.bags import bag_of_words
from jari.ingest.tokenizers import words
from jari.search.stores.bm25 import K1, B

Scores: TypeAlias = npt.NDArray[np.float64]  # (queries, documents)
Texts: TypeAlias = Sequence[str]


def bm25(documents: Texts, queries: Texts) -> Scores:
    """Σ ln(1 + (N - n + ½) / (n + ½)) · c (k1 + 1) / (c + k1 (1 - b + b length / mean)), as the stores have it."""
    from scipy.sparse import csr_array

    bags = bag_of_words(iter(documents), min_count=1)
    asked = bag_of_words(iter(queries), vocabulary=bags.vocabulary).matrix
    counts = bags.matrix.tocoo()
    holding = np.bincount(counts.col, minlength=len(bags.vocabulary))
    rarity = np.log(1 + (len(bags) - holding + 0.5) / (holding + 0.5))
    lengths = np.asarray(bags.matrix.sum(axis=1))
    room = K1 * (1 - B + B * lengths / lengths.mean())
    weights = rarity[counts.col] * counts.data * (K1 + 1) / (counts.data + room[counts.row])
    weighted = csr_array((weights, (counts.row, counts.col)), shape=bags.matrix.shape)
    return np.asarray((asked @ weighted.T).toarray(), dtype=np.float64)


def tfidf(documents: Texts, queries: Texts) -> Scores:
    """Cosines of scikit-learn's tf-idf vectors."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(tokenizer=words, token_pattern=None, lowercase=False)
    held = vectorizer.fit_transform(documents)
    return np.asarray((vectorizer.transform(queries) @ held.T).toarray())


def lsa(learner: jari.LSA, queries: Texts) -> Scores:
    """Cosines with the documents that the learner was fitted to."""
    return cosines(learner.transform(queries), learner.documents_.vectors)


def pooled(embedding: jari.Embedding, weights: str, documents: Texts, queries: Texts) -> Scores:
    """Cosines of pooled words; what documents have in common, and which words are rare, is found out from them."""
    pooling = Pooling.fit(embedding, list(documents), weights, tokenizer=words)  # type: ignore[arg-type]
    return cosines(pooling(list(queries)), pooling(list(documents)))


def pooled_sif(embedding: jari.Embedding, a: float, components: int, documents: Texts, queries: Texts) -> Scores:
    """`pooled` by SIF with another `a`, and that many components taken away."""
    each = smooth_inverse_frequency(embedding.vocabulary.counts, a)
    held, asked = (
        np.asarray(embedding.pool(list(texts), each, tokenizer=words), np.float64) for texts in (documents, queries)
    )
    common = np.linalg.svd(held, full_matrices=False)[2][:components]
    return cosines(asked - asked @ common.T @ common, held - held @ common.T @ common)


def cosines(queries: Any, documents: Any) -> Scores:
    """Zeros for a vector of zeros."""
    left, right = np.asarray(queries, np.float64), np.asarray(documents, np.float64)
    left, right = (each / np.maximum(np.linalg.norm(each, axis=1, keepdims=True), 1e-12) for each in (left, right))
    return np.asarray(left @ right.T)


def reciprocal_ranks(text: Scores, vector: Scores, *, weight: float = 1.0) -> Scores:
    """Σ 1 / (60 + rank), text counting `weight` times (Cormack, Clarke & Büttcher 2009); nothing for a score of 0."""
    return weight * (text != 0) / (60 + _ranks(text)) + (vector != 0) / (60 + _ranks(vector))


def shares(text: Scores, vector: Scores) -> Scores:
    """Each score as a share of the best, from the least that there can be: 0 for BM25, -1 for a cosine.

    The convex combination of Bruch, Gai & Ingber 2023, *An Analysis of Fusion Functions for Hybrid Retrieval*, with
    α = ½.
    """
    best = np.maximum(text.max(axis=1, keepdims=True), 1e-12)
    return 0.5 * text / best + 0.5 * (vector + 1) / (vector.max(axis=1, keepdims=True) + 1)


def _ranks(scores: Scores) -> Scores:
    """From 1; of equal scores the first document's is the better rank."""
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = np.empty_like(scores)
    np.put_along_axis(ranks, order, np.arange(1, scores.shape[1] + 1, dtype=float)[None, :], axis=1)
    return ranks
