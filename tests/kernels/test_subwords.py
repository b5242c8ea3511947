"""Skip-gram and CBOW over composed words: each kernel against its twin, and skip-gram's twin against calculus.

CBOW's group is that of `test_group_steps`.
"""

import numpy as np
import pytest

from jari.kernels import subwords
from jari.kernels._jit import LANES
from jari.kernels._vector import GRAIN
from jari.kernels.noise import alias_table
from jari.kernels.reference import subwords as twin
from jari.kernels.skipgram import band_width, nearness
from jari.learn.matrices import padded

NOISE, WEIGHT, RATE = 16, 5 / 16, 0.1


class Group:
    """A group in the middle of a block: its windows, and room for everything."""

    def __init__(self, centres=9, window=3, d=LANES * 2, seed=0, at=6, words=20, shrink=True):
        self.centres, self.at, self.window, self.d = centres, at, window, d
        generator = np.random.default_rng(seed)
        reach = generator.integers(1, window + 1, words)
        position = np.arange(words)
        self.left = np.maximum(0, position - reach).astype(np.int32)
        self.right = np.minimum(words, position + reach + 1).astype(np.int32)
        self.n = centres + 2 * window
        rows = (
            centres,
            -(-centres // 4) * 4 + 2 * window,
            NOISE,
        )  # tiles of four centres look past the last one's reach
        self.H, self.A, self.X = (np.zeros((n + 4, padded(d)), np.float32) for n in rows)
        for matrix in (self.H, self.A, self.X):
            matrix[:, :d] = generator.normal(size=(len(matrix), d)) / 2
        width = band_width(window)
        self.near, self.band = np.empty(width, np.float32), np.full((centres + 4, width), 7, np.float32)
        nearness(window, shrink, self.near)

    def steps(self, module, inputs=None, kind=np.float32):
        H, A, X = inputs or (one.astype(kind) for one in (self.H, self.A, self.X))
        dH, dA, dX = (np.zeros_like(one) for one in (H, A, X))
        for step in (dH, dA, dX):
            step[:, : self.d] = 7
        S = np.zeros((len(H), NOISE), kind)
        costs = np.zeros(len(H) * max(NOISE, len(self.near)), kind)
        loss = module.group_steps(
            H, A, X, NOISE, self.centres, self.left, self.right, self.at, self.window, WEIGHT, RATE, self.d,
            dH, dA, dX, S, costs, self.near, self.band.astype(kind),
        )  # fmt: skip
        return loss, dH[: self.centres], dA[: self.n], dX[:NOISE]


@pytest.mark.parametrize("centres", [1, 3, 4, 9, 13])
@pytest.mark.parametrize("window", [1, 2, 5])
@pytest.mark.parametrize("d", [GRAIN, GRAIN * 13])
def test_a_kernel_is_its_twin(centres, window, d):
    group = Group(centres=centres, window=window, d=d)
    ours, theirs = group.steps(subwords), group.steps(twin)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    for mine, its in zip(ours[1:], theirs[1:], strict=True):
        np.testing.assert_allclose(mine, its, atol=2e-5)


def test_without_shrinking_every_pair_counts_alike():
    group = Group(shrink=False)
    ours, theirs = group.steps(subwords), group.steps(twin)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    assert ours[0] > 1.2 * Group(shrink=True).steps(subwords)[0]


def test_a_group_descends_its_loss():
    group = Group(centres=5, window=2, d=LANES)
    _, *steps = group.steps(twin, kind=np.float64)
    inputs = [one.astype(np.float64) for one in (group.H, group.A, group.X)]
    for which, step in enumerate(steps):
        slope = np.zeros_like(inputs[which])
        for at in np.ndindex(slope.shape):
            for sign in (1, -1):
                moved = [one.copy() for one in inputs]
                moved[which][at] += sign * 1e-5
                slope[at] += sign * group.steps(twin, moved, kind=np.float64)[0] / 2e-5
        np.testing.assert_allclose(step, -RATE * slope[: len(step)], atol=1e-7)


def test_a_word_alone_in_its_sentence_moves_nothing():
    group = Group(centres=1)
    group.left[:], group.right[:] = np.arange(len(group.left)), np.arange(len(group.left)) + 1
    for module in (subwords, twin):
        loss, *steps = group.steps(module)
        assert loss == pytest.approx(0, abs=1e-6)
        assert max(np.abs(step).max() for step in steps) < 1e-6


class Block:
    """Some words of a vocabulary of twelve, each made of its own row and up to five others of eight."""

    def __init__(self, seed=0, d=LANES, words=40, window=3):
        generator = np.random.default_rng(seed)
        parts = [[word, *(12 + generator.integers(0, 8, generator.integers(0, 6)))] for word in range(12)]
        self.starts = np.cumsum([0, *map(len, parts)])
        self.rows = np.concatenate(parts).astype(np.int32)
        self.scales = generator.random(20).astype(np.float32)
        self.kept = generator.integers(0, 12, words).astype(np.int32)
        position = np.arange(words)
        reach = generator.integers(1, window + 1, words)
        self.left = np.maximum(0, position - reach).astype(np.int32)
        self.right = np.minimum(words, position + reach + 1).astype(np.int32)
        self.W, self.C = (generator.normal(size=(n, d)).astype(np.float32) / 3 for n in (20, 12))
        self.limits, self.others = np.empty(12, np.uint32), np.empty(12, np.int32)
        alias_table(np.arange(1.0, 13), self.limits, self.others)
        self.window, self.near = window, np.empty(band_width(window), np.float32)
        nearness(window, True, self.near)

    def learn(self, module, is_cbow, count):
        W, C = self.W.copy(), self.C.copy()
        text = self.kept, self.left, self.right, count, self.window
        rest = 8, 16, 5.0, 0.05, W.shape[1], np.uint64(11), self.limits, self.others
        rest = *rest, self.rows, self.starts, self.scales, W, C
        loss = module.learn_cbow(*text, *rest) if is_cbow else module.learn_skipgram(*text, self.near, *rest)
        return loss, W, C


@pytest.mark.parametrize("is_cbow", [False, True], ids=["skipgram", "cbow"])
@pytest.mark.parametrize("count", [40, 37, 1])
def test_learning_equals_the_twin(is_cbow, count):
    block = Block(words=count)
    ours, theirs = (block.learn(module, is_cbow, count) for module in (subwords, twin))
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    np.testing.assert_allclose(ours[1], theirs[1], atol=2e-5)
    np.testing.assert_allclose(ours[2], theirs[2], atol=2e-5)
    assert np.abs(ours[1] - block.W).max() > 0.005 or count == 1


def test_words_are_means_of_rows_and_steps_go_to_each_as_much_as_it_takes():
    block, words = Block(), np.array([3, 0, 3, 11], np.int32)
    composed = np.full((6, LANES), 7, np.float32)
    subwords.compose(block.W, block.rows, block.starts, words, 1, 4, composed, 2)
    for out, word in ((2, 0), (3, 3), (4, 11)):
        rows = block.rows[block.starts[word] : block.starts[word + 1]]
        np.testing.assert_allclose(composed[out], block.W[rows].mean(0), atol=1e-6)
    assert (composed[[0, 1, 5]] == 7).all()
    before, steps = block.W.copy(), np.zeros((6, LANES), np.float32)
    steps[2] = 1
    subwords.share(block.W, block.rows, block.starts, words, 0, 4, steps, 2, block.scales)
    times = np.bincount(block.rows[block.starts[3] : block.starts[4]], minlength=20)
    taken = (block.scales * times)[:, None]
    np.testing.assert_allclose(block.W - before, np.repeat(taken, LANES, 1), atol=1e-6)


def test_words_can_be_composed_in_place_of_their_own_rows():
    block, words = Block(), np.arange(12, dtype=np.int32)
    expected, W = np.empty((12, LANES), np.float32), block.W.copy()
    twin.compose(block.W, block.rows, block.starts, words, 0, 12, expected, 0)
    subwords.compose(W, block.rows, block.starts, words, 0, 12, W, 0)
    np.testing.assert_allclose(W[:12], expected, atol=1e-6)
    np.testing.assert_array_equal(W[12:], block.W[12:])


def test_a_word_without_rows_is_zero():
    for module in (subwords, twin):
        out = np.full((1, LANES), 7, np.float32)
        nothing = np.empty(0, np.int32), np.zeros(2, np.int64), np.zeros(1, np.int32)
        module.compose(np.ones((1, LANES), np.float32), *nothing, 0, 1, out, 0)
        assert (out == 0).all()
