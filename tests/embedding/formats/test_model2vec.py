from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.format import ReadableFormatContract
from jari.embedding import Embedding
from jari.embedding.formats import detect, read, write
from jari.embedding.formats.model2vec import is_model2vec
from jari.errors import BadFile, BadInput, NoSuchFile
from jari.ingest.huggingface import HuggingFace
from jari.ingest.recorded import tokenizer_of
from jari.ingest.tokenizers import words

pytest.importorskip("tokenizers")
safetensors = pytest.importorskip("safetensors.numpy")

TEXTS = ["The cat sat.", "a cat, a cat!", "?", "", "sat the unknown"]


class TestModel2vec(ReadableFormatContract):
    name = "model2vec"
    flushes = 4


@pytest.fixture
def static(tmp_path):
    """A folder as model2vec writes it, of word pieces."""
    model2vec = pytest.importorskip("model2vec")
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    pieces = {"[PAD]": 0, "[UNK]": 1, "the": 2, "cat": 3, "sa": 4, "##t": 5, "a": 6}
    tokenizer = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]"])
    rng = np.random.default_rng(1)

    def saved(dtype=np.float32, normalize=True, rows=7, **more):
        vectors = (rng.standard_normal((rows, 4)) * (50 if dtype is np.int8 else 1)).astype(dtype)
        model = model2vec.StaticModel(
            vectors, tokenizer, normalize=normalize, config={"model_type": "model2vec"}, **more
        )
        model.save_pretrained(tmp_path / "static")
        return model, tmp_path / "static"

    return saved


@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8])
def test_texts_get_the_vectors_that_model2vec_gives_them(static, dtype, normalize):
    model, folder = static(dtype, normalize)
    assert detect(folder) == "model2vec"
    embedding = read(folder)
    assert list(embedding) == ["the", "cat", "sa", "##t", "a"]
    tokenizer = HuggingFace(embedding.metadata["corpus"]["tokenizer"])
    found = embedding.pool(TEXTS, tokenizer=tokenizer, normalize=embedding.metadata["normalize"])
    np.testing.assert_allclose(found, model.encode(TEXTS), atol=1e-5)


def test_weights_and_a_mapping_are_worked_in(static):
    weights, mapping = np.linspace(0.5, 2, 7), np.array([0, 1, 2, 0, 1, 2, 2])
    model, folder = static(rows=3, weights=weights, token_mapping=mapping)
    embedding = read(folder)
    np.testing.assert_allclose(embedding["cat"], model.embedding[0] * weights[3], rtol=1e-6)
    found = embedding.pool(TEXTS, tokenizer=HuggingFace(folder / "tokenizer.json"), normalize=True)
    np.testing.assert_allclose(found, model.encode(TEXTS), atol=1e-5)


def test_half_precision_becomes_float32(static):
    model, folder = static(np.float16)
    embedding = read(folder)
    assert embedding.vectors.dtype == np.float32
    np.testing.assert_array_equal(embedding["cat"], model.embedding[3].astype(np.float32))


@pytest.mark.parametrize("tokenizer", ["words", "whitespace"])
def test_model2vec_opens_what_is_written(tmp_path, tokenizer):
    model2vec = pytest.importorskip("model2vec")
    keys = ["the", "The", "cat", "don't", "naïve", "자리", "οδος", "x_1", "[UNK]", "Cat."]
    vectors = np.random.default_rng(2).standard_normal((len(keys), 5), dtype=np.float32)
    metadata = {"corpus": {"tokenizer": tokenizer}, "normalize": False}
    embedding = Embedding(keys, vectors, metadata=metadata)
    write(embedding, tmp_path / "out.model2vec")
    model = model2vec.StaticModel.from_pretrained(tmp_path / "out.model2vec")
    texts = [
        "The cat, Don’t! ‘the’",
        "NAÏVE 자리에서 자리 ΟΔΟΣ, x_1.",
        "Cat. The",
        "",
        "nothing known",
        "the\n cat " * 900,
    ]
    function = words if tokenizer == "words" else str.split
    np.testing.assert_allclose(model.encode(texts), embedding.pool(texts, tokenizer=function), atol=1e-5)
    back = read(tmp_path / "out.model2vec")
    assert list(back) == keys
    assert back.metadata["corpus"] == {"tokenizer": tokenizer}


@given(st.text(st.characters(exclude_categories=["Cs", "Cn"], max_codepoint=0xFFFF), max_size=30))
@example("ΟΔΟΣ Σ ΑΣ'Α ΣΑΣ. ẞ İ ’tis rock’n’roll x’ 'a' 1's a'1")
@example("e\u0301te\u0301 \u1112\u1161\u11ab a\u0300'b")
@settings(max_examples=200, deadline=None)
def test_words_are_split_as_ours_are(text):
    from tokenizers import Tokenizer

    from jari.embedding.formats.model2vec import _of_words

    ours = words(text)
    keys = dict.fromkeys(ours) or {"x": None}
    made, _ = _of_words(Embedding(keys, np.ones((len(keys), 1))), "words")
    found = Tokenizer.from_buffer(made).encode(text).tokens
    # Final sigma where letters of other scripts, or signs on them, stand around it; and characters newer than either
    # side's Unicode: told in the module
    if not set(text) & {"Σ", "ς", "σ"} or text.startswith("ΟΔΟΣ"):
        assert found == ours


