"""The hierarchical softmax: kernel = twin, and a walk of one centre is a step down its loss."""

import numpy as np
import pytest

from jari.kernels import hierarchical
from jari.kernels._jit import LANES
from jari.kernels.reference import hierarchical as twin
from jari.kernels.skipgram import band_width, nearness
from jari.learn.hierarchical import Tree

WORDS = 40
ALL, TURNS = [[-4, 4]], [[-4, 4], [2, 5], [-4, 4], [-5, -2]]  # what centres look at


class Block:
    """Some words of a vocabulary of forty, each with its window; with a bias, in the last column but one."""

    def __init__(self, seed=0, d=LANES, words=40, window=3, bias=False):
        generator = np.random.default_rng(seed)
        self.kept = generator.integers(0, WORDS, words).astype(np.int32)
        position = np.arange(words)
        reach = generator.integers(0, window + 1, words)
        self.left = np.maximum(0, position - reach).astype(np.int32)
        self.right = np.minimum(words, position + reach + 1).astype(np.int32)
        self.W, self.C = (generator.normal(size=(WORDS + 1, d)).astype(np.float32) / 3 for _ in range(2))
        self.bias = d - 2 if bias else None
        if bias:
            self.W[:-1, self.bias], self.W[-1, self.bias] = 0, 1
        self.tree = Tree.of(1 / np.arange(1.0, WORDS + 1) ** 2)
        self.window, self.near = window, np.empty(band_width(window), np.float32)
        nearness(window, True, self.near)

    def learn(self, module, is_cbow=False, group=8, rate=0.05, W=None, C=None, reach=4, views=ALL):
        W, C = self.W.copy() if W is None else W, self.C.copy() if C is None else C
        tree = self.tree.offsets, self.tree.turns, self.tree.longest
        loss = module.learn(
            self.kept, self.left, self.right, len(self.kept), self.window, self.near, reach,
            np.array(views, np.int32), is_cbow, group, rate, W.shape[1], self.bias, *tree, W, C,
        )  # fmt: skip
        return loss, W, C


kinds = pytest.mark.parametrize(("is_cbow", "bias"), [(False, False), (False, True), (True, False), (True, True)])


@kinds
@pytest.mark.parametrize("words", [40, 37, 1, 0])
@pytest.mark.parametrize(
    ("window", "reach", "views", "d"),
    [
        (4, 4, ALL, LANES),
        (5, 4, TURNS, LANES * 7),
        (9, 8, [[-8, 8], [-9, 9], [-8, -1]], LANES),
        (7, 4, [[-4, 7], [-7, 4], [-4, -1]], LANES),
    ],
)
def test_learning_equals_the_twin(is_cbow, bias, words, window, reach, views, d):
    block = Block(words=words, window=window, d=d, bias=bias)
    ours, theirs = (block.learn(module, is_cbow, reach=reach, views=views) for module in (hierarchical, twin))
    assert ours[0] == pytest.approx(theirs[0], rel=1e-5)
    np.testing.assert_allclose(ours[1], theirs[1], atol=1e-5)
    np.testing.assert_allclose(ours[2], theirs[2], atol=1e-5)


def loss_by_definition(block, W, C, is_cbow):
    loss, column = 0.0, block.bias
    columns = np.arange(W.shape[1]) != column
    for i, word in enumerate(block.kept):
        around = [p for p in range(block.left[i], block.right[i]) if p != i]
        inputs = [(W[block.kept[p]], block.near[p - i + block.window]) for p in around]
        if is_cbow and around:
            inputs = [(np.mean([row for row, _ in inputs], 0), 1.0)]
        for turn in block.tree.turns[block.tree.offsets[word] : block.tree.offsets[word + 1]]:
            node, sign = C[turn // 2], 1 - 2 * (turn % 2)
            for row, near in inputs:
                score = row @ node
                if column is not None:
                    score = (row + W[-1])[columns] @ node[columns] + node[column]
                loss += near * np.logaddexp(0, -sign * score)
    return loss


@kinds
@pytest.mark.parametrize("around", [0, 1, 2])
def test_a_centre_s_steps_go_down_the_loss(is_cbow, bias, around):
    block = Block(words=1 + around, window=4, d=8, bias=bias)
    block.left, block.right = np.zeros(1 + around, np.int32), np.full(1 + around, 1 + around, np.int32)
    block.left[1:], block.right[1:] = np.arange(1, 1 + around), np.arange(2, 2 + around)  # only the first sees others
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
        if which == 0:
            if is_cbow and around:
                slope[:-1] *= around  # the whole step goes to each context
            if bias:
                step[-1] *= 1 + around  # b takes the mean of the steps of all rows
                slope[:, block.bias] = 0  # 1 and 0 stay what they are
        np.testing.assert_allclose(step, -slope, atol=1e-4)


@pytest.mark.parametrize("kernel", [hierarchical, twin])
def test_pairs_count_as_much_as_if_every_centre_took_them_all(kernel):
    block, (W, C) = Block(words=400, window=5), np.zeros((2, WORDS + 1, LANES), np.float32)
    position = np.arange(400)
    block.left[:], block.right[:] = np.maximum(0, position - 5), np.minimum(400, position + 6)
    both = [[-4, 4], [-5, 5]]  # every pair at least every second time
    loss = [block.learn(kernel, W=W.copy(), C=C.copy(), views=views, rate=1e-9)[0] for views in (both, TURNS)]
    assert loss[1] == pytest.approx(loss[0], rel=0.01)
    turns = np.array([np.diff(block.tree.offsets)[word] for word in block.kept])
    near = [block.near[block.left[i] - i + 5 : block.right[i] - i + 5].sum() for i in range(400)]
    assert loss[1] == pytest.approx(np.log(2) * turns @ near, rel=0.01)
