"""Conditions, as filters of Qdrant."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from jari.errors import BadInput
from jari.extras import require
from jari.search.stores.holdable import as_float, sayable
from jari.search.where import Condition, Operator

_COMPARE: Final[dict[Operator, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Filters:
    """Make filters; `key` says where a field is in a payload, `values` which different texts there are at a key."""

    def __init__(self, key: Callable[[str], str], values: Callable[[str], set[str]]) -> None:
        self._models = require("qdrant_client.models", extra="qdrant")
        self._key, self._values = key, values

    def all_of(self, where: Sequence[Condition]) -> Any:
        """A filter for records that meet all conditions; None for none."""
        return self._models.Filter(must=[self._one(condition) for condition in where]) if where else None

    def _one(self, condition: Condition) -> Any:
        key = self._key(condition.field)
        if condition.type == "number":
            return self._number(key, condition)
        if condition.type == "boolean":
            return self._among(key, [value for value in (False, True) if _meets(value, condition)])
        for value in condition.values:
            if not sayable(str(value), nul=True):
                raise BadInput(f"The condition on {condition.field!r} holds half of a surrogate pair. Take it out.")
        if condition.operator in ("=", "in"):
            return self._among(key, list(condition.values))
        # Qdrant orders numbers and times, but no texts: so those that are there are compared here.
        return self._among(key, [value for value in self._values(key) if _meets(value, condition)])

    def _number(self, key: str, condition: Condition) -> Any:
        values = [as_float(cast(float, value)) for value in condition.values]
        if not all(map(math.isfinite, values)):
            raise BadInput(f"The condition on {condition.field!r} needs a number that float64 holds: one below 1e308.")
        at_least_one: dict[str, Callable[[float], list[dict[str, float]]]] = {
            "=": lambda x: [{"gte": x, "lte": x}],
            "in": lambda x: [{"gte": x, "lte": x}],
            "!=": lambda x: [{"lt": x}, {"gt": x}],
            "<": lambda x: [{"lt": x}],
            "<=": lambda x: [{"lte": x}],
            ">": lambda x: [{"gt": x}],
            ">=": lambda x: [{"gte": x}],
        }
        ranges = [bounds for value in values for bounds in at_least_one[condition.operator](value)]
        models = self._models
        return self._any_of([models.FieldCondition(key=key, range=models.Range(**bounds)) for bounds in ranges])

    def _among(self, key: str, values: Sequence[Any]) -> Any:
        models = self._models
        if all(isinstance(value, str) for value in values) and len(values) > 1:
            return models.FieldCondition(key=key, match=models.MatchAny(any=list(values)))
        return self._any_of([models.FieldCondition(key=key, match=models.MatchValue(value=value)) for value in values])

    def _any_of(self, conditions: list[Any]) -> Any:
        # An empty `should` asks for nothing; no point has one of no ids.
        return self._models.Filter(should=conditions) if conditions else self._models.HasIdCondition(has_id=[])


def _meets(value: Any, condition: Condition) -> bool:
    if condition.operator == "in":
        return value in condition.values
    return _COMPARE[condition.operator](value, condition.values[0])