def test_tokens_go_out_with_their_tokenizer(static, tmp_path):
    model2vec = pytest.importorskip("model2vec")
    model, folder = static()
    write(read(folder), tmp_path / "again.model2vec")
    again = model2vec.StaticModel.from_pretrained(tmp_path / "again.model2vec")
    assert (tmp_path / "again.model2vec/tokenizer.json").read_bytes() == (folder / "tokenizer.json").read_bytes()
    assert again.normalize
    np.testing.assert_allclose(again.encode(TEXTS), model.encode(TEXTS), atol=1e-5)


def test_tokens_without_a_vector_are_said(static, tmp_path):
    _, folder = static()
    with pytest.warns(UserWarning, match=r"3 tokens of .*tokenizer\.json have no vector here"):
        write(read(folder).top(2), tmp_path / "again.model2vec")
    metadata = {"corpus": {"tokenizer": str(folder / "tokenizer.json")}}
    with pytest.raises(BadInput, match=r"The key 'dog' is no token of .*, which model2vec cannot hold"):
        write(Embedding(["cat", "dog"], np.eye(2), metadata=metadata), tmp_path / "other.model2vec")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(NoSuchFile, match=r"There is no file .*tokenizer\.json"):
        write(Embedding(["cat"], [[1]], metadata=metadata), tmp_path / "other.model2vec")


@pytest.mark.parametrize("corpus", [{"tokenizer": "kiwi"}, {"tokenizer": "words", "phrases": {"joiner": "_"}}])
def test_what_no_tokenizer_file_can_say_is_refused(tmp_path, corpus):
    with pytest.raises(BadInput, match=r"made by '(kiwi|phrases)', which model2vec cannot hold"):
        write(Embedding(["a"], [[1]], metadata={"corpus": corpus}), tmp_path / "out.model2vec")
    assert not list(tmp_path.iterdir())


def test_a_jari_of_it_knows_how_to_take_texts_apart(static, tmp_path):
    model, folder = static(normalize=False)
    read(folder).save(tmp_path / "static.jari")
    embedding = Embedding.load(tmp_path / "static.jari")
    tokenizer = tokenizer_of(embedding.metadata["corpus"], embedding.vocabulary)
    np.testing.assert_allclose(embedding.pool(TEXTS, tokenizer=tokenizer), model.encode(TEXTS), atol=1e-5)


def test_other_folders_are_not_taken_for_one(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    assert not is_model2vec(tmp_path)
    with pytest.raises(BadFile, match=r"without embedding\.json"):
        detect(tmp_path)
    with pytest.raises(BadFile, match='does not say "model_type": "model2vec"'):
        read(tmp_path, "model2vec")


def _tensors(**arrays):
    return safetensors.save(arrays)


E = np.ones((5, 2), np.float32)


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        (_tensors(other=E), "holds 'other'"),
        (_tensors(embeddings=E, more=E), "holds 'more'"),
        (_tensors(), "holds no 'embeddings'"),
        (_tensors(embeddings=E[0]), r"float32 of shape \(2,\)"),
        (_tensors(embeddings=E > 0), "bool of shape"),
        (_tensors(embeddings=E[:3]), "has 3 rows, and tokenizer.json beside it 4 tokens"),
        (_tensors(embeddings=E, mapping=np.array([0, 1, 2, 5])), "'mapping' is not a row from 0 to 4"),
        (_tensors(embeddings=E, mapping=np.array([0, 1, 2, -1])), "'mapping' is not a row from 0 to 4"),
        (_tensors(embeddings=E, mapping=np.array([0, 1])), "for each of 4 tokens"),
        (_tensors(embeddings=E, mapping=np.ones(4)), "'mapping' is not a row"),
        (_tensors(embeddings=E[:4], weights=np.ones(3)), r"'weights' is float64 of shape \(3,\)"),
        (_tensors(embeddings=E[:4] * np.float32("nan")), "holds nan in column 0"),
        (b"\xff" * 64, "not a file of safetensors"),
        (b"", "not a file of safetensors"),
    ],
)
def test_wrong_tensors_are_refused(tmp_path, tensors, said):
    write(Embedding(["a", "b", "c"], np.eye(3)), tmp_path / "m.model2vec")
    (tmp_path / "m.model2vec/model.safetensors").write_bytes(tensors)
    with pytest.raises(BadFile, match=said):
        read(tmp_path / "m.model2vec")


def _change_tokenizer(folder, change):
    file = folder / "tokenizer.json"
    held = json.loads(file.read_text())
    change(held)
    file.write_text(json.dumps(held))


def test_wrong_tokenizers_and_configs_are_refused(tmp_path):
    folder = tmp_path / "m.model2vec"
    write(Embedding(["a", "b", "c"], np.eye(3)), folder)
    _change_tokenizer(folder, lambda held: held["model"]["vocab"].update(a=7))
    with pytest.raises(BadFile, match=r"4 tokens are not numbered 0, 1, …, each once"):
        read(folder)
    _change_tokenizer(folder, lambda held: held.update(model={"type": "Nothing"}))
    with pytest.raises(BadFile, match="not a tokenizer of the Hugging Face kind"):
        read(folder)
    for text, said in ((b"[" * 100_000, "is not JSON"), (b"[]", "does not say"), (b" " * (2 << 20), "does not say")):
        (folder / "config.json").write_bytes(text)
        with pytest.raises(BadFile, match=said):
            read(folder)
    (folder / "config.json").unlink()
    (folder / "config.json").symlink_to("/etc/hostname")
    with pytest.raises(BadFile, match="is a link"):
        read(folder)
