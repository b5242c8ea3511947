"""Means, their intervals, and the odds of differences."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from jari.errors import BadInput
from jari.evaluate.estimates import differences, estimates


def test_the_interval_is_that_of_the_mean():
    values = np.random.default_rng(0).normal(5, 2, 400)
    found = estimates({"x": values, "y": -values}, bootstrap=4000)
    assert found["x"].mean == pytest.approx(values.mean())
    error = 1.96 * values.std() / 20
    assert found["x"].low == pytest.approx(values.mean() - error, abs=error / 8)
    assert found["x"].high == pytest.approx(values.mean() + error, abs=error / 8)
    assert found["y"].low == pytest.approx(-found["x"].high)  # the same draws for all measures


def test_measures_together_are_as_each_alone():
    rng = np.random.default_rng(1)
    first, second = ({name: rng.random(30) for name in "ab"} for _ in range(2))
    alone = estimates({"b": first["b"]})["b"]
    assert astuple(estimates(first)["b"]) == pytest.approx(astuple(alone))
    both = differences(first, second, samples=500)
    alone = differences({"b": first["b"]}, {"b": second["b"]}, samples=500)["b"]
    assert astuple(both["b"]) == pytest.approx(astuple(alone))
    assert both["a"].mean == pytest.approx(first["a"].mean() - second["a"].mean())


def test_nothing_to_estimate():
    assert estimates({}) == {}
    assert differences({"a": [1.0]}, {"b": [1.0]}) == {}


def test_samples_are_needed():
    with pytest.raises(BadInput, match="samples=0: give at least 1"):
        differences({"a": [1.0]}, {"a": [1.0]}, samples=0)
