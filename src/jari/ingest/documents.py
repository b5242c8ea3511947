"""Documents: what files, folders and tables hold, read one at a time."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from jari.errors import BadEncoding, BadFile, BadInput, ExtraMissing, JariError
from jari.ingest.files import TextFile, opened
from jari.ingest.html import html
from jari.ingest.listing import TABLE, File, Skipped, is_within, listed, name_of, place_of
from jari.ingest.markup import Extracted, markdown, restructured
from jari.ingest.pdf import pdf
from jari.types import Path

# Bytes of one document, however small it was packed. One is written in one transaction: 10 MB of text take 0.6 GB.
LARGEST: Final = 32_000_000
LARGEST_PDF: Final = 256_000_000  # most of it are pictures
OWN_FIELDS: Final = ("path", "passage")  # no column of a table may pass for them
_CHUNK: Final = 1 << 20
_NOT_KEPT: Final = re.compile("[\0\ud800-\udfff]")  # what no database takes: U+0000 and halves of surrogate pairs
_SENTENCE_ENDS: Final = re.compile(r"(?<=[^.]{3}[.])\s+(?=[A-Z])")

_FROM_TEXT: Final[dict[str, Callable[[str], Extracted]]] = {
    "text": Extracted,
    "markdown": markdown,
    "restructured": restructured,
}
_FROM_BYTES: Final[dict[str, Callable[[bytes, str], Extracted]]] = {"html": html, "pdf": pdf}


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """One document as it was found.

    Parameters
    ----------
    id
        The path of its file; of a row of a table its id, or the path and the number of the row, ``"wiki.csv:17"``.
    text
        Plain text.
    metadata
        ``"path"``: where its file is, absolute; ``"title"``, where it has one; and the other columns of a table.
    """

    id: str
    text: str
    metadata: Mapping[str, str | int | float | bool] = field(default_factory=dict)


class Documents:
    r"""The documents of files, folders and tables; iterating over them reads them.

    Bad files stop nothing: they are in `skipped`, each with a reason. What is wrong with the paths themselves is raised
    at once.

    Parameters
    ----------
    paths
        Files, globs and folders. Text (.txt, and names without an ending), Markdown, reStructuredText, HTML, PDF, and
        tables (.csv .tsv .jsonl .parquet), of which each row is a document; .gz .bz2 .xz .zst .lz4 of all of them.
    text_column
        The column of tables that holds the text.
    id_column
        The column of tables that holds the id; ids are strings, numbers are written as such.

    Attributes
    ----------
    size, done
        Bytes on disk, and how many of them were read so far.
    skipped
        What could not be read, up to now.
    passed_over
        How many files of the folders were not to be read, by why: see `jari.ingest.listing.Listing`.
    left_out
        How many values of columns, which are no text, number or boolean, or not of the same type as others.

    Raises
    ------
    NoSuchFile, BadInput
        Nothing is at a path, no file matches, a table is given without a column, a column without a table.

    Examples
    --------
    >>> import pathlib
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = (pathlib.Path(folder) / "sea.md").write_text("# The Sea\n\nTides.")
    ...     (document,) = Documents(folder)
    >>> document.text, document.metadata["title"]
    ('The Sea\n\nTides.', 'The Sea')
    """

    def __init__(
        self, paths: Path | Sequence[Path], *, text_column: str | None = None, id_column: str | None = None
    ) -> None:
        given = [paths] if isinstance(paths, str | os.PathLike) else paths
        if id_column is not None and text_column is None:
            raise BadInput(f"id_column={id_column!r} is of no use without text_column= (--text-column).")
        found = listed([os.fspath(path) for path in given], tables=text_column is not None)
        if text_column is not None and not any(file.kind == TABLE for file in found.files):
            raise BadInput(
                f"text_column={text_column!r} is a column of tables (.csv .tsv .jsonl .parquet); none is given."
            )
        self._found, self._text_column, self._id_column = found, text_column, id_column
        self.passed_over = found.passed_over
        self.skipped = found.skipped
        self._unread = [place_of(each.path) for each in found.skipped]
        self.left_out: Counter[str] = Counter()
        self.size, self.done = sum(file.size for file in found.files), 0

    def __iter__(self) -> Iterator[SourceDocument]:
        self.done = before = 0
        for file in self._found.files:
            try:
                if file.kind == TABLE:
                    for document, position in self._rows(file):
                        self.done = before + min(position, file.size)
                        yield document
                else:
                    yield _read(file)
            except (JariError, OSError, MemoryError) as error:
                self._skip(file, error)
            before += file.size
            self.done = before

    def lacks(self, path: str) -> bool:
        """Whether a file, given as its documents have it in their metadata, would have been read if it was there still.

        That is so below a folder that was given, and of what a glob that was given would match; not of what could not
        be read.
        """
        return self._found.covers(path) and not any(is_within(path, unread) for unread in self._unread)

    def _skip(self, file: File, error: Exception) -> None:
        self._unread.append(place_of(file.path))
        reason = str(error) if isinstance(error, JariError) else ""
        reason = reason or (isinstance(error, OSError) and error.strerror) or f"{type(error).__name__} {error}".strip()
        reason = reason.removeprefix(file.path).lstrip(",: ")
        if file.named:
            self.skipped.append(Skipped(file.path, reason, named=True))
            return
        if not isinstance(error, ExtraMissing):
            reason = _SENTENCE_ENDS.split(reason)[0].removesuffix(".")  # without the remedy, which is for one file
        for at, alike in enumerate(self.skipped if isinstance(error, ExtraMissing) else ()):
            if alike.reason == reason:  # 1,000 files, and one package for all of them
                self.skipped[at] = Skipped(alike.path, reason, alike.count + 1)
                return
        self.skipped.append(Skipped(file.path, reason))

    def _rows(self, file: File) -> Iterator[tuple[SourceDocument, int]]:
        from jari.ingest.rows import rows  # Arrow's readers cost 0.1 s

        text_column, id_column = self._text_column or "", self._id_column
        needed = [text_column, *([] if id_column is None else [id_column])]
        place = place_of(file.path)
        without: dict[str, list[int]] = {}
        for number, row, position in rows(file.path, needed, self.left_out):
            text = row.get(text_column)
            name = f"{name_of(file.path)}:{number}" if id_column is None else _id_of(row.get(id_column))
            if not isinstance(text, str) or not name:
                without.setdefault("text" if name else "id", []).append(number)
                continue
            columns = {key: value for key, value in row.items() if key not in needed and key not in OWN_FIELDS}
            fields = {_kept(key): _kept(value) if isinstance(value, str) else value for key, value in columns.items()}
            self.left_out.update(key for key in OWN_FIELDS if key in row)
            yield SourceDocument(name, _kept(text), {"path": place, **fields}), position
        for what, numbers in without.items():
            reason = f"{len(numbers):,} of its rows have no {what} (the first: row {numbers[0]:,})"
            self.skipped.append(Skipped(file.path, reason, len(numbers)))


def _id_of(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():  # pandas makes such of integers where one is missing
        value = int(value)
    return _kept(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _read(file: File) -> SourceDocument:
    if file.kind in _FROM_BYTES:
        found = _FROM_BYTES[file.kind](b"".join(_bounded(file, _chunks(file))), file.path)
    else:
        found = _FROM_TEXT[file.kind](_text(file))
    metadata = {"path": place_of(file.path)}
    if found.title:
        metadata["title"] = _kept(found.title)
    return SourceDocument(name_of(file.path), _kept(found.text), metadata)


def _text(file: File) -> str:
    blocks = TextFile(file.path).blocks(min(max(file.size, 4096), _CHUNK), whole_lines=False)
    data = b"".join(_bounded(file, (bytes(memoryview(block.data)[: block.length]) for block in blocks)))
    try:
        return data.decode().replace("\r\n", "\n").strip("\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadEncoding(
            f"{file.path}, line {line:,}, byte {error.start:,}: 0x{data[error.start]:02X} is not UTF-8. Convert the "
            "file."
        ) from error


def _chunks(file: File) -> Iterator[bytes]:
    with opened(file.path) as (stream, _):
        while chunk := stream.read(_CHUNK):
            yield bytes(chunk)


def _bounded(file: File, chunks: Iterator[bytes]) -> Iterator[bytes]:
    length = 0
    most = LARGEST_PDF if file.kind == "pdf" else LARGEST
    for chunk in chunks:
        length += len(chunk)
        if length > most:
            raise BadFile(
                f"{file.path} holds more than {most // 10**6} MB, too much for one document: split it, or give a table "
                "with a document a row."
            )
        yield chunk


def _kept(text: str) -> str:
    return _NOT_KEPT.sub("\ufffd", text)
