"""The kinds of codes by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from jari.embedding.codes.binary import Signs
from jari.embedding.codes.code import Codes
from jari.embedding.codes.numbers import Bytes, Floats32, Halves
from jari.embedding.codes.product_quantisation import ProductQuantised

CODES: Final[Mapping[str, type[Codes]]] = MappingProxyType(
    {each.name: each for each in (Floats32, Halves, Bytes, Signs, ProductQuantised)}
)
