"""Catalogues whose truth is known: films that lie on a plane, and shelves that nobody leaves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import block_diag, csr_array
from scipy.spatial import procrustes

from jari.ingest.interactions import Interactions

# Three dimensions: the two axes of the catalogue, and what all films have in common.
ON_A_PLANE = {
    "als.ImplicitALS": {"dim": 3},
    "ease.EASE": {"dim": 3, "l2": 100},
    "item2vec.Item2Vec": {"dim": 3, "epochs": 15, "learning_rate": 0.03},
}
IN_BLOCKS = {
    "als.ImplicitALS": {"dim": 16},
    "bpr.BPR": {"dim": 16},
    "ease.EASE": {"l2": 5.0},
    "item2vec.Item2Vec": {"dim": 5, "epochs": 100, "learning_rate": 0.02, "popularity": 0.0},
}


def learner_of(name, parameters):
    module, _, learner = name.rpartition(".")
    made = getattr(pytest.importorskip(f"jari.learn.{module}", reason="not there yet"), learner)
    return made(**parameters, threads=1, random_state=1)


def interactions(matrix):
    users, items = matrix.shape
    return Interactions([f"u{i}" for i in range(users)], [f"film {i}" for i in range(items)], matrix)


def catalogue(*, shuffled=False):
    """400 films on a plane, from children's to adults' and from arthouse to blockbuster, and 3,000 users.

    They like what is near them; shuffled, each likes as many films, and any.
    """
    draw = np.random.default_rng(0)
    places, tastes = draw.uniform(-1, 1, (400, 2)), draw.uniform(-1, 1, (3000, 2))
    far = ((tastes[:, None] - places[None]) ** 2).sum(axis=2)
    liking = draw.gumbel(size=far.shape) - (0 if shuffled else far / (2 * 0.6**2))
    chosen = np.argpartition(-liking, 25, axis=1)[:, :25]
    matrix = csr_array((np.ones(chosen.size, np.float32), chosen.ravel(), np.arange(0, chosen.size + 1, 25)), far.shape)
    matrix.sort_indices()
    return places, interactions(matrix)


def poles_of(places, keys, names):
    """Ten films from beyond either end of each axis, by name."""
    draw = np.random.default_rng(1)
    ends = [(places[:, axis] < -0.6, places[:, axis] > 0.6) for axis in range(2)]
    return [
        {name: draw.choice(keys[end], 10, replace=False).tolist() for name, end in zip(pair, both, strict=True)}
        for pair, both in zip(names, ends, strict=True)
    ]


def recovered(name, *, shuffled=False):
    """The Procrustes error of PCA and of the poles' plane, and of films not in a pole: those well on the wrong side."""
    places, films = catalogue(shuffled=shuffled)
    embedding = learner_of(name, ON_A_PLANE[name]).fit(films).item_embedding_
    keys = np.array(list(embedding.keys))
    poles = poles_of(places, keys, [("children", "adult"), ("arthouse", "blockbuster")])
    plane = embedding.project(2, poles=poles)
    assert plane.axes == (("children", "adult"), ("arthouse", "blockbuster"))
    wrong = []
    for axis, pair in enumerate(poles):
        held_out = ~np.isin(keys, [key for pole in pair.values() for key in pole])
        well = held_out & (np.abs(places[:, axis]) > 0.5)  # nearer to an end than to the middle
        wrong.append((np.sign(plane.coordinates[well, axis]) != np.sign(places[well, axis])).mean())
    errors = [procrustes(places, each.coordinates)[2] for each in (embedding.project(2), plane)]
    return errors, wrong


@pytest.mark.parametrize("name", ON_A_PLANE)
def test_a_plane_comes_back_and_its_poles_are_named_right(name, record_property):
    """The error of PCA and of the poles, of 1: ImplicitALS .028 and .035, EASE .061 and .064, Item2Vec .073, .078."""
    errors, wrong = recovered(name)
    record_property("procrustes", "PCA {:.3f}, poles {:.3f}".format(*errors))  # pytest --junitxml=FILE has them
    assert max(errors) < 0.12
    assert wrong == [0, 0]


def test_the_check_can_fail():
    errors, wrong = recovered("ease.EASE", shuffled=True)
    assert min(errors) > 0.8
    assert min(wrong) > 0.2


@pytest.fixture(scope="module")
def shelves():
    """Five blocks of unlike size; each user has some items of one block. And the block of each item and user."""
    draw = np.random.default_rng(2)
    items, users = np.array([20, 38, 28, 24, 32]), np.array([40, 60, 50, 30, 70])
    squares = [csr_array(np.float32(draw.random(shape) < 0.5)) for shape in zip(users, items, strict=True)]
    whole = interactions(csr_array(block_diag(squares)))
    return whole, np.repeat(np.arange(5), items), np.repeat(np.arange(5), users)


@pytest.mark.parametrize("name", IN_BLOCKS)
def test_blocks_come_back_exactly(shelves, name):
    whole, of_item, of_user = shelves
    learner = learner_of(name, IN_BLOCKS[name]).fit(whole)
    left = np.bincount(of_item)[of_user] - np.diff(whole.matrix.indptr)
    assert left.min() >= 5
    found = learner.recommend_many(whole.users.keys, k=5)
    assert (of_item[found.rows] == of_user[:, None]).all()
    near = learner.similar_items(list(whole.items.keys), k=5)
    assert (of_item[near.rows] == of_item[:, None]).all()
