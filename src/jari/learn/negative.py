"""`NegativeSampling`: skip-gram and CBOW against noise words that a group of centres shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jari.kernels import cbow, skipgram
from jari.learn.pairs import PairModel
from jari.learn.sampling import Noise
from jari.learn.walk import Kept

SKIPGRAM_GROUP, CBOW_GROUP = 24, 32  # centres that share their noise words; see decisions/0003


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
class NegativeSampling(PairModel):
    """A `Model`: true pairs against noise.

    Parameters
    ----------
    negative
        Noise words to each true pair.
    false_contexts
        For CBOW: draw the noise words among the contexts, not among the centres. For skip-gram, whose pairs can be read
        either way, exchange the two matrices instead.
    noise
        From `Noise.of`.
    """

    negative: int
    false_contexts: bool
    noise: Noise

    @property
    def group(self) -> int:
        """Centres in a group: a row moves as one of them, or as noise `negative` times as often."""
        share = max(self.largest, self.negative * self.noise.largest)
        return self.crowd(CBOW_GROUP if self.is_cbow else SKIPGRAM_GROUP, share)

    def learn(self, kept: Kept, rate: float, state: Any) -> tuple[float, float]:
        """Learn from a block; its loss, and over how many pairs or words."""
        sizes = self.group, shared_noise(self.negative, self.is_cbow), float(self.negative), rate, self.columns
        rest = *sizes, self.bias_column, state, self.noise.limits, self.noise.others, self.W, self.C
        words, left, right, count = kept.words, kept.left, kept.right, kept.count
        if self.is_cbow:
            loss = cbow.learn(words, left, right, count, self.window, self.false_contexts, *rest)
        else:
            loss = skipgram.learn(words, left, right, count, self.window, self._near, *rest)
        return loss, self.counted(kept)
