"""`procrustes`: the rotation that lays one set of vectors upon another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jari.embedding.parts import as_matrix, frozen
from jari.errors import BadInput
from jari.types import Matrix, Vector

_AT_ONCE = 1 << 22  # numbers held in float64 at a time


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """A way from one space to another that keeps all lengths and angles, up to one scale.

    Parameters
    ----------
    rotation
        Orthogonal, mirrorings included: shape (d, d), d the larger of both numbers of dimensions; float32, read-only.
    scale
        1 unless asked for.
    source_mean, target_mean
        Shape (source dimensions,) and (target dimensions,); zeros unless asked for.
    error
        What is left: the sum of squared distances after the alignment, as a share of the sum of the squared lengths of
        the target (about its mean, where that was asked for). 0 is a perfect fit.
    """

    rotation: Matrix
    scale: float
    source_mean: Vector
    target_mean: Vector
    error: float

    def apply(self, vectors: npt.ArrayLike) -> Matrix:
        """Vectors of the source's space in the target's: (n, source dimensions) → (n, target dimensions).

        Where the target has fewer dimensions, what lies outside of its space is left out.
        """
        given = as_matrix(vectors, "vectors")
        of, to = len(self.source_mean), len(self.target_mean)
        if given.shape[1] != of:
            raise BadInput(f"Vectors of {given.shape[1]} dimensions were given: this alignment begins in {of}.")
        turned: Matrix = (given - self.source_mean) @ (self.rotation[:of, :to] * np.float32(self.scale))
        turned += self.target_mean
        return turned


def procrustes(
    source: npt.ArrayLike, target: npt.ArrayLike, *, centre: bool = False, scaling: bool = False
) -> Alignment:
    """The orthogonal matrix R that makes ``|source @ R - target|`` least.

    With ``source.T @ target = U S V'`` it is ``U V'`` (P. H. Schönemann, A generalized solution of the orthogonal
    Procrustes problem, Psychometrika 31, 1966). Where one side has fewer dimensions it is taken as lying in a larger
    space, with zeros for what it lacks: so the smaller one is laid into the larger one as well as can be.

    Parameters
    ----------
    source, target
        Shape (n, d) and (n, e): row i of the one belongs to row i of the other.
    centre
        Whether both are moved to their means first: for coordinates of a map. Directions, which the cosine compares,
        are measured from the origin and stay where they are.
    scaling
        Whether the source is also made larger or smaller, by one number.

    Raises
    ------
    BadInput
        There are no rows, not as many here as there, or a value is NaN or infinite.

    Examples
    --------
    >>> corner = np.array([[1, 0], [1, 1], [0, 3]])
    >>> turn = procrustes(corner, corner @ [[0, 1], [-1, 0]])
    >>> turn.rotation.round(3) + 0.0, round(turn.error, 6)
    (array([[ 0.,  1.],
           [-1.,  0.]], dtype=float32), 0.0)
    >>> turn.apply([[2, 0]]).round(3) + 0.0
    array([[0., 2.]], dtype=float32)
    """
    ours, theirs = _finite(source, "source"), _finite(target, "target")
    if len(ours) != len(theirs) or not len(ours):
        raise BadInput(
            f"{len(ours)} source vectors and {len(theirs)} target vectors: give as many here as there, 1 or more, "
            "row i of the one for row i of the other."
        )
    mean, their_mean = (
        side.mean(axis=0, dtype=np.float64) if centre else np.zeros(side.shape[1]) for side in (ours, theirs)
    )
    larger = max(ours.shape[1], theirs.shape[1])
    product, squares = np.zeros((larger, larger)), np.zeros(2)
    rows = max(1, _AT_ONCE // larger)
    for start in range(0, len(ours), rows):  # in float64, a block at a time: a sum over a million rows stays exact
        now = slice(start, start + rows)
        left, right = ours[now] - mean, theirs[now] - their_mean
        product[: ours.shape[1], : theirs.shape[1]] += left.T @ right
        squares += np.vdot(left, left), np.vdot(right, right)
    u, strengths, v = np.linalg.svd(product)
    fit = float(strengths.sum())
    scale = fit / float(squares[0]) if scaling and squares[0] > 0 else 1.0
    left_over = scale**2 * float(squares[0]) - 2 * scale * fit + float(squares[1])
    return Alignment(
        frozen(np.ascontiguousarray(u @ v, dtype=np.float32)),
        scale,
        frozen(mean.astype(np.float32)),
        frozen(their_mean.astype(np.float32)),
        max(left_over, 0.0) / float(squares[1]) if squares[1] > 0 else 0.0,
    )


def _finite(given: npt.ArrayLike, name: str) -> Matrix:
    matrix = as_matrix(given, name)
    if not np.isfinite(matrix).all():
        row = int(np.argmin(np.isfinite(matrix).all(axis=1)))
        raise BadInput(f"Row {row} of {name} is not finite: give numbers only.")
    return matrix
