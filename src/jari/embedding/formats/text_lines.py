"""Writing lines of a key and its numbers, each number as short as reads back to the same float32."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jari.embedding.embedding import Embedding

_VALUES = 1 << 20  # a block of numbers: some 30 MB while it is text


def write_lines(embedding: Embedding, file: BinaryIO, *, separator: str, keys: bool = True) -> None:
    """One line a row: the key, where it is wanted, and the numbers, between separators."""
    step = max(1, _VALUES // embedding.dim)
    for start in range(0, len(embedding), step):
        block = np.ascontiguousarray(embedding.vectors[start : start + step])
        lines = _numbers(block, separator)
        if keys:
            some = embedding.vocabulary.arrow.slice(start, len(block))
            lines = pc.binary_join_element_wise(some, lines, _large(separator))
        ended = pc.binary_join_element_wise(lines, _large(""), _large("\n"))
        file.write(_bytes_of(ended))


def _numbers(block: np.ndarray, separator: str) -> pa.Array:
    n, d = block.shape
    texts = pa.array(block.reshape(-1)).cast(pa.string())
    ends = pa.array(np.arange(0, n * d + 1, d, dtype=np.int32))
    return pc.binary_join(pa.ListArray.from_arrays(ends, texts), separator).cast(pa.large_string())


def _bytes_of(lines: pa.Array) -> memoryview:
    """The characters of a freshly made string array, which lie one after another."""
    _, offsets, characters = lines.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)
    return memoryview(characters)[int(ends[lines.offset]) : int(ends[lines.offset + len(lines)])]


def _large(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())
