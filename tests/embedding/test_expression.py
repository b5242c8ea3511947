from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.embedding.expression import Term, parse, write
from jari.errors import BadInput

KEYS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    ["", " ", "+", "-", "−", "*", "'", '"', "\\", "it's", "'tis", "well-known", "New York", "0.5", "자리", "\n", "a\\"]
)
WEIGHTS = st.floats(-1e6, 1e6).filter(bool) | st.sampled_from([1.0, -1.0, 0.5, -2.0, 1e-7])


@given(st.lists(st.builds(Term, KEYS, WEIGHTS), min_size=1, max_size=5))
def test_what_is_written_is_read_back(terms):
    assert parse(write(terms)) == tuple(terms)


@given(st.text())
def test_any_text_is_read_or_refused_with_a_caret(text):
    with suppress(BadInput):
        assert parse(text)
        return
    with pytest.raises(BadInput, match=r"\^\Z|is empty"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("king - man + woman", [("king", 1), ("man", -1), ("woman", 1)]),
        ("  king\t-\nman ", [("king", 1), ("man", -1)]),
        ("- king", [("king", -1)]),
        ("+ king", [("king", 1)]),
        ("well-known", [("well-known", 1)]),
        ("well-known − C++", [("well-known", 1), ("C++", -1)]),
        ("a ＋ b － c – d", [("a", 1), ("b", 1), ("c", -1), ("d", -1)]),
        ("0.5 * king - 2 × queen", [("king", 0.5), ("queen", -2)]),
        ("1e-2 * king", [("king", 0.01)]),
        ("3 + 4", [("3", 1), ("4", 1)]),
        ("2 * 3", [("3", 2)]),
        ("'New York' - \"Los Angeles\"", [("New York", 1), ("Los Angeles", -1)]),
        ("don't + 'it\\'s'", [("don't", 1), ("it's", 1)]),
        ("'+' - '-'", [("+", 1), ("-", -1)]),
        ('""', [("", 1)]),
        ("왕\u3000-\u3000남자", [("왕", 1), ("남자", -1)]),
    ],
)
def test_expressions(text, terms):
    assert parse(text) == tuple(Term(key, weight) for key, weight in terms)


@pytest.mark.parametrize(
    ("text", "what", "column"),
    [
        ("king -", "a key is missing at the end", 6),
        ("king - + man", "a key is missing here", 7),
        ("king man", r"a \+ or - is missing here", 5),
        ("king -man", r"a \+ or - is missing here", 5),
        ("* king", "a key is missing here", 0),
        ("two * king", r"before \* stands a number", 0),
        ("'2' * king", r"before \* stands a number", 0),
        ("2 *", "a key is missing at the end", 3),
        ("1e999 * king", "is too large", 0),
        ("king - 'man", "this quote is not closed", 7),
        ("'a'b", "a space is missing after the quote", 3),
        ("왕 남자", r"a \+ or - is missing here", 3),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text, what, column):
    with pytest.raises(BadInput, match=what) as refused:
        parse(text)
    assert str(refused.value).splitlines()[-1] == "  " + " " * column + "^"


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_expression_is_refused(text):
    with pytest.raises(BadInput, match="The expression is empty"):
        parse(text)
