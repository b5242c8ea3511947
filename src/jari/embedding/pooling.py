"""One vector for a text: the mean or the sum of its tokens' vectors, as one sparse product S · E.

S has a row a text and a column a key: how often the text holds the key, divided by the number of its known tokens
for the mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from jari.embedding.lookup import subwords_for
from jari.embedding.metrics import lengths_of
from jari.errors import BadInput
from jari.types import Matrix, Unknown

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding

Weights: TypeAlias = Literal["mean", "sum"]
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
    """One vector a text: see `Embedding.pool`."""
    from scipy.sparse import csr_array  # a tenth of a second, and only pooling needs it

    if weights not in ("mean", "sum"):
        raise BadInput(f"weights={weights!r} is not known: choose 'mean' or 'sum'.")
    if isinstance(texts, str):
        raise BadInput(f"Give a list of texts, not one text ({texts[:40]!r}): pool([text])[0] pools one.")
    subwords = subwords_for(embedding, unknown)
    split = tokenizer or str.split
    tokens: list[str] = []
    ends = [0]
    for text in texts:
        tokens += split(text) if isinstance(text, str) else text
        ends.append(len(tokens))
    rows = embedding.vocabulary.rows(tokens, unknown="raise" if unknown == "raise" else "mark")
    known = rows >= 0
    ends_known = np.concatenate([[0], np.cumsum(known)])[ends]
    ones = np.ones(int(ends_known[-1]), dtype=np.float32)
    counts = csr_array((ones, rows[known], ends_known), shape=(len(ends) - 1, len(embedding)))
    pooled = np.asarray(counts @ embedding.vectors, dtype=np.float32)
    used = np.diff(ends_known)
    if subwords is not None:
        text_of = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        for place in np.flatnonzero(~known):
            pooled[text_of[place]] += subwords.compose(tokens[place])
        used = np.diff(ends)
    if weights == "mean":
        pooled /= np.maximum(used, 1).astype(np.float32)[:, None]
    if normalize:
        lengths = lengths_of(pooled.astype(np.float64))
        pooled /= np.where(lengths > 0, lengths, 1.0).astype(np.float32)[:, None]
    return pooled
