"""TensorBoard projector: a folder of two tables; written only.

::

    vectors.tsv    n lines of d numbers between tabs
    metadata.tsv   n lines, a key each; where counts are known a header "key<TAB>count" and two columns

The projector takes a first line as a header only where there is more than one column.
"""

from __future__ import annotations

import pathlib

import pyarrow as pa
import pyarrow.compute as pc

from jari.embedding.embedding import Embedding
from jari.embedding.formats.atomic import new_folder, synced_file
from jari.embedding.formats.plain_keys import refuse_key, refuse_unwritable
from jari.embedding.formats.text_lines import write_lines
from jari.types import Path

_VECTORS, _METADATA = "vectors.tsv", "metadata.tsv"


def write(embedding: Embedding, path: Path, *, force: bool = False) -> None:
    """Write a folder. Context vectors and metadata have no place in it."""
    place = pathlib.Path(path)
    refuse_unwritable(embedding.vocabulary, "a projector table", characters="\t\n", ends="\r")
    blank = pc.index(pc.utf8_is_space(embedding.vocabulary.arrow), pa.scalar(True)).as_py()
    if blank >= 0:  # the projector skips such lines, and every later key would get its neighbour's vector
        refuse_key(embedding.keys[blank], blank, "a projector table", "is nothing but white space")
    with new_folder(place, force=force, ours=(_VECTORS, _METADATA)) as folder:
        with synced_file(folder / _VECTORS) as file:
            write_lines(embedding, file, separator="\t", keys=False)
        counts = embedding.vocabulary.counts
        lines = list(embedding.keys)
        if counts is not None:
            lines = ["key\tcount", *(f"{key}\t{count}" for key, count in zip(lines, counts, strict=True))]
        with synced_file(folder / _METADATA) as file:
            file.write("".join(f"{line}\n" for line in lines).encode())
