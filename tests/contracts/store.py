"""What every store of documents promises, whatever the database: a store's test subclasses `StoreContract`.

Run as a program, this file is the other process of the tests that need one: it writes until it is killed.
"""

from __future__ import annotations

import math
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar

import numpy as np
import pytest

from jari.errors import BadInput
from jari.search.places import open_store
from jari.search.records import Record
from jari.search.store import Store
from jari.search.where import Condition

DIM = 4
HOSTILE = (
    "",
    " ",
    "a ",
    "'",
    '"',
    "`",
    "\\",
    "';--",
    "'; DROP TABLE records; --",
    '"; DROP TABLE records; --',
    "x' OR '1'='1",
    "%",
    "_",
    "a.b",
    "$1",
    "$$",
    "{}",
    "%s",
    "?",
    ":x",
    "--",
    "/*",
    "NULL",
    "id",
    "text",
    "vector",
    "metadata",
    "new\nline",
    "tab\t",
    "\r",
    "\x01",
    "\x7f",
    "\u2028",
    "\ufeff",
    "é",
    "e\u0301",
    "E",
    "자리",
    "👩‍👩‍👧",
    "\U0010ffff",
    "\ufffe",
    "x" * 3000,
)
SURROGATE = "half \ud83d of a pair"
ODD_TERMS = (
    "don't",
    "x_1",
    "c++",
    "the",
    "The",
    "running",
    "AND",
    "OR",
    "NOT",
    '"',
    "'",
    "*",
    "a:b",
    "a b",
    "a&b",
    "|",
    "!",
    "\\",
    "(",
    "%",
    "-",
    "자리",
    "자리는",
    "값진",
    "ㄱ",
    "😀",
    "👍🏽",
    "naïve",
    "nai\u0308ve",
    "日本",
    "0",
    "x" * 5000,
    "x" * 4999 + "y",
)


