"""The formats by name, and which of them a file is in."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from jari.embedding.embedding import Embedding
from jari.embedding.formats import (
    fasttext_bin,
    glove,
    model2vec,
    native,
    npy,
    projector,
    word2vec_binary,
    word2vec_text,
)
from jari.embedding.formats.source import Source, refuse_absent
from jari.errors import BadFile, BadInput, NoSuchFile
from jari.types import Path

_SAMPLE = 1 << 16


@dataclass(frozen=True, slots=True)
class Format:
    """One way of storing an embedding.

    Parameters
    ----------
    name
        What to pass as ``format=``.
    description
        For a person, in a few words.
    extensions
        Ends of file names that mean this format when writing, the usual one first.
    reader, writer
        Functions of a path, and of an embedding and a path; None where that is not offered.
    """

    name: str
    description: str
    extensions: tuple[str, ...]
    reader: Callable[[Path], Embedding] | None
    writer: Callable[..., None] | None

    @property
    def reads(self) -> bool:
        """Whether files of this format can be read."""
        return self.reader is not None

    @property
    def writes(self) -> bool:
        """Whether files of this format can be written."""
        return self.writer is not None


def _decoded(path: Path, *, verify: bool = False) -> Embedding:
    """What was compressed, as an ordinary embedding."""
    from jari.embedding.codes.compressed import CompressedEmbedding  # which needs the formats

    return CompressedEmbedding.load(path, verify=verify).embedding()


_ALL = (
    Format("jari", "Jari's own: keeps everything, opens at once", (".jari",), native.read, native.write),
    Format(
        "word2vec",
        "word2vec text, and fastText .vec",
        (".txt", ".vec", ".w2v"),
        word2vec_text.read,
        word2vec_text.write,
    ),
    Format("word2vec-binary", "word2vec binary", (".bin",), word2vec_binary.read, word2vec_binary.write),
    Format("glove", "GloVe text: no header", (".glove", ".glove.txt"), glove.read, glove.write),
    Format("fasttext", "fastText .bin: words and their n-grams", (), fasttext_bin.read, None),
    Format("npy", "a NumPy matrix, with its keys in a file beside it", (".npy",), npy.read, npy.write),
    Format(
        "model2vec",
        "a folder of model2vec: tokens, and what makes tokens of text",
        (".model2vec",),
        model2vec.read,
        model2vec.write,
    ),
    Format("codes", "compressed by `jari compress`", (), _decoded, None),
    Format("projector", "tables for TensorBoard's projector", (".projector",), None, projector.write),
)

FORMATS: Final[Mapping[str, Format]] = MappingProxyType({each.name: each for each in _ALL})


def read(path: Path, format: str | None = None, *, verify: bool = False) -> Embedding:
    """Read an embedding.

    Parameters
    ----------
    path
        A file, or a folder for ``.jari``.
    format
        The name of a format in `FORMATS`; found by looking into the file where it is not given.
    verify
        Compare the checksum of a large ``.jari`` too, which means reading all of it. Other formats are always read
        and checked as a whole.

    Raises
    ------
    NoSuchFile
        Nothing is there.
    BadFile
        It is in no format that is known, or not what the format says.
    BadInput
        There is no format of that name, or it is written only.
    """
    chosen = _named(format) if format is not None else FORMATS[detect(path)]
    if chosen.reader is None:
        raise BadInput(f"The format {chosen.name!r} is written only. These are read: {_names(reading=True)}.")
    of_ours: dict[str, Callable[..., Embedding]] = {"jari": native.read, "codes": _decoded}
    return of_ours[chosen.name](path, verify=verify) if chosen.name in of_ours else chosen.reader(path)


def write(embedding: Embedding, path: Path, format: str | None = None, *, force: bool = False) -> None:
    """Write an embedding.

    Parameters
    ----------
    embedding
        What to write.
    path
        Where; the end of the name says the format where none is given.
    format
        The name of a format in `FORMATS`.
    force
        Replace what is there.

    Raises
    ------
    FileIsThere
        Something is at `path` and `force` is not given.
    BadInput
        The format is not known, or it cannot hold a key of this embedding.
    """
    chosen = _named(format) if format is not None else _by_name_of_file(path)
    if chosen.writer is None:
        raise BadInput(f"The format {chosen.name!r} is read only. These are written: {_names(reading=False)}.")
    chosen.writer(embedding, path, force=force)


def detect(path: Path) -> str:
    """The name of the format that a file or folder is in, by its content.

    Raises
    ------
    NoSuchFile
        Nothing is there.
    BadFile
        It is in none that is known.
    """
    place = pathlib.Path(path)
    if place.is_dir():
        if (place / "codes.json").exists():
            return "codes"
        if place.suffix == ".jari" or (place / "embedding.json").exists():
            return "jari"
        if model2vec.is_model2vec(place) or place.suffix == ".model2vec":
            return "model2vec"
        within = ", ".join(sorted(str(one) for one in place.glob("*.jari")))
        hint = f" Embeddings in it: {within}." if within else ""
        raise BadFile(f"{place} is a folder without embedding.json: it is no .jari.{hint}")
    if place.suffix == ".jari" and not place.exists():
        raise NoSuchFile(f"There is no {place}.")
    refuse_absent(place)
    with Source(place) as source:
        start = source.read(_SAMPLE)
    if not start:
        raise BadFile(f"{place} is empty.")
    if start.startswith(npy.MAGIC):
        return "npy"
    if start.startswith(fasttext_bin.MAGIC):
        return "fasttext"
    header, _, rest = start.partition(b"\n")
    if word2vec_text.HEADER.fullmatch(header):
        return "word2vec" if _is_text_row(rest, int(header.split()[1])) else "word2vec-binary"
    if b"\0" not in start and glove.dimensions(start):
        return "glove"
    raise BadFile(
        f"{place} is in no format that Jari knows: it begins with {start[:20]!r}. These are read: "
        f"{_names(reading=True)}."
    )


def _is_text_row(rest: bytes, dim: int) -> bool:
    """Whether what follows a word2vec header is text; where it is nothing at all, text is as good."""
    line, _, _ = rest.partition(b"\n")
    words = line.rstrip(b" \r").split(b" ")[1:]
    if not words:
        return not line
    if len(rest) == len(line) and len(words) > 1:
        words = words[:-1]  # may be cut off where the sample ends
    numbers = 0
    for word in words[-dim:]:
        try:
            float(word)
        except ValueError:
            continue
        numbers += 1
    # Most words are numbers: a damaged row is still a row of text, and is refused there with its line.
    return b"\0" not in line and 2 * numbers >= len(words[-dim:])


def by_name(path: Path) -> Format | None:
    """The format that the end of a file's name says, if it says one."""
    name = pathlib.Path(path).name.lower()
    said = [(len(ending), each) for each in _ALL for ending in each.extensions if name.endswith(ending)]
    return max(said, key=lambda one: one[0])[1] if said else None


def _by_name_of_file(path: Path) -> Format:
    found = by_name(path)
    if found is None:
        raise BadInput(
            f"The name {pathlib.Path(path).name!r} does not say which format to write: end it with one of "
            f"{', '.join(ending for each in _ALL for ending in each.extensions)}, or pass the format."
        )
    return found


def _named(format: str) -> Format:
    if format not in FORMATS:
        raise BadInput(f"The format {format!r} is not known: choose one of {', '.join(FORMATS)}.")
    return FORMATS[format]


def _names(*, reading: bool) -> str:
    return ", ".join(each.name for each in _ALL if (each.reads if reading else each.writes))
