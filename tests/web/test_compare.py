"""Compare: two embeddings side by side. In `later`, "apple" has gone to the tools and "New York" is gone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

expect = pytest.importorskip("playwright.sync_api").expect

_PAIR = "/compare?a=words&b=later"


def _figure(page: Page, name: str) -> str:
    return page.locator("dl div", has=page.get_by_text(name, exact=True)).locator("dd").inner_text()


def test_the_summary_counts_what_is_shared(page: Page) -> None:
    page.goto(_PAIR)
    assert _figure(page, "Shared keys") == "258"
    assert _figure(page, "Only in words") == "1"
    assert _figure(page, "Only in later") == "0"
    assert 0.9 < float(_figure(page, "Agreement after alignment")) <= 1
    assert page.locator(".histogram g").count() == 11


def test_the_key_that_moved_is_the_most_changed(page: Page) -> None:
    page.goto(_PAIR)
    rows = page.get_by_role("region", name="Keys").get_by_role("row")
    assert rows.nth(1).inner_text().split() == ["apple", "0%", "0.337"]
    rows.nth(1).get_by_role("link").click()
    page.wait_for_url("**key=apple")
    sides = page.locator(".onekey .answers")
    expect(sides.nth(0).locator(".key").first).to_have_text(re.compile("^apple"))
    expect(sides.nth(1).locator(".key").first).to_have_text(re.compile("^hammer"))
    assert page.locator(".onekey .marked").count() == 0
    page.get_by_text("Steadiest").click()
    rows.nth(1).get_by_role("link").click()
    expect(page.locator(".onekey .marked")).to_have_count(20)


def test_a_link_restores_the_key(page: Page) -> None:
    page.goto(f"{_PAIR}&key=cat&k=5")
    page.get_by_role("heading", name="cat", exact=True).wait_for()
    assert page.locator(".onekey .answers").first.get_by_role("listitem").count() == 5
    assert page.get_by_role("combobox", name="A key that both have").input_value() == "cat"


def test_a_key_is_pointed_at_in_one_map_and_shown_in_both(page: Page) -> None:
    page.goto(_PAIR)
    maps = page.get_by_role("img", name=re.compile("^Map of "))
    expect(maps).to_have_count(2)
    first, second = maps.all()
    first.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    drawn = second.evaluate("canvas => canvas.toDataURL()")
    assert drawn != first.evaluate("canvas => canvas.toDataURL()")
    box = first.bounding_box()
    assert box is not None
    for step in range(20, int(box["width"]) - 20, 4):
        page.mouse.move(box["x"] + step, box["y"] + box["height"] * 0.5)
        if "over" in (first.get_attribute("class") or ""):
            break
    expect(second).to_have_class("over")
    assert second.evaluate("canvas => canvas.toDataURL()") != drawn
    page.mouse.down()
    page.mouse.up()
    page.wait_for_url("**key=*")
    page.locator(".onekey").wait_for()


def test_both_are_swapped(page: Page) -> None:
    page.goto(f"{_PAIR}&key=apple")
    page.get_by_role("button", name="Swap the two").click()
    page.wait_for_url("**a=later&b=words&key=apple")
    expect(page.locator(".onekey .answers .key").first).to_have_text(re.compile("^hammer"))


def test_the_same_twice_is_refused(page: Page) -> None:
    page.goto("/compare?a=words&b=words")
    page.get_by_text("Choose two different embeddings.").wait_for()


def test_nothing_shared_is_said(page: Page) -> None:
    page.expected_errors = re.compile("422")  # type: ignore[attr-defined]
    page.goto("/compare?a=words&b=korean")
    assert "No key is in both" in page.get_by_role("alert").inner_text()


def test_a_key_that_one_lacks_is_said(page: Page) -> None:
    page.expected_errors = re.compile("404|422")  # type: ignore[attr-defined]
    page.goto(f"{_PAIR}&key=New York")
    assert "'New York'" in page.get_by_role("alert").inner_text()
    assert _figure(page, "Shared keys") == "258"


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["en-US", "ko-KR"])
def test_screens(
    new_page: Callable[..., Page], shoot: Callable[..., Path], width: int, dark: bool, language: str
) -> None:
    page = new_page(width=width, height=900, dark=dark, language=language)
    page.goto(f"{_PAIR}&key=apple")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shoot(page, f"compare-{width}-{'dark' if dark else 'light'}-{language[:2]}", full_page=True)
