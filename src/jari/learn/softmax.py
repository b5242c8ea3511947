"""`Softmax`: skip-gram and CBOW against every word of the vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jari.kernels import softmax
from jari.learn.pairs import PairModel
from jari.learn.walk import Kept

GROUP = 32  # centres that take their steps together
LARGE = 50_000  # words: beyond, the other losses learn the same in a hundredth of the time


@dataclass(slots=True)
class Softmax(PairModel):
    """A `Model`: the cross-entropy itself, which negative sampling and the hierarchical softmax stand in for.

    Parameters
    ----------
    words
        How many there are: C has room for a multiple of 4.
    """

    words: int

    def learn(self, kept: Kept, rate: float, state: Any) -> tuple[float, float]:
        """Learn from a block; its loss, and over how many pairs or words. Nothing is drawn."""
        loss = softmax.learn(
            kept.words,
            kept.left,
            kept.right,
            kept.count,
            self.window,
            self._near,
            self.is_cbow,
            self.crowd(GROUP, self.largest),
            rate,
            self.columns,
            self.bias_column,
            self.words,
            self.W,
            self.C,
        )
        return loss, self.counted(kept)
