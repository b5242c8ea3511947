"""`Tiles`: pairs of words in the order in which GloVe learns them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from jari.kernels.glove import LOG_UNIT, WEIGHT_UNIT
from jari.kernels.glove_strips import fill_strips, measure_strips
from jari.learn.glove_chance import Chance
from jari.types import Ids, Offsets, Vector

_TILE = 32_768  # entries; 1 ms of work, of which fetching a strip's columns into the second cache takes a twentieth
_CACHE = 880_000  # bytes that the columns of a strip may take of a second cache of 1 MB
_SHAPE = 0.1  # of the distribution of what chance brings; see `jari.kernels.glove_strips`
_WEIGHT = np.float32(0.1)  # of an unseen pair
_AT_ONCE = 1 << 20  # entries
_LARGEST_LOG = 32_767


@dataclass(frozen=True, slots=True)
class Tiles:
    """Pairs of words with the logarithm and the weight of their count, in tiles of some columns × some rows.

    Learnt row by row, what a frequent word teaches would all come at once; learnt in any order, each step would wait
    for memory. So the columns are cut into strips that fit into a core's cache, and a strip, its rows in random order,
    into tiles of about as many entries. Tiles are learnt in an order that is drawn again for each epoch.

    Parameters
    ----------
    columns, logs, weights
        Shape (entries,): of each pair its column, counted from the first of its strip, log x, and f(x), two bytes each.
    rows, starts
        Shapes (runs,) and (runs + 1,): each run is a row's entries in a strip, ``starts[k] : starts[k + 1]``.
    borders
        Shape (tiles + 1,): tile t has the runs ``borders[t] : borders[t + 1]``.
    firsts
        Shape (tiles,): the first column of the strip of each tile.
    symmetric
        Whether each pair also stands for its mirror image: a tile is learnt twice in an epoch, the second time with
        words and contexts changed over. A word with itself then counts half each time.
    """

    columns: npt.NDArray[np.uint16]
    logs: npt.NDArray[np.int16]
    weights: npt.NDArray[np.uint16]
    rows: Ids
    starts: Offsets
    borders: Offsets
    firsts: Offsets
    symmetric: bool

    @classmethod
    def of(
        cls,
        matrix: Any,
        chance: Chance,
        *,
        symmetric: bool,
        x_max: float,
        alpha: float,
        unseen: float,
        row: int,
        generator: np.random.Generator,
    ) -> Tiles:
        """Arrange the counts of a matrix, and some pairs that were not counted.

        Parameters
        ----------
        matrix
            CSR, shape (n, n), float32, the columns of a row in order.
        chance
            From `Chance.of`.
        symmetric
            Whether it is its own transpose: then what stands below its diagonal is not kept.
        x_max, alpha
            A pair that was counted x times has the weight ``min(1, (x / x_max) ** alpha)``.
        unseen
            How many pairs are drawn for each one that was counted; those that were counted too are not taken.
        row
            Bytes of a row of the matrices that will be learnt.

        Examples
        --------
        >>> from scipy.sparse import csr_array
        >>> matrix = csr_array(np.array([[0, 8, 1], [8, 0, 0], [1, 0, 0]], np.float32))
        >>> chance = Chance.of(matrix, np.array([9.0, 8.0, 1.0]), symmetric=True)
        >>> generator = np.random.default_rng(0)
        >>> tiles = Tiles.of(
        ...     matrix, chance, symmetric=True, x_max=4, alpha=0.5, unseen=0, row=64, generator=generator)
        >>> tiles.rows.tolist(), tiles.columns.tolist(), (tiles.weights / 65535).round(3).tolist()
        ([0], [1, 2], [1.0, 0.5])
        """
        indptr, indices = _still(np.asarray(matrix.indptr, np.int64)), _still(np.asarray(matrix.indices, np.int32))
        data = _still(np.asarray(matrix.data, np.float32))
        n, width = matrix.shape[0], max(16, _CACHE // row)
        order = generator.permutation(n).astype(np.int32)
        half = np.count_nonzero(matrix.diagonal()) if symmetric else matrix.nnz
        counted = order, width, indptr, indices, data, symmetric
        drawn = chance.left, chance.right, chance.ends, chance.guide, unseen * (matrix.nnz + half) / 2, _SHAPE
        given = *counted, *drawn, int(generator.integers(2**62))

        entries, runs = np.zeros(-(-n // width), np.int64), np.zeros(-(-n // width), np.int64)
        measure_strips(*given, entries, runs)
        entry, run = _ends(entries), _ends(runs)
        columns, counts = np.empty(entry[-1], np.uint16), np.empty(entry[-1], np.float32)
        rows, starts = np.empty(run[-1], np.int32), np.full(run[-1] + 1, entry[-1], np.int64)
        fill_strips(*given, entry[:-1].copy(), run[:-1].copy(), columns, counts, rows, starts)

        own = np.zeros(len(columns) if symmetric else 0, np.bool_)
        if symmetric:  # the first of a row's entries from the diagonal on
            strip = np.repeat(np.arange(len(runs)), runs)
            first = starts[:-1]
            own[first[columns[first] + strip * width == rows]] = True
        logs, weights = _weighed(counts, own, x_max, alpha)
        borders = _borders(starts, run)
        firsts = width * (np.searchsorted(run, borders[:-1], side="right") - 1)
        return cls(columns, logs, weights, rows, starts, borders, firsts, symmetric)

    @property
    def visits(self) -> int:
        """How many times an epoch takes a tile: each once, or twice."""
        return (len(self.borders) - 1) * (2 if self.symmetric else 1)

    def sizes(self) -> Offsets:
        """How many entries each tile has, shape (tiles,)."""
        return np.diff(self.starts[self.borders])


def _weighed(
    counts: Vector, own: npt.NDArray[np.bool_], x_max: float, alpha: float
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.uint16]]:
    """log x and f(x). Counts of unseen pairs are below 0; what is `own` counts half."""
    logs, weights = np.empty(len(counts), np.int16), np.empty(len(counts), np.uint16)
    for at in range(0, len(counts), _AT_ONCE):
        some = slice(at, at + _AT_ONCE)
        log = np.log(np.abs(counts[some]))
        weight = np.exp(np.minimum(np.float32(alpha) * (log - np.float32(np.log(x_max))), np.float32(0)))
        weight[counts[some] < 0] = _WEIGHT
        weight[own[some]] /= 2
        logs[some] = np.clip(np.rint(log / np.float32(LOG_UNIT)), -_LARGEST_LOG, _LARGEST_LOG)
        weights[some] = np.rint(weight / np.float32(WEIGHT_UNIT))
    return logs, weights


def _ends(sizes: Offsets) -> Offsets:
    """Where each of some parts begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])


def _borders(starts: Offsets, strips: Offsets) -> Offsets:
    """Cut the runs of each strip into tiles of about as many entries."""
    borders = [np.zeros(1, np.int64)]
    for begin, end in itertools.pairwise(strips.tolist()):
        first, last = starts[begin], starts[end]
        parts = max(1, round((last - first) / _TILE))
        wanted = first + (last - first) * np.arange(1, parts + 1) // parts
        borders.append(begin + np.searchsorted(starts[begin : end + 1], wanted))
    return np.unique(np.concatenate(borders))


def _still(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Mapped or in memory, counts have one type for the kernels, which are compiled for each."""
    view = array.view(np.ndarray)
    view.flags.writeable = False
    return view
