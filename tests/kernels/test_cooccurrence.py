"""Counting: each kernel against its twin, and the twins against a dictionary of pairs."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import cooccurrence
from jari.kernels.reference import cooccurrence as twin

WORDS = 70  # more than the bits of one integer
both_modules = pytest.mark.parametrize("module", [cooccurrence, twin], ids=["kernel", "twin"])
sentences = st.lists(st.lists(st.integers(0, WORDS - 1), min_size=1, max_size=12), min_size=1, max_size=8)


def corpus(sentences):
    ids = np.array([word for sentence in sentences for word in sentence], np.uint32)
    return ids, np.cumsum([0] + [len(sentence) for sentence in sentences])


def placed(module, ids, offsets, window, both, n=WORDS, cut=0):
    """All places, sorted in two parts."""
    counts = np.zeros((2, n), np.int64)
    parts = ((0, cut), (cut, len(ids)))
    for k, (begin, end) in enumerate(parts):
        assert module.tally(ids, begin, end, counts[k]) == end
    starts = np.concatenate([[0], np.cumsum(counts.sum(axis=0))])
    places = np.zeros(len(ids), np.uint64)
    for k, (begin, end) in enumerate(parts):
        module.place(ids, offsets, begin, end, window, both, starts[:-1] + counts[:k].sum(axis=0), places)
    return places, starts


def scratch(n, rows, room):
    return (
        np.zeros(n, np.uint64),
        np.zeros(n + 1, np.uint32),
        np.zeros(n // 64 + 1, np.uint64),
        np.full(room, -9, np.int32),
        np.full(room, 9, np.uint64),
        np.full(rows, -9, np.int64),
        np.full(rows, 9, np.uint64),
    )


def listed(written, arrays):
    row, _, bits, columns, values, ends, sums = arrays
    assert not row.any()
    assert not bits.any()
    return columns[:written].tolist(), values[:written].tolist(), ends.tolist(), sums.tolist()


def counted(module, ids, offsets, window, both, units, first=0, last=WORDS):
    places, starts = placed(module, ids, offsets, window, both)
    arrays = scratch(WORDS, last - first, WORDS * (last - first) + 1)
    written = module.count_rows(ids, places, starts, first, last, units, *arrays)
    return listed(written, arrays)


def defined(sentences, units, both):
    """The definition: every pair of positions of a sentence, one by one."""
    found = Counter()
    for sentence in sentences:
        for i, word in enumerate(sentence):
            for j, context in enumerate(sentence):
                if i != j and abs(i - j) < len(units) and (both or j > i):
                    found[word, context] += int(units[abs(i - j)])
    return found


@given(sentences, st.integers(1, 15), st.booleans(), st.data())
def test_counting_equals_the_twin_and_the_definition(sentences, window, both, data):
    ids, offsets = corpus(sentences)
    units = np.array([0, *data.draw(st.lists(st.integers(1, 2**40), min_size=window, max_size=window))], np.uint64)
    columns, values, ends, sums = counted(cooccurrence, ids, offsets, window, both, units)
    assert (columns, values, ends, sums) == counted(twin, ids, offsets, window, both, units)
    rows = np.repeat(np.arange(WORDS), np.diff(ends, prepend=0)).tolist()
    assert dict(zip(zip(rows, columns, strict=True), values, strict=True)) == defined(sentences, units, both)
    assert sum(sums) == sum(values)


@given(sentences, st.data())
def test_some_rows_are_those_of_all(sentences, data):
    ids, offsets = corpus(sentences)
    first = data.draw(st.integers(0, WORDS))
    last = data.draw(st.integers(first, WORDS))
    units = np.array([0, 3, 2, 1], np.uint64)
    columns, values, ends, sums = counted(cooccurrence, ids, offsets, 3, True, units)
    some = counted(cooccurrence, ids, offsets, 3, True, units, first, last)
    begin, end = ([0, *ends][k] for k in (first, last))
    assert some == (columns[begin:end], values[begin:end], [e - begin for e in ends[first:last]], sums[first:last])
    assert some == counted(twin, ids, offsets, 3, True, units, first, last)


@given(sentences, st.integers(1, 15), st.booleans(), st.data())
def test_places_equal_the_twin_however_the_text_is_cut(sentences, window, both, data):
    ids, offsets = corpus(sentences)
    whole, starts = placed(cooccurrence, ids, offsets, window, both)
    cut = data.draw(st.integers(0, len(ids)))
    for module in (cooccurrence, twin):
        places, begins = placed(module, ids, offsets, window, both, cut=cut)
        assert places.tolist() == whole.tolist()
        assert begins.tolist() == starts.tolist()


@given(sentences, st.integers(0, WORDS))
def test_a_number_of_no_word_stops_the_tally(sentences, n):
    ids, _ = corpus(sentences)
    counts = np.zeros((2, n), np.int64)
    at = cooccurrence.tally(ids, 0, len(ids), counts[0])
    assert at == twin.tally(ids, 0, len(ids), counts[1]) == next((i for i, k in enumerate(ids) if k >= n), len(ids))
    assert counts[0].tolist() == counts[1].tolist()


@both_modules
def test_places_by_hand(module):
    ids, offsets = np.array([1, 0, 1, 1, 0], np.uint32), np.array([0, 3, 5])
    places, starts = placed(module, ids, offsets, 1, True, n=2)
    assert starts.tolist() == [0, 2, 5]
    assert [(int(p) >> 24, int(p) >> 12 & 4095, int(p) & 4095) for p in places] == [
        (1, 1, 1),
        (4, 1, 0),
        (0, 0, 1),
        (2, 1, 0),
        (3, 0, 1),
    ]
    one_sided, _ = placed(module, ids, offsets, 1, False, n=2)
    assert [int(p) >> 12 & 4095 for p in one_sided] == [0] * 5


rows = st.lists(st.dictionaries(st.integers(0, WORDS - 1), st.integers(1, 2**60), max_size=30), min_size=3, max_size=3)


@given(st.lists(rows, min_size=1, max_size=4))
def test_adding_equals_the_twin_and_a_counter(matrices):
    entries = [sorted(row.items()) for matrix in matrices for row in matrix]
    columns = np.array([column for row in entries for column, _ in row], np.int32)
    values = np.array([value for row in entries for _, value in row], np.uint64)
    borders = np.cumsum([0] + [len(row) for row in entries])
    starts = np.stack([borders[3 * k : 3 * k + 4] for k in range(len(matrices))])
    found = []
    for module in (cooccurrence, twin):
        arrays = scratch(WORDS, 3, 3 * WORDS + 1)
        found.append(listed(module.add_rows(columns, values, starts, *arrays), arrays))
    assert found[0] == found[1]
    wanted = [sum((Counter(matrix[r]) for matrix in matrices), Counter()) for r in range(3)]
    assert found[0][0] == [column for row in wanted for column in sorted(row)]
    assert found[0][1] == [row[column] for row in wanted for column in sorted(row)]
    assert found[0][3] == [sum(row.values()) for row in wanted]


def test_a_wide_row_is_written_in_order_whether_much_of_it_is_taken_or_little():
    n = 1000
    for taken in (3, 124, 126, 1000):
        words = np.random.default_rng(taken).permutation(n)[:taken]
        ids = np.concatenate([[np.uint32(0), word] for word in words]).astype(np.uint32)
        offsets = np.arange(0, len(ids) + 1, 2)
        places, starts = placed(cooccurrence, ids, offsets, 1, False, n=n)
        arrays = scratch(n, 1, n + 1)
        written = cooccurrence.count_rows(ids, places, starts, 0, 1, np.array([0, 7], np.uint64), *arrays)
        columns, values, _, sums = listed(written, arrays)
        assert columns == sorted(words.tolist())
        assert values == [7] * taken
        assert sums == [7 * taken]
