"""To look at an embedding: projections, and maps drawn of them."""

from jari.explore.draw import Drawing, draw
from jari.explore.projection import Projection, project

__all__ = ["Drawing", "Projection", "draw", "project"]
