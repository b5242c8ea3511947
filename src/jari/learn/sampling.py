"""How often each word is kept and how often it is drawn as noise, in the form that kernels take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jari.kernels.noise import alias_table
from jari.types import Counts, Ids

_ALL = 4294967295  # 2³² - 1: 32 random bits are never more


@dataclass(frozen=True, slots=True)
class Noise:
    """An alias table over the vocabulary.

    Parameters
    ----------
    limits, others
        uint32 and int32, shape (n,); see `jari.kernels.noise`.
    largest
        The share of the draws that falls to the word drawn most often.
    """

    limits: npt.NDArray[np.uint32]
    others: Ids
    largest: float

    @classmethod
    def of(cls, counts: Counts, exponent: float) -> Noise:
        """Words in proportion to ``count ** exponent`` (0.75 in Mikolov et al. 2013)."""
        n = len(counts)
        limits, others = np.empty(n, np.uint32), np.empty(n, np.int32)
        # Seen 0 times (a word kept from an earlier corpus) is drawn as if seen once: 0 ** -0.5 has no value.
        weights = np.maximum(counts, 1).astype(np.float64) ** exponent
        alias_table(weights, limits, others)
        return cls(limits, others, float(weights.max() / weights.sum()))


def keep_thresholds(counts: Counts, sample: float) -> npt.NDArray[np.uint32]:
    """For each word the largest of 2³² values with which it is still kept.

    A word of relative frequency f is kept with probability ``min(1, √(sample/f) + sample/f)``, as in word2vec.c.
    ``sample=0`` keeps all.

    Examples
    --------
    >>> keep_thresholds(np.array([900, 90, 10]), sample=0.001) / 2**32
    array([0.03..., 0.11..., 0.41...])
    """
    if sample == 0:
        return np.full(len(counts), _ALL, np.uint32)
    ratio: npt.NDArray[np.float64] = sample * counts.sum() / np.maximum(counts, 1)
    return (np.minimum(1.0, np.sqrt(ratio) + ratio) * _ALL).astype(np.uint32)


def share_kept(counts: Counts, keep: npt.NDArray[np.uint32]) -> float:
    """The share of the text that is expected to be kept.

    Examples
    --------
    >>> counts = np.full(10, 100)
    >>> round(share_kept(counts, keep_thresholds(counts, sample=1e-4)), 3)
    0.033
    """
    return float((counts * (keep / 2**32)).sum() / max(1, counts.sum()))


def largest_kept(counts: Counts, keep: npt.NDArray[np.uint32]) -> float:
    """The share of the kept words that falls to the most frequent of them."""
    kept = counts * (keep / 2**32)
    return float(kept.max() / kept.sum())
