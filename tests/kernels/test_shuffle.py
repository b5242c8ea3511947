import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import shuffle
from jari.kernels.reference import shuffle as twin


@given(st.lists(st.integers(0, 9), max_size=8), st.integers(0, 2**64 - 1))
def test_orders_equal_the_twins_and_baskets_keep_their_items(lengths, seed):
    offsets = np.cumsum([0, *lengths])
    ids = np.arange(offsets[-1], dtype=np.int32)
    ours, theirs = ids.copy(), ids.copy()
    assert shuffle.shuffle(ours, offsets, np.uint64(seed)) == twin.shuffle(theirs, offsets, seed)
    np.testing.assert_array_equal(ours, theirs)
    for begin, end in itertools.pairwise(offsets):
        assert sorted(ours[begin:end]) == list(range(begin, end))


def test_every_order_is_equally_likely():
    offsets = np.arange(0, 30_001, 3)
    ids = np.tile(np.array([0, 1, 2], np.int32), 10_000)
    shuffle.shuffle(ids, offsets, np.uint64(5))
    orders, counts = np.unique(ids.reshape(-1, 3), axis=0, return_counts=True)
    assert len(orders) == 6
    np.testing.assert_allclose(counts / 10_000, 1 / 6, atol=0.02)
