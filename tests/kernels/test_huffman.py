import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import huffman
from jari.kernels.reference import huffman as twin


def grown(module, weights):
    n = len(weights)
    parents, bits = np.empty(2 * n - 1, np.int32), np.empty(2 * n - 1, np.int32)
    module.tree(np.array(weights, np.float64), parents, bits)
    offsets = np.empty(n + 1, np.int64)
    longest = module.path_offsets(parents, offsets)
    turns = np.empty(offsets[-1], np.int32)
    module.paths(parents, bits, offsets, turns)
    return parents.tolist(), bits.tolist(), longest, offsets.tolist(), turns.tolist()


falling = st.lists(st.integers(0, 9), min_size=2, max_size=40).map(lambda counts: sorted(counts, reverse=True))


@given(falling)
def test_a_tree_is_its_twin(weights):
    assert grown(huffman, weights) == grown(twin, weights)


@given(falling)
def test_no_way_begins_with_another_word_s_and_all_ways_fill_the_tree(weights):
    *_, offsets, turns = grown(huffman, weights)
    ways = [tuple(turns[begin:end]) for begin, end in itertools.pairwise(offsets)]
    codes = ["".join(str(turn % 2) for turn in way) for way in ways]
    assert all(a == b or not a.startswith(b) for a in codes for b in codes)
    assert len(set(codes)) == len(codes)
    assert sum(2.0 ** -len(code) for code in codes) == pytest.approx(1)
    assert {turn // 2 for way in ways for turn in way} == set(range(len(weights) - 1))
    assert all(way[0] // 2 == 0 for way in ways)


def test_a_tree_worked_by_hand():
    # 1 + 1 = 2, joined with the 2 that is a leaf; 4 with that 4: the words 0 to 3 are 1, 2, 3 and 3 turns deep.
    parents, bits, longest, offsets, turns = grown(huffman, [4, 2, 1, 1])
    assert parents == [6, 5, 4, 4, 5, 6, 6]
    assert (longest, offsets) == (3, [0, 1, 3, 6, 9])
    assert [turn // 2 for turn in turns] == [0, 0, 1, 0, 1, 2, 0, 1, 2]
    assert bits[4] != bits[1]


def test_weights_that_grow_like_fibonacci_make_the_deepest_tree():
    weights = [1, 1]
    while len(weights) < 60:
        weights.append(weights[-1] + weights[-2])
    _, _, longest, offsets, _ = grown(huffman, weights[::-1])
    assert longest == 59
    assert np.diff(offsets).tolist() == [*range(1, 60), 59]
