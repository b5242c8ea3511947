"""Words found whatever their case."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.errors import BadInput
from jari.evaluate.casing import CaseIndex


def test_the_first_key_stands_for_its_class():
    index = CaseIndex(["Polish", "us", "polish", "US", "POLISH"])
    assert index.classes.tolist() == [0, 1, 0, 1, 0]
    assert index.rows(["polish", "Us", "none"]).tolist() == [0, 1, -1]


def test_exact_keeps_the_cases_apart():
    index = CaseIndex(["Polish", "polish"], case="exact")
    assert index.classes.tolist() == [0, 1]
    assert index.rows(["polish", "POLISH"]).tolist() == [1, -1]


def test_decomposed_hangul_finds_composed_keys():
    assert CaseIndex(["호랑이"]).row(unicodedata.normalize("NFD", "호랑이")) == 0


def test_sharp_s_and_greek_final_sigma_fold():
    index = CaseIndex(["straße", "ὀδυσσεύς"])
    assert index.rows(["STRASSE", "ὈΔΥΣΣΕΎΣ"]).tolist() == [0, 1]


def test_an_unknown_case_is_refused():
    with pytest.raises(BadInput, match=r"case='lower' is not known: give one of 'fold', 'exact'"):
        CaseIndex([], case="lower")  # type: ignore[arg-type]


@given(st.lists(st.text(), unique=True))
def test_each_key_finds_a_row_of_its_own_class(keys):
    index = CaseIndex(keys)
    for row, key in enumerate(keys):
        assert index.row(key) == index.classes[row] <= row
