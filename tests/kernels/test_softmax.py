"""The full softmax: kernel = twin, and a walk of one group is a step down its loss."""

import numpy as np
import pytest

from jari.kernels import softmax
from jari.kernels._jit import LANES
from jari.kernels.reference import softmax as twin
from jari.kernels.skipgram import band_width, nearness


class Block:
    """Some words, each with its window; with a bias, in the last column but one."""

    def __init__(self, seed=0, d=LANES, words=40, window=3, bias=False, vocabulary=150):
        generator = np.random.default_rng(seed)
        self.kept = generator.integers(0, vocabulary, words).astype(np.int32)
        position = np.arange(words)
        reach = generator.integers(0, window + 1, words)
        self.left = np.maximum(0, position - reach).astype(np.int32)
        self.right = np.minimum(words, position + reach + 1).astype(np.int32)
        rows = (vocabulary + bias + 3) // 4 * 4
        self.W, self.C = (generator.normal(size=(rows, d)).astype(np.float32) / 3 for _ in range(2))
        self.vocabulary, self.bias = vocabulary, d - 2 if bias else None
        if bias:
            self.W[:-1, self.bias], self.W[-1, self.bias] = 0, 1
        self.window, self.near = window, np.empty(band_width(window), np.float32)
        nearness(window, True, self.near)

    def learn(self, module, is_cbow=False, group=8, rate=0.05, W=None, C=None):
        W, C = self.W.copy() if W is None else W, self.C.copy() if C is None else C
        loss = module.learn(
            self.kept, self.left, self.right, len(self.kept), self.window, self.near, is_cbow, group, rate,
            W.shape[1], self.bias, self.vocabulary, W, C,
        )  # fmt: skip
        return loss, W, C


kinds = pytest.mark.parametrize(("is_cbow", "bias"), [(False, False), (False, True), (True, False), (True, True)])


@kinds
@pytest.mark.parametrize("words", [40, 37, 1, 0])
@pytest.mark.parametrize("vocabulary", [3, 64, 150])
def test_learning_equals_the_twin(is_cbow, bias, words, vocabulary):
    block = Block(words=words, vocabulary=vocabulary, bias=bias)
    ours, theirs = (block.learn(module, is_cbow) for module in (softmax, twin))
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    np.testing.assert_allclose(ours[1], theirs[1], atol=2e-5)
    np.testing.assert_allclose(ours[2], theirs[2], atol=2e-5)


def test_large_scores_are_no_trouble():
    block = Block()
    block.W *= 100
    block.C *= 100
    ours, theirs = (block.learn(module) for module in (softmax, twin))
    assert np.isfinite(ours[0])
    assert ours[0] == pytest.approx(theirs[0], rel=1e-4)
    assert np.isfinite(ours[1]).all()


def loss_by_definition(block, W, C, is_cbow):
    loss, outputs, column = 0.0, C[: block.vocabulary], block.bias
    columns = np.arange(W.shape[1]) != column
    for i, word in enumerate(block.kept):
        around = [p for p in range(block.left[i], block.right[i]) if p != i]
        inputs = [(W[block.kept[p]], block.near[p - i + block.window]) for p in around]
        if is_cbow and around:
            inputs = [(np.mean([row for row, _ in inputs], 0), 1.0)]
        for row, near in inputs:
            scores = outputs @ row
            if column is not None:
                scores = outputs[:, columns] @ (row + W[-1])[columns] + outputs[:, column]
            loss += near * (np.log(np.sum(np.exp(scores))) - scores[word])
    return loss


@kinds
def test_a_group_s_steps_go_down_the_loss(is_cbow, bias):
    block = Block(words=6, window=2, d=8, bias=bias, vocabulary=10)
    block.left[:], block.right[:] = np.maximum(0, np.arange(6) - 2), np.minimum(6, np.arange(6) + 3)
    if is_cbow:  # one word a window: then CBOW's whole step of a context is its gradient
        block.left[:], block.right[:] = np.arange(6) // 2 * 2, np.arange(6) // 2 * 2 + 2
    start = block.W.astype(np.float64), block.C.astype(np.float64)
    loss, *moved = block.learn(twin, is_cbow, 8, 1e-6, start[0].copy(), start[1].copy())
    assert loss == pytest.approx(loss_by_definition(block, *start, is_cbow))
    for which in (0, 1):
        step, slope = (moved[which] - start[which]) / 1e-6, np.zeros_like(start[which])
        for at in np.ndindex(slope.shape):
            for sign in (1, -1):
                nearby = [one.copy() for one in start]
                nearby[which][at] += sign * 1e-5
                slope[at] += sign * loss_by_definition(block, *nearby, is_cbow) / 2e-5
        if bias and which == 0:
            step[-1] *= 6  # b takes the mean of the steps of six rows
            slope[:, block.bias] = 0  # 1 and 0 stay what they are
        np.testing.assert_allclose(step, -slope, atol=1e-4)
