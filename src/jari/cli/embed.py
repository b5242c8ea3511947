"""`jari embed`: the vectors of texts."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, cast

import typer

from jari.cli.console import plain, say, show, show_json
from jari.cli.destination import vacant
from jari.cli.encoder_options import Device, Offline, PrecisionName
from jari.cli.failure import misuse
from jari.cli.options import MODEL, OUTPUT, TEXT, Column, Errors, Force, Json, Quiet, Threads
from jari.cli.progress import duration, shown
from jari.cli.warned import warned
from jari.errors import BadInput

if TYPE_CHECKING:
    from jari.cli.text_model import TextModel
    from jari.encoders.texts.token_vectors import TokenVectors
    from jari.types import Callback, Matrix, Progress, Vector

EXAMPLES = (
    "jari embed 'some text' 'another' --model sentence-transformers/all-MiniLM-L6-v2",
    "jari embed --model minilm/ < lines.txt > vectors.npy",
    "jari embed --lines 'news/*.csv' --column title -o titles.jari",
    "jari embed 'we sat on the bank of the river' --tokens",
    "jari embed 'some text' --model wiki.jari --json     # the mean of the vectors of its words",
)

_SHOWN = 6  # numbers of a vector, on a terminal
_AT_ONCE = 1 << 16  # texts: a gigabyte of vectors never has to be held, and sorting by length still pays
_WIDTH = 60  # characters of a text, in a table


def embed(
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEXT", help="Texts; without any, each line of standard input is one.", show_default=False
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            metavar="MODEL",
            help="The folder or the hub's name of a text encoder; or a .jari of words, whose vectors are averaged. "
            r"\[default: sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2]",
            rich_help_panel=MODEL,
        ),
    ] = None,
    prompt: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Put this prompt of the model before each text; or any text.", rich_help_panel=MODEL
        ),
    ] = None,
    offline: Offline = False,
    lines: Annotated[
        list[str] | None,
        typer.Option(
            "--lines",
            metavar="FILE",
            help="Embed each line of files (.gz .bz2 .xz .zst too), folders, globs, or - for standard input.",
            rich_help_panel=TEXT,
        ),
    ] = None,
    column: Column = None,
    errors: Errors = "strict",
    tokens: Annotated[
        bool,
        typer.Option("--tokens", help="The vector of each token in its text, not of the text.", rich_help_panel=OUTPUT),
    ] = False,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="NAME.jari, whose keys are the texts; .npy, with the keys beside; or as `jari convert` writes.",
            rich_help_panel=OUTPUT,
        ),
    ] = None,
    json: Json = False,
    force: Force = False,
    device: Device = "auto",
    precision: PrecisionName = "auto",
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Turn texts into vectors.

    Lines that are given to a pipe or a file (> vectors.npy) come out as a matrix in NumPy's format, a row a line.
    """
    began = time.monotonic()
    place = _place(out, json=json, tokens=tokens, force=force)
    from_lines = not texts
    read = _lines(lines, column, errors) if from_lines else _given(texts or [], lines, column)

    from jari.cli.text_model import text_model

    shows = place is None and (tokens or json or not from_lines or sys.stdout.isatty())
    stream = None if shows or place is not None else sys.stdout.buffer  # the bars borrow sys.stdout
    with shown(quiet=quiet) as report, warned(quiet=quiet):
        opened = text_model(
            model, prompt=prompt, callback=report, offline=offline, device=device, precision=precision, threads=threads
        )
        if not quiet:
            _say_empty(read, kept=place is None)
        if tokens:
            found = _tokens(opened, read)
        elif place is not None:
            read = _write(opened, read, place, report, force=force, quiet=quiet)
        elif stream is not None:
            _stream(opened, read, report, stream)
        else:
            vectors = [vector for some in _encoded(opened, read, report) for vector in some]
    if shows:  # now that no bar is on the terminal
        if tokens:
            _show_tokens(found, opened.dim, json=json)
        else:
            _show(read, vectors, opened.dim, json=json)
    elif not quiet:
        where = "standard output" if out is None else plain(out)
        seconds = duration(time.monotonic() - began)
        say(f"{where}: {len(read):,} vector{'s' * (len(read) != 1)}, {opened.dim} dimensions, {seconds}")


def _place(out: str | None, *, json: bool, tokens: bool, force: bool) -> Path | None:
    """Where vectors go, looked at before the work."""
    if out is None:
        return None
    for option, given in (("--json", json), ("--tokens", tokens)):
        if given:
            raise typer.BadParameter(f"{option} prints, and -o writes: give one of them", param_hint=f"'{option}'")

    from jari.embedding import formats
    from jari.embedding.formats.registry import by_name

    said = by_name(out)
    if said is None or not said.writes:
        endings = ", ".join(each.extensions[0] for each in formats.FORMATS.values() if each.writes)
        raise typer.BadParameter(f"{out!r} must end in one of {endings}", param_hint="'-o'")
    return vacant(out, force=force)


def _given(texts: Sequence[str], lines: Sequence[str] | None, column: str | None) -> list[str]:
    """The texts of the command line."""
    for option, given in (("--lines", lines), ("--column", column)):
        if given:
            raise typer.BadParameter(f"there are texts on the command line too: {texts[0]!r:.40}", param_hint=option)
    for text in texts:
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise typer.BadParameter(f"'{plain(text):.60}' is not UTF-8", param_hint="TEXT")
    return list(texts)


