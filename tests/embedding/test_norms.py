from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jari.embedding.norms import finite_norms
from jari.errors import BadInput


@given(
    hnp.arrays(
        np.float32, st.tuples(st.integers(0, 5), st.integers(1, 6)), elements=st.floats(-(2.0**126), 2.0**126, width=32)
    )
)
def test_norms_are_those_of_float64(vectors):
    expected = np.sqrt(np.square(vectors.astype(np.float64)).sum(axis=1)).astype(np.float32)
    np.testing.assert_allclose(finite_norms(vectors), expected, rtol=1e-5, atol=2e-45)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("row", [0, 8191, 8192, 9999])
def test_a_value_that_is_not_finite_is_found_in_any_block(bad, row):
    vectors = np.ones((10_000, 3), dtype=np.float32)
    vectors[row, 2] = bad
    with pytest.raises(BadInput, match=rf"Row {row} holds {bad} in column 2"):
        finite_norms(vectors)


def test_opposite_infinities_do_not_cancel():
    with pytest.raises(BadInput, match="Row 0 holds inf in column 0"):
        finite_norms(np.array([[np.inf, -np.inf]], dtype=np.float32))
