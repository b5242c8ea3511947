"""`jari.kernels.renumber` with NumPy's indexing."""

from __future__ import annotations

import numpy as np

from jari.types import Ids


def renumber(ids: Ids, ends: Ids, rows: Ids, out: Ids, out_ends: Ids) -> int:
    found = rows[ids]
    kept = found >= 0
    n = int(kept.sum())
    out[:n] = found[kept]
    out_ends[:] = np.concatenate([[0], np.cumsum(kept)])[ends]
    return n
