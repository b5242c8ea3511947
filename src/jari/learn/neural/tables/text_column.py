"""`TextColumn`: a column of texts, each a bag of words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_array

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.ingest.bags import bag_of_words
from jari.ingest.table_numbers import is_text
from jari.ingest.tokenizers import Tokenizer
from jari.types import Vector


@dataclass(frozen=True, slots=True, eq=False)
class TextColumn:
    """How the texts of a column become rows of weights.

    Parameters
    ----------
    name
        As the table has it.
    vocabulary
        The words.
    idf
        How much each counts, shape (words,): ``ln((1 + n) / (1 + df)) + 1``, n texts of which df hold it.
    dim
        How many numbers the vector of each word has.
    tokenizer
        A name, or a function.
    """

    name: str
    vocabulary: Vocabulary
    idf: Vector
    dim: int
    tokenizer: str | Tokenizer

    @classmethod
    def fit(
        cls,
        name: str,
        values: pa.Array,
        *,
        vocabulary: Vocabulary | None,
        dim: int,
        tokenizer: str | Tokenizer,
        min_count: int,
        max_vocabulary: int | None,
    ) -> tuple[TextColumn, csr_array[Any]]:
        """Choose the words, and weigh the texts.

        Parameters
        ----------
        vocabulary
            The words, where they are known; else those that are there `min_count` times or more, the most frequent
            `max_vocabulary` of them.

        Raises
        ------
        BadInput
            There is no text; no word is frequent enough, or none of the vocabulary is in the texts.
        """
        texts = _texts(name, values)
        try:
            bags = bag_of_words(
                iter(texts),
                vocabulary=vocabulary,
                tokenizer=tokenizer,
                min_count=min_count,
                max_vocabulary=max_vocabulary,
            )
        except BadInput as error:
            raise BadInput(f"Column {name!r} as text: {error} Or leave the column out.") from error
        if not bags.matrix.nnz:
            raise BadInput(
                f"Column {name!r} as text: none of its {bags.statistics['words_read']:,} words is among the "
                f"{len(bags.vocabulary):,} that are known. Were they learnt with another tokenizer?"
            )
        documents = np.bincount(bags.matrix.indices, minlength=len(bags.vocabulary))
        idf = (np.log((1 + len(texts)) / (1 + documents)) + 1).astype(np.float32)
        made = cls(name, bags.vocabulary, idf, dim, tokenizer)
        return made, made._weighed(bags.matrix)

    def encode(self, values: pa.Array) -> csr_array[Any]:
        """The weights of the words, shape (rows, words): ``(1 + ln tf) · idf``, each row of length 1 or empty."""
        texts = _texts(self.name, values)
        if not texts:
            return csr_array(np.empty((0, len(self.vocabulary)), np.float32))
        return self._weighed(bag_of_words(iter(texts), vocabulary=self.vocabulary, tokenizer=self.tokenizer).matrix)

    def _weighed(self, counts: csr_array[Any]) -> csr_array[Any]:
        rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        weights = (1 + np.log(counts.data)) * self.idf[counts.indices]
        lengths = np.sqrt(np.bincount(rows, weights=weights.astype(np.float64) ** 2, minlength=counts.shape[0]))
        parts = (weights / lengths[rows]).astype(np.float32), counts.indices, counts.indptr
        return csr_array(parts, shape=counts.shape)

    def described(self) -> dict[str, Any]:
        """As JSON; the vocabulary is kept with the vectors, and `idf` with the other arrays."""
        return {"kind": "text", "name": self.name, "dim": self.dim, "tokenizer": self.tokenizer}


def _texts(name: str, values: pa.Array) -> list[Any]:
    """Strings, or lists of words; what is missing is empty."""
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [
            [] if words is None else [str(word) for word in words if word is not None] for words in values.to_pylist()
        ]
    if not (is_text(kind) or pa.types.is_null(kind)):
        raise BadInput(f"Column {name!r} is of type {kind}: a text column holds strings, or lists of words.")
    return ["" if text is None else text for text in values.to_pylist()]
