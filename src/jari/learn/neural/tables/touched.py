"""`TouchedRows`: an embedding layer of which a step reads and writes only the rows that a batch holds."""

from __future__ import annotations

from typing import Final

from jari.extras import require
from jari.learn.neural.batches import Tensor

_DECAY: Final = 0.999  # of the mean square of gradients, as Adam's second
_LEAST: Final = 1e-8


class TouchedRows:
    """Takes rows out as a leaf of the graph, and puts them back a step further: `jari.kernels.adam` for tensors.

    Parameters
    ----------
    table
        Shape (n, d); is written to.
    l2
        The decay of the rows that are touched, as AdamW does it.
    faster
        By how much steps are longer than the rate says, but for the decay.
    """

    def __init__(self, table: Tensor, *, l2: float, faster: float = 1.0) -> None:
        torch = require("torch", extra="torch")
        self.table = table
        self._l2, self._faster = l2, faster
        self._squares = torch.zeros(len(table), device=table.device)
        self._steps = torch.zeros(len(table), device=table.device)
        self._held: tuple[Tensor, Tensor] | None = None

    def vectors(self, ids: Tensor, *, learning: bool) -> Tensor:
        """The rows of ids, shape (…, d)."""
        torch = require("torch", extra="torch")
        if not learning:
            return torch.nn.functional.embedding(ids, self.table)
        leaf, places = self.look_up(ids)
        return torch.nn.functional.embedding(places, leaf)

    def look_up(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """The rows that are asked for, each once, and the place among them of each id: once before each step."""
        torch = require("torch", extra="torch")
        rows, places = torch.unique(ids, return_inverse=True)
        leaf = self.table[rows].requires_grad_()
        self._held = rows, leaf
        return leaf, places

    def step(self, rate: float) -> None:
        """One step down for the rows that were looked up since the last."""
        torch = require("torch", extra="torch")
        if self._held is None:
            return
        rows, leaf = self._held
        self._held = None
        with torch.no_grad():
            steps = self._steps[rows] + 1
            squares = self._squares[rows] * _DECAY + (1 - _DECAY) * (leaf.grad * leaf.grad).mean(1)
            self._steps[rows], self._squares[rows] = steps, squares
            size = self._faster * rate / ((squares / (1 - _DECAY**steps)).sqrt() + _LEAST)
            self.table[rows] = leaf.detach() * (1 - rate * self._l2) - size[:, None] * leaf.grad
