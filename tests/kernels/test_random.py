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
    assert random.mixed(as_bits) == twin.mixed(state)
    assert random.high(as_bits) == twin.high(state)
    assert random.low(as_bits) == twin.low(state)
    assert random.below(random.high(as_bits), n) == twin.below(twin.high(state), n) < n


def test_numbers_are_those_of_splitmix64():
    """The first three of seed 1234567, as its authors' program prints them."""
    state, seen = 1234567, []
    for _ in range(3):
        state = twin.step(state)
        seen.append(twin.mixed(state))
    assert seen == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_blocks_next_to_each_other_begin_unlike():
    firsts = (
        np.array([[twin.high(twin.mixed(twin.step(twin.seeded(1, e, b)))) for b in range(50)] for e in range(20)])
        / 2**32
    )
    assert abs(firsts.mean() - 0.5) < 0.05
    assert np.abs(np.corrcoef(firsts) - np.eye(20)).max() < 0.6


def test_the_numbers_are_even():
    state, seen = twin.seeded(7, 0, 0), np.zeros((10, 10), int)
    for _ in range(20_000):
        state = twin.step(state)
        number = twin.mixed(state)
        seen[twin.below(twin.high(number), 10), twin.below(twin.low(number), 10)] += 1
    assert np.abs(seen.sum(0) / 2000 - 1).max() < 0.1
    assert np.abs(seen.sum(1) / 2000 - 1).max() < 0.1
    assert np.abs(seen / 200 - 1).max() < 0.35  # the halves of a number know nothing of each other
