"""The best passage of each document."""

from __future__ import annotations

import pytest

from jari.errors import BadInput
from jari.search.collection import Collection
from jari.search.finding import best_of_each, words_to_mark
from jari.search.records import Document


@pytest.fixture
def library(tmp_path, toy):
    """Two documents: one of forty passages about cats, one about dogs."""
    with Collection.create(tmp_path / "library", toy) as made:
        cats = [Document(f"cats#{i}", "cat kitten cat", {"year": 1999}, source="cats") for i in range(40)]
        made.add([*cats, Document("dogs#0", "dog kitten", {"year": 2003}, source="dogs")])
        yield made


@pytest.mark.parametrize("mode", ["vector", "text", "hybrid"])
def test_a_document_stands_once_and_more_passages_are_read_until_there_are_enough(library, mode):
    found = best_of_each(library, "kitten cat", 2, mode=mode)
    assert [hit.source for hit in found] == ["cats", "dogs"]


def test_conditions_hold(library):
    assert [hit.source for hit in best_of_each(library, "cat", 2, "year > 2000")] == ["dogs"]
    assert best_of_each(library, "cat", 2, "year > 2010") == []


def test_no_k_is_no_search(library):
    with pytest.raises(BadInput, match="k=-1"):
        best_of_each(library, "cat", -1)


def test_short_words_are_not_marked_unless_there_is_nothing_else():
    assert words_to_mark("of a cat, 밤 of") == ["cat", "밤"]
    assert words_to_mark("a of") == ["a", "of"]
    assert words_to_mark("") == []
