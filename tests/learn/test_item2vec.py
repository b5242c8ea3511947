"""Item2Vec: any two items of a basket meet as often, whatever its length; and all that recommenders promise."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.sparse import csr_array

from contracts.recommender import RecommenderContract
from jari.embedding import Embedding
from jari.errors import BadInput
from jari.ingest.interactions import Interactions
from jari.learn.item2vec import Item2Vec
from jari.learn.walk import Kept


class TestContract(RecommenderContract):
    unit = "entries"

    def make(self, **parameters):
        return Item2Vec(
            **{"dim": 16, "epochs": 100, "learning_rate": 0.05, "popularity": 0.0, "threads": 1} | parameters
        )


def baskets(lengths, seed=0):
    """One user a basket, of random items."""
    items = max(lengths)
    draw = np.random.default_rng(seed)
    matrix = np.zeros((len(lengths), items), np.float32)
    for row, length in zip(matrix, lengths, strict=True):
        row[draw.choice(items, length, replace=False)] = 1
    return Interactions([f"u{i}" for i in range(len(lengths))], [f"i{i}" for i in range(items)], matrix)


def _met(learner, films, epochs):
    """How often each item met each other as a true pair, shape (items, items), as the kernel counts them."""
    learner.seed_ = 5
    walk = learner._walk(films.matrix, np.bincount(films.matrix.indices, minlength=films.shape[1]))
    met = np.zeros((films.shape[1],) * 2)
    kept = Kept(4 * 16 * walk.piece)
    for epoch, block in itertools.product(range(epochs), range(walk.blocks)):
        walk._shuffled(epoch)
        walk._read(epoch, block, kept)
        for centre in range(kept.count):
            met[kept.words[centre], kept.words[kept.left[centre] : kept.right[centre]]] += 1
    np.fill_diagonal(met, 0)
    return met


def test_a_short_basket_meets_whole():
    films = baskets([5, 2, 1, 4])
    met = _met(Item2Vec(window=4, threads=1), films, epochs=3)
    X = films.matrix.toarray()
    expected = 3 * X.T @ X
    np.fill_diagonal(expected, 0)
    np.testing.assert_array_equal(met, expected)


def test_of_a_long_basket_any_two_items_are_equally_likely_to_meet():
    films = baskets([30])
    met = _met(Item2Vec(window=3, threads=1), films, epochs=2000)[~np.eye(30, dtype=bool)]
    chance = 2 * (3 * 30 - 6) / (30 * 29)  # ordered pairs of places no more than 3 apart, of all ordered pairs
    np.testing.assert_allclose(met / 2000, chance, atol=5 * np.sqrt(chance / 2000))
    assert np.std(met) < 1.3 * np.sqrt(2000 * chance)  # no pair is favoured: without shuffling some never meet


def test_the_noise_exponent_may_be_negative(monkeypatch):
    films = baskets([9, 5, 3, 2, 2])
    learner = Item2Vec(noise_exponent=-0.5, threads=1, random_state=1).fit(films)
    assert np.isfinite(learner.item_embedding_.vectors).all()
    counts = np.bincount(films.matrix.indices, minlength=9)
    noise = learner._walk(films.matrix, counts).model.noise
    share = noise.limits / 2**32
    drawn = (np.bincount(np.arange(9), share, 9) + np.bincount(noise.others, 1 - share, 9)) / 9
    np.testing.assert_allclose(drawn, counts**-0.5 / (counts**-0.5).sum(), atol=1e-6)


@pytest.mark.parametrize("window", [1, 10, 100, 1000])
def test_wide_windows_do_not_overshoot(window):
    films = baskets([300] * 20 + [40] * 20)
    learner = Item2Vec(window=window, epochs=5, threads=1, random_state=1).fit(films)
    assert np.isfinite(learner.losses_).all()
    assert learner.losses_[-1] < learner.losses_[0]


def test_a_user_is_the_mean_of_the_context_rows_and_popularity_is_a_bias():
    films = baskets([6, 4, 3])
    learner = Item2Vec(threads=1, random_state=1, popularity=0.5, epochs=3).fit(films)
    rows = films.rows_of("u1")
    np.testing.assert_allclose(
        learner.user_embedding_["u1"], learner.item_embedding_.context[rows].mean(axis=0), atol=1e-6
    )
    counts = np.bincount(films.matrix.indices, minlength=6)
    np.testing.assert_allclose(learner.item_biases_, 0.5 * np.log(counts / counts.sum()), rtol=1e-5)


def test_weights_are_not_looked_at():
    films = baskets([6, 4, 3])
    heavy = Interactions(films.users, films.items, csr_array(films.matrix * 7))
    one, two = (Item2Vec(threads=1, random_state=1, epochs=3).fit(each) for each in (films, heavy))
    np.testing.assert_array_equal(one.item_embedding_.vectors, two.item_embedding_.vectors)
    np.testing.assert_array_equal(one.user_embedding_.vectors, two.user_embedding_.vectors)


def test_items_that_were_kept_without_their_other_half():
    learner = Item2Vec(threads=1, random_state=1, epochs=1).fit(baskets([6, 4, 3]))
    learner.item_embedding_ = Embedding(learner.item_embedding_.vocabulary, learner.item_embedding_.vectors)
    with pytest.raises(BadInput, match="no context vectors or no biases"):
        learner._restore({})


def test_what_it_learnt_from_is_left_as_it_was():
    films = baskets([30, 20])
    before = films.matrix.indices.copy()
    Item2Vec(threads=1, random_state=1, epochs=2).fit(films)
    np.testing.assert_array_equal(films.matrix.indices, before)


def test_deterministic_gives_the_same_bits_with_any_threads():
    films = baskets([20] * 200)
    one, two = (
        Item2Vec(deterministic=True, threads=threads, random_state=1, epochs=2).fit(films) for threads in (1, 2)
    )
    np.testing.assert_array_equal(one.item_embedding_.vectors, two.item_embedding_.vectors)


def test_plain_baskets():
    """Items that stand beside the same others are near, those that stand beside each other need not be."""
    plain = [["beer", "crisps", "crisps"], ["cider", "crisps"], ["milk", "flour"], ["cream", "flour"]] * 50
    learner = Item2Vec(threads=1, random_state=1, learning_rate=0.05, dim=8).fit(
        {f"{number}": basket for number, basket in enumerate(plain)}
    )
    assert learner.similar_items("beer", k=1).keys.tolist() == ["cider"]
    assert learner.recommend(items=["beer"], k=1).keys.tolist() == ["crisps"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"dim": 0}, "dim=0: a vector needs at least one number"),
        ({"window": 0}, "window=0: an item learns from others of its basket"),
        ({"negative": 0}, "negative=0: without noise items"),
        ({"noise_exponent": float("nan")}, "noise_exponent=nan: it is a power"),
        ({"sample": -1}, "sample=-1: it is a share of the entries"),
        ({"epochs": 0}, "epochs=0: the baskets must be read"),
        ({"learning_rate": 0}, "learning_rate=0: steps have a size"),
        ({"popularity": -1}, "popularity=-1: rare items would be ranked for being rare"),
        ({"learning_rate": 1e9}, r"The loss is no longer a number .* Lower learning_rate"),
    ],
)
def test_bad_parameters(options, says):
    with pytest.raises(BadInput, match=says):
        Item2Vec(**{"threads": 1} | options).fit(baskets([20, 10, 10]))


def test_baskets_of_one_item_each():
    films = Interactions(["u", "v"], ["a", "b"], np.eye(2))
    with pytest.raises(BadInput, match="No user has two items or more: no two items ever meet"):
        Item2Vec().fit(films)
