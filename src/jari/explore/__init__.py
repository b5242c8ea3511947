"""To look at an embedding: projections, and maps drawn of them."""

from jari.embedding.projection import Projection, project
from jari.explore.draw import Drawing, draw

__all__ = ["Drawing", "Projection", "draw", "project"]
