"""Which rows judge: some of each class, and never all of one."""

from __future__ import annotations

from typing import Final

import numpy as np

from jari.types import Counts, Rows

_LEAST: Final = 20  # rows that can tell one epoch from another


def parted(classes: Counts, share: float, seed: int) -> tuple[Rows, Rows]:
    """Rows to learn from and rows to judge by, at random.

    Parameters
    ----------
    classes
        Of each row; all the same where there are none.
    share
        How many judge, of all rows and of each class; a class that is there once is learnt from.

    Examples
    --------
    >>> learners, judges = parted(np.array([0] * 199 + [1]), 0.5, 1)
    >>> len(judges), 199 in learners
    (99, True)
    """
    small = np.int32 if len(classes) < 2**31 else np.int64  # row numbers are there for as long as learning lasts
    order = np.random.default_rng(seed).permutation(len(classes)).astype(small)
    order = order[np.argsort(classes[order], kind="stable")]
    counts = np.bincount(classes)
    of_class = np.minimum((counts * share).astype(np.int64), counts - 1)
    starts = np.cumsum(counts) - counts
    place = np.arange(len(order)) - starts[classes[order]]
    judges = place < of_class[classes[order]]
    if judges.sum() < _LEAST:
        judges[:] = False
    return np.sort(order[~judges]), np.sort(order[judges])
