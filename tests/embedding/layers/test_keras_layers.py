from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput, ExtraMissing

os.environ.setdefault("KERAS_BACKEND", "torch")  # Keras reads it once, when it is first imported
if os.environ["KERAS_BACKEND"] == "torch":
    pytest.importorskip("torch")
keras = pytest.importorskip("keras")

KEYS = ["the", "king", "New York", "자리"]
VECTORS = np.array([[1, -0.0, 3], [4, 5, 1e-40], [-7, 0.1, 3e38], [2, 2, 3e38]], np.float32)
EMBEDDING = Embedding(Vocabulary(KEYS, counts=[9, 5, 3, 2]), VECTORS)
SMALL = Embedding(KEYS, np.arange(12, dtype=np.float32).reshape(4, 3) - 5)
PADDED = np.array([[1, 2, 0, 0], [4, 0, 0, 0], [3, 1, 2, 2]])
MEANS = np.stack([SMALL.vectors[[0, 1]].mean(0), SMALL.vectors[3], SMALL.vectors[[2, 0, 1, 1]].mean(0)])

# Keras makes arrays of PyTorch's tensors in a way of which NumPy 2 warns: github.com/pytorch/pytorch/issues/136264
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")


def values(tensor):
    tensor = keras.ops.convert_to_tensor(tensor)
    return tensor.detach().cpu().numpy() if hasattr(tensor, "detach") else keras.ops.convert_to_numpy(tensor)


def same_bits(found, expected):
    np.testing.assert_array_equal(np.ascontiguousarray(found).view(np.uint32), expected.view(np.uint32))


@pytest.mark.parametrize("padding", [False, True])
@pytest.mark.parametrize("unknown", [False, True, "zeros"])
@pytest.mark.parametrize("freeze", [False, True])
def test_there_and_back_are_the_same_bits(padding, unknown, freeze):
    layer = EMBEDDING.to_keras(padding=padding, unknown=unknown, freeze=freeze)
    assert type(layer) is keras.layers.Embedding
    assert (layer.mask_zero, layer.trainable) == (padding, not freeze)
    assert (layer.input_dim, layer.output_dim) == (4 + padding + bool(unknown), 3)
    same_bits(values(layer.embeddings)[int(padding) : int(padding) + 4], VECTORS)
    if padding:
        same_bits(values(layer.embeddings)[0], np.zeros(3, np.float32))
    back = Embedding.from_keras(layer, EMBEDDING.vocabulary, unknown=unknown, metadata={"learner": "mine"})
    same_bits(back.vectors, VECTORS)
    assert back.vocabulary == EMBEDDING.vocabulary
    assert back.metadata == {"learner": "mine"}


def test_nobody_is_warned(recwarn):
    Embedding.from_keras(SMALL.to_keras(padding=True, unknown=True), KEYS, unknown=True)
    assert [str(warning.message) for warning in recwarn] == []


def test_neither_side_writes_to_the_other():
    layer = SMALL.to_keras()
    learnt = Embedding.from_keras(layer, KEYS)
    layer.set_weights([np.ones((4, 3), np.float32)])
    np.testing.assert_array_equal(SMALL.vectors, np.arange(12).reshape(4, 3) - 5)
    np.testing.assert_array_equal(learnt.vectors, SMALL.vectors)


options = st.fixed_dictionaries({"padding": st.booleans(), "unknown": st.sampled_from([False, True, "zeros"])})


@given(options, st.data())
def test_keras_and_torch_give_the_same_vectors_for_the_same_ids(options, data):
    torch = pytest.importorskip("torch")
    ids = np.array(data.draw(st.lists(st.integers(0, len(SMALL.layer_ids(**options)) - 1), min_size=1, max_size=9)))
    of_keras = values(SMALL.to_keras(**options)(ids))
    of_torch = SMALL.to_torch(**options)(torch.tensor(ids)).detach().numpy()
    same_bits(of_keras, of_torch)


@pytest.mark.parametrize(
    ("policy", "held", "computed"), [("mixed_bfloat16", "float32", "bfloat16"), ("bfloat16", "bfloat16", "bfloat16")]
)
def test_the_policy_of_keras_is_followed(policy, held, computed):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        layer = SMALL.to_keras()
    finally:
        keras.config.set_dtype_policy(before)
    assert (layer.embeddings.dtype, layer.compute_dtype) == (held, computed)
    np.testing.assert_array_equal(Embedding.from_keras(layer, KEYS).vectors, SMALL.vectors)  # small whole numbers


def test_a_copy_by_its_config_is_a_layer_like_any_other():
    layer = SMALL.to_keras(padding=True)
    copy = keras.layers.Embedding.from_config(layer.get_config())
    assert isinstance(copy.embeddings_initializer, keras.initializers.RandomUniform)
    assert copy.mask_zero


def test_a_saved_model_holds_the_layer(tmp_path):
    model = keras.Sequential([keras.Input((4,), dtype="int32"), SMALL.to_keras(padding=True)])
    model.save(tmp_path / "model.keras")
    opened = keras.models.load_model(tmp_path / "model.keras")
    same_bits(Embedding.from_keras(opened.layers[0], KEYS).vectors, SMALL.vectors)


# ── padding and masks


def test_a_layer_that_follows_the_mask_leaves_padding_out():
    mean = keras.layers.GlobalAveragePooling1D()
    np.testing.assert_allclose(values(mean(SMALL.to_keras(padding=True)(PADDED))), MEANS, rtol=1e-6)


