"""The encoder of words: what it takes away, and how it is known again."""

import numpy as np
import pytest

import jari
from jari.embedding.pooling import Pooling, smooth_inverse_frequency
from jari.errors import BadInput, NoSuchFile
from jari.search.encoder import open_encoder, pooled

WORDS = ["the", "king", "queen", "new_york"]


def saved(place, *, counts=(90, 5, 4, 1), **corpus):
    vectors = np.random.default_rng(0).standard_normal((4, 3))
    vocabulary = jari.Vocabulary(WORDS, counts)
    metadata = {"corpus": {"tokenizer": "words", **corpus}}
    jari.Embedding(vocabulary, vectors, metadata=metadata).save(place, force=True)
    return place


def test_it_pools_without_what_is_expected(tmp_path):
    encoder = pooled(saved(tmp_path / "a.jari"))
    embedding = encoder.embedding
    weights = smooth_inverse_frequency(embedding.vocabulary.counts)
    direction = (embedding.vocabulary.counts * weights) @ embedding.vectors
    direction = direction / np.linalg.norm(direction)
    plain = embedding.pool(["the king", "queen"], weights)
    found = encoder.vectors(["The KING!", "queen", "?"])
    np.testing.assert_allclose(found[:2], plain - np.outer(plain @ direction, direction), atol=1e-6)
    np.testing.assert_array_equal(found[2], [0, 0, 0])
    assert encoder.dim == 3


def test_without_counts_it_is_the_mean(tmp_path):
    encoder = pooled(saved(tmp_path / "a.jari", counts=None))
    np.testing.assert_allclose(encoder.vectors(["the king"]), encoder.embedding.pool(["the king"]))


def test_what_is_expected_of_nothing():
    empty = jari.Embedding(jari.Vocabulary(["a"], [1]), [[0, 0]])
    assert Pooling.expected(empty).common is None
    with pytest.raises(BadInput, match="came without counts"):
        Pooling.expected(jari.Embedding(["a"], [[1]]))


def test_terms_are_those_of_the_tokenizer(tmp_path):
    assert pooled(saved(tmp_path / "a.jari")).terms(["The King!", ""]) == [["the", "king"], []]
    with_phrases = pooled(saved(tmp_path / "b.jari", phrases={"passes": 1, "joiner": "_"}))
    assert with_phrases.terms(["in New York"]) == [["in", "new_york"]]
    assert "tokenizer" not in with_phrases.describe()


def test_it_is_known_again(tmp_path):
    encoder = pooled(saved(tmp_path / "a.jari"))
    described = encoder.describe()
    assert described["path"] == str(tmp_path / "a.jari")
    assert described["tokenizer"] == "words"
    assert open_encoder(described).describe() == described
    other = pooled(saved(tmp_path / "b.jari", counts=(91, 5, 4, 1)))
    assert other.describe()["checksum"] != described["checksum"]


def test_what_cannot_be_opened(tmp_path):
    with pytest.raises(NoSuchFile, match=r"There is no .*none\.jari"):
        open_encoder({"kind": "pooled", "path": str(tmp_path / "none.jari")})
    with pytest.raises(BadInput, match="an encoder of the kind 'telepathy': upgrade jari"):
        open_encoder({"kind": "telepathy", "path": ""})
    (tmp_path / "wiki.vec").write_text("1 1\na 0.5\n")
    with pytest.raises(BadInput, match=r"wiki\.vec is a file, .* Make one with: jari convert"):
        pooled(tmp_path / "wiki.vec")
    with pytest.raises(BadInput, match="is no tokenizer that has a name: give it as tokenizer="):
        pooled(saved(tmp_path / "c.jari", tokenizer="mine"))
