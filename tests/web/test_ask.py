"""Ask: keys, arithmetic, texts, walking on."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from web.things import SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

expect = pytest.importorskip("playwright.sync_api").expect


def _box(page: Page) -> Locator:
    return page.get_by_role("combobox", name="A word, an expression or a text")


def _answers(page: Page) -> Locator:
    return page.locator(".answers").get_by_role("link")


def _keys(page: Page) -> list[str]:
    _answers(page).first.wait_for()
    return page.locator(".answers .key").all_inner_texts()


def test_a_key_gives_its_neighbours(page: Page) -> None:
    page.goto("/ask?in=words")
    _box(page).fill("cat")
    _box(page).press("Enter")
    page.wait_for_url("**/ask?in=words&q=cat")
    assert {"cat1", "cat2", "cat3", "cat4"} <= set(_keys(page))
    page.get_by_role("heading", name="Nearest to cat").wait_for()
    widths = page.locator(".answers .bar i").evaluate_all("bars => bars.map(bar => bar.offsetWidth)")
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 100
    about = page.get_by_role("complementary", name="About cat")
    about.get_by_text("909").wait_for()  # 10,000 over its rank


def test_arithmetic_in_korean(new_page: Callable[..., Page]) -> None:
    page = new_page(language="ko-KR")
    page.goto("/ask?in=korean")
    box = page.get_by_role("combobox", name="낱말, 식 또는 글")
    box.fill("한국 - 서울 + 도쿄")
    box.press("Enter")
    assert _keys(page)[0] == "일본"
    assert "한국" in page.url or "%ED%95%9C%EA%B5%AD" in page.url


def test_a_link_restores_what_was_asked(page: Page) -> None:
    page.goto("/ask?in=words&q=germany - berlin %2B paris&k=25")
    assert _keys(page)[0] == "france"
    assert _answers(page).count() == 25
    assert _box(page).input_value() == "germany - berlin + paris"


def test_suggestions_complete_the_term_at_the_caret(page: Page) -> None:
    page.goto("/ask?in=words")
    _box(page).press_sequentially("germ")
    page.get_by_role("option", name="germany").wait_for()
    assert _box(page).get_attribute("aria-expanded") == "true"
    _box(page).press("ArrowDown")
    _box(page).press("Enter")
    page.wait_for_url("**q=germany")
    _box(page).press_sequentially(" - berl")
    page.get_by_role("option", name="berlin").click()
    page.wait_for_url("**q=germany+-+berlin")
    _box(page).press_sequentially(" + New")
    page.get_by_role("option", name="New York").click()
    page.wait_for_url("**q=germany+-+berlin*New+York*")
    assert _box(page).input_value() == 'germany - berlin + "New York"'
    _answers(page).first.wait_for()


def test_escape_closes_the_suggestions_and_keeps_the_text(page: Page) -> None:
    page.goto("/ask?in=words")
    _box(page).press_sequentially("germ")
    page.get_by_role("option", name="germany").wait_for()
    _box(page).press("Escape")
    expect(page.get_by_role("option", name="germany")).to_be_hidden()
    assert _box(page).input_value() == "germ"


def test_the_enter_that_ends_a_composition_asks_nothing(page: Page) -> None:
    page.goto("/ask?in=korean")
    _box(page).fill("한국")
    press = """(box, composing) => box.dispatchEvent(new KeyboardEvent("keydown",
        {key: "Enter", isComposing: composing, bubbles: true, cancelable: true}))"""
    _box(page).evaluate(press, True)
    page.wait_for_timeout(100)
    assert "q=" not in page.url
    _box(page).evaluate(press, False)
    page.wait_for_url("**q=*")
    assert "서울" in _keys(page)


def test_walking_on_leaves_a_trail(page: Page) -> None:
    page.goto("/ask?in=words&q=cat")
    first = _keys(page)[0]
    _answers(page).first.click()
    page.wait_for_url(f"**q={first}")
    page.get_by_role("heading", name=f"Nearest to {first}").wait_for()
    trail = page.get_by_role("navigation", name="Where you walked")
    assert trail.get_by_role("listitem").all_inner_texts() == ["cat", first]
    page.go_back()
    page.get_by_role("heading", name="Nearest to cat", exact=True).wait_for()
    assert trail.count() == 0
    page.go_forward()
    page.get_by_role("heading", name=f"Nearest to {first}").wait_for()


def test_walking_with_the_keyboard_only(page: Page) -> None:
    page.goto("/ask?in=words")
    page.get_by_role("heading", name="Ask").wait_for()
    page.keyboard.press("/")
    page.keyboard.type("river")
    page.keyboard.press("Enter")
    second = _keys(page)[1]
    while page.evaluate("!document.activeElement.closest('.answers')"):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=f"Nearest to {second}").wait_for()
    expect(_answers(page).first).to_be_focused()


def test_terms_are_turned_and_removed(page: Page) -> None:
    page.goto("/ask?in=words&q=germany - berlin %2B paris")
    page.get_by_role("button", name="Take paris away").click()
    page.wait_for_url("**q=germany+-+berlin+-+paris")
    page.get_by_role("button", name="Remove paris").click()
    page.wait_for_url("**q=germany+-+berlin")
    page.get_by_role("button", name="About berlin").click()
    page.get_by_role("complementary", name="About berlin").wait_for()
    page.get_by_role("button", name="Remove berlin").click()
    page.get_by_role("heading", name="Nearest to germany").wait_for()


def test_an_unknown_key_is_said_with_what_may_be_meant(page: Page) -> None:
    page.expected_errors = re.compile("404")  # type: ignore[attr-defined]
    page.goto("/ask?in=words&q=germny")
    problem = page.get_by_role("alert")
    assert "'germny' is not in this embedding (259 keys)." in problem.inner_text()
    problem.get_by_role("link", name="germany").click()
    page.get_by_role("heading", name="Nearest to germany").wait_for()
    page.goto("/ask?in=words&q=germny - berlin %2B paris")
    page.get_by_role("alert").get_by_role("link", name="germany").click()
    assert _keys(page)[0] == "france"
    assert _box(page).input_value() == "germany - berlin + paris"


def test_a_malformed_expression_is_shown_with_the_place(page: Page) -> None:
    page.expected_errors = re.compile("422")  # type: ignore[attr-defined]
    page.goto("/ask?in=words&q=germany -  %2B berlin")
    assert "a key is missing here" in page.get_by_role("alert").inner_text()
    assert page.locator(".problem .place").inner_text() == "+ berlin"


def test_a_k_beyond_the_limits_is_said(page: Page) -> None:
    page.expected_errors = re.compile("422")  # type: ignore[attr-defined]
    page.goto("/ask?in=words&q=cat&k=0")
    assert "greater than or equal to 1" in page.get_by_role("alert").inner_text()


def test_a_text_says_what_it_does_not_know(page: Page) -> None:
    page.goto("/ask?in=words&q=the cat dog")
    assert "2 keys" in page.locator("#found").inner_text()
    page.get_by_text("Not known here and left out: the").wait_for()


def test_a_script_in_a_key_is_text(page: Page) -> None:
    page.goto("/ask?in=words")
    _box(page).fill(SCRIPT)
    _box(page).press("Enter")
    page.get_by_role("heading", name=f"Nearest to {SCRIPT}").wait_for()
    assert page.title() == "Ask · Jari"
    assert page.locator("main script").count() == 0


@pytest.mark.parametrize("key", ["two\nlines", "a/b", "../up", "-5", "&amp;", "서울 🌍", "x" * 90])
def test_odd_keys_are_walked_to_by_their_address(new_page: Callable[..., Page], key: str) -> None:
    from urllib.parse import quote

    page = new_page(width=390, height=844)
    page.goto(f"/ask?in=words&q={quote(key, safe='')}")
    heading = page.locator("#found").inner_text()
    assert heading == f"Nearest to {key}".replace("\n", "⏎")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_examples_are_questions_that_can_be_asked(page: Page) -> None:
    page.goto("/ask?in=words")
    links = page.get_by_role("region", name="Try").get_by_role("link")
    expect(links).to_have_text(["germany", "berlin", "france", "paris", "germany - berlin + france", "france paris"])
    page.get_by_role("link", name="germany - berlin + france").click()
    assert len(_keys(page)) == 10


def test_pictures_are_shown(page: Page) -> None:
    page.goto("/ask?in=photos")
    page.get_by_role("link", name="red 0.png").click()
    assert {"red 3.png", "red 6.png", "red 9.png"} == set(_keys(page)[:3])
    for picture in page.locator(".answers img").all()[:3]:
        expect(picture).to_have_js_property("naturalWidth", 48)


def test_items_of_a_recommender_are_asked_by_title(page: Page) -> None:
    page.goto("/ask?in=films/items&q=Toy Story&k=3")
    assert set(_keys(page)) == {"Aladdin", "Bambi", "Dumbo"}


def test_the_vector_is_copied(new_page: Callable[..., Page]) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/ask?in=words&q=cat")
    page.get_by_role("button", name="Copy the vector").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText().then(text => JSON.parse(text).length)") == 12


def test_another_embedding_is_chosen(page: Page) -> None:
    page.goto("/ask?in=words&q=cat")
    page.get_by_role("button", name="Embedding: words").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**in=later*")
    page.get_by_role("button", name="Embedding: later").wait_for()
    _answers(page).first.wait_for()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["en-US", "ko-KR"])
def test_screens(
    new_page: Callable[..., Page], shoot: Callable[..., Path], width: int, dark: bool, language: str
) -> None:
    page = new_page(width=width, height=900, dark=dark, language=language)
    look = f"{width}-{'dark' if dark else 'light'}-{language[:2]}"
    for name, address in (
        ("ask-empty", "/ask?in=words"),
        ("ask-expression", "/ask?in=korean&q=한국 - 서울 %2B 도쿄"),
        ("ask-pictures", "/ask?in=photos&q=red 0.png"),
    ):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        shoot(page, f"{name}-{look}", full_page=True)
