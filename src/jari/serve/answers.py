"""Answers as JSON: what was understood, and what is near."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
from starlette.responses import Response

from jari.embedding.expression import Term
from jari.errors import BadInput, UnknownKey
from jari.explore.asking import Question
from jari.serve.batching import Found
from jari.serve.failures import Failure
from jari.serve.items import EmbeddingItem
from jari.types import Metric

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_UNREADABLE = "The expression cannot be read: "


def json_response(said: Any, status: int = 200) -> Response:
    """JSON without another look at what is in it: pydantic's would cost as much again as the rest of an answer."""
    body = _JSON.encode(said).encode("utf-8", "replace")
    return Response(body, status, media_type="application/json")


def answer(item: EmbeddingItem, query: dict[str, Any], metric: Metric, found: Found, *, k: int | None = None) -> Any:
    """One answer, to be made JSON of."""
    counts = item.embedding.vocabulary.counts
    near = [
        {
            "key": key,
            "row": row,
            "score": float(f"{score:.8g}"),  # the shortest that says all of a float32, or nearly
            "count": None if counts is None else int(counts[row]),
        }
        for key, row, score in zip(found.keys, found.rows, found.scores, strict=True)
        if row >= 0
    ]
    return {"name": item.name, "query": query, "metric": metric, "neighbours": near[:k]}


def asked_key(key: str) -> dict[str, Any]:
    """The question for a key."""
    return {"kind": "key", "text": key, "terms": [{"key": key, "weight": 1.0}], "unknown": []}


def asked_vector() -> dict[str, Any]:
    """The question for a vector."""
    return {"kind": "vector", "text": "", "terms": [], "unknown": []}


def asked(question: Question) -> dict[str, Any]:
    """The question as it was read."""
    return {
        "kind": question.kind,
        "text": question.text,
        "terms": [{"key": term.key, "weight": term.weight} for term in question.terms],
        "unknown": list(question.unknown),
    }


def unknown_key(item: EmbeddingItem, key: str, *, param: str = "key") -> Failure:
    """The error for a key that an embedding does not hold, with what may have been meant."""
    vocabulary = item.embedding.vocabulary
    message = str(vocabulary.unknown(key)).partition(" Pass unknown=")[0]
    return Failure("unknown_key", message, param=param, suggestions=vocabulary.nearest_spellings(key))


def unknown_term(item: EmbeddingItem, terms: Iterable[Term], error: UnknownKey, *, param: str) -> Failure:
    """The error for the first term of an expression that is not known."""
    for term in terms:
        if term.key not in item.embedding:
            return unknown_key(item, term.key, param=param)
    return Failure("unknown_key", str(error), param=param)


def malformed(error: BadInput, text: str, *, param: str) -> Failure:
    """The error for an expression that cannot be read, with the place; of other bad input, that."""
    message = str(error)
    if not message.startswith(_UNREADABLE):
        return Failure("malformed_expression" if not text.strip() else "bad_input", message, param=param, position=0)
    said, *_, caret = message.split("\n")
    return Failure("malformed_expression", said, param=param, position=_character_at(text, len(caret) - 3))


def without_inputs(found: Found, terms: Iterable[Term]) -> Found:
    """Less the words of a text, which are nearest to themselves."""
    words = {term.key for term in terms}
    kept = [each for each in zip(found.keys, found.rows, found.scores, strict=True) if each[0] not in words]
    return Found([key for key, _, _ in kept], [row for _, row, _ in kept], [score for _, _, score in kept])


def _character_at(text: str, column: int) -> int:
    """Which character stands at a column of a terminal, where Hangul takes two."""
    from jari.embedding.expression import _columns

    ends = np.cumsum([0, *map(_columns, text)])
    return int(np.searchsorted(ends, column))
