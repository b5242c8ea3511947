"""The map of the explorer page with a million points, without a GPU: ``python -m benchmarks explorer``.

Targets: the first picture less than 5 s after the coordinates are there, an interactive rate while the map is dragged,
less than 1 GB of memory for the page. Chromium draws WebGL2 in software here, as on a machine without a GPU.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_BROWSER = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--enable-precise-memory-info",
]
_WAIT_MS = 300_000

# Runs before the page does: when the map says that it drew something, and when it drew all.
_WATCH = """
window.seen = {};
new MutationObserver(() => {
  const drawn = document.querySelector('[data-drawn]')?.dataset.drawn;
  if (!drawn) return;
  window.seen.first ??= performance.now();
  if (drawn === 'all') window.seen.all ??= performance.now();
}).observe(document, {attributes: true, attributeFilter: ['data-drawn'], subtree: true});
"""

_FRAMES = """
() => {
  window.frames_ = [];
  const note = (now) => { window.frames_.push(now); window.noting = requestAnimationFrame(note); };
  window.noting = requestAnimationFrame(note);
}
"""


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--dim", type=int, default=50)
    parser.add_argument("--moves", type=int, default=100, help="steps of each drag")
    parser.add_argument("--address", help="a server that runs already, in place of one over random clusters")
    options = parser.parse_args()
    with _served(options.address, options.points, options.dim) as address:
        figures = measure(address, options.moves)
    print("| | |\n|---|--:|")
    for name, value in figures.items():
        print(f"| {name} | {value} |")


def measure(address: str, moves: int) -> Mapping[str, str]:
    """What the map takes in a headless Chromium of 1,440 × 900 pixels."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("There is no chromium on this machine: install it first.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_BROWSER)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(_WAIT_MS)
        page.add_init_script(_WATCH)
        try:
            return _figures(browser, page, address, moves)
        finally:
            browser.close()


def _figures(browser: Browser, page: Page, address: str, moves: int) -> dict[str, str]:
    # Computed before, so that the page's own time is seen: this waits until the server has the map.
    page.goto(f"{address}/map")
    page.wait_for_selector('[data-drawn="all"]')
    page.goto(f"{address}/map?density=0")
    page.wait_for_selector('[data-drawn="all"]')
    seen: dict[str, float] = page.evaluate("window.seen")
    points = "performance.getEntriesByType('resource').find((one) => one.name.endsWith('/points'))"
    there: float = page.evaluate(f"{points}.responseEnd")
    size: int = page.evaluate(f"{points}.decodedBodySize")
    page.wait_for_timeout(2_000)
    found = {
        "points": f"{size // 8:,}",
        "first picture, from coordinates received": f"{(seen['first'] - there) / 1000:.2f} s",
        "all points drawn, likewise": f"{(seen['all'] - there) / 1000:.2f} s",
    }
    found |= _frames(page, "dragged, all seen", moves)
    for _ in range(4):
        page.mouse.move(880, 450)
        page.mouse.wheel(0, -240)
        page.wait_for_timeout(100)
    found |= _frames(page, "dragged, magnified", moves)
    began = time.perf_counter()
    page.wait_for_selector('[data-drawn="all"]')
    found["all points again, after a drag"] = f"{time.perf_counter() - began:.2f} s"
    return found | _memory(browser, page)


def _frames(page: Page, name: str, moves: int) -> dict[str, str]:
    """Times between frames while the map is dragged in a circle."""
    page.mouse.move(880, 450)
    page.mouse.down()
    page.evaluate(_FRAMES)
    for step in range(moves):
        angle = 2 * np.pi * step / moves
        page.mouse.move(880 + 160 * float(np.sin(angle)), 450 + 160 * (1 - float(np.cos(angle))))
        page.wait_for_timeout(10)
    times = page.evaluate("() => { cancelAnimationFrame(window.noting); return window.frames_; }")
    page.mouse.up()
    took = np.diff(times)
    if len(took) < moves // 10:
        sys.exit(f"Only {len(took)} frames in {moves} moves: the page did not answer.")
    median, late = statistics.median(took), float(np.quantile(took, 0.95))
    return {f"{name}: a frame, median and 95 %": f"{median:.0f} ms, {late:.0f} ms ({len(took)} frames)"}


def _memory(browser: Browser, page: Page) -> dict[str, str]:
    """The script's heap, and what the processes of the page hold for themselves."""
    heap: int = page.evaluate("performance.memory.usedJSHeapSize")
    session = browser.new_browser_cdp_session()
    processes: list[dict[str, Any]] = session.send("SystemInfo.getProcessInfo")["processInfo"]
    resident: dict[str, float] = {}
    for process in processes:
        private = _private(process["id"]) / 1e6
        resident[process["type"]] = max(resident.get(process["type"], 0), private)
    return {
        "heap of the script": f"{heap / 1e6:.0f} MB",
        "process of the page": f"{resident.get('renderer', 0):.0f} MB",
        "process that draws, WebGL2 in software": f"{resident.get('GPU', 0):.0f} MB",
    }


def _private(process: int) -> int:
    """Bytes that a process shares with no other (Linux)."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


@contextmanager
def _served(address: str | None, points: int, dim: int) -> Iterator[str]:
    if address is not None:
        yield address
        return
    with tempfile.TemporaryDirectory() as name, socket.socket() as taken:
        path = Path(name) / "clusters.jari"
        _write(path, points, dim)
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.close()
        server = subprocess.Popen([sys.executable, "-m", "jari", "serve", str(path), "--port", str(port)])
        try:
            yield _awaited(f"http://127.0.0.1:{port}", server)
        finally:
            server.terminate()
            server.wait(30)


def _write(path: Path, points: int, dim: int) -> None:
    from jari.embedding import Embedding, Vocabulary

    draw = np.random.default_rng(1)
    centres = draw.standard_normal((60, dim), dtype=np.float32)
    vectors = centres[draw.integers(0, len(centres), points)]
    vectors += 0.5 * draw.standard_normal(vectors.shape, dtype=np.float32)
    counts = np.maximum(10 * points // np.arange(1, points + 1), 1)
    Embedding(Vocabulary([f"key {n}" for n in range(points)], counts=counts), vectors).save(path)


def _awaited(address: str, server: subprocess.Popen[bytes]) -> str:
    began = time.monotonic()
    while time.monotonic() - began < 60 and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return address
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    sys.exit("The server did not start.")


if __name__ == "__main__":
    main()
