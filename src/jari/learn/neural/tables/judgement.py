"""How well a table was learnt: by the rows that judged, beside one answer for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jari.learn.neural.entity_embedder import EntityEmbedder
from jari.learn.neural.tables.targets import Floats
from jari.learn.neural.tables.validation import parted


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rows that were not learnt from say; they have chosen the epoch, so it is a little too kind.

    Parameters
    ----------
    rows
        How many.
    figures
        Of numbers ``r2`` and ``rmse``, of the logarithm where that was learnt, and ``mae``, of the numbers themselves.
        Of classes ``accuracy`` and ``log_loss``.
    of_one
        The same of one answer for all rows: the mean of those that were learnt from; the most frequent class, and how
        frequent each is.
    """

    rows: int
    figures: Mapping[str, float]
    of_one: Mapping[str, float]

    @property
    def better(self) -> bool:
        """Whether anything was learnt that holds."""
        name = "rmse" if "rmse" in self.figures else "log_loss"
        return self.figures[name] < self.of_one[name]

    @classmethod
    def of(cls, learner: EntityEmbedder, table: Mapping[str, pa.Array], target: npt.NDArray[Any]) -> Judgement | None:
        """Ask the rows of the table that `learner` was judged by; None where there were too few to judge.

        Parameters
        ----------
        table, target
            What it was learnt from.
        """
        numbers = learner.task == "regression"
        codes = np.zeros(len(target), np.int64) if numbers else np.searchsorted(learner.classes_, target)
        learners, judges = parted(codes, learner.validation, learner.seed_)
        if not len(judges):
            return None
        rows = {name: column.take(pa.array(judges)) for name, column in table.items()}
        if numbers:
            told = learner.predict(rows), target[learners], target[judges]
            return cls(len(judges), *_of_numbers(*told, learner.target_transform))
        return cls(len(judges), *_of_classes(learner.predict_proba(rows), codes[learners], codes[judges]))


def _of_numbers(
    told: Floats, learnt: Floats, right: Floats, transform: str | None
) -> tuple[dict[str, float], dict[str, float]]:
    scale, back = {"log": (np.log, np.exp), "log1p": (np.log1p, np.expm1)}.get(str(transform), (np.array, np.array))
    mean = np.full(len(right), scale(learnt).mean())
    spread = float(((scale(right) - scale(right).mean()) ** 2).mean())

    def figures(said: Floats) -> dict[str, float]:
        square = float(((said - scale(right)) ** 2).mean())
        return {
            "r2": 1 - square / spread if spread else 0.0,
            "rmse": square**0.5,
            "mae": float(np.abs(back(said) - right).mean()),
        }

    return figures(scale(told)), figures(mean)


def _of_classes(odds: Floats, learnt: Any, right: Any) -> tuple[dict[str, float], dict[str, float]]:
    shares = np.bincount(learnt, minlength=odds.shape[1]) / len(learnt)

    def figures(odds: Floats) -> dict[str, float]:
        of_right = odds[np.arange(len(right)), right]
        return {
            "accuracy": float((odds.argmax(axis=1) == right).mean()),
            "log_loss": float(-np.log(np.maximum(of_right, np.finfo(np.float64).tiny)).mean()),
        }

    return figures(odds), figures(np.tile(shares, (len(right), 1)))
