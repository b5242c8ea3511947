"""`jari.kernels.whitespace` by `str.isspace`."""

from __future__ import annotations

import numpy as np


def split_whitespace(
    data: np.ndarray, begin: int, end: int, starts: np.ndarray, stops: np.ndarray, ends: np.ndarray, state: np.ndarray
) -> int:
    n = m = 0
    at, start = begin, -1  # where the token began that is being read
    for character in [*data[begin:end].tobytes().decode(), " "]:
        if not character.isspace():
            start = at if start < 0 else start
        elif start >= 0:
            starts[n], stops[n], start = start, at, -1
            n += 1
        if character == "\n":
            ends[m] = n
            m += 1
        at += len(character.encode())
    state[0], state[1] = n, m
    return end
