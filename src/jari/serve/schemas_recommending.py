"""What is asked of a recommender, and answered."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from jari.serve.settings import MOST_K


class RecommendIn(BaseModel):
    """Who asks: a user who was learnt, or what somebody new chose."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=500, description="Of the recommender; not needed where there is one.")
    user: str | None = Field(None, max_length=10_000, description="One of the users who were learnt.")
    items: list[Annotated[str, Field(max_length=10_000)]] | None = Field(
        None, min_length=1, max_length=1000, description="What somebody new chose, by id or by title."
    )
    k: int = Field(10, ge=1, le=MOST_K)
    exclude_seen: bool = Field(True, description="Leave out what they have.")
    explain: bool = Field(True, description="Say which past choices raise each score most.")


class ScoredOut(BaseModel):
    """An item and a number."""

    item: str
    title: str
    score: float


class RecommendationOut(ScoredOut):
    """An item that they are likely to choose, and why."""

    because: list[ScoredOut] = Field(description="Past choices, with by how much each raises the score.")


class ChosenOut(BaseModel):
    """An item."""

    item: str
    title: str


class RecommendOut(BaseModel):
    """The likeliest first."""

    recommendations: list[RecommendationOut]
    user: str | None
    items: list[ChosenOut] = Field(description="What was understood of the items that were given.")


class TitleOut(BaseModel):
    """An item that may be meant."""

    item: str
    title: str = Field(description="Where several items have one title, their ids stand behind it.")
    count: int = Field(description="How many have chosen it.")


class TitlesOut(BaseModel):
    """Suggestions."""

    items: list[TitleOut]


class UsersOut(BaseModel):
    """Suggestions."""

    users: list[str]
