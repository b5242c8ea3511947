"""Errors as OpenAI has them: what is wrong with a request is 400, and its type invalid_request_error."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from jari.errors import JariError
from jari.serve.failures import Failure, failure_of

_CODES: Final = {"unknown_name": "model_not_found"}
_UNPROCESSABLE: Final = 422


class OpenAIRoute(APIRoute):
    """A route whose errors are told in OpenAI's words."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route, with its errors caught."""
        answer = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await answer(request)
            except (Failure, JariError, RequestValidationError, HTTPException) as error:
                return _response(failure_of(error))

        return told


def _response(failure: Failure) -> Response:
    if failure.status >= 500:
        return failure.response()
    error = json.loads(failure.body())["error"]
    error |= {"type": "invalid_request_error", "code": _CODES.get(failure.type)}
    status = 400 if failure.status == _UNPROCESSABLE else failure.status
    content = json.dumps({"error": error}, ensure_ascii=False).encode()
    return Response(content, status, failure.headers, "application/json")
