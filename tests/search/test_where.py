import math
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.errors import BadInput
from jari.search.where import Condition, conditions, plain

FIELDS = {"year": "number", "lang": "text", "done": "boolean", 'odd "name"': "text", "a`b": "number", "and": "text"}


def one(where):
    (condition,) = conditions(where, FIELDS)
    return condition.field, condition.operator, condition.values


@pytest.mark.parametrize(
    ("string", "mapping"),
    [
        ("year = 1999", {"year": 1999}),
        ("year==1999", {"year": {"==": 1999}}),
        ("  year >= 1999 and year<2010.5", {"year": {">=": 1999, "<": 2010.5}}),
        ("year <> -1e3", {"year": {"!=": -1000.0}}),
        ("lang = en", {"lang": "en"}),
        ("lang = 1999", {"lang": "1999"}),
        ("lang = true AND done = TRUE", {"lang": "true", "done": True}),
        ("lang = 'it''s; -- \"so\"'", {"lang": 'it\'s; -- "so"'}),
        ('lang = "en"', {"lang": "en"}),
        ("lang in (en, 'ko', fr-CA)", {"lang": ["en", "ko", "fr-CA"]}),
        ("lang IN ()", {"lang": []}),
        ("year in (1, 2.0,+3)", {"year": {"in": (1, 2.0, 3)}}),
        ("done != false", {"done": {"!=": False}}),
        ('`odd "name"` = \'\' and "odd ""name""" != x', {'odd "name"': {"=": "", "!=": "x"}}),
        ("`a``b` > 0", {"a`b": {">": 0}}),
        ("and = and and and = 'and'", None),
        ("lang = 자리 and lang != 😀", {"lang": {"=": "자리", "!=": "😀"}}),
        ("year = 9007199254740993", {"year": 2**53 + 1}),
    ],
)
def test_a_string_says_what_a_mapping_does(string, mapping):
    if mapping is None:
        assert [(c.field, c.values) for c in conditions(string, FIELDS)] == [("and", ("and",))] * 2
    else:
        assert conditions(string, FIELDS) == conditions(mapping, FIELDS)
        assert [type(v) for c in conditions(string, FIELDS) for v in c.values] == [
            type(v) for c in conditions(mapping, FIELDS) for v in c.values
        ]


def test_nothing_is_asked():
    assert conditions(None, FIELDS) == conditions({}, FIELDS) == conditions([], FIELDS) == ()


def test_several_strings_must_all_be_met():
    assert conditions(["year > 1", "lang = en and done = true"], FIELDS) == (
        Condition("year", "number", ">", (1,)),
        Condition("lang", "text", "=", ("en",)),
        Condition("done", "boolean", "=", (True,)),
    )


def test_values_of_numpy_are_plain():
    assert one({"year": np.arange(2)}) == ("year", "in", (0, 1))
    for value in np.float32(0.5), np.int16(3), np.bool_(True), np.str_("x"):
        field = {"f": "year", "i": "year", "b": "done", "U": "lang"}[value.dtype.kind]
        assert type(one({field: value})[2][0]) in (int, float, bool, str)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"yaer": 1}, r"no field 'yaer'\. Did you mean 'year'\? Fields: 'year', 'lang'"),
        ("langs = en", r"no field 'langs'\. Did you mean 'lang'\?"),
        ({"completely other": 1}, r"no field 'completely other'\. Fields: 'year'"),
        ({3: 1}, r"no field 3\. Fields"),
        ({"year": "1999"}, r"'year' is a field of type number: '1999' is none \(a number is not in quotes\)"),
        ("year = '1999'", r"type number: '1999' is none"),
        ("year = nineteen", r"type number: 'nineteen' is none"),
        ({"year": True}, r"type number: True is none"),
        ({"year": None}, r"type number: None is none"),
        ({"year": [1, "x"]}, r"type number: 'x' is none"),
        ({"lang": 1}, r"type text: 1 is none \(text stands in quotes\)"),
        ({"done": 1}, r"type boolean: 1 is none \(it is true or false\)"),
        ("done = yes", r"type boolean: 'yes' is none"),
        ({"year": math.nan}, r"'year' cannot be nan: numbers are finite"),
        ("year < inf", r"cannot be inf"),
        ({"year": 10**400}, r"cannot be 10000"),
        ("year = " + "9" * 399, r"cannot be 9999"),
        ({"year": {"~": 1}}, r"no operator '~' \(for 'year'\): use one of ="),
        ({"year": {None: 1}}, r"no operator None"),
        ({"done": {"<": True}}, r"'done' is true or false: < does not compare"),
        ({"lang": {"in": "en"}}, r"'in' takes a list of values \(for 'lang'\), not 'en'"),
        ({"lang": {"in": 1}}, r"'in' takes a list of values"),
        (7, r"where=7 is no condition"),
        ([{"year": 1}], r"is no condition"),
        ("", r"Cannot read where='' at its end: the name of a field"),
        ("year", r"at its end: an operator"),
        ("year 1999", r"at '1999': an operator"),
        ("year >", r"at its end: a value"),
        ("year > > 1", r"at '> 1': a value"),
        ("year not in (1)", r"at 'not in \(1\)': an operator"),
        ("year = 1 or year = 2", r"at 'or year = 2': 'and' \(there is no 'or'"),
        ("year = 1 and", r"at its end: the name of a field"),
        ("year = 1; DROP TABLE x", r"type number: '1;' is none"),
        ("lang in en", r"at 'en': '\('"),
        ("lang in (en ko)", r"at 'ko\)': ',' or '\)'"),
        ("lang in (en", r"at its end: ',' or '\)'"),
        ("lang in (,)", r"at ',\)': a value"),
        ("lang = 'en", r"at \"'en\": a value"),
        ("'lang' = en", r"at \"'lang' = en\": the name of a field"),
        ("= 3", r"at '= 3': the name of a field"),
    ],
)
def test_what_cannot_be_asked_is_said(where, said):
    with pytest.raises(BadInput, match=said):
        conditions(where, FIELDS)


def test_there_are_no_fields():
    with pytest.raises(BadInput, match="have no metadata"):
        conditions({"year": 1}, {})


@given(st.text(), st.text())
def test_any_text_is_a_field_or_a_value(field, value):
    def quoted(text, mark):
        return mark + text.replace(mark, mark * 2) + mark

    for mark in '"`':
        asked = f"{quoted(field, mark)} = {quoted(value, chr(39))}"
        assert conditions(asked, {field: "text"}) == (Condition(field, "text", "=", (value,)),)


@given(st.text())
def test_any_string_is_read_or_refused(line):
    with suppress(BadInput):
        conditions(line, FIELDS)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**80), 2**80))
def test_any_number_is_read_back(number):
    assert one(f"year = {number!r}") == ("year", "=", (number,))


def test_a_subclass_of_str_becomes_a_str():
    class Name(str):
        __slots__ = ()

    assert type(plain(Name("x"), "lang", "text")) is str
