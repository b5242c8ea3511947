"""Columns of categories → numbers: ids, one-hot and multi-hot rows, and back to names."""

from jari.ingest.categories.encoder import CategoryEncoder
from jari.ingest.categories.labels import LabelCategories
from jari.ingest.categories.multihot import MultiHotCategories
from jari.ingest.categories.names import MISSING, UNKNOWN
from jari.ingest.categories.onehot import OneHotCategories
from jari.ingest.categories.ordinal import OrdinalCategories

__all__ = [
    "MISSING",
    "UNKNOWN",
    "CategoryEncoder",
    "LabelCategories",
    "MultiHotCategories",
    "OneHotCategories",
    "OrdinalCategories",
]
