"""`jari.kernels.huffman` with a heap, and paths climbed leaf by leaf."""

from __future__ import annotations

import heapq

import numpy as np

from jari.types import Ids, Offsets


def tree(weights: np.ndarray, parents: Ids, bits: Ids) -> None:
    n = len(weights)
    # Of one weight a leaf goes before an inner node, the last leaf first and the oldest inner node first.
    heap = [(weight, 0, -word, word) for word, weight in enumerate(weights.tolist())]
    heapq.heapify(heap)
    for made in range(n, 2 * n - 1):
        rarest, next_rarest = heapq.heappop(heap), heapq.heappop(heap)
        parents[rarest[3]] = parents[next_rarest[3]] = made
        bits[rarest[3]], bits[next_rarest[3]] = 1, 0
        heapq.heappush(heap, (rarest[0] + next_rarest[0], 1, made, made))
    parents[2 * n - 2] = 2 * n - 2
    bits[2 * n - 2] = 0


def path_offsets(parents: Ids, offsets: Offsets) -> int:
    lengths = [len(_way(parents, word)) for word in range(len(offsets) - 1)]
    offsets[:] = np.cumsum([0, *lengths])
    return max(lengths)


def paths(parents: Ids, bits: Ids, offsets: Offsets, turns: Ids) -> None:
    root = len(parents) - 1
    for word in range(len(offsets) - 1):
        way = _way(parents, word)
        turns[offsets[word] : offsets[word + 1]] = [2 * (root - parents[node]) + bits[node] for node in way]


def _way(parents: Ids, word: int) -> list[int]:
    """The nodes on the way from the root, which is left out, to a word."""
    nodes, node = [], word
    while parents[node] != node:
        nodes.append(node)
        node = int(parents[node])
    return nodes[::-1]
