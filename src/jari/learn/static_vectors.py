"""Vectors of words whose mean stands for a text's own vector.

S has a row for each text and a column for each word: the share of the text that the word makes up. Y has the vectors
that an encoder gives the texts, F what it says of each word by itself. Static vectors E are wanted with S E ≈ Y; there
are more words than texts can tell of, so

    E = F M + D,   M = argmin ‖S F M − Y‖² + μ ‖M‖²,   D = argmin ‖S (F M + D) − Y‖² + λ ‖D‖²

M turns all words alike, from what the encoder makes of a lone word to what it makes of a word in a text; D then moves
each word as far as the texts that it stands in give reason to. A tenth of the texts is kept apart, and μ and λ are
those that foretell its vectors best. D comes of conjugate gradients, a system for each dimension, all at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from jari.embedding.metrics import lengths_of
from jari.errors import BadInput
from jari.learn.centred import product
from jari.types import Matrix, Vector

if TYPE_CHECKING:
    from jari.ingest.bags import Sparse

Tell = Callable[[int], None]

_MAPS: Final = (1e-3, 1e-2, 1e-1, 1.0, 10.0)  # μ, in units of the mean square of a column of S F
_STEPS: Final = tuple(1.0 / 4**k for k in range(8))  # λ, from more than is ever needed to 6e-5
_ROUNDS, _NEAR = 50, 1e-3  # of conjugate gradients, and the share of the first residue at which they end
_SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Fitted:
    """What came of it.

    Parameters
    ----------
    vectors
        Shape (words, dim).
    unexplained
        The share of the squared lengths of the vectors kept apart that was not foretold: by the lone words, and by
        the result.
    ridge
        The λ that was chosen.
    """

    vectors: Matrix
    unexplained: tuple[float, float]
    ridge: float


def lone(isolated: Matrix, dim: int, weights: Vector) -> Matrix:
    """What can be had without any text: principal components, each word weighted.

    Parameters
    ----------
    isolated
        The vector of each word by itself, shape (words, d).
    dim
        How many components to keep.
    weights
        Shape (words,).

    Raises
    ------
    BadInput
        All words have the same vector.
    """
    centred = isolated - isolated.mean(axis=0, dtype=np.float64).astype(np.float32)
    refuse_all_alike(isolated, centred)
    return np.ascontiguousarray((centred @ _directions(centred, dim)) * weights[:, None])


def fitted(
    S: Sparse, Y: Matrix, isolated: Matrix, weights: Vector, dim: int, *, generator: Any, threads: int, tell: Tell
) -> Fitted:
    """Vectors of words whose means are near the vectors of texts.

    Parameters
    ----------
    S
        Shape (texts, words): rows add up to 1, or are empty.
    Y
        Shape (texts, d).
    isolated, weights
        As for `lone`.
    dim
        How many numbers to keep: the projection of Y that loses least.
    generator
        Of random numbers, for the tenth that is kept apart.
    tell
        Told how many rounds are done.
    """
    centred = isolated - isolated.mean(axis=0, dtype=np.float64).astype(np.float32)
    refuse_all_alike(isolated, centred)
    features = np.column_stack([centred * weights[:, None], weights, np.ones_like(weights)])
    seen = np.unique(S.indices)  # of all other words D says nothing, and F M is all there is
    S, F = S[:, seen], features[seen]
    Y = np.ascontiguousarray(Y @ _directions(Y, dim))
    order = generator.permutation(len(Y))
    apart, rest = np.sort(order[: max(1, len(Y) // 10)]), np.sort(order[max(1, len(Y) // 10) :])
    problem, judged = _Problem(S[rest], Y[rest], threads, tell), _Problem(S[apart], Y[apart], threads, tell)
    mu = min(_MAPS, key=lambda one: judged.unexplained(F @ problem.mapped(F, one)))
    start = F @ problem.mapped(F, mu)
    before = best = judged.unexplained(start)
    moved, chosen = np.zeros_like(start), np.inf
    for ridge in _STEPS:
        moved = problem.moved(start, ridge, moved)
        found = judged.unexplained(start + moved)
        if found > best:
            break
        best, chosen = found, ridge
    whole = _Problem(S, Y, threads, tell)
    vectors = features @ whole.mapped(F, mu)
    if np.isfinite(chosen):
        vectors[seen] += whole.moved(vectors[seen], chosen, moved)
    return Fitted(np.ascontiguousarray(vectors, dtype=np.float32), (before, best), float(chosen))


def refuse_all_alike(isolated: Matrix, centred: Matrix) -> None:
    """Raise `BadInput` where an encoder has nothing to say."""
    if not np.isfinite(isolated).all():
        raise BadInput("The encoder gives vectors that are not finite: it is damaged, or its precision is too low.")
    if lengths_of(centred.astype(np.float64)).max() <= _SAME * lengths_of(isolated.astype(np.float64)).max():
        raise BadInput("The encoder gives every word the same vector: there is nothing to distil. Take another one.")


class _Problem:
    """Texts and their vectors."""

    def __init__(self, S: Sparse, Y: Matrix, threads: int, tell: Tell) -> None:
        self._S, self._St, self._Y, self._threads, self._tell = S, S.T.tocsr(), Y, threads, tell
        self._rounds = 0

    def unexplained(self, E: Matrix) -> float:
        """The share of the squares of Y that S E misses."""
        missed, all_of_it = self._Y - self._times(E), self._Y
        return float(np.vdot(missed, missed) / max(float(np.vdot(all_of_it, all_of_it)), 1e-30))

    def mapped(self, F: Matrix, mu: float) -> Matrix:
        """M."""
        X = self._times(F).astype(np.float64)
        gram = X.T @ X
        gram += mu * max(np.trace(gram) / len(gram), 1e-30) * np.eye(len(gram))
        found: Matrix = np.linalg.solve(gram, X.T @ self._Y).astype(np.float32)
        return found

    def moved(self, start: Matrix, ridge: float, D: Matrix) -> Matrix:
        """D, sought from a D that is near."""
        R = self._back(self._Y - self._times(start + D)) - np.float32(ridge) * D
        D, P, squares = D.copy(), R.copy(), _squares(R)
        first = float(_squares(self._back(self._Y - self._times(start))).sum())
        for _ in range(_ROUNDS):
            if squares.sum() <= _NEAR**2 * first:
                break
            Q = self._back(self._times(P)) + np.float32(ridge) * P
            step = _ratio(squares, np.einsum("ij,ij->j", P, Q))
            D += step * P
            R -= step * Q
            before, squares = squares, _squares(R)
            P = R + _ratio(squares, before) * P
            self._rounds += 1
            self._tell(self._rounds)
        return D

    def _times(self, X: Matrix) -> Matrix:
        return product(self._S, X, self._threads)

    def _back(self, X: Matrix) -> Matrix:
        return product(self._St, X, self._threads)


def _squares(X: Matrix) -> Vector:
    return np.asarray(np.einsum("ij,ij->j", X, X), np.float32)


def _ratio(above: Vector, below: Vector) -> Vector:
    """0 where a dimension is nothing: encoders have such."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _directions(X: Matrix, dim: int) -> Matrix:
    """The `dim` directions, orthonormal, shape (d, dim), that hold most of the squares of X."""
    gram: npt.NDArray[np.float64] = X.T.astype(np.float64) @ X.astype(np.float64)
    V = np.linalg.eigh(gram)[1][:, ::-1][:, :dim]
    signs = np.where(V[np.abs(V).argmax(axis=0), np.arange(V.shape[1])] < 0, -1, 1)
    return np.ascontiguousarray(V * signs, dtype=np.float32)
