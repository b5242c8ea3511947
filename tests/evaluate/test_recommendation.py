"""What a recommender is asked, what its answers are worth, and which of two is the better one."""

from __future__ import annotations

import json
import math
import sys

import numpy as np
import pytest
from scipy.sparse import csr_array

from jari.embedding import Neighbours
from jari.errors import BadInput
from jari.evaluate.recommendation import compare_recommenders, recommendation
from jari.ingest.interactions import Interactions
from jari.ingest.splits import Split, by_user, leave_one_out
from jari.learn.popularity import Popularity

ITEMS = [f"i{i}" for i in range(6)]


class Told:
    """Answers what it is told to answer, and remembers how it was asked."""

    def __init__(self, rows):
        self.rows = np.asarray(rows)
        self.asked = []

    def recommend_many(self, users, k=10, *, exclude_seen=True):
        self.asked.append((users, k, exclude_seen))
        names = list(users.users) if isinstance(users, Interactions) else users
        rows = self.rows[[int(name[1:]) for name in names], :k]
        return Neighbours(rows.astype(object), np.zeros(rows.shape, np.float32), rows)


def asked_of(given, wanted):
    users = [f"u{i}" for i in range(len(given))]
    return tuple(Interactions(users, ITEMS, csr_array(np.array(part, np.float32))) for part in (given, wanted))


GIVEN = [[1, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]]
WANTED = [[0, 1, 1, 0, 0, 0], [0, 0, 0, 0, 5, 0], [1, 0, 0, 0, 0, 0]]
ANSWERS = [[1, 3, 2, 4, 5], [1, 2, 4, 3, 5], [2, 3, 4, 5, -1]]
TRAIN = Interactions(
    [f"t{i}" for i in range(8)], ITEMS, np.tri(6, 8, k=0).T
)  # the first item has 1 user, then 2, 3, 4, 5, 6


def test_means_are_over_users():
    found = recommendation(Told(ANSWERS), asked_of(GIVEN, WANTED), measures=["Recall@2", "MRR", "HR@1", "Coverage@2"])
    assert found.values["Recall@2"].tolist() == [1 / 2, 0, 0]
    assert found.values["MRR"].tolist() == [1, 1 / 3, 0]
    assert found.estimates["MRR"].mean == pytest.approx(4 / 9)
    assert found.estimates["MRR"].low <= 4 / 9 <= found.estimates["MRR"].high
    assert found.estimates["Coverage@2"].mean == 3 / 6
    assert found.estimates["Coverage@2"].low is None
    assert found.name == "Told"
    assert list(found.users) == ["u0", "u1", "u2"]


def test_it_is_asked_for_what_was_not_seen_and_no_more_than_is_needed():
    told = Told(ANSWERS)
    recommendation(told, asked_of(GIVEN, WANTED), measures=["Recall@2", "nDCG@4"])
    ((users, k, exclude_seen),) = told.asked
    assert isinstance(users, Interactions)
    assert users.matrix.toarray().tolist() == GIVEN
    assert (k, exclude_seen) == (4, True)
    told = Told(ANSWERS)
    recommendation(told, asked_of(GIVEN, WANTED), measures=["Recall@100"], fold_in=False)
    assert told.asked == [(["u0", "u1", "u2"], 6, True)]  # no more than there are


def test_in_parts_as_at_once(monkeypatch):
    whole = recommendation(Told(ANSWERS), asked_of(GIVEN, WANTED), measures=["nDCG@5", "Coverage@1"])
    monkeypatch.setattr(sys.modules["jari.evaluate.recommendation"], "_ANSWERS_AT_ONCE", 10)
    told, reports = Told(ANSWERS), []
    parts = recommendation(told, asked_of(GIVEN, WANTED), measures=["nDCG@5", "Coverage@1"], callback=reports.append)
    assert len(told.asked) == 2
    assert [one.done for one in reports] == [2, 3]
    assert parts.estimates == whole.estimates


def test_novelty_is_of_what_was_learnt():
    split = Split(TRAIN, *asked_of(GIVEN, WANTED), "users")
    found = recommendation(Told(ANSWERS), split, measures=["Novelty@2", "Popularity@2"])
    assert found.values["Popularity@2"] == pytest.approx([3 / 8, 2.5 / 8, 3.5 / 8])
    assert found.values["Novelty@2"][0] == pytest.approx(-(math.log2(2 / 8) + math.log2(4 / 8)) / 2)
    with pytest.raises(BadInput, match="Novelty and popularity are of what was learnt from: give a Split"):
        recommendation(Told(ANSWERS), asked_of(GIVEN, WANTED), measures=["Novelty@2"])


