"""`HierarchicalSoftmax`: skip-gram and CBOW that foretell a word by its way down a Huffman tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from jari.kernels import hierarchical, huffman
from jari.learn.pairs import PairModel
from jari.learn.walk import Kept
from jari.types import Ids, Offsets, Vector

GROUP = 24  # centres whose contexts are gathered together; docs/decisions/0008-softmaxes.md


@dataclass(frozen=True, slots=True)
class Tree:
    """The way to each word: ``turns[offsets[word] : offsets[word + 1]]``, from `jari.kernels.huffman.paths`.

    Parameters
    ----------
    longest
        How many turns the longest way has.
    """

    offsets: Offsets
    turns: Ids
    longest: int

    @classmethod
    def of(cls, weights: npt.NDArray[np.float64]) -> Tree:
        """Huffman's tree: the more weight a word has, the shorter its way.

        Examples
        --------
        >>> Tree.of(np.array([4.0, 2.0, 1.0, 1.0])).offsets.tolist()
        [0, 1, 3, 6, 9]
        """
        n = len(weights)
        order = np.argsort(-weights, kind="stable")
        parents, bits = np.empty(2 * n - 1, np.int32), np.empty(2 * n - 1, np.int32)
        huffman.tree(weights[order], parents, bits)
        for nodes in (parents, bits):  # the leaves where the words are
            nodes[order] = nodes[:n].copy()
        offsets = np.empty(n + 1, np.int64)
        longest = huffman.path_offsets(parents, offsets)
        turns = np.empty(offsets[-1], np.int32)
        huffman.paths(parents, bits, offsets, turns)
        return cls(offsets, turns, longest)


@dataclass(slots=True)
class HierarchicalSoftmax(PairModel):
    """A `Model`; the rows of `C` are the tree's inner nodes."""

    tree: Tree

    _views: Ids = field(init=False)
    _around: Vector = field(init=False)

    def __post_init__(self) -> None:
        super(HierarchicalSoftmax, self).__post_init__()  # named: a class with slots is made twice
        reach, widest = self.reach, self._widest
        both, right, left = [-reach, reach], [widest - reach + 1, widest], [-widest, reach - widest - 1]
        self._views = np.array([both, right, both, left], np.int32)
        self._around = np.concatenate([np.zeros(self._widest - self.window, np.float32), self._near])

    @property
    def reach(self) -> int:
        """How many words in a row a centre looks at on either side: whole tiles of four."""
        return max(4, self.window // 4 * 4)

    @property
    def _widest(self) -> int:
        """The window that the kernel knows of: no shorter than what a centre looks at."""
        return max(self.window, self.reach)

    def learn(self, kept: Kept, rate: float, state: Any) -> tuple[float, float]:
        """Learn from a block; its loss, and over how many pairs or words. Nothing is drawn."""
        loss = hierarchical.learn(
            kept.words,
            kept.left,
            kept.right,
            kept.count,
            self._widest,
            self._around,
            self.reach,
            self._views,
            self.is_cbow,
            self.crowd(GROUP, self.largest),
            rate,
            self.columns,
            self.bias_column,
            self.tree.offsets,
            self.tree.turns,
            self.tree.longest,
            self.W,
            self.C,
        )
        return loss, self.counted(kept)
