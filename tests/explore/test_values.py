"""Numbers to colour points by."""

from __future__ import annotations

import numpy as np
import pytest

from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput, UnknownKey
from jari.explore import values
from jari.explore.asking import Reader
from jari.explore.values import direction_of, field_values, frequencies, similarities

KEYS = ["king", "man", "woman", "queen", "nothing"]
VECTORS = [[2, 2, 0], [0, 1, 0], [0, 0, 3], [1, 0, 1], [0, 0, 0]]
ROYAL = Embedding(Vocabulary(KEYS, [1000, 100, 10, 1, 0]), VECTORS)


def test_frequencies_are_logarithms():
    np.testing.assert_allclose(frequencies(ROYAL, 5), [3, 2, 1, 0, 0])
    assert frequencies(ROYAL, 2).tolist() == [3, 2]
    assert frequencies(ROYAL, 5).dtype == np.float32
    with pytest.raises(BadInput, match="without counts"):
        frequencies(Embedding(KEYS, VECTORS), 5)


def test_similarities_are_the_cosines_of_similar(monkeypatch):
    monkeypatch.setattr(values, "_AT_ONCE", 2)
    found = similarities(ROYAL, 5, ROYAL["king"])
    for key, score in ROYAL.similar("king", 5, include_inputs=True):
        assert found[ROYAL.vocabulary.row(key)] == pytest.approx(score, abs=1e-6)
    assert similarities(ROYAL, 3, ROYAL["king"]).shape == (3,)
    assert similarities(ROYAL, 5, np.zeros(3, np.float32)).tolist() == [0] * 5


def test_directions_of_questions():
    reader = Reader(ROYAL)

    def best(asked: str) -> str:
        return KEYS[int(similarities(ROYAL, 5, direction_of(reader, reader.read(asked))).argmax())]

    assert best("man") == "man"
    assert best("king - man + woman") == "queen"
    text = reader.read("the man, a woman")
    assert text.kind == "text"
    np.testing.assert_array_equal(direction_of(reader, text), text.vector)
    with pytest.raises(UnknownKey, match="zebra"):
        reader.read("king + zebra")


def test_fields():
    np.testing.assert_allclose(field_values(ROYAL, 3, "norm"), np.linalg.norm(VECTORS[:3], axis=1), rtol=1e-6)
    assert field_values(ROYAL, 9, "row").tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(BadInput, match="no field 'genre' of keys: choose 'norm' or 'row'"):
        field_values(ROYAL, 3, "genre")
