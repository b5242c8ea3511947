"""The safetensors container, written in one stream and read through a memory map.

::

    8 bytes    length of the header, unsigned, little-endian
    header     JSON: {"name": {"dtype": "F32", "shape": [n, d], "data_offsets": [begin, end]}, …}, padded with spaces
    data       the arrays one after another, without gaps; offsets count from here

The ``safetensors`` package reads whole tensors into memory and, to write, wants all bytes of each at once: a second
copy of the matrix both times. Here an array is a view of the mapped file, and goes to the disk in pieces. What is
written is the plain container: a test reads it back with the package.
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Collection, Mapping
from typing import Any, BinaryIO, Final, Protocol, TypeGuard

import numpy as np
import numpy.typing as npt

from jari.errors import BadFile

_ALIGN = 4096  # the data begin on a page of their own
_LONGEST_HEADER = 1 << 20  # ours have some 400 bytes
_PIECE = 1 << 24

Array = npt.NDArray[Any]
KINDS: Final[Mapping[str, np.dtype[Any]]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
}
_NAMES = {kind: name for name, kind in KINDS.items()}


class Sink(Protocol):
    """What takes bytes."""

    def write(self, data: Any, /) -> Any:
        """Take some."""


def write_tensors(sink: Sink, tensors: Mapping[str, Array]) -> None:
    """Write arrays of the types in `KINDS` in C order, piece by piece; those of the widest type come first."""
    ordered = dict(sorted(tensors.items(), key=lambda item: -item[1].dtype.itemsize))
    header: dict[str, Any] = {}
    end = 0
    for name, array in ordered.items():
        begin, end = end, end + array.nbytes
        kind = _NAMES[array.dtype.newbyteorder("<")]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % _ALIGN)
    sink.write(len(text).to_bytes(8, "little") + text)
    for array in ordered.values():
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        data = little.reshape(-1).view(np.uint8).data
        for start in range(0, len(data), _PIECE):
            sink.write(data[start : start + _PIECE])


def map_tensors(file: BinaryIO, name: str, types: Collection[str] = ("F32",)) -> dict[str, Array]:
    """The arrays of a file, as read-only views of its memory map: nothing is read until it is asked for.

    Parameters
    ----------
    file
        Open for reading; may be closed afterwards.
    name
        What to call it in errors.
    types
        What the arrays may hold, keys of `KINDS`.

    Raises
    ------
    BadFile
        The header is not what the format says: too long, not JSON, arrays that overlap, leave gaps, reach past the
        end of the file or are of another type.
    """
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little") if size >= 8 else 0
    if size < 8 or not 2 <= length <= min(size - 8, _LONGEST_HEADER):
        raise BadFile(f"{name} says that its header takes {length} bytes, in a file of {size}: it is damaged.")
    header = _header(file.read(length), name)
    begin_of_data, expected = 8 + length, 0
    arrays: dict[str, tuple[int, np.dtype[Any], tuple[int, ...]]] = {}
    for tensor, entry in sorted(header.items(), key=lambda item: _offsets(item[1], item[0], name)):
        begin, end = _offsets(entry, tensor, name)
        shape = _shape(entry, tensor, name)
        if entry.get("dtype") not in types:
            raise BadFile(f"{name}: {tensor!r} is of type {entry.get('dtype')!r}; Jari writes {_or(types)} only.")
        kind = KINDS[entry["dtype"]]
        if begin != expected:
            raise BadFile(
                f"{name}: {tensor!r} begins at byte {begin} of the data, and the one before ends at {expected}."
            )
        expected = begin + kind.itemsize * _product(shape)
        if end != expected:
            raise BadFile(
                f"{name}: {tensor!r} of shape {list(shape)} takes {expected - begin} bytes, not {end - begin}."
            )
        if (begin_of_data + begin) % kind.itemsize:
            raise BadFile(
                f"{name}: {tensor!r} begins at byte {begin_of_data + begin}, which {kind} cannot be read from in place."
            )
        arrays[tensor] = (begin_of_data + begin, kind, shape)
    if begin_of_data + expected != size:
        raise BadFile(
            f"{name} should have {begin_of_data + expected} bytes and has {size}: it is cut short or damaged."
        )
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return {
        tensor: np.frombuffer(mapped, dtype=kind, count=_product(shape), offset=at).reshape(shape)
        if _product(shape)
        else np.empty(shape, dtype=kind)
        for tensor, (at, kind, shape) in arrays.items()
    }


def _or(types: Collection[str]) -> str:
    return " or ".join(types)


def _header(text: bytes, name: str) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{name}: the header is not JSON ({error}): the file is damaged.") from error
    if not isinstance(header, dict):
        raise BadFile(f"{name}: the header is not a JSON object: the file is damaged.")
    header.pop("__metadata__", None)
    for tensor, entry in header.items():
        if not isinstance(entry, dict):
            raise BadFile(f"{name}: the header says nothing of {tensor!r}: the file is damaged.")
    return header


def _offsets(entry: dict[str, Any], tensor: str, name: str) -> tuple[int, int]:
    offsets = entry.get("data_offsets")
    if not _whole_numbers(offsets) or len(offsets) != 2:
        raise BadFile(f"{name}: {tensor!r} has data_offsets {offsets!r}, not two byte offsets.")
    return offsets[0], offsets[1]


def _shape(entry: dict[str, Any], tensor: str, name: str) -> tuple[int, ...]:
    shape = entry.get("shape")
    if not _whole_numbers(shape) or not 1 <= len(shape) <= 2:
        raise BadFile(f"{name}: {tensor!r} has shape {shape!r}, not one or two whole numbers.")
    return tuple(shape)


def _whole_numbers(given: Any) -> TypeGuard[list[int]]:
    return isinstance(given, list) and all(type(number) is int and 0 <= number < 1 << 62 for number in given)


def _product(shape: tuple[int, ...]) -> int:
    product = 1  # Python's integers: a product of numbers from a file must not wrap around
    for number in shape:
        product *= number
    return product
