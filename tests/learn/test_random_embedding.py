"""A vector is a matter of its key and the seed alone, and as random as a vector can be."""

import numpy as np
import pytest

from contracts.learner import LearnerContract
from jari import Vocabulary, encode
from jari.errors import BadInput
from jari.kernels.random import mixed, step
from jari.learn.random_embedding import RandomEmbedding, _random_bits, random_vectors

KEYS = [f"key {i}" for i in range(4000)]
both = pytest.mark.parametrize("kind", ["gaussian", "sign"])


class FarApart(LearnerContract):
    def test_what_stands_in_the_same_places_is_near(self, learnt):
        """It is not: nothing was learnt."""
        vectors = learnt.embedding_.vectors
        cosines = np.corrcoef(vectors)[np.triu_indices(len(vectors), 1)]
        assert np.abs(cosines).max() < 0.2  # 6 deviations of 1/√1000


class TestGaussian(FarApart):
    def make(self, **parameters):
        return RandomEmbedding(**({"dim": 1000, "min_count": 1} | parameters))


class TestSign(FarApart):
    def make(self, **parameters):
        return RandomEmbedding("sign", **({"dim": 1000, "min_count": 1} | parameters))


@both
@pytest.mark.parametrize("dim", [1, 2, 7, 64, 65, 300])
def test_a_vector_depends_on_its_key_and_the_seed_alone(kind, dim):
    whole = random_vectors(KEYS[:500], dim, kind, seed=5)
    order = np.random.default_rng(0).permutation(500)[:100]
    np.testing.assert_array_equal(random_vectors([KEYS[i] for i in order], dim, kind, seed=5), whole[order])
    assert len(np.unique(random_vectors(KEYS[:500], 64, kind, seed=6), axis=0)) == 500
    if dim >= 64:
        assert not (random_vectors(KEYS[:500], dim, kind, seed=6) == whole).all(axis=1).any()


@both
def test_lengths_are_one(kind):
    for dim in (1, 3, 100):
        lengths = np.linalg.norm(random_vectors(KEYS, dim, kind, seed=1), axis=1)
        if kind == "sign":
            np.testing.assert_allclose(lengths, 1, rtol=1e-6)
        assert lengths.mean() == pytest.approx(1, abs=4 * lengths.std() / np.sqrt(len(KEYS)) + 1e-6)


def test_numbers_are_normal():
    numbers = random_vectors(KEYS, 101, "gaussian", seed=2).ravel().astype(np.float64) * np.sqrt(101)
    n = len(numbers)
    assert abs(numbers.mean()) < 4 / np.sqrt(n)
    assert numbers.std() == pytest.approx(1, abs=0.01)
    for bound, share in ((1, 0.317311), (2, 0.045500), (3, 0.002700)):
        assert (np.abs(numbers) > bound).mean() == pytest.approx(share, abs=4 * np.sqrt(share / n))


def test_signs_are_even():
    signs = np.sign(random_vectors(KEYS, 100, "sign", seed=2))
    assert set(np.unique(signs)) == {-1, 1}
    assert np.abs(signs.mean(axis=0)).max() < 5 / np.sqrt(len(KEYS))


@both
def test_columns_and_rows_are_independent(kind):
    vectors = random_vectors(KEYS, 100, kind, seed=3)
    for table in (vectors.T, vectors[:100]):  # columns over the keys, and keys over the columns
        correlations = np.corrcoef(table)[np.triu_indices(100, 1)]
        assert np.abs(correlations).max() < 6 / np.sqrt(table.shape[1])


def test_the_bits_are_those_that_the_kernels_draw():
    states = np.array([0, 1, 2**64 - 1], np.uint64)
    expected = []
    for state in states:
        drawn = []
        for _ in range(3):
            state = np.uint64(step(state))
            drawn.append(mixed(state))
        expected.append(drawn)
    np.testing.assert_array_equal(_random_bits(states, 3), np.array(expected, np.uint64))


def test_keys_of_any_kind():
    keys = Vocabulary(["", "New York", "자리", "👍🏽"], counts=[4, 3, 2, 1])
    embedding = RandomEmbedding.of(keys, kind="sign", dim=7, random_state=9)
    assert embedding.vocabulary is keys
    assert embedding.metadata["parameters"]["kind"] == "sign"
    np.testing.assert_array_equal(
        RandomEmbedding.of(["자리"], kind="sign", dim=7, random_state=9).vectors[0], embedding["자리"]
    )
    assert len(RandomEmbedding.of([], dim=3)) == 0


def test_text_and_keys_give_the_same_vectors():
    with encode(["to be or not to be"], min_count=1) as corpus:
        learnt = RandomEmbedding(min_count=1, random_state=3).fit(corpus).embedding_
    np.testing.assert_array_equal(learnt.vectors_of(["be"]), RandomEmbedding.of(["be"], random_state=3).vectors)
    assert learnt.metadata["corpus"]["tokens_kept"] == 6


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"kind": "uniform"}, "kind='uniform': choose 'gaussian' or 'sign'"),
        ({"dim": 0}, "dim=0: a vector needs at least one number"),
        ({"random_state": -1}, "random_state=-1: a seed is not negative"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(BadInput, match=message):
        RandomEmbedding.of(["a"], **parameters)
    with pytest.raises(BadInput, match=message):
        RandomEmbedding(**({"min_count": 1} | parameters)).fit(["a b"])


def test_keys_that_stand_twice():
    with pytest.raises(BadInput, match="The key 'a' stands twice"):
        RandomEmbedding.of(["a", "a"])
