"""`Walk`: epochs over a corpus, on threads, from any point on.

The corpus is cut into pieces of some 1,024 tokens that end where sentences do, and the pieces are shuffled for each
epoch: learnt in the order of the text, what was read last would be remembered best (docs/decisions/0003-walk.md). A few
pieces together are a block. What a block draws comes from the seed, the epoch and the block's number alone; threads
take the next block each as they become free and change the shared matrices together (Hogwild, Niu et al. 2011). So one
thread always ends in the same bits, and a walk that was stopped between two blocks goes on as if it had not been.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from jari.kernels.random import seeded
from jari.kernels.windows import keep_and_window
from jari.learn.pages import release
from jari.types import Ids, Matrix, Offsets, Rows

PIECE = 1024  # tokens; see decisions/0003
PIECES = 16  # in a block; 1 to 2 ms of work, so that taking the next one costs nothing
_HELD = 16  # blocks whose pages of a mapped corpus stay; each piece brings in its neighbourhood of 64 kB
_STRETCHES = 100  # of a walk, in the curve of its loss
_LOOK = 0.05  # seconds between two looks at the threads


class Kept:
    """The kept words of a block and the window of each: word i sees ``words[left[i] : right[i]]``, itself included.

    Room that one thread fills again and again; `count` words of it are in use, `centres` of them with a context.
    """

    __slots__ = ("centres", "count", "left", "right", "words")

    def __init__(self, size: int) -> None:
        self.words, self.left, self.right = (np.empty(size, np.int32) for _ in range(3))
        self.count = self.centres = 0


class Model(Protocol):
    """What is learnt on a walk."""

    @property
    def window(self) -> int:
        """The widest."""

    @property
    def drawn(self) -> bool:
        """Whether each window's size is drawn from 1 to `window`."""

    @property
    def matrices(self) -> Mapping[str, Matrix]:
        """What learning changes, by the names that a checkpoint gives them."""

    def learn(self, kept: Kept, rate: float, state: Any) -> tuple[float, float]:
        """Learn from a block; its loss, and over how many pairs or words. `state` is of the random numbers, uint64."""


@dataclass(slots=True)
class Position:
    """Where a walk stands: everything before block `block` of epoch `epoch` is done.

    `loss` is the sum of the current epoch so far, over `pairs` pairs or words, as the model counts them.
    """

    epoch: int = 0
    block: int = 0
    loss: float = 0.0
    pairs: float = 0.0


