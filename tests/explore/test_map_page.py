"""The page of a map in a real browser: by mouse, finger and keyboard, in both languages and both themes."""

from __future__ import annotations

import importlib.util
import os
import shutil

import numpy as np
import pytest

from jari.explore import Projection, draw
from jari.explore.maps.clusters import Clusters

pytestmark = pytest.mark.browser
KEYS = ("<img src=x onerror=alert(1)>", "대전", "north", "north-east", "east", "", *(f"far{i}" for i in range(14)))
PLACES = [[0, 0], [0, 1], [0, 2], [1.5, 2], [3, 0], [3, -1], *[[-9 + 0.1 * i, -9] for i in range(14)]]


@pytest.fixture(scope="module")
def browser():
    leave = pytest.fail if os.environ.get("JARI_BROWSER") == "require" else pytest.skip
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if importlib.util.find_spec("playwright") is None or found is None:
        leave("playwright or chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        opened = playwright.chromium.launch(executable_path=found, args=options)
        yield opened
        opened.close()


@pytest.fixture
def show(browser, tmp_path):
    """Opens a map; complains of errors and of requests."""
    wrong, contexts = [], []

    def opened(dim=2, clusters=True, width=1200, height=800, dark=False, language="en-US", touch=False, **options):
        places = np.pad(np.array(PLACES, dtype=np.float32), ((0, 0), (0, 1)))[:, :dim]
        counts = np.arange(len(KEYS), 0, -1)
        projection = Projection(KEYS, places, "pca", (0.5,) * dim, counts=counts)
        ids = np.array([1] * 6 + [0] * 14, dtype=np.uint8)
        centres = np.stack([places[ids == group].mean(axis=0) for group in (0, 1)])
        groups = Clusters(ids, (("far0", "far1"), ("</b>", "east")), (14, 6), centres) if clusters else None
        file = draw(projection, tmp_path / "map.html", clusters=groups, force=True, **options).path
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            locale=language,
            has_touch=touch,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(("file:", "data:")) else 0)
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


def _look(page):
    """What the canvas shows, once it stands still."""
    page.wait_for_timeout(300)
    return page.locator("canvas").screenshot()


def _point(page, row):
    """Where a point is on the window."""
    x, y = page.evaluate("row => { layout(); return [sx[row], sy[row]] }", row)
    box = page.locator("canvas").bounding_box()
    return box["x"] + x, box["y"] + y


def test_a_click_tells_what_is_near(show):
    page = show()
    page.mouse.click(*_point(page, 2))
    details = page.locator("#details")
    assert details.locator("h2 span").inner_text() == "north"
    # at 1, 1.5, 2, 3.6 (east) and then all that is far away
    assert details.locator("li b").all_inner_texts()[:4] == ["대전", "north-east", KEYS[0], "east"]
    assert details.locator("li").count() == 10
    assert "seen 18 times · cluster </b> · east · at" in details.locator("p").inner_text()
    details.locator("li button").nth(2).click()
    assert details.locator("h2 span").inner_text() == KEYS[0]
    assert page.locator("img").count() == 0
    page.keyboard.press("Escape")
    assert details.is_hidden()


