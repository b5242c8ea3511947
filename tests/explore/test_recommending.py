"""Recommendations with titles and reasons."""

from __future__ import annotations

import pytest

from jari.errors import BadInput, UnknownKey
from jari.explore.recommending import recommendations
from jari.ingest.interactions import Interactions
from jari.ingest.titles import Titles
from jari.learn.ease import EASE

# Two tastes that never meet but in eve
SEEN = Interactions(
    ["ann", "bob", "cy", "di", "eve"],
    ["1", "2", "3", "4", "5"],
    [[1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 1], [0, 0, 0, 1, 1], [1, 0, 0, 1, 0]],
)


@pytest.fixture(scope="module")
def learnt():
    return EASE(l2=1.0, dim=2, random_state=1, threads=1).fit(SEEN)


@pytest.fixture(scope="module")
def titles(learnt):
    return Titles(learnt.item_embedding_.vocabulary, {"1": "Up", "2": "Heat", "3": "괴물", "4": "Hamlet"})


def test_a_user_with_titles_and_reasons(learnt, titles):
    best = recommendations(learnt, titles, user="ann", k=1)[0]
    assert (best.item, best.title) == ("3", "괴물")
    assert {one.title for one in best.because} <= {"Up", "Heat"}
    assert best.because[0].score >= best.because[-1].score > 0
    assert best.score == pytest.approx(learnt.recommend("ann", 1).scores[0])


def test_somebody_new_by_rows_the_same_twice_counts_once(learnt, titles):
    rows = [titles.row("Hamlet")]
    assert recommendations(learnt, titles, chosen=rows, k=1)[0].title == "5", "an item without a title goes by its key"
    assert recommendations(learnt, titles, chosen=rows * 2) == recommendations(learnt, titles, chosen=rows)


def test_what_speaks_against_it_is_no_reason(learnt, titles):
    found = recommendations(learnt, titles, user="eve", k=5, reasons=5)
    assert all(one.score > 0 for each in found for one in each.because)
    past = learnt.explain("3", "ann", k=5)
    assert len(past) == 2


def test_seen_items_and_no_reasons(learnt, titles):
    found = recommendations(learnt, titles, user="ann", k=5, exclude_seen=False, reasons=0)
    assert len(found) == 5
    assert all(one.because == () for one in found)


def test_bad_questions(learnt, titles):
    with pytest.raises(UnknownKey, match="'anna' is not among the 5 who were learnt"):
        recommendations(learnt, titles, user="anna")
    with pytest.raises(BadInput, match="either a user, or the items"):
        recommendations(learnt, titles)
    with pytest.raises(BadInput, match="Nobody can be known by no item"):
        recommendations(learnt, titles, chosen=[])
