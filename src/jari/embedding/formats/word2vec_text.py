"""word2vec text: ``.txt``, ``.vec``, ``.w2v``; also what fastText writes as ``.vec``.

::

    "{n} {d}\\n"
    n lines: key, " ", d decimal numbers between single spaces; word2vec and fastText add a space at the end
"""

from __future__ import annotations

import pathlib
import re

from jari.embedding.embedding import Embedding
from jari.embedding.formats.atomic import new_file
from jari.embedding.formats.plain_keys import refuse_unwritable
from jari.embedding.formats.source import Source
from jari.embedding.formats.text import read_lines
from jari.embedding.formats.text_lines import write_lines
from jari.errors import BadFile
from jari.types import Path

HEADER = re.compile(rb"([0-9]{1,18})[ \t]+([0-9]{1,18})[ \t]*\r?\n?")
LONGEST_HEADER = 64


def read(path: Path) -> Embedding:
    """Read a file, plain or gzip."""
    with Source(pathlib.Path(path)) as source:
        n, dim = read_header(source, bytes_of_a_row=2)
        return read_lines(source, n, dim, line=2, start=b"")


def write(embedding: Embedding, path: Path, *, force: bool = False) -> None:
    """Write a file. Counts, context vectors and metadata have no place in it."""
    place = pathlib.Path(path)
    refuse_unwritable(embedding.vocabulary, "word2vec text", characters=" \n\0", ends="\r")
    with new_file(place, force=force) as file:
        file.write(f"{len(embedding)} {embedding.dim}\n".encode())
        write_lines(embedding, file, separator=" ")


def read_header(source: Source, *, bytes_of_a_row: int) -> tuple[int, int]:
    """The first line of both word2vec formats: how many rows, of how many numbers.

    Parameters
    ----------
    source
        At its beginning.
    bytes_of_a_row
        The least that one number takes: a header that promises more than the file can hold is refused before any
        memory is asked for.
    """
    line = source.line(LONGEST_HEADER)
    if not line:
        raise BadFile(f"{source.path} is empty: a word2vec file begins with the numbers of rows and dimensions.")
    match = HEADER.fullmatch(line)
    if match is None:
        raise BadFile(
            f"{source.path}: line 1 is {line[:40]!r}; a word2vec file begins with the numbers of rows and dimensions, "
            f'as "10000 300". Without them it may be GloVe text: pass format="glove".'
        )
    n, dim = int(match[1]), int(match[2])
    if dim < 1:
        raise BadFile(f"{source.path}: the header says vectors of {dim} dimensions: there must be 1 or more.")
    if n * dim * bytes_of_a_row > source.most_bytes:
        raise BadFile(
            f"{source.path}: the header says {n} rows of {dim} numbers, which need {n * dim * bytes_of_a_row} bytes or "
            f"more, and the file has room for {source.most_bytes}. It is cut short, or the header is wrong."
        )
    return n, dim
