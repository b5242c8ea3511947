"""The loop: epochs of batches, the rate falling as a cosine, until the judges find no epoch better."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from jari.errors import BadInput
from jari.extras import require
from jari.learn.neural.batches import SparseRows, Tensor
from jari.learn.neural.diverged import diverged
from jari.learn.neural.tables.encoding import Encoded
from jari.learn.neural.tables.network import Batch, Copied, TableNetwork
from jari.types import Callback, Progress

_OFTEN: Final = 0.1  # seconds between two calls of a callback
_WARM: Final = 0.05  # of all steps: the rate rises before it falls
_AT_ONCE: Final = 4096  # rows that the judges look at
_BATCHES: Final = ((20_000, 128), (100_000, 256), (500_000, 512))


@dataclass(frozen=True, slots=True)
class Plan:
    """How to learn; the names are those of `EntityEmbedder`'s parameters."""

    task: str
    epochs: int
    batch: int
    learning_rate: float
    l2: float
    patience: int
    callbacks: Sequence[Callback]


def batch_for(rows: int) -> int:
    """Rows in a batch where nobody says: small ones learn more from few rows, large ones are faster."""
    return next((batch for most, batch in _BATCHES if rows < most), 1024)


class Table:
    """The rows of a table on a device.

    Parameters
    ----------
    rows
        As arrays.
    device
        Where to.
    """

    def __init__(self, rows: Encoded, device: Any) -> None:
        torch = require("torch", extra="torch")
        self._ids = torch.tensor(rows.ids, device=device)
        self._numbers = torch.tensor(rows.numbers, device=device)
        self._bags = [SparseRows(bag, weighted=True, device=device) for bag in rows.bags]

    def take(self, rows: Tensor) -> Batch:
        """Some of them."""
        return Batch(self._ids[rows], self._numbers[rows], tuple(bag.take(rows) for bag in self._bags))


@dataclass(slots=True, eq=False)
class TableTraining:
    """A network on its way.

    Parameters
    ----------
    network
        What learns.
    table, target
        All rows.
    learners, judges
        Rows to learn from, and those by which epochs are compared; without any the last epoch is the best.
    plan
        How to learn.

    Attributes
    ----------
    losses, judged
        The mean loss of each epoch: of the learners while they are learnt from, of the judges after it.
    best
        What the best epoch so far has learnt; None before the first is over.
    """

    network: TableNetwork
    table: Table
    target: Tensor
    learners: Tensor
    judges: Tensor
    plan: Plan
    losses: list[float] = field(default_factory=list)
    judged: list[float] = field(default_factory=list)
    best: Copied | None = None
    _told: float = -math.inf

    def run(self) -> None:
        """Learn until the last epoch, or until there was none better for `patience` epochs.

        Raises
        ------
        BadInput
            The loss is no number any more. `best` is what was learnt before.
        """
        torch = require("torch", extra="torch")
        weights = [self.network.dense[name] for name in self.network.dense if not name.endswith("bias")]
        weights += [table for table, is_moved in self.network.tables() if is_moved]
        free = [self.network.dense[name] for name in self.network.dense if name.endswith("bias")]
        groups = [{"params": weights, "weight_decay": self.plan.l2}, {"params": free, "weight_decay": 0.0}]
        optimizer = torch.optim.AdamW(groups, lr=self.plan.learning_rate, fused=True)
        for epoch in range(self.plan.epochs):
            self.losses.append(self._epoch(epoch, optimizer))
            if len(self.judges):
                self.judged.append(self._judged())
                if not math.isfinite(self.judged[-1]):
                    raise self._lost(f"The loss of the rows that judge is {self.judged[-1]:g} after epoch {epoch}")
            if not self.judged or self.judged[-1] < min(self.judged[:-1], default=math.inf):
                self._keep(epoch)
            elif epoch - int(np.argmin(self.judged)) >= self.plan.patience:
                break
        done = len(self.losses) * len(self.learners)
        self._tell(done, done, self.losses[-1])

    def _epoch(self, epoch: int, optimizer: Any) -> float:
        torch = require("torch", extra="torch")
        generator = self.network.generator
        order = self.learners[torch.randperm(len(self.learners), generator=generator, device=generator.device)]
        size, total, seen = self.plan.batch, 0.0, 0
        batches = -(-len(order) // size)
        for at in range(batches):
            rows = order[at * size : (at + 1) * size]
            loss = self._loss(rows, learning=True)
            here = loss.item()
            if not math.isfinite(here):
                raise self._lost(f"The loss is {here:g} in batch {at} of epoch {epoch}")
            rate = self._rate((epoch * batches + at + 1) / (self.plan.epochs * batches))
            for group in optimizer.param_groups:
                group["lr"] = rate
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            for touched in self.network.touched.values():
                touched.step(rate)
            total, seen = total + here * len(rows), seen + len(rows)
            if time.monotonic() - self._told >= _OFTEN:
                self._tell(epoch * len(order) + seen, self.plan.epochs * len(order), total / seen)
        return total / seen

    def _rate(self, share: float) -> float:
        """The learning rate when this share of all steps is done."""
        return self.plan.learning_rate * min(1.0, share / _WARM) * (0.5 + 0.5 * math.cos(math.pi * share))

    def _loss(self, rows: Tensor, *, learning: bool) -> Tensor:
        """The mean loss of some rows: squares, or the surprise ``-log p`` by their classes."""
        torch = require("torch", extra="torch")
        device = self.network.generator.device.type
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            outputs = self.network.outputs(self.table.take(rows), learning=learning).float()
        target = self.target[rows]
        if self.plan.task == "regression":
            return torch.nn.functional.mse_loss(outputs[:, 0], target)
        if outputs.shape[1] == 1:
            return torch.nn.functional.binary_cross_entropy_with_logits(outputs[:, 0], target.float())
        return torch.nn.functional.cross_entropy(outputs, target)

    def _judged(self) -> float:
        torch = require("torch", extra="torch")
        total = 0.0
        with torch.no_grad():
            for rows in self.judges.split(_AT_ONCE):
                total += self._loss(rows, learning=False).item() * len(rows)
        return total / len(self.judges)

    def _keep(self, epoch: int) -> None:
        if not self.network.is_finite():
            raise self._lost(f"A weight is no finite number after epoch {epoch}")
        self.best = self.network.copied(self.best)

    def _lost(self, what: str) -> BadInput:
        return diverged(what, learning_rate=self.plan.learning_rate, kept=self.best is not None)

    def _tell(self, done: int, total: int, loss: float) -> None:
        self._told = time.monotonic()
        figures = {"loss": loss, "epoch": len(self.losses)}
        if self.judged:
            figures["validation"] = self.judged[-1]
        for callback in self.plan.callbacks:
            callback(Progress("learning", done, total, "rows", figures))
