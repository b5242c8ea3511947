"""The safetensors container with arrays of other types than float32: see `jari.embedding.formats.tensors`."""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

import numpy as np
import numpy.typing as npt

from jari.embedding.formats.tensors import _ALIGN, _LONGEST_HEADER, _PIECE, Sink, _header, _offsets, _product, _shape
from jari.errors import BadFile

_KINDS: Final[Mapping[str, np.dtype[Any]]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
}

Array = npt.NDArray[Any]


def write_tensors(sink: Sink, tensors: Mapping[str, Array]) -> None:
    """Write arrays of float32, float16, int8 or uint8 in C order; those of the widest type come first."""
    ordered = dict(sorted(tensors.items(), key=lambda item: -item[1].dtype.itemsize))
    names = {kind: name for name, kind in _KINDS.items()}
    header: dict[str, Any] = {}
    end = 0
    for name, array in ordered.items():
        begin, end = end, end + array.nbytes
        kind = names[array.dtype.newbyteorder("<")]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % _ALIGN)
    sink.write(len(text).to_bytes(8, "little") + text)
    for array in ordered.values():
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        data = little.reshape(-1).view(np.uint8).data
        for start in range(0, len(data), _PIECE):
            sink.write(data[start : start + _PIECE])


def map_tensors(file: BinaryIO, name: str) -> dict[str, Array]:
    """The arrays of a file, as read-only views of its memory map: nothing is read until it is asked for.

    Parameters
    ----------
    file
        Open for reading; may be closed afterwards.
    name
        What to call it in errors.

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
        kind = _KINDS.get(str(entry.get("dtype")))
        if kind is None:
            raise BadFile(f"{name}: {tensor!r} is of type {entry.get('dtype')!r}, and codes are {', '.join(_KINDS)}.")
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
                f"{name}: {tensor!r} begins at byte {begin_of_data + begin}, where it cannot be read in place."
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
