"""Two vocabularies made one, for learning that goes on with another text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from jari.embedding import Vocabulary
from jari.ingest import Corpus
from jari.types import Ids, Offsets, Rows


def merged(known: Vocabulary, new: Vocabulary, min_count: int) -> tuple[Vocabulary, Rows]:
    """All words of `known`, and those of `new` that stand there `min_count` times or more; counts added up.

    Returns
    -------
    vocabulary
        The most frequent first.
    old
        For each of its words the row in `known`, or -1.

    Examples
    --------
    >>> vocabulary, old = merged(Vocabulary(["a", "b"], [5, 1]), Vocabulary(["b", "c", "d"], [6, 3, 1]), min_count=2)
    >>> list(vocabulary), old.tolist()
    (['b', 'a', 'c'], [1, 0, -1])
    """
    counts = dict(zip(known, _counts(known).tolist(), strict=True))
    for key, count in zip(new, _counts(new).tolist(), strict=True):
        if key in counts:
            counts[key] += count
        elif count >= min_count:
            counts[key] = count
    vocabulary = Vocabulary.from_counts(counts)
    return vocabulary, known.rows(vocabulary, unknown="mark")


def renumbered(corpus: Corpus, vocabulary: Vocabulary) -> tuple[Ids, Offsets]:
    """The ids and offsets of `corpus` in terms of another vocabulary; words that it does not hold are left out."""
    row_of = vocabulary.rows(corpus.vocabulary, unknown="mark").astype(np.int32)
    ids = row_of[corpus.ids]
    held = np.zeros(len(ids) + 1, np.int64)
    np.cumsum(ids >= 0, out=held[1:])
    return ids[ids >= 0], np.unique(held[corpus.offsets])


def _counts(vocabulary: Vocabulary) -> npt.NDArray[np.int64]:
    return np.ones(len(vocabulary), np.int64) if vocabulary.counts is None else vocabulary.counts