def unit(*numbers: float) -> np.ndarray:
    """A vector at unit length."""
    vector = np.array(numbers, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def record(
    id: str,
    text: str = "",
    *,
    vector: np.ndarray | None = None,
    terms: Sequence[str] = (),
    source: str | None = None,
    digest: str = "",
    **metadata: Any,
) -> Record:
    """A record with little said; its fields are the further arguments."""
    return Record(id, text, metadata, vector, tuple(terms), id if source is None else source, digest)


def meets(field: str, operator: Any, *values: Any, type: Any = None) -> Condition:
    """A condition whose type is that of its first value."""
    named = {str: "text", bool: "boolean", int: "number", float: "number"}
    return Condition(field, type or named[values[0].__class__], operator, values)


def bm25(records: Sequence[Record], terms: Sequence[str], k1: float = 1.2, b: float = 0.75) -> dict[str, float]:
    """The oracle: Robertson and Zaragoza (2009), with the logarithm of Lucene, which is never below 0."""
    counts = {one.id: Counter(one.terms) for one in records}
    mean = sum(len(one.terms) for one in records) / len(records)
    scores: dict[str, float] = {}
    for term in terms:
        holding = [one for one in records if counts[one.id][term]]
        rarity = math.log(1 + (len(records) - len(holding) + 0.5) / (len(holding) + 0.5))
        for one in holding:
            count = counts[one.id][term]
            part = rarity * count * (k1 + 1) / (count + k1 * (1 - b + b * len(one.terms) / mean))
            scores[one.id] = scores.get(one.id, 0.0) + part
    return scores


class StoreContract:
    """Subclass with a fixture `place`, where nothing is yet: what `open_store` takes, from any process."""

    one_process: ClassVar[str] = ""  # why no second process can open the place, where that is so

    exact_bm25: ClassVar[str] = ""  # why scores differ from the oracle by more than a factor, where they do

    @pytest.fixture
    def place(self, tmp_path) -> str:
        raise NotImplementedError

    def guests(self, place: str) -> set[int]:
        """Who is connected to the server that keeps the place; nobody, where there is none."""
        return set()

    @pytest.fixture
    def empty(self, place) -> Iterator[Store]:
        store = open_store(place)
        yield store
        store.close()

    @pytest.fixture
    def store(self, empty) -> Store:
        fields = {"lang": "text", "year": "number", "done": "boolean", "batch": "number"}
        empty.describe({"dim": DIM, "fields": fields})
        return empty

    def again(self, store: Store, place: str) -> Store:
        """A second look at the place: beside the first where two can be open, else after it."""
        if self.one_process:
            store.close()
        return open_store(place)

    # ── what it says of itself

    def test_nothing_is_there_yet(self, empty):
        assert empty.about() is None

    def test_what_it_says_of_itself_is_kept(self, empty, place):
        about = {
            "dim": DIM,
            "fields": {},
            "encoder": {"path": "위키 'a\"b`.jari", "nested": [1, 2.5, None, True, "😀\n"]},
        }
        empty.describe(about)
        assert empty.about() == about
        assert empty.count() == 0
        assert empty.nearest(unit(1, 0, 0, 0), 3) == []
        assert empty.matching(["a"], 3) == []
        assert empty.sources() == {}
        more = {**about, "fields": {"year": "number"}}
        empty.describe(more)
        assert empty.about() == more
        second = self.again(empty, place)
        assert second.about() == more
        second.close()

    def test_fields_grow_and_nothing_is_lost(self, empty):
        empty.describe({"dim": DIM, "fields": {"year": "number"}})
        empty.write([record("a", "old", year=1999, vector=unit(1, 0, 0, 0), terms=["old"])], replace=False)
        empty.describe({"dim": DIM, "fields": {"year": "number", "lang": "text", "done": "boolean"}})
        empty.write([record("b", "new", year=2000, lang="en", done=True)], replace=False)
        assert [hit.metadata for hit in empty.get(["a", "b"])] == [
            {"year": 1999},
            {"year": 2000, "lang": "en", "done": True},
        ]
        assert empty.count([meets("lang", "!=", "ko")]) == 1
        assert empty.count([meets("year", "<", 2001)]) == 2
        assert [hit.id for hit in empty.matching(["old"], 5)] == ["a"]
        empty.describe({"dim": DIM, "fields": {"year": "number", "lang": "text", "done": "boolean"}, "note": 1})
        assert empty.count() == 2

    def test_neither_of_two_takes_the_fields_of_the_other_away(self, empty, place):
        if self.one_process:
            pytest.skip(self.one_process)
        empty.describe({"dim": DIM, "fields": {}})
        other = open_store(place)
        assert other.about() == {"dim": DIM, "fields": {}}
        empty.describe({"dim": DIM, "fields": {"year": "number"}})
        other.describe({"dim": DIM, "fields": {"lang": "text"}})
        empty.write([record("a", year=1)], replace=False)
        other.write([record("b", lang="en")], replace=False)
        assert empty.about()["fields"] == {"year": "number", "lang": "text"}
        assert empty.count([meets("lang", "=", "en")]) == other.count([meets("year", "=", 1)]) == 1
        other.close()

    def test_dimension_and_types_stay(self, empty):
        empty.describe({"dim": DIM, "fields": {"year": "number"}})
        with pytest.raises(BadInput, match="Vectors of 3 numbers don't fit"):
            empty.describe({"dim": 3, "fields": {"year": "number"}})
        with pytest.raises(BadInput, match=r"'year' .* cannot become text"):
            empty.describe({"dim": DIM, "fields": {"year": "text"}})
        assert empty.about() == {"dim": DIM, "fields": {"year": "number"}}

    def test_a_forgotten_collection_is_not_there(self, empty, place):
        empty.forget()
        empty.describe({"dim": DIM, "fields": {"year": "number"}})
        empty.write([record("a", year=1999, vector=unit(1, 0, 0, 0), source="s", terms=["t"])], replace=False)
        empty.forget()
        assert empty.about() is None
        about = {"dim": 2, "fields": {"year": "text"}}
        empty.describe(about)
        second = self.again(empty, place)
        assert second.count() == 0
        assert second.matching(["t"], 3) == []
        second.write([record("a", year="MCMXCIX", vector=unit(1, 0), terms=["t"])], replace=False)
        assert second.about() == about
        assert [hit.id for hit in second.nearest(unit(1, 0), 3, [meets("year", "<", "N")])] == ["a"]
        second.close()

    # ── writing, getting, deleting

    def test_what_is_written_is_got(self, store, place):
        whole = record("a", "Text a", vector=unit(1, 2, 3, 4), terms=["text", "a"], source="s", digest="d1", year=1.5)
        store.write([whole, record("b")], replace=False)
        second = self.again(store, place)
        for hit in second.get(["a"])[0], second.nearest(unit(1, 2, 3, 4), 1)[0], second.matching(["text"], 1)[0]:
            assert (hit.id, hit.text, hit.source, hit.metadata) == ("a", "Text a", "s", {"year": 1.5})
        assert second.get(["a"])[0].score == 0
        assert second.get(["b"])[0].text == ""
        assert second.sources() == {"s": "d1", "b": ""}
        assert second.count() == 2
        second.close()

    def test_records_come_in_the_order_asked(self, store):
        store.write([record(name) for name in "abcd"], replace=False)
        assert [hit.id for hit in store.get(["d", "x", "a", "c"])] == ["d", "a", "c"]
        assert store.get([]) == []
        assert store.get(["x"]) == []

    def test_nothing_to_write(self, store):
        store.write([], replace=False)
        store.write([], replace=True, sources=[])
        assert store.count() == 0

    def test_an_id_that_is_there_already(self, store):
        store.write([record("it's", "first", source="s", lang="en")], replace=False)
        batch = [record("new1"), record("it's", "second"), record("new2")]
        with pytest.raises(BadInput, match=r"it's"):
            store.write(batch, replace=False, sources=["s"])
        assert store.count() == 1
        assert store.get(["it's"])[0].text == "first"
        assert store.sources() == {"s": ""}

    def test_a_record_is_replaced_whole(self, store):
        first = record("a", "old", vector=unit(1, 0, 0, 0), terms=["old"], source="s", digest="1", year=1, lang="en")
        store.write([first, record("b", "other", terms=["old"])], replace=False)
        store.write([record("a", "new", terms=["new"], source="t", digest="2", done=False)], replace=True)
        (hit,) = store.get(["a"])
        assert (hit.text, hit.source, hit.metadata) == ("new", "t", {"done": False})
        assert store.count() == 2
        assert store.count([meets("year", "=", 1)]) == 0
        assert store.nearest(unit(1, 0, 0, 0), 5) == []
        assert [hit.id for hit in store.matching(["old"], 5)] == ["b"]
        assert [hit.id for hit in store.matching(["new"], 5)] == ["a"]
        assert store.sources() == {"t": "2", "b": ""}

    def test_what_a_source_had_before_is_deleted(self, store):
        old = [record(f"a#{i}", f"old {i}", source="a", digest="1", terms=["a"]) for i in range(4)]
        store.write([*old, record("b#0", source="b", digest="1")], replace=False)
        new = [record(f"a#{i}", f"new {i}", source="a", digest="2", terms=["a"]) for i in range(2)]
        store.write([*new, record("c", digest="9")], replace=True, sources=["a", "never there"])
        assert [hit.text for hit in store.get(["a#0", "a#1", "a#2", "a#3"])] == ["new 0", "new 1"]
        assert store.sources() == {"a": "2", "b": "1", "c": "9"}
        assert len(store.matching(["a"], 9)) == 2
        store.write([], replace=True, sources=["a", "b"])
        assert store.sources() == {"c": "9"}
        assert store.count() == 1

    def test_sources_without_replacing(self, store):
        store.write([record("a1", source="a")], replace=False)
        store.write([record("a2", source="a")], replace=False, sources=["a"])
        assert [hit.id for hit in store.get(["a1", "a2"])] == ["a2"]

    def test_records_are_deleted(self, store):
        vector = unit(1, 0, 0, 0)
        store.write([record(name, vector=vector, terms=["t"], lang="en") for name in "abc"], replace=False)
        assert store.delete(["a", "x", "c"]) == 2
        assert store.delete(["a"]) == 0
        assert store.delete([]) == 0
        assert store.count() == store.count([meets("lang", "=", "en")]) == 1
        assert [hit.id for hit in store.nearest(vector, 5)] == ["b"]
        assert [hit.id for hit in store.matching(["t"], 5)] == ["b"]
        store.write([record("a", "back")], replace=False)
        assert store.get(["a"])[0].text == "back"

    # ── whatever comes in is data

    def test_any_string_is_an_id_a_text_a_source_and_a_value(self, store, place):
        records = [record(one, one, source=f"of {one}", digest=one, lang=one, terms=["t"]) for one in HOSTILE]
        store.write(records, replace=False)
        with pytest.raises(BadInput, match="DROP TABLE"):
            store.write([record("'; DROP TABLE records; --")], replace=False)
        store.write(records, replace=True, sources=[f"of {one}" for one in HOSTILE])
        assert store.count() == len(HOSTILE)
        second = self.again(store, place)
        for one, hit in zip(HOSTILE, second.get(HOSTILE), strict=True):
            assert (hit.id, hit.text, hit.source, hit.metadata) == (one, one, f"of {one}", {"lang": one})
        assert second.sources() == {f"of {one}": one for one in HOSTILE}
        for one in HOSTILE:
            assert second.count([meets("lang", "=", one)]) == 1, one
            assert second.count([meets("lang", "in", one, "never there")]) == 1, one
        assert second.delete(HOSTILE[1::2]) == len(HOSTILE[1::2])
        assert [hit.id for hit in second.get(HOSTILE)] == list(HOSTILE[::2])
        second.close()

    def test_any_string_names_a_field(self, empty):
        names = HOSTILE
        empty.describe({"dim": DIM, "fields": dict.fromkeys(names, "number")})
        every = {name: at for at, name in enumerate(names)}
        empty.write([Record("all", "", every, None, (), "all"), record("none")], replace=False)
        assert empty.get(["all"])[0].metadata == every
        for at, name in enumerate(names):
            assert empty.count([meets(name, "=", at)]) == 1, name
            assert empty.count([meets(name, "!=", at)]) == 0, name
        assert empty.about()["fields"] == dict.fromkeys(names, "number")

    @pytest.mark.parametrize("part", ["id", "text", "source", "lang", "terms"])
    @pytest.mark.parametrize("bad", [SURROGATE, "zero \0 byte"])
    def test_what_cannot_be_held_is_refused(self, store, part, bad):
        given = record("good", "good")
        values = {"id": given.id, "text": given.text, "source": given.source, "lang": "en", part: bad}
        terms = [bad] if part == "terms" else []
        asked = record(values["id"], values["text"], source=values["source"], lang=values["lang"], terms=terms)
        try:
            store.write([given if part != "id" else record("other"), record("b"), asked][1:], replace=False)
        except BadInput:
            assert store.count() == 0
        else:
            assert bad != SURROGATE
            (hit,) = store.get([values["id"]])
            assert (hit.text, hit.source, hit.metadata["lang"]) == (values["text"], values["source"], values["lang"])
            assert len(store.matching([bad], 5)) == (part == "terms")

    @pytest.mark.parametrize("bad", [SURROGATE, "zero \0 byte"])
    def test_what_cannot_be_held_is_not_found(self, store, bad):
        store.write([record("a", lang="en", terms=["t"], source="a")], replace=False)
        for ask in (
            lambda: store.get([bad]),
            lambda: store.delete([bad]),
            lambda: store.count([meets("lang", "=", bad)]),
            lambda: store.matching([bad], 3),
            lambda: store.write([], replace=True, sources=[bad]),
        ):
            with suppress(BadInput):
                assert not ask()
        assert store.count() == 1

    def test_a_text_of_ten_megabytes(self, store):
        words = [f"w{at % 50_000}" for at in range(1_600_000)]
        words[0], words[len(words) // 2], words[-1] = "beginning", "middle", "end"
        text = " ".join(words)
        assert len(text) > 10_000_000
        long = record("long", text, terms=words, vector=unit(1, 0, 0, 0))
        store.write([long, record("short", "end", terms=["end"])], replace=False)
        assert store.get(["long"])[0].text == text
        for word in "beginning", "middle", "w49999":
            assert [hit.id for hit in store.matching([word], 5)] == ["long"]
        assert [hit.id for hit in store.matching(["end"], 5)] == ["short", "long"]

    # ── the nearest

    def test_the_nearest_are_found(self, store):
        angles = np.linspace(0, np.pi, 40)
        vectors = [unit(np.cos(angle), np.sin(angle), 0, 0) for angle in angles]
        store.write([record(f"{at}", vector=vector) for at, vector in enumerate(vectors)], replace=False)
        hits = store.nearest(unit(1, 0, 0, 0), 5)
        assert [hit.id for hit in hits] == ["0", "1", "2", "3", "4"]
        np.testing.assert_allclose([hit.score for hit in hits], np.cos(angles[:5]), atol=1e-5)
        assert [hit.id for hit in store.nearest(unit(-1, 0, 0, 0), 2)] == ["39", "38"]
        assert len(store.nearest(unit(1, 0, 0, 0), 100)) == 40

    def test_records_without_a_vector_are_never_near(self, store):
        some = [record(f"{at}", vector=unit(-1, at, 0, 0) if at % 3 == 0 else None) for at in range(12)]
        store.write(some, replace=False)
        hits = store.nearest(unit(1, 0, 0, 0), 12)
        assert sorted(hit.id for hit in hits) == ["0", "3", "6", "9"]
        assert all(math.isfinite(hit.score) for hit in hits)

    def test_no_record_has_a_vector(self, store):
        store.write([record("a", lang="en")], replace=False)
        assert store.nearest(unit(1, 0, 0, 0), 3) == []
        assert store.nearest(unit(1, 0, 0, 0), 3, [meets("lang", "=", "en")]) == []

    def test_ties_are_all_of_them(self, store):
        store.write([record(f"{at}", vector=unit(0, 1, 0, 0), terms=["t"]) for at in range(8)], replace=False)
        for hits in store.nearest(unit(0, 1, 0, 0), 5), store.matching(["t"], 5):
            assert len({hit.id for hit in hits}) == 5
            assert max(hit.score for hit in hits) - min(hit.score for hit in hits) < 1e-5
        assert len({hit.id for hit in store.nearest(unit(0, 1, 0, 0), 8)}) == 8

    def test_conditions_are_met_before_the_nearest_are_chosen(self, store):
        near = [record(f"near {at}", vector=unit(1, at / 1000, 0, 0), lang="en", terms=["t"]) for at in range(200)]
        far = [record(f"far {at}", vector=unit(-1, at, 0, 0), lang="ko", terms=["t"] + ["pad"] * 50) for at in range(3)]
        store.write(near + far, replace=False)
        korean = [meets("lang", "=", "ko")]
        assert [hit.id for hit in store.nearest(unit(1, 0, 0, 0), 3, korean)] == ["far 2", "far 1", "far 0"]
        assert sorted(hit.id for hit in store.matching(["t"], 3, korean)) == ["far 0", "far 1", "far 2"]

    # ── conditions

    @pytest.mark.parametrize(
        ("field", "operator", "values", "expected"),
        [
            ("year", "=", (2000,), "b"),
            ("year", "=", (2000.0,), "b"),
            ("year", "!=", (2000,), "acd"),
            ("year", "<", (2000,), "a"),
            ("year", "<=", (2000,), "ab"),
            ("year", ">", (2000,), "cd"),
            ("year", ">=", (2000,), "bcd"),
            ("year", "in", (1999, 2001.5, -7), "ac"),
            ("year", "in", (), ""),
            ("lang", "=", ("en",), "a"),
            ("lang", "!=", ("en",), "bce"),
            ("lang", "<", ("ko",), "ab"),
            ("lang", "<=", ("ko",), "abc"),
            ("lang", ">", ("ko",), "e"),
            ("lang", ">=", ("ko",), "ce"),
            ("lang", "in", ("en", "ko", "x"), "ac"),
            ("lang", "in", (), ""),
            ("done", "=", (True,), "ae"),
            ("done", "=", (False,), "b"),
            ("done", "!=", (True,), "b"),
            ("done", "in", (True, False), "abe"),
            ("done", "in", (), ""),
        ],
    )
    def test_every_operator(self, store, field, operator, values, expected):
        vector = unit(0, 0, 1, 0)
        rows = [
            record("a", year=1999, lang="en", done=True, vector=vector, terms=["t"]),
            record("b", year=2000, lang="En", done=False, vector=vector, terms=["t"]),
            record("c", year=2001.5, lang="ko", vector=vector, terms=["t"]),
            record("d", year=1e300, vector=vector, terms=["t"]),
            record("e", lang="\U0001f600", done=True, vector=vector, terms=["t"]),
            record("f", vector=vector, terms=["t"]),
        ]
        store.write(rows, replace=False)
        where = [Condition(field, {"year": "number", "lang": "text", "done": "boolean"}[field], operator, values)]
        assert store.count(where) == len(expected)
        assert "".join(sorted(hit.id for hit in store.nearest(vector, 9, where))) == expected
        assert "".join(sorted(hit.id for hit in store.matching(["t"], 9, where))) == expected

    def test_all_conditions_are_met(self, store):
        rows = [record(f"{year}{lang}", year=year, lang=lang) for year in range(1990, 2010) for lang in ("en", "ko")]
        store.write(rows, replace=False)
        years = [meets("year", ">=", 1995), meets("year", "<", 2000)]
        assert store.count(years) == 10
        assert store.count([*years, meets("lang", "=", "ko")]) == 5
        assert store.count([*years, meets("year", ">", 2005)]) == 0

    def test_text_compares_by_code_points(self, store):
        words = ["", "B", "Z", "_", "a", "aa", "z", "é", "자", "\uffff", "😀"]
        store.write([record(f"{at}", lang=word) for at, word in enumerate(words)], replace=False)
        for at, word in enumerate(words):
            assert store.count([meets("lang", "<", word)]) == at, word

    def test_numbers_are_kept_and_compare_as_float64(self, store):
        numbers = [2**53 + 1, -(2**53) - 1, 2**63, 2**70, 10**25 + 1, 1e-320, 1.7976931348623157e308, 0.1 + 0.2, -0.0]
        store.write([record(f"{at}", year=number) for at, number in enumerate(numbers)], replace=False)
        hits = store.get([f"{at}" for at in range(len(numbers))])
        assert [hit.metadata["year"] for hit in hits] == numbers
        for number in numbers:
            assert store.count([meets("year", "=", float(number))]) == 1, number
            assert store.count([meets("year", "=", number)]) == 1, number
        assert store.count([meets("year", "=", 2**53)]) == 1
        assert store.count([meets("year", "=", 0)]) == store.count([meets("year", "=", -0.0)]) == 1
        assert store.count([meets("year", ">=", 0)]) == 8
        assert store.count([meets("year", "in", 0, 0.3)]) == 1

    def test_booleans_are_no_numbers(self, store):
        store.write([record("a", done=True, year=1), record("b", done=False, year=0)], replace=False)
        for hit, expected in zip(store.get(["a", "b"]), (True, False), strict=True):
            assert hit.metadata["done"] is expected
            assert hit.metadata["year"] == int(expected)
            assert not isinstance(hit.metadata["year"], bool)

    # ── full text

    def test_only_records_with_the_term_match(self, store):
        texts = [["cat", "sat"], ["dog", "sat"], ["cats"], []]
        store.write([record(f"{at}", terms=terms) for at, terms in enumerate(texts)], replace=False)
        assert [hit.id for hit in store.matching(["cat"], 9)] == ["0"]
        assert sorted(hit.id for hit in store.matching(["cat", "dog"], 9)) == ["0", "1"]
        assert sorted(hit.id for hit in store.matching(["sat", "never"], 9)) == ["0", "1"]
        assert len(store.matching(["sat"], 1)) == 1
        assert store.matching(["never"], 9) == []
        assert store.matching([], 9) == []

    def test_terms_are_taken_whole_as_they_are(self, store):
        store.write([record(f"{at}", terms=["t", term]) for at, term in enumerate(ODD_TERMS)], replace=False)
        for at, term in enumerate(ODD_TERMS):
            assert [hit.id for hit in store.matching([term], 9)] == [f"{at}"], term[:20]
        for never in ("don", "THE", "run", "자", "na", "a", "b", "x", "x" * 4998, "y"):
            assert store.matching([never], 9) == [], never[:20]

    def test_scores_are_those_of_bm25(self, store):
        rng = random.Random(5)
        words = [f"w{rank}" for rank in range(30)]
        weights = [1 / (rank + 1) for rank in range(30)]
        some = [record(f"{at}", terms=rng.choices(words, weights, k=rng.randint(1, 40))) for at in range(120)]
        # In several writes, so that no index has seen them all at once.
        for start in range(0, 120, 30):
            store.write(some[start : start + 30], replace=False)
        for asked in (["w0"], ["w25"], ["w3", "w17"], ["w1", "w2", "w29"]):
            self.check_scores(store, some, asked)
        store.tidy()
        self.check_scores(store, some, ["w3", "w17"])
        changed = [record(f"{at}", terms=["w3", "new"]) for at in range(40)]
        store.write(changed, replace=True)
        store.delete(["60", "61"])
        self.check_scores(store, changed + some[40:60] + some[62:], ["w3", "w17", "new"])

    def check_scores(self, store: Store, records: Sequence[Record], terms: Sequence[str]) -> None:
        expected = bm25(records, terms)
        hits = store.matching(terms, len(records) + 10)
        assert {hit.id for hit in hits} == set(expected)
        got = [hit.score for hit in hits]
        assert got == sorted(got, reverse=True)
        if not self.exact_bm25:
            factor = got[0] / max(expected.values())
            np.testing.assert_allclose(got, [factor * expected[hit.id] for hit in hits], rtol=1e-3)
            best = store.matching(terms, 3)
            np.testing.assert_allclose([hit.score for hit in best], got[:3], rtol=1e-3)

    def test_the_rarer_the_shorter_the_more_often_the_better(self, store):
        pad = ["pad"] * 10
        rows = [record(f"filler {at}", terms=["filler"] * 20) for at in range(30)]
        rows += [record(f"common {at}", terms=["common", *pad]) for at in range(8)]
        rows += [record("rare", terms=["rare", *pad])]
        rows += [record("once, short", terms=["x", *pad]), record("once, long", terms=["x", *pad, *pad, *pad])]
        rows += [record("twice", terms=["y", "y", *pad]), record("once", terms=["y", "z", *pad])]
        store.write(rows, replace=False)
        assert store.matching(["common", "rare"], 9)[0].id == "rare"
        assert [hit.id for hit in store.matching(["x"], 9)] == ["once, short", "once, long"]
        assert [hit.id for hit in store.matching(["y"], 9)] == ["twice", "once"]
        assert store.matching(["y", "z"], 1)[0].id == "once"
        for terms in (["x", "y"], ["x", "y", "y"], ["y", "x", "x", "pad"]):
            self.check_scores(store, rows, terms)
        assert all(hit.score > 0 for hit in store.matching(["filler"], 50))

    # ── many, and more than one at a time

    def test_five_thousand_records(self, store, place):
        rng = np.random.default_rng(3)
        vectors = rng.standard_normal((5000, DIM)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        rows = [
            record(f"{at}", f"text {at}", vector=vectors[at], terms=[f"w{at % 500}", "every"], batch=at % 7)
            for at in range(5000)
        ]
        store.write(rows, replace=False)
        store.tidy()
        second = self.again(store, place)
        assert second.count() == 5000
        query = unit(1, -2, 3, -4)
        best = np.argsort(-(vectors @ query))
        assert [hit.id for hit in second.nearest(query, 10)] == [f"{at}" for at in best[:10]]
        some = [at for at in best if at % 7 == 3][:10]
        assert [hit.id for hit in second.nearest(query, 10, [meets("batch", "=", 3)])] == [f"{at}" for at in some]
        assert sorted(int(hit.id) for hit in second.matching(["w123"], 20)) == list(range(123, 5000, 500))
        assert len(second.matching(["every"], 5000)) == 5000
        assert len(second.get([f"{at}" for at in range(0, 5000, 2)])) == 2500
        assert second.delete([f"{at}" for at in range(0, 5000, 2)]) == 2500
        second.write(rows[:2000], replace=True)
        assert second.count() == 3500
        assert len(second.sources()) == 3500
        second.close()

    def test_tidying_changes_no_answer(self, store):
        for at in range(12):
            store.write([record(f"{at}", vector=unit(1, at, 0, 0), terms=["t"], batch=at)], replace=False)
        store.delete(["3"])
        store.write([record("4", "new", vector=unit(1, 4, 0, 0), terms=["t"], batch=4)], replace=True)

        def answers() -> Any:
            found = store.nearest(unit(1, 0, 0, 0), 20), store.matching(["t"], 20, [meets("batch", "<", 6)])
            return [[(hit.id, hit.text) for hit in sorted(hits, key=lambda hit: hit.id)] for hits in found]

        before = answers()
        store.tidy()
        store.tidy()
        assert answers() == before
        assert store.count() == 11

    def test_it_does_what_a_dictionary_does(self, store):
        rng = random.Random(11)
        model: dict[str, Record] = {}
        for step in range(60):
            made = {}
            for _ in range(rng.randint(0, 4)):
                id = f"id{rng.randrange(12)}"
                vector = None if rng.random() < 0.3 else unit(*(rng.random() + 0.1 for _ in range(DIM)))
                terms = rng.choices("abc", k=rng.randint(0, 3))
                source, year = f"s{rng.randrange(4)}", rng.choice([1, 2, 2.5])
                made[id] = record(id, f"{step}", vector=vector, terms=terms, source=source, digest=source, year=year)
            act = rng.choice(["add", "replace", "sources", "delete", "tidy"])
            if act == "delete":
                assert store.delete(list(made)) == len(made.keys() & model.keys())
                model = {id: one for id, one in model.items() if id not in made}
            elif act == "tidy":
                store.tidy()
            elif act == "add" and made.keys() & model.keys():
                with pytest.raises(BadInput):
                    store.write(list(made.values()), replace=False)
            else:
                gone = [f"s{rng.randrange(4)}"] if act == "sources" else []
                store.write(list(made.values()), replace=act != "add", sources=gone)
                model = {id: one for id, one in model.items() if one.source not in gone} | made
            self.check_model(store, model)

    def check_model(self, store: Store, model: dict[str, Record]) -> None:
        two = [meets("year", ">=", 2)]
        assert store.count() == len(model)
        assert store.count(two) == sum(one.metadata["year"] >= 2 for one in model.values())
        assert store.sources() == {one.source: one.digest for one in model.values()}
        assert [(hit.id, hit.text) for hit in store.get(sorted(model))] == [
            (id, model[id].text) for id in sorted(model)
        ]
        assert {hit.id for hit in store.nearest(unit(1, 1, 1, 1), 99)} == {
            id for id, one in model.items() if one.vector is not None
        }
        assert {hit.id for hit in store.matching(["a"], 99, two)} == {
            id for id, one in model.items() if "a" in one.terms and one.metadata["year"] >= 2
        }

    def test_another_sees_what_was_written(self, store, place):
        if self.one_process:
            pytest.skip(self.one_process)
        other = open_store(place)
        for at in range(3):
            store.write([record(f"{at}", vector=unit(1, at, 0, 0), terms=["t"])], replace=False)
            assert other.count() == len(other.nearest(unit(1, 0, 0, 0), 9)) == len(other.matching(["t"], 9)) == at + 1
        assert other.delete(["0"]) == 1
        assert store.count() == 2
        assert store.get(["0"]) == []
        other.close()

    def test_two_write_at_a_time(self, store, place):
        if self.one_process:
            pytest.skip(self.one_process)
        wins: list[int] = []
        failures: list[BaseException] = []

        def work(writer: int) -> None:
            try:
                mine = open_store(place)
                for at in range(8):
                    mine.write([record(f"{writer} {at} {i}", batch=at) for i in range(3)], replace=False)
                    mine.write([record("both", f"{writer}")], replace=True)
                    try:
                        mine.write([record(f"first {at}", f"{writer}")], replace=False)
                        wins.append(at)
                    except BadInput:
                        pass
                mine.close()
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(writer,)) for writer in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert sorted(wins) == list(range(8))
        assert store.count() == 2 * 8 * 3 + 1 + 8
        assert store.count([meets("batch", "=", 3)]) == 6

    # ── another process

    @pytest.mark.slow
    @pytest.mark.parametrize("seed", range(5))
    def test_a_killed_writer_leaves_whole_batches(self, place, seed):
        if self.one_process:
            pytest.skip(self.one_process)
        rng = random.Random(seed)
        stop = rng.randrange(50)
        before = self.guests(place)
        with other_process("add", place, str(seed)) as child:
            acknowledged, began = [], time.monotonic()
            while len(acknowledged) <= stop:
                acknowledged.append(int(child.stdout.readline()))
            time.sleep(rng.random() * 2 * (time.monotonic() - began) / len(acknowledged))
            child.kill()  # SIGKILL
            acknowledged += [int(line) for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        deadline = time.monotonic() + 30
        while self.guests(place) - before:  # a server may still be at what it was last told
            assert time.monotonic() < deadline
            time.sleep(0.01)
        store = open_store(place)
        held = 0
        for number, batch in enumerate(batches(seed)):
            there = store.count([meets("batch", "=", number)])
            assert there in (0, len(batch)), f"batch {number} is there in part"
            assert there or number not in acknowledged, f"batch {number} was acknowledged and is lost"
            expected = batch if there else []
            assert [(hit.text, hit.metadata) for hit in store.get([one.id for one in batch])] == [
                (one.text, dict(one.metadata)) for one in expected
            ]
            ids = {one.id for one in expected}
            assert {hit.id for hit in store.matching([f"b{number}"], 99)} == ids
            assert {hit.id for hit in store.nearest(unit(1, 1, 1, 1), 99, [meets("batch", "=", number)])} == ids
            held += there
        assert store.count() == held
        store.write([record("after", terms=["after"])], replace=False)
        store.tidy()
        assert [hit.id for hit in store.matching(["after"], 3)] == ["after"]
        store.close()

    @pytest.mark.slow
    def test_what_is_seen_is_a_state_before_or_after_a_write(self, place):
        if self.one_process:
            pytest.skip(self.one_process)
        versions = set()
        with other_process("change", place, "0") as child:
            assert child.stdout.readline().strip() == "ready"
            store = open_store(place)
            end = time.monotonic() + 6
            while time.monotonic() < end:
                versions.add(self.look(store))
            store.close()
            assert child.poll() is None, "the other process failed"
        assert len(versions) > 3, "the other process changed hardly anything"

    def look(self, store: Store) -> Any:
        """One look at what the other process changes; answers the version that it saw."""
        seen = None
        for hits in (
            store.get(["left", "right"]),
            store.matching(["pair"], 9),
            store.nearest(unit(0, 0, 0, 1), 2),
            store.matching(["pair"], 9, [meets("lang", "=", "pair")]),
        ):
            assert {hit.id for hit in hits} == {"left", "right"}
            states = {(hit.text, hit.metadata["year"]) for hit in hits}
            assert len(states) == 1, f"two versions at a time: {states}"
            ((text, seen),) = states
            assert text == f"version {seen}"
        passages = store.matching(["passage"], 99)
        (version,) = {hit.metadata["year"] for hit in passages}
        assert len(passages) == version % 5 + 1
        for hits in store.matching(["batch"], 999), store.nearest(unit(1, 0, 0, 0), 999, [meets("batch", ">=", 0)]):
            for number, there in Counter(hit.metadata["batch"] for hit in hits).items():
                assert there == number % 7 + 1, f"{there} records of batch {number}"
        return seen


def batches(seed: int) -> list[list[Record]]:
    """What the process that is killed writes."""
    rng = random.Random(f"batches {seed}")
    made = []
    for number in range(50):
        size = rng.randint(1, 40)
        vectors = [unit(*(rng.random() + 0.01 for _ in range(DIM))) for _ in range(size)]
        texts = [f"record {at} of batch {number}. " * rng.randint(1, 60) for at in range(size)]
        made.append(
            [
                record(f"{number}/{at}", texts[at], vector=vectors[at], terms=[f"b{number}", "all"], batch=number)
                for at in range(size)
            ]
        )
    return made


@contextmanager
def other_process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """This file as a program; killed at the end."""
    command = [sys.executable, "-W", "error", __file__, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


def add(place: str, seed: int) -> None:
    """Write 50 batches, and say of each that it was acknowledged."""
    made = batches(seed)
    store = open_store(place)
    store.describe({"dim": DIM, "fields": {"batch": "number"}})
    for number, batch in enumerate(made):
        store.write(batch, replace=False)
        print(number, flush=True)  # noqa: T201
    time.sleep(60)


def change(place: str) -> None:
    """Add, replace and delete until killed; states that others may see can be told from those that they may not."""
    store = open_store(place)
    store.describe({"dim": DIM, "fields": {"batch": "number", "year": "number", "lang": "text"}})
    version = 0
    while True:
        pair = [
            record(name, f"version {version}", vector=unit(0, 0, 0, 1), terms=["pair", name], year=version, lang="pair")
            for name in ("left", "right")
        ]
        store.write(pair, replace=True)
        cut = [record(f"p{at}", terms=["passage"], source="s", year=version) for at in range(version % 5 + 1)]
        store.write(cut, replace=True, sources=["s"])
        vector = unit(1, 0, 0, 0)
        store.write(
            [record(f"{version} {at}", vector=vector, terms=["batch"], batch=version) for at in range(version % 7 + 1)],
            replace=False,
        )
        gone = version - 3
        if gone >= 0:
            assert store.delete([f"{gone} {at}" for at in range(gone % 7 + 1)]) == gone % 7 + 1
        if version % 10 == 9:
            store.tidy()
        if version == 0:
            print("ready", flush=True)  # noqa: T201
        version += 1


if __name__ == "__main__":
    if sys.argv[1] == "add":
        add(sys.argv[2], int(sys.argv[3]))
    else:
        change(sys.argv[2])
