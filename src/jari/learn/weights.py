"""`weighted`: what counts become before they are decomposed."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.ingest.pmi import PMI, Counted
from jari.ingest.rowblocks import csr_of

WEIGHTINGS: Final = ("ppmi", "pmi", "log", "count")


def weighted(
    counts: Counted, weighting: str, *, shift: float, smoothing: float, power: float, threads: int | None = None
) -> Any:
    """A matrix of float32 with the weight of each pair, shape (n, n), CSR.

    Parameters
    ----------
    weighting
        ``"ppmi"`` and ``"pmi"``: pointwise mutual information, see `PMI`; ``"log"``: log(1 + count); ``"count"``.
    shift, smoothing
        Of `PMI`.
    power
        Each weight x becomes ``sign(x) |x| ** power``.

    Examples
    --------
    >>> from jari.ingest.cooccurrence import Cooccurrence
    >>> counts = Cooccurrence.of(["new york", "new york", "new car"], min_count=1)
    >>> weighted(counts, "count", shift=1, smoothing=1, power=2).toarray().tolist()
    [[0.0, 4.0, 1.0], [4.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """
    matrix = counts.matrix
    if weighting in ("ppmi", "pmi"):
        matrix = PMI(counts, positive=weighting == "ppmi", shift=shift, smoothing=smoothing, threads=threads).matrix
    weights = np.log1p(matrix.data) if weighting == "log" else matrix.data
    if power != 1:
        weights = np.copysign(_raised(np.abs(weights), power), weights)
    return csr_of(weights, matrix.indices, matrix.indptr, matrix.shape)


def _raised(values: npt.NDArray[np.float32], power: float) -> npt.NDArray[np.float32]:
    return np.sqrt(values) if power == 0.5 else values ** np.float32(power)  # the root takes a tenth of the time
