"""Pairs of neighbours: each kernel against its twin, and the twin against a counter and a loop."""

import collections
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import phrases
from jari.kernels.reference import phrases as twin

both = pytest.mark.parametrize("module", [phrases, twin], ids=["kernel", "twin"])
texts = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=20), min_size=1, max_size=12)


def laid_out(text):
    ids = np.array([word for sentence in text for word in sentence], np.int32)
    return ids, np.cumsum([0, *map(len, text)])


def counted(module, text, *, slots=256, least=1.0, delta=0.0, ratio=0.0, bucket=0, buckets=1, last=None):
    ids, offsets = laid_out(text)
    counts = np.bincount(ids, minlength=6).astype(np.float64)
    table, state = np.zeros(2 * slots, np.uint64), np.zeros(2, np.int64)
    end = len(ids) if last is None else last
    at = module.count_pairs(ids, offsets, 0, end, counts, least, delta, ratio, bucket, buckets, table, state)
    if last is not None and at == last:
        at = module.count_pairs(ids, offsets, at, len(ids), counts, least, delta, ratio, bucket, buckets, table, state)
    return at, int(state[0]), table


def pairs_in(table):
    taken = table.reshape(-1, 2)[table[::2] > 0].tolist()
    return {divmod(key - 1, 6): count for key, count in taken}


def by_hand(text):
    return collections.Counter(pair for sentence in text for pair in itertools.pairwise(sentence))


@given(texts, st.integers(0, 30))
def test_counting_is_its_twin_and_a_counter(text, last):
    mine, theirs = counted(phrases, text, last=last), counted(twin, text, last=last)
    assert mine[:2] == theirs[:2]
    np.testing.assert_array_equal(mine[2], theirs[2])
    assert pairs_in(mine[2]) == by_hand(text)
    assert mine[1] == len(by_hand(text))


@given(texts, st.integers(1, 9), st.floats(0, 5), st.floats(0, 1))
def test_only_what_cannot_be_a_phrase_is_left_out(text, least, delta, ratio):
    options = {"least": float(least), "delta": delta, "ratio": ratio}
    mine, theirs = (pairs_in(counted(module, text, **options)[2]) for module in (phrases, twin))
    assert mine == theirs
    words = collections.Counter(itertools.chain(*text))
    for (a, b), count in by_hand(text).items():
        if count >= least and count > delta + ratio * words[a] * words[b]:
            assert mine[a, b] == count


@given(texts, st.integers(1, 7))
def test_buckets_part_the_pairs(text, buckets):
    parts = [pairs_in(counted(phrases, text, bucket=b, buckets=buckets)[2]) for b in range(buckets)]
    assert parts == [pairs_in(counted(twin, text, bucket=b, buckets=buckets)[2]) for b in range(buckets)]
    assert sum(map(len, parts)) == len(by_hand(text))
    assert {pair: count for part in parts for pair, count in part.items()} == by_hand(text)


@both
def test_buckets_of_buckets(module):
    """What is in bucket b of 3 is in buckets 2b and 2b + 1 of 6."""
    text = [[a, b] for a in range(6) for b in range(6)]
    coarse = [pairs_in(counted(module, text, bucket=b, buckets=3)[2]) for b in range(3)]
    fine = [pairs_in(counted(module, text, bucket=b, buckets=6)[2]) for b in range(6)]
    assert coarse == [fine[2 * b] | fine[2 * b + 1] for b in range(3)]
    assert sum(map(bool, fine)) > 3


@both
def test_a_half_full_table_stops_and_goes_on(module):
    rng = np.random.default_rng(0)
    ids, offsets = rng.integers(0, 60, 2000).astype(np.int32), np.array([0, 700, 701, 2000])
    counts = np.bincount(ids, minlength=60).astype(np.float64)
    table, state = np.zeros(2 * 128, np.uint64), np.zeros(2, np.int64)
    at, stops = 0, 0
    while True:
        at = module.count_pairs(ids, offsets, at, len(ids), counts, 1.0, 0.0, 0.0, 0, 1, table, state)
        if at == len(ids):
            break
        assert state[0] <= len(table) // 4
        stops += 1
        larger = np.zeros(2 * len(table), np.uint64)
        assert module.regrow_pairs(table, larger) == state[0]
        table = larger
    assert stops > 2
    expected = collections.Counter(
        pair for a, b in itertools.pairwise(offsets) for pair in itertools.pairwise(ids[a:b].tolist())
    )
    found = {divmod(key - 1, 60): count for key, count in table.reshape(-1, 2)[table[::2] > 0].tolist()}
    assert found == expected


@given(texts)
def test_growing_is_its_twin(text):
    table = counted(phrases, text)[2]
    grown = [np.zeros(1024, np.uint64) for _ in range(2)]
    assert phrases.regrow_pairs(table, grown[0]) == twin.regrow_pairs(table, grown[1])
    np.testing.assert_array_equal(*grown)
    assert pairs_in(grown[0]) == pairs_in(table)


def joined(module, text, chosen):
    ids, offsets = laid_out(text)
    pairs = sorted(chosen)
    starts = np.searchsorted([a for a, _ in pairs], np.arange(7)).astype(np.int32)
    seconds = np.array([b for _, b in pairs], np.int32)
    names = np.array([chosen[pair] for pair in pairs], np.int32)
    out, ends, times = np.full(len(ids), -7, np.int32), np.full(len(text), -7, np.int32), np.ones(len(pairs), np.int64)
    n = module.join_pairs(ids, offsets[1:].astype(np.int32), starts, seconds, names, out, ends, times)
    sentences = [part.tolist() for part in np.split(out[:n], ends[:-1])]
    return sentences, dict(zip(pairs, (times - 1).tolist(), strict=True))


@both
def test_joined_by_hand(module):
    text = [[0, 1, 2, 0, 1], [1, 0], [0], [0, 1]]
    assert joined(module, text, {(0, 1): 9, (1, 2): 8}) == ([[9, 2, 9], [1, 0], [0], [9]], {(0, 1): 3, (1, 2): 0})
    assert joined(module, [[3, 3, 3], [3, 3, 3, 3]], {(3, 3): 9}) == ([[9, 3], [9, 9]], {(3, 3): 3})


def by_loop(text, chosen):
    """As word2phrase does it: a word that was joined to the one before is not joined to the one after."""
    found = []
    for sentence in text:
        words, before = [], None
        for word in sentence:
            if before is not None and (before, word) in chosen:
                words[-1], before = chosen[before, word], None
            else:
                words.append(word)
                before = word
        found.append(words)
    return found


@given(texts, st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), st.integers(6, 99), max_size=12))
def test_joining_is_its_twin_and_a_loop(text, chosen):
    mine = joined(phrases, text, chosen)
    assert mine == joined(twin, text, chosen)
    assert mine[0] == by_loop(text, chosen)
    assert sum(mine[1].values()) == sum(map(len, text)) - sum(map(len, mine[0]))
