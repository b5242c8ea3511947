"""BM25, of records whose words and counts are at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

K1: Final = 1.2
B: Final = 0.75


def bm25(
    terms: Sequence[str], words: pa.Array, counts: pa.Array, lengths: npt.ArrayLike, *, records: int, mean: float
) -> npt.NDArray[np.float64]:
    """The score of each record that holds one of the terms.

    Parameters
    ----------
    terms
        What is looked for; one that stands twice counts twice.
    words, counts
        Arrow lists: the distinct words of each record and how often each stands in it. Every record that holds one of
        the terms is among them.
    lengths
        How many words each of these records has, repetitions included.
    records, mean
        How many records there are in all, and how many words they have in the mean.

    Returns
    -------
    scores
        Shape (n,): sum over the terms of idf · f (k1 + 1) / (f + k1 (1 - b + b · length / mean)), with
        idf = ln(1 + (N - n + ½) / (n + ½)), which is never below 0.

    Notes
    -----
    Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), with Lucene's idf.

    Examples
    --------
    >>> words, counts = pa.array([["a", "b"], ["a"]]), pa.array([[1, 1], [3]])
    >>> bm25(["b"], words, counts, [2, 3], records=10, mean=2.5).round(2)
    array([2.17, 0.  ])
    """
    asked = Counter(terms)
    found = pc.index_in(words.flatten(), value_set=pa.array(list(asked), words.type.value_type))
    at = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
    term = found.take(pa.array(at)).to_numpy()
    row = pc.list_parent_indices(words).take(pa.array(at)).to_numpy()
    count = counts.flatten().take(pa.array(at)).to_numpy().astype(np.float64)
    holding = np.bincount(term, minlength=len(asked))
    rarity = np.log1p((records - holding + 0.5) / (holding + 0.5)) * np.fromiter(asked.values(), np.float64)
    length = np.asarray(lengths, dtype=np.float64)
    weight = rarity[term] * count * (K1 + 1) / (count + K1 * (1 - B + B * length[row] / (mean or 1.0)))
    return np.asarray(np.bincount(row, weight, minlength=len(length)), dtype=np.float64)