def test_a_layer_that_ignores_the_mask_counts_padding_as_words():
    layer = SMALL.to_keras(padding=True)
    naive = values(keras.ops.mean(layer(PADDED), axis=1))
    there = (PADDED != 0).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(naive, MEANS * there / 4, rtol=1e-6)  # too short by the share of padding
    assert np.abs(naive - MEANS).max() > 0.5


def test_nothing_but_padding_has_no_mean():
    found = values(keras.layers.GlobalAveragePooling1D()(SMALL.to_keras(padding=True)(np.zeros((1, 3), int))))
    assert np.isnan(found).all()  # 0 / 0: what docs/layers.md warns of


def after_one_step(*layers):
    layer = SMALL.to_keras(padding=True, unknown=True)
    model = keras.Sequential([keras.Input((4,), dtype="int32"), layer, *layers])
    model.compile(keras.optimizers.SGD(0.5), "mse")
    before = values(layer.embeddings).copy()
    model.train_on_batch(PADDED, np.full((3, 3), 7, np.float32))
    return (values(layer.embeddings) != before).any(axis=1)


def test_padding_is_not_trained_where_the_mask_is_followed():
    np.testing.assert_array_equal(after_one_step(keras.layers.GlobalAveragePooling1D()), [0, 1, 1, 1, 1, 0])


def test_padding_is_trained_where_the_mask_is_ignored():
    with pytest.warns(UserWarning, match="does not support masking"):
        moved = after_one_step(keras.layers.Flatten(), keras.layers.Dense(3))
    assert moved[0]


def test_frozen_is_not_trained():
    layer = SMALL.to_keras(freeze=True)
    model = keras.Sequential([keras.Input((2,), dtype="int32"), layer, keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.5), "mse")
    model.train_on_batch(np.array([[0, 1]]), np.ones((1, 1)))
    same_bits(values(layer.embeddings), SMALL.vectors)


# ── what cannot be


def holed():
    layer = SMALL.to_keras()
    table = SMALL.vectors.copy()
    table[1, 2] = np.nan
    layer.set_weights([table])
    return layer


@pytest.mark.parametrize(
    ("make", "keys", "options", "match"),
    [
        (
            lambda: SMALL.to_keras(padding=True),
            KEYS[:3],
            {},
            r"5 rows, 4 of them for keys \(row 0 is padding\), but 3 keys",
        ),
        (lambda: SMALL.to_keras(), ["a", "b", "b", "c"], {}, r"'b' stands twice"),
        (holed, KEYS, {}, r"The vector of 'king' \(row 1\)"),
        (lambda: keras.layers.Dense(3), KEYS, {}, r"takes a keras.layers.Embedding, not keras.*Dense\.$"),
        (
            lambda: keras.Sequential([SMALL.to_keras(), keras.layers.Dense(1)], name="net"),
            KEYS,
            {},
            r"holds such a layer: give model.get_layer\('embedding",
        ),
        (lambda: keras.layers.Embedding(4, 3), KEYS, {}, r"has no weights yet: give it a batch"),
        (lambda: None, KEYS, {}, r"not builtins.NoneType"),
        (lambda: SMALL.to_keras(), KEYS, {"padding": 0}, r"padding=0: give True"),
        (lambda: SMALL.to_keras(), KEYS, {"unknown": "nonsense"}, r"unknown='nonsense' is not known"),
    ],
)
def test_layers_that_do_not_fit_are_refused(make, keys, options, match):
    with pytest.raises(BadInput, match=match):
        Embedding.from_keras(make(), keys, **options)


def test_quantised_layers_are_refused():
    layer = SMALL.to_keras()
    layer.quantize("int8")
    with pytest.raises(BadInput, match=r"was quantised \(int8\)"):
        Embedding.from_keras(layer, KEYS)


def test_what_was_learnt_by_lora_is_in_what_comes_out():
    layer = SMALL.to_keras()
    layer.enable_lora(1)
    a, b = (weight for weight in layer.trainable_weights)
    a.assign(np.ones((4, 1)))
    b.assign(np.full((1, 3), 2.0))
    np.testing.assert_allclose(Embedding.from_keras(layer, KEYS).vectors, SMALL.vectors + 2)


def test_options_that_are_none_are_refused():
    with pytest.raises(BadInput, match="padding=1: give True for a row of padding"):
        SMALL.to_keras(padding=1)
    with pytest.raises(BadInput, match="unknown='max' is not known"):
        SMALL.to_keras(unknown="max")
    with pytest.raises(BadInput, match="has no keys, and a layer of it nothing to look up"):
        Embedding([], np.empty((0, 3))).to_keras(padding=True)


def test_without_keras_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(ExtraMissing, match=r"pip install 'jari\[keras\]'"):
        SMALL.to_keras()
    with pytest.raises(ExtraMissing, match=r"pip install 'jari\[keras\]'"):
        Embedding.from_keras(None, KEYS)


def test_a_keras_before_3_is_named(monkeypatch):
    monkeypatch.delattr(keras, "ops")
    with pytest.raises(ExtraMissing, match=r"needs Keras 3, and Keras .* is installed"):
        SMALL.to_keras()


def test_a_missing_backend_is_named(tmp_path):
    program = (
        "import sys; sys.modules['jax'] = None\n"
        "from jari.embedding import Embedding\n"
        "from jari.errors import ExtraMissing\n"
        "try: Embedding(['a'], [[1]]).to_keras()\n"
        "except ExtraMissing as error: print(error)\n"
    )
    env = {**os.environ, "KERAS_BACKEND": "jax", "KERAS_HOME": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)
    assert "Keras is installed, but not 'jax', which it was told to compute with." in ran.stdout, ran.stderr
    assert "KERAS_BACKEND to 'torch', 'jax' or 'tensorflow'" in ran.stdout
