from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from jari.ingest.column_kinds import kind_of

N = 200
random = np.random.default_rng(7)
WORDS = np.array(["bright", "room", "near", "the", "park", "quiet", "house", "with", "a", "view", "bus", "city"])


def sentences(words: int) -> list[str]:
    return [" ".join(random.choice(WORDS, words)) for _ in range(N)]


def column(values: Any) -> pa.Array:
    return pa.array(values)


DAYS = [datetime.date(2026, 1, 1) + datetime.timedelta(days=at) for at in range(N)]


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("price", [f"${86 + at % 50}.00" for at in range(N)], "numeric"),
        ("price", [f"${at},000.00" for at in range(1, N)], "numeric"),
        ("stars", [at % 5 for at in range(N)], "numeric"),
        ("stars", [str(at % 5) for at in range(N)], "numeric"),
        ("length", random.normal(size=N), "numeric"),
        ("length", list(map(str, random.normal(size=N))), "numeric"),
        ("day", DAYS, "numeric"),
        ("day", list(map(str, DAYS)), "numeric"),
        ("Year Built", [1900 + at % 120 for at in range(N)], "numeric"),
        ("year", list(range(1850, 2020)), "numeric"),
        ("people", random.choice(10**7, N, replace=False), "numeric"),
        ("Order", list(range(10)), "numeric"),
        ("Order", list(range(1, N + 1)), "identifier"),
        ("Order", list(map(str, range(1, N + 1))), "identifier"),
        ("row", random.permutation(3 * N)[:N], "identifier"),
        ("id", random.choice(10**15, N, replace=False), "identifier"),
        ("listingId", random.choice(10**15, N, replace=False), "identifier"),
        ("user_id", [float(one) for one in random.choice(10**15, N, replace=False)], "identifier"),
        ("user_id", [at % 50 for at in range(N)], "numeric"),
        ("PID", [f"0{one}" for one in random.choice(10**9, N, replace=False)], "identifier"),
        ("mail", [f"u{at}@example.com" for at in range(N)], "identifier"),
        ("mail", [f"u{at}@example.com" for at in range(9)], "categorical"),
        ("zip", [f"0{at % 40}" for at in range(N)], "categorical"),
        ("MS SubClass", ["020", "060", "190"] * 60, "categorical"),
        ("room", ["Private room in home", "Entire place"] * 60, "categorical"),
        ("shop", [f"shop {at % 90}" for at in range(N)], "categorical"),
        ("full", [True, False], "categorical"),
        ("full", ["true", "false"], "categorical"),
        ("pool", ["yes", None, "yes"], "categorical"),
        ("pool", [1, None], "categorical"),
        ("about", sentences(30), "text"),
        ("name", sentences(3), "text"),
        ("tags", [["a", "b"], []], "text"),
        ("nothing", [None, None], "nothing"),
        ("nothing", ["NA", ""], "nothing"),
        ("nothing", [], "nothing"),
        ("city", ["Dublin"] * 9, "constant"),
        ("city", [3] * 9, "constant"),
        ("photo", [b"\xff\xd8", b"\x89PNG"], "other"),
        ("place", [{"x": 1}, {"x": 2}], "other"),
    ],
)
def test_kinds(name: str, values: Any, kind: str) -> None:
    assert kind_of(name, column(values)) == kind


def test_dictionaries_are_what_they_hold() -> None:
    assert kind_of("room", pa.array(["a", "b", "a"]).dictionary_encode()) == "categorical"
    assert kind_of("stars", pa.array([1, 2, None]).dictionary_encode()) == "numeric"


def test_missing_values_change_no_kind() -> None:
    holed = [
        [None if at % 4 == 0 else one for at, one in enumerate(values)] for values in (sentences(30), range(9, 209))
    ]
    assert [kind_of("x", column(values)) for values in holed] == ["text", "identifier"]


@pytest.mark.parametrize("name", ["id", "ID", "Id", "store_id", "storeId", "PID", "uuid", "listing key", "row.index"])
def test_names_of_keys(name: str) -> None:
    values = column(random.choice(10**12, N, replace=False))
    assert kind_of(name, values) == "identifier"


@pytest.mark.parametrize("name", ["paid", "humid", "bid", "area", "turkey", "grid"])
def test_names_that_only_end_like_keys(name: str) -> None:
    assert kind_of(name, column(random.choice(10**12, N, replace=False))) == "numeric"
