"""`Descent`: epochs over tiles of counted pairs, on threads, from any point on.

Threads take the next tile each as they become free and change the shared matrices together (Hogwild, Niu et al. 2011).
The order of the tiles comes from the seed and the epoch alone: one thread always ends in the same bits, and a descent
that was stopped between two tiles goes on as if it had not been.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import numpy as np

from jari.errors import BadInput
from jari.ingest.cooccurrence import Cooccurrence
from jari.kernels.glove import descend
from jari.learn.glove_chance import Chance
from jari.learn.glove_tiles import Tiles
from jari.learn.matrices import random_rows
from jari.types import Matrix, Rows

_LOOK = 0.05  # seconds between two looks at the threads
_FIXED = 1e30  # a sum of squares that no step moves a number against


@dataclass(slots=True)
class Position:
    """Where a descent stands: the first `visit` tiles of epoch `epoch` are done, with the sum `loss`."""

    epoch: int = 0
    visit: int = 0
    loss: float = 0.0


@dataclass(slots=True)
class Descent:
    """Two matrices that come nearer to the counts.

    Parameters
    ----------
    tiles
        The counts.
    matrices
        ``vectors`` and ``context``, shape (n, 2·d), as `jari.kernels.glove.descend` takes them; changed in place.
    rate
        Of AdaGrad.
    seed
        Of the tiles' order.
    """

    tiles: Tiles
    matrices: Mapping[str, Matrix]
    epochs: int
    rate: float
    seed: int
    threads: int
    position: Position = field(default_factory=Position)
    losses: list[float] = field(default_factory=list)

    _order: tuple[int, Rows, Rows] = field(default_factory=lambda: (-1, np.empty(0, np.int64), np.empty(0, np.int64)))
    _looked: float = field(default_factory=time.monotonic)

    @classmethod
    def of(
        cls,
        counts: Cooccurrence,
        *,
        dim: int,
        x_max: float,
        alpha: float,
        unseen: float,
        rate: float,
        epochs: int,
        seed: int,
        threads: int,
    ) -> Descent:
        """From random vectors and the biases of chance; see `GloVe` for what the numbers are."""
        width, n, generator = _width(dim), len(counts.vocabulary), np.random.default_rng(seed)
        chance = Chance.of(counts.matrix, counts.sums, symmetric=counts.symmetric)
        tiles = Tiles.of(
            counts.matrix,
            chance,
            symmetric=counts.symmetric,
            x_max=x_max,
            alpha=alpha,
            unseen=unseen,
            row=2 * width * 4,
            generator=generator,
        )
        matrices = {name: random_rows(n, dim, 2 * width, generator) for name in ("vectors", "context")}
        # Behind a vector stand its bias and the 1 that the other's bias meets; then the sums of squares, from 1 on.
        places = (dim, dim + 1), (dim + 1, dim)
        for matrix, biases, (bias, one) in zip(matrices.values(), chance.biases(), places, strict=True):
            matrix[:, bias], matrix[:, one] = biases, 1
            matrix[:, width:] = 1
            matrix[:, width + one] = _FIXED
        return cls(tiles, matrices, epochs=epochs, rate=rate, seed=seed, threads=threads)

    def go_on(self, matrices: Mapping[str, Matrix], position: Position, losses: Sequence[float]) -> None:
        """Go on from where another descent was stopped.

        Raises
        ------
        BadInput
            Its matrices are of another size.
        """
        for name, matrix in self.matrices.items():
            if matrices[name].shape != matrix.shape:
                found, n = len(matrices[name]), len(matrix)
                raise BadInput(f"The checkpoint holds {found:,} words and this text {n:,}: it is another text.")
            matrix[:] = matrices[name]
        self.position, self.losses = position, list(losses)

    @property
    def pairs(self) -> int:
        """How many steps an epoch has: every pair of a word and a context once."""
        return len(self.tiles.columns) * (2 if self.tiles.symmetric else 1)

    @property
    def pairs_done(self) -> int:
        """How many steps are done of ``epochs · pairs``."""
        here = self.position
        return here.epoch * self.pairs + (int(self._shuffled(here.epoch)[1][here.visit]) if here.visit else 0)

    @property
    def loss(self) -> float:
        """Of the current epoch so far, or else of the last one."""
        if not self.position.visit:
            return self.losses[-1] if self.losses else float("nan")
        return self.position.loss / max(1, int(self._shuffled(self.position.epoch)[1][self.position.visit]))

    def _shuffled(self, epoch: int) -> tuple[Rows, Rows]:
        """The visits of an epoch in their order, and how many pairs come before each."""
        if self._order[0] != epoch:
            order = np.random.default_rng([self.seed, epoch]).permutation(self.tiles.visits)
            before = np.concatenate([np.zeros(1, np.int64), np.cumsum(self.tiles.sizes()[self._tile(order)])])
            self._order = epoch, order, before
        return self._order[1:]

    def _tile(self, visit: Rows) -> Rows:
        return visit // 2 if self.tiles.symmetric else visit

    def run(self, pausing: Callable[[], bool]) -> bool:
        """Go on from `position` until the end (True) or until `pausing`, asked in this thread, says so (False).

        However it ends, KeyboardInterrupt included, no thread is left running and `position` is true.
        """
        with ThreadPoolExecutor(self.threads, thread_name_prefix="jari-learn") as pool:
            while self.position.epoch < self.epochs:
                if not self._epoch(pool, pausing):
                    return False
                here = self.position
                self.losses.append(here.loss / self.pairs)
                self.position = Position(here.epoch + 1)
                if self.position.epoch < self.epochs and self._pausing(pausing):
                    return False
        return True

    def _pausing(self, pausing: Callable[[], bool]) -> bool:
        """Ask, but not more often than it is worth."""
        if time.monotonic() - self._looked < _LOOK:
            return False
        self._looked = time.monotonic()
        return pausing()

    def _epoch(self, pool: ThreadPoolExecutor, pausing: Callable[[], bool]) -> bool:
        """Finish the epoch, each thread taking the next tile when it is free."""
        start = self.position
        order, _ = self._shuffled(start.epoch)
        stop, lock = threading.Event(), threading.Lock()
        upcoming = iter(range(start.visit, len(order)))
        losses, done = np.zeros(len(order)), np.zeros(len(order), np.bool_)

        def work() -> None:
            while not stop.is_set():
                with lock:
                    at = next(upcoming, None)
                if at is None:
                    return
                losses[at] = self._visit(int(order[at]))
                done[at] = True

        def here() -> Position:
            # Not `losses[done]`: NumPy counts a mask before it copies, and threads would change it in between.
            return Position(start.epoch, start.visit + int(np.count_nonzero(done)), start.loss + float(losses.sum()))

        working = [pool.submit(work) for _ in range(self.threads)]
        try:
            while True:
                ended, still = wait(working, timeout=_LOOK)
                for future in ended:
                    future.result()
                if not still:
                    break
                self.position = here()
                if self._pausing(pausing):
                    break
        finally:
            stop.set()
            wait(working)
            self.position = here()  # tiles are taken in order, and those taken are finished
        return self.position.visit >= len(order)

    def _visit(self, visit: int) -> float:
        tiles, tile = self.tiles, visit // 2 if self.tiles.symmetric else visit
        words, contexts = self.matrices["vectors"], self.matrices["context"]
        if tiles.symmetric and visit % 2:
            words, contexts = contexts, words
        return descend(
            tiles.rows,
            tiles.starts,
            tiles.borders[tile],
            tiles.borders[tile + 1],
            tiles.firsts[tile],
            tiles.columns,
            tiles.logs,
            tiles.weights,
            words,
            contexts,
            words.shape[1] // 2,
            self.rate,
        )


def _width(dim: int) -> int:
    """How many numbers a row holds before its sums of squares: vector, bias, 1; in eights on every machine."""
    return -(-(dim + 2) // 8) * 8
