"""Many dimensions brought down to one, two or three: one way a file."""

from jari.embedding.flattening.arranging import Arranged, arranged, most_points
from jari.embedding.flattening.nearest import Near, nearest
from jari.embedding.flattening.principal import principal
from jari.embedding.flattening.rows import VectorRows

__all__ = ["Arranged", "Near", "VectorRows", "arranged", "most_points", "nearest", "principal"]
