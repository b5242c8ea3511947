"""`Subwords`: vectors of character n-grams, from which a vector for any key can be put together.

After Bojanowski, Grave, Joulin, Mikolov, Enriching Word Vectors with Subword Information, TACL 2017: a word is the
set of the n-grams of ``<word>``; each n-gram is hashed to a row of a table of fixed size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from jari.errors import BadInput
from jari.types import Matrix, Vector


@dataclass(frozen=True, slots=True, eq=False)
class Subwords:
    """A table of n-gram vectors.

    Parameters
    ----------
    vectors
        Shape (buckets, d), float32.
    shortest, longest
        Lengths of the n-grams in characters, both included.

    Examples
    --------
    >>> list(ngrams("자리", 3, 4))
    ['<자리', '<자리>', '자리>']
    """

    vectors: Matrix
    shortest: int = 3
    longest: int = 6

    def __post_init__(self) -> None:
        if self.vectors.ndim != 2 or len(self.vectors) == 0:
            raise BadInput(
                f"Subword vectors of shape {self.vectors.shape}: give a matrix (buckets, d), 1 bucket or more."
            )
        if not 1 <= self.shortest <= self.longest:
            raise BadInput(f"n-grams from {self.shortest} to {self.longest} characters: give 1 ≤ shortest ≤ longest.")

    def compose(self, key: str) -> Vector:
        """The mean of the vectors of a key's n-grams, shape (d,); zeros where it is too short to have any."""
        buckets = [bucket(ngram, len(self.vectors)) for ngram in ngrams(key, self.shortest, self.longest)]
        if not buckets:
            return np.zeros(self.vectors.shape[1], dtype=np.float32)
        mean: Vector = self.vectors[buckets].mean(axis=0, dtype=np.float32)
        return mean


def ngrams(key: str, shortest: int, longest: int) -> Iterator[str]:
    """The n-grams of ``<key>`` by where they begin, the shorter first; a lone ``<`` or ``>`` is none."""
    word = f"<{key}>"
    for start in range(len(word)):
        for length in range(shortest, min(longest, len(word) - start) + 1):
            ngram = word[start : start + length]
            if length > 1 or 0 < start < len(word) - 1:
                yield ngram


def bucket(ngram: str, buckets: int) -> int:
    """fastText's hash: FNV-1a of 32 bits over UTF-8, each byte taken as signed, modulo the number of buckets."""
    value = 2166136261
    for byte in ngram.encode("utf-8"):
        value ^= byte if byte < 128 else byte | 0xFFFFFF00
        value = value * 16777619 & 0xFFFFFFFF
    return value % buckets
