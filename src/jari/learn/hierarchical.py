"""`HierarchicalSoftmax`: skip-gram and CBOW that foretell a word by its way down a Huffman tree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jari.kernels import hierarchical, huffman
from jari.learn.pairs import PairModel
from jari.learn.walk import Kept
from jari.types import Ids, Offsets

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

    @property
    def reach(self) -> int:
        """At how many words to either side a centre looks: whole tiles of four where the window holds one."""
        return self.window // 4 * 4 if self.shrink and self.window > 4 else self.window

    def learn(self, kept: Kept, rate: float, state: Any) -> tuple[float, float]:
        """Learn from a block; its loss, and over how many pairs or words. Nothing is drawn."""
        loss = hierarchical.learn(
            kept.words,
            kept.left,
            kept.right,
            kept.count,
            self.window,
            self._near,
            self.reach,
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
