"""A learning that others may watch: callbacks that look at the vectors while they change, and a folder for readers.

A callback that is an `Onlooker` is shown the vectors as they are learnt. `WatchedFolder` is one: it writes what it
sees where another process may read it, `jari.explore.watch`. ::

    wiki.watch/
      run.json         what is learnt, and when it began; written first
      progress.jsonl   a line for each `Progress`, ten a second at first, later fewer
      keys.json        the most frequent keys
      frame.npy        their vectors a moment ago, float32, shape (keys, d); replaced about once a second
      alive            touched every second: a process that was killed stops doing so
      state.json       how it ended; until then it runs

Looking is reading: what is learnt has the same bits, watched or not.
"""

from __future__ import annotations

import io
import json
import math
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Literal, Protocol, Self, TextIO, TypeAlias, runtime_checkable

import numpy as np

from jari.embedding import Embedding, Vocabulary
from jari.errors import FileIsThere
from jari.types import Callback, Matrix, Progress
from jari.types import Path as PathLike

KEYS: Final = 1000  # the most frequent ones; a page can draw so many, and reading them takes a millisecond
BEAT: Final = 1.0  # seconds between two frames, and between two signs of life
DEAD: Final = 10.0  # seconds without a sign of life
_FASTEST, _SLOWEST = 0.1, 2.0  # seconds between two lines of progress
_THINNING = 1000.0  # after so many seconds lines come a second apart: ten hours are 20,000 lines
_SHARE = 0.01  # of the time, at most, goes into looking

Vectors: TypeAlias = Callable[[int], Matrix]  # a copy of the first n vectors, were learning to end now

NAMES: Final = ("run.json", "progress.jsonl", "keys.json", "frame.npy", "alive", "state.json")


@runtime_checkable
class Onlooker(Protocol):
    """A callback that is shown what is being learnt."""

    def __call__(self, progress: Progress) -> None: ...

    def look(self, vocabulary: Vocabulary, vectors: Vectors) -> None:
        """Learning begins; `vectors` may be called from any thread until `look_away`."""

    def look_away(self) -> None:
        """Learning ends: the memory of the vectors is used for something else once this returns."""


@contextmanager
def shown_to(callbacks: Sequence[Callback], vocabulary: Vocabulary, vectors: Vectors) -> Iterator[None]:
    """Let those callbacks look that are onlookers, while the block lasts."""
    onlookers = [callback for callback in callbacks if isinstance(callback, Onlooker)]
    for onlooker in onlookers:
        onlooker.look(vocabulary, vectors)
    try:
        yield
    finally:
        for onlooker in onlookers:
            onlooker.look_away()


