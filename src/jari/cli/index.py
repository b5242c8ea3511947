"""`jari index`: documents into a library that can be searched."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from jari.cli.console import plain, say, show_json
from jari.cli.failure import FAILED, complain, misuse
from jari.cli.options import OUTPUT, TEXT, Force, Json, Quiet
from jari.cli.progress import duration, shown
from jari.cli.skipped import counted, passed_over_line
from jari.cli.warned import warned

if TYPE_CHECKING:
    from jari.ingest.documents import Documents
    from jari.search.collection import Collection
    from jari.search.encoder import Encoder
    from jari.search.indexing import Indexed

EXAMPLES = (
    "jari index docs/ --with wiki.jari -o library",
    "jari index docs/ notes.pdf 'news/*.html' -o library     # again: what changed, and what is gone",
    "jari index articles.csv --text-column body --id-column id --with wiki.jari -o library",
    "jari index docs/ --with sentence-transformers/all-MiniLM-L6-v2 -o library     # a deep encoder, by its name",
    "jari index docs/ --with wiki.jari -o postgresql://localhost/library",
)

_SHOWN = 10  # files that were skipped; --json has them all


def index(
    docs: Annotated[
        list[str],
        typer.Argument(
            metavar="DOCS",
            help="Files, folders and globs: .txt .md .rst .html .pdf, and tables (.csv .tsv .jsonl .parquet), of which "
            "each row is a document; .gz .bz2 .xz .zst too.",
        ),
    ],
    out: Annotated[
        str,
        typer.Option(
            "--out",
            "-o",
            metavar="LIBRARY",
            help="The library to make or to bring up to date: a folder, or an address: postgresql://…, qdrant://HOST/NAME.",
            rich_help_panel=OUTPUT,
        ),
    ],
    with_: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="EMBEDDING",
            help="What makes vectors of texts: a .jari folder of words, or a deep encoder's folder or name. A library "
            "that is there knows its own.",
            rich_help_panel=TEXT,
        ),
    ] = None,
    text_column: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The column of tables that holds the text.", rich_help_panel=TEXT),
    ] = None,
    id_column: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The column that holds the ids; rows are numbered if not given.", rich_help_panel=TEXT
        ),
    ] = None,
    passage_words: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help="Cut documents into passages of so many words at most; 0 leaves them whole. 200 if not given, or as "
            "many as a deep encoder reads.",
            rich_help_panel=TEXT,
        ),
    ] = None,
    overlap: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="N",
            help="How many words at most two such passages share; a fifth if not given.",
            rich_help_panel=TEXT,
        ),
    ] = None,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline", help="Fetch no model: it is on this machine, or it is an error.", rich_help_panel=TEXT
        ),
    ] = False,
    keep_missing: Annotated[
        bool,
        typer.Option(
            "--keep-missing", help="Keep documents whose files or rows are gone from DOCS.", rich_help_panel=OUTPUT
        ),
    ] = False,
    json: Json = False,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Make a library of documents that can be searched, or bring it up to date.

    Only what changed is read into it again. Stopped at any moment, the same command goes on.
    """
    began = time.monotonic()

    from jari.ingest.documents import Documents
    from jari.ingest.passages import PASSAGE_WORDS, check
    from jari.search.indexing import index as indexed

    def cut(longest: int) -> dict[str, int]:
        words = longest if passage_words is None else passage_words
        how = {"passage_words": words, "overlap": words // 5 if overlap is None else overlap}
        with misuse("--overlap"):
            check(how["passage_words"], how["overlap"])
        return how

    cut(PASSAGE_WORDS)  # what is wrong with the numbers is said before a model is opened
    documents = Documents(docs, text_column=text_column, id_column=id_column)
    with (
        warned(quiet=quiet),
        shown(quiet=quiet) as report,
        _library(out, with_, force=force, offline=offline) as library,
    ):
        done = indexed(
            library,
            documents,
            **cut(library.passage_words),
            remove_missing=not keep_missing,
            callback=report,
        )
        passages = len(library)
    seconds = time.monotonic() - began
    if json:
        show_json(_to_dict(out, done, documents, passages, seconds))
    if not quiet:
        _say_skipped(done, documents)
        say(f"{_place(out)}: {_summary(done, passages)}, {duration(seconds)}")
    if any(one.named for one in done.skipped):
        for one in done.skipped:
            if one.named:
                complain(plain(str(one)))
        raise typer.Exit(FAILED)


def _library(place: str, embedding: str | None, *, force: bool, offline: bool) -> Collection:
    """The collection that is there, or a new one."""
    from jari.errors import NoSuchFile
    from jari.search.collection import Collection
    from jari.search.encoder import encoder_of

    encoder: Encoder | None = None if embedding is None else encoder_of(embedding, offline=offline)
    try:
        library = Collection.open(place, None if force else encoder)
    except NoSuchFile:
        if encoder is None:
            raise typer.BadParameter(
                f"there is no library at {_place(place)} yet: name the embedding that is to make its vectors",
                param_hint="'--with'",
            ) from None
        return Collection.create(place, encoder)
    if not force:
        return library
    with library:
        remade = encoder or library.encoder
    return Collection.create(place, remade, force=True)


def _place(place: str) -> str:
    from jari.search.places import shown

    return plain(shown(place))


def _summary(done: Indexed, passages: int) -> str:
    happened = {"new": done.new, "changed": done.changed, "unchanged": done.unchanged, "removed": done.removed}
    said = ", ".join(f"{number:,} {what}" for what, number in happened.items() if number) or "nothing read"
    return f"{counted(done.total, 'document')}, {counted(passages, 'passage')} ({said})"


def _say_skipped(done: Indexed, documents: Documents) -> None:
    """What is in no passage, and what is that nobody may find."""
    unnamed = [one for one in done.skipped if not one.named]
    for one in unnamed[:_SHOWN]:
        others = f" and {one.count - 1:,} others" if one.count > 1 and not one.reason[:1].isdigit() else ""
        say(f"skipped {plain(one.path)}{others}: {plain(one.reason)}")
    if len(unnamed) > _SHOWN:
        say(f"skipped {len(unnamed) - _SHOWN:,} more; --json names them")
    if done.left_out:
        columns = ", ".join(f"{plain(name)} ({number:,})" for name, number in done.left_out.items())
        say(
            f"left out of the fields, as they are no text, number or boolean, or not as others of the column: {columns}"
        )
    if over := passed_over_line(documents.passed_over):
        say(over)
    if done.empty:
        say(f"{counted(done.empty, 'document')} without a text: kept, found by their fields only")
    if done.unknown:
        say(f"{counted(done.unknown, 'passage')} without a word that the embedding knows: found by full text only")


def _to_dict(out: str, done: Indexed, documents: Documents, passages: int, seconds: float) -> dict[str, object]:
    from dataclasses import asdict

    said = asdict(done)
    return {
        "library": _place(out),
        "documents": said.pop("total"),
        "passages": passages,
        "written": said.pop("passages"),
        **said,
        "passed_over": dict(+documents.passed_over),
        "seconds": round(seconds, 3),
    }
