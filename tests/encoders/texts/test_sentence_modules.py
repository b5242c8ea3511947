"""Folders of sentence-transformers: read as it reads them, or refused by name."""

import json
import warnings

import numpy as np
import pytest

from jari.encoders.hub import find
from jari.encoders.texts.encoder import TextEncoder
from jari.encoders.texts.sentence_modules import SentenceModules
from jari.errors import BadFile, BadInput

torch = pytest.importorskip("torch")
sentence_transformers = pytest.importorskip("sentence_transformers")
models = pytest.importorskip("sentence_transformers.sentence_transformer.modules")

TEXTS = ["the bank of the river", "a muddy fish swims", "money", "She lent money to the bank.", ""]


@pytest.fixture
def saved(tiny, tmp_path):
    """A folder as sentence-transformers writes it, with these modules after the transformer; and its own vectors."""

    def make(*modules, texts=TEXTS, lower=False, limit=20, encode=None, **settings):
        with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
            warnings.simplefilter("ignore")
            torch.manual_seed(3)
            first = models.Transformer(str(tiny()), max_seq_length=limit, do_lower_case=lower)
            made = [one() if callable(one) and not isinstance(one, torch.nn.Module) else one for one in modules]
            model = sentence_transformers.SentenceTransformer(modules=[first, *made], device="cpu", **settings)
            model.save(str(tmp_path / "saved"))
            return tmp_path / "saved", model.encode(texts, **(encode or {}))

    return make


def pooling(*modes, **options):
    return lambda: models.Pooling(16, modes or "mean", **options)


def dense(outputs, activation=None, **options):
    def make():
        layer = models.Dense(16, outputs, activation_function=activation, **options)
        torch.nn.init.normal_(layer.linear.weight)
        return layer

    return make


def as_before_version_six(folder, *modes, old="pooling_mode_{}_tokens"):
    """The keys that all folders on the hub have today."""
    names = {"cls": "pooling_mode_cls_token", "lasttoken": "pooling_mode_lasttoken"}
    said = {"word_embedding_dimension": 16, **{names.get(one, old.format(one)): True for one in modes}}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(said))


ALL_MODES = ["cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"]


@pytest.mark.parametrize("modes", [*[(one,) for one in ALL_MODES], ("cls", "mean"), ("max", "lasttoken")])
def test_pooling(saved, modes):
    folder, expected = saved(pooling(*modes))
    np.testing.assert_allclose(TextEncoder(folder).encode(TEXTS), expected, atol=1e-5)
    as_before_version_six(folder, *[one.removesuffix("_tokens") for one in modes])
    np.testing.assert_allclose(TextEncoder(folder).encode(TEXTS), expected, atol=1e-5)


@pytest.mark.parametrize("activation", [torch.nn.Tanh(), torch.nn.Identity(), torch.nn.GELU(), torch.nn.ReLU()])
def test_dense_and_normalize(saved, activation):
    folder, expected = saved(pooling(), dense(5, activation), models.Normalize)
    encoder = TextEncoder(folder)
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=1e-5)
    assert encoder.dim == 5
    longer = TextEncoder(folder, normalize=False).encode(TEXTS)
    assert np.abs(np.linalg.norm(longer, axis=1) - 1).max() > 0.01


@pytest.mark.parametrize("outputs", [16, 7])
def test_residual_layers(saved, outputs):
    folder, expected = saved(pooling(), dense(outputs, torch.nn.Tanh(), bias=False, use_residual=True))
    np.testing.assert_allclose(TextEncoder(folder).encode(TEXTS), expected, atol=1e-5)


def test_layer_norm_and_dropout(saved):
    folder, expected = saved(pooling(), lambda: models.LayerNorm(16), lambda: models.Dropout(0.5))
    np.testing.assert_allclose(TextEncoder(folder).encode(TEXTS), expected, atol=1e-5)


def test_limits_and_lower_case(saved):
    texts = ["The Bank " * 20]
    folder, expected = saved(pooling(), texts=texts, lower=True, limit=9)
    tokenizer = folder / "tokenizer.json"
    said = json.loads(tokenizer.read_text("utf-8"))
    said["normalizer"] = None  # where version 6 writes down lower case; those before had it in a file of their own
    tokenizer.write_text(json.dumps(said), "utf-8")
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 9, "do_lower_case": True}))
    encoder = TextEncoder(folder)
    assert encoder.max_tokens_ == 9
    with pytest.warns(UserWarning, match="1 of 1 texts are longer than the 9 tokens"):
        np.testing.assert_allclose(encoder.encode(texts), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("mode", "included"), [("mean", True), ("mean", False), ("cls", False), ("weightedmean", False), ("max", False)]
)
def test_prompts(saved, included, mode):
    prompts = {"query": "the muddy: ", "document": ""}
    folder, expected = saved(
        pooling(mode, include_prompt=included), prompts=prompts, encode={"prompt_name": "query"}, texts=TEXTS[:4]
    )
    encoder = TextEncoder(folder)
    assert encoder.prompts_ == prompts
    found = encoder.encode(TEXTS[:4], prompt="query")
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(TextEncoder(folder, prompt="the muddy: ").encode(TEXTS[:4]), expected, atol=1e-5)
    np.testing.assert_allclose(TextEncoder(folder, prompt="query").encode(TEXTS[:4]), expected, atol=1e-5)
    assert not np.allclose(encoder.encode(TEXTS[:4]), expected, atol=1e-3)


