from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput, ExtraMissing
from jari.ingest.bags import bag_of_words

torch = pytest.importorskip("torch")

KEYS = ["the", "king", "New York", "자리"]
VECTORS = np.array([[1, -0.0, 3], [4, 5, 1e-40], [-7, 0.1, 3e38], [2, 2, 3e38]], np.float32)
EMBEDDING = Embedding(Vocabulary(KEYS, counts=[9, 5, 3, 2]), VECTORS, metadata={"learner": "word2vec"})
SMALL = Embedding(KEYS, np.arange(12, dtype=np.float32).reshape(4, 3) - 5)


def values(tensor):
    return tensor.detach().numpy()


def same_bits(found, expected):
    np.testing.assert_array_equal(found.view(np.uint32), expected.view(np.uint32))


# ── in


@pytest.mark.parametrize("pooling", [None, "mean", "sum"])
@pytest.mark.parametrize("padding", [False, True])
def test_a_layer_holds_the_vectors(padding, pooling):
    layer = EMBEDDING.to_torch(padding=padding, pooling=pooling)
    assert type(layer) is (torch.nn.Embedding if pooling is None else torch.nn.EmbeddingBag)
    assert layer.padding_idx == (0 if padding else None)
    assert layer.weight.requires_grad
    same_bits(values(layer.weight)[int(padding) :], VECTORS)
    if padding:
        same_bits(values(layer.weight)[0], np.zeros(3, np.float32))


def test_a_lookup_is_that_of_the_embedding():
    for options in ({}, {"padding": True}, {"padding": True, "unknown": True}, {"unknown": "zeros"}):
        layer, ids = SMALL.to_torch(**options), SMALL.layer_ids(**options)
        assert layer.num_embeddings == len(ids)
        np.testing.assert_array_equal(values(layer(torch.tensor(ids.of(KEYS[::-1])))), SMALL.vectors[::-1])


@pytest.mark.parametrize(("start", "row"), [(True, "mean"), ("mean", "mean"), ("zeros", "zeros")])
def test_the_row_of_the_unknown_begins_as_asked(start, row):
    weights = values(SMALL.to_torch(unknown=start).weight)
    np.testing.assert_allclose(weights[-1], SMALL.vectors.mean(axis=0) if row == "mean" else np.zeros(3), rtol=1e-6)
    assert np.isfinite(values(EMBEDDING.to_torch(unknown=True).weight)).all()  # 3e38 twice is too large for float32


def test_training_does_not_touch_the_embedding():
    before = SMALL.vectors.copy()
    layer = SMALL.to_torch()
    with torch.no_grad():
        layer.weight.zero_()
    np.testing.assert_array_equal(SMALL.vectors, before)
    learnt = Embedding.from_torch(layer, KEYS)
    with torch.no_grad():
        layer.weight.fill_(1)
    assert not learnt.vectors.any()


def test_frozen_is_frozen():
    assert not SMALL.to_torch(freeze=True).weight.requires_grad
    assert not SMALL.to_torch(freeze=True, pooling="sum").weight.requires_grad


# ── out


@pytest.mark.parametrize("pooling", [None, "mean"])
@pytest.mark.parametrize("freeze", [False, True])
@pytest.mark.parametrize("padding", [False, True])
@pytest.mark.parametrize("unknown", [False, True, "zeros"])
def test_there_and_back_are_the_same_bits(padding, unknown, freeze, pooling):
    layer = EMBEDDING.to_torch(padding=padding, unknown=unknown, freeze=freeze, pooling=pooling)
    back = Embedding.from_torch(layer, EMBEDDING.vocabulary, unknown=unknown, metadata=EMBEDDING.metadata)
    same_bits(back.vectors, VECTORS)
    assert back.vocabulary == EMBEDDING.vocabulary
    assert back.metadata == {"learner": "word2vec"}
    assert not back.vectors.flags.writeable


