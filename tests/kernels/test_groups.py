import numpy as np
import pytest

from jari.kernels import groups
from jari.kernels._jit import LANES
from jari.kernels.noise import alias_table
from jari.kernels.reference import groups as twin
from jari.kernels.skipgram import band_width, nearness

NO_ROWS = np.empty(0, np.int32)


class Block:
    """Forty words of a vocabulary of twelve, each with its window."""

    def __init__(self, seed=0, d=LANES, words=40, window=3):
        generator = np.random.default_rng(seed)
        self.kept = generator.integers(0, 12, words).astype(np.int32)
        position = np.arange(words)
        reach = generator.integers(1, window + 1, words)
        self.left = np.maximum(0, position - reach).astype(np.int32)
        self.right = np.minimum(words, position + reach + 1).astype(np.int32)
        self.W, self.C = (generator.normal(size=(12, d)).astype(np.float32) / 3 for _ in range(2))
        self.limits, self.others = np.empty(12, np.uint32), np.empty(12, np.int32)
        alias_table(np.arange(1.0, 13), self.limits, self.others)
        self.window, self.near = window, np.empty(band_width(window), np.float32)
        nearness(window, True, self.near)

    def learn(self, module, is_cbow=False, begin=0, end=40, slab_rows=NO_ROWS, slab=None, W=None, C=None):
        W, C = self.W.copy() if W is None else W, self.C.copy() if C is None else C
        slab = np.empty((0, W.shape[1]), np.float32) if slab is None else slab
        loss, used = module.learn(
            self.kept, self.left, self.right, begin, end, self.window, self.near, is_cbow, 8, 16, 5.0, 0.05, W.shape[1],
            np.uint64(11), self.limits, self.others, W, C, slab_rows, slab,
        )  # fmt: skip
        return loss, used, W, C


@pytest.mark.parametrize("is_cbow", [False, True])
@pytest.mark.parametrize(("begin", "end"), [(0, 40), (8, 37), (16, 17)])
def test_learning_equals_the_twin(is_cbow, begin, end):
    block = Block()
    ours, theirs = (block.learn(module, is_cbow, begin, end) for module in (groups, twin))
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    np.testing.assert_allclose(ours[2], theirs[2], atol=1e-5)
    np.testing.assert_allclose(ours[3], theirs[3], atol=1e-5)


@pytest.mark.parametrize("is_cbow", [False, True])
def test_steps_put_off_equal_the_twins_and_those_taken_at_once(is_cbow):
    block = Block()
    W, C = block.W.copy(), block.C.copy()
    results = []
    for module in (groups, twin):
        rows, slab = np.zeros(99, np.int32), np.zeros((99, W.shape[1]), np.float32)
        _, used, W_after, C_after = block.learn(module, is_cbow, 8, 16, rows, slab)
        np.testing.assert_array_equal(W_after, W)
        np.testing.assert_array_equal(C_after, C)
        for part in (1, 0, 2):
            module.apply(rows, slab, used, W_after, C_after, part, 3)
        results.append((used, W_after, C_after))
    assert results[0][0] == results[1][0]
    _, _, W_once, C_once = block.learn(groups, is_cbow, 8, 16)
    for _, W_after, C_after in results:
        np.testing.assert_allclose(W_after, W_once, atol=1e-5)
        np.testing.assert_allclose(C_after, C_once, atol=1e-5)
