"""Search: documents of a collection, pictures that are like one."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytest.importorskip("playwright")


def _hits(page: Page) -> Locator:
    return page.get_by_role("list", name="Found").get_by_role("article")


def _pictures(page: Page, name: str = "Similar pictures") -> Locator:
    return page.get_by_role("list", name=name, exact=True).get_by_role("link")


def test_documents_are_found_and_read(page: Page) -> None:
    page.goto("/search?in=library")
    box = page.get_by_role("searchbox", name="What do you look for?")
    box.fill("the cat")
    box.press("Enter")
    page.wait_for_url("**/search?in=library&q=the+cat")
    first = _hits(page).first
    first.get_by_role("heading", name="animal/0.txt").wait_for()
    assert first.locator("mark").first.inner_text().lower() in ("the", "cat")
    assert "group animal" in first.inner_text()
    assert _hits(page).count() == 10


def test_the_words_that_were_found_are_marked_where_they_stand(page: Page) -> None:
    page.goto("/search?in=library&q=bread&mode=text")
    first = _hits(page).first
    first.wait_for()
    assert {mark.lower() for mark in first.locator("mark").all_inner_texts()} == {"bread"}
    assert "About the bread" in first.inner_text()


def test_a_document_is_shown_as_text(page: Page) -> None:
    page.goto("/search?in=library&q=bold&mode=text")
    assert "<img src=x onerror=alert(1)> cat and dog <b>bold</b>" in _hits(page).first.inner_text()
    assert _hits(page).first.locator("img, b").count() == 0


def test_everything_is_in_the_address(page: Page) -> None:
    page.goto("/search?in=library&q=soup")
    _hits(page).first.wait_for()
    page.get_by_label("Words", exact=True).check()
    page.wait_for_url("**&mode=text")
    page.get_by_label("Every passage").check()
    page.get_by_label("Show").select_option("25")
    where = page.get_by_label("Only where")
    page.get_by_role("button", name="group text").click()
    assert where.input_value() == "group = "
    where.press_sequentially("food")
    where.press("Enter")
    page.wait_for_url("**/search?in=library&q=soup&mode=text&passages=1&k=25&where=group+%3D+food")
    _hits(page).first.wait_for()
    page.reload()
    _hits(page).first.wait_for()
    assert where.input_value() == "group = food"
    assert all("group food" in text for text in _hits(page).all_inner_texts())


def test_what_is_wrong_with_a_condition_is_said(page: Page) -> None:
    page.expected_errors = re.compile("422")  # type: ignore[attr-defined]
    page.goto("/search?in=library&q=soup&where=colour %3D red")
    alert = page.get_by_role("alert")
    assert "There is no field 'colour'" in alert.inner_text()


def test_nothing_found_is_said(page: Page) -> None:
    page.goto("/search?in=library&q=zzzz&mode=text")
    page.get_by_text("Nothing was found.").wait_for()


def test_pictures_that_are_like_one(page: Page) -> None:
    page.goto("/search?in=photos")
    _pictures(page, "Pictures").first.wait_for()
    assert _pictures(page, "Pictures").count() == 12
    page.get_by_role("link", name="green 7.png").click()
    page.wait_for_url("**/search?in=photos&key=green+7.png")
    _pictures(page).first.wait_for()
    assert all(name.startswith("green") for name in page.locator(".grid .key").all_inner_texts()[:3])
    assert page.locator(".chosen img").evaluate("image => image.complete || new Promise(done => image.onload = done)")
    assert page.locator(".chosen img").evaluate("image => image.naturalWidth") > 0
    page.go_back()
    _pictures(page, "Pictures").first.wait_for()


def test_a_picture_is_found_by_its_name_and_the_keyboard(page: Page) -> None:
    page.goto("/search?in=photos")
    _pictures(page, "Pictures").first.wait_for()
    page.keyboard.press("/")
    page.keyboard.type("blue 1")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("key=blue"))
    _pictures(page).first.wait_for()


def test_an_unknown_picture_has_suggestions(page: Page) -> None:
    page.expected_errors = re.compile("404")  # type: ignore[attr-defined]
    page.goto("/search?in=photos&key=gren 7.png")
    page.get_by_role("alert").get_by_role("link", name="green 7.png").click()
    _pictures(page).first.wait_for()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("dark", [False, True])
def test_it_looks_like_this(new_page: Callable[..., Page], shoot: Callable[..., Path], width: int, dark: bool) -> None:
    page = new_page(width=width, height=900 if width > 400 else 844, dark=dark, language="ko-KR" if dark else "en-US")
    theme = "dark" if dark else "light"
    page.goto("/search?in=library&q=cat+and+dog")
    page.locator(".hits article").first.wait_for()
    shoot(page, f"search-{theme}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto("/search?in=photos&key=red 0.png")
    page.locator(".grid img").first.wait_for()
    shoot(page, f"pictures-{theme}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
