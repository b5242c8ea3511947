"""Texts to vectors: as sentence-transformers gives them, and refused where they would be wrong."""

import json
import pickle
import threading
import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

from jari.encoders.texts import model as text_model
from jari.encoders.texts.encoder import DEFAULT_TEXT_MODEL, TextEncoder
from jari.errors import BadFile, BadInput, NoSuchFile

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

MIXED = [
    "",
    "the bank of the river",
    "She lent money to the bank, and swims!",
    "강 은행에서 돈 😀",
    " \n",
    "a",
    "fishes swim " * 5,
]


@pytest.fixture
def reference():
    """What sentence-transformers gives, without its warnings."""
    package = pytest.importorskip("sentence_transformers")

    def encoded(folder, texts, **options):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = package.SentenceTransformer(str(folder), device="cpu")
            return model.encode(texts, **options)

    return encoded


def test_it_equals_sentence_transformers(minilm, reference):
    texts = [*MIXED, "river " * 300, "[CLS] is text [SEP]", "두 은행 사이에 강이 흐른다"]
    with pytest.warns(UserWarning, match="1 of 10 texts"):
        found = TextEncoder(minilm).encode(texts)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, reference(minilm, texts), atol=1e-5)


@pytest.mark.parametrize("kind", ["bert", "roberta", "t5"])
def test_tiny_networks_equal_sentence_transformers(tiny, reference, kind):
    folder = tiny(kind)
    texts = [text for text in MIXED if kind != "t5" or text.strip()]  # this T5 makes no token of an empty text
    np.testing.assert_allclose(TextEncoder(folder).encode(texts), reference(folder, texts), atol=1e-5)


def test_a_decoder_reads_from_left_to_right(tiny):
    encoder = TextEncoder(tiny("gpt2"), pooling="last")
    vectors = encoder.encode(["the bank", "the bank of the river", ""])
    tokens = encoder.encode_tokens("the bank of the river").vectors
    np.testing.assert_allclose(vectors[0], tokens[1], atol=1e-5)  # what comes later does not matter
    np.testing.assert_allclose(vectors[1], tokens[4], atol=1e-5)
    assert not vectors[2].any()  # no token at all


def test_of_an_encoder_decoder_the_encoder(tiny):
    folder = tiny("bart")
    encoder = TextEncoder(folder)
    model = transformers.AutoModel.from_pretrained(folder).eval()
    ids = torch.tensor([[2, 4, 6, 3]])
    with torch.no_grad():
        expected = model.get_encoder()(input_ids=ids).last_hidden_state.mean(1).numpy()
    np.testing.assert_allclose(encoder.encode(["the bank"]), expected, atol=1e-5)


def test_an_encoder_saved_without_its_decoder(tiny, tmp_path):
    whole = tiny("t5")
    part = transformers.T5EncoderModel.from_pretrained(whole)
    part.save_pretrained(tmp_path / "part")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / "part" / name).write_bytes((whole / name).read_bytes())
    np.testing.assert_array_equal(
        TextEncoder(tmp_path / "part").encode(["a river"]), TextEncoder(whole).encode(["a river"])
    )


@pytest.mark.parametrize("pooling", ["mean", "cls", "last", "max", "mean_sqrt_len_tokens", "weightedmean"])
def test_batches_do_not_change_vectors(tiny, pooling):
    folder = tiny()
    alone = TextEncoder(folder, pooling=pooling, batch_tokens=1).encode(MIXED)
    for budget, threads in [(13, 1), (13, 3), (10_000, 2)]:
        together = TextEncoder(folder, pooling=pooling, batch_tokens=budget, threads=threads).encode(MIXED)
        np.testing.assert_allclose(together, alone, atol=1e-5)


def test_many_texts_are_tokenised_in_portions(tiny, monkeypatch):
    encoder = TextEncoder(tiny())
    whole = encoder.encode(MIXED)
    monkeypatch.setattr(text_model, "_AT_ONCE", 3)
    told = []
    np.testing.assert_allclose(encoder.encode(iter(MIXED), callback=told.append), whole, atol=1e-6)
    assert (told[-1].done, told[-1].total, told[-1].unit) == (len(MIXED), len(MIXED), "texts")


def test_no_texts(tiny):
    assert TextEncoder(tiny()).encode([]).shape == (0, 16)


