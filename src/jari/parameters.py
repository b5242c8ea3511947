"""Checks of parameters, with messages that say the value, the rule and the remedy."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np

from jari.errors import BadInput


def whole(name: str, value: Any, low: int, why: str) -> int:
    """A whole number that is `low` or more.

    Examples
    --------
    >>> whole("dim", 0, 1, "a vector needs at least one number")
    Traceback (most recent call last):
    jari.errors.BadInput: dim=0: a vector needs at least one number. Give a whole number, 1 or more.
    """
    if type(value) is bool or not isinstance(value, numbers.Integral) or value < low:
        raise BadInput(f"{name}={value!r}: {why}. Give a whole number, {low} or more.")
    return int(value)


def real(name: str, value: Any, low: float, why: str, *, above: bool = False) -> float:
    """A finite number that is `low` or more, or `above` it."""
    good = type(value) is not bool and isinstance(value, numbers.Real) and math.isfinite(value)
    if not good or value < low or (above and value == low):
        raise BadInput(f"{name}={value!r}: {why}. Give a number {'above' if above else 'not below'} {low:g}.")
    return float(value)


def choice(name: str, value: Any, choices: Sequence[str]) -> str:
    """One of some words."""
    if value not in choices:
        raise BadInput(f"{name}={value!r}: choose {' or '.join(repr(one) for one in choices)}.")
    return str(value)


def seed_of(random_state: Any) -> int:
    """A seed in [0, 2⁶³): drawn where None is given, or from a generator of the caller's."""
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**63))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1, np.uint64)[0] >> np.uint64(1))
    return whole("random_state", random_state, 0, "a seed is not negative") % 2**63


def share(name: str, value: Any, why: str, *, above: bool = False) -> float:
    """A number from 0, or `above` it, to below 1."""
    real(name, value, 0.0, why, above=above)
    if value >= 1:
        raise BadInput(f"{name}={value!r}: {why}. Give a number below 1.")
    return float(value)


def sizes(name: str, value: Any) -> tuple[Any, ...]:
    """Sizes of layers, as a list or a tuple."""
    if not isinstance(value, list | tuple):
        raise BadInput(f"{name}={value!r}: give the sizes of the hidden layers, such as (64,), or ().")
    return tuple(value)
