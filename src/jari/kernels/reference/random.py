"""`jari.kernels.random` with Python's integers, cut to 64 bits."""

from __future__ import annotations

_ALL = (1 << 64) - 1


def seeded(seed: int, epoch: int, block: int) -> int:
    z = int(seed) * 0x9E3779B97F4A7C15 + int(epoch) * 0xD1B54A32D192ED03 + int(block) * 0x8CB92BA72F3D8DD7 & _ALL
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _ALL
    z = (z ^ z >> 27) * 0x94D049BB133111EB & _ALL
    return z ^ z >> 31 | 1


def step(state: int) -> int:
    state = int(state)
    state ^= state >> 12
    state ^= state << 25 & _ALL
    return state ^ state >> 27


def bits(state: int) -> int:
    return (int(state) * 0x2545F4914F6CDD1D & _ALL) >> 32


def below(state: int, n: int) -> int:
    return bits(state) * int(n) >> 32
