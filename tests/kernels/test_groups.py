import numpy as np
import pytest

from jari.kernels import groups
from jari.kernels._jit import LANES
from jari.kernels.noise import alias_table
from jari.kernels.reference import groups as twin
from jari.kernels.skipgram import band_width, nearness


class Block:
    """Some words of a vocabulary of twelve, each with its window."""

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

    def learn(self, module, is_cbow=False, count=40):
        W, C = self.W.copy(), self.C.copy()
        loss = module.learn(
            self.kept, self.left, self.right, count, self.window, self.near, is_cbow, 8, 16, 5.0, 0.05, W.shape[1],
            np.uint64(11), self.limits, self.others, W, C,
        )  # fmt: skip
        return loss, W, C


@pytest.mark.parametrize("is_cbow", [False, True])
@pytest.mark.parametrize("count", [40, 37, 1])
def test_learning_equals_the_twin(is_cbow, count):
    block = Block(words=count)
    ours, theirs = (block.learn(module, is_cbow, count) for module in (groups, twin))
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    np.testing.assert_allclose(ours[1], theirs[1], atol=1e-5)
    np.testing.assert_allclose(ours[2], theirs[2], atol=1e-5)
