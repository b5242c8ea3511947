"""What is answered about two embeddings."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, Field

_Place: TypeAlias = Annotated[list[float], Field(min_length=2, max_length=2)]


class OverlapOut(BaseModel):
    """How alike the lists of neighbours are: the Jaccard index of each key, 0 none and 1 all."""

    mean: float
    low: float = Field(description="Of the 95 % interval of the mean.")
    high: float
    histogram: list[int] = Field(description="How many keys lie in each eleventh from 0 to 1.")


class AlignmentOut(BaseModel):
    """How well one space turns onto the other."""

    cosine: float = Field(description="The mean, of the keys that were compared.")
    error: float = Field(description="The share of the squared lengths that is left: 0 is a perfect fit.")


class ChangeOut(BaseModel):
    """One key."""

    key: str
    jaccard: float
    cosine: float
    count: int | None


class ComparisonOut(BaseModel):
    """Two embeddings."""

    a: str
    b: str
    shared: int
    only_a: int
    only_b: int
    k: int
    compared: int = Field(description="How many of the shared keys were compared, the most frequent first.")
    overlap: OverlapOut
    alignment: AlignmentOut
    changed: list[ChangeOut] = Field(description="The keys with the least overlap first.")
    steady: list[ChangeOut] = Field(description="The keys with the greatest overlap first.")
    notes: list[str]


class NearOut(BaseModel):
    """A neighbour."""

    key: str
    row: int
    score: float
    count: int | None


class KeyComparisonOut(BaseModel):
    """One key in both embeddings."""

    key: str
    jaccard: float
    cosine: float
    a: list[NearOut] = Field(description="Its neighbours in the first, among the keys that both have.")
    b: list[NearOut]
    both: list[str] = Field(description="Keys in both lists, in the order of the first.")


class LinkedMapOut(BaseModel):
    """The same keys on two planes that lie upon one another."""

    keys: list[str]
    a: list[_Place]
    b: list[_Place]
    jaccard: list[float | None] = Field(description="None for a key beyond those that were compared.")