def test_texts_are_cut_and_it_is_said(tiny):
    encoder = TextEncoder(tiny(), max_tokens=8)
    assert encoder.max_tokens_ == 8
    with pytest.warns(
        UserWarning, match=r"2 of 3 texts are longer than the 8 tokens .* The longest has 22\. .* raise max"
    ):
        found = encoder.encode(["the bank", "river " * 20, "the bank of the river a fish"])
    np.testing.assert_allclose(found[1], encoder.encode(["river " * 6])[0], atol=1e-6)  # with the two at its ends


def test_what_is_cut_is_as_the_tokenizer_cuts(tiny):
    folder = tiny()
    encoder = TextEncoder(folder, max_tokens=7)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    text = "the bank of the river lent money to a muddy fish"
    for side in ("right", "left"):
        tokenizer.truncation_side = side
        expected = tokenizer(text, truncation=True, max_length=7)["input_ids"]
        tokens = text_model.TextModel.open(encoder._found(), None, None, "cpu", "auto").network.tokens
        tokens._cuts_left = side == "left"
        assert tokens([text], 7).ids[0].tolist() == expected


def test_a_text_of_a_hundred_thousand_words(tiny):
    with pytest.warns(UserWarning, match=r"1 of 1 texts are longer .* The longest has 100,002"):
        assert np.isfinite(TextEncoder(tiny()).encode(["river " * 100_000])).all()


def test_the_limit_is_where_positions_end(tiny):
    assert TextEncoder(tiny("roberta")).max_tokens_ == 30  # what its tokenizer says; its places would be 40
    most = TextEncoder(tiny("roberta"), max_tokens=41)
    with pytest.raises(BadInput, match=r"max_tokens=41: .* has places for 41?\d"):
        TextEncoder(tiny("bert"), max_tokens=41).encode(["a"])
    assert most.max_tokens_ == 41
    with pytest.warns(UserWarning, match=r"1 of 1 texts .* Encode shorter passages\.$"):
        assert np.isfinite(most.encode(["river " * 90])).all()


def test_a_limit_without_room_for_a_word(tiny):
    with pytest.raises(BadInput, match=r"max_tokens=2: a text needs a token beside .* 3 or more"):
        TextEncoder(tiny(), max_tokens=2).encode(["a"])


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("one text", r"give a list of texts, \[text\] for one"),
        (None, "texts=None: give a list of texts"),
        ({"a": "b"}, "texts is a dict: give one column of it, or a list"),
        (["a", None], "Text 1 is None, of the type NoneType. Each text must be a string"),
        (["a", "b", float("nan")], "Text 2 is nan"),
        (["a", "b\ud800c"], r"Text 1 holds half a character, '\\ud800', at its place 1"),
    ],
)
def test_what_is_no_text(tiny, texts, message):
    with pytest.raises(BadInput, match=message):
        TextEncoder(tiny()).encode(texts)


def test_strings_of_numpy_are_texts(tiny):
    encoder = TextEncoder(tiny())
    np.testing.assert_array_equal(encoder.encode(np.array(["a", "river"])), encoder.encode(["a", "river"]))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"pooling": "first"}, "pooling='first': choose"),
        ({"normalize": "yes"}, "normalize='yes': give True, False or None"),
        ({"precision": "int8"}, "precision='int8': choose"),
        ({"batch_tokens": 0}, "batch_tokens=0: a batch holds at least one token"),
        ({"device": "gpu7"}, "device='gpu7' cannot be used"),
        ({"threads": 0}, "threads=0 must be a whole number"),
        ({"max_tokens": "many"}, "max_tokens='many': a text needs"),
        ({"prompt": 3}, "prompt=3: give the name of a prompt"),
    ],
)
def test_parameters_that_cannot_be(tiny, parameters, message):
    with pytest.raises(BadInput, match=message):
        TextEncoder(tiny(), **parameters).encode(["a"])


def test_normalize(tiny):
    folder = tiny()
    plain, unit = TextEncoder(folder).encode(MIXED), TextEncoder(folder, normalize=True).encode(MIXED)
    np.testing.assert_allclose(unit, plain / np.linalg.norm(plain, axis=1, keepdims=True), atol=1e-6)


def test_half_precision_is_near(tiny):
    folder = tiny()
    full, half = TextEncoder(folder).encode(MIXED), TextEncoder(folder, precision="bfloat16").encode(MIXED)
    assert half.dtype == np.float32
    assert 1e-5 < np.abs(full - half).max() < 0.2


