import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jari.kernels import noise
from jari.kernels.reference import noise as twin

# Powers of counts: a sum of denormals would have no reciprocal.
weights = arrays(np.float64, st.integers(1, 40), elements=st.just(0.0) | st.floats(1e-6, 1e6)).filter(np.any)


def table(module, given_weights):
    n = len(given_weights)
    limits, others = np.empty(n, np.uint32), np.empty(n, np.int32)
    module.alias_table(given_weights.copy(), limits, others)
    return limits, others


# Of whole numbers the sum is exact in whatever order it is taken; of others it is rounded, and a column that is full
# but for the last bit stands on one side or the other.
whole = arrays(np.float64, st.integers(1, 40), elements=st.integers(0, 10**6).map(float)).filter(np.any)


@given(whole)
def test_tables_equal_the_twins(given_weights):
    for ours, theirs in zip(table(noise, given_weights), table(twin, given_weights), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@given(weights)
def test_a_table_holds_each_weight(given_weights):
    limits, others = table(noise, given_weights)
    share = limits / 2**32
    held = np.bincount(np.arange(len(share)), share, len(share)) + np.bincount(others, 1 - share, len(share))
    np.testing.assert_allclose(held / len(share), given_weights / given_weights.sum(), atol=1e-8 * len(share))


def test_draws_equal_the_twins_and_follow_the_weights():
    given_weights = np.array([5.0, 1, 0, 3, 1])
    limits, others = table(noise, given_weights)
    ours, theirs = np.empty(20_000, np.int64), np.empty(20_000, np.int64)
    assert noise.draw(np.uint64(99), limits, others, ours) == twin.draw(99, limits, others, theirs)
    np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(np.bincount(ours, minlength=5) / 20_000, given_weights / 10, atol=0.015)
