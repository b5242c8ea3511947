"""Recommend: pick some, see what fits and why."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytest.importorskip("playwright")

CHILDRENS = {"Toy Story", "Aladdin", "Bambi", "Dumbo"}


def _box(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Add a title that you like")


def _titles(page: Page) -> list[str]:
    page.locator(".recommended .title").first.wait_for()
    return page.locator(".recommended .title").all_inner_texts()


def _picked(page: Page) -> list[str]:
    return page.get_by_role("list", name="Picked").locator(".key").all_inner_texts()


def test_what_fits_what_was_picked(page: Page) -> None:
    page.goto("/films")
    _box(page).fill("toy")
    page.get_by_role("option", name="Toy Story").click()
    page.wait_for_url("**/films?items=1")
    assert _picked(page) == ["Toy Story"]
    assert _box(page).input_value() == ""
    first, *rest = _titles(page)
    assert first in CHILDRENS
    assert "Toy Story" not in rest
    assert "because of Toy Story" in page.locator(".recommended li").first.inner_text()

    page.get_by_role("button", name=f"I like {first} too").click()  # one walks on
    page.wait_for_url(re.compile(r"items=1,\d"))
    page.get_by_role("list", name="Picked").get_by_text(first).wait_for()
    assert _picked(page) == ["Toy Story", first]
    page.get_by_role("button", name="Remove Toy Story").click()
    page.wait_for_url(re.compile(r"items=\d$"))
    page.go_back()
    page.get_by_role("list", name="Picked").get_by_text("Toy Story").wait_for()


def test_by_keyboard_alone(page: Page) -> None:
    page.goto("/films")
    _box(page).wait_for()
    page.keyboard.press("/")
    page.keyboard.type("psy")
    page.get_by_role("option", name="Psycho").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/films?items=8")
    page.keyboard.type("jaws")
    page.keyboard.press("Enter")  # without a choice: the title that was meant
    page.wait_for_url("**/films?items=8,7")
    assert _picked(page) == ["Psycho", "Jaws"]


def test_a_link_knows_the_titles(page: Page) -> None:
    page.goto("/films?items=5,6&seen=1&k=25")
    assert {"Alien", "Heat"} <= set(_titles(page))  # seen ones too
    assert _picked(page) == ["Alien", "Heat"]
    assert page.get_by_label("Picked ones too").is_checked()
    assert page.get_by_label("Show").input_value() == "25"
    page.get_by_role("button", name="Start again").click()
    page.get_by_text("Pick a few titles that you like").wait_for()
    page.get_by_role("button", name="Toy Story", exact=True).click()  # for instance
    page.wait_for_url(re.compile("items=1"))
    page.get_by_role("list", name="Picked").wait_for()
    assert _picked(page) == ["Toy Story"]


def test_what_is_not_there_is_said(page: Page) -> None:
    page.goto("/films")
    _box(page).fill("qqqqqq")
    _box(page).press("Enter")
    assert page.get_by_role("alert").inner_text() == "Nothing is called “qqqqqq”."


def test_for_a_user(page: Page) -> None:
    page.goto("/films")
    page.get_by_label("A user").check()
    box = page.get_by_role("combobox", name="Id of a user")
    box.fill("ann3")
    box.press("Enter")
    page.wait_for_url(re.compile("user=ann3"))
    assert _titles(page)[0] in CHILDRENS
    assert page.get_by_role("button", name=re.compile("I like")).count() == 0


def test_an_unknown_user_has_suggestions(page: Page) -> None:
    page.expected_errors = re.compile("404")  # type: ignore[attr-defined]
    page.goto("/films?user=anm3")
    page.get_by_role("alert").get_by_role("link", name="ann3").click()
    assert _titles(page)


def test_a_title_leads_to_what_is_like_it(page: Page) -> None:
    page.goto("/films?items=1")
    first = _titles(page)[0]
    page.locator(".recommended .title").first.click()
    page.wait_for_url(re.compile(r"/ask\?in=films%2Fitems&q="))
    page.get_by_role("heading", name=re.compile(first)).first.wait_for()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("dark", [False, True])
def test_it_looks_like_this(new_page: Callable[..., Page], shoot: Callable[..., Path], width: int, dark: bool) -> None:
    page = new_page(width=width, height=900 if width > 400 else 844, dark=dark, language="ko-KR" if dark else "en-US")
    page.goto("/films?items=1,2")
    page.locator(".recommended li").first.wait_for()
    shoot(page, f"films-{'dark' if dark else 'light'}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
