"""Selection: the kernel against its twin, and the twin against sorting everything."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import selection
from jari.kernels.reference import selection as twin

both = pytest.mark.parametrize("module", [selection, twin], ids=["kernel", "twin"])


class Lists:
    """The arrays of a search, and calls with all their arguments."""

    def __init__(self, module, m, k, room):
        self.module = module
        self.heap, self.bar = np.full((m, k), -np.inf, np.float32), np.full(m, -np.inf, np.float32)
        self.places, self.uppers = np.full((m, room), -7), np.full((m, room), np.nan, np.float32)
        self.counts = np.zeros(m, np.int64)

    def take(self, products, first, *bounds):
        return self.module.shortlist(
            products, first, *bounds, self.heap, self.bar, self.places, self.uppers, self.counts
        )

    def standing(self):
        """The places that reach the bar."""
        return [
            sorted(self.places[q, :count][self.uppers[q, :count] >= self.bar[q]].tolist())
            for q, count in enumerate(self.counts)
        ]


def drawn(seed, m, n):
    """Small whole numbers: nothing is rounded, and much is equal."""
    generator = np.random.default_rng(seed)
    products = generator.integers(-4, 5, (n, m)).astype(np.float32)
    by_query, gap_query = generator.integers(0, 3, (2, m)).astype(np.float32)
    by_place, plus, gap_place = generator.integers(0, 3, (3, n)).astype(np.float32)
    return products, (by_query, by_place, plus, gap_query, gap_place)


@given(st.integers(1, 5), st.integers(1, 60), st.integers(1, 6), st.integers(0, 99), st.data())
def test_the_kernel_is_its_twin_and_a_sort(m, n, k, seed, data):
    products, bounds = drawn(seed, m, n)
    by_query, by_place, plus, gap_query, gap_place = bounds
    cut = data.draw(st.integers(0, n))
    made = [Lists(module, m, k, n) for module in (selection, twin)]
    for lists in made:
        for part, first in ((slice(0, cut), 0), (slice(cut, n), cut)):
            inside = (by_query, by_place[part], plus[part], gap_query, gap_place[part])
            assert lists.take(products[part], 100 + first, *inside)
    kernel, plain = made
    upper = (products * by_query * by_place[:, None] + plus[:, None]).T
    lower = upper - gap_query[:, None] - gap_place
    bar = -np.sort(-lower, axis=1)[:, k - 1] if k <= n else np.full(m, -np.inf)
    expected = [(100 + np.flatnonzero(upper[q] >= bar[q])).tolist() for q in range(m)]
    for lists in made:
        np.testing.assert_array_equal(lists.bar, bar)
        assert lists.standing() == expected
    np.testing.assert_array_equal(kernel.places, plain.places)
    np.testing.assert_array_equal(kernel.counts, plain.counts)
    np.testing.assert_array_equal(np.sort(kernel.heap), np.sort(plain.heap))


@both
def test_room_is_made_and_a_list_full_of_what_must_stay_is_told(module):
    one, none = np.ones(20, np.float32), np.zeros(20, np.float32)
    bounds = one[:1], one, none, none[:1], none
    better_and_better, all_alike = np.arange(20, dtype=np.float32)[:, None], np.ones((20, 1), np.float32)
    lists = Lists(module, 1, 2, 8)
    assert lists.take(better_and_better, 0, *bounds)
    assert lists.standing() == [[18, 19]]
    lists = Lists(module, 1, 2, 8)
    assert not lists.take(all_alike, 0, *bounds)
    assert lists.standing() == [list(range(8))]


@both
def test_nan_is_passed_over(module):
    lists = Lists(module, 1, 1, 8)
    one, none = np.ones(2, np.float32), np.zeros(2, np.float32)
    lists.take(np.array([[np.nan], [-1]], np.float32), 0, one[:1], one, none, none[:1], none)
    assert lists.standing() == [[1]]


@given(st.integers(1, 16), st.integers(1, 70), st.integers(1, 20), st.integers(0, 99))
def test_rows_are_multiplied_and_looked_at_to_the_last(m, n, d, seed):
    """Also where the rows are no multiple of four; queries become a multiple of eight by such as nothing reaches."""
    generator, width, k = np.random.default_rng(seed), -(-m // 8) * 8, 3
    vectors = generator.integers(-2, 3, (n, d)).astype(np.float32)
    directions = np.zeros((d, width), np.float32)
    directions[:, :m] = generator.integers(-2, 3, (d, m))
    _, bounds = drawn(seed, width, n)
    made = [Lists(module, width, k, n) for module in (selection, twin)]
    for lists in made:
        lists.bar[m:] = np.inf
        arrays = lists.heap, lists.bar, lists.places, lists.uppers, lists.counts
        assert lists.module.shortlist_rows(vectors, directions, *bounds, *arrays)
    kernel, plain = made
    np.testing.assert_array_equal(kernel.counts, plain.counts)
    np.testing.assert_array_equal(kernel.places, plain.places)
    np.testing.assert_array_equal(kernel.bar, plain.bar)
    assert not kernel.counts[m:].any()


def test_more_rows_than_a_block():
    generator = np.random.default_rng(0)
    vectors = generator.integers(-3, 4, (2 * selection._BLOCK + 3, 4)).astype(np.float32)
    directions = generator.integers(-3, 4, (4, 8)).astype(np.float32)
    n = len(vectors)
    one, none = np.ones(n, np.float32), np.zeros(n, np.float32)
    lists = Lists(selection, 8, 2, n)
    arrays = lists.heap, lists.bar, lists.places, lists.uppers, lists.counts
    assert selection.shortlist_rows(vectors, directions, one[:8], one, none, none[:8], none, *arrays)
    products = vectors @ directions
    best = -np.sort(-products, axis=0)[1]
    assert lists.standing() == [np.flatnonzero(products[:, q] >= best[q]).tolist() for q in range(8)]