class WatchedFolder:
    """Writes what happens to a folder, for others to watch: a callback, and an `Onlooker`.

    Parameters
    ----------
    folder
        Made on entering the block, removed by `remove`. One that a killed run left is replaced.
    name
        Of what is learnt, for people.
    learner
        What learns, for people.
    epochs
        How many there will be; None where it goes by none.

    Raises
    ------
    FileIsThere
        The folder holds something else, or another run that is alive.

    Examples
    --------
    >>> import tempfile
    >>> from jari.learn.word2vec import Word2Vec
    >>> with tempfile.TemporaryDirectory() as place:
    ...     with WatchedFolder(Path(place) / "pets.watch", name="pets", learner="Word2Vec", epochs=2) as watched:
    ...         learner = Word2Vec(dim=4, epochs=2, min_count=1, callbacks=(watched,)).fit(["cat purrs", "dog barks"])
    ...         np.load(watched.folder / "frame.npy").shape
    (4, 4)
    """

    def __init__(self, folder: PathLike, *, name: str, learner: str, epochs: int | None = None) -> None:
        self.folder = Path(folder)
        self._about = {"version": 1, "name": name, "learner": learner, "epochs": epochs}
        self._vocabulary: Vocabulary | None = None
        self._vectors: Vectors | None = None
        self._looking = threading.Lock()
        self._ending = threading.Event()
        self._beating = threading.Thread(target=self._beat, name="jari-watched", daemon=True)
        self._lines: TextIO | None = None
        self._began = self._written = 0.0
        self._stage = ""

    def __enter__(self) -> Self:
        self._take_place()
        self._began = time.monotonic()
        self._write("run.json", json.dumps(self._about | {"started": time.time()}).encode())
        (self.folder / "alive").touch()
        self._lines = (self.folder / "progress.jsonl").open("w", encoding="utf-8")
        self._beating.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self.end("done" if kind is None else "stopped")

    def __call__(self, progress: Progress) -> None:
        """Write a line, unless the last one is too near."""
        seconds = time.monotonic() - self._began
        apart = min(_SLOWEST, max(_FASTEST, seconds / _THINNING))
        ends = progress.done == progress.total
        if progress.stage == self._stage and seconds - self._written < apart and not ends:
            return
        self._stage, self._written = progress.stage, seconds
        line = {
            "stage": progress.stage,
            "done": int(progress.done),
            "total": None if progress.total is None else int(progress.total),
            "unit": progress.unit,
            "figures": {name: float(x) for name, x in progress.figures.items() if math.isfinite(x)},
            "seconds": round(seconds, 3),
        }
        if self._lines is not None and not self._lines.closed:
            with suppress(OSError):  # a full disk ends the watching, not the learning
                self._lines.write(json.dumps(line) + "\n")
                self._lines.flush()

    def look(self, vocabulary: Vocabulary, vectors: Vectors) -> None:
        """Begin to write frames."""
        with self._looking:
            self._vocabulary, self._vectors = vocabulary, vectors
            self._write_keys(vocabulary)

    def look_away(self) -> None:
        """Write the last frame, and no other."""
        self._frame()
        with self._looking:
            self._vocabulary = self._vectors = None

    def show(self, embedding: Embedding) -> None:
        """Write what was learnt as the last frame: for learners that show nothing on the way."""
        with self._looking:
            self._write_keys(embedding.vocabulary)
            self._write_frame(embedding.vectors[:KEYS])

    def end(self, state: Literal["done", "stopped"]) -> None:
        """Say how it ended. Said once, it stays so."""
        if self._ending.is_set():
            return
        self._ending.set()
        if self._beating.is_alive():
            self._beating.join()
        if self._lines is not None:
            with suppress(OSError):
                self._lines.close()
        seconds = time.monotonic() - self._began
        self._write("state.json", json.dumps({"state": state, "seconds": round(seconds, 3)}).encode())

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _take_place(self) -> None:
        if self.folder.is_dir():
            others = sorted(path.name for path in self.folder.iterdir() if path.name.removesuffix(".new") not in NAMES)
            if others:
                raise FileIsThere(f"{self.folder} holds {others[0]!r}, which no learning left: move it away.")
            if is_running(self.folder):
                raise FileIsThere(f"{self.folder} belongs to a learning that is still running. Choose another name.")
            self.remove()
        try:
            self.folder.mkdir()
        except FileExistsError as error:
            raise FileIsThere(f"{self.folder} is there already and is no folder: move it away.") from error

    def _beat(self) -> None:
        pause = BEAT
        while not self._ending.wait(pause):
            with suppress(OSError):
                (self.folder / "alive").touch()
            pause = max(BEAT, self._frame() / _SHARE)

    def _frame(self) -> float:
        """Write a frame; the seconds that it took."""
        began = time.perf_counter()
        with self._looking:
            if self._vectors is None or self._vocabulary is None:
                return 0.0
            self._write_frame(self._vectors(min(KEYS, len(self._vocabulary))))
        return time.perf_counter() - began

    def _write_keys(self, vocabulary: Vocabulary) -> None:
        self._write("keys.json", json.dumps(list(vocabulary.keys[:KEYS]), ensure_ascii=False).encode())

    def _write_frame(self, vectors: Any) -> None:
        if np.isfinite(vectors).all():
            held = io.BytesIO()
            np.save(held, np.ascontiguousarray(vectors, np.float32), allow_pickle=False)
            self._write("frame.npy", held.getvalue())

    def _write(self, name: str, content: bytes) -> None:
        """A reader sees the old or the new. Nothing is flushed to the disk: after a power cut nobody watches."""
        with suppress(OSError):
            new = self.folder / f"{name}.new"
            new.write_bytes(content)
            new.replace(self.folder / name)


def abandon(folder: Path) -> None:
    """Say that a run was stopped, where it could not say so itself."""
    with suppress(OSError):
        if not (folder / "state.json").exists():
            (folder / "state.json").write_text(json.dumps({"state": "stopped"}), encoding="utf-8")


def is_running(folder: Path) -> bool:
    """Whether a folder is written to: it has not ended, and its process gave a sign of life in the last seconds."""
    try:
        beaten = (folder / "alive").stat().st_mtime
    except OSError:
        return False
    return not (folder / "state.json").exists() and time.time() - beaten < DEAD