def test_popularity_is_less_novel_than_chance():
    rng = np.random.default_rng(0)
    films = Interactions(
        [f"u{i:03}" for i in range(300)],
        [f"i{i:02}" for i in range(60)],
        (rng.random((300, 60)) < np.linspace(0.02, 0.6, 60)).astype(np.float32),
    )
    split = by_user(films)
    names = {key: f"u{i}" for i, key in enumerate(split.given.users)}
    renamed = [Interactions(names.values(), part.items, part.matrix) for part in (split.given, split.wanted)]
    chance = Told([rng.permutation(60) for _ in names])
    measures = ["nDCG@20", "Novelty@20", "Coverage@5"]
    drawn = recommendation(chance, Split(split.train, *renamed, "users"), measures=measures)
    found = recommendation(Popularity().fit(split.train), split, measures=measures)
    assert found.estimates["nDCG@20"].mean > 1.3 * drawn.estimates["nDCG@20"].mean
    assert found.estimates["Novelty@20"].mean < drawn.estimates["Novelty@20"].mean
    assert found.estimates["Coverage@5"].mean < 0.5 < drawn.estimates["Coverage@5"].mean


def test_learnt_users_are_asked_by_their_keys():
    films = Interactions([f"u{i}" for i in range(20)], ITEMS, np.ones((20, 6)))
    split = leave_one_out(films)
    learnt = Popularity().fit(split.train)
    by_key = recommendation(learnt, split, measures=["MRR"], fold_in=False)
    assert by_key.estimates["MRR"].mean == 1  # one item is left for each
    assert recommendation(learnt, split, measures=["MRR"]).estimates == by_key.estimates


def test_the_better_one_is_told_from_the_worse():
    users = 60
    parts = asked_of([GIVEN[0]] * users, [[0, 1, 0, 0, 0, 0]] * users)
    first = recommendation(Told([[1, 2, 3]] * users), parts, measures=["MRR", "HR@1", "Coverage@1"], name="first")
    second = recommendation(Told([[2, 1, 3]] * users), parts, measures=["MRR", "Coverage@1"], name="second")
    found = compare_recommenders(first, second, samples=2000)
    assert set(found) == {"MRR"}
    assert found["MRR"].mean == 0.5
    assert found["MRR"].p < 0.001
    assert compare_recommenders(first, first, samples=200)["MRR"].p == 1
    fewer = recommendation(Told([[1, 2, 3]] * 5), asked_of([GIVEN[0]] * 5, [WANTED[0]] * 5), measures=["MRR"])
    with pytest.raises(BadInput, match="first was asked about 60 users, Told about 5, and they are not the same"):
        compare_recommenders(first, fewer)


def test_as_json():
    found = recommendation(Told(ANSWERS), asked_of(GIVEN, WANTED), measures=["MRR", "Coverage@2"], bootstrap=0)
    assert json.loads(json.dumps(found.to_dict())) == {
        "name": "Told",
        "estimates": {
            "MRR": {"mean": pytest.approx(4 / 9), "low": None, "high": None},
            "Coverage@2": {"mean": 0.5, "low": None, "high": None},
        },
        "users": 3,
        "items": 6,
    }


def test_what_cannot_be_measured_is_refused():
    given, wanted = asked_of(GIVEN, WANTED)
    with pytest.raises(BadInput, match="No measure is asked for"):
        recommendation(Told(ANSWERS), (given, wanted), measures=[])
    with pytest.raises(BadInput, match="There is no measure 'AUC'"):
        recommendation(Told(ANSWERS), (given, wanted), measures=["AUC"])
    with pytest.raises(BadInput, match=r"What is given .* and what is wanted .* are not of the same users and items"):
        recommendation(Told(ANSWERS), (given, wanted.take_users([0, 1])))
    with pytest.raises(BadInput, match="There is nothing that 'u1' wants: leave out users"):
        recommendation(Told(ANSWERS), asked_of(GIVEN, [WANTED[0], [0] * 6, WANTED[2]]))
    with pytest.raises(BadInput, match="User 0 is shown item 1 twice"):
        recommendation(Told([[1, 1, 2]] * 3), (given, wanted))
