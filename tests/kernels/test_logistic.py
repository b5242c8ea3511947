import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jari.kernels import logistic
from jari.kernels.reference import logistic as twin

scores = st.floats(-200, 200, width=32)


@given(st.floats(-100, 0, width=32))
def test_the_exponential_is_its_twin(x):
    assert logistic.exponential(np.float32(x)) == pytest.approx(twin.exponential(np.float32(x)), rel=3e-7)


@given(scores)
def test_slope_and_loss_are_the_definitions(x):
    slope, loss = logistic.surprise(np.float32(x))
    true_slope, true_loss = twin.surprise(x)
    assert slope == pytest.approx(true_slope, rel=1e-5, abs=1e-30)
    assert loss == pytest.approx(true_loss, rel=1e-6, abs=1e-7)


def test_the_slope_is_that_of_the_loss():
    x = np.linspace(-9, 9, 301)
    slope, _ = twin.surprise(x)
    _, above = twin.surprise(x + 1e-6)
    _, below = twin.surprise(x - 1e-6)
    np.testing.assert_allclose(slope, (above - below) / 2e-6, atol=1e-8)


@given(arrays(np.float32, 23, elements=st.floats(-30, 30, width=32)), st.integers(0, 23))
def test_positives_equal_the_twin(x, n):
    ours, theirs = x.copy(), x.copy()
    assert logistic.positives(ours, n, 0.1) == pytest.approx(twin.positives(theirs, n, 0.1), rel=1e-5, abs=1e-6)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-12)


@given(arrays(np.float32, (5, 16), elements=st.floats(-30, 30, width=32)), st.integers(0, 5))
def test_negatives_equal_the_twin(x, n):
    ours, theirs, room = x.copy(), x.copy(), np.empty(80, np.float32)
    weights = np.array([0, 0.5, 1, 2, 3], np.float32)
    loss = logistic.negatives(ours, n, weights, 0.1, room)
    assert loss == pytest.approx(twin.negatives(theirs, n, weights, 0.1, room), rel=1e-5, abs=1e-6)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-12)


@given(arrays(np.float32, (5, 16), elements=st.floats(-30, 30, width=32)), st.integers(0, 5))
def test_band_positives_equal_the_twin(x, n):
    ours, theirs, room = x.copy(), x.copy(), np.empty(80, np.float32)
    weights = np.linspace(0, 1, 16, dtype=np.float32)
    loss = logistic.band_positives(ours, n, weights, 0.1, room)
    assert loss == pytest.approx(twin.band_positives(theirs, n, weights, 0.1, room), rel=1e-5, abs=1e-6)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-12)


def test_nan_is_not_hidden():
    assert np.isnan(logistic.positives(np.array([np.nan], np.float32), 1, 0.1))
