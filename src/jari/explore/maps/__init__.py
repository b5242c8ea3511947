"""Maps of many points: drawn in a process of their own, kept, and coloured."""

from jari.explore.maps.clusters import Clusters, clusters_of
from jari.explore.maps.density import Contour, density_of
from jari.explore.maps.desk import MapDesk
from jari.explore.maps.drawing import DrawnMap, draw_map
from jari.explore.maps.request import MapRequest
from jari.explore.maps.state import MapState

__all__ = [
    "Clusters",
    "Contour",
    "DrawnMap",
    "MapDesk",
    "MapRequest",
    "MapState",
    "clusters_of",
    "density_of",
    "draw_map",
]
