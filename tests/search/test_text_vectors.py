"""Vectors of texts at unit length, and what gets none."""

from __future__ import annotations

import numpy as np
import pytest

from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput
from jari.search.encoder import PooledEncoder
from jari.search.text_vectors import DeepModel, WordModel, reads_texts, shortened, text_model_of

WORDS = Embedding(["cat", "kitten", "dog", "the"], [[1, 0.1, 0], [1, 0.2, 0], [0.2, 1, 0], [0, 0, 0]])


def test_they_are_those_of_the_encoder_of_collections_at_unit_length(tmp_path):
    rng = np.random.default_rng(1)
    keys = ["the", "cat", "sat", "on", "mat"]
    counted = Embedding(Vocabulary(keys, [90, 5, 3, 2, 1]), rng.normal(size=(5, 4)))
    counted.save(tmp_path / "words.jari")
    texts = ["The cat sat.", "on the mat, the mat"]
    expected = PooledEncoder(tmp_path / "words.jari").vectors(texts)
    found = WordModel(counted).of_texts(texts)
    np.testing.assert_allclose(found.vectors, expected / np.linalg.norm(expected, axis=1)[:, None], rtol=1e-5)
    assert found.vectors.dtype == np.float32
    assert found.tokens.tolist() == [3, 5]


def test_tokens_are_rows():
    model = WordModel(WORDS)
    by_rows, by_words = model.of_tokens([[0, 2, 2], [1]]), model.of_texts(["cat dog dog", "kitten"])
    np.testing.assert_allclose(by_rows.vectors, by_words.vectors, rtol=1e-6)
    assert by_rows.tokens.tolist() == [3, 1]


@pytest.mark.parametrize("row", [-1, 4, 10**12, 2**70])
def test_tokens_beyond_the_rows(row):
    with pytest.raises(BadInput, match=f"There is no token {row}: tokens of this embedding are its rows, 0 to 3"):
        WordModel(WORDS).of_tokens([[0], [0, row]])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zebras, run", "Text 1 has no vector: none of its words is known: 'zebras', 'run'"),
        (" ", "Text 1 has no vector: there is no word in ' '"),
        ("the the", "Text 1 has no vector"),  # its vector is 0
    ],
)
def test_a_text_without_a_known_word_gets_no_made_up_vector(text, said):
    with pytest.raises(BadInput, match=said):
        WordModel(WORDS).of_texts(["cat", text])


def test_what_is_left_by_rounding_is_no_vector():
    alike = Embedding(Vocabulary(["a", "b"], [7, 3]), [[0.3, 0.1], [0.3, 0.1]])
    with pytest.raises(BadInput, match="Text 0 has no vector"):
        WordModel(alike).of_texts(["a b"])


def test_what_is_no_embedding_of_words():
    assert reads_texts({"learner": "ImageEncoder", "encoder": {"kind": "image-encoder"}}) is False
    films = Embedding(["Up"], [[1.0]], metadata={"learner": "ImplicitALS", "interactions": {}})
    with pytest.raises(BadInput, match="are no words of texts"):
        text_model_of(films)


class Deep:
    """As `TextEncoder`, without a network: one token a character."""

    dim, max_tokens_ = 2, 6

    def encode(self, texts):
        return np.array([[len(text), 0.5] for text in texts], np.float32)


def test_a_deep_encoder_is_not_given_what_it_would_cut(monkeypatch):
    pytest.importorskip("transformers")
    from jari.encoders.texts import token_ids

    monkeypatch.setattr(token_ids, "token_counts", lambda _, texts: np.array([len(text) for text in texts]))
    monkeypatch.setattr(token_ids, "text_of_tokens", lambda _, ids: "".join(map(chr, ids)))
    model = DeepModel(Deep())
    found = model.of_texts(["abc", "a"])
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, rtol=1e-6)
    assert found.tokens.tolist() == [3, 1]
    np.testing.assert_array_equal(model.of_tokens([[97, 98, 99], [97]]).vectors, found.vectors)
    with pytest.raises(BadInput, match="Text 1 has 7 tokens, and this encoder reads 6"):
        model.of_texts(["a", "abcdefg"])


def test_the_first_numbers_at_unit_length():
    vectors = np.array([[0.6, 0, 0.8], [0, 0, 1]], np.float32)
    np.testing.assert_allclose(shortened(vectors[:1], 2), [[1, 0]])
    assert shortened(vectors, 3) is vectors
    for wrong in (0, 4):
        with pytest.raises(BadInput, match=f"dimensions={wrong}: these vectors have 3"):
            shortened(vectors, wrong)
    with pytest.raises(BadInput, match="Text 1 has no vector: its first 2 numbers are all 0"):
        shortened(vectors, 2)
