"""Map: moving, searching, choosing, colouring, keeping; with keys alone, and without WebGL2."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

expect = pytest.importorskip("playwright.sync_api").expect

# Chromium tells developers that drawing WebGL in software is slow.
_SLOW = re.compile("GPU stall due to ReadPixels")
_NO_WEBGL = """
const given = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind === 'webgl2' ? null : given.call(this, kind, ...rest);
};
"""


def _drawn(page: Page, query: str = "in=words") -> Locator:
    page.expected_errors = _SLOW  # type: ignore[attr-defined]
    page.goto(f"/map?{query}")
    page.locator('[data-drawn="all"]').wait_for()
    page.wait_for_url(re.compile("view="))
    return page.locator(".ground")


def _params(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def _view(page: Page) -> list[float]:
    return [float(part) for part in _params(page)["view"].split(",")]


def _middle(page: Page) -> tuple[float, float]:
    box = page.locator(".ground").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _moved(page: Page, act: Callable[[], object]) -> tuple[list[float], list[float]]:
    """The standpoints before and after."""
    before = _params(page)["view"]
    act()
    page.wait_for_function("before => new URLSearchParams(location.search).get('view') !== before", arg=before)
    page.wait_for_timeout(300)
    return [float(part) for part in before.split(",")], _view(page)


def _drag(page: Page, right: float, down: float) -> None:
    x, y = _middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y + down, steps=8)
    page.mouse.up()


def _lasso(page: Page, half: float) -> None:
    x, y = _middle(page)
    page.keyboard.down("Shift")
    page.mouse.move(x - half, y - half)
    page.mouse.down()
    for dx, dy in ((half, -half), (half, half), (-half, half), (-half, -half + 8)):
        page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")


def _search(page: Page, text: str) -> None:
    box = page.get_by_role("combobox", name="Find a key, an expression or a text")
    box.fill(text)
    box.press("Enter")


def _ink_in_the_middle(page: Page) -> int:
    """Pixels in the colour of accents within 14 pixels of the middle of the map."""
    return int(
        page.evaluate(
            """() => {
              const canvas = document.querySelectorAll('.ground canvas')[1];
              const x = canvas.width / 2 - 14, y = canvas.height / 2 - 14;
              const { data } = canvas.getContext('2d').getImageData(x, y, 28, 28);
              let found = 0;
              for (let i = 0; i < data.length; i += 4)
                if (Math.abs(data[i] - 181) + Math.abs(data[i + 1] - 67) + Math.abs(data[i + 2] - 27) < 12) found += 1;
              return found;
            }"""
        )
    )


def test_dragging_moves_and_the_wheel_magnifies(page: Page, shoot: Callable[..., Path]) -> None:
    _drawn(page)
    shoot(page, "map-light")
    before, after = _moved(page, lambda: _drag(page, 200, 0))
    assert after[0] < before[0]
    assert after[2] == before[2]
    before, after = _moved(page, lambda: page.mouse.wheel(0, -300))
    assert after[2] > before[2]


def test_a_search_flies_there_and_marks_it(page: Page) -> None:
    _drawn(page)
    whole = _view(page)
    _, there = _moved(page, lambda: _search(page, "cat"))
    found = page.locator(".panel .keys").first
    assert {"cat1", "cat2", "cat3", "cat4"} <= set(found.locator("button").all_inner_texts())
    page.wait_for_timeout(1_000)  # the flight
    assert _view(page)[2] > whole[2], there
    assert _params(page)["q"] == "cat"
    assert _ink_in_the_middle(page) > 10


def test_an_unknown_key_suggests_others(page: Page) -> None:
    _drawn(page)
    page.expected_errors = re.compile(f"{_SLOW.pattern}|404")  # type: ignore[attr-defined]
    _search(page, "catt")
    page.get_by_role("alert").wait_for()


def test_a_lasso_lists_keys_and_keeps_them(page: Page, shoot: Callable[..., Path]) -> None:
    _drawn(page, "in=words&q=cat")
    page.wait_for_timeout(1_200)  # the flight ends with the key in the middle
    _lasso(page, 120)
    picked = page.locator("[data-picked]")
    picked.wait_for()
    some = int(picked.get_attribute("data-picked") or 0)
    keys = picked.locator(".keys button").all_inner_texts()
    assert 0 < some == len(keys)
    assert "cat" in keys
    shoot(page, "map-lasso")
    for format in ("TSV", "CSV"):
        with page.expect_download() as download:
            picked.get_by_role("button", name=format).click()
        lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
        assert download.value.suggested_filename == f"words.{format.lower()}"
        assert len(lines) >= some
        assert any(line.startswith(keys[0]) for line in lines)
    page.get_by_role("button", name="Let go").click()
    picked.wait_for(state="detached")


def test_the_button_of_the_lasso_draws_without_a_key(page: Page) -> None:
    _drawn(page)
    page.get_by_role("button", name="Draw a lasso").click()
    x, y = _middle(page)
    page.mouse.move(x - 90, y - 90)
    page.mouse.down()
    for dx, dy in ((90, -90), (90, 90), (-90, 90)):
        page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()
    page.locator("[data-picked]").wait_for()
    expect(page.get_by_role("button", name="Draw a lasso")).to_have_attribute("aria-pressed", "false")


def test_clusters_have_names_and_one_can_be_lit(page: Page, shoot: Callable[..., Path]) -> None:
    _drawn(page)
    names = page.locator(".clusters button")
    names.first.wait_for()
    assert names.count() > 1
    names.nth(1).click()
    expect(names.nth(1)).to_have_attribute("aria-pressed", "true")
    assert "lit" in _params(page)
    shoot(page, "map-lit")
    names.nth(1).click()
    page.wait_for_function("!location.search.includes('lit=')")


def test_colours_by_frequency_and_by_similarity(page: Page) -> None:
    _drawn(page)
    choice = page.get_by_role("combobox", name="Colour")
    choice.select_option("frequency")
    page.get_by_text("Occurrences").wait_for()
    choice.select_option("similarity")
    page.get_by_text("Search for something first").wait_for()
    _search(page, "cat")
    page.locator(".ramp").get_by_text("Cosine").wait_for()
    assert _params(page)["colour"] == "similarity"


def test_space_is_turned(page: Page, shoot: Callable[..., Path]) -> None:
    _drawn(page, "in=words&dim=3")
    shoot(page, "map-space")
    before, after = _moved(page, lambda: _drag(page, 160, 40))
    assert before[:3] == after[:3]
    assert before[3] != after[3]
    assert before[4] != after[4]


def test_a_line_between_two_poles(page: Page, shoot: Callable[..., Path]) -> None:
    _drawn(page)
    page.get_by_text("Poles", exact=True).click()
    draw = page.get_by_role("button", name="Draw", exact=True)
    expect(draw).to_be_disabled()
    for end, name, key in (("From", "animals", "cat"), ("To", "food", "bread")):
        page.get_by_role("textbox", name=f"{end}: Name of this end").fill(name)
        box = page.get_by_role("combobox", name=f"{end}: Add a key")
        box.fill(key)
        box.press("Enter")
        page.get_by_role("button", name=f"Remove {key}").wait_for()
    draw.click()
    page.wait_for_url(re.compile("poles="))
    page.locator('[data-drawn="all"]').wait_for()
    assert json.loads(_params(page)["poles"]) == [[["animals", ["cat"]], ["food", ["bread"]]]]
    page.wait_for_timeout(500)
    shoot(page, "map-line")
    # A line moves along, not up and down.
    before, after = _moved(page, lambda: _drag(page, 150, 150))
    assert after[0] < before[0]
    assert after[1] == before[1] == 0


def test_arrows_are_typed_and_kept_in_the_link(page: Page) -> None:
    _drawn(page)
    page.locator("summary").get_by_text("Arrows").click()
    page.get_by_role("textbox", name="Or several at once").fill("germany:berlin france:paris")
    page.get_by_role("button", name="Add the arrow").click()
    page.get_by_role("button", name="Remove germany → berlin").wait_for()
    assert json.loads(_params(page)["arrows"]) == [["germany", "berlin"], ["france", "paris"]]
    page.get_by_role("button", name="Remove germany → berlin").click()
    expect(page.get_by_role("button", name="Remove germany → berlin")).to_have_count(0)


def test_a_link_restores_the_view(page: Page) -> None:
    _drawn(page, "in=words&colour=frequency&density=1&q=cat&view=0.1,0.2,3.5")
    page.wait_for_timeout(1_200)
    assert _view(page) == [0.1, 0.2, 3.5]
    expect(page.get_by_role("combobox", name="Colour")).to_have_value("frequency")
    expect(page.get_by_role("checkbox", name="Contours of density")).to_be_checked()
    expect(page.get_by_role("combobox", name="Find a key, an expression or a text")).to_have_value("cat")


def test_back_returns_to_the_map_before(page: Page) -> None:
    _drawn(page)
    first = page.locator(".ground").get_attribute("data-map")
    page.get_by_text("Space", exact=True).click()
    page.locator(f'.ground:not([data-map="{first}"])').wait_for()
    page.go_back()
    page.locator(f'.ground[data-map="{first}"]').wait_for()


def test_keys_alone(page: Page) -> None:
    ground = _drawn(page)
    page.get_by_role("combobox", name="Colour").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        if ground.evaluate("one => one === document.activeElement"):
            break
    else:
        pytest.fail("Tab does not lead to the map")
    before, after = _moved(page, lambda: page.keyboard.press("ArrowRight"))
    assert after[0] > before[0]
    before, after = _moved(page, lambda: page.keyboard.press("+"))
    assert after[2] > before[2]
    page.wait_for_timeout(500)
    page.keyboard.press("n")
    chosen = page.get_by_role("region", name="Chosen")
    first = chosen.locator("h2").inner_text()
    page.keyboard.press("n")
    expect(chosen.locator("h2")).not_to_have_text(first)
    page.keyboard.press("Escape")
    chosen.wait_for(state="detached")
    assert "on the screen" in page.locator("[data-seen]").inner_text()


def test_a_click_chooses_a_point(page: Page) -> None:
    _drawn(page, "in=words&q=cat")
    page.wait_for_timeout(1_200)  # the flight ends with the key in the middle
    page.mouse.click(*_middle(page))
    page.get_by_role("region", name="Chosen").get_by_role("heading", name=re.compile("^cat")).wait_for()


def test_pictures_of_the_view(page: Page) -> None:
    _drawn(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="PNG").click()
    image = Path(download.value.path()).read_bytes()
    box = page.locator(".ground").bounding_box()
    assert box is not None
    assert image.startswith(b"\x89PNG")
    assert int.from_bytes(image[16:20], "big") == 2 * int(box["width"])
    with page.expect_download() as download:
        page.get_by_role("button", name="SVG").click()
    vectors = Path(download.value.path()).read_text(encoding="utf-8")
    assert vectors.count("<circle") > 100
    assert "<script" not in vectors


def test_without_webgl_there_is_a_table(page: Page, shoot: Callable[..., Path]) -> None:
    page.add_init_script(_NO_WEBGL)
    page.goto("/map?in=words")
    page.get_by_text("does not draw with WebGL2").wait_for()
    rows = page.locator("table tbody tr")
    assert rows.count() == 200
    page.get_by_role("button", name="Show more").click()
    page.wait_for_function("document.querySelectorAll('tbody tr').length > 200")
    # The rest still works.
    page.get_by_text("Space", exact=True).click()
    page.get_by_role("columnheader", name="z").wait_for()
    shoot(page, "map-without-webgl")


@pytest.mark.parametrize("dark", [False, True])
def test_a_narrow_window_has_a_sheet(new_page: Callable[..., Page], shoot: Callable[..., Path], dark: bool) -> None:
    page = new_page(width=390, height=844, dark=dark, language="ko-KR")
    _drawn(page, "in=korean")
    shoot(page, f"map-narrow-{'dark' if dark else 'light'}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    handle = page.get_by_role("button", name="설정 보이기")
    handle.click()
    expect(page.get_by_role("button", name="설정 숨기기")).to_have_attribute("aria-expanded", "true")
    page.get_by_text("공간", exact=True).click()
    page.wait_for_url(re.compile("dim=3"))
    shoot(page, f"map-sheet-{'dark' if dark else 'light'}")
