"""The names of shapes, and the one way in which long work reports how far it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Path: TypeAlias = str | os.PathLike[str]
Matrix: TypeAlias = npt.NDArray[np.float32]  # (n, d), C order
Vector: TypeAlias = npt.NDArray[np.float32]  # (d,)
Rows: TypeAlias = npt.NDArray[np.int64]  # (k,) row numbers of a matrix
Ids: TypeAlias = npt.NDArray[np.int32]  # (tokens,) the corpus as row numbers of its vocabulary
Offsets: TypeAlias = npt.NDArray[np.int64]  # (sentences + 1,) where each sentence begins in the ids
Counts: TypeAlias = npt.NDArray[np.int64]  # (n,)
Metadata: TypeAlias = Mapping[str, Any]  # JSON-able

Metric: TypeAlias = Literal["cosine", "dot", "euclidean"]
Unknown: TypeAlias = Literal["raise", "skip", "subword"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of long work is.

    Parameters
    ----------
    stage
        What is being done, in words for a person: ``"counting"``, ``"learning"``, ``"saving"``.
    done, total
        In `unit`; `total` is None where it cannot be known (a pipe).
    unit
        ``"bytes"``, ``"words"``, ``"rows"``, …
    figures
        What else is worth showing: ``{"loss": 1.93, "rate": 0.021, "epoch": 2}``.
    """

    stage: str
    done: int
    total: int | None
    unit: str
    figures: Mapping[str, float] = field(default_factory=dict)


Callback: TypeAlias = Callable[[Progress], None]