def test_other_precisions_and_orders_are_read():
    exact = torch.tensor([[0.5, -2], [3, 0.25]])
    for tensor in (
        exact.bfloat16(),
        exact.half(),
        exact.double(),
        exact.T.contiguous().T,
        exact.clone().requires_grad_(),
    ):
        np.testing.assert_array_equal(Embedding.from_torch(tensor, ["a", "b"]).vectors, exact)
    layer = SMALL.to_torch(padding=True).to(torch.bfloat16)
    np.testing.assert_array_equal(Embedding.from_torch(layer, KEYS).vectors, SMALL.vectors)


def test_padding_may_stand_elsewhere_or_be_a_key():
    layer = torch.nn.Embedding(4, 2, padding_idx=-2)  # PyTorch makes that 2
    with torch.no_grad():
        layer.weight.copy_(torch.arange(8).reshape(4, 2))
    found = Embedding.from_torch(layer, ["a", "b", "c"])
    np.testing.assert_array_equal(found.vectors, [[0, 1], [2, 3], [6, 7]])
    assert list(Embedding.from_torch(layer, ["a", "b", "<pad>", "c"], padding=False)) == ["a", "b", "<pad>", "c"]
    of_tensor = Embedding.from_torch(layer.weight, ["a", "b"], padding=True, unknown=True)
    np.testing.assert_array_equal(of_tensor.vectors, [[2, 3], [4, 5]])


def test_the_row_of_the_unknown_is_kept_under_a_key():
    kept = Embedding.from_torch(SMALL.to_torch(padding=True, unknown=True), [*KEYS, "<unknown>"])
    np.testing.assert_allclose(kept["<unknown>"], SMALL.vectors.mean(axis=0))


# ── padding stays out


TEXTS = ["the king", "자리", "", "New_York the king king"]


def split(text):
    return [word.replace("_", " ") for word in text.split()]


def test_a_bag_leaves_padding_out_of_means_and_sums():
    ids = SMALL.layer_ids(padding=True)
    matrix = torch.tensor(ids.padded(TEXTS, tokenizer=split).ids)
    for pooling in ("mean", "sum"):
        layer = SMALL.to_torch(padding=True, pooling=pooling)
        expected = SMALL.pool(TEXTS, pooling, tokenizer=split)
        np.testing.assert_allclose(values(layer(matrix)), expected, atol=1e-6)
        bags = ids.bags(TEXTS, tokenizer=split)
        flat = layer(torch.tensor(bags.ids), torch.tensor(bags.offsets))
        np.testing.assert_allclose(values(flat), expected, atol=1e-6)


def masked_mean(layer, ids):
    there = (ids != 0).unsqueeze(-1)
    return (layer(ids) * there).sum(1) / there.sum(1).clamp(min=1)


def test_the_written_out_mean_leaves_padding_out():
    matrix = torch.tensor(SMALL.layer_ids(padding=True).padded(TEXTS, tokenizer=split).ids)
    layer = SMALL.to_torch(padding=True)
    expected = SMALL.pool(TEXTS, tokenizer=split)
    np.testing.assert_allclose(values(masked_mean(layer, matrix)), expected, atol=1e-6)
    naive = values(layer(matrix).mean(1))
    assert np.abs(naive - expected).max() > 0.5  # zeros counted as words: the check can fail


@pytest.mark.parametrize("pooling", [None, "mean", "sum"])
@pytest.mark.parametrize("sparse", [False, True])
def test_padding_gets_no_gradient_and_stays_zeros(pooling, sparse):
    layer = SMALL.to_torch(padding=True, unknown=True, pooling=pooling, sparse=sparse)
    ids = torch.tensor([[1, 2, 0, 0], [5, 0, 0, 0]])
    descent = torch.optim.SGD(layer.parameters(), lr=0.5)
    (layer(ids) - 3).pow(2).sum().backward()  # a loss in which zeros are not right
    assert layer.weight.grad.is_sparse == sparse
    gradient = layer.weight.grad.to_dense() if sparse else layer.weight.grad
    assert not gradient[0].any()
    assert gradient[[1, 2, 5]].any(dim=1).all()
    assert not gradient[[3, 4]].any()
    before = values(layer.weight).copy()
    descent.step()
    assert not values(layer.weight)[0].any()
    assert (values(layer.weight)[[1, 2, 5]] != before[[1, 2, 5]]).any(axis=1).all()


