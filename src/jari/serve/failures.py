"""What goes wrong, as an answer: one JSON shape for every error, which the clients of OpenAI read too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from jari.errors import BadInput, ExtraMissing, JariError, NoSuchFile, ServerDown, UnknownKey

STATUS: Final[Mapping[str, int]] = {
    "bad_input": 422,
    "malformed_expression": 422,
    "unauthorized": 401,
    "read_only": 403,
    "unknown_key": 404,
    "unknown_name": 404,
    "not_found": 404,
    "method_not_allowed": 405,
    "too_slow": 408,
    "gone": 410,
    "too_large": 413,
    "wrong_host": 421,
    "failed": 500,
    "extra_missing": 501,
    "busy": 503,
    "timeout": 504,
}
_OF_ERRORS: Final = (
    (UnknownKey, "unknown_key"),
    (ExtraMissing, "extra_missing"),
    (BadInput, "bad_input"),
    (NoSuchFile, "gone"),
    (ServerDown, "busy"),
)
_FOR_PYTHON: Final = ' Pass unknown="skip" to leave such keys out.'


class Failure(Exception):
    """An error answer, to be raised by a route.

    Parameters
    ----------
    type
        One of `STATUS`.
    message
        A sentence: what is wrong with which value, the rule, the remedy.
    param
        Which parameter or field is meant.
    suggestions
        What may have been meant instead.
    position
        The character of an expression at which it cannot be read.
    headers
        Besides those of every answer.
    """

    def __init__(
        self,
        type: str,
        message: str,
        *,
        param: str | None = None,
        suggestions: Sequence[str] = (),
        position: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.type, self.message, self.param = type, message, param
        self.suggestions, self.position, self.headers = list(suggestions), position, dict(headers or {})

    @property
    def status(self) -> int:
        """The HTTP status."""
        return STATUS[self.type]

    def body(self) -> bytes:
        """The answer's JSON."""
        error = {
            "type": self.type,
            "message": _sayable(self.message),
            "param": self.param,
            "code": self.type,
            "suggestions": self.suggestions,
            "position": self.position,
        }
        return json.dumps({"error": error}, ensure_ascii=False).encode("utf-8", "replace")

    def response(self) -> Response:
        """The answer."""
        return Response(self.body(), self.status, self.headers, "application/json")


def failure_of(error: Exception) -> Failure:
    """The answer to an error of the library; one that nobody raised on purpose says nothing of itself."""
    if isinstance(error, Failure):
        return error
    for kind, type in _OF_ERRORS:
        if isinstance(error, kind):
            return Failure(type, str(error).removesuffix(_FOR_PYTHON))
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        return _of_framework(error)
    if isinstance(error, JariError):
        return Failure("failed", str(error))
    return Failure("failed", "Something went wrong in the server. Its log says more, under this answer's X-Request-Id.")


def _invalid(error: RequestValidationError) -> Failure:
    """The first of what FastAPI found, as a sentence."""
    first = error.errors()[0]
    place = [str(part) for part in first["loc"][1:] if part != "__root__"]
    param = ".".join(place) or None
    said = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "json_invalid":
        reason = first.get("ctx", {}).get("error", "it cannot be read")
        return Failure("bad_input", f"The body is not JSON: {reason}.", param="body")
    if first["type"] == "missing":
        return Failure("bad_input", f"{param or 'The body'} is missing.", param=param)
    given = first.get("input")
    shown = f"={given!r}" if isinstance(given, str | int | float) and len(repr(given)) <= 40 else ""
    return Failure("bad_input", f"{param or 'The body'}{shown}: {said[:1].lower()}{said[1:]}.", param=param)


def _of_framework(error: HTTPException) -> Failure:
    if error.status_code == 404:
        return Failure("not_found", "There is nothing at this path. /docs lists what can be asked.")
    if error.status_code == 405:
        return Failure("method_not_allowed", "This path has other methods.", headers=error.headers)
    if error.status_code < 500:
        return Failure("bad_input", "The body cannot be read.", param="body")
    return Failure("failed", str(error.detail))


def _sayable(text: str) -> str:
    """Half a surrogate pair, which a message may quote, is no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()
