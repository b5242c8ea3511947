"""What each row was made from: a SHA-256 for each, in a ``.npy`` file, mapped."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from jari.embedding.formats.tensors import Sink
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadFile, BadInput

WIDTH: Final = 32  # bytes of a SHA-256

DigestRows: TypeAlias = npt.NDArray[np.uint8]  # (n, 32)


class Digests(Mapping[str, bytes]):
    """By key, the SHA-256 of what its row was made from.

    Parameters
    ----------
    vocabulary
        The keys.
    rows
        Shape (n, 32), uint8.

    Raises
    ------
    BadInput
        There is not one digest for each key.

    Examples
    --------
    >>> digests = Digests(Vocabulary(["cat.jpg", "dog.jpg"]), np.arange(64, dtype=np.uint8).reshape(2, 32))
    >>> digests["dog.jpg"][:3], digests.row_of(digests["dog.jpg"]), digests.row_of(bytes(32))
    (b' !"', 1, None)
    """

    __slots__ = ("_order", "_rows", "_sorted", "_vocabulary")

    def __init__(self, vocabulary: Vocabulary, rows: DigestRows) -> None:
        self._vocabulary, self._rows = vocabulary, checked(rows, len(vocabulary))
        self._sorted: npt.NDArray[np.uint64] | None = None

    @property
    def vocabulary(self) -> Vocabulary:
        """The keys in the order of their rows."""
        return self._vocabulary

    @property
    def rows(self) -> DigestRows:
        """Shape (n, 32), read-only where they came from a file."""
        return self._rows

    def __getitem__(self, key: str) -> bytes:
        row = int(self._vocabulary.rows([key], unknown="mark")[0])
        if row < 0:
            raise KeyError(key)  # not with the nearest spellings: many are asked for that are not there
        return bytes(self._rows[row])

    def __iter__(self) -> Iterator[str]:
        return iter(self._vocabulary)

    def __len__(self) -> int:
        return len(self._rows)

    def row_of(self, digest: bytes) -> int | None:
        """A row that was made from something of this digest; the first of several, None where there is none."""
        if self._sorted is None:  # by 8 of 32 bytes: 16 bytes a row, of which a dictionary would take some 150
            first = self._rows[:, :8].copy().view(">u8").reshape(-1)
            self._order = np.argsort(first, kind="stable")
            self._sorted = first[self._order].astype(np.uint64)
        at = int(np.searchsorted(self._sorted, np.uint64(int.from_bytes(digest[:8], "big"))))
        while at < len(self._sorted) and int(self._sorted[at]) == int.from_bytes(digest[:8], "big"):
            row = int(self._order[at])
            if self._rows[row].tobytes() == digest:
                return row
            at += 1
        return None


def checked(rows: Any, count: int) -> DigestRows:
    """Digests as they are written, one for each of `count` keys; `BadInput` where they are not that."""
    array = np.asarray(rows)
    if array.shape != (count, WIDTH) or array.dtype != np.uint8:
        raise BadInput(
            f"digests have shape {array.shape} and type {array.dtype}: give a SHA-256 a key, ({count}, {WIDTH}) uint8."
        )
    return array


def write_digests(sink: Sink, rows: DigestRows) -> None:
    """Write NumPy's format, version 1.0."""
    header = {"descr": "|u1", "fortran_order": False, "shape": rows.shape}
    np.lib.format.write_array_header_1_0(cast(Any, sink), header)
    sink.write(np.ascontiguousarray(rows).reshape(-1).data)


def map_digests(file: BinaryIO, name: str, count: int) -> DigestRows:
    """The digests of a file, as a read-only view of its memory map.

    Parameters
    ----------
    file
        Open for reading; may be closed afterwards.
    name
        What to call it in errors.
    count
        How many there must be: as many as the embedding has keys.

    Raises
    ------
    BadFile
        It is not a table of so many rows of 32 bytes.
    """
    try:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"version {version} of the format")
        shape, by_column, kind = np.lib.format.read_array_header_1_0(file)
    except (ValueError, EOFError) as error:
        raise BadFile(f"{name} is not a .npy file ({error}): it is damaged.") from error
    begin, size = file.tell(), os.fstat(file.fileno()).st_size
    if shape != (count, WIDTH) or kind != np.dtype("u1") or by_column or size - begin != WIDTH * count:
        raise BadFile(f"{name} holds {kind} of shape {shape}, not {WIDTH} bytes for each of {count:,} keys.")
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(mapped, dtype=np.uint8, count=WIDTH * count, offset=begin).reshape(count, WIDTH)
