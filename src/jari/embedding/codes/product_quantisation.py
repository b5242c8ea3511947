"""`ProductQuantised`: a byte for several values at once."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Final, Self

import numpy as np
import numpy.typing as npt

from jari.embedding.codes.arrays import taken
from jari.embedding.codes.code import Codes
from jari.embedding.metrics import Floats, lengths_of, units
from jari.errors import BadInput
from jari.kernels import codes as kernels
from jari.threads import thread_count
from jari.types import Callback, Matrix, Progress, Rows, Vector

CENTROIDS: Final = 256  # what a byte can tell apart
_SAMPLE = 128 * CENTROIDS  # rows that the centroids are found from; 64 a centroid leave an error 3 % greater than 256
_ROUNDS = 25
_PART = 4  # dimensions
_ROWS = 8192


class ProductQuantised(Codes):
    """Vectors cut into parts; of each part, the nearest of 256 centroids. And their lengths, 4 bytes each.

    After Jégou, Douze & Schmid, *Product Quantization for Nearest Neighbor Search*, TPAMI 2011. What is cut is the
    vector at length 1, so that rare words, whose vectors are long or short, count no more than others when centroids
    are sought. A product with a query is a sum of table entries, one for each part ("asymmetric": the query itself is
    not quantised). d need not be a multiple of the number of parts: some are then a value longer.

    Examples
    --------
    >>> corners = np.array([[1, 1, 1, 1], [2, 2, -2, -2], [-3, -3, 3, 3]], dtype=np.float32)
    >>> ProductQuantised.encode(corners, parts=2).decode(slice(None))
    array([[ 1.,  1.,  1.,  1.],
           [ 2.,  2., -2., -2.],
           [-3., -3.,  3.,  3.]], dtype=float32)
    """

    __slots__ = ("_centroids", "_codes", "_lengths")
    name: ClassVar[str] = "pq"

    def __init__(self, codes: npt.NDArray[np.uint8], centroids: Matrix, lengths: Vector) -> None:
        super().__init__()
        self._codes, self._centroids, self._lengths = codes, centroids, lengths

    @classmethod
    def encode(
        cls, matrix: Matrix, *, parts: int | None = None, random_state: int | None = 0, callback: Callback | None = None
    ) -> Self:
        """Find centroids by k-means on some rows, then the nearest ones for all.

        Parameters
        ----------
        matrix
            Shape (n, d).
        parts
            How many bytes a row takes, besides its length: 1 to d; d/4 where not given.
        random_state
            Which rows, and where k-means begins.
        callback
            Told after each part.

        Raises
        ------
        BadInput
            There are not 1 to d parts.
        """
        n, d = matrix.shape
        parts = max(1, d // _PART) if parts is None else parts
        if not 1 <= parts <= d:
            raise BadInput(f"{parts} parts of {d} dimensions: give 1 to {d}.")
        random = np.random.default_rng(random_state)
        sample = np.sort(random.choice(n, min(n, _SAMPLE), replace=False))
        directions = units(matrix[sample].astype(np.float64)).astype(np.float32)
        centroids = np.zeros((CENTROIDS, d), dtype=np.float32)
        seeds = random.integers(2**31, size=parts).tolist()
        own = [directions[:, part] for part in _parts(d, parts)]
        with ThreadPoolExecutor(thread_count()) as pool:
            # A thread for each part, not many for one: none waits for another, and sums are always the same.
            # On a busy machine 50 parts of 100 dimensions took 43 s, and 116 s with many threads for each.
            for done, (part, found) in enumerate(zip(_parts(d, parts), pool.map(_centroids, own, seeds), strict=True)):
                centroids[:, part] = found
                if callback is not None:
                    callback(Progress("finding centroids", done + 1, parts, "parts"))
        codes = np.empty((n, parts), dtype=np.uint8)
        lengths = np.empty(n, dtype=np.float32)
        for start in range(0, n, _ROWS):
            block = matrix[start : start + _ROWS].astype(np.float64)
            lengths[start : start + _ROWS] = lengths_of(block)
            codes[start : start + _ROWS] = _nearest(units(block).astype(np.float32), centroids, parts)
        return cls(codes, centroids, lengths)

    @property
    def arrays(self) -> Mapping[str, npt.NDArray[Any]]:
        return {"codes": self._codes, "centroids": self._centroids, "lengths": self._lengths}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[Any]], shape: tuple[int, int]) -> Self:
        n, d = shape
        given = arrays.get("codes", np.empty((0, 0))).shape
        parts = given[1] if len(given) == 2 and 1 <= given[1] <= d else d
        expected: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
            "codes": (np.uint8, (n, parts)),
            "centroids": (np.float32, (CENTROIDS, d)),
            "lengths": (np.float32, (n,)),
        }
        codes, centroids, lengths = taken(arrays, expected, finite=("centroids", "lengths"))
        return cls(codes, centroids, lengths)

    @property
    def shape(self) -> tuple[int, int]:
        return len(self._codes), self._centroids.shape[1]

    @property
    def parts(self) -> int:
        """How many parts a vector is cut into."""
        return int(self._codes.shape[1])

    @property
    def scales(self) -> Vector:
        return self._lengths

    def decode(self, rows: Rows | slice) -> Matrix:
        codes = self._codes[rows]
        decoded = np.empty((len(codes), self.shape[1]), dtype=np.float32)
        for at, part in enumerate(_parts(self.shape[1], codes.shape[1])):
            decoded[:, part] = self._centroids[codes[:, at], part]
        decoded *= self._lengths[rows][:, None]
        return decoded

    def prepare(self, directions: Floats) -> npt.NDArray[np.float32]:
        parts = self._codes.shape[1]
        tables = np.empty((len(directions), parts, CENTROIDS), dtype=np.float32)
        queries = directions.astype(np.float32)
        for at, part in enumerate(_parts(self.shape[1], parts)):
            tables[:, at] = queries[:, part] @ self._centroids[:, part].T
        return tables

    def products(self, prepared: npt.NDArray[np.float32], first: int, n: int, out: Matrix) -> None:
        kernels.lookups(out, self._codes, first, n, prepared)

    def _find_norms(self) -> Vector:
        n, parts = self._codes.shape
        squares = np.square(self._centroids, dtype=np.float32)
        table = np.stack([squares[:, part].sum(axis=1) for part in _parts(self.shape[1], parts)])[None]
        out = np.empty((n, 1), dtype=np.float32)
        kernels.lookups(out, self._codes, 0, n, np.ascontiguousarray(table))
        norms: Vector = np.sqrt(out[:, 0])
        return norms


def _parts(d: int, parts: int) -> list[slice]:
    """The columns of each part; the first ones are a value longer where d is no multiple."""
    ends = np.cumsum([len(some) for some in np.array_split(np.arange(d), parts)])
    return [slice(int(begin), int(end)) for begin, end in zip([0, *ends], ends, strict=False)]


def _centroids(points: Matrix, seed: int) -> Matrix:
    """256 points that are near to those given."""
    from sklearn.cluster import KMeans  # 0.5 s that nothing else here needs
    from threadpoolctl import threadpool_limits

    if not len(points):
        return np.zeros((CENTROIDS, points.shape[1]), dtype=np.float32)
    distinct = np.unique(points, axis=0)
    if len(distinct) <= CENTROIDS:
        return np.asarray(distinct[np.arange(CENTROIDS) % len(distinct)])
    # Random beginnings end as well as k-means++ here, in half the time.
    means = KMeans(CENTROIDS, init="random", n_init=1, max_iter=_ROUNDS, random_state=seed)
    with threadpool_limits(1):
        found: Matrix = means.fit(points).cluster_centers_
    return found


def _nearest(directions: Matrix, centroids: Matrix, parts: int) -> npt.NDArray[np.uint8]:
    codes = np.empty((len(directions), parts), dtype=np.uint8)
    for at, part in enumerate(_parts(centroids.shape[1], parts)):
        own = centroids[:, part]
        # |x - c|² = |x|² - 2(x·c - |c|²/2)
        nearness = directions[:, part] @ own.T
        nearness -= np.vecdot(own, own) / 2
        codes[:, at] = nearness.argmax(axis=1)
    return codes
