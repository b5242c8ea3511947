"""How well a table was learnt: by the rows that judged, beside one answer for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jari.learn.neural.entity_embedder import EntityEmbedder
from jari.learn.neural.tables.targets import Floats
from jari.learn.neural.tables.validation import parted

_Scale: TypeAlias = Callable[[Floats], Floats]
_SCALES: Final[dict[str | None, tuple[_Scale, _Scale]]] = {
    None: (np.array, np.array),
    "log": (np.log, np.exp),
    "log1p": (np.log1p, np.expm1),
}


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
    better
        Whether it beats the one answer by more than chance would: the mean gain of a row, in squares or log loss, is
        above two of its standard errors.
    """

    rows: int
    figures: Mapping[str, float]
    of_one: Mapping[str, float]
    better: bool

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
            scale, back = _SCALES[learner.target_transform]
            mean = np.full(len(judges), scale(target[learners]).mean())
            said, one = (
                _of_numbers(told, target[judges], scale, back) for told in (scale(learner.predict(rows)), mean)
            )
        else:
            odds = learner.predict_proba(rows)
            shares = np.bincount(codes[learners], minlength=odds.shape[1]) / len(learners)
            said, one = (_of_classes(told, codes[judges]) for told in (odds, np.tile(shares, (len(judges), 1))))
        gains = one[1] - said[1]
        return cls(len(judges), said[0], one[0], bool(gains.mean() > 2 * gains.std() / len(gains) ** 0.5))


def _of_numbers(said: Floats, right: Floats, scale: _Scale, back: _Scale) -> tuple[dict[str, float], Floats]:
    """Figures, and the square of each row's error."""
    truth = scale(right)
    squares: Floats = (said - truth) ** 2
    square, spread = float(squares.mean()), float(truth.var())
    mae = float(np.abs(back(said) - right).mean())
    return {"r2": 1 - square / spread if spread else 0.0, "rmse": square**0.5, "mae": mae}, squares


def _of_classes(odds: Floats, right: npt.NDArray[np.int64]) -> tuple[dict[str, float], Floats]:
    """Figures, and the log loss of each row."""
    losses: Floats = -np.log(np.maximum(odds[np.arange(len(right)), right], np.finfo(np.float64).tiny))
    return {"accuracy": float((odds.argmax(axis=1) == right).mean()), "log_loss": float(losses.mean())}, losses
