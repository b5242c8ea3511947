"""`MapState`: how far a map is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from jari.explore.maps.drawing import DrawnMap
    from jari.explore.maps.folder import Wanted

Stand: TypeAlias = Literal["waiting", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class MapState:
    """How far a map is, for its reader.

    Parameters
    ----------
    map
        Its id.
    state
        ``"waiting"``, ``"running"``, ``"done"``, ``"failed"`` or ``"cancelled"``.
    points, dim, method, seed, axes
        As asked for.
    stage, done, total
        What is being done; `total` is None where it cannot be known.
    fitted
        How many points the method saw; 0 before that is known.
    explained, notes
        As of `DrawnMap`, once it is done.
    error
        ``{"type": "failed", "message": "…"}`` where it failed; else None.
    """

    map: str
    state: Stand
    points: int
    dim: int
    method: str
    seed: int
    axes: tuple[tuple[str, str], ...] | None = None
    stage: str = ""
    done: int = 0
    total: int | None = None
    fitted: int = 0
    explained: tuple[float, ...] | None = None
    notes: tuple[str, ...] = ()
    error: Mapping[str, str] | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed", "cancelled")

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)


def done_state(map_id: str, drawn: DrawnMap) -> MapState:
    """Of a map that is there."""
    request, points = drawn.request, len(drawn)
    return MapState(
        map_id,
        "done",
        points,
        drawn.dim,
        request.method,
        request.seed,
        request.axes,
        done=points,
        total=points,
        fitted=drawn.fitted,
        explained=drawn.explained,
        notes=drawn.notes,
    )


def going_state(
    map_id: str, wanted: Wanted, stand: Stand, told: Mapping[str, Any], error: Mapping[str, str] | None = None
) -> MapState:
    """Of a map that is not there: what is wanted, and what whoever draws it has told."""
    request = wanted.request
    state = MapState(map_id, stand, wanted.points, request.dimensions, request.method, request.seed, request.axes)
    if stand == "running":
        done, total = told.get("done", 0), told.get("total")
        return replace(state, stage=str(told.get("stage", "starting")), done=done, total=total)
    return replace(state, error=error if stand == "failed" else None)
