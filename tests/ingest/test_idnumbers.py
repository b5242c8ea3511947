"""Ids are numbered as they come, whatever their type, and given back as strings."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from jari.ingest import idnumbers
from jari.ingest.idnumbers import IdNumbers

CHUNKS = st.lists(
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3)) | st.lists(st.text(max_size=20) | st.just("3"))
)


def strings(values):
    return pa.array(values, pa.large_string())


@given(CHUNKS)
def test_numbers_are_those_of_a_dictionary(chunks):
    numbers, known = IdNumbers(), {}
    for chunk in chunks:
        whole = bool(chunk) and isinstance(chunk[0], int)
        got = numbers.of(np.array(chunk, np.int64) if whole else strings(chunk))
        assert got.tolist() == [known.setdefault(str(one), len(known)) for one in chunk]
        assert got.dtype == np.int32
    assert numbers.keys().to_pylist() == list(known)
    assert len(numbers) == len(known)


def test_slices_and_other_whole_numbers():
    numbers = IdNumbers()
    assert numbers.of(np.arange(10, dtype=np.uint8)[::3]).tolist() == [0, 1, 2, 3]
    assert numbers.of(strings(["x", "3", "경희", "9"])[1:]).tolist() == [1, 4, 3]
    assert numbers.keys().to_pylist() == ["0", "3", "6", "9", "경희"]


def test_more_than_a_table_holds_at_first(monkeypatch):
    monkeypatch.setattr(idnumbers, "_AT_ONCE", 1000)
    monkeypatch.setattr(idnumbers, "_BYTES_AT_ONCE", 5000)
    values = np.random.default_rng(0).integers(0, 30_000, 50_000)
    of_integers, of_text = IdNumbers(), IdNumbers()
    assert np.array_equal(of_integers.of(values), of_text.of(strings(map(str, values))))
    assert of_integers.keys().equals(of_text.keys())
    assert of_integers.of(strings(["none"])).tolist() == [len(of_text)]
