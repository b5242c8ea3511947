"""GloVe text: as word2vec text, without a header; keys may hold spaces.

::

    lines: key, " ", d decimal numbers between single spaces

Numbers are counted from the right: what is left of the last d is the key.
"""

from __future__ import annotations

import pathlib
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from jari.embedding.embedding import Embedding
from jari.embedding.formats.atomic import new_file
from jari.embedding.formats.plain_keys import refuse_key, refuse_unwritable
from jari.embedding.formats.source import Source
from jari.embedding.formats.text import read_lines
from jari.embedding.formats.text_lines import write_lines
from jari.errors import BadFile, BadInput
from jari.types import Path

_SAMPLE_BYTES = 1 << 20
_SAMPLE_LINES = 1000


def read(path: Path) -> Embedding:
    """Read a file, plain or gzip."""
    with Source(pathlib.Path(path)) as source:
        start = source.read(_SAMPLE_BYTES)
        if not start.strip():
            raise BadFile(f"{source.path} is empty: GloVe text has a line a key.")
        dim = dimensions(start)
        if not dim:
            first = start.partition(b"\n")[0]
            raise BadFile(f"{source.path}: line 1 is {first[:40]!r}; a line of GloVe text is a key and its numbers.")
        return read_lines(source, None, dim, line=1, start=start)


def write(embedding: Embedding, path: Path, *, force: bool = False) -> None:
    """Write a file. Counts, context vectors and metadata have no place in it."""
    place = pathlib.Path(path)
    if not len(embedding):
        raise BadInput("GloVe text has no place for the dimensions of an embedding without keys: write a .jari.")
    refuse_unwritable(embedding.vocabulary, "GloVe text", characters="\n\0", starts="\ufeff", empty=True)
    _refuse_numbers(embedding)
    with new_file(place, force=force) as file:
        write_lines(embedding, file, separator=" ")


def dimensions(sample: bytes) -> int:
    """How many numbers most lines end with, after the first word; 0 where there is no such line."""
    lines = sample.split(b"\n")
    whole = lines[:-1] if len(lines) > 1 else lines  # the last one may go on
    counts = Counter(_trailing_numbers(line) for line in whole[:_SAMPLE_LINES] if line.strip())
    del counts[0]
    return max(counts, key=lambda dim: (counts[dim], -dim), default=0)


def _trailing_numbers(line: bytes) -> int:
    count = 0
    for word in reversed(line.rstrip(b" \r").split(b" ")[1:]):
        try:
            float(word)
        except ValueError:
            break
        count += 1
    return count


def _refuse_numbers(embedding: Embedding) -> None:
    """A key such as "version 2" could not be told from a row with a number too many."""
    last_word = r"(?is) ([-+]?([0-9.]+(e[-+]?[0-9]+)?|nan|inf|infinity))?\z"
    row = pc.index(pc.match_substring_regex(embedding.vocabulary.arrow, last_word), pa.scalar(True)).as_py()
    if row >= 0:
        refuse_key(embedding.keys[row], row, "GloVe text", "ends in a space or in a number after one")
