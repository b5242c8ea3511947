"""The hash table of words: each kernel against its twin, and the twin against a dictionary."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import wordtable
from jari.kernels.reference import wordtable as twin

both = pytest.mark.parametrize("module", [wordtable, twin], ids=["kernel", "twin"])
# Lengths on both sides of 8 and 16 bytes, many alike in their first bytes, and bytes of zero
words = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.text("ab", min_size=7, max_size=18).map(str.encode),
        st.sampled_from([b"", b"\0", b"\0\0", b"a" * 8, b"a" * 9, b"a" * 16, b"a" * 17, b"a" * 24]),
    ),
    max_size=60,
)


class Table:
    """The arrays of a table, and calls with all their arguments."""

    def __init__(self, module, slots=256):
        self.module = module
        self.slots = np.zeros(4 * slots, np.uint64)
        self.arena = np.zeros(1 << 14, np.uint8)
        self.state = np.zeros(2, np.int64)

    def number(self, words):
        stops = np.cumsum([0, *map(len, words)]).astype(np.int32)
        text = np.frombuffer(b"".join(words) + bytes(32), np.uint8).copy()
        ids = np.full(len(words), -7, np.int32)
        at = self.module.number_words(
            text, stops[:-1], stops[1:], 0, len(words), self.slots, self.arena, self.state, ids
        )
        return at, ids.tolist()

    def find(self, words):
        stops = np.cumsum([0, *map(len, words)]).astype(np.int32)
        text = np.frombuffer(b"".join(words) + bytes(32), np.uint8).copy()
        numbers = np.full(len(words), -7, np.int32)
        self.module.find_words(text, stops[:-1], stops[1:], self.slots, self.arena, numbers)
        return numbers.tolist()

    def merge(self, other, bucket=0, buckets=1, first=0):
        numbers = np.full(int(other.state[0]), -7, np.int32)
        at = self.module.merge_words(
            other.slots, other.arena, first, bucket, buckets, self.slots, self.arena, self.state, numbers
        )
        return at, numbers.tolist()

    def pick(self, least):
        sizes = np.zeros(5, np.int64)
        n = int(self.state[0])
        out = np.zeros(n, np.int32), np.zeros(1 << 14, np.uint8), np.zeros(n + 1, np.int64), np.zeros(n, np.int64)
        for write in (False, True):
            picked = self.module.pick_words(self.slots, self.arena, least, write, *out, sizes)
        places, text, offsets, counts = out
        bounds = offsets[: picked + 1].tolist()
        keys = [text[a:b].tobytes() for a, b in itertools.pairwise(bounds)]
        return keys, counts[:picked].tolist(), places.tolist(), sizes.tolist()

    def same_as(self, other):
        return all(
            np.array_equal(mine, theirs)
            for mine, theirs in zip(
                (self.slots, self.arena, self.state), (other.slots, other.arena, other.state), strict=True
            )
        )


@given(words, words)
def test_finding_is_its_twin_and_a_dictionary(words, others):
    kernel, plain = Table(wordtable), Table(twin)
    kernel.number(words), plain.number(words)
    numbers = {word: number for number, word in enumerate(dict.fromkeys(words))}
    expected = [numbers.get(word, -1) for word in others + words]
    assert kernel.find(others + words) == plain.find(others + words) == expected
    assert kernel.same_as(plain)


@given(words)
def test_numbering_is_its_twin_and_a_dictionary(words):
    kernel, plain = Table(wordtable), Table(twin)
    assert kernel.number(words) == plain.number(words)
    assert kernel.same_as(plain)
    numbers = {word: number for number, word in enumerate(dict.fromkeys(words))}
    assert kernel.number(words) == (len(words), [numbers[word] for word in words])
    keys, counts, _, _ = kernel.pick(1)
    assert dict(zip(keys, counts, strict=True)) == {word: 2 * words.count(word) for word in words}


@given(words, st.integers(1, 4))
def test_picking_is_its_twin(words, least):
    kernel, plain = Table(wordtable), Table(twin)
    kernel.number(words)
    plain.number(words)
    assert kernel.pick(least) == plain.pick(least)


@given(words, words, st.sampled_from([1, 2, 64, 256]))
def test_merging_is_its_twin_and_loses_nothing(mine, theirs, buckets):
    found = []
    for module in (wordtable, twin):
        first, second = Table(module), Table(module)
        first.number(mine)
        second.number(theirs)
        merged = [Table(module) for _ in range(buckets)]
        places = [[table.merge(other, b, buckets) for b, table in enumerate(merged)] for other in (first, second)]
        found.append((places, [table.pick(1) for table in merged]))
    assert found[0] == found[1]
    counted = {key: count for keys, counts, _, _ in found[0][1] for key, count in zip(keys, counts, strict=True)}
    assert counted == {word: [*mine, *theirs].count(word) for word in [*mine, *theirs]}


@given(words)
def test_sorting_is_its_twin(words):
    found = []
    for module in (wordtable, twin):
        table = Table(module)
        table.number(words)
        out, bounds = np.zeros(4 * int(table.state[0]), np.uint64), np.zeros(257, np.int64)
        found.append((module.sort_words(table.slots, out, bounds), out.tolist(), bounds.tolist()))
    assert found[0] == found[1]


@given(words)
def test_growing_is_its_twin_and_keeps_numbers(words):
    found = []
    for module in (wordtable, twin):
        table = Table(module)
        table.number(words)
        larger = np.zeros(2 * len(table.slots), np.uint64)
        module.regrow(table.slots, larger)
        table.slots = larger
        found.append((table.slots.tolist(), table.number(words)))
    assert found[0] == found[1]
    assert found[0][1][1] == [list(dict.fromkeys(words)).index(word) for word in words]


@both
def test_a_half_full_table_stops_between_batches(module):
    table = Table(module, slots=128)
    many = [b"%d" % i for i in range(100)]
    at, ids = table.number(many)
    assert at == 2 * wordtable.BATCH
    assert ids[:at] == list(range(at))
    assert set(ids[at:]) == {-7}


@both
def test_a_merge_stops_when_half_full_and_goes_on(module):
    source, target = Table(module, slots=256), Table(module, slots=64)
    source.number([b"%d" % i for i in range(60)])
    at, first = target.merge(source)
    assert 0 < at < len(source.slots)
    assert target.state[0] == 32
    larger = np.zeros(4 * 256, np.uint64)
    module.regrow(target.slots, larger)
    target.slots = larger
    end, rest = target.merge(source, first=at)
    assert end == len(source.slots)
    assert sorted(max(pair) for pair in zip(first, rest, strict=True)) == list(range(60))
