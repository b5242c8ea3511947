"""`Nearness`: how much two words count that stand so many words apart, as whole numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.errors import BadInput

WEIGHTINGS: Final = ("shrink", "distance", "flat")
WIDEST: Final = 4095  # a place has 12 bits for it
_BITS = 63  # of a sum


@dataclass(frozen=True, slots=True, eq=False)
class Nearness:
    """u(d) / denominator for each distance d.

    Sums of whole numbers are the same in any order: with any number of threads, in one run or in many.

    Parameters
    ----------
    units
        uint64, shape (window + 1,): u(d); u(0) is 0.
    denominator
        What they are parts of.
    """

    units: npt.NDArray[np.uint64]
    denominator: int

    @classmethod
    def of(cls, weighting: Any, window: Any, tokens: int) -> Nearness:
        """The weights of a window.

        Parameters
        ----------
        weighting
            ``"shrink"``: (window + 1 - d) / window, the probability that a window of random size holds the word
            (word2vec; Mikolov et al. 2013); ``"distance"``: 1 / d (GloVe; Pennington et al. 2014); ``"flat"``: 1.
        tokens
            How long the text is: no sum will be too large for 63 bits.

        Raises
        ------
        BadInput
            The weighting is not known, or the window is not from 1 to 4,095.

        Examples
        --------
        >>> shrink = Nearness.of("shrink", 5, tokens=100)
        >>> shrink.units.tolist(), shrink.denominator
        ([0, 5, 4, 3, 2, 1], 5)
        >>> distance = Nearness.of("distance", 5, tokens=100)
        >>> distance.units.tolist(), distance.denominator
        ([0, 60, 30, 20, 15, 12], 60)
        """
        if isinstance(window, bool) or not isinstance(window, int | np.integer) or not 1 <= window <= WIDEST:
            raise BadInput(f"window={window!r}: a window has from 1 to {WIDEST:,} words. Give a whole number.")
        if weighting not in WEIGHTINGS:
            raise BadInput(f"weighting={weighting!r}: choose {' or '.join(map(repr, WEIGHTINGS))}.")
        width = int(window)
        distances = range(1, width + 1)
        if weighting == "flat":
            units, denominator = [1] * width, 1
        elif weighting == "shrink":
            units, denominator = [width + 1 - d for d in distances], width
        else:
            denominator = _denominator(width, tokens)
            units = [(2 * denominator + d) // (2 * d) for d in distances]
        return cls(np.array([0, *units], np.uint64), denominator)


def _denominator(window: int, tokens: int) -> int:
    """A number of which all 1/d are whole parts, if sums stay small enough with it; else a power of two.

    18 M words are counted exactly up to a window of 25. Beyond, each 1/d is rounded to 2⁻³⁵; float32 rounds 1 to 2⁻²⁴.
    """
    harmonic = sum(1 / d for d in range(1, window + 1))
    largest = 2**_BITS / (2 * harmonic * max(tokens, 1))
    exact = math.lcm(*range(1, window + 1))
    return exact if exact <= largest else 2 ** int(math.log2(largest))
