"""Random numbers whose state is one integer that the caller holds: no global generator, the same bits everywhere.

splitmix64 (Steele, Lea & Flood 2014): the states count up by an odd constant, and each is mixed into a number of its
own. No number waits for the one before it, so that a loop has several under way.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel


@kernel
def seeded(seed: int, epoch: int, block: int) -> int:
    """The state that one block of one epoch begins with; it depends on nothing else, threads least of all."""
    state = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15)
    state += np.uint64(epoch) * np.uint64(0xD1B54A32D192ED03) + np.uint64(block) * np.uint64(0x8CB92BA72F3D8DD7)
    return mixed(state)


@kernel
def step(state: int) -> int:
    """The state that follows."""
    return state + np.uint64(0x9E3779B97F4A7C15)


@kernel
def mixed(state: int) -> int:
    """The 64 random bits of a state."""
    z = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def high(number: int) -> int:
    """The upper half of 64 bits."""
    return number >> np.uint64(32)


@kernel
def low(number: int) -> int:
    """The lower half, as random as the upper and independent of it."""
    return number & np.uint64(0xFFFFFFFF)


@kernel
def below(half: int, n: int) -> int:
    """32 random bits as a number in [0, n), n < 2³², without a division (Lemire 2019; the bias is under n / 2³²)."""
    return np.int64((half * np.uint64(n)) >> np.uint64(32))
