"""`jari.kernels.random` with Python's integers, cut to 64 bits."""

from __future__ import annotations

_ALL = (1 << 64) - 1


def seeded(seed: int, epoch: int, block: int) -> int:
    state = int(seed) * 0x9E3779B97F4A7C15 + int(epoch) * 0xD1B54A32D192ED03 + int(block) * 0x8CB92BA72F3D8DD7
    return mixed(state & _ALL)


def step(state: int) -> int:
    return int(state) + 0x9E3779B97F4A7C15 & _ALL


def mixed(state: int) -> int:
    z = (int(state) ^ int(state) >> 30) * 0xBF58476D1CE4E5B9 & _ALL
    z = (z ^ z >> 27) * 0x94D049BB133111EB & _ALL
    return z ^ z >> 31


def high(number: int) -> int:
    return int(number) // 2**32


def low(number: int) -> int:
    return int(number) % 2**32


def below(half: int, n: int) -> int:
    return int(half) * int(n) // 2**32
