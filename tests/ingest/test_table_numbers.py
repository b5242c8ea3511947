from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.errors import BadInput
from jari.ingest.table_numbers import MISSING_WORDS, are_numbers, decimal_of, numbers_of

NAN = float("nan")
UTC = datetime.UTC
NOON = datetime.datetime(1970, 1, 2, 12)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("86", 86),
        (" 86.5 ", 86.5),
        ("$86.00", 86),
        ("€1,234.50", 1234.5),
        ("1\u00a0234", 1234),
        ("1\u202f234\u202f567 €", 1_234_567),
        ("1'000", 1000),
        ("12,34,567", 1_234_567),
        ("12%", 12),
        ("12.5 %", 12.5),
        ("1e3", 1000),
        ("-2.5E-3", -0.0025),
        ("₩12,000", 12_000),
        ("12,000원", 12_000),
        ("EUR 5", 5),
        ("-5", -5),
        ("+5", 5),
        ("\u22125", -5),
        ("-$5", -5),
        ("$-5", -5),
        (".5", 0.5),
        ("5.", 5),
        ("007", 7),
        ("1,234", 1234),
        ("1.234", 1.234),
        ("1.234,50 €", 1234.5),
        ("0,5", 0.5),
        (",5", 0.5),
        ("1.234.567", 1_234_567),
    ],
)
def test_as_people_write_them(cell: str, number: float) -> None:
    for kind in (pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())):
        assert numbers_of("x", pa.array([cell, None], kind)).tolist() == pytest.approx([number, NAN], nan_ok=True)
    assert are_numbers(pa.array([cell, None]))


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "x",
            "(5)",
            "5²",
            "½",
            "1,2,3",
            "12,34",
            "1_000",
            "0x10",
            "-",
            "$",
            "%",
            "e5",
            "--5",
            "5-",
            "$5€",
            "5%%",
            "+-5",
        ),
        *(
            "$-$5",
            "1.2.3",
            "1,234,5",
            "01,234",
            "1 23",
            "5 kg",
            "3 beds",
            "2026-01-31",
            "12:30",
            "1/2",
            "True",
            "１２",
            "-nan",
        ),
    ],
)
def test_no_numbers(cell: str) -> None:
    values = pa.array(["1.5", cell])
    with pytest.raises(BadInput, match=r"Column 'x'.* row 1 holds .* \(the first row is 0\)\. .*categorical="):
        numbers_of("x", values)
    assert not are_numbers(values)
    with pytest.raises(BadInput, match=r"row 3 holds .* \(the first row is 2\)"):
        numbers_of("x", values, first=2)


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e999", "$1e999"])
def test_infinite_numbers(cell: str) -> None:
    with pytest.raises(BadInput, match=r"Column 'x', row 1 holds .*, an infinite number; a number must be finite"):
        numbers_of("x", pa.array(["1", cell]))
    assert not are_numbers(pa.array(["1", cell]))


def test_infinite_numbers_of_other_types() -> None:
    with pytest.raises(BadInput, match="row 1 holds inf"):
        numbers_of("x", pa.array([1.0, float("inf")]))


@pytest.mark.parametrize("word", [*MISSING_WORDS, " ", "\t", " NA "])
def test_missing_words(word: str) -> None:
    assert np.isnan(numbers_of("x", pa.array(["1", word, "$2"]))).tolist() == [False, True, False]
    assert not are_numbers(pa.array([word, None]))


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (pa.array([1, None]), [1, NAN]),
        (pa.array([2**63], pa.uint64()), [2.0**63]),
        (pa.array([1.5, NAN, None], pa.float32()), [1.5, NAN, NAN]),
        (pa.array([1.5, None], pa.float16()), [1.5, NAN]),
        (pa.array([True, False, None]), [1, 0, NAN]),
        (pa.array([Decimal("1.50"), None]), [1.5, NAN]),
        (pa.array([datetime.date(1970, 1, 3), datetime.date(1969, 12, 31), None]), [2, -1, NAN]),
        (pa.array([datetime.date(1970, 1, 3), None], pa.date64()), [2, NAN]),
        (pa.array([NOON, None], pa.timestamp("s")), [1.5, NAN]),
        (pa.array([NOON, None], pa.timestamp("ns")), [1.5, NAN]),
        (pa.array([NOON.replace(tzinfo=UTC), None]), [1.5, NAN]),
        (pa.array([datetime.time(18), None], pa.time32("s")), [0.75, NAN]),
        (pa.array([datetime.time(18), None], pa.time64("ns")), [0.75, NAN]),
        (pa.array([datetime.timedelta(days=3), None]), [3, NAN]),
        (pa.array([1, None, 1]).dictionary_encode(), [1, NAN, 1]),
        (pa.array([None, None]), [NAN, NAN]),
        (pa.array([5, None, 7, 8])[1:3], [NAN, 7]),
        (pa.array(["x", "$5", None])[1:], [5, NAN]),
        (pa.array([], pa.int8()), []),
        (pa.array([], pa.string()), []),
        (pa.array([], pa.float64()), []),
    ],
)
def test_types(values: pa.Array, numbers: list[float]) -> None:
    found = numbers_of("x", values)
    np.testing.assert_array_equal(found, numbers)
    assert found.dtype == np.float64
    found += 1  # it is the caller's


