"""What is answered about maps."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, Field

_Ends: TypeAlias = Annotated[list[str], Field(min_length=2, max_length=2)]


class MapErrorOut(BaseModel):
    """Why there is no map."""

    type: str
    message: str


class MapStateOut(BaseModel):
    """How far a map is."""

    map: str = Field(description="Its id.", examples=["0123456789abcdef0123"])
    name: str = Field(description="Of the embedding.")
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    stage: str = Field(description="What is being done.")
    done: int
    total: int | None = Field(description="None where it cannot be known.")
    points: int
    dim: int
    method: Literal["pca", "tsne", "umap", "poles"]
    seed: int
    fitted: int = Field(description="How many points the method saw; the others were placed among them.")
    explained: list[float] | None = Field(description="The share of the variance that each axis keeps, for PCA.")
    axes: list[_Ends] | None = Field(description="The names of both ends of each axis, for poles.")
    notes: list[str]
    error: MapErrorOut | None


class LabelsOut(BaseModel):
    """The keys of the first points."""

    keys: list[str]


class FoundOut(BaseModel):
    """Which points keys are; None for those that are not on the map."""

    points: list[int | None]


class ClustersOut(BaseModel):
    """Points that belong together, the largest cluster first."""

    count: int
    names: list[list[str]] = Field(description="Up to three keys of each that say what it is about.")
    sizes: list[int]
    centres: list[list[float]]


class ContourOut(BaseModel):
    """Lines of one density."""

    level: float = Field(description="As a share of the greatest density.")
    rings: list[list[float]] = Field(description="Closed lines: x0, y0, x1, y1, …")


class DensityOut(BaseModel):
    """Where the points are many."""

    contours: list[ContourOut]


class SelectionOut(BaseModel):
    """The points that were chosen."""

    count: int = Field(description="How many there are.")
    keys: list[str] = Field(description="Of the first of them.")
    counts: list[int] | None