class Curve:
    """The mean loss over some hundred stretches of a walk, so that a walk of one epoch has a curve as well.

    Parameters
    ----------
    epochs, blocks
        Of the walk: a stretch is a few blocks of one epoch.

    Examples
    --------
    >>> curve = Curve(epochs=2, blocks=2)
    >>> curve.add(0, 0, np.array([6.0, 4.0]), np.array([2.0, 2.0]))
    >>> curve.add(1, 0, np.array([2.0]), np.array([2.0]))
    >>> curve.points()
    [[0.5, 3.0], [1.0, 2.0], [1.5, 1.0]]
    """

    __slots__ = ("_blocks", "_each", "_sums")

    def __init__(self, epochs: int, blocks: int) -> None:
        self._blocks, self._each = blocks, max(1, min(blocks, _STRETCHES // epochs))
        self._sums: dict[int, tuple[float, float]] = {}

    def add(self, epoch: int, block: int, loss: npt.NDArray[np.float64], pairs: npt.NDArray[np.float64]) -> None:
        """The loss of the blocks of an epoch from `block` on, and over how many pairs or words it is."""
        stretches = epoch * self._each + np.arange(block, block + len(loss)) * self._each // max(1, self._blocks)
        for stretch in np.unique(stretches).tolist():
            before = self._sums.get(stretch, (0.0, 0.0))
            of_it = stretches == stretch
            self._sums[stretch] = before[0] + float(loss[of_it].sum()), before[1] + float(pairs[of_it].sum())

    def kept(self) -> list[list[float]]:
        """As JSON."""
        return [[stretch, *sums] for stretch, sums in self._sums.items()]

    def restore(self, kept: list[list[float]]) -> None:
        """Take over what the curve of a walk held that this one goes on from."""
        self._sums = {int(stretch): (loss, pairs) for stretch, loss, pairs in kept}

    def points(self) -> list[list[float]]:
        """Pairs of where a stretch ends, in epochs, and its mean loss."""
        told = sorted(self._sums.items())
        return [[(stretch + 1) / self._each, loss / pairs] for stretch, (loss, pairs) in told if pairs]


class Pausing(Protocol):
    """Asked between blocks whether to pause; called in the main thread at every look."""

    def __call__(self, position: Position, words: int) -> bool: ...


@dataclass(slots=True)
class Walk:
    """One model on one corpus.

    Parameters
    ----------
    ids, offsets
        The corpus; sentence i is ``ids[offsets[i] : offsets[i + 1]]``.
    keep
        From `keep_thresholds`.
    model
        What learns.
    rates
        The learning rate at the beginning and at the end; it falls in a straight line.
    seed
        Of everything random.
    """

    ids: Ids
    offsets: Offsets
    keep: npt.NDArray[np.uint32]
    model: Model
    epochs: int
    rates: tuple[float, float]
    seed: int
    threads: int
    position: Position = field(default_factory=Position)
    losses: list[float] = field(default_factory=list)
    curve: Curve = field(init=False)

    _order: tuple[int, Rows] = field(default_factory=lambda: (-1, np.empty(0, np.int64)))
    _looked: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        # Mapped or in memory, the corpus has one type for the kernels, which are compiled for each.
        self.ids, self.offsets = _still(self.ids), _still(self.offsets)
        self.curve = Curve(self.epochs, self.blocks)

    @property
    def piece(self) -> int:
        """Tokens in a piece: fewer in a small corpus, so that every thread has some blocks."""
        return int(min(PIECE, max(64, len(self.ids) // 1024)))

    @property
    def pieces(self) -> int:
        """Pieces in the corpus."""
        return -(-len(self.ids) // self.piece)

    @property
    def blocks(self) -> int:
        """Blocks in an epoch."""
        return -(-self.pieces // PIECES)

    @property
    def words_done(self) -> int:
        """Tokens walked over so far, of ``epochs · len(ids)``."""
        return self.position.epoch * len(self.ids) + min(self.position.block * PIECES * self.piece, len(self.ids))

    def rate(self, epoch: int, block: int) -> float:
        """The learning rate of a block."""
        done = (epoch * self.blocks + block) / (self.epochs * self.blocks)
        return self.rates[0] + (self.rates[1] - self.rates[0]) * done

    def _shuffled(self, epoch: int) -> Rows:
        """The pieces of an epoch in the order in which they are walked."""
        if self._order[0] != epoch:
            self._order = epoch, np.random.default_rng([self.seed, epoch]).permutation(self.pieces)
        return self._order[1]

    def run(self, pausing: Pausing) -> bool:
        """Walk on from `position` until the end (True) or until `pausing` says so (False).

        However it ends, KeyboardInterrupt included, no thread is left running and `position` is true.
        """
        with ThreadPoolExecutor(self.threads, thread_name_prefix="jari-learn") as pool:
            while self.position.epoch < self.epochs:
                if not self._epoch(pool, pausing):
                    return False
                here = self.position
                self.losses.append(here.loss / max(here.pairs, 1))
                self.position = Position(here.epoch + 1)
                if self.position.epoch < self.epochs and self._pausing(pausing):
                    return False
        return True

    def _pausing(self, pausing: Pausing) -> bool:
        """Ask, but not more often than it is worth."""
        if time.monotonic() - self._looked < _LOOK:
            return False
        self._looked = time.monotonic()
        return pausing(self.position, self.words_done)

    def _epoch(self, pool: ThreadPoolExecutor, pausing: Pausing) -> bool:
        """Finish the epoch, each thread taking the next block when it is free."""
        start = self.position
        stop = threading.Event()
        self._shuffled(start.epoch)  # before the threads would each do it
        upcoming = iter(range(start.block, self.blocks))
        lock = threading.Lock()
        loss = np.zeros(self.blocks)
        pairs = np.zeros(self.blocks)

        def work() -> None:
            kept = Kept(2 * PIECES * self.piece)
            while not stop.is_set():
                with lock:
                    block = next(upcoming, None)
                if block is None:
                    return
                self._read(start.epoch, block, kept)
                state = np.uint64(seeded(self.seed, start.epoch, 2 * block + 1))
                loss[block], held = self.model.learn(kept, self.rate(start.epoch, block), state)
                pairs[block] = held  # only now: whoever looks meanwhile divides the one by the other
                if block % _HELD == 0:
                    release(self.ids)

        def position() -> Position:
            with lock:
                following = next(upcoming, None)
            # What `next` took here is given back: nobody else is running when this is the position to go on from.
            done = self.blocks if following is None else following
            return Position(start.epoch, done, start.loss + float(loss.sum()), start.pairs + float(pairs.sum()))

        working = [pool.submit(work) for _ in range(self.threads)]
        try:
            while True:
                done, still = wait(working, timeout=_LOOK)
                for future in done:
                    future.result()
                if not still:
                    break
                count = int(np.count_nonzero(pairs))
                now = Position(
                    start.epoch, start.block + count, start.loss + loss.sum(), start.pairs + float(pairs.sum())
                )
                self.position = now
                if self._pausing(pausing):
                    break
        finally:
            stop.set()
            wait(working)
            self.position = position()
            part = slice(start.block, self.position.block)
            self.curve.add(start.epoch, start.block, loss[part], pairs[part])
        return self.position.block >= self.blocks

    def _read(self, epoch: int, block: int, kept: Kept) -> None:
        pieces = self._shuffled(epoch)[block * PIECES : (block + 1) * PIECES]
        state: Any = np.uint64(seeded(self.seed, epoch, 2 * block))
        kept.count, kept.centres = keep_and_window(
            self.ids,
            self.offsets,
            pieces,
            self.piece,
            self.keep,
            self.model.window,
            self.model.drawn,
            state,
            kept.words,
            kept.left,
            kept.right,
        )


def _still(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view(np.ndarray)
    view.flags.writeable = False
    return view
