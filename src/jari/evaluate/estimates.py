"""Means over queries or users, and how far chance could have moved them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from jari.errors import BadInput

Doubles: TypeAlias = npt.NDArray[np.float64]

_AT_ONCE = 1 << 20  # numbers drawn


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over queries or users.

    Parameters
    ----------
    mean
        Of the values.
    low, high
        95 % interval: percentiles over bootstrap samples of the queries. None where none was asked for.
    """

    mean: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much one is better than another, by one measure.

    Parameters
    ----------
    mean
        Above 0 where the first is the better one.
    low, high
        95 % interval: percentiles over bootstrap samples of the queries.
    p
        How often chance alone gives a difference as large: the two-sided randomisation test.
    """

    mean: float
    low: float
    high: float
    p: float


def estimates(
    values: Mapping[str, npt.ArrayLike], *, bootstrap: int = 1000, random_state: int = 0
) -> dict[str, Estimate]:
    """The mean of each measure, with its interval.

    Parameters
    ----------
    values
        From the name of each measure to its value for each query, shape (n,), the same queries for all.
    bootstrap
        Samples of the queries; 0 leaves the intervals out.
    random_state
        Seed of the samples.

    Examples
    --------
    >>> estimates({"MRR": [1, 0.5, 0, 0.5]}, bootstrap=0)
    {'MRR': Estimate(mean=0.5, low=None, high=None)}
    """
    if not values:
        return {}
    names, table = _table(values)
    means = table.mean(axis=0).tolist()
    if bootstrap < 1:
        return {name: Estimate(mean) for name, mean in zip(names, means, strict=True)}
    low, high = _interval(table, bootstrap, random_state)
    return {name: Estimate(*told) for name, *told in zip(names, means, low, high, strict=True)}


def differences(
    first: Mapping[str, npt.ArrayLike],
    second: Mapping[str, npt.ArrayLike],
    *,
    samples: int = 10_000,
    random_state: int = 0,
) -> dict[str, Difference]:
    """By how much the first is better, by each measure that both have, and how often chance brings as much.

    Each query gives a difference. If both were equally good, each difference could as well have had the other sign: `p`
    is how often signs drawn at random give a mean as far from 0 as the one seen (Fisher's randomisation test; Smucker,
    Allan & Carterette 2007, *A Comparison of Statistical Significance Tests for Information Retrieval Evaluation*).

    Parameters
    ----------
    first, second
        From the name of each measure to its value for each query, shape (n,), the same queries in both.
    samples
        Of signs, and of queries for the interval.
    random_state
        Seed of both.

    Raises
    ------
    BadInput
        There are no samples.

    Examples
    --------
    >>> found = differences({"MRR": [1, 1, 1]}, {"MRR": [0, 1, 0.5]})["MRR"]
    >>> found.mean, 0.4 < found.p < 0.6
    (0.5, True)
    """
    if samples < 1:
        raise BadInput(f"samples={samples}: give at least 1; 10,000 tell p = 0.01 from p = 0.02.")
    both = {name: np.subtract(first[name], second[name]) for name in first if name in second}
    if not both:
        return {}
    names, table = _table(both)
    means = table.mean(axis=0)
    rng, n = np.random.default_rng(random_state), len(table)
    # As far as the mean itself, which adds up in another order: a rounding error must not make it "less far".
    least = np.abs(means) * (1 - 1e-9)
    as_far = np.zeros(len(names), dtype=np.int64)
    for many in _blocks(samples, n):
        signs = rng.integers(0, 2, (many, n), dtype=np.int8) * 2 - 1
        as_far += (np.abs(signs @ table / n) >= least).sum(axis=0)
    odds = (as_far + 1) / (samples + 1)  # what was seen is one of the ways to draw
    low, high = _interval(table, samples, random_state)
    told = zip(names, means.tolist(), low, high, odds.tolist(), strict=True)
    return {name: Difference(*figures) for name, *figures in told}


def _table(values: Mapping[str, npt.ArrayLike]) -> tuple[list[str], Doubles]:
    """The names, and the values as shape (queries, measures)."""
    columns = [np.asarray(each, dtype=np.float64) for each in values.values()]
    return list(values), np.stack(columns, axis=1)


def _interval(table: Doubles, samples: int, seed: int) -> tuple[list[float], list[float]]:
    """Of each column."""
    rng, (n, width) = np.random.default_rng(seed), table.shape
    means = np.empty((samples, width))
    done = 0
    for many in _blocks(samples, n):
        # How often each query was drawn, times the values: one draw serves all measures.
        drawn = rng.integers(0, n, (many, n)) + np.arange(0, many * n, n)[:, None]
        means[done : done + many] = np.bincount(drawn.ravel(), minlength=many * n).reshape(many, n) @ table / n
        done += many
    low, high = np.percentile(means, [2.5, 97.5], axis=0).tolist()
    return low, high


def _blocks(samples: int, queries: int) -> Iterator[int]:
    """Samples at a time, so that no more than some million numbers are held."""
    many = max(1, _AT_ONCE // queries)
    yield from (min(many, samples - done) for done in range(0, samples, many))
