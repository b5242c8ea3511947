"""Users by the batch: sparse rows as flat tensors, and a random part of each history held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from jari.extras import require

Tensor: TypeAlias = Any  # of PyTorch, which is optional


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """The entries of some sparse rows, one after another.

    Parameters
    ----------
    count
        How many rows.
    rows, columns
        Shape (entries,), int64: rows rise, and begin with 0.
    weights
        Shape (entries,).
    """

    count: int
    rows: Tensor
    columns: Tensor
    weights: Tensor

    def where(self, chosen: Tensor) -> Entries:
        """Those of which `chosen`, shape (entries,), is true."""
        return Entries(self.count, self.rows[chosen], self.columns[chosen], self.weights[chosen])

    def offsets(self) -> Tensor:
        """Where each row begins, shape (count,)."""
        torch = require("torch", extra="torch")
        return torch.searchsorted(self.rows, torch.arange(self.count, device=self.rows.device))

    def sums(self, values: Tensor) -> Tensor:
        """Of values, shape (entries,), the sum of each row, shape (count,)."""
        torch = require("torch", extra="torch")
        return torch.zeros(self.count, dtype=values.dtype, device=values.device).index_add(0, self.rows, values)


class SparseRows:
    """A CSR matrix on a device, of which some rows can be taken without a loop in Python.

    Parameters
    ----------
    matrix
        Shape (m, n).
    weighted
        Whether its numbers count; otherwise each entry is a one.
    device
        Where the tensors are.
    """

    def __init__(self, matrix: csr_array[Any], *, weighted: bool, device: Any) -> None:
        torch = require("torch", extra="torch")
        self.shape: tuple[int, int] = matrix.shape
        # Copies: PyTorch warns of arrays that must not be written to, as those of a mapped file.
        self._starts = torch.tensor(matrix.indptr.astype(np.int64), device=device)
        self._columns = torch.tensor(matrix.indices.astype(np.int32), device=device)
        self._weights = torch.tensor(matrix.data.astype(np.float32), device=device) if weighted else None

    def take(self, users: Tensor) -> Entries:
        """The entries of some rows, in their order."""
        torch = require("torch", extra="torch")
        starts = self._starts[users]
        lengths = self._starts[users + 1] - starts
        rows = torch.repeat_interleave(torch.arange(len(users), device=users.device), lengths)
        before = torch.cumsum(lengths, 0) - lengths
        at = torch.arange(len(rows), device=users.device) + (starts - before)[rows]
        columns = self._columns[at].long()
        weights = torch.ones(len(at), device=at.device) if self._weights is None else self._weights[at]
        return Entries(len(users), rows, columns, weights)


def held_out(histories: Entries, share: float, generator: Any) -> tuple[Entries, Entries]:
    """Histories in two parts at random: what is known, and the `share` that is to be foretold."""
    torch = require("torch", extra="torch")
    held = torch.rand(len(histories.rows), generator=generator, device=histories.rows.device) < share
    return histories.where(~held), histories.where(held)