def test_a_default_prompt(saved):
    folder, expected = saved(pooling(), prompts={"query": "the muddy: "}, default_prompt_name="query")
    np.testing.assert_allclose(TextEncoder(folder).encode(TEXTS), expected, atol=1e-5)
    assert not np.allclose(TextEncoder(folder).encode(TEXTS, prompt=""), expected, atol=1e-3)


def test_a_prompt_that_is_none(saved):
    folder, _ = saved(pooling(), prompts={"query": "the muddy: "})
    with pytest.raises(BadInput, match=r"no prompt that is called 'passage'\. It has: .*query"):
        TextEncoder(folder).encode(["a"], prompt="passage")


def test_the_oldest_layout(saved):
    folder, expected = saved(pooling())
    inner = folder / "0_Transformer"
    inner.mkdir()
    for one in {*folder.glob("*.safetensors"), *folder.glob("*config.json"), *folder.glob("token*.json")}:
        one.rename(inner / one.name)
    as_before_version_six(folder, "mean")
    (folder / "modules.json").write_text(
        json.dumps(
            [
                {"idx": 0, "name": "0", "path": "0_Transformer", "type": "sentence_transformers.models.Transformer"},
                {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            ]
        )
    )
    encoder = TextEncoder(folder)
    np.testing.assert_allclose(encoder.encode(TEXTS), expected, atol=1e-5)
    assert len(encoder.describe()["checksum"]) == 64


def test_pickled_weights_are_read_as_data(saved):
    folder, expected = saved(pooling(), dense(5, torch.nn.Tanh()))
    place = folder / "2_Dense"
    from safetensors.torch import load_file

    torch.save(load_file(place / "model.safetensors"), place / "pytorch_model.bin")
    (place / "model.safetensors").unlink()
    np.testing.assert_allclose(TextEncoder(folder).encode(TEXTS), expected, atol=1e-5)
    torch.save({"linear.weight": pytest.raises}, place / "pytorch_model.bin")  # code, which would be run
    with pytest.raises(BadFile, match=r"The weights in .*2_Dense cannot be read"):
        TextEncoder(folder).encode(TEXTS)


def test_without_modules_there_is_nothing_to_read(tiny):
    read = SentenceModules.read(find(tiny()))
    assert (read.modes, read.steps, read.prompts) == (None, (), {})


def module(number, name):
    return lambda said: said[number].update(type=name)


def says(**values):
    return lambda said: said.update(values)


MODULES, POOLING, DENSE = "modules.json", "1_Pooling/config.json", "2_Dense/config.json"
BERT, WHOLE = "sentence_bert_config.json", "config_sentence_transformers.json"


@pytest.mark.parametrize(
    ("name", "change", "error", "message"),
    [
        (MODULES, module(1, "sentence_transformers.models.LSTM"), BadInput, r"models\.LSTM\)\. It knows Transformer"),
        (MODULES, module(0, "sentence_transformers.models.BoW"), BadInput, r"models\.BoW\)\. It knows Transformer"),
        (MODULES, lambda said: said.pop(1), BadInput, r"a module that Jari does not know .*Dense"),
        (MODULES, lambda said: said.__delitem__(slice(1, 3)), BadInput, "has no pooling among its modules"),
        (MODULES, module(1, "mine.Pooling"), BadInput, r"needs code of its own \('mine\.Pooling'"),
        (MODULES, lambda said: said[1].update(path="../other"), BadFile, r"leads out of the folder .*'\.\./other'"),
        (POOLING, says(pooling_mode="median"), BadInput, r"pooling by 'median' is not known\. It can be cls, max"),
        (DENSE, says(activation_function="os.system"), BadInput, r"the activation 'os\.system' is not known"),
        (DENSE, says(activation_function="torch.nn.Evil"), BadInput, r"the activation 'torch\.nn\.Evil' is not known"),
        (
            DENSE,
            says(out_features=6),
            BadFile,
            r"must be of shape \(6, 16\), and are of shape \(5, 16\)",
        ),
        (DENSE, says(use_residual=True), BadFile, r"'residual\.weight' must be .* missing among \['linear\.bias'"),
        (DENSE, says(module_input_name="token_embeddings"), BadInput, "module_input_name='token_embeddings' is not"),
        (BERT, says(transformer_task="fill-mask"), BadInput, "transformer_task='fill-mask' is not known"),
        (BERT, says(query_length=8), BadInput, r"query_length=8 is not known here: .* is no plain encoder"),
        (BERT, says(modality_config={"message": {}}), BadInput, "modality_config is not known"),
        (WHOLE, says(default_prompt_name="x"), BadFile, "the default prompt 'x' is none of its prompts"),
    ],
)
def test_what_is_not_known_is_refused(saved, name, change, error, message):
    folder, _ = saved(pooling(), dense(5))
    path = folder / name
    said = json.loads(path.read_text())
    change(said)
    path.write_text(json.dumps(said))
    with pytest.raises(error, match=message):
        TextEncoder(folder).encode(["a"])


def test_missing_weights_of_a_module(saved):
    folder, _ = saved(pooling(), dense(5))
    (folder / "2_Dense" / "model.safetensors").unlink()
    with pytest.raises(BadFile, match=r"2_Dense holds no weights"):
        TextEncoder(folder).encode(["a"])


def test_pooling_that_layers_do_not_fit(saved):
    folder, _ = saved(pooling("cls", "mean"), lambda: models.Dense(32, 4))
    with pytest.raises(BadInput, match=r"pooling by mean gives vectors that the layers .* do not fit"):
        TextEncoder(folder, pooling="mean").encode(["a"])