@pytest.mark.parametrize("values", [pa.array([[1]]), pa.array([b"1"]), pa.array([{"a": 1}])])
def test_types_that_hold_no_numbers(values: pa.Array) -> None:
    with pytest.raises(BadInput, match=r"Column 'x' is of type .*: numbers are due"):
        numbers_of("x", values)
    assert not are_numbers(values)
    assert decimal_of(values) is None


@pytest.mark.parametrize(
    ("cells", "numbers", "decimal"),
    [
        (["1,5", "2"], [1.5, 2], ","),
        (["1,234", "0,500"], [1.234, 0.5], ","),
        (["1,234", "2,500"], [1234, 2500], "."),
        (["1,234", "2.5"], [1234, 2.5], "."),
        (["1.234", "2,5"], [1234, 2.5], ","),
        (["1.234", "2.500"], [1.234, 2.5], "."),
        (["1", "2"], [1, 2], "."),
    ],
)
def test_point_or_comma_is_for_the_whole_column(cells: list[str], numbers: list[float], decimal: str) -> None:
    values = pa.array(cells)
    assert (numbers_of("x", values).tolist(), decimal_of(values)) == (numbers, decimal)


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["1970-01-03", " 1969-12-31", "NA"], [2, -1, NAN]),
        (["1970-01-02 12:00", "1970-01-02T18:00:00"], [1.5, 1.75]),
        (["1970-01-02T12:00:00Z", "1970-01-02T12:00:00+12:00"], [1.5, 1]),
    ],
)
def test_dates_in_text(cells: list[str], days: list[float]) -> None:
    values = pa.array(cells)
    np.testing.assert_array_equal(numbers_of("x", values), days)
    assert are_numbers(values)
    assert decimal_of(values) is None
    with pytest.raises(BadInput, match=rf"row {len(cells) + 1} holds '5', which is no date like those above"):
        numbers_of("x", pa.array([None, *cells, "5"]))


def test_what_is_said_of_point_and_comma() -> None:
    assert numbers_of("x", pa.array(["1,234", "1.234", "5"]), decimal=",").tolist() == [1.234, 1234, 5]
    with pytest.raises(BadInput, match=r"row 1 holds '1\.5', which is no number"):
        numbers_of("x", pa.array(["1,234", "1.5"]), decimal=",")
    with pytest.raises(BadInput, match="row 1 holds '1,5', which is no number"):
        numbers_of("x", pa.array(["1.5", "1,5"]), decimal=".")
    with pytest.raises(BadInput, match=r"in two ways: row 0 holds '1\.5' and row 2 holds '2,5'"):
        numbers_of("x", pa.array(["1.5", None, "2,5"]))


def test_units_are_not_mixed() -> None:
    assert numbers_of("x", pa.array(["$5", "5", "$ 7"])).tolist() == [5, 5, 7]
    with pytest.raises(BadInput, match=r"Column 'x' mixes '\$' and '€'"):
        numbers_of("x", pa.array(["$5", "€5"]))
    assert not are_numbers(pa.array(["$5", "€5"]))


_STYLES: dict[str, tuple[str, str]] = {
    "english": (",", "."),
    "german": (".", ","),
    "french": ("\u202f", ","),
    "plain": ("", "."),
}


@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=9),
    st.sampled_from(sorted(_STYLES)),
    st.sampled_from(["{}", "${}", "{} €", "{}원", " {}%"]),
    st.integers(1, 4),
)
def test_numbers_come_back(cents: list[int], style: str, unit: str, repeats: int) -> None:
    group, point = _STYLES[style]
    cells = [unit.format(f"{one / 100:,.2f}".translate({ord(","): group, ord("."): point})) for one in cents]
    found = numbers_of("x", pa.array([*cells, None] * repeats))
    np.testing.assert_array_equal(found, [*(one / 100 for one in cents), NAN] * repeats)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=9))
def test_floats_come_back_to_the_bit(numbers: list[float]) -> None:
    np.testing.assert_array_equal(numbers_of("x", pa.array(list(map(repr, numbers)), pa.string())), numbers)
    np.testing.assert_array_equal(numbers_of("x", pa.array(numbers, pa.float64())), numbers)


@given(
    st.lists(
        st.one_of(st.none(), st.text(max_size=5), st.from_regex(r"[-+$€%,. 0-9eE]{1,6}", fullmatch=True)), max_size=4
    )
)
def test_are_numbers_says_what_numbers_of_does(cells: list[Any]) -> None:
    values = pa.array(cells, pa.string())
    try:
        numbers = numbers_of("x", values)
    except BadInput:
        numbers = np.empty(0)
    assert are_numbers(values) == (not np.isnan(numbers).all())