def test_without_padding_row_0_is_trained():
    layer = SMALL.to_torch()
    (layer(torch.tensor([[1, 0]])) - 3).pow(2).sum().backward()
    assert layer.weight.grad[0].any()


# ── pooling is a sparse product


small_numbers = st.floats(-8, 8, width=16)
texts_of_words = st.lists(st.lists(st.sampled_from([*KEYS, "nobody"]), max_size=8), min_size=1, max_size=6)


@given(texts_of_words, arrays(np.float32, (4, 3), elements=small_numbers))
def test_a_bag_is_a_sparse_product(texts, vectors):
    embedding = Embedding(KEYS, vectors)
    bags = embedding.layer_ids().bags(texts, unknown="skip")
    S = bag_of_words(texts, vocabulary=embedding.vocabulary).matrix
    product = S @ vectors
    totals = np.maximum(S.sum(axis=1), 1)[:, None]
    for pooling, expected in (("sum", product), ("mean", product / totals)):
        pooled = values(embedding.to_torch(pooling=pooling)(torch.tensor(bags.ids), torch.tensor(bags.offsets)))
        np.testing.assert_allclose(pooled, expected, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(pooled, embedding.pool(texts, pooling), rtol=1e-6, atol=1e-6)


@given(
    st.lists(st.dictionaries(st.sampled_from(KEYS), st.sampled_from([0.5, 1, 3]), max_size=4), min_size=1, max_size=5)
)
def test_weights_of_a_bag_are_those_of_a_sparse_matrix(texts):
    bags = SMALL.layer_ids(padding=True).bags(texts)
    layer = SMALL.to_torch(padding=True, pooling="sum")
    weights = None if bags.weights is None else torch.tensor(bags.weights)
    pooled = layer(torch.tensor(bags.ids), torch.tensor(bags.offsets), per_sample_weights=weights)
    np.testing.assert_allclose(values(pooled), SMALL.pool(texts, "sum"), rtol=1e-6, atol=1e-6)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=9), arrays(np.float32, (4, 3), elements=small_numbers))
def test_a_lookup_is_a_one_hot_product_and_a_sparse_product(ids, vectors):
    embedding = Embedding(KEYS, vectors)
    looked_up = values(embedding.to_torch()(torch.tensor(ids)))
    one_hot = np.eye(4, dtype=np.float32)[:, ids]  # v, a column an id
    np.testing.assert_array_equal(looked_up, (vectors.T @ one_hot).T)  # Wᵀv
    S = bag_of_words([[KEYS[at]] for at in ids], vocabulary=embedding.vocabulary).matrix
    np.testing.assert_array_equal(looked_up, S @ vectors)
    np.testing.assert_array_equal(looked_up, vectors[ids])


# ── what cannot be


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"unknown": "nonsense"}, r"unknown='nonsense' is not known: give False .* 'zeros'"),
        ({"padding": 0}, r"padding=0: give True for a row of padding"),
        ({"pooling": "max"}, r"pooling='max' is not known: choose None, 'mean' or 'sum'"),
    ],
)
def test_options_that_are_none_are_refused(options, match):
    with pytest.raises(BadInput, match=match):
        SMALL.to_torch(**options)


@pytest.mark.parametrize("options", [{}, {"padding": True}, {"unknown": True}])
def test_an_embedding_without_keys_makes_no_layer(options):
    with pytest.raises(BadInput, match="has no keys, and a layer of it nothing to look up"):
        Embedding([], np.empty((0, 3))).to_torch(**options)


