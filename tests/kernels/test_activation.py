"""Activations: the kernel against its twin, and the slopes against differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jari.kernels import activation
from jari.kernels.reference import activation as twin

KINDS = [activation.RELU, activation.TANH, activation.GELU]


@given(
    z=hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.floats(-20, 20, width=32)),
    kind=st.sampled_from(KINDS),
)
def test_the_kernel_is_its_twin(z, kind):
    bias = np.linspace(-1, 1, z.shape[1]).astype(np.float32)
    found = []
    for module in (activation, twin):
        h, slopes = z.copy(), np.full_like(z, 9)
        module.activate(h, bias, kind, slopes)
        found.append((h, slopes))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_slopes_are_slopes(kind):
    points, width = np.array([[-2.0, -0.3, 0.4, 1.7]]), 1e-6
    values = []
    for moved in (-width, width):
        z = points + moved
        twin.activate(z, np.zeros(4), kind, np.empty_like(z))
        values.append(z)
    z, slopes = points.copy(), np.empty_like(points)
    twin.activate(z, np.zeros(4), kind, slopes)
    np.testing.assert_allclose(slopes, (values[1] - values[0]) / (2 * width), rtol=1e-5, atol=1e-8)


def test_by_hand():
    z, slopes = np.array([[-1.0, 2.0]], np.float32), np.empty((1, 2), np.float32)
    activation.activate(z, np.array([0.5, 0.5], np.float32), activation.RELU, slopes)
    assert z.tolist() == [[0.0, 2.5]]
    assert slopes.tolist() == [[0.0, 1.0]]
