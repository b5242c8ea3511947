"""To watch what is being learnt: what `jari.learn.watching` writes to a folder, read as it grows."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from jari.embedding.alignment import procrustes
from jari.errors import BadFile
from jari.learn.watching import KEYS, is_running
from jari.types import Matrix
from jari.types import Path as PathLike

RunState: TypeAlias = Literal["running", "done", "stopped"]
Event: TypeAlias = dict[str, Any]  # JSON-able

_STRETCH = 0.01  # of an epoch: the loss that is told is a mean over that much
_HISTORY = 600  # points of the curve that a newcomer is told at once
_MOST = 64 << 20  # bytes of a file that anybody could have put there


@dataclass(frozen=True, slots=True)
class Run:
    """A run, as it is now.

    Parameters
    ----------
    run
        What it is called among others: the name of its folder without ``.watch``.
    name, learner, epochs
        As `jari.learn.watching.WatchedFolder` was told.
    state
        ``"stopped"`` is also a run that gives no sign of life.
    started
        Seconds since 1970.
    """

    run: str
    name: str
    learner: str
    state: RunState
    epochs: int | None
    started: float

    @classmethod
    def of(cls, folder: PathLike) -> Run:
        """What a folder holds.

        Raises
        ------
        BadFile
            Nothing of a run, or what this version cannot read.
        """
        folder = Path(folder)
        try:
            about = json.loads(_read(folder / "run.json"))
            version, name, learner = about["version"], str(about["name"]), str(about["learner"])
            epochs, started = about["epochs"], float(about["started"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BadFile(f"{folder} holds no run that could be watched ({error}).") from error
        if version != 1:
            raise BadFile(f"{folder} is of version {version}; this Jari reads version 1.")
        return cls(folder.stem, name, learner, _state(folder), epochs if isinstance(epochs, int) else None, started)


def runs_in(folder: PathLike) -> dict[str, Path]:
    """The folders of runs in a folder, by their names; what is none of a run is passed over.

    Examples
    --------
    >>> import tempfile
    >>> from jari.learn.watching import WatchedFolder
    >>> with tempfile.TemporaryDirectory() as place, WatchedFolder(f"{place}/a.watch", name="a", learner="LSA"):
    ...     [*runs_in(place)], Run.of(f"{place}/a.watch").state
    (['a'], 'running')
    """
    return {path.stem: path for path in sorted(Path(folder).glob("*.watch")) if (path / "run.json").is_file()}


class Follower:
    """One who watches a run from now on; each has one of their own.

    Parameters
    ----------
    folder
        Of the run.
    """

    def __init__(self, folder: PathLike) -> None:
        self.folder = Path(folder)
        self.is_over = False
        self._at = 0
        self._losses = RecentLoss()
        self._drawn: Drawn = Drawn()
        self._state: RunState | None = None

    def read(self) -> Iterator[Event]:
        """What happened since the last call, in order; the first call tells all that was before as one ``history``."""
        state = _state(self.folder)  # before the rest: what is told below is then complete where it says "done"
        progress = [self._losses.added(event) for event in self._progress()]
        if self._state is None:
            yield {"type": "history", "events": _thinned(progress)}
        else:
            yield from progress
        yield from self._drawn.look(self.folder)
        if state != self._state:
            self._state = state
            yield {"type": "state", "state": state}
        self.is_over = state != "running"

    def _progress(self) -> Iterator[Event]:
        try:
            with (self.folder / "progress.jsonl").open("rb") as file:
                file.seek(self._at)
                for line in file:
                    if not line.endswith(b"\n"):
                        return  # the rest of it is on its way
                    self._at += len(line)
                    yield {"type": "progress", "stage": "", **json.loads(line)}
        except (OSError, ValueError, TypeError):
            return


class RecentLoss:
    """The loss of the last stretch, from means over an epoch so far.

    With m the mean over the first share f of an epoch, the mean between f and f' is (m'f' - mf) / (f' - f). Told is
    what a learner has learnt by now, not what it was like at the beginning of the epoch.

    Examples
    --------
    >>> recent = RecentLoss()
    >>> means = {0.5: 4.0, 1.0: 3.0, 1.25: 1.5}
    >>> [recent.added({"figures": {"epoch": at, "loss": loss}})["recent"] for at, loss in means.items()]
    [4.0, 2.0, 1.5]
    """

    def __init__(self) -> None:
        self._epoch, self._share, self._sum = 0, 0.0, 0.0
        self._told: float | None = None

    def added(self, event: Event) -> Event:
        """The event, with the ``recent`` loss where one is known."""
        figures: Mapping[str, float] = event.get("figures") or {}
        at, mean = figures.get("epoch"), figures.get("loss")
        if at is None or mean is None:
            return event
        epoch, share = (math.ceil(at) - 1, 1 - (math.ceil(at) - at)) if at > 0 else (0, 0.0)
        if epoch != self._epoch:
            self._epoch, self._share, self._sum = epoch, 0.0, 0.0
        if share - self._share >= _STRETCH:
            self._told = (mean * share - self._sum) / (share - self._share)
            self._share, self._sum = share, mean * share
        return event if self._told is None else event | {"recent": self._told}


class Drawn:
    """A map of the latest frame, turned so that what was drawn before moves as little as can be."""

    def __init__(self) -> None:
        self._seen: tuple[int, int] | None = None
        self._keys: list[str] = []
        self._points: Matrix | None = None

    def look(self, folder: Path) -> Iterator[Event]:
        """A ``map``, if there is a new frame: unit vectors on the plane of their principal components."""
        try:
            found = (folder / "frame.npy").stat()
            seen = (found.st_mtime_ns, found.st_ino)
            if seen == self._seen:
                return
            keys = [str(key) for key in json.loads(_read(folder / "keys.json"))]
            frame = np.load(io.BytesIO(_read(folder / "frame.npy")), allow_pickle=False)
        except (OSError, ValueError, TypeError, EOFError):
            return
        if frame.ndim != 2 or len(frame) != len(keys) or not 2 <= len(keys) <= KEYS or not np.isfinite(frame).all():
            return
        points, changed = plane(frame), keys != self._keys
        if self._points is not None and not changed:
            points = procrustes(points, self._points).apply(points)
        self._seen, self._keys, self._points = seen, keys, points
        event: Event = {"type": "map", "points": points.astype(np.float64).round(4).tolist()}
        yield event | {"keys": keys} if changed else event


def plane(vectors: npt.NDArray[Any]) -> Matrix:
    """Unit vectors on the plane where they differ most, about their mean; points are 1 from it on average.

    Parameters
    ----------
    vectors
        Shape (n, d).

    Examples
    --------
    >>> plane(np.array([[0.0, 1.0], [0.0, 3.0], [2.0, 0.0]])).round(2)
    array([[-0.71,  0.  ],
           [-0.71,  0.  ],
           [ 1.41,  0.  ]], dtype=float32)
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float64)
    units -= units.mean(axis=0)
    _, axes = np.linalg.eigh(units.T @ units)  # (d, d): quicker than the SVD of all rows
    best = axes[:, :-3:-1]
    # The sign of an axis is chance. The same each time: its largest number is positive.
    best = best * np.sign(best[np.abs(best).argmax(axis=0), np.arange(best.shape[1])])
    points = np.zeros((len(vectors), 2))
    points[:, : best.shape[1]] = units @ best
    spread = math.sqrt(float((points**2).sum(axis=1).mean()))
    return cast(Matrix, (points / (spread or 1)).astype(np.float32))


def _thinned(events: list[Event]) -> list[Event]:
    """Some hundred events, the last one among them, and the first of each stage."""
    step = max(1, -(-len(events) // _HISTORY))
    stages = [event["stage"] for event in events]
    return [
        event
        for i, event in enumerate(events)
        if (len(events) - 1 - i) % step == 0 or i == 0 or stages[i] != stages[i - 1]
    ]


def _state(folder: Path) -> RunState:
    try:
        told = json.loads(_read(folder / "state.json"))["state"]
    except (OSError, ValueError, KeyError, TypeError):
        return "running" if is_running(folder) else "stopped"
    return "done" if told == "done" else "stopped"


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST)