def test_too_little_memory_halves_the_batch(tiny, monkeypatch):
    encoder = TextEncoder(tiny(), threads=1)
    expected = encoder.encode(MIXED)
    forward = encoder._opened().network.module.forward

    def short_of_memory(*given, **named):
        if len(named["input_ids"]) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return forward(*given, **named)

    monkeypatch.setattr(encoder._opened().network.module, "forward", short_of_memory)
    with pytest.warns(UserWarning, match="ran out of memory with a batch of 7 texts: it goes on with batches of 2"):
        np.testing.assert_allclose(encoder.encode(MIXED), expected, atol=1e-5)


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_within_ends_it_all(tiny, monkeypatch, threads):
    encoder = TextEncoder(tiny(), threads=threads, batch_tokens=1)
    encoder.encode(["a"])

    def stopped(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(encoder._opened().network.module, "forward", stopped)
    with pytest.raises(KeyboardInterrupt):
        encoder.encode(["a"] * 50)
    assert not [one for one in threading.enumerate() if one.name.startswith("jari-encode")]


def test_settings_of_torch_stay(tiny):
    before = torch.get_num_threads(), torch.random.get_rng_state(), torch.is_grad_enabled()
    TextEncoder(tiny(), threads=3).encode(MIXED)
    assert torch.get_num_threads() == before[0]
    assert torch.equal(torch.random.get_rng_state(), before[1])
    assert torch.is_grad_enabled() == before[2]


def test_it_says_nothing(tiny, capfd):
    folder = tiny()
    capfd.readouterr()
    TextEncoder(folder).encode(MIXED)
    assert capfd.readouterr() == ("", "")


def test_weights_that_are_missing_are_refused(tiny):
    folder = tiny()
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(BadFile, match=r"1 are missing \(encoder\.layer\.1\.output\.dense\.weight\)"):
        TextEncoder(folder).encode(["a"])


def test_a_pooler_that_is_missing_is_not_missed(tiny):
    folder = tiny()
    from safetensors.torch import load_file, save_file

    expected = TextEncoder(folder).encode(MIXED)
    weights = {name: one for name, one in load_file(folder / "model.safetensors").items() if "pooler" not in name}
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    before = torch.random.get_rng_state()
    np.testing.assert_array_equal(TextEncoder(folder).encode(MIXED), expected)
    assert torch.equal(torch.random.get_rng_state(), before)  # transformers draws one by chance


def test_weights_of_another_size(tiny, edit):
    folder = tiny()
    edit(folder / "config.json", intermediate_size=48)
    with pytest.raises(BadFile, match=r"The weights of .* do not fit its config\.json"):
        TextEncoder(folder).encode(["a"])


def test_weights_of_another_architecture(tiny):
    folder = tiny()
    (folder / "model.safetensors").write_bytes((tiny("gpt2") / "model.safetensors").read_bytes())
    with pytest.raises(BadFile, match=r"are of another network than its config\.json: \d+ are missing \(embeddings\."):
        TextEncoder(folder).encode(["a"])


def test_damaged_weights(tiny):
    folder = tiny()
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(BadFile, match=r"do not fit its config\.json, or are damaged"):
        TextEncoder(folder).encode(["a"])
    path.unlink()
    with pytest.raises(BadFile, match="has no weights that can be read"):
        TextEncoder(folder).encode(["a"])


def test_a_model_of_pictures(tiny):
    with pytest.raises(BadInput, match=r"\(vit\) reads pictures, not text alone\. Give it to ImageEncoder"):
        TextEncoder(tiny("vit")).encode(["a"])


def test_a_model_that_transformers_does_not_know(tiny, edit):
    folder = tiny()
    edit(folder / "config.json", model_type="quantumformer")
    with pytest.raises(BadInput, match=r"transformers does not know what .* is"):
        TextEncoder(folder).encode(["a"])


def test_no_tokenizer(tiny):
    (tiny("t5") / "tokenizer.json").unlink()
    with pytest.raises(BadFile, match=r"has no tokenizer\. Put its tokenizer\.json into"):
        TextEncoder(tiny("t5")).encode(["a"])
    folder = tiny()
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(BadFile, match=r"has no tokenizer that can be read .* Put its tokenizer\.json into"):
        TextEncoder(folder).encode(["a"])


def test_the_default_is_said_where_it_is_missing(monkeypatch, tmp_path):
    constants = pytest.importorskip("huggingface_hub.constants")

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(NoSuchFile, match=rf"The model '{DEFAULT_TEXT_MODEL}' is not in the cache"):
        TextEncoder(offline=True).encode(["a"])


def test_embed(tiny):
    encoder = TextEncoder(tiny(), pooling="cls")
    embedding = encoder.embed(["the bank", "a river"])
    assert list(embedding.keys) == ["the bank", "a river"]
    np.testing.assert_array_equal(embedding.vectors, encoder.encode(["the bank", "a river"]))
    made_by = embedding.metadata["encoder"]
    assert made_by["kind"] == "text-encoder"
    assert list(encoder.embed(["a", "a"], keys=["x", "y"]).keys) == ["x", "y"]
    again = TextEncoder.described(json.loads(json.dumps(made_by)), threads=1)
    np.testing.assert_array_equal(again.encode(["a river"])[0], embedding["a river"])
    with pytest.raises(BadInput, match=r"Text 2 is the same as text 0: 'a'\. Give keys="):
        encoder.embed(["a", "b", "a"])
    with pytest.raises(BadInput, match="2 texts but 1 keys"):
        encoder.embed(["a", "b"], keys=["x"])


def test_another_model_in_its_place(tiny, edit):
    folder = tiny()
    described = TextEncoder(folder).describe()
    assert described["path"] == str(folder)
    edit(folder / "config.json", layer_norm_eps=0.5)
    with pytest.raises(BadFile, match="is not the model that made these vectors"):
        TextEncoder.described(described)


def test_parameters_that_change_vectors_are_described(tiny):
    encoder = TextEncoder(tiny(), pooling="cls", max_tokens=9, prompt="a: ", device="cpu", threads=2)
    told = encoder.describe()
    assert {name: told[name] for name in told if name not in ("kind", "path", "checksum")} == {
        "pooling": "cls",
        "max_tokens": 9,
        "prompt": "a: ",
    }
    assert TextEncoder.described(told).get_params()["max_tokens"] == 9


def test_another_parameter_opens_it_again(tiny):
    encoder = TextEncoder(tiny())
    first = encoder.encode(["the bank"])
    assert not np.allclose(encoder.set_params(pooling="cls").encode(["the bank"]), first)


def test_it_is_an_estimator(tiny):
    encoder = clone(TextEncoder(tiny(), normalize=True))
    pipeline = make_pipeline(encoder, Normalizer())
    found = pipeline.fit_transform(["the bank", "a river"])
    assert found.shape == (2, 16)
    again = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_allclose(again.transform(["the bank", "a river"]), found, atol=1e-6)
    assert encoder.get_feature_names_out()[1] == "textencoder1"
    frame = clone(encoder).set_output(transform="pandas").fit_transform(["the bank"])
    assert list(frame.columns)[:1] == ["textencoder0"]


def test_threads_share_an_encoder(tiny):
    encoder = TextEncoder(tiny())
    expected = TextEncoder(tiny()).encode(MIXED)
    found = [None] * 4

    def work(place):
        found[place] = encoder.encode(MIXED)

    running = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    for one in found:
        np.testing.assert_allclose(one, expected, atol=1e-6)


def test_a_model_that_came_without_its_modules(tiny, monkeypatch, tmp_path):
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    root = tmp_path / "cache" / "models--someone--tiny"
    (root / "refs").mkdir(parents=True)
    (root / "snapshots").mkdir()
    (root / "refs" / "main").write_text("c0ffee")
    folder = tiny()
    folder.rename(root / "snapshots" / "c0ffee")
    with pytest.warns(UserWarning, match=r"someone/tiny is in the cache without what .*`hf download someone/tiny"):
        encoder = TextEncoder("someone/tiny").fit()
    assert encoder.describe()["path"] == "someone/tiny"
    assert TextEncoder("someone/tiny", pooling="mean", offline=True).encode(["a"]).shape == (1, 16)


def test_no_model():
    with pytest.raises(BadInput, match="model=None: give a folder"):
        TextEncoder(None).encode(["a"])


def test_a_frame_is_no_list_of_texts(tiny):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": ["the bank"]})
    with pytest.raises(BadInput, match="texts is a DataFrame: give one column of it"):
        TextEncoder(tiny()).encode(frame)
    assert TextEncoder(tiny()).encode(frame["text"]).shape == (1, 16)
