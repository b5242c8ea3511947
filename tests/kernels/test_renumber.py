"""From numbers of tables to rows of the vocabulary."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels.reference.renumber import renumber as twin
from jari.kernels.renumber import renumber


def renumbered(function, ids, ends, rows):
    out, out_ends = np.full(len(ids) + 1, -7, np.int32), np.full(len(ends), -7, np.int32)
    n = function(*(np.array(one, np.int32) for one in (ids, ends, rows)), out, out_ends)
    return out[:n].tolist(), out_ends.tolist()


def test_by_hand():
    # Words 0 and 2 are kept; the line in the middle loses all it has
    assert renumbered(renumber, [0, 1, 1, 2, 0], [2, 3, 5], [7, -1, 4]) == ([7, 4, 7], [1, 1, 3])


@given(st.lists(st.integers(0, 4), max_size=30), st.data())
def test_is_its_twin(ids, data):
    ends = sorted(data.draw(st.lists(st.integers(0, len(ids)), max_size=8)))
    rows = data.draw(st.lists(st.integers(-1, 9), min_size=5, max_size=5))
    assert renumbered(renumber, ids, ends, rows) == renumbered(twin, ids, ends, rows)
