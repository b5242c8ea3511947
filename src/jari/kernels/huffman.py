"""Huffman's tree over a vocabulary: a word is the way from the root to its leaf, the shorter the more frequent it is.

The two rarest nodes are joined again and again (Huffman 1952). Weights that come sorted need no heap: what was joined
earlier is never heavier than what is joined later, so two queues, of leaves and of inner nodes, give the next rarest at
once (van Leeuwen 1976), and n words take O(n).

Leaves are the nodes 0 to n - 1. Inner nodes are n to 2n - 2 in the order in which they were made, the root last. Their
rows in a matrix go the other way: the root is row 0, and what is on many ways stands together.
"""

from __future__ import annotations

import numpy as np

from jari.kernels._jit import kernel
from jari.types import Ids, Offsets


@kernel
def tree(weights: np.ndarray, parents: Ids, bits: Ids) -> None:
    """Fill `parents` and `bits` (0 or 1: which child of its parent), of shape (2n - 1,), for every node.

    `weights` is float64 of shape (n,), n ≥ 2, and never rises. Of two nodes of one weight the leaf goes first: no other
    Huffman tree is less deep (Schwartz 1964). The root has itself as its parent.
    """
    n = weights.shape[0]
    joined = np.empty(n - 1)
    leaf, inner = n - 1, 0  # the rarest of each kind that has no parent yet
    for made in range(n - 1):
        total = 0.0
        for bit in range(2):
            if leaf >= 0 and (inner >= made or weights[leaf] <= joined[inner]):
                node = leaf
                total += weights[leaf]
                leaf -= 1
            else:
                node = n + inner
                total += joined[inner]
                inner += 1
            parents[node] = n + made
            bits[node] = 1 - bit
        joined[made] = total
    parents[2 * n - 2] = 2 * n - 2
    bits[2 * n - 2] = 0


@kernel
def path_offsets(parents: Ids, offsets: Offsets) -> int:
    """Fill `offsets`, shape (n + 1,): where each word's path begins in `paths`; return the longest path's length."""
    n = offsets.shape[0] - 1
    depths = np.zeros(2 * n - 1, np.int32)
    offsets[0] = longest = 0
    for node in range(2 * n - 3, -1, -1):  # a parent has a higher number than its children
        depths[node] = depths[parents[node]] + 1
    for word in range(n):
        offsets[word + 1] = offsets[word] + depths[word]
        longest = max(longest, depths[word])
    return longest


@kernel
def paths(parents: Ids, bits: Ids, offsets: Offsets, turns: Ids) -> None:
    """Fill ``turns[offsets[word] : offsets[word + 1]]`` with ``2 · row + bit`` for each inner node from the root on.

    The bit is the child that the path goes on to: one number, and so half the memory to wait for.
    """
    root = parents.shape[0] - 1
    for word in range(offsets.shape[0] - 1):
        node = word
        for at in range(offsets[word + 1] - 1, offsets[word] - 1, -1):
            turns[at] = 2 * (root - parents[node]) + bits[node]
            node = parents[node]
