"""`NegativeSampling`: skip-gram and CBOW against noise words that a group of centres shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jari.kernels import groups
from jari.kernels.skipgram import band_width, nearness
from jari.kernels.windows import pairs_near
from jari.learn.matrices import in_use
from jari.learn.sampling import Noise
from jari.learn.walk import Kept
from jari.types import Matrix, Vector

SKIPGRAM_GROUP, CBOW_GROUP = 24, 32  # centres that share their noise words; see decisions/0003
_CROWD = 1.5  # the longest step, in units of one pair's gradient, that one row may take from matrices at rest


def shared_noise(negative: int, is_cbow: bool) -> int:
    """How many noise words a group shares, a multiple of 4, for `negative` to each pair.

    A noise word stands for many draws and moves as far at once. CBOW, which meets it once a centre and not once a pair,
    has enough with half as many.

    Examples
    --------
    >>> shared_noise(5, False), shared_noise(5, True), shared_noise(20, True)
    (24, 12, 48)
    """
    return max(8, round(negative * (2.4 if is_cbow else 4.8) / 4) * 4)


@dataclass(slots=True)
class NegativeSampling:
    """A `Model`: true pairs against noise.

    Parameters
    ----------
    W, C
        Input and output vectors, changed in place, rows `padded`.
    dim
        How many numbers of each row are the vector.
    largest
        From `largest_kept`.
    noise
        From `Noise.of`.
    rate
        The highest learning rate of the walk.
    """

    W: Matrix
    C: Matrix
    dim: int
    is_cbow: bool
    window: int
    shrink: bool
    negative: int
    noise: Noise
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
    def matrices(self) -> Mapping[str, Matrix]:
        """``vectors`` and ``context``."""
        return {"vectors": self.W, "context": self.C}

    @property
    def group(self) -> int:
        """Centres in a group: fewer than usual where so many would trip over one word.

        The steps of a group are computed from the same matrices and add up. In a text of a few words, or with one word
        in every second place, a row would take hundreds of steps at once, overshoot, and never come back. A centre has
        about ``window + 1`` contexts; a row moves as one of them, or as noise `negative` times as often.
        """
        pairs = self.window + 1 if self.shrink else 2 * self.window
        share = max(self.largest, self.negative * self.noise.largest)
        most = int(_CROWD / (share * pairs * self.rate))
        return int(np.clip(most // 4 * 4, 4, CBOW_GROUP if self.is_cbow else SKIPGRAM_GROUP))

    def learn(self, kept: Kept, rate: float, state: Any) -> tuple[float, float]:
        """Learn from a block; its loss, over its weighed pairs for skip-gram and its centres for CBOW."""
        loss = groups.learn(
            kept.words,
            kept.left,
            kept.right,
            kept.count,
            self.window,
            self._near,
            self.is_cbow,
            self.group,
            shared_noise(self.negative, self.is_cbow),
            float(self.negative),
            rate,
            in_use(self.dim),
            state,
            self.noise.limits,
            self.noise.others,
            self.W,
            self.C,
        )
        if self.is_cbow:
            return loss, kept.centres
        return loss, pairs_near(kept.left, kept.right, kept.count, self.window, self._near)