def nan_in(row):
    layer = SMALL.to_torch(padding=True)
    with torch.no_grad():
        layer.weight[row, 1] = torch.nan
    return layer


@pytest.mark.parametrize(
    ("layer", "keys", "options", "match"),
    [
        (
            SMALL.to_torch(padding=True, unknown=True),
            KEYS,
            {},
            r"6 rows, 5 of them for keys \(row 0 is padding\), but 4 keys were given.*pass unknown=True where",
        ),
        (
            SMALL.to_torch(),
            KEYS[:3],
            {},
            r"4 rows, 4 of them for keys, but 3 keys.*in order; pass padding=True where .*, unknown=True where",
        ),
        (
            SMALL.to_torch(padding=True, unknown=True),
            KEYS[:1],
            {"unknown": True},
            r"4 of them for keys \(row 0 is padding and the last one is for unknown keys\), but 1 keys .* in order\.",
        ),
        (
            SMALL.to_torch(),
            [*KEYS, "more"],
            {},
            r"4 rows, 4 of them for keys, but 5 keys were given: give one key a row, in order\.",
        ),
        (SMALL.to_torch(), ["a", "b", "a", "c"], {}, r"'a' stands twice, in rows 0 and 2"),
        (SMALL.to_torch(), "abcd", {}, r"Give a list of keys, not one string"),
        (nan_in(2), KEYS, {}, r"The vector of 'king' \(row 1\)"),
        (torch.ones(3), ["a"], {}, r"The tensor has shape \(3,\)"),
        (torch.ones(2, 2, device="meta"), ["a", "b"], {}, r"holds no plain numbers \(on the device 'meta'\)"),
        (torch.ones(2, 2).to_sparse(), ["a", "b"], {}, r"holds no plain numbers \(torch.sparse_coo"),
        (torch.ones(2, 2, dtype=torch.complex64), ["a", "b"], {}, r"holds no plain numbers .*complex64"),
        (torch.ones(2, 2, dtype=torch.bool), ["a", "b"], {}, r"holds no plain numbers .*torch.bool"),
        (torch.ones(2, 2, 2), ["a", "b"], {}, r"The tensor has shape \(2, 2, 2\)"),
        (torch.full((1, 1), 1e300, dtype=torch.float64), ["a"], {}, r"The vector of 'a' \(row 0\) holds inf"),
        (torch.nn.Linear(2, 2), ["a", "b"], {}, r"not torch.nn.modules.linear.Linear\.$"),
        (
            torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Embedding(1, 1)),
            ["a"],
            {},
            r"holds such a layer at '1': give model.get_submodule\('1'\)",
        ),
        (np.ones((1, 2)), ["a"], {}, r"not an array of NumPy: jari.Embedding\(keys, array\) takes that"),
        ([[1.0]], ["a"], {}, r"not builtins.list"),
        (SMALL.to_torch(), KEYS, {"unknown": "nonsense"}, r"unknown='nonsense' is not known"),
        (SMALL.to_torch(), KEYS, {"padding": 0}, r"padding=0: give True"),
        (torch.empty(0, 2), [], {"padding": True, "unknown": True}, r"0 rows, 0 of them for keys"),
    ],
)
def test_layers_that_do_not_fit_are_refused(layer, keys, options, match):
    with pytest.raises(BadInput, match=match):
        Embedding.from_torch(layer, keys, **options)


def test_nan_in_padding_is_of_no_matter():
    np.testing.assert_array_equal(Embedding.from_torch(nan_in(0), KEYS).vectors, SMALL.vectors)


def test_without_torch_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ExtraMissing, match=r"pip install 'jari\[torch\]'"):
        SMALL.to_torch()
    with pytest.raises(ExtraMissing, match=r"pip install 'jari\[torch\]'"):
        Embedding.from_torch(None, KEYS)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_layer_on_a_gpu_is_read():
    same_bits(Embedding.from_torch(EMBEDDING.to_torch(padding=True).cuda(), KEYS).vectors, VECTORS)