def _lines(lines: Sequence[str] | None, column: str | None, errors: str) -> list[str]:
    """The lines of files, or of standard input."""
    from jari.ingest.lines import lines_of

    if not lines and sys.stdin.isatty():
        raise typer.BadParameter("give a text, --lines FILE, or lines on standard input (< FILE)", param_hint="TEXT")
    if not lines and column is not None:
        raise typer.BadParameter("names a column of a table: give the table with --lines", param_hint="--column")
    found = list(lines_of(lines or "-", column=column, errors=errors))
    if not found:
        raise BadInput(f"There is no line in {', '.join(map(plain, lines)) if lines else 'standard input'}.")
    return found


def _say_empty(texts: Sequence[str], *, kept: bool) -> None:
    empty = sum(not text for text in texts)
    if empty:
        happened = "kept, a vector each" if kept else "left out"
        say(f"{empty:,} of {len(texts):,} texts {'is' if empty == 1 else 'are'} empty: {happened}")


def _encoded(model: TextModel, texts: Sequence[str], report: Callback) -> Iterator[Matrix]:
    """Vectors, some at a time, while one progress runs through all of them."""
    for start in range(0, len(texts), _AT_ONCE):
        part = texts[start : start + _AT_ONCE]

        def told(progress: Progress, start: int = start, size: int = len(part)) -> None:
            whole = progress.total == size
            report(replace(progress, done=progress.done + start, total=len(texts)) if whole else progress)

        yield model.encode(part, told)


def _stream(model: TextModel, texts: Sequence[str], report: Callback, out: BinaryIO) -> None:
    """Write a matrix in NumPy's format."""
    import numpy as np

    header = {"descr": "<f4", "fortran_order": False, "shape": (len(texts), model.dim)}
    np.lib.format.write_array_header_1_0(cast(Any, out), header)
    for vectors in _encoded(model, texts, report):
        out.write(np.ascontiguousarray(vectors, dtype="<f4").tobytes())
    out.flush()


def _write(
    model: TextModel, texts: Sequence[str], place: Path, report: Callback, *, force: bool, quiet: bool
) -> list[str]:
    """Write an embedding whose keys are the texts, but for empty ones, which nobody could ask for; gives the keys."""
    import numpy as np

    from jari.embedding import Embedding, formats

    said = [text for text in texts if text]
    if not said:
        raise BadInput("All texts are empty: there is nothing to name a vector by.")
    keys = list(dict.fromkeys(said))
    if len(keys) < len(said) and not quiet:
        say(f"{len(said) - len(keys):,} of {len(texts):,} texts were there before: each is kept once")
    vectors = np.concatenate(list(_encoded(model, keys, report)))
    metadata = {"learner": "TextEncoder" if model.deep else "Pooling", "encoder": dict(model.description)}
    with misuse("-o"):
        formats.write(Embedding(keys, vectors, metadata=metadata), place, force=force)
    return keys


def _tokens(model: TextModel, texts: Sequence[str]) -> list[TokenVectors]:
    if model.deep is None:
        raise typer.BadParameter(
            "of an embedding of words, a word has one vector wherever it stands: `jari embed WORD` shows it",
            param_hint="'--tokens'",
        )
    return [model.deep.encode_tokens(text) for text in texts]


def _show(texts: Sequence[str], vectors: Sequence[Vector], dim: int, *, json: bool) -> None:
    from jari.cli.tables import empty

    if json:
        for text, vector in zip(texts, vectors, strict=True):
            show_json({"text": text, "vector": _numbers(vector)})
        return
    table = empty(("text", "left"), ("norm", "right"), (_header(dim), "left"))
    for text, vector in zip(texts, vectors, strict=True):
        table.add_row(_cut(text), *_facts(vector))
    show(table)


def _show_tokens(texts: Sequence[TokenVectors], dim: int, *, json: bool) -> None:
    """Each token of each text: what it is, where, and its vector."""
    from jari.cli.tables import empty, titled

    for number, found in enumerate(texts):
        rows = list(zip(found.tokens, found.spans, found.vectors, strict=True))
        if json:
            for token, span, vector in rows:
                show_json({"text": found.text, "token": token, "span": list(span), "vector": _numbers(vector)})
            continue
        table = empty(("token", "left"), ("at", "right"), ("norm", "right"), (_header(dim), "left"))
        for token, (start, stop), vector in rows:
            table.add_row(plain(token), f"{start}–{stop}", *_facts(vector))
        show(*[""] * bool(number), titled(_cut(found.text), table))


def _numbers(vector: Vector) -> list[float]:
    """In as few digits as give the same float32 again."""
    return [float(str(value)) for value in vector]


def _facts(vector: Vector) -> tuple[str, str]:
    norm = float((vector.astype(float) ** 2).sum() ** 0.5)
    return f"{norm:.4f}", " ".join(f"{value:>7.4f}" for value in vector[:_SHOWN]) + (" …" * (len(vector) > _SHOWN))


def _header(dim: int) -> str:
    return f"the first {_SHOWN} of {dim} numbers" if dim > _SHOWN else "vector"


def _cut(text: str) -> str:
    said = plain(text)
    return said if len(said) <= _WIDTH else said[: _WIDTH - 1] + "…"
