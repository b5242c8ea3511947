"""Comparing: two embeddings side by side."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Depends, Query

from jari.embedding import Embedding, Neighbours
from jari.explore.comparing import Comparison, compare
from jari.serve.dependencies import DeskOf
from jari.serve.failures import Failure
from jari.serve.items import EmbeddingItem
from jari.serve.kept import Kept
from jari.serve.schemas import errors
from jari.serve.schemas_comparing import (
    AlignmentOut,
    ChangeOut,
    ComparisonOut,
    KeyComparisonOut,
    LinkedMapOut,
    NearOut,
    OverlapOut,
)

router = APIRouter(tags=["compare"])

# Of two embeddings of 1,000,000 keys × 100, comparing 20,000 keys takes a minute of two cores.
_MOST_COMPARED, _MOST_K, _MOST_SHOWN, _MOST_DRAWN, _KEPT = 20_000, 100, 1000, 10_000, 4

_USUAL_K, _USUAL_TOP = 10, 10_000

_Side: TypeAlias = Annotated[str, Query(max_length=500, description="The name of an embedding.")]
_K: TypeAlias = Annotated[int, Query(ge=1, le=_MOST_K, description=f"Neighbours of each key, 1 to {_MOST_K}.")]
_Top: TypeAlias = Annotated[
    int,
    Query(ge=1, le=_MOST_COMPARED, description=f"How many of the shared keys are compared, 1 to {_MOST_COMPARED}."),
]

_ERRORS = errors(404)

_comparisons = Kept[Comparison](_KEPT)


def _pair(desk: DeskOf, a: _Side, b: _Side) -> tuple[EmbeddingItem, EmbeddingItem]:
    first, second = desk.shelf.embedding(a), desk.shelf.embedding(b)
    if first is second:
        raise Failure("bad_input", f"a and b are both {a!r}: compare two embeddings.", param="b")
    return first, second


_Pair: TypeAlias = Annotated[tuple[EmbeddingItem, EmbeddingItem], Depends(_pair)]


def _compared(pair: tuple[EmbeddingItem, EmbeddingItem], k: int, top: int) -> Comparison:
    a, b = pair
    asked = (a, b, k, top)  # the things themselves: what was put in their place on the shelf is another
    return _comparisons(asked, lambda: compare(a.embedding, b.embedding, k=k, top=top))


def _at_hand(pair: tuple[EmbeddingItem, EmbeddingItem]) -> Comparison:
    """The comparison that was asked for last, whatever it was asked with; else one."""
    found = _comparisons.latest(lambda asked: asked[:2] == pair)
    return _compared(pair, _USUAL_K, _USUAL_TOP) if found is None else found


@router.get("/api/compare", summary="Two embeddings side by side", responses=_ERRORS)
def comparison(
    pair: _Pair,
    k: _K = _USUAL_K,
    top: _Top = _USUAL_TOP,
    show: Annotated[int, Query(ge=0, le=_MOST_SHOWN, description="How many keys of each end to show.")] = 50,
) -> ComparisonOut:
    """How far two embeddings agree on who is near whom, and the keys in which they differ most.

    Of each key, the Jaccard index of its k nearest keys here and there, among the keys that both have. Takes seconds
    for large embeddings; asked again, it is there at once.
    """
    found = _compared(pair, k, top)
    return ComparisonOut(
        a=pair[0].name,
        b=pair[1].name,
        shared=found.shared,
        only_a=found.only_a,
        only_b=found.only_b,
        k=found.k,
        compared=found.compared,
        overlap=OverlapOut(
            mean=found.overlap.mean,
            low=found.overlap.low,
            high=found.overlap.high,
            histogram=list(found.overlap.histogram),
        ),
        alignment=AlignmentOut(cosine=float(found.cosine.mean()), error=_finite(found.alignment.error)),
        changed=[ChangeOut(**asdict(one)) for one in found.changed(show)],
        steady=[ChangeOut(**asdict(one)) for one in found.steady(show)],
        notes=list(found.notes),
    )


@router.get("/api/compare/key", summary="One key in two embeddings", responses=_ERRORS)
def one_key(
    pair: _Pair,
    key: Annotated[str, Query(max_length=5000, description="A key that both have.")],
    k: _K = _USUAL_K,
) -> KeyComparisonOut:
    """The neighbours of one key in both embeddings, among the keys that both have."""
    found = _at_hand(pair).of_key(key, k)
    return KeyComparisonOut(
        key=found.key,
        jaccard=found.jaccard,
        cosine=found.cosine,
        a=_near(pair[0].embedding, found.a),
        b=_near(pair[1].embedding, found.b),
        both=list(found.both),
    )


@router.get("/api/compare/map", summary="The same keys on two maps", responses=_ERRORS)
def linked_map(
    pair: _Pair,
    points: Annotated[int, Query(alias="top", ge=1, le=_MOST_DRAWN, description="How many keys to draw.")] = 1500,
) -> LinkedMapOut:
    """The most frequent shared keys on the plane of the first embedding, and where the second one puts them.

    Jaccard indices are those of the comparison of both that was asked for last.
    """
    found = _at_hand(pair).linked_map(points)
    return LinkedMapOut(
        keys=list(found.keys),
        a=found.xy_a.tolist(),
        b=found.xy_b.tolist(),
        jaccard=[None if math.isnan(one) else one for one in found.jaccard.tolist()],
    )


def _near(embedding: Embedding, found: Neighbours) -> list[NearOut]:
    counts = embedding.vocabulary.counts
    return [
        NearOut(key=key, row=row, score=score, count=None if counts is None else int(counts[row]))
        for (key, score), row in zip(found, found.rows.tolist(), strict=True)
    ]


def _finite(value: float) -> float:
    return value if math.isfinite(value) else 1.0
