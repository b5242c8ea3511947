"""Each measure against a case worked by hand, and nDCG against scikit-learn."""

from __future__ import annotations

from math import log2

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from jari.errors import BadInput
from jari.evaluate.ranking import average_precision, measure_named, ndcg, precision, recall, reciprocal_rank

# Grades of what was answered: 3 2 3 0 1 2; two more that are relevant, of grade 3 and 2, were not found.
# The example of Wikipedia's article on discounted cumulative gain.
RANKED = ["d1", "d2", "d3", "d4", "d5", "d6"]
GRADES = {"d1": 3, "d2": 2, "d3": 3, "d4": 0, "d5": 1, "d6": 2, "d7": 3, "d8": 2}


def test_ndcg_by_hand():
    gained = 3 + 2 / log2(3) + 3 / 2 + 0 + 1 / log2(6) + 2 / log2(7)
    best = 3 + 3 / log2(3) + 3 / 2 + 2 / log2(5) + 2 / log2(6) + 2 / log2(7)
    assert gained == pytest.approx(6.861, abs=5e-4)
    assert best == pytest.approx(8.740, abs=5e-4)
    assert ndcg(RANKED, GRADES, k=6) == pytest.approx(gained / best)
    assert ndcg(RANKED, GRADES, k=1) == 1
    assert ndcg(RANKED, GRADES, k=2) == pytest.approx((3 + 2 / log2(3)) / (3 + 3 / log2(3)))
    more = 1 / log2(8)  # without k the best ranking is as long as there are relevant documents
    assert ndcg(RANKED, GRADES) == pytest.approx(gained / (best + more))


def test_binary_measures_by_hand():
    # relevant: 1 2 3 5 6 of the ranks; two more are not found
    assert average_precision(RANKED, GRADES) == pytest.approx((1 / 1 + 2 / 2 + 3 / 3 + 4 / 5 + 5 / 6) / 7)
    assert average_precision(RANKED, GRADES, k=3) == pytest.approx(3 / 7)
    assert average_precision(RANKED, GRADES, relevant=3) == pytest.approx((1 / 1 + 2 / 3) / 3)
    assert recall(RANKED, GRADES) == pytest.approx(5 / 7)
    assert recall(RANKED, GRADES, k=4) == pytest.approx(3 / 7)
    assert precision(RANKED, GRADES, k=4) == 3 / 4
    assert precision(RANKED, GRADES, k=10) == 5 / 10
    assert reciprocal_rank(RANKED, GRADES) == 1
    assert reciprocal_rank(["x", "d4", "d5"], GRADES) == 1 / 3
    assert reciprocal_rank(["x", "d4", "d5"], GRADES, k=2) == 0
    assert reciprocal_rank(["d5", "d2"], GRADES, relevant=2) == 1 / 2


def test_ndcg_is_scikit_learn_s(rng):
    for _ in range(20):
        n = int(rng.integers(2, 30))
        grades = rng.integers(0, 5, n)
        grades[0] = 1
        scores = rng.permutation(n).astype(float)
        documents = [f"d{i}" for i in np.argsort(-scores)]
        judged = {f"d{i}": int(grade) for i, grade in enumerate(grades)}
        for k in (1, 3, None):
            assert ndcg(documents, judged, k=k) == pytest.approx(ndcg_score(grades[None], scores[None], k=k))


def test_grades_below_zero_gain_nothing_and_lose_nothing():
    assert ndcg(["bad", "good"], {"bad": -1, "good": 2}) == pytest.approx(1 / log2(3))
    assert average_precision(["bad", "good"], {"bad": -1, "good": 2}) == 1 / 2


@pytest.mark.parametrize("measure", [ndcg, average_precision, recall, reciprocal_rank])
def test_nothing_found_or_nothing_to_find_is_zero(measure):
    assert measure([], GRADES) == 0
    assert measure(["x", "y"], GRADES) == 0
    assert measure(RANKED, {"d1": 0}) == 0
    assert measure(RANKED, {}) == 0


def test_the_best_ranking_is_one():
    best = sorted(GRADES, key=lambda document: -GRADES[document])
    for name in ("nDCG", "nDCG@3", "MAP", "Recall", "MRR", "P@7", "Recall@7"):
        assert measure_named(name)(best, GRADES) == pytest.approx(1)


def test_measures_have_names():
    assert measure_named("ndcg@2")(RANKED, GRADES) == ndcg(RANKED, GRADES, k=2)
    assert measure_named("MAP@3")(RANKED, GRADES) == average_precision(RANKED, GRADES, k=3)
    assert measure_named("recall@4", relevant=3)(RANKED, GRADES) == recall(RANKED, GRADES, k=4, relevant=3)
    assert measure_named("P@4", relevant=2)(RANKED, GRADES) == precision(RANKED, GRADES, k=4, relevant=2)


@pytest.mark.parametrize("name", ["F1", "P", "nDCG@0", "nDCG@", "nDCG@ten", "", "recall @10"])
def test_other_names_are_refused(name):
    with pytest.raises(BadInput, match=r"There is no measure .*Choose nDCG, MAP, Recall or MRR"):
        measure_named(name)
