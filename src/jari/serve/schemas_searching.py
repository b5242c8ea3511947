"""What is asked of a collection, and answered."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from jari.serve.settings import MOST_K

MOST_CHARACTERS = 100_000

_Place: TypeAlias = Annotated[list[int], Field(min_length=2, max_length=2)]


class SearchIn(BaseModel):
    """A search."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=500, description="Of the collection; not needed where there is one.")
    query: str = Field(max_length=10_000, description="A question, or words.")
    k: int = Field(10, ge=1, le=MOST_K)
    where: str | None = Field(
        None, max_length=10_000, description="Conditions on fields: year >= 1999 and lang in (en, ko)."
    )
    mode: Literal["hybrid", "vector", "text"] = Field(
        "hybrid", description="By meaning (vector), by the words as they stand (text), or by both."
    )
    passages: bool = Field(False, description="All passages, not the best of each document.")
    characters: int = Field(
        2000, ge=0, le=MOST_CHARACTERS, description="Where texts are cut; those that are have cut=true."
    )


class SnippetOut(BaseModel):
    """The part of a text that shows why it was found."""

    text: str
    found: list[_Place] = Field(description="Where the words of the query stand in it, in characters.")


class HitOut(BaseModel):
    """One answer."""

    id: str
    source: str = Field(description="The document that it is a passage of.")
    score: float
    text: str
    cut: bool = Field(description="Whether the text goes on: ask for more characters.")
    snippet: SnippetOut
    title: str | None
    metadata: dict[str, str | int | float | bool]


class SearchOut(BaseModel):
    """What was found."""

    mode: str
    hits: list[HitOut]
    note: str | None = Field(description="Why nothing was found.")
