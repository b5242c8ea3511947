"""What notebooks show: whole, escaped, without scripts."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from jari.embedding import Embedding, Neighbours, Vocabulary
from jari.embedding.display import shown

STRANGE = ["<script>alert(1)</script>", "", "‮left", "tab\tbed", "x" * 99, "a&b\"'>", "한국", "end"]


class _Reader(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.texts, self.open, self.widths = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)
        assert [name for name, _ in attrs] in ([], ["style"])
        self.widths += re.findall(r"(?<!-)width:([\d.]+)%", dict(attrs).get("style", ""))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture
def strange():
    vectors = np.random.default_rng(0).normal(size=(len(STRANGE), 3))
    said = {"learner": "<b>Word2Vec</b>", "losses": [2.5, 1.25]}
    return Embedding(Vocabulary(STRANGE, range(len(STRANGE), 0, -1)), vectors, metadata=said)


def _read(thing):
    reader = _Reader(thing._repr_html_())
    assert not reader.open
    assert set(reader.tags) <= {"div", "span", "bdi", "table", "tr", "td", "th"}
    return reader


def test_the_card_says_what_it_is(strange):
    texts = _read(strange).texts
    for fact in ("Embedding", "8", "3", "<b>Word2Vec</b>", "8 … 1", "1.25 after 2 epochs", *map(shown, STRANGE)):
        assert fact in texts, fact


def test_a_card_of_little():
    texts = _read(Embedding([], np.empty((0, 4)))).texts
    assert (texts[1], texts[2]) == ("keys", "0")
    assert "learner" not in texts
    units = Embedding([f"k{i}" for i in range(20)], np.eye(20), metadata={"learner": 3, "losses": ["?"]})
    texts = _read(units).texts
    assert texts[texts.index("length") + 1] == "1"
    assert "…" in texts
    assert "k11" in texts
    assert "k12" not in texts
    assert {"learner", "loss", "counts"}.isdisjoint(texts)
    both = _read(Embedding(["a"], [[1.0, 0.0]], context=[[0.0, 1.0]])).texts
    assert both[both.index("besides") + 1] == "context"


def test_a_table_of_neighbours(strange):
    reader = _read(strange.similar("한국", 3))
    found = strange.similar("한국", 3)
    assert reader.tags.count("tr") == 4
    for key, score in found:
        assert shown(key) in reader.texts
        assert f"{score:.4f}" in reader.texts
    assert [float(width) for width in reader.widths] == pytest.approx(100 * np.abs(found.scores), abs=0.06)


def test_bars_of_distances_are_measured_against_the_largest():
    found = Neighbours(np.array(["a", "b", "c"], dtype=object), np.array([1.0, -2.0, 4.0], np.float32), np.arange(3))
    reader = _read(found)
    assert reader.widths == ["25.0", "50.0", "100.0"]
    assert found._repr_html_().count("rgba(208") == 1  # below zero


def test_many_queries(strange):
    reader = _read(strange.similar(STRANGE[:3], 2))
    assert reader.tags.count("tr") == 3
    assert [text for text in reader.texts if text.startswith("query")] == ["query 1", "query 2", "query 3"]
    ragged = Neighbours(
        np.array([["a", "b"], ["c", ""]], dtype=object), np.ones((2, 2), np.float32), np.array([[0, 1], [2, -1]])
    )
    assert "(empty)" not in _read(ragged).texts


def test_no_more_than_an_eye_takes_in():
    many = Embedding([f"k{i}" for i in range(60)], np.random.default_rng(1).normal(size=(60, 4)))
    assert "… and 20 more neighbours" in _read(many.similar("k0", 50)).texts
    assert "… and 2 more queries" in _read(many.similar([f"k{i}" for i in range(10)], 3)).texts
    assert "… and 1 more query" in _read(many.similar([f"k{i}" for i in range(9)], 3)).texts
    assert "… and 1 more query · … and 10 more neighbours" in _read(many.similar([f"k{i}" for i in range(9)], 40)).texts


def test_no_neighbours():
    none = Neighbours(np.empty(0, object), np.empty(0, np.float32), np.empty(0, np.int64))
    assert _read(none).texts == ["no neighbours"]
    wide = Neighbours(np.empty((2, 0), object), np.empty((2, 0), np.float32), np.empty((2, 0), np.int64))
    assert _read(wide).tags.count("tr") == 1
