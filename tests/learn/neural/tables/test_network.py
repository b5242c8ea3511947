"""TableNetwork against calculus; what is left out at random; what it begins with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from contracts.small_tables import SmallTable, all_rows, choices, learnt, network_of, plain_table
from jari.embedding import Embedding
from jari.learn.neural.tables.encoding import Encoded, TableEncoding

torch = pytest.importorskip("torch", reason="PyTorch is not installed")


TABLE, _ = plain_table()


def doubled(made, batch):
    """The network and a batch in float64, for calculus."""
    for layer in made.layers():
        layer.table = layer.table.double().requires_grad_()
    made.dense = {name: weights.detach().double().requires_grad_() for name, weights in made.dense.items()}
    made._bins = [made._bins[0], *(part.double() for part in made._bins[1:])]
    bags = tuple(replace(bag, weights=bag.weights.double()) for bag in batch.bags)
    return replace(batch, numbers=batch.numbers.double(), bags=bags)


@pytest.mark.parametrize("noise", [(0, 0, 0, 0), (0.3, 0.4, 0.2, 0.5)], ids=["whole", "thinned"])
@pytest.mark.parametrize("hidden", [(), (3, 2)])
def test_gradients_are_those_of_calculus(hidden, noise):
    made = network_of(TABLE, hidden=hidden, noise=noise)
    batch = doubled(made, all_rows(TABLE.rows.slice(0, 5)))
    names = list(made.dense)

    def outputs(*tensors):
        made.generator.manual_seed(3)  # the same are left out each time
        made.blocks[0].table, made.texts[0].table = tensors[:2]
        made.dense = dict(zip(names, tensors[2:], strict=True))
        return made.outputs(batch, learning=True)

    assert torch.autograd.gradcheck(outputs, [*(layer.table for layer in made.layers()), *made.dense.values()])


@pytest.mark.parametrize("frozen", [frozenset(), frozenset(["advert"])])
def test_rows_that_are_touched_have_the_gradients_of_the_whole_layer(frozen):
    def backward(made):
        made.outputs(all_rows(TABLE.rows.slice(0, 3)), learning=True).square().sum().backward()
        return list(made.layers())

    whole, parts = (network_of(TABLE, noise=(0.2, 0.2, 0, 0), frozen=frozen) for _ in range(2))
    for layer in whole.layers():
        layer.table.requires_grad_()
    for at, (all_of_it, touched) in enumerate(zip(backward(whole), backward(parts), strict=True)):
        if frozen and at == 1:
            assert touched._held is None
            continue
        rows, leaf = touched._held
        right = all_of_it.table.grad
        torch.testing.assert_close(leaf.grad, right[rows])
        assert not np.delete(right.numpy(), rows, axis=0).any()


def repeated(times, row=0):
    one = TABLE.rows.slice(row, row + 1)
    return all_rows(
        Encoded(
            np.repeat(one.ids, times, 0),
            np.repeat(one.numbers, times, 0),
            tuple(bag[np.zeros(times, int)] for bag in one.bags),
        )
    )


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("of", ["words", "inputs"])
def test_what_is_thinned_is_on_the_mean_what_it_was(of, share):
    """Of a linear model, where the mean goes through; within five standard errors."""
    noise = (0, share, 0, 0) if of == "words" else (0, 0, share, 0)
    made = network_of(TABLE, hidden=(), noise=noise)
    with torch.no_grad():
        found = made.outputs(repeated(20_000), learning=True)
        right = made.outputs(repeated(1), learning=False)
    assert found.std(0).min() > 0
    assert ((found.mean(0) - right[0]).abs() < 5 * found.std(0) / 20_000**0.5).all()


def test_so_are_hidden_layers():
    made = network_of(TABLE, hidden=(6,), noise=(0, 0, 0, 0.5))
    with torch.no_grad():
        found = made.outputs(repeated(20_000), learning=True)
        right = made.outputs(repeated(1), learning=False)
    assert ((found.mean(0) - right[0]).abs() < 5 * found.std(0) / 20_000**0.5).all()
    assert len(found.unique(dim=0)) <= 2**6


@pytest.mark.parametrize("share", [0.25, 0.999, 1 - 1e-9])
def test_the_share_that_is_left_out(share):
    """Of the only input: then the model says its bias."""
    table = SmallTable(*TableEncoding.fit({"c": pa.array(["a", "b"] * 5000)}, choices(dims=1), named=True))
    made = network_of(table, hidden=(), outputs=1, noise=(0, 0, share, 0))
    with torch.no_grad():
        found = made.outputs(all_rows(table.rows), learning=True)[:, 0]
        left = (found == made.dense["linear_bias"]).float().mean()
    assert abs(float(left) - share) < 5 * (share * (1 - share) / 10_000) ** 0.5 + 2**-15


def test_categories_become_unknown():
    made = network_of(TABLE, noise=(1 - 1e-9, 0, 0, 0))
    unknown = TABLE.encoding.encode(
        {"store": pa.array(["?"] * 200), "size": pa.nulls(200, pa.float64()), "advert": pa.array([""] * 200)}
    )
    hidden = Encoded(unknown.ids, TABLE.rows.numbers, TABLE.rows.bags)
    with torch.no_grad():
        found = made.outputs(all_rows(TABLE.rows), learning=True)
        right = made.outputs(all_rows(hidden), learning=False)
        torch.testing.assert_close(found, right)
        some = network_of(TABLE, noise=(0.1, 0, 0, 0)).outputs(repeated(20_000), learning=True)
    share = 1 - float((some == some.mode(0).values).all(1).float().mean())
    assert abs(share - 0.1) < 5 * (0.09 / 20_000) ** 0.5


def test_asking_leaves_nothing_out():
    made = network_of(TABLE, noise=(0.5, 0.5, 0.5, 0.5))
    with torch.no_grad():
        found = made.outputs(all_rows(TABLE.rows), learning=False).numpy()
    np.testing.assert_allclose(found, learnt(made).outputs(TABLE.rows), atol=1e-5)


def test_the_generator_is_all_the_chance_there_is():
    before, noise = torch.get_rng_state(), (0.5, 0.5, 0.5, 0.5)
    numpys = np.random.get_state()[1].copy()  # noqa: NPY002
    found = []
    for _ in range(2):
        torch.manual_seed(len(found))
        made = network_of(TABLE, noise=noise)
        with torch.no_grad():
            found.append(made.outputs(all_rows(TABLE.rows), learning=True))
    assert torch.equal(*found)
    torch.manual_seed(7)
    state = torch.get_rng_state()
    network_of(TABLE, noise=noise).outputs(all_rows(TABLE.rows), learning=True)
    assert torch.equal(torch.get_rng_state(), state)
    assert np.array_equal(np.random.get_state()[1], numpys)  # noqa: NPY002
    torch.set_rng_state(before)


def test_rows_without_words_and_a_batch_without_any():
    made = network_of(TABLE, noise=(0, 0.5, 0, 0))
    empty = TABLE.encoding.encode(
        {"store": pa.array(["s1"] * 3), "size": pa.array([1.0] * 3), "advert": pa.array(["", None, "?"])}
    )
    found = made.outputs(all_rows(empty), learning=True)
    assert found.shape == (3, 2)
    torch.testing.assert_close(found[0], found[2])


def test_it_begins_with_the_vectors_that_are_given():
    draw = np.random.default_rng(1)
    stores = Embedding(["s3", "other", "<unknown>"], draw.normal(size=(3, 4)).astype(np.float32))
    words = Embedding(TABLE.encoding.texts[0].vocabulary, draw.normal(size=(4, 3)).astype(np.float32))
    given = {"store": pa.array(["s1", "s3", "s3"])}
    table = SmallTable(*TableEncoding.fit(given, choices(pretrained={"store": stores}), named=True))
    made = learnt(network_of(table, pretrained={"store": stores}))
    assert table.encoding.categories[0].dim == 4
    np.testing.assert_array_equal(made.vectors["store"][0], stores["s3"])
    np.testing.assert_array_equal(made.vectors["store"][2], stores["<unknown>"])
    assert 0 < np.linalg.norm(made.vectors["store"][1]) < 2
    made = learnt(network_of(TABLE, pretrained={"advert": words}))
    np.testing.assert_array_equal(made.vectors["advert"], words.vectors)
