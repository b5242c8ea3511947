"""Passages: together the text, each no longer than asked for, never within a character."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.errors import BadInput
from jari.ingest.graphemes import clusters
from jari.ingest.passages import passages

ENGLISH = ["the", "tide", "rises.", "Why?", "(Who", "knows!)", "e.g.", "x" * 150, "A", "\n\n", "\n", "\n- one", " \t"]
OTHER = ["자리는", "좋다.", "我", "爱你。", "です", "กำ", "é", "e\u0301", "👩‍🚀", "🇰🇷🇫🇷🇩", "\u0301", "\u200d", "\f"]
texts = st.lists(st.sampled_from(ENGLISH + OTHER) | st.text(max_size=4), max_size=80).flatmap(
    lambda pieces: st.sampled_from([" ", "", "  "]).map(lambda space: space.join(pieces))
)


def texts_of(text, *args):
    return [passage.text for passage in passages(text, *args)]


def wordy(count, *, every=0, end="."):
    """Words with their numbers; each `every`th ends a sentence."""
    return " ".join(f"W{n}{end if every and n % every == 0 else ''}" for n in range(1, count + 1))


@given(texts, st.integers(1, 12), st.integers(0, 11))
def test_what_is_promised(text, words, overlap):
    overlap = min(overlap, words - 1)
    found = list(passages(text, words, overlap))
    assert found
    covered = 0
    for number, passage in enumerate(found):
        assert passage.text == text[passage.start : passage.stop] == passage.text.strip()
        assert len(passage.text.split()) <= words
        assert not text[covered : passage.start].strip()  # nothing is left out
        if number:
            before = found[number - 1]
            shared = text[passage.start : before.stop].split()
            assert len(shared) <= overlap
            assert before.start < passage.start
            assert before.stop < passage.stop
        covered = max(covered, passage.stop)
        whole = len(clusters(text))
        assert len(clusters(text[: passage.stop])) + len(clusters(text[passage.stop :])) == whole
        assert len(clusters(text[: passage.start])) + len(clusters(text[passage.start :])) == whole
    assert not text[covered:].strip()


@pytest.mark.parametrize(
    "text",
    [
        "x" * 63 + "e\u0301" + "y" * 70,
        "x" * 60 + "👩‍🚀👨‍👩‍👧‍👦" + "y" * 70,
        "x" + "🇰🇷" * 99,
        "🇰🇷" * 99,
        "x" * 64 + "\u0301" * 200 + "y",
        "กำกำกำ",
        "\u1112\u1161\u11ab" * 50,
        "a\u3099か\u3099か\u3099",
    ],
)
def test_no_character_is_cut(text):
    found = texts_of(text, 1, 0)
    assert "".join(found) == text
    assert [cluster for passage in found for cluster in clusters(passage)] == clusters(text)


@pytest.mark.parametrize(("words", "overlap"), [(200, 40), (10, 3), (10, 9), (7, 0), (1, 0)])
def test_overlap_without_sentences_is_what_was_asked_for(words, overlap):
    found = [passage.text.split() for passage in passages(wordy(1000), words, overlap)]
    assert {len(passage) for passage in found[:-1]} == {words}
    for before, after in itertools.pairwise(found):
        assert before[len(before) - overlap :] == after[:overlap]
    assert list(dict.fromkeys(word for passage in found for word in passage)) == wordy(1000).split()


def test_passages_end_and_begin_with_sentences():
    found = texts_of(wordy(400, every=7), 50, 10)
    assert all(text.endswith(".") for text in found[:-1])
    assert all(int(text.split()[0][1:]) % 7 == 1 for text in found)
    shared = [len(set(a.split()) & set(b.split())) for a, b in itertools.pairwise(found)]
    assert set(shared) == {7}  # the one sentence that is within the overlap


def test_paragraphs_go_before_sentences():
    text = wordy(30, every=5) + "\n\n" + wordy(40, every=5)
    assert texts_of(text, 50, 0)[0] == wordy(30, every=5)
    assert (
        len(texts_of(wordy(20, every=5) + "\n\n" + wordy(40, every=5), 50, 0)[0].split()) == 50
    )  # not in the first half


@pytest.mark.parametrize("end", [".", "!", "?", "…", '."', ".)", "?”"])
def test_ends_of_sentences(end):
    assert texts_of(f"W1 W2 W3{end} W4 W5", 4, 0) == [f"W1 W2 W3{end}", "W4 W5"]


def test_abbreviations_are_no_ends():
    assert texts_of("See it, e.g. this one here", 4, 0) == ["See it, e.g. this", "one here"]


def test_korean():
    text = "바다는 넓다. 파도가 높다. 배가 간다."
    assert texts_of(text, 5, 0) == ["바다는 넓다. 파도가 높다.", "배가 간다."]
    assert len(texts_of("가 " * 401)) == 3  # an eojeol is a word


def test_scripts_without_blanks_are_cut():
    text = "我爱北京天安门。" * 100
    found = texts_of(text, 50, 0)
    assert "".join(found) == text
    assert all(passage.endswith("。") and len(passage) <= 60 for passage in found)


@pytest.mark.parametrize("text", ["", " \n\t ", "\u3000"])
def test_nothing_is_one_empty_passage(text):
    assert texts_of(text) == [""]


def test_whole():
    assert texts_of(" as it stands \n", 0, 40) == [" as it stands \n"]


@pytest.mark.parametrize(
    ("words", "overlap", "message"),
    [
        (-1, 0, "passage_words=-1 must be a whole number, 0 or more"),
        (2.5, 0, "passage_words=2.5"),
        (True, 0, "passage_words=True"),
        (10, -1, "overlap=-1"),
        (10, 10, "overlap=10 must be below passage_words=10"),
    ],
)
def test_numbers_that_cannot_be(words, overlap, message):
    with pytest.raises(BadInput, match=message):
        passages("text", words, overlap)


@pytest.mark.parametrize(
    "piece", ["a word ", "x", "\n", " ", ".", '"', "我。", "\u0301", "🇰🇷", "1)\n", ".\n", "- ", "\f", "( "]
)
def test_time_grows_with_the_text_alone(piece):
    began = time.monotonic()
    for _ in passages(piece * (400_000 // len(piece))):
        pass
    assert time.monotonic() - began < 5
