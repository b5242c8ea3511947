"""Random numbers whose state is one integer that the caller holds: no global generator, the same bits everywhere.

xorshift64* (Marsaglia 2003; Vigna 2016): ``s ^= s >> 12; s ^= s << 25; s ^= s >> 27; out = s · 0x2545F4914F6CDD1D``.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel


@kernel
def seeded(seed: int, epoch: int, block: int) -> int:
    """The state that one block of one epoch begins with; it depends on nothing else, threads least of all.

    The finisher of splitmix64 (Steele, Lea & Flood 2014) makes neighbours unlike; a state is never 0.
    """
    z = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15)
    z += np.uint64(epoch) * np.uint64(0xD1B54A32D192ED03) + np.uint64(block) * np.uint64(0x8CB92BA72F3D8DD7)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31)) | np.uint64(1)


@kernel
def step(state: int) -> int:
    """The state that follows."""
    state ^= state >> np.uint64(12)
    state ^= state << np.uint64(25)
    state ^= state >> np.uint64(27)
    return state


@kernel
def bits(state: int) -> int:
    """The 32 random bits of a state."""
    return (state * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(32)


@kernel
def below(state: int, n: int) -> int:
    """A number in [0, n), n < 2³², without a division (Lemire 2019; the bias is under n / 2³²)."""
    return np.int64((bits(state) * np.uint64(n)) >> np.uint64(32))
