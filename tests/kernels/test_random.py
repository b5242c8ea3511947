import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import random
from jari.kernels.reference import random as twin

seeds = st.integers(0, 2**63 - 1)
small = st.integers(0, 2**31 - 1)
states = st.integers(1, 2**64 - 1)


@given(seeds, small, small)
def test_seeds_equal_the_twins(seed, epoch, block):
    assert random.seeded(seed, epoch, block) == twin.seeded(seed, epoch, block)


@given(states, st.integers(1, 2**31))
def test_numbers_equal_the_twins(state, n):
    as_bits = np.uint64(state)
    assert random.step(as_bits) == twin.step(state)
    assert random.bits(as_bits) == twin.bits(state)
    assert random.below(as_bits, n) == twin.below(state, n) < n


def test_blocks_next_to_each_other_begin_unlike():
    firsts = np.array([[twin.bits(twin.step(twin.seeded(1, e, b))) for b in range(50)] for e in range(20)]) / 2**32
    assert abs(firsts.mean() - 0.5) < 0.05
    assert np.abs(np.corrcoef(firsts) - np.eye(20)).max() < 0.6


def test_the_numbers_are_even():
    state, seen = twin.seeded(7, 0, 0), np.zeros(10, int)
    for _ in range(20_000):
        state = twin.step(state)
        seen[twin.below(state, 10)] += 1
    assert np.abs(seen / 2000 - 1).max() < 0.1
