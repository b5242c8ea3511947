"""The walk of negative-sampling models over a corpus: epochs, blocks, threads.

The corpus is cut into pieces; an epoch shuffles them and deals them out in blocks. What happens in a block is decided
by the seed, the epoch and the block's number alone; threads take the next block each as they become free and change the
shared matrices together (Hogwild). So one thread always ends in the same bits, and a walk that was stopped between two
blocks goes on as if it had not been.

With `deterministic` some blocks are walked abreast and in step: the steps of a few groups of each are computed from
matrices at rest, then added in the order of the blocks. The bits are then the same for any number of threads.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from jari.kernels import groups
from jari.kernels.random import seeded
from jari.kernels.skipgram import band_width, nearness
from jari.kernels.windows import keep_and_window, pairs_near
from jari.learn.matrices import in_use
from jari.learn.pages import release
from jari.learn.sampling import Noise
from jari.types import Ids, Matrix, Offsets, Rows, Vector

SKIPGRAM_GROUP, CBOW_GROUP = 24, 32  # centres that share their noise words; see decisions/0003
PIECE = 1024  # tokens; learnt in the order of the text, what was read last is remembered best (decisions/0003)
PIECES = 16  # in a block; 1 to 2 ms of work, so that taking the next one costs nothing
_ABREAST = 16  # blocks walked in step when deterministic
_CROWD = 1.5  # the longest step, in units of one pair's gradient, that one row may take from matrices at rest
_HELD = 16  # blocks whose pages of a mapped corpus stay; each piece brings in its neighbourhood of 64 kB
_LOOK = 0.05  # seconds between two looks at the threads


def shared_noise(negative: int, is_cbow: bool) -> int:
    """How many noise words a group shares, a multiple of 4, for `negative` to each pair.

    A noise word stands for many draws and moves as far at once. CBOW, which meets it once a centre and not once a pair,
    has enough with half as many.

    Examples
    --------
    >>> shared_noise(5, False), shared_noise(5, True), shared_noise(20, True)
    (24, 12, 48)
    """
    return max(8, round(negative * (2.4 if is_cbow else 4.8) / 4) * 4)


@dataclass(slots=True)
class Position:
    """Where a walk stands: everything before block `block` of epoch `epoch` is done.

    `loss` is the sum of the current epoch so far, over `pairs` (word, context) pairs, a pair far apart
    counting less than 1, or over so many words for CBOW.
    """

    epoch: int = 0
    block: int = 0
    loss: float = 0.0
    pairs: float = 0.0


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
    largest
        From `largest_kept`.
    noise
        From `Noise.of`.
    W, C
        Input and output vectors, changed in place, rows `padded`.
    dim
        How many numbers of each row are the vector.
    rates
        The learning rate at the beginning and at the end; it falls in a straight line.
    seed
        Of everything random.
    """

    ids: Ids
    offsets: Offsets
    keep: npt.NDArray[np.uint32]
    largest: float
    noise: Noise
    W: Matrix
    C: Matrix
    dim: int
    is_cbow: bool
    window: int
    shrink: bool
    negative: int
    epochs: int
    rates: tuple[float, float]
    seed: int
    threads: int
    deterministic: bool
    position: Position = field(default_factory=Position)
    losses: list[float] = field(default_factory=list)

    _order: tuple[int, Rows] = field(default_factory=lambda: (-1, np.empty(0, np.int64)))
    _near: Vector = field(init=False)
    _looked: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        # Mapped or in memory, the corpus has one type for the kernels, which are compiled for each.
        self.ids, self.offsets = _still(self.ids), _still(self.offsets)
        self._near = np.empty(band_width(self.window), np.float32)
        nearness(self.window, self.shrink, self._near)

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
        walk = self._in_step if self.deterministic else self._hogwild
        with ThreadPoolExecutor(self.threads, thread_name_prefix="jari-learn") as pool:
            while self.position.epoch < self.epochs:
                if not walk(pool, pausing):
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

    def _hogwild(self, pool: ThreadPoolExecutor, pausing: Pausing) -> bool:
        """Finish the epoch, each thread taking the next block when it is free."""
        start = self.position
        stop = threading.Event()
        self._shuffled(start.epoch)  # before the threads would each do it
        upcoming = iter(range(start.block, self.blocks))
        lock = threading.Lock()
        loss = np.zeros(self.blocks)
        pairs = np.zeros(self.blocks)

        def work() -> None:
            room = _Room(2 * PIECES * self.piece)
            while not stop.is_set():
                with lock:
                    block = next(upcoming, None)
                if block is None:
                    return
                m, held = self._windows(start.epoch, block, room)
                loss[block], _ = self._learn(start.epoch, block, room, 0, m, _NO_ROWS, self.W[:0])
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
        return self.position.block >= self.blocks

    def _in_step(self, pool: ThreadPoolExecutor, pausing: Pausing) -> bool:
        """Finish the epoch, `_ABREAST` blocks at a time, a few groups of each and then the next few."""
        abreast, together = self._gait()
        rooms = [_Room(2 * PIECES * self.piece) for _ in range(abreast)]
        rows = 2 * self.group + 2 * self.window + shared_noise(self.negative, self.is_cbow)
        slabs = [_Slab(rows * together, self.W.shape[1]) for _ in range(abreast)]
        while self.position.block < self.blocks:
            epoch, first = self.position.epoch, self.position.block
            lanes = range(min(abreast, self.blocks - first))

            def windows(lane: int, epoch: int = epoch, first: int = first) -> tuple[int, float]:
                return self._windows(epoch, first + lane, rooms[lane])

            kept = list(pool.map(windows, lanes))
            loss = 0.0
            for begin in range(0, max(m for m, _ in kept), together * self.group):

                def steps(
                    lane: int,
                    begin: int = begin,
                    epoch: int = epoch,
                    first: int = first,
                    kept: list[tuple[int, float]] = kept,
                ) -> float:
                    m, slab = kept[lane][0], slabs[lane]
                    end = min(begin + together * self.group, m)
                    cost, slab.used = 0.0, 0
                    if begin < end:
                        cost, slab.used = self._learn(
                            epoch, first + lane, rooms[lane], begin, end, slab.rows, slab.steps
                        )
                    return cost

                def apply(part: int, lanes: range = lanes) -> None:
                    for lane in lanes:
                        slab = slabs[lane]
                        groups.apply(slab.rows, slab.steps, slab.used, self.W, self.C, part, self.threads)

                loss += sum(pool.map(steps, lanes))
                list(pool.map(apply, range(self.threads)))
            here = self.position
            release(self.ids)
            pairs = sum(pairs for _, pairs in kept)
            self.position = Position(epoch, first + len(lanes), here.loss + loss, here.pairs + pairs)
            if self._pausing(pausing):
                return self.position.block >= self.blocks
        return True

    @property
    def group(self) -> int:
        """Centres in a group: fewer than usual where so many would trip over one word.

        The steps of a group are computed from the same matrices and add up. In a text of a few words, or with one word
        in every second place, a row would take hundreds of steps at once, overshoot, and never come back.
        """
        return int(np.clip(self._together(_CROWD) // 4 * 4, 4, self._usual_group))

    @property
    def _usual_group(self) -> int:
        return CBOW_GROUP if self.is_cbow else SKIPGRAM_GROUP

    def _together(self, crowd: float) -> int:
        """How many centres may move together so that the most frequent row moves by `crowd` at most.

        A centre has about ``window + 1`` contexts; a row moves as one of them, or as noise `negative` times as often.
        """
        pairs = self.window + 1 if self.shrink else 2 * self.window
        share = max(self.largest, self.negative * self.noise.largest)
        return int(crowd / (share * pairs * self.rates[0]))

    def _gait(self) -> tuple[int, int]:
        """How many blocks abreast, and how many groups of each at a time, when walking in step.

        In an ordinary text four times as many centres as may share their noise: the threads have something to do, and
        the loss is the same.
        """
        crowd = 4 * _CROWD if self.group == self._usual_group else _CROWD
        at_once = max(1, self._together(crowd) // self.group)
        abreast = min(_ABREAST, at_once)
        return abreast, min(8, at_once // abreast)

    def _windows(self, epoch: int, block: int, room: _Room) -> tuple[int, float]:
        pieces = self._shuffled(epoch)[block * PIECES : (block + 1) * PIECES]
        state: Any = np.uint64(seeded(self.seed, epoch, 2 * block))
        m, centres = keep_and_window(
            self.ids,
            self.offsets,
            pieces,
            self.piece,
            self.keep,
            self.window,
            self.shrink and self.is_cbow,
            state,
            room.kept,
            room.left,
            room.right,
        )
        return m, centres if self.is_cbow else pairs_near(room.left, room.right, m, self.window, self._near)

    def _learn(
        self, epoch: int, block: int, room: _Room, begin: int, end: int, slab_rows: Ids, slab: Matrix
    ) -> tuple[float, int]:
        state: Any = np.uint64(seeded(self.seed, epoch + self.epochs * begin, 2 * block + 1))
        return groups.learn(
            room.kept,
            room.left,
            room.right,
            begin,
            end,
            self.window,
            self._near,
            self.is_cbow,
            self.group,
            shared_noise(self.negative, self.is_cbow),
            float(self.negative),
            self.rate(epoch, block),
            in_use(self.dim),
            state,
            self.noise.limits,
            self.noise.others,
            self.W,
            self.C,
            slab_rows,
            slab,
        )


class _Room:
    """One thread's room for the kept words of a block and their windows."""

    __slots__ = ("kept", "left", "right")

    def __init__(self, size: int) -> None:
        self.kept, self.left, self.right = (np.empty(size, np.int32) for _ in range(3))


class _Slab:
    """Steps that were put off."""

    __slots__ = ("rows", "steps", "used")

    def __init__(self, rows: int, d: int) -> None:
        self.rows = np.empty(rows, np.int32)
        self.steps = np.empty((rows, d), np.float32)
        self.used = 0


def _still(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view(np.ndarray)
    view.flags.writeable = False
    return view


_NO_ROWS = np.empty(0, np.int32)
