"""Steps of Adam: the kernels against their twins, and the twins against steps written out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import adam
from jari.kernels.reference import adam as twin


@given(n=st.integers(1, 40), steps=st.integers(1, 50), decay=st.sampled_from([0.0, 0.01]), seed=st.integers(0, 99))
def test_whole_arrays(n, steps, decay, seed):
    generator = np.random.default_rng(seed)
    given_ = [generator.standard_normal(n).astype(np.float32) for _ in range(3)]
    squares = generator.random(n).astype(np.float32)
    found = []
    for module in (adam, twin):
        weights, slopes, means, kept = (array.copy() for array in (*given_, squares))
        module.adam(weights, slopes, means, kept, steps, 0.01, decay)
        found.append((weights, means, kept))
    for mine, other in zip(*found, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-6)


def test_the_first_step_is_as_long_as_the_rate_and_goes_down():
    weights, slopes = np.array([1.0, 1.0, 1.0]), np.array([5.0, -0.01, 0.0])
    twin.adam(weights, slopes, np.zeros(3), np.zeros(3), 1, 0.1, 0.0)
    np.testing.assert_allclose(weights, [0.9, 1.1, 1.0], rtol=1e-5)


def layers(seed):
    """Two columns, of 4 categories of 3 numbers and 3 of 2."""
    generator = np.random.default_rng(seed)
    state = {
        "vectors": generator.standard_normal(18).astype(np.float32),
        "squares": generator.random(7).astype(np.float32),
        "steps": generator.integers(0, 9, 7).astype(np.float32),
    }
    return generator, state, (np.array([0, 12]), np.array([3, 2]), np.array([0, 4]))


@given(seed=st.integers(0, 200), decay=st.sampled_from([0.0, 0.02]), batch=st.integers(1, 9))
def test_rows_of_categories(seed, decay, batch):
    generator, state, (starts, dims, tops) = layers(seed)
    asked = np.column_stack([generator.integers(0, 4, batch), generator.integers(0, 3, batch)]).astype(np.int32)
    slopes = generator.standard_normal((batch, 6)).astype(np.float32)
    found = []
    for module in (adam, twin):
        vectors, squares, steps = (array.copy() for array in state.values())
        slots, held, sums = np.full(7, -1, np.int32), np.empty(batch, np.int32), np.empty((batch, 3), np.float32)
        module.adam_of_categories(
            vectors, starts, dims, tops, asked, slopes, squares, steps, slots, held, sums, 0.01, decay
        )
        assert (slots == -1).all()
        found.append((vectors, squares, steps))
    for mine, other in zip(*found, strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-4, atol=1e-6)
    untouched = sorted(set(range(4)) - set(asked[:, 0].tolist()))
    np.testing.assert_array_equal(
        found[0][0][:12].reshape(4, 3)[untouched], state["vectors"][:12].reshape(4, 3)[untouched]
    )


@given(
    seed=st.integers(0, 200),
    decay=st.sampled_from([0.0, 0.02]),
    sizes=st.lists(st.integers(0, 6), min_size=1, max_size=5),
)
def test_rows_of_words(seed, decay, sizes):
    generator = np.random.default_rng(seed)
    ends = np.cumsum([0, *sizes])
    words = generator.integers(0, 5, ends[-1]).astype(np.int32)
    shares = generator.random(ends[-1]).astype(np.float32)
    table = generator.standard_normal((5, 4)).astype(np.float32)
    slopes = generator.standard_normal((len(sizes), 7)).astype(np.float32)
    found = []
    for module in (adam, twin):
        moved, squares, steps = table.copy(), np.zeros(5, np.float32), np.zeros(5, np.float32)
        slots, held, sums = np.full(5, -1, np.int32), np.empty(5, np.int32), np.empty((5, 4), np.float32)
        module.adam_of_words(moved, words, shares, ends, slopes, 2, squares, steps, slots, held, sums, 0.01, decay)
        assert (slots == -1).all()
        found.append((moved, squares, steps))
    for mine, other in zip(*found, strict=True):
        np.testing.assert_allclose(mine, other, rtol=2e-4, atol=1e-6)
    untouched = sorted(set(range(5)) - set(words.tolist()))
    np.testing.assert_array_equal(found[0][0][untouched], table[untouched])


def test_a_row_of_one_number_goes_as_adam_without_momentum():
    vectors, squares, steps = np.array([1.0]), np.zeros(1), np.zeros(1)
    one, slots = np.zeros((1, 1), np.int32), np.full(1, -1, np.int32)
    zero, dims = np.zeros(1, np.int64), np.ones(1, np.int64)
    expected, square = 1.0, 0.0
    for step, slope in enumerate([0.5, -2.0, 0.1], 1):
        twin.adam_of_categories(
            vectors,
            zero,
            dims,
            zero,
            one,
            np.array([[slope]]),
            squares,
            steps,
            slots,
            slots,
            np.zeros((1, 1)),
            0.1,
            0.0,
        )
        square = 0.999 * square + 0.001 * slope**2
        expected -= 0.1 * slope / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        assert vectors[0] == pytest.approx(expected)


def test_the_size_of_a_step_that_is_the_first_is_the_rate_by_the_slope():
    assert adam.row_size(0.001 * 4.0, 1.0, 0.1) == pytest.approx(0.05, rel=1e-4)
    assert twin.row_size(0.001 * 4.0, 1.0, 0.1) == pytest.approx(0.05, rel=1e-6)
