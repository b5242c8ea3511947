"""The loop: epochs of batches, the rate falling as a cosine, until the judges find no epoch better."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from jari.diverged import diverged
from jari.errors import BadInput
from jari.learn.neural.tables.engine import Copied, Engine
from jari.types import Callback, Progress, Rows

_OFTEN: Final = 0.1  # seconds between two calls of a callback
_WARM: Final = 0.05  # of all steps: the rate rises before it falls
_BATCHES: Final = ((20_000, 128), (100_000, 256), (500_000, 512))


@dataclass(frozen=True, slots=True)
class Plan:
    """How to learn; the names are those of `EntityEmbedder`'s parameters."""

    epochs: int
    batch: int
    learning_rate: float
    patience: int
    callbacks: Sequence[Callback]
    seed: int


def batch_for(rows: int) -> int:
    """Rows in a batch where nobody says: small ones learn more from few rows, large ones are faster."""
    return next((batch for most, batch in _BATCHES if rows < most), 1024)


@dataclass(slots=True, eq=False)
class TableTraining:
    """A network on its way.

    Parameters
    ----------
    engine
        What learns.
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

    engine: Engine
    learners: Rows
    judges: Rows
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
        random = np.random.default_rng(self.plan.seed)
        for epoch in range(self.plan.epochs):
            self.losses.append(self._epoch(epoch, random.permutation(self.learners)))
            if len(self.judges):
                self.judged.append(self.engine.loss(self.judges.astype(np.int64)))
                if not math.isfinite(self.judged[-1]):
                    raise self._lost(f"The loss of the rows that judge is {self.judged[-1]:g} after epoch {epoch}")
            if not self.judged or self.judged[-1] < min(self.judged[:-1], default=math.inf):
                self._keep(epoch)
            elif epoch - int(np.argmin(self.judged)) >= self.plan.patience:
                break
        done = len(self.losses) * len(self.learners)
        self._tell(done, done, self.losses[-1])

    def _epoch(self, epoch: int, order: Rows) -> float:
        size, total, seen = self.plan.batch, 0.0, 0
        batches = -(-len(order) // size)
        for at in range(batches):
            rows = order[at * size : (at + 1) * size].astype(np.int64)
            loss = self.engine.step(rows, self._rate((epoch * batches + at + 1) / (self.plan.epochs * batches)))
            if not math.isfinite(loss):
                raise self._lost(f"The loss is {loss:g} in batch {at} of epoch {epoch}")
            total, seen = total + loss * len(rows), seen + len(rows)
            if time.monotonic() - self._told >= _OFTEN:
                self._tell(epoch * len(order) + seen, self.plan.epochs * len(order), total / seen)
        return total / seen

    def _rate(self, share: float) -> float:
        """The learning rate when this share of all steps is done."""
        return self.plan.learning_rate * min(1.0, share / _WARM) * (0.5 + 0.5 * math.cos(math.pi * share))

    def _keep(self, epoch: int) -> None:
        if not self.engine.is_finite():
            raise self._lost(f"A weight is no finite number after epoch {epoch}")
        self.best = self.engine.copied(self.best)

    def _lost(self, what: str) -> BadInput:
        return diverged(what, learning_rate=self.plan.learning_rate, kept=self.best is not None)

    def _tell(self, done: int, total: int, loss: float) -> None:
        self._told = time.monotonic()
        figures = {"loss": loss, "epoch": len(self.losses)}
        if self.judged:
            figures["validation"] = self.judged[-1]
        for callback in self.plan.callbacks:
            callback(Progress("learning", done, total, "rows", figures))
