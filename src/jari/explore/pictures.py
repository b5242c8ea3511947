"""The pictures that the keys of an embedding name, found and made small."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path as FilePath
from pathlib import PurePosixPath
from typing import Final

from jari.embedding import Embedding
from jari.encoders.images.opening import Unreadable, opened, why
from jari.errors import BadFile, BadInput, NoSuchFile
from jari.extras import require
from jari.types import Metadata

SIZES: Final = (64, 1024)  # pixels of the longer edge, the least and the most
_KEPT: Final = 64 << 20  # bytes: some 4,000 pictures of 256 pixels
_QUALITY: Final = 80  # of WebP: 12 KB at 256 pixels
# Pillow's limit against decompression bombs, which is set for each picture, belongs to all threads; and the memory of
# one picture can be had, 0.5 GB at the most, that of sixteen cannot.
_ONE_AT_A_TIME: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A file that a key names, as it is now.

    Parameters
    ----------
    key
        Of the embedding.
    path
        The file, with no link in it.
    mark
        Changes when the file does.
    """

    key: str
    path: FilePath
    mark: str


def holds_pictures(metadata: Metadata) -> bool:
    """Whether the keys of an embedding are pictures below a folder that it remembers."""
    encoder = metadata.get("encoder")
    of_pictures = isinstance(encoder, dict) and encoder.get("kind") == "image-encoder"
    return of_pictures and isinstance(metadata.get("root"), str)


def picture_file(embedding: Embedding, key: str, *, metadata: Metadata | None = None) -> PictureFile:
    """The file of a key.

    Parameters
    ----------
    embedding
        Its keys are paths below a folder that its metadata name.
    key
        One of its keys: no other path is ever looked at.
    metadata
        Of the embedding, where somebody has read them.

    Raises
    ------
    UnknownKey
        It is none of the keys.
    BadInput
        The keys are no pictures; or this one leads out of the folder, by its name or by a link.
    NoSuchFile
        The folder, or the file, is not there any more.
    BadFile
        Something else than a file is there.
    """
    told = embedding.metadata if metadata is None else metadata
    if not holds_pictures(told):
        raise BadInput("The keys of this embedding are no pictures: ask one that `jari learn-images` made.")
    embedding.vocabulary.row(key)
    folder, name = FilePath(told["root"]), PurePosixPath(key)
    outside = f"The key {key!r} leads out of the folder of the pictures: what lies there is not shown."
    if name.is_absolute() or ".." in name.parts:
        raise BadInput(outside)
    try:
        root = folder.resolve(strict=True)
        path = (root / name).resolve(strict=True)
        about = path.stat()
    except FileNotFoundError as error:
        gone = "The folder of the pictures" if not folder.exists() else f"The picture {key!r}"
        raise NoSuchFile(f"{gone} is not where it was when the embedding was made.") from error
    except (OSError, RuntimeError, ValueError) as error:  # a ring of links, a name that no file system takes
        reason = why(error) if isinstance(error, OSError) else str(error)
        raise BadFile(f"The picture {key!r} cannot be read: {reason}.") from error
    if not path.is_relative_to(root):
        raise BadInput(outside)
    if not stat.S_ISREG(about.st_mode):
        raise BadFile(f"The picture {key!r} is no file.")
    said = f"{key}\0{about.st_dev} {about.st_ino} {about.st_mtime_ns} {about.st_size}"
    return PictureFile(key, path, hashlib.sha256(os.fsencode(said)).hexdigest()[:24])


def webp(file: PictureFile, size: int) -> bytes:
    """A picture as small as asked, in WebP: in its own shape, never enlarged, upright, over white.

    Parameters
    ----------
    file
        As `picture_file` found it.
    size
        Pixels of the longer edge.

    Raises
    ------
    BadFile
        It cannot be read as a picture, or is too large; the reason is said.
    ExtraMissing
        Pillow is not installed: extra ``torch``.
    """
    resampling = require("PIL.Image", extra="torch").Resampling.LANCZOS
    with _ONE_AT_A_TIME:
        try:
            image = opened(file.path, at_least=size)
        except Unreadable as error:
            raise BadFile(f"The picture {file.key!r} cannot be shown: {error}.") from error
        image.thumbnail((size, size), resampling)
    made = io.BytesIO()
    image.save(made, "WEBP", quality=_QUALITY)
    return made.getvalue()


class PictureShelf:
    """Small pictures that were made before, the latest asked for first; for several threads.

    Parameters
    ----------
    most
        Bytes that are kept.
    """

    def __init__(self, most: int = _KEPT) -> None:
        self._most, self._held = most, 0
        self._made: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._turn = threading.Lock()

    @property
    def held(self) -> int:
        """How many bytes are kept."""
        return self._held

    def webp(self, file: PictureFile, size: int) -> bytes:
        """As the function `webp`."""
        asked = (file.mark, size)
        with self._turn:
            if asked in self._made:
                self._made.move_to_end(asked)
                return self._made[asked]
        made = webp(file, size)
        with self._turn:
            self._held += len(made) - len(self._made.pop(asked, b""))
            self._made[asked] = made
            while self._held > self._most:
                self._held -= len(self._made.popitem(last=False)[1])
        return made
