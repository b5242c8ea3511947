"""Searching: documents of a collection, by meaning and by words."""

from __future__ import annotations

from fastapi import APIRouter

from jari.search.collection import Collection
from jari.search.finding import best_of_each, words_to_mark
from jari.search.records import Hit
from jari.search.snippets import snippet
from jari.serve.dependencies import DeskOf
from jari.serve.schemas import errors
from jari.serve.schemas_searching import HitOut, SearchIn, SearchOut, SnippetOut

router = APIRouter(tags=["search"])


@router.post("/api/search", summary="Documents by meaning and by words", responses=errors(404, 410, 501))
def search(asked: SearchIn, desk: DeskOf) -> SearchOut:
    """The best documents, each with the passage that fits best and the words of the query marked in it."""
    library = desk.shelf.collection(asked.name).collection  # stores may be asked by several threads
    find = library.search if asked.passages else lambda *given: best_of_each(library, *given)
    hits = find(asked.query, asked.k, asked.where or None, asked.mode)
    words = words_to_mark(asked.query)
    return SearchOut(
        mode=asked.mode,
        hits=[_out(hit, words, asked.characters) for hit in hits],
        note=None if hits else _why_none(library, asked),
    )


def _out(hit: Hit, words: list[str], characters: int) -> HitOut:
    shown = snippet(hit.text, words)
    title = hit.metadata.get("title")
    return HitOut(
        id=hit.id,
        source=hit.source,
        score=hit.score,
        text=hit.text[:characters],
        cut=len(hit.text) > characters,
        snippet=SnippetOut(text=shown.text, found=[list(place) for place in shown.found]),
        title=None if title is None else str(title),
        metadata=dict(hit.metadata),
    )


def _why_none(library: Collection, asked: SearchIn) -> str:
    if not len(library):
        return "The collection is empty."
    if asked.where:
        return f"No document meets {asked.where!r} and has to do with the query."
    hybrid = "" if asked.mode == "hybrid" else " Mode 'hybrid' finds more."
    return f"Nothing was found.{hybrid}"
