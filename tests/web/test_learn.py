"""Learn: a run that is watched while it goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from jari.embedding import Embedding, Vocabulary
from jari.learn import watching
from jari.learn.watching import WatchedFolder
from jari.types import Progress

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from jari.serve.watching import WatchPage

pytest.importorskip("playwright")

KEYS = [f"word{i}" for i in range(60)]


class Learning:
    """A run that does what a test says."""

    def __init__(self, watched: WatchedFolder, page: WatchPage, place: Path) -> None:
        self.watched, self.address, self.place = watched, page.address, place
        self.vectors = np.random.default_rng(1).normal(size=(len(KEYS), 8)).astype(np.float32)

    def step(self, epoch: float, loss: float) -> None:
        self.watched(Progress("learning", round(epoch * 1e6), 3_000_000, "words", {"epoch": epoch, "loss": loss}))

    def end(self) -> None:
        embedding = Embedding(Vocabulary(KEYS, counts=range(100, 40, -1)), self.vectors)
        embedding.save(self.place)
        self.watched.show(embedding)
        self.watched.end("done")


@pytest.fixture
def learning(chromium: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Learning]:
    from jari.serve.watching import WatchPage
    from web.conftest import STATIC

    monkeypatch.setattr(watching, "BEAT", 0.1)
    monkeypatch.setattr(watching, "_FASTEST", 0.0)
    monkeypatch.setattr(watching, "_THINNING", 1e12)
    place = tmp_path / "pets.jari"
    with (
        WatchedFolder(tmp_path / "pets.watch", name="pets", learner="Word2Vec", epochs=3) as watched,
        WatchPage(watched.folder, place, static=STATIC) as page,
    ):
        yield Learning(watched, page, place)


@pytest.fixture
def watcher(browser: Browser, learning: Learning) -> Iterator[Callable[..., Page]]:
    """As `new_page`, of the page beside the run."""
    wrong: list[str] = []
    contexts = []

    def opened(*, width: int = 1440, height: int = 900, language: str = "en-US", **options: Any) -> Page:
        context = browser.new_context(
            base_url=learning.address, viewport={"width": width, "height": height}, locale=language, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda ask: None if ask.url.startswith(learning.address) else wrong.append(ask.url))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def test_nothing_is_learnt(page: Page) -> None:
    page.goto("/learn")
    page.get_by_text("jari learn corpus.txt -o wiki.jari --watch").wait_for()
    page.get_by_role("button", name="Copy").wait_for()


def test_a_run_from_its_beginning_to_its_end(
    watcher: Callable[..., Page], learning: Learning, shoot: Callable[..., Path]
) -> None:
    page = watcher()
    learning.step(0.5, 4.0)
    page.goto("/")
    page.wait_for_url("**/learn")  # there is nothing else yet
    page.get_by_text("0.5 of 3").wait_for()
    page.get_by_text("The curve begins once there is a loss.").wait_for()
    learning.watched.look(Vocabulary(KEYS), lambda count: learning.vectors[:count].copy())
    page.get_by_role("img", name="Map of the 60 most frequent words, as they are learnt").wait_for()
    for epoch in np.linspace(0.6, 1.0, 20):
        learning.step(float(epoch), 4.0 - epoch)
    page.get_by_text("1.0 of 3").wait_for()
    curve = page.get_by_role("img", name="Loss by epoch")
    curve.wait_for()
    drawn = curve.locator(".line").get_attribute("d") or ""
    assert drawn.count("L") > 10
    assert "NaN" not in drawn
    curve.hover(position={"x": 100, "y": 100})
    page.get_by_text(re.compile(r"Epoch 0\.\d+: loss \d\.\d{3}")).wait_for()
    before = _ink(page)
    learning.vectors[:30] *= -1  # half of the words go elsewhere
    page.wait_for_function(
        "before => document.querySelector('.livemap canvas').toDataURL() !== before", arg=before, polling=200
    )
    learning.step(3.0, 2.0)
    learning.watched.look_away()
    learning.end()
    page.get_by_role("link", name="See its map").wait_for()
    shoot(page, "learn-light-1440")
    page.get_by_role("link", name="Ask it").click()
    page.wait_for_url("**/ask?in=pets")


def test_a_run_that_stops(watcher: Callable[..., Page], learning: Learning) -> None:
    learning.step(1.2, 4.0)
    page = watcher(language="ko-KR")
    page.goto("/learn")
    page.get_by_text("학습 중").first.wait_for()
    learning.watched.end("stopped")
    page.get_by_text("중단됨").wait_for()
    assert page.get_by_role("link", name="물어보기").count() == 0


def test_nothing_glides_where_motion_is_not_wanted(watcher: Callable[..., Page], learning: Learning) -> None:
    page = watcher(reduced_motion="reduce")
    learning.watched.look(Vocabulary(KEYS), lambda count: learning.vectors[:count].copy())
    page.goto("/learn")
    page.get_by_role("img", name=re.compile("Map of the 60")).wait_for()
    page.wait_for_timeout(800)
    still = _ink(page)
    page.wait_for_timeout(300)
    assert _ink(page) == still
    learning.watched.look_away()


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_telephone(
    watcher: Callable[..., Page], learning: Learning, shoot: Callable[..., Path], dark: bool
) -> None:
    page = watcher(width=390, height=844, color_scheme="dark" if dark else "light", language="ko-KR")
    for epoch in np.linspace(0.05, 1.8, 36):
        learning.step(float(epoch), 5.0 - float(epoch))
    learning.watched.show(Embedding(KEYS, learning.vectors))
    page.goto("/learn")
    page.get_by_role("img", name="에포크별 손실").wait_for()
    page.wait_for_timeout(600)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shoot(page, f"learn-{'dark' if dark else 'light'}-390", full_page=True)


def _ink(page: Page) -> Any:
    return page.locator(".livemap canvas").evaluate("canvas => canvas.toDataURL()")
