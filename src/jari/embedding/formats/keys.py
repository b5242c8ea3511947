"""Keys and counts as an Arrow file: columns ``key`` (large_string) and ``count`` (int64, null where not counted)."""

from __future__ import annotations

import hashlib
import mmap
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadFile

_SCHEMA = pa.schema([pa.field("key", pa.large_string(), nullable=False), pa.field("count", pa.int64())])


def keys_to_bytes(vocabulary: Vocabulary) -> pa.Buffer:
    """The Arrow file, in memory: some 25 bytes a key."""
    counts = vocabulary.counts
    column = pa.nulls(len(vocabulary), pa.int64()) if counts is None else int64_column(counts)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, _SCHEMA) as writer:
        writer.write_batch(pa.record_batch([vocabulary.arrow, column], schema=_SCHEMA))
    return sink.getvalue()


def int64_column(values: npt.NDArray[np.int64]) -> pa.Array:
    """Not by `pa.array`: it imports pandas, where there is one, to see whether it was given something of its: 0.2 s."""
    return pa.Array.from_buffers(pa.int64(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values, np.int64))])


def map_keys(file: BinaryIO, name: str, *, size: int, sha256: str, unique: bool) -> Vocabulary:
    """The vocabulary of an Arrow file, mapped rather than read.

    Parameters
    ----------
    file
        Open for reading; may be closed afterwards.
    name
        What to call it in errors.
    size, sha256
        What the file must have.
    unique
        Whether to look for keys that stand twice.

    Raises
    ------
    BadFile
        The checksum, the columns or the strings are not as they should be.
    """
    actual = file.seek(0, 2)
    if actual != size or actual == 0:
        raise BadFile(f"{name} should have {size} bytes and has {actual}: it is cut short or damaged.")
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if hashlib.sha256(mapped).hexdigest() != sha256:
        raise BadFile(f"{name} does not match its checksum: it was changed or is damaged. Take it from a good copy.")
    try:
        table = pa.ipc.open_file(pa.py_buffer(mapped)).read_all().combine_chunks()
        if table.schema.names != _SCHEMA.names or table.schema.types != _SCHEMA.types:
            raise BadFile(
                f"{name} has the columns {table.schema.names}; key (large_string) and count (int64) belong there."
            )
        table.validate(full=True)  # offsets and UTF-8: what Arrow will not look at again
    except (pa.ArrowException, OSError) as error:
        raise BadFile(f"{name} is not an Arrow file as Jari writes them ({error}).") from error
    vocabulary = _vocabulary(table, name, unique=unique)
    if hasattr(mapped, "madvise") and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)  # checked, and not needed in memory until somebody asks
    return vocabulary


def _vocabulary(table: pa.Table, name: str, *, unique: bool) -> Vocabulary:
    keys, counted = (_only_chunk(table.column(column)) for column in ("key", "count"))
    if keys.null_count or counted.null_count not in (0, len(counted)):
        raise BadFile(f"{name} lacks some keys or some counts: every key has one, or no key has a count.")
    counts = None if counted.null_count or not len(counted) else counted.to_numpy()
    if unique:
        return Vocabulary(keys, counts)
    return Vocabulary._trusted(keys, counts if counts is None else counts.view(np.ndarray))


def _only_chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks else pa.array([], type=column.type)
