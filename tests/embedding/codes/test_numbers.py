from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jari.embedding.codes import Bytes, Floats32, Halves
from jari.errors import BadInput

ALL = slice(None)
matrices = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=20),
    elements=st.floats(-1e4, 1e4, width=32),
)


@settings(deadline=None, max_examples=60)
@given(matrices)
def test_no_byte_is_off_by_more_than_half_a_step(matrix: np.ndarray) -> None:
    codes = Bytes.encode(matrix)
    normal = codes.scales > 1e-37  # below, the scale itself has few digits left
    off = np.abs(matrix.astype(np.float64) - codes.decode(ALL))
    assert (off <= codes.scales[:, None] * 0.5000001 + 1e-6 * np.abs(matrix))[normal].all()
    assert np.isfinite(codes.decode(ALL)).all()


@settings(deadline=None, max_examples=60)
@given(matrices)
def test_no_half_is_off_by_more_than_its_last_digit(matrix: np.ndarray) -> None:
    off = np.abs(matrix - Halves.encode(matrix).decode(ALL))
    assert (off <= np.maximum(np.abs(matrix) * 2.0**-11, 2.0**-25)).all()


def test_a_byte_is_worked_by_hand() -> None:
    codes = Bytes.encode(np.array([[127, -63.6, 0.4], [0, 0, 0]], np.float32))
    assert codes.arrays["values"].tolist() == [[127, -64, 0], [0, 0, 0]]
    assert codes.scales.tolist() == [1, 0]
    assert codes.decode(np.array([1, 0])).tolist() == [[0, 0, 0], [127, -64, 0]]


@pytest.mark.parametrize(("kind", "each"), [(Floats32, 4 * 7), (Halves, 2 * 7), (Bytes, 7 + 4)])
def test_bytes_per_key(kind: type, each: int) -> None:
    assert kind.encode(np.ones((5, 7), np.float32)).bytes_per_key == each
    assert kind.encode(np.ones((0, 7), np.float32)).bytes_per_key == 0


def test_a_value_too_great_for_a_half_is_refused() -> None:
    with pytest.raises(BadInput, match=r"A value of 70000 cannot be a float16, which ends at 65504: choose 'int8'"):
        Halves.encode(np.array([[1, -70000]], np.float32))


@pytest.mark.parametrize("great", [1e-44, 1e-38, 1e37])
def test_bytes_of_the_smallest_and_the_greatest_numbers(great: float) -> None:
    matrix = np.array([[great, -great / 2]], np.float32)
    decoded = Bytes.encode(matrix).decode(ALL)
    assert np.isfinite(decoded).all()
    assert (np.abs(decoded - matrix) <= np.abs(matrix).max()).all()


@pytest.mark.parametrize("kind", [Floats32, Halves, Bytes])
def test_norms_are_those_of_raw_rows(kind: type) -> None:
    matrix = np.random.default_rng(0).normal(size=(30, 9)).astype(np.float32)
    matrix[3] = 0
    codes = kind.encode(matrix)
    scales = codes.scales if len(codes.scales) else np.ones(30)
    np.testing.assert_allclose(codes.norms * scales, np.linalg.norm(codes.decode(ALL), axis=1), rtol=1e-6)
    assert codes.inverses[3] == 0


@pytest.mark.parametrize("kind", [Floats32, Halves, Bytes])
def test_arrays_make_the_same_codes_again(kind: type) -> None:
    codes = kind.encode(np.random.default_rng(0).normal(size=(30, 9)).astype(np.float32))
    again = kind.from_arrays(codes.arrays, (30, 9))
    np.testing.assert_array_equal(again.decode(ALL), codes.decode(ALL))


def test_arrays_of_another_kind_are_refused() -> None:
    arrays = dict(Bytes.encode(np.ones((3, 2), np.float32)).arrays)
    with pytest.raises(BadInput, match=r"The arrays are \['scales', 'values'\], and \['values'\] belong there"):
        Halves.from_arrays(arrays, (3, 2))
    with pytest.raises(BadInput, match=r"values is int8 of shape \(3, 2\), not int8 of shape \(4, 2\)"):
        Bytes.from_arrays(arrays, (4, 2))
    with pytest.raises(BadInput, match="scales holds nan: every value must be a finite number"):
        Bytes.from_arrays({**arrays, "scales": np.array([1, np.nan, 1], np.float32)}, (3, 2))
    with pytest.raises(BadInput, match=r"scales go down to -1\.0: none is less than 0"):
        Bytes.from_arrays({**arrays, "scales": np.array([1, -1, 1], np.float32)}, (3, 2))