def test_by_keyboard_alone(show):
    page = show()
    before = _look(page)
    page.keyboard.press("/")
    page.keyboard.type("NORTH")
    assert page.locator("#found li b").all_inner_texts() == ["north", "north-east"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.locator("#details h2 span").inner_text() == "north-east"
    assert _look(page) != before
    page.locator("canvas").focus()
    for key in ("ArrowLeft", "+", "-", "0"):
        was = _look(page)
        page.keyboard.press(key)
        assert _look(page) != was, key
    page.locator("#legend button").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#legend button").first.get_attribute("aria-pressed") == "true"
    page.locator("#details li button").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#details h2 span").inner_text() == "north"
    assert page.evaluate("document.activeElement.closest('#details') !== null")


def test_the_legend_sets_a_cluster_off(show):
    page = show()
    assert page.locator("#legend b").all_inner_texts() == ["far0 · far1", "</b> · east"]
    assert page.locator("#legend small").all_inner_texts() == ["14", "6"]
    page.mouse.move(5, 5)
    whole = _look(page)
    page.locator("#legend button").nth(1).hover()
    assert _look(page) != whole
    page.mouse.move(5, 5)
    assert _look(page) == whole
    page.locator("#legend button").nth(1).click()
    page.mouse.move(5, 5)
    assert _look(page) != whole
    page.mouse.click(*_point(page, 10))  # a point of the other cluster: not there now
    assert page.locator("#details").is_hidden()
    page.locator("#legend button").nth(1).click()
    page.mouse.move(5, 5)
    assert _look(page) == whole


def test_colours_and_contours_have_their_switches(show):
    page = show(density=True)
    clusters = _look(page)
    page.locator("#contours input").click()
    assert _look(page) != clusters
    without = _look(page)
    page.locator("#by select").select_option("frequency")
    assert page.locator("#legend").is_hidden()
    assert page.locator("#ramp").inner_text().split() == ["1", "20"]
    assert _look(page) != without
    page.locator("#by select").select_option("plain")
    assert page.locator("#ramp").is_hidden()


def test_by_finger(show):
    page = show(width=390, height=800, touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.touchscreen.tap(*_point(page, 4))
    assert page.locator("#details h2 span").inner_text() == "east"
    assert page.locator("#details").bounding_box()["y"] > 400
    assert page.locator("#tip").evaluate("tip => getComputedStyle(tip).visibility") == "hidden"


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("dark", [False, True])
def test_in_korean(show, dim, dark):
    page = show(dim=dim, dark=dark, language="ko-KR")
    assert page.locator("html").get_attribute("lang") == "ko"
    assert page.locator("#search input").get_attribute("placeholder") == "키 찾기"
    assert page.locator("#subtitle").inner_text() == f"PCA · 키 20개 · 분산의 {50 * dim}.0 % 표시"
    assert (page.locator("#contours").count() and page.locator("#contours").is_visible()) == (dim == 2)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(18, 23, 29)" if dark else "rgb(255, 255, 255)")
    before = _look(page)
    page.locator("canvas").focus()
    page.keyboard.press("ArrowRight")
    assert _look(page) != before


@pytest.mark.parametrize("dim", [2, 3])
def test_many_points_in_motion_keep_their_places_and_colours(browser, tmp_path, dim):
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (4000, dim)).astype(np.float32)
    keys = tuple(f"k{i}" for i in range(len(points)))
    ids = (points[:, 0] > 0).astype(np.uint8)
    centres = np.array([[-0.5] + [0.0] * (dim - 1), [0.5] + [0.0] * (dim - 1)], dtype=np.float32)
    groups = Clusters(ids, (("a",), ("b",)), tuple(np.bincount(ids).tolist()), centres)
    file = draw(Projection(keys, points, "pca"), tmp_path / "map.html", clusters=groups).path
    page = browser.new_page(viewport={"width": 900, "height": 700}, device_scale_factor=2)
    page.goto(file.as_uri())
    right = page.evaluate(
        """() => {
          moving = true; layout(); pen.clearRect(0, 0, width, height); drawPoints(new Uint8Array(n), null);
          const all = pen.getImageData(0, 0, canvas.width, canvas.height).data;
          let right = 0;
          for (let i = 0; i < n; i++) {
            const k = 4 * (Math.round(2 * sy[i]) * canvas.width + Math.round(2 * sx[i]));
            const wanted = channels(inks[tones[i]]);
            if (all[k + 3] > 60 && wanted.every((value, c) => Math.abs(value - all[k + c]) < 9)) right++;
          }
          moving = false;
          return right;
        }"""
    )
    page.close()
    assert right > 3800  # the others lie under a point of the other colour


def test_without_anything_to_choose_there_is_no_panel(show):
    page = show(dim=3, clusters=False)
    assert page.locator("#by").is_visible()  # counts colour too
    assert page.locator("#by option").all_inner_texts() == ["one", "frequency"]
    assert page.locator("#legend").is_hidden()
