"""`MapFolder`: a map on the disk, while it is drawn and afterwards.

::

    request.json    what was asked for, and the checksum of the embedding
    lock            held by the process that draws
    progress.json   how far it is, or how it ended
    cancel          somebody wants it stopped
    points.npy      coordinates (n, dim), float32
    map.json        what else there is to know, and the checksum of the points; written last: with it the map is done
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from jari.embedding.formats.atomic import Digested, new_file
from jari.errors import BadFile, BadInput
from jari.explore.maps.drawing import DrawnMap
from jari.explore.maps.lock import is_held
from jari.explore.maps.request import MapRequest
from jari.types import Matrix

_VERSION: Final = 1
_REQUEST, _PROGRESS, _POINTS, _MAP = "request.json", "progress.json", "points.npy", "map.json"
FILES: Final = (_REQUEST, "lock", _PROGRESS, "cancel", _POINTS, _MAP)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: of which embedding, how many points, how."""

    checksum: str
    points: int
    request: MapRequest


@dataclass(frozen=True, slots=True)
class MapFolder:
    """The folder of one map.

    Parameters
    ----------
    path
        Its last part is the id of the map.
    """

    path: Path

    @property
    def id(self) -> str:
        """Of the map."""
        return self.path.name

    @property
    def lock(self) -> Path:
        """The file that whoever draws holds."""
        return self.path / "lock"

    @property
    def is_being_drawn(self) -> bool:
        """Whether a process draws it at this moment."""
        return is_held(self.lock)

    @property
    def stamp(self) -> tuple[int, int] | None:
        """Another one whenever the map was drawn anew; None where it is not done."""
        try:
            about = (self.path / _MAP).stat()
            (self.path / _POINTS).stat()
        except OSError:
            return None
        return about.st_mtime_ns, about.st_ino

    def begin(self, wanted: Wanted) -> None:
        """Make the folder, and note what is wanted."""
        self.path.mkdir(parents=True, exist_ok=True)
        if self.wanted() != wanted:
            noted = {"version": _VERSION, "checksum": wanted.checksum, "points": wanted.points}
            self._put(_REQUEST, {**noted, "request": wanted.request.to_json()})

    def wanted(self) -> Wanted | None:
        """What was asked for; None where that cannot be read."""
        said = self._get(_REQUEST)
        try:
            if said is None or said["version"] != _VERSION:
                return None
            return Wanted(str(said["checksum"]), int(said["points"]), MapRequest.of_json(said["request"]))
        except (BadInput, KeyError, TypeError, ValueError):
            return None

    def tell(self, **said: Any) -> None:
        """Note how far the work is, or how it ended."""
        self._put(_PROGRESS, said)

    def told(self) -> dict[str, Any]:
        """What `tell` noted last; empty where nothing can be read."""
        return self._get(_PROGRESS) or {}

    def forget(self) -> None:
        """Nothing was told."""
        with suppress(OSError):
            (self.path / _PROGRESS).unlink()

    def ask_to_stop(self) -> None:
        """Whoever draws is to stop."""
        with suppress(OSError):
            (self.path / "cancel").touch()
            os.utime(self.path / "cancel", ns=(time.time_ns(), time.time_ns()))

    @property
    def cancelled(self) -> int | None:
        """When somebody last asked to stop, None for never: who begins afterwards draws all the same."""
        try:
            return (self.path / "cancel").stat().st_mtime_ns
        except OSError:
            return None

    def save(self, drawn: DrawnMap, wanted: Wanted) -> None:
        """Write a map: it is done when its last file has its name."""
        points = np.ascontiguousarray(drawn.coordinates, dtype="<f4")
        with new_file(self.path / _POINTS, force=True) as file:
            digested = Digested(file)
            header = {"descr": "<f4", "fortran_order": False, "shape": points.shape}
            np.lib.format.write_array_header_1_0(cast(Any, digested), header)
            digested.write(points.reshape(-1).data)
        about = {
            "version": _VERSION,
            "checksum": wanted.checksum,
            "request": drawn.request.to_json(),
            "points": digested.summary(),
            "shape": list(points.shape),
            "scale": drawn.scale,
            "middle": drawn.middle,
            "fitted": drawn.fitted,
            "explained": drawn.explained,
            "notes": drawn.notes,
        }
        with new_file(self.path / _MAP, force=True) as file:
            file.write(json.dumps(about, ensure_ascii=False, allow_nan=False, indent=1).encode())
        self.forget()

    def open(self) -> DrawnMap:
        """The map, its coordinates mapped from the file.

        Raises
        ------
        BadFile
            It is not whole, or not the one that was asked for.
        """
        about, wanted = self._get(_MAP), self.wanted()
        if about is None or wanted is None:
            raise BadFile(f"{self.path} holds no map that can be read: ask for it again.")
        try:
            if about["version"] != _VERSION or about["checksum"] != wanted.checksum:
                raise ValueError("it is of another embedding")
            if MapRequest.of_json(about["request"]) != wanted.request:
                raise ValueError("it is another map")
            coordinates = self._points(about)
            if coordinates.shape != (wanted.points, wanted.request.dimensions):
                raise ValueError(f"its points have the shape {coordinates.shape}")
            explained = about["explained"]
            return DrawnMap(
                wanted.request,
                coordinates,
                float(about["scale"]),
                tuple(float(each) for each in about["middle"]),
                int(about["fitted"]),
                None if explained is None else tuple(float(each) for each in explained),
                wanted.request.axes,
                tuple(str(each) for each in about["notes"]),
            )
        except (BadInput, KeyError, TypeError, ValueError, OSError) as error:
            raise BadFile(f"The map in {self.path} is damaged ({error}): ask for it again.") from error

    def discard(self) -> None:
        """It is not done any more."""
        with suppress(OSError):
            (self.path / _MAP).unlink()

    def touch(self) -> None:
        """It was used just now: of too many maps the ones that were not go first."""
        with suppress(OSError):
            os.utime(self.path, (time.time(), time.time()))

    def _points(self, about: Mapping[str, Any]) -> Matrix:
        place = self.path / _POINTS
        with place.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != about["points"]["sha256"]:
                raise ValueError("its points are not those that were written")
        mapped: Matrix = np.load(place, mmap_mode="r", allow_pickle=False)
        if mapped.dtype != np.dtype("<f4") or list(mapped.shape) != about["shape"]:
            raise ValueError("its points are no table of float32")
        return mapped.view(np.ndarray)

    def _put(self, name: str, value: Mapping[str, Any]) -> None:
        """Replace a small file in one step. Not through to the disk: it says nothing that a dead machine needs."""
        place = self.path / name
        temporary = place.with_name(f".{name}.{secrets.token_hex(4)}")
        try:
            temporary.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
            temporary.replace(place)
        finally:
            with suppress(OSError):
                temporary.unlink()

    def _get(self, name: str) -> dict[str, Any] | None:
        try:
            value = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return value if isinstance(value, dict) else None
