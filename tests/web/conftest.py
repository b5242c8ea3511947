"""The built page over a real server, driven in a real browser.

Skipped where the page was not built or Debian's chromium is missing, unless ``JARI_BROWSER=require``. Screenshots that
tests take go to ``$JARI_SCREENS`` (``build/screens``). After a change in web/, build the page: ``npm run build`` there.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import jari
from web.things import lay_out

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_CHECKOUT = Path(jari.__file__).parents[2]
STATIC = Path(jari.__file__).parent / "serve" / "static"
_SECONDS = 60
_BROWSER = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Debian's chromium is."""
    leave = pytest.fail if os.environ.get("JARI_BROWSER") == "require" else pytest.skip
    if importlib.util.find_spec("playwright") is None:
        leave("playwright is not installed")
    if not (STATIC / "index.html").is_file():
        leave("the explorer page was not built")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        leave("chromium is not installed")
    return found


@pytest.fixture(scope="session")
def explorer(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server over the things of `things.py`."""
    folder = tmp_path_factory.mktemp("shelf")
    paths = lay_out(folder)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    said = folder / "server.log"
    with said.open("w", encoding="utf-8") as log:
        command = [sys.executable, "-m", "jari", "serve", *paths, "--port", str(port)]
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(server, address, said)
        yield address
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            raise


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for the tests of a file."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=_BROWSER)
        yield opened
        opened.close()


@pytest.fixture
def new_page(browser: Browser, explorer: str, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Opens pages; complains at the end of what their consoles said, and of requests to other hosts.

    ``new_page(width=390, height=844, dark=True, language="ko-KR")``; other arguments are those of a browser's context.
    A test that provokes an answer of 4xx says so beforehand: ``page.expected_errors = re.compile("404")``.
    """
    wrong: list[str] = []
    contexts = []

    def opened(
        *, width: int = 1440, height: int = 900, dark: bool = False, language: str = "en-US", **options: Any
    ) -> Page:
        context = browser.new_context(
            base_url=explorer,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale=language,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.expected_errors = None  # type: ignore[attr-defined]

        def complain(text: str) -> None:
            expected: re.Pattern[str] | None = page.expected_errors  # type: ignore[attr-defined]
            if expected is None or not expected.search(text):
                wrong.append(text)

        def look_at(url: str) -> None:
            if not url.startswith((explorer, "data:", "blob:")):
                wrong.append(f"a request to another host: {url}")

        page.on("console", lambda message: message.type in ("error", "warning") and complain(message.text))
        page.on("pageerror", lambda error: wrong.append(f"not caught: {error}"))
        page.on("request", lambda asked: look_at(asked.url))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == [], f"{request.node.name}: {wrong}"


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A wide page in English, light."""
    return new_page()


@pytest.fixture
def shoot(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Keeps a screenshot: ``shoot(page, "ask-dark")``."""
    folder = Path(os.environ.get("JARI_SCREENS") or _CHECKOUT / "build" / "screens")

    def shot(page: Page, name: str, **options: Any) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / f"{name}.png"
        page.screenshot(path=place, **options)
        return place

    return shot


def _wait(server: subprocess.Popen[bytes], address: str, said: Path) -> None:
    began = time.monotonic()
    while time.monotonic() - began < _SECONDS:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    server.kill()
    pytest.fail(f"The server did not start: {said.read_text(encoding='utf-8')}")
