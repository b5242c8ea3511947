from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from contracts.recommender import RecommenderContract, checkerboard
from jari.errors import BadInput, UnknownKey
from jari.ingest.interactions import Interactions
from jari.learn.als import ImplicitALS
from jari.learn.ease import EASE
from jari.learn.popularity import Popularity
from jari.learn.recommenders import METHODS, method_named, method_of


class TestPopularity(RecommenderContract):
    personal = False
    seeded = False
    unit = None

    def make(self, **parameters: Any) -> Popularity:
        return Popularity(**{"threads": 1} | parameters)


def test_popularity_counts_users() -> None:
    films = checkerboard()
    found = Popularity().fit(films).recommend("u0", k=100)
    counts = np.bincount(films.matrix.indices)
    assert [score for _, score in found] == sorted(
        (float(counts[films.items.row(key)]) for key in found.keys), reverse=True
    )


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_a_method_is_found_by_its_name_and_by_its_learner(method: Any) -> None:
    assert method_named(method.name) is method
    assert method_of(method.class_name) is method
    assert method.says


def test_there_is_no_such_method() -> None:
    with pytest.raises(BadInput, match=r"There is no method 'svd'\. Choose one of als, bpr, ease"):
        method_named("svd")


def test_a_class_of_the_same_name_is_another() -> None:
    fake = type("EASE", (EASE,), {})
    with pytest.raises(BadInput, match="'EASE' is none of Jari's recommenders"):
        method_of(fake())


def test_parameters_of_numpy_are_recorded():
    recorded = ImplicitALS(dim=np.int64(4), l2=np.float32(0.5), epochs=1).fit(checkerboard())
    assert recorded.item_embedding_.metadata["parameters"]["l2"] == 0.5


def test_each_of_many_has_as_many_as_are_left():
    learnt = Popularity().fit(checkerboard())
    found = list(learnt.recommend_many(["u0", "u1"], k=100))
    assert [len(one) for one in found] == [24 - 6, 24 - 6]
    assert "None" not in repr(found[0])


def test_keys_are_strings():
    learnt = Popularity().fit(Interactions(["1", "2"], ["10", "20"], [[1, 1], [0, 1]]))
    with pytest.raises(
        UnknownKey, match=r"The user 1 is not among the 2 who were learnt\. Keys are strings: give '1'\."
    ):
        learnt.recommend(1)
    with pytest.raises(
        UnknownKey, match=r"10 is not among the 2 items that were learnt\. Keys are strings: give '10'\."
    ):
        learnt.recommend(items=[10])
    with pytest.raises(UnknownKey, match=r"'200' is not among the 2 items that were learnt\. Did you mean '20'\?"):
        learnt.explain("200", "1")
