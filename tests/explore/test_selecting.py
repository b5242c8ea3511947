"""Bit masks and tables of what was chosen."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput
from jari.explore import selecting
from jari.explore.selecting import rows_of_mask, table_of


@given(st.integers(1, 40).flatmap(lambda n: st.lists(st.booleans(), min_size=n, max_size=n)))
def test_masks(chosen):
    mask = bytearray((len(chosen) + 7) // 8)
    for point, is_chosen in enumerate(chosen):
        mask[point // 8] |= is_chosen << (point % 8)
    assert rows_of_mask(bytes(mask), len(chosen)).tolist() == [i for i, here in enumerate(chosen) if here]


@pytest.mark.parametrize("mask", [b"", b"\0", b"\0\0\0"])
def test_masks_of_another_length(mask):
    with pytest.raises(BadInput, match=f"A bit mask of {len(mask)} bytes for 9 points: give 2"):
        rows_of_mask(mask, 9)


def test_bits_beyond_the_points():
    with pytest.raises(BadInput, match="Bit 9 of the mask is set, and there are 9 points"):
        rows_of_mask(b"\0\2", 9)


KEYS = ["서울, 한국", 'a "b"', "tab\there", "line\nbreak", "=1+1", "-ing", "@me", "＝1", "\rx", "plain", ""]
ODD = Embedding(Vocabulary(KEYS, range(11, 0, -1)), np.ones((11, 1)))


@pytest.mark.parametrize(("format", "delimiter", "encoding"), [("csv", ",", "utf-8-sig"), ("tsv", "\t", "utf-8")])
def test_tables_are_read_back_and_hold_no_formula(format, delimiter, encoding, monkeypatch):
    monkeypatch.setattr(selecting, "_AT_ONCE", 3)
    rows = np.arange(len(KEYS))
    xy = np.linspace(-1, 1, 2 * len(KEYS), dtype=np.float32).reshape(-1, 2)
    pieces = list(table_of(ODD, rows, xy, format=format))
    assert len(pieces) == 4
    text = b"".join(pieces).decode(encoding)
    assert not text.startswith("\ufeff")
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert lines[0] == ["key", "count", "x", "y"]
    keys = [line[0] for line in lines[1:]]
    assert [key.removeprefix("'") for key in keys] == KEYS
    assert [key for key in keys if key.startswith("'")] == ["'=1+1", "'-ing", "'@me", "'＝1", "'\rx"]
    assert [int(line[1]) for line in lines[1:]] == list(range(11, 0, -1))
    np.testing.assert_allclose([[float(one) for one in line[2:]] for line in lines[1:]], xy, rtol=1e-5)


def test_the_mark_of_utf8_stands_before_a_csv_only():
    assert next(table_of(ODD, np.arange(2), format="csv")).startswith(b"\xef\xbb\xbfkey")
    assert next(table_of(ODD, np.arange(2), format="tsv")).startswith(b"key")


def test_nothing_chosen_and_nothing_counted():
    bare = Embedding(["a"], [[1.0]])
    assert b"".join(table_of(bare, np.empty(0, np.int64), format="tsv")) == b"key\r\n"
    assert b"".join(table_of(bare, np.array([0]), format="tsv")) == b"key\r\na\r\n"
