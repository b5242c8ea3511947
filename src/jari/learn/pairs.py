"""`PairModel`: what the models of `Word2Vec` have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jari.kernels.skipgram import band_width, nearness
from jari.kernels.windows import pairs_near
from jari.learn.matrices import in_use
from jari.learn.walk import Kept
from jari.types import Matrix, Vector

_CROWD = 1.5  # the longest step, in units of one pair's gradient, that one row may take from matrices at rest


@dataclass(slots=True)
class PairModel:
    """Words of a text and the words around them, foretold by a product of an input row and output rows.

    Parameters
    ----------
    matrices
        What learning changes, by the names that a checkpoint gives them: W and C.
    W, C
        Input and output vectors, rows `padded`. With `bias` the last row of W is b, and the biases b' are the column
        `dim` of C: see `jari.kernels.bias`.
    dim
        How many numbers of each row are the vector.
    is_cbow
        Whether the mean of a window foretells, or each of its words.
    window, shrink
        The widest window, and whether near words count more.
    largest
        From `largest_kept`.
    rate
        The highest learning rate of the walk.
    """

    matrices: Mapping[str, Matrix]
    W: Matrix
    C: Matrix
    dim: int
    is_cbow: bool
    window: int
    shrink: bool
    bias: bool
    largest: float
    rate: float

    _near: Vector = field(init=False)

    def __post_init__(self) -> None:
        self._near = np.empty(band_width(self.window), np.float32)
        nearness(self.window, self.shrink, self._near)

    @property
    def drawn(self) -> bool:
        """CBOW draws its windows; skip-gram takes all pairs and weighs them."""
        return self.shrink and self.is_cbow

    @property
    def columns(self) -> int:
        """How many columns the products look at."""
        return in_use(self.dim + self.bias)

    @property
    def bias_column(self) -> int | None:
        """Where the biases are, if there are any. Kernels are compiled with them or without."""
        return self.dim if self.bias else None

    def learn(self, kept: Kept, rate: float, state: Any) -> tuple[float, float]:
        """As `Model.learn`."""
        raise NotImplementedError

    def crowd(self, most: int, share: float) -> int:
        """Centres in a group: `most`, but fewer where so many would trip over one word.

        The steps of a group are computed from the same matrices and add up. In a text of a few words, or with one word
        in every second place, a row would take hundreds of steps at once, overshoot, and never come back. A centre has
        about ``window + 1`` contexts; a row that is met in a `share` of the pairs moves as often as that.
        """
        pairs = self.window + 1 if self.shrink else 2 * self.window
        return int(np.clip(int(_CROWD / (share * pairs * self.rate)) // 4 * 4, 4, most))

    def counted(self, kept: Kept) -> float:
        """Over how much the loss of a block is: its weighed pairs for skip-gram, its centres for CBOW."""
        if self.is_cbow:
            return kept.centres
        return pairs_near(kept.left, kept.right, kept.count, self.window, self._near)
