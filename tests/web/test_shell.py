"""The page around the views: addresses, languages, themes, keys, what is said where nothing can be shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

expect = pytest.importorskip("playwright.sync_api").expect


def _nav(page: Page) -> list[str]:
    links = page.locator("header nav a")
    links.first.wait_for()
    return links.all_inner_texts()


def test_the_root_leads_to_the_first_view(page: Page) -> None:
    page.goto("/")
    page.wait_for_url("**/ask")
    page.get_by_role("heading", name="Ask").wait_for()
    assert _nav(page) == ["Ask", "Map", "Compare", "Search", "Recommend"]  # nothing is being learnt


def test_views_are_links_and_come_back(page: Page) -> None:
    page.goto("/ask?in=words&q=cat")
    page.get_by_role("link", name="Compare").first.click()
    page.wait_for_url("**/compare")
    expect(page.get_by_role("heading", name="Compare")).to_be_focused()
    assert page.title() == "Compare · Jari"
    page.go_back()
    page.get_by_role("heading", name="Nearest to cat").wait_for()
    assert page.title() == "Ask · Jari"
    link = page.get_by_role("navigation", name="Views").get_by_role("link", name="Map")
    assert link.get_attribute("href") == "/map"


def test_the_language_is_switched_and_kept(page: Page) -> None:
    page.goto("/ask")
    page.get_by_role("button", name="한국어").click()
    page.get_by_role("heading", name="묻기").wait_for()
    assert page.evaluate("document.documentElement.lang") == "ko"
    assert page.title() == "묻기 · 자리"
    page.reload()
    page.get_by_role("heading", name="묻기").wait_for()
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Ask").wait_for()


def test_a_korean_browser_is_answered_in_korean(new_page: Callable[..., Page]) -> None:
    page = new_page(language="ko-KR")
    page.goto("/ask")
    page.get_by_role("heading", name="묻기").wait_for()
    assert _nav(page) == ["묻기", "지도", "비교", "검색", "추천"]


def test_the_theme_is_switched_and_kept(new_page: Callable[..., Page]) -> None:
    page = new_page(dark=True)
    page.goto("/ask")
    ground = "getComputedStyle(document.body).backgroundColor"
    page.get_by_role("button", name="Colours: As the system").click()
    page.get_by_role("button", name="Colours: Light").wait_for()
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.reload()
    page.get_by_role("button", name="Colours: Light").click()
    page.get_by_role("button", name="Colours: Dark").wait_for()
    assert page.evaluate(ground) == "rgb(18, 23, 29)"


@pytest.mark.parametrize("dark", [False, True])
def test_contrast(new_page: Callable[..., Page], dark: bool) -> None:
    """WCAG AA: 4.5 for text, 3 for the edges of what can be used."""
    page = new_page(dark=dark)
    page.goto("/ask")
    pairs = [
        (ink, paper, 4.5)
        for ink in ("--ink", "--faint", "--named", "--accent")
        for paper in ("--paper", "--panel", "--wash", "--accent-wash")
    ]
    pairs += [("--on-accent", "--accent", 4.5), ("--paper", "--ink", 4.5)]
    pairs += [("--edge", paper, 3.0) for paper in ("--paper", "--panel")]
    low = {}
    for ink, paper, least in pairs:
        ratio = _contrast(_colour(page, ink), _colour(page, paper))
        if ratio < least:
            low[ink, paper] = ratio
    assert low == {}


def test_the_first_tab_skips_to_the_content(page: Page) -> None:
    page.goto("/ask")
    page.get_by_role("heading", name="Ask").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_shortcuts(page: Page) -> None:
    page.goto("/ask")
    page.get_by_role("heading", name="Ask").wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Keyboard shortcuts").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")  # until focus has come back
    page.keyboard.press("/")
    page.wait_for_function("document.activeElement.getAttribute('role') === 'combobox'")
    page.keyboard.type("/?")
    assert page.get_by_role("combobox", name="A word").input_value() == "/?"


def test_a_name_that_is_not_there_gives_the_first(page: Page) -> None:
    page.goto("/ask?in=nowhere&q=cat")
    page.get_by_role("heading", name="Nearest to cat").wait_for()
    page.get_by_role("button", name="Embedding: words").wait_for()


def test_a_token_is_asked_for_and_given(page: Page) -> None:
    page.expected_errors = re.compile("401")  # type: ignore[attr-defined]
    given: list[str] = []

    def door(route: Route) -> None:
        if route.request.url.endswith("/api/session"):
            given.append(route.request.post_data_json["token"])
        if given[-1:] == ["right"]:
            route.fulfill(status=204) if route.request.method == "POST" else route.continue_()
        else:
            route.fulfill(status=401, json={"error": {"type": "unauthorized", "message": "A token is needed."}})

    page.route("**/api/**", door)
    page.goto("/ask?in=words&q=cat")
    page.get_by_label("Token").fill("wrong")
    page.get_by_role("button", name="Open").click()
    assert page.get_by_role("alert").inner_text() == "This is not the token."
    page.get_by_label("Token").fill("right")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Nearest to cat").wait_for()
    assert given == ["wrong", "right"]


def test_a_server_that_is_gone_is_said(page: Page) -> None:
    page.expected_errors = re.compile("ERR_FAILED")  # type: ignore[attr-defined]
    page.route("**/api/**", lambda route: route.abort())
    page.goto("/ask?in=words&q=cat")
    assert "The server does not answer" in page.get_by_role("alert").inner_text()
    page.unroute("**/api/**")
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("heading", name="Nearest to cat").wait_for()


def test_a_view_with_nothing_to_show_says_why(page: Page) -> None:
    def one(route: Route) -> None:
        items = [item for item in route.fetch().json()["items"] if item["name"] == "words"]
        route.fulfill(json={"items": items})

    page.route("**/api/embeddings", one)
    page.goto("/compare")
    page.get_by_text("Comparing takes two embeddings").wait_for()
    assert _nav(page) == ["Ask", "Map", "Compare"]
    page.goto("/films")
    page.get_by_text("No recommender is on the shelf.").wait_for()


def test_the_documentation_of_the_api_is_served_from_here(page: Page) -> None:
    page.goto("/docs")
    page.get_by_text("/api/similar").first.wait_for()


def _colour(page: Page, token: str) -> list[float]:
    said = page.evaluate(
        """token => {
            const probe = document.body.appendChild(document.createElement("i"));
            probe.style.color = `var(${token})`;
            return getComputedStyle(probe).color;
        }""",
        token,
    )
    return [float(number) for number in re.findall(r"[\d.]+", said)[:3]]


def _contrast(one: list[float], two: list[float]) -> float:
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: list[float]) -> float:
    """Relative luminance, WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
