import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import windows
from jari.kernels.reference import skipgram as skipgram_twin
from jari.kernels.reference import windows as twin
from jari.kernels.skipgram import band_width, nearness

ALL = 2**32 - 1


def run(module, ids, offsets, pieces, length, keep, window, drawn, state=3):
    kept, left, right = (np.full(max(2 * length * len(pieces), 1), -9, np.int32) for _ in range(3))
    m, centres = module.keep_and_window(
        ids, offsets, np.array(pieces, np.int64), length, keep, window, drawn, np.uint64(state), kept, left, right
    )
    return m, centres, kept[:m].tolist(), left[:m].tolist(), right[:m].tolist()


sentences = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=9), min_size=1, max_size=9)


def corpus(sentences):
    ids = np.array([word for sentence in sentences for word in sentence], np.int32)
    return ids, np.cumsum([0] + [len(sentence) for sentence in sentences])


@given(sentences, st.data(), st.integers(1, 30), st.integers(1, 12), st.booleans(), st.integers(1, 2**64 - 1))
def test_equals_the_twin(sentences, data, length, window, drawn, state):
    ids, offsets = corpus(sentences)
    pieces = data.draw(st.lists(st.integers(0, (len(ids) - 1) // length), max_size=5))
    keep = np.array([0, ALL // 8, ALL // 2, ALL, ALL, ALL], np.uint32)
    arguments = ids, offsets, pieces, length, keep, window, drawn, state
    assert run(windows, *arguments) == run(twin, *arguments)


@given(sentences, st.integers(1, 30))
def test_pieces_hold_every_word_once_and_cut_no_sentence_that_fits(sentences, length):
    ids, offsets = corpus(sentences)
    pieces = range(-(-len(ids) // length))
    for module in (windows, twin):
        borders = [module.border(offsets, k * length, length) for k in [*pieces, len(pieces)]]
        assert borders[0] == 0
        assert borders[-1] == len(ids)
        assert borders == sorted(borders)
        for start, stop in itertools.pairwise(offsets):
            if stop - start <= length:
                assert not any(start < border < stop for border in borders)


def test_windows_stay_within_their_sentence():
    ids, offsets = np.arange(6, dtype=np.int32), np.array([0, 2, 6])
    keep = np.full(6, ALL, np.uint32)
    m, centres, kept, left, right = run(windows, ids, offsets, [0], 6, keep, 2, False)
    assert (m, kept) == (6, [0, 1, 2, 3, 4, 5])
    assert left == [0, 0, 2, 2, 2, 3]
    assert right == [2, 2, 5, 6, 6, 6]
    assert centres == 6


def test_words_left_out_close_ranks():
    ids, offsets = np.array([0, 1, 0, 2, 0], np.int32), np.array([0, 5])
    keep = np.array([0, ALL, ALL], np.uint32)  # word 0 survives one time in 2³²
    m, centres, kept, left, right = run(windows, ids, offsets, [0], 5, keep, 1, False)
    assert (m, centres, kept, left, right) == (2, 2, [1, 2], [0, 0], [2, 2])


def test_shrunk_windows_are_as_often_of_each_size():
    n = 30_000
    ids, offsets, keep = np.zeros(n, np.int32), np.array([0, n]), np.array([ALL], np.uint32)
    _, _, _, left, _ = run(windows, ids, offsets, [0], n, keep, 5, True)
    sizes = np.arange(n) - np.array(left)
    np.testing.assert_allclose(np.bincount(sizes[5:], minlength=6)[1:] / n, 0.2, atol=0.01)


def test_a_word_left_alone_has_no_context():
    ids, offsets, keep = np.zeros(3, np.int32), np.array([0, 1, 3]), np.array([ALL], np.uint32)
    assert run(windows, ids, offsets, [0], 3, keep, 5, True)[:2] == (3, 2)


@given(st.integers(1, 6), st.booleans(), st.integers(1, 30))
def test_pairs_near_count_as_the_twin_says(window, shrink, m):
    position = np.arange(m)
    left, right = (
        np.maximum(0, position - window).astype(np.int32),
        np.minimum(m, position + window + 1).astype(np.int32),
    )
    near = np.empty(band_width(window), np.float32)
    nearness(window, shrink, near)
    ours = windows.pairs_near(left, right, m, window, near)
    assert ours == pytest.approx(twin.pairs_near(left, right, m, window, near))
    if not shrink:
        assert ours == sum(right - left - 1)


@given(st.integers(1, 40), st.booleans())
def test_nearness_equals_the_twin(window, shrink):
    assert band_width(window) == skipgram_twin.band_width(window)
    ours, theirs = (np.empty(band_width(window), np.float32) for _ in range(2))
    nearness(window, shrink, ours)
    skipgram_twin.nearness(window, shrink, theirs)
    np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_a_pair_counts_as_often_as_a_drawn_window_would_hold_it():
    n, window = 30_000, 4
    ids, offsets, keep = np.zeros(n, np.int32), np.array([0, n]), np.array([ALL], np.uint32)
    left = run(windows, ids, offsets, [0], n, keep, window, True)[3]
    drawn = [np.mean(np.arange(n) - d >= left) for d in range(1, window + 1)]
    near = np.empty(band_width(window), np.float32)
    nearness(window, True, near)
    np.testing.assert_allclose(near[window + 1 : 2 * window + 1], drawn, atol=0.01)
    np.testing.assert_array_equal(near[window - 1 :: -1], near[window + 1 : 2 * window + 1])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=8), st.data())
def test_a_run_holds_all_windows(windows_, data):
    left, right = (np.array(side, np.int32) for side in zip(*windows_, strict=True))
    begin = data.draw(st.integers(0, len(left) - 1))
    end = data.draw(st.integers(begin + 1, len(left)))
    assert windows.run(left, right, begin, end) == twin.run(left, right, begin, end)
