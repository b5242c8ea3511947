"""The walk of negative sampling: kernel = twin, and a walk of one group is a step down its loss."""

import numpy as np
import pytest

from jari.kernels import cbow, skipgram
from jari.kernels._jit import LANES
from jari.kernels.noise import alias_table, draw
from jari.kernels.reference import cbow as cbow_twin
from jari.kernels.reference import skipgram as skipgram_twin
from jari.kernels.skipgram import band_width, nearness

WORDS, STATE = 12, np.uint64(11)


class Block:
    """Some words of a vocabulary of twelve, each with its window; with a bias, in the last column but one."""

    def __init__(self, seed=0, d=LANES, words=40, window=3, bias=False):
        generator = np.random.default_rng(seed)
        self.kept = generator.integers(0, WORDS, words).astype(np.int32)
        position = np.arange(words)
        reach = generator.integers(1, window + 1, words)
        self.left = np.maximum(0, position - reach).astype(np.int32)
        self.right = np.minimum(words, position + reach + 1).astype(np.int32)
        self.W, self.C = (generator.normal(size=(WORDS + bias, d)).astype(np.float32) / 3 for _ in range(2))
        self.bias = d - 2 if bias else None
        if bias:
            self.W[:-1, self.bias], self.W[-1, self.bias] = 0, 1
        self.limits, self.others = np.empty(WORDS, np.uint32), np.empty(WORDS, np.int32)
        alias_table(np.arange(1.0, WORDS + 1), self.limits, self.others)
        self.window, self.near = window, np.empty(band_width(window), np.float32)
        nearness(window, True, self.near)

    def learn(self, twin, is_cbow=False, false_contexts=False, count=40, group=8, rate=0.05, W=None, C=None):
        W, C = self.W.copy() if W is None else W, self.C.copy() if C is None else C
        module = (cbow_twin if is_cbow else skipgram_twin) if twin else (cbow if is_cbow else skipgram)
        walk = self.kept, self.left, self.right, count, self.window
        sizes = group, 16, 5.0, rate, W.shape[1], self.bias, STATE, self.limits, self.others
        middle = false_contexts if is_cbow else self.near
        loss = module.learn(*walk, middle, *sizes, W, C)
        return loss, W, C


models = pytest.mark.parametrize(("is_cbow", "false_contexts"), [(False, False), (True, False), (True, True)])
biased = pytest.mark.parametrize("bias", [False, True])


@models
@biased
@pytest.mark.parametrize("count", [40, 37, 1])
def test_learning_equals_the_twin(is_cbow, false_contexts, bias, count):
    block = Block(words=count, bias=bias)
    ours, theirs = (block.learn(twin, is_cbow, false_contexts, count) for twin in (False, True))
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    np.testing.assert_allclose(ours[1], theirs[1], atol=1e-5)
    np.testing.assert_allclose(ours[2], theirs[2], atol=1e-5)


def loss_by_definition(block, W, C, is_cbow, false_contexts):
    """With the scores ``(w + b) · c + b'`` written out."""
    noise = np.empty(16, np.int64)
    draw(STATE, block.limits, block.others, noise)
    column = block.bias

    def score(input_, output):
        if column is None:
            return input_ @ output
        columns = np.arange(W.shape[1]) != column
        return (input_ + W[-1])[columns] @ output[columns] + output[column]

    loss = 0.0
    for i in range(len(block.kept)):
        around = [p for p in range(block.left[i], block.right[i]) if p != i]
        centre, weight = C[block.kept[i]], 5 / 16
        if is_cbow:
            mean = np.mean([W[block.kept[p]] for p in around], 0)
            loss += np.logaddexp(0, -score(mean, centre))
            false = [(W[t], centre) if false_contexts else (mean, C[t]) for t in noise]
            loss += weight * sum(np.logaddexp(0, score(*pair)) for pair in false)
            continue
        for p in around:
            near, context = block.near[p - i + block.window], W[block.kept[p]]
            loss += near * np.logaddexp(0, -score(context, centre))
            loss += near * weight * sum(np.logaddexp(0, score(context, C[t])) for t in noise)
    return loss


@models
@biased
def test_a_group_s_steps_go_down_the_loss(is_cbow, false_contexts, bias):
    block = Block(words=6, window=2, d=8, bias=bias)
    block.left, block.right = np.zeros(6, np.int32), np.full(6, 6, np.int32)  # all windows alike
    block.left[:] = np.maximum(0, np.arange(6) - 2)
    block.right[:] = np.minimum(6, np.arange(6) + 3)
    if is_cbow:  # one word a window: then CBOW's whole step of a context is its gradient
        block.left[:], block.right[:] = np.arange(6) // 2 * 2, np.arange(6) // 2 * 2 + 2
    start = block.W.astype(np.float64), block.C.astype(np.float64)
    loss, *moved = block.learn(True, is_cbow, false_contexts, 6, 8, 1e-6, start[0].copy(), start[1].copy())
    assert loss == pytest.approx(loss_by_definition(block, *start, is_cbow, false_contexts))
    for which in (0, 1):
        step, slope = (moved[which] - start[which]) / 1e-6, np.zeros_like(start[which])
        for at in np.ndindex(slope.shape):
            for sign in (1, -1):
                nearby = [one.copy() for one in start]
                nearby[which][at] += sign * 1e-5
                slope[at] += sign * loss_by_definition(block, *nearby, is_cbow, false_contexts) / 2e-5
        if bias and which == 0:
            step[-1] *= 6  # b takes the mean of the steps of six rows
            slope[:, block.bias] = 0  # 1 and 0 stay what they are
        np.testing.assert_allclose(step, -slope, atol=1e-4)
