"""`Parameters`: a query string read by hand, with the same rules and the same words as where FastAPI reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jari.embedding.metrics import METRICS
from jari.serve.failures import Failure
from jari.serve.settings import MOST_K
from jari.types import Metric

_YES: Final = frozenset({"true", "1", "yes", "on", "t", "y"})
_NO: Final = frozenset({"false", "0", "no", "off", "f", "n"})
_LONGEST: Final = 10_000


class Parameters:
    """What was asked in an address.

    Parameters
    ----------
    given
        Names and values.
    """

    __slots__ = ("_given",)

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given

    def text(self, name: str) -> str:
        """A text that must be there."""
        value = self._given.get(name)
        if value is None:
            raise Failure("bad_input", f"{name} is missing.", param=name)
        if len(value) > _LONGEST:
            raise Failure("bad_input", f"{name} has more than {_LONGEST} characters.", param=name)
        return value

    def name(self) -> str | None:
        """Which thing is meant, if it was said."""
        return self._given.get("name")

    def k(self) -> int:
        """How many, 10 if it was not said."""
        value = self._given.get("k")
        if value is None:
            return 10
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 12 else 0
        if not 1 <= number <= MOST_K:
            raise Failure("bad_input", f"k={value[:40]!r} must be a whole number from 1 to {MOST_K}.", param="k")
        return number

    def metric(self) -> Metric:
        """How nearness is measured."""
        value = self._given.get("metric", "cosine")
        for metric in METRICS:
            if value == metric:
                return metric
        choices = " or ".join(map(repr, METRICS))
        raise Failure("bad_input", f"metric={value[:40]!r}: choose {choices}.", param="metric")

    def flag(self, name: str) -> bool:
        """Yes or no, no if it was not said."""
        value = self._given.get(name)
        if value is None:
            return False
        said = value.lower()
        if said not in _YES and said not in _NO:
            raise Failure("bad_input", f"{name}={value[:40]!r} must be true or false.", param=name)
        return said in _YES
