"""The explorer page, its files, the session of a browser, and the documentation; all from this machine."""

from __future__ import annotations

import html
import mimetypes
import pathlib
from importlib import resources
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from jari.serve.answers import json_response
from jari.serve.dependencies import DeskOf
from jari.serve.failures import Failure
from jari.serve.schemas import Status, Token, errors
from jari.serve.security import cookie_of, is_same, is_secure

PATHS: Final = ("/", "/ask", "/map", "/compare", "/search", "/films", "/learn")
_IMMUTABLE: Final = {"cache-control": "public, max-age=31536000, immutable"}
_TYPES: Final = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
}
_WITHOUT_PAGE: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Jari</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"></head>
<body>
<h1>Jari</h1>
<p>The server is running, but the explorer page is not part of this installation: when it was built, the npm registry
could not be reached.</p>
<p>To get it, connect to the network and install again:
<code>pip install --force-reinstall --no-deps --no-cache-dir jari</code>.
In a checkout of the source: <code>cd web &amp;&amp; npm ci &amp;&amp; npm run build</code>.</p>
<p>Programs can ask already: <a href="/docs">what can be asked</a>.</p>
</body>
</html>
"""
_DOCS: Final = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Jari API</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="swagger"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
"""
_START: Final = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger", deepLinking: true, validatorUrl: null});\n'

router = APIRouter(tags=["Server"])


def built_page(given: pathlib.Path | None) -> pathlib.Path:
    """Where the built page is, or would be."""
    return pathlib.Path(str(resources.files("jari.serve"))) / "static" if given is None else given


def add_page(app: FastAPI, folder: pathlib.Path) -> frozenset[str]:
    """Add routes for the page; answers the paths that need no token.

    Files are those that are in the folder now. A path that is asked for is looked up among them and never joined to
    anything, so no path leads out of the folder.
    """
    files = {file.relative_to(folder).as_posix(): file for file in sorted(folder.rglob("*")) if file.is_file()}
    index = files.get("index.html")

    async def page(request: Request) -> Response:
        token = request.query_params.get("token")
        if token is not None:
            return _entered(request, token)
        if index is None:
            return HTMLResponse(_WITHOUT_PAGE)
        return FileResponse(index, media_type="text/html", headers={"cache-control": "no-cache"})

    async def asset(request: Request) -> Response:
        return _file(files, request.url.path.removeprefix("/"), _IMMUTABLE)

    async def loose(request: Request) -> Response:
        return _file(files, request.url.path.removeprefix("/"), {"cache-control": "no-cache"})

    async def docs(request: Request) -> Response:
        if "docs/swagger-ui-bundle.js" in files:
            return HTMLResponse(_DOCS)
        return HTMLResponse(_listed(app))

    async def start(request: Request) -> Response:
        return Response(_START, media_type="text/javascript")

    for path in PATHS:
        app.add_route(path, page, include_in_schema=False)
    app.add_route("/assets/{path:path}", asset, include_in_schema=False)
    app.add_route("/docs", docs, include_in_schema=False)
    app.add_route("/docs/start.js", start, include_in_schema=False)
    named = [name for name in files if not name.startswith(("assets/", "docs/")) and name != "index.html"]
    for name in [*named, *(name for name in files if name.startswith("docs/"))]:
        app.add_route(f"/{name}", loose, include_in_schema=False)
    return frozenset({*PATHS, *(f"/{name}" for name in named)})


@router.post("/api/session", response_model=Status, responses=errors())
async def session(desk: DeskOf, request: Request, given: Token) -> Response:
    """Open a session for a browser, by a cookie: it can send no token along with pictures and streams."""
    token = desk.settings.token
    answer = json_response({"status": "ok"})
    if token is None:
        return answer
    _check(token, given.token)
    answer.headers["set-cookie"] = cookie_of(token, secure=is_secure(request))
    return answer


def _entered(request: Request, given: str) -> Response:
    """Open a session and lead on to the same address without the token, which would stay in the browser's history."""
    token = request.app.state.jari.settings.token
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
    answer = RedirectResponse(request.url.path + (f"?{urlencode(rest)}" if rest else ""), 303)
    if token is not None:
        _check(token, given)
        answer.headers["set-cookie"] = cookie_of(token, secure=is_secure(request))
    return answer


def _check(token: str, given: str) -> None:
    if not is_same(given.encode("utf-8", "replace"), token.encode()):
        raise Failure("unauthorized", "This is not the token of this server.", param="token")


def _file(files: dict[str, pathlib.Path], name: str, headers: dict[str, str]) -> Response:
    file = files.get(name)
    if file is None:
        raise Failure("not_found", "There is no such file.")
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return FileResponse(file, media_type=kind, headers=headers)


def _listed(app: FastAPI) -> str:
    """The routes as plain HTML."""
    lines = []
    for path, methods in app.openapi()["paths"].items():
        for method, about in methods.items():
            said = html.escape(about.get("description", "").strip().partition("\n\n")[0])
            lines.append(f"<dt><code>{method.upper()} {html.escape(path)}</code></dt><dd>{said}</dd>")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Jari API</title></head><body>'
        '<h1>What can be asked</h1><p>In full: <a href="/openapi.json">openapi.json</a>.</p>'
        f"<dl>{''.join(lines)}</dl></body></html>\n"
    )
