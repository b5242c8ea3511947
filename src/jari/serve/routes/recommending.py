"""Recommending: what somebody is likeliest to choose next, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, TypeAlias, cast

from fastapi import APIRouter, Query

from jari.embedding import Vocabulary
from jari.errors import UnknownKey
from jari.explore.recommending import REASONS, choices_of, recommendations
from jari.explore.suggesting import Suggester
from jari.serve.dependencies import DeskOf, K, RecommenderOf
from jari.serve.failures import Failure
from jari.serve.items import RecommenderItem
from jari.serve.kept import Kept
from jari.serve.schemas import errors
from jari.serve.schemas_recommending import (
    ChosenOut,
    RecommendationOut,
    RecommendIn,
    RecommendOut,
    TitleOut,
    TitlesOut,
    UsersOut,
)
from jari.types import Counts

router = APIRouter(tags=["recommend"])

_suggesters = Kept[Suggester](8)  # titles or users of the recommenders asked last

_Typed: TypeAlias = Annotated[str, Query(max_length=500, description="What was typed so far.")]


@router.post("/api/recommend", summary="What somebody is likeliest to choose next", responses=errors(404))
def recommend(asked: RecommendIn, desk: DeskOf) -> RecommendOut:
    """What a user, or somebody who chose some items, is likeliest to choose next, with reasons."""
    item = desk.shelf.recommender(asked.name)
    if (asked.user is None) == (asked.items is None):
        raise Failure(
            "bad_input", "Give either user, one who was learnt, or items, what somebody new chose.", param="user"
        )
    chosen = None if asked.items is None else [_row(item, said) for said in asked.items]
    try:
        found = recommendations(
            item.recommender,
            item.titles,
            user=asked.user,
            chosen=chosen,
            k=asked.k,
            exclude_seen=asked.exclude_seen,
            reasons=REASONS if asked.explain else 0,
        )
    except UnknownKey as error:
        alike = item.recommender.interactions_.users.nearest_spellings(asked.user or "")
        raise Failure("unknown_key", str(error), param="user", suggestions=alike) from error
    keys = item.recommender.item_embedding_.keys
    return RecommendOut(
        recommendations=[RecommendationOut(**asdict(one)) for one in found],
        user=asked.user,
        items=[ChosenOut(item=keys[row], title=item.titles[row]) for row in dict.fromkeys(chosen or ())],
    )


@router.get("/api/titles", summary="Titles that begin as was typed", responses=errors(404))
def titles(item: RecommenderOf, q: _Typed = "", k: K = 8) -> TitlesOut:
    """Items whose titles begin as was typed, then those that hold it; the most chosen first."""
    made = _suggesters((item, "titles"), lambda: Suggester(Vocabulary(item.titles.names, choices_of(item.recommender))))
    keys, names = item.recommender.item_embedding_.keys, made.vocabulary
    counts = cast(Counts, names.counts)
    return TitlesOut(
        items=[TitleOut(item=keys[row], title=names.keys[row], count=int(counts[row])) for row in made.suggest(q, k)]
    )


@router.get("/api/users", summary="Users whose names begin as was typed", responses=errors(404))
def users(item: RecommenderOf, q: _Typed = "", k: K = 8) -> UsersOut:
    """Users whose names begin as was typed, then those that hold it; who chose most first."""
    known = item.recommender.interactions_.users
    suggester = _suggesters((item, "users"), lambda: Suggester(known))
    return UsersOut(users=[known.keys[row] for row in suggester.suggest(q, k)])


def _row(item: RecommenderItem, said: str) -> int:
    try:
        return item.titles.row(said)
    except UnknownKey as error:
        raise Failure("unknown_key", str(error), param="items", suggestions=item.titles.alike(said)) from error
