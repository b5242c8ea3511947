"""Pieces of work shared out among threads."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np
import numpy.typing as npt

_LOOK = 0.05  # seconds between two looks at the threads


def share_out(
    work: Callable[[int], float], pieces: int, threads: int, look: Callable[[int], None] | None = None
) -> npt.NDArray[np.float64]:
    """Do all pieces, each thread taking the next one when it is free.

    However it ends, KeyboardInterrupt included, no thread is left running.

    Parameters
    ----------
    work
        Does a piece, by its number, and answers a number; it must release the GIL to be worth it.
    pieces
        How many there are. Some milliseconds each, so that nobody waits long for the last.
    threads
        How many.
    look
        Called in this thread some twenty times a second, with how many are done; what it raises ends the work.

    Returns
    -------
    answers
        Shape (pieces,), in their order, whoever did them.

    Examples
    --------
    >>> share_out(lambda piece: piece * piece, 4, threads=2).tolist()
    [0.0, 1.0, 4.0, 9.0]
    """
    answers = np.zeros(pieces)
    done = [0] * threads
    stop, lock = threading.Event(), threading.Lock()
    upcoming = iter(range(pieces))

    def run(thread: int) -> None:
        while not stop.is_set():
            with lock:
                piece = next(upcoming, None)
            if piece is None:
                return
            answers[piece] = work(piece)
            done[thread] += 1

    with ThreadPoolExecutor(threads, thread_name_prefix="jari-learn") as pool:
        running = [pool.submit(run, thread) for thread in range(threads)]
        try:
            while True:
                ended, still = wait(running, timeout=_LOOK)
                for future in ended:
                    future.result()
                if look is not None:
                    look(sum(done))
                if not still:
                    return answers
        finally:
            stop.set()


def equal_shares(starts: npt.NDArray[np.integer], pieces: int, each: int = 32) -> npt.NDArray[np.int64]:
    """Where to cut the rows of a compressed matrix so that the pieces are about equally much work.

    Parameters
    ----------
    starts
        The matrix's `indptr`, shape (rows + 1,).
    pieces
        About how many.
    each
        What a row costs besides its entries, in entries.

    Returns
    -------
    cuts
        Rising, the first 0 and the last the number of rows.

    Examples
    --------
    >>> equal_shares(np.array([0, 100, 101, 102, 103, 200]), 2, each=0).tolist()
    [0, 1, 5]
    """
    rows = len(starts) - 1
    cost = starts + np.arange(rows + 1, dtype=np.int64) * each
    cuts = np.searchsorted(cost, np.linspace(0, int(cost[-1]), pieces + 1))
    cuts[0], cuts[-1] = 0, rows
    return np.unique(cuts).astype(np.int64)
