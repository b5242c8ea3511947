"""`TouchedRows`: a large embedding layer of which a step reads and writes only the rows that a batch holds."""

from __future__ import annotations

from typing import Final

from jari.extras import require
from jari.learn.neural.batches import Tensor

_DECAY: Final = 0.999  # of the mean square of gradients, as Adam's second
_LEAST: Final = 1e-8


class TouchedRows:
    """Takes rows out as a leaf of the graph, and puts them back a step further.

    A row's step is its gradient over the root of the mean square of all that it had: Adam without momentum, with one
    number a row instead of two a weight. What an optimiser keeps is then a d-th of the layer instead of twice as much,
    and rows that a batch does not hold cost nothing.

    Parameters
    ----------
    table
        Shape (n, d); is written to.
    l2
        The decay of the rows that are touched, as AdamW does it.

    Notes
    -----
    One number a row: as the row-wise Adagrad with which Naumov et al. 2019 train *Deep Learning Recommendation Model
    for Personalization and Recommendation Systems*; with the running mean and its correction of Kingma & Ba 2015,
    *Adam*, counted for each row by itself.
    """

    def __init__(self, table: Tensor, *, l2: float) -> None:
        torch = require("torch", extra="torch")
        self.table = table
        self._l2 = l2
        self._squares = torch.zeros(len(table), device=table.device)
        self._steps = torch.zeros(len(table), device=table.device)
        self._held: list[tuple[Tensor, Tensor]] = []

    def look_up(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """The rows that are asked for, each once, and the place among them of each id."""
        torch = require("torch", extra="torch")
        rows, places = torch.unique(ids, return_inverse=True)
        leaf = self.table[rows].requires_grad_(torch.is_grad_enabled())
        if leaf.requires_grad:
            self._held.append((rows, leaf))
        return leaf, places

    def step(self, rate: float) -> None:
        """One step down for all rows that were looked up since the last."""
        torch = require("torch", extra="torch")
        with torch.no_grad():
            for rows, leaf in self._held:
                gradient = leaf.grad
                steps = self._steps[rows] + 1
                squares = self._squares[rows] * _DECAY + (1 - _DECAY) * (gradient * gradient).mean(1)
                self._steps[rows], self._squares[rows] = steps, squares
                size = rate / ((squares / (1 - _DECAY**steps)).sqrt() + _LEAST)
                self.table[rows] = leaf.detach() * (1 - rate * self._l2) - size[:, None] * gradient
        self._held.clear()

    def forget(self) -> None:
        """Let go of what was looked up without a step."""
        self._held.clear()
