"""Fonts that have the characters."""

from __future__ import annotations

from jari.explore.fonts import fonts_for


def test_what_the_first_font_has_needs_no_other():
    fonts = fonts_for(["cosine", "naïve", "Ωmega", "кот"])
    assert fonts.families == ("DejaVu Sans",)
    assert fonts.can_draw("naïve")


def test_what_no_font_has_is_said_and_not_drawn_as_a_box():
    unassigned = "\U000e1234"  # matplotlib's font of boxes has even this
    fonts = fonts_for([f"a{unassigned}"])
    assert fonts.missing == {unassigned}
    assert not fonts.can_draw(f"b{unassigned}")
    assert fonts.can_draw("b")


def test_joiners_and_spaces_need_no_glyph():
    assert not fonts_for(["a\u200d\ufe0f b\u00a0c"]).missing


def test_no_text_at_all():
    assert fonts_for([]).missing == frozenset()
