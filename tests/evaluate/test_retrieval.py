"""Means over queries, what is left out of them, and whether one run is better than another."""

from __future__ import annotations

import json
from itertools import product

import numpy as np
import pytest

from jari.errors import BadInput
from jari.evaluate.retrieval import compare_runs, retrieval

JUDGED = {"1": {"a": 2, "b": 0}, "2": {"a": 1, "c": 3}, "3": {"b": 0, "c": -1}, "4": {"d": 1}}
RUN = {
    "1": [("x", 9.0), ("a", 8.0), ("b", 1.0)],
    "2": [("c", 3.0), ("a", 3.0)],
    "3": [("c", 1.0)],
    "5": [("a", 1.0)],
}


def run_of(ranks, depth=20):
    """A run and judgements in which the relevant document of query i is at ranks[i]; 0 is nowhere."""
    run = {
        str(query): [("right" if at == rank else f"x{at}", -float(at)) for at in range(1, depth + 1)]
        for query, rank in enumerate(ranks)
    }
    return run, {str(query): {"right": 1} for query in range(len(ranks))}


def test_means_are_over_queries_that_have_something_to_find():
    result = retrieval(RUN, JUDGED, measures=["MRR", "Recall@1"], name="mine")
    assert result.name == "mine"
    assert result.queries == ("1", "2", "4")
    assert result.values["MRR"] == (1 / 2, 1, 0)
    assert result.estimates["MRR"].mean == pytest.approx(0.5)
    assert result.estimates["Recall@1"].mean == pytest.approx((0 + 1 / 2 + 0) / 3)
    assert result.irrelevant == ("3",)
    assert result.unanswered == ("4",)
    assert result.unjudged == ("5",)
    assert result.judged == pytest.approx(4 / 5)


def test_the_least_grade_that_is_relevant_can_be_raised():
    result = retrieval(RUN, JUDGED, measures=["MRR", "nDCG"], relevant=2)
    assert result.queries == ("1", "2")
    assert result.values["MRR"] == (1 / 2, 1)
    assert result.values["nDCG"][1] == pytest.approx(1)  # grades of 1 are weighed all the same


def test_relevant_documents_that_nobody_could_find_are_counted():
    assert retrieval(RUN, JUDGED).missing is None
    assert retrieval(RUN, JUDGED, documents=["a", "b", "x"]).missing == 2  # c, d
    assert retrieval(RUN, JUDGED, documents=["a", "c", "d"]).missing == 0


def test_equal_scores_stay_as_they_stand():
    judged = {"1": {"a": 1}}
    assert retrieval({"1": [("z", 1.0), ("a", 1.0)]}, judged, measures=["MRR"]).values["MRR"] == (0.5,)
    assert retrieval({"1": [("a", 1.0), ("z", 1.0)]}, judged, measures=["MRR"]).values["MRR"] == (1,)


def test_an_empty_answer_is_none():
    assert retrieval({"1": [], "2": [("a", 1.0)]}, JUDGED).unanswered == ("1", "4")


def test_the_interval_holds_what_statistics_says():
    rng = np.random.default_rng(3)
    run, judged = run_of(np.where(rng.random(400) < 0.3, 1, 0))
    found = retrieval(run, judged, measures=["MRR"], bootstrap=4000, random_state=1)
    estimate = found.estimates["MRR"]
    width = 1.96 * (estimate.mean * (1 - estimate.mean) / 400) ** 0.5
    assert estimate.low == pytest.approx(estimate.mean - width, abs=0.004)
    assert estimate.high == pytest.approx(estimate.mean + width, abs=0.004)
    assert estimate == retrieval(run, judged, measures=["MRR"], bootstrap=4000, random_state=1).estimates["MRR"]
    assert retrieval(run, judged, measures=["MRR"], bootstrap=0).estimates["MRR"].low is None


def test_results_are_json():
    told = json.loads(json.dumps(retrieval(RUN, JUDGED).to_dict(), allow_nan=False))
    assert told["estimates"].keys() == {"nDCG@10", "MAP", "Recall@100", "MRR"}
    assert told["queries"] == 3
    assert told["unanswered"] == ["4"]
    assert "values" not in told


def test_what_cannot_be_measured():
    with pytest.raises(BadInput, match="Query '1': the document 'a' stands in its answers more than once"):
        retrieval({"1": [("a", 2.0), ("b", 1.5), ("a", 1.0)]}, JUDGED)
    with pytest.raises(BadInput, match="call no document relevant: no grade is 4 or more"):
        retrieval(RUN, JUDGED, relevant=4)
    with pytest.raises(BadInput, match="relevant=0: grades of 0 or less say 'not relevant'"):
        retrieval(RUN, JUDGED, relevant=0)
    with pytest.raises(BadInput, match=r"the run has '001', '002', the judgements '1', '2', '3', …"):
        retrieval({"001": [], "002": []}, JUDGED)
    with pytest.raises(BadInput, match="the run has none"):
        retrieval({}, JUDGED)
    with pytest.raises(BadInput, match="There is no measure 'F1'"):
        retrieval(RUN, JUDGED, measures=["F1"])


# ── one run against another


def compared(first, second, **options):
    (run, judged), (other, _) = run_of(first), run_of(second)
    one, two = (retrieval(each, judged, measures=["MRR"], bootstrap=0) for each in (run, other))
    return compare_runs(one, two, **options)["MRR"]


def test_p_is_the_share_of_signs_that_go_as_far():
    first, second = [1, 1, 2, 1, 3, 1], [2, 1, 1, 4, 5, 2]
    differences = np.array([1 / a - 1 / b for a, b in zip(first, second, strict=True)])
    means = [abs((differences * signs).mean()) for signs in product([-1, 1], repeat=6)]
    exact = np.mean(np.array(means) >= abs(differences.mean()) - 1e-12)
    found = compared(first, second, samples=5000)
    assert found.mean == pytest.approx(differences.mean())
    assert found.p == pytest.approx(exact, abs=0.02)
    assert found.low < found.mean < found.high


def test_a_difference_that_is_real_is_seen_and_one_that_is_not_is_not():
    rng = np.random.default_rng(5)
    ranks = rng.integers(1, 11, 200)
    better = compared(np.maximum(1, ranks - 1), ranks, samples=500)
    assert better.mean > 0
    assert better.low > 0
    assert better.p < 0.01
    same = compared(ranks, rng.permutation(ranks), samples=500)
    assert same.p > 0.05
    assert same.low < 0 < same.high


def test_equal_runs_differ_by_nothing():
    found = compared([1, 2, 3], [1, 2, 3], samples=100)
    assert (found.mean, found.low, found.high, found.p) == (0, 0, 0, 1)


def test_chance_begins_at_the_seed():
    assert compared([1, 2, 3], [2, 2, 1], samples=50) == compared([1, 2, 3], [2, 2, 1], samples=50)


def test_p_is_never_nothing():
    assert compared([1] * 50, [0] * 50, samples=99).p == 1 / 100


def test_runs_about_other_queries_are_not_compared():
    run, judged = run_of([1, 2])
    one = retrieval(run, judged)
    two = retrieval(run, {"1": judged["1"]}, name="other")
    with pytest.raises(
        BadInput, match=r"run was measured with 2 queries, other with 1, and they are not the same ones"
    ):
        compare_runs(one, two)
    with pytest.raises(BadInput, match="samples=0: give at least 1"):
        compare_runs(one, one, samples=0)
