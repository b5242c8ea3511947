"""`MapState`: how far a map is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

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
