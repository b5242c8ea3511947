"""The loop: epochs of batches, in which another random part of each history is held out every time."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from jari.diverged import diverged
from jari.errors import BadInput
from jari.extras import require
from jari.learn.neural.batches import Entries, SparseRows, Tensor, held_out
from jari.learn.neural.descent import Descent
from jari.learn.neural.judging import Judges
from jari.learn.neural.network import Network
from jari.learn.neural.softmaxes import Sampler, full_softmax, sampled_softmax
from jari.types import Callback, Matrix, Progress

_OFTEN: Final = 0.1  # seconds between two calls of a callback
_HIDDEN_FEATURES: Final = 0.1  # of the users in a batch, so that the row of users without features is learnt


@dataclass(frozen=True, slots=True)
class Plan:
    """How to learn; the names are those of `SoftmaxRecommender`'s parameters."""

    epochs: int
    batch: int
    learning_rate: float
    l2: float
    holdout: float
    patience: int
    callbacks: Sequence[Callback]


@dataclass(slots=True, eq=False)
class Training:
    """A network on its way.

    Parameters
    ----------
    network
        What learns.
    histories
        Of all users.
    features
        Of all users, the last column standing for users without any; None where there are none.
    sampler
        For the sampled softmax; None for the full one.
    learners
        Rows of the users to learn from.
    judges
        Who compares the epochs; None where the last one is the best.
    plan
        How to learn.

    Attributes
    ----------
    losses
        The mean loss of each epoch.
    judged
        What the judges said of each epoch.
    best
        The weights of the best epoch so far; None before the first is over.
    """

    network: Network
    histories: SparseRows
    features: SparseRows | None
    sampler: Sampler | None
    learners: Tensor
    judges: Judges | None
    plan: Plan
    losses: list[float] = field(default_factory=list)
    judged: list[float] = field(default_factory=list)
    best: dict[str, Matrix] | None = None
    _told: float = -math.inf

    def run(self) -> None:
        """Learn until the last epoch, or until the judges have found none better for `patience` epochs.

        Raises
        ------
        BadInput
            The loss is no number any more. `best` is what was learnt before.
        """
        descent = Descent(self.network, rate=self.plan.learning_rate, l2=self.plan.l2)
        for epoch in range(self.plan.epochs):
            self.losses.append(self._epoch(epoch, descent))
            if self.judges is not None:
                self.judged.append(self.judges.ask(self.network))
            if self.judges is None or self.judged[-1] > max(self.judged[:-1], default=-math.inf):
                self._keep(epoch)
            elif epoch - int(np.argmax(self.judged)) >= self.plan.patience:
                break
        done = len(self.losses) * len(self.learners)
        self._tell(done, done, self.losses[-1])

    def _epoch(self, epoch: int, descent: Descent) -> float:
        torch = require("torch", extra="torch")
        generator = self.network.generator
        order = self.learners[torch.randperm(len(self.learners), generator=generator, device=generator.device)]
        total, entries = 0.0, 0
        for begin in range(0, len(order), self.plan.batch):
            users = order[begin : begin + self.plan.batch]
            known, wanted = held_out(self.histories.take(users), self.plan.holdout, generator)
            if len(wanted.rows):
                loss = self._loss(users, known, wanted)
                here = loss.item()
                if not math.isfinite(here):
                    raise self._lost(f"The loss is {here:g} in batch {begin // self.plan.batch} of epoch {epoch}")
                descent.step(loss)
                total, entries = total + here * len(wanted.rows), entries + len(wanted.rows)
            if time.monotonic() - self._told >= _OFTEN:
                done = epoch * len(order) + begin + len(users)
                self._tell(done, self.plan.epochs * len(order), total / max(entries, 1))
        return total / max(entries, 1)

    def _loss(self, users: Tensor, known: Entries, wanted: Entries) -> Tensor:
        tables = self.network.tables
        vectors = self.network.users(known, self._features(users), learning=True)
        if self.sampler is None:
            return full_softmax(vectors, tables["outputs"], tables["biases"], known, wanted)
        sparse = self.network.sparse
        return sampled_softmax(vectors, tables["outputs"], tables["biases"], known, wanted, self.sampler, sparse=sparse)

    def _features(self, users: Tensor) -> Entries | None:
        """The features of users, of some of whom nothing is told."""
        if self.features is None:
            return None
        torch = require("torch", extra="torch")
        generator, device = self.network.generator, users.device
        given = self.features.take(users)
        told = torch.rand(len(users), generator=generator, device=device) >= _HIDDEN_FEATURES
        kept, untold = given.where(told[given.rows]), torch.nonzero(~told)[:, 0]
        rows = torch.cat([kept.rows, untold])
        columns = torch.cat([kept.columns, torch.full_like(untold, self.features.shape[1] - 1)])
        weights = torch.cat([kept.weights, torch.ones(len(untold), device=device)])
        order = torch.argsort(rows, stable=True)
        return Entries(len(users), rows[order], columns[order], weights[order])

    def _keep(self, epoch: int) -> None:
        arrays = self.network.copied()
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise self._lost(f"A weight is no finite number after epoch {epoch}")
        self.best = arrays

    def _lost(self, what: str) -> BadInput:
        return diverged(what, learning_rate=self.plan.learning_rate, kept=self.best is not None)

    def _tell(self, done: int, total: int, loss: float) -> None:
        self._told = time.monotonic()
        figures = {"loss": loss, "epoch": len(self.losses)}
        if self.judged:
            figures["ndcg"] = self.judged[-1]
        for callback in self.plan.callbacks:
            callback(Progress("learning", done, total, "users", figures))
