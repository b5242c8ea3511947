"""What one box understands."""

from __future__ import annotations

import numpy as np
import pytest

from jari.embedding import Embedding
from jari.embedding.subwords import Subwords
from jari.errors import BadInput, UnknownKey
from jari.explore.asking import Reader

WORDS = Embedding(["king", "man", "New York", "a - b", "it's", "-"], np.eye(6))


@pytest.mark.parametrize(
    ("text", "kind", "keys"),
    [
        ("king", "key", ["king"]),
        ("New York", "key", ["New York"]),
        ("a - b", "key", ["a - b"]),  # a key, though it looks like an expression
        ("-", "key", ["-"]),
        ("king - man", "expression", ["king", "man"]),
        ("- king", "expression", ["king"]),
        ("2 * king", "expression", ["king"]),
        ('"New York" + man', "expression", ["New York", "man"]),
        ("KING", "key", ["king"]),
        ("king?", "key", ["king"]),
        ("king-man", "text", ["king", "man"]),
        ("the king's man, king", "text", ["man", "king"]),
        ("it's a man", "text", ["it's", "man"]),
    ],
)
def test_what_is_meant(text: str, kind: str, keys: list[str]) -> None:
    question = Reader(WORDS).read(text)
    assert question.kind == kind
    assert [term.key for term in question.terms] == keys


def test_a_text_is_the_mean_of_its_words() -> None:
    question = Reader(WORDS).read("a king and a man")
    assert question.unknown == ("a", "and")
    assert question.vector is not None
    assert question.vector.tolist() == [0.5, 0.5, 0, 0, 0, 0]


def test_with_subwords_every_word_counts() -> None:
    table = Subwords(np.ones((5, 2), dtype=np.float32), 3, 3)
    question = Reader(Embedding(["cat"], [[1, 0]], subwords=table)).read("catty dogs")
    assert (question.kind, question.unknown) == ("text", ())


@pytest.mark.parametrize("text", ["king - ", "king * man", "- -", "king + + man"])
def test_expressions_that_cannot_be_read(text: str) -> None:
    with pytest.raises(BadInput, match="The expression cannot be read"):
        Reader(WORDS).read(text)


def test_nothing_known() -> None:
    with pytest.raises(UnknownKey, match="'kng' is not in this embedding"):
        Reader(WORDS).read("king - kng")
    with pytest.raises(UnknownKey, match="'quite unknown' is not in this embedding"):
        Reader(WORDS).read("quite unknown")
    with pytest.raises(BadInput, match="Nothing is asked"):
        Reader(WORDS).read("  ")
