"""Which bucket each row of a table of subwords belongs to: int32 numbers in a ``.npy`` file, mapped."""

from __future__ import annotations

import mmap
import os
from typing import Any, BinaryIO, cast

import numpy as np

from jari.embedding.formats.tensors import Sink
from jari.errors import BadFile
from jari.types import Ids


def write_buckets(sink: Sink, buckets: Ids) -> None:
    """Write NumPy's format, version 1.0."""
    header = {"descr": "<i4", "fortran_order": False, "shape": buckets.shape}
    np.lib.format.write_array_header_1_0(cast(Any, sink), header)
    sink.write(np.ascontiguousarray(buckets, dtype="<i4").view(np.uint8).data)


def map_buckets(file: BinaryIO, name: str, rows: int) -> Ids:
    """The numbers of a file, as a read-only view of its memory map.

    Parameters
    ----------
    file
        Open for reading; may be closed afterwards.
    name
        What to call it in errors.
    rows
        How many there must be: as many as the table has rows.

    Raises
    ------
    BadFile
        It is not a row of so many int32 numbers.
    """
    try:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):
            raise ValueError(f"version {version} of the format")
        shape, _, kind = np.lib.format.read_array_header_1_0(file)
    except (ValueError, EOFError) as error:
        raise BadFile(f"{name} is not a .npy file ({error}): it is damaged.") from error
    begin, size = file.tell(), os.fstat(file.fileno()).st_size
    if shape != (rows,) or kind != np.dtype("<i4") or size - begin != 4 * rows or begin % 4:
        raise BadFile(f"{name} holds {kind} of shape {shape}, not one int32 for each of {rows:,} subwords.")
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return np.frombuffer(mapped, dtype="<i4", count=rows, offset=begin)
