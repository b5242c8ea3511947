"""The engine of the CPU: it foretells what `LearntTable` does, and steps as the gradients of PyTorch say."""

import numpy as np
import pyarrow as pa
import pytest
from scipy.special import log_softmax

from jari.embedding import Embedding
from jari.learn.neural.tables.encoding import Choices, TableEncoding
from jari.learn.neural.tables.engine import Design, Noise
from jari.learn.neural.tables.kernel_engine import KernelEngine
from jari.learn.neural.tables.learnt_table import LearntTable

ROWS = 60
QUIET = Noise(unknown=0.0, words=0.0, inputs=0.0, hidden=0.0)
NOISY = Noise(unknown=0.05, words=0.5, inputs=0.2, hidden=0.3)


def table(seed=1):
    random = np.random.default_rng(seed)
    stores = random.choice(["a", "b", "c", None], ROWS, p=[0.5, 0.3, 0.1, 0.1])
    numbers = np.where(random.random(ROWS) < 0.1, np.nan, random.standard_normal(ROWS))
    texts = [" ".join(random.choice(["red", "blue", "old", "new", "big"], random.integers(0, 5))) for _ in range(ROWS)]
    return {
        "store": pa.array(stores.tolist()),
        "day": pa.array(random.choice(["mon", "tue"], ROWS).tolist()),
        "size": pa.array(numbers, from_pandas=True),
        "text": pa.array(texts),
    }


def encoded(pretrained=None):
    kinds = {"store": "categorical", "day": "categorical", "size": "numeric", "text": "text"}
    choices = Choices(
        kinds=kinds, closed=("categorical", "numeric", "text"), dims={"store": 3, "day": 2}, text_dim=4,
        pretrained=pretrained or {}, min_count=1, tokenizer="words", max_vocabulary=None, bins=4,
    )  # fmt: skip
    return TableEncoding.fit(table(), choices, named=True)


def target_for(task, seed=2):
    random = np.random.default_rng(seed)
    if task == "regression":
        return random.standard_normal(ROWS).astype(np.float32)
    return random.integers(0, 2 if task == "binary" else 3, ROWS)


def design(task="regression", **changed):
    outputs = 3 if task == "multiclass" else 1
    given = {
        "task": task, "hidden": (6, 5), "outputs": outputs, "activation": "tanh", "noise": QUIET, "l2": 0.1,
        "pretrained": {}, "frozen": frozenset(), "seed": 4,
    }  # fmt: skip
    return Design(**(given | changed))


def learnt(engine, encoding, made):
    vectors, arrays = engine.learnt(engine.copied(None))
    return LearntTable.of(
        encoding, vectors, arrays, hidden=made.hidden, outputs=made.outputs, activation=made.activation
    )


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize("hidden", [(), (6,), (6, 5)])
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
def test_its_loss_is_that_of_what_is_learnt(task, hidden, activation):
    encoding, rows = encoded()
    target, made = target_for(task), design(task, hidden=hidden, activation=activation, noise=NOISY)
    engine = KernelEngine(encoding, made, rows, target)
    for step in range(3):
        engine.step(np.arange(step, ROWS, 3), 0.05)
    outputs = learnt(engine, encoding, made).outputs(rows).astype(float)
    if task == "regression":
        expected = np.mean((outputs[:, 0] - target) ** 2)
    else:
        scores = np.hstack([np.zeros((ROWS, 1)), outputs]) if task == "binary" else outputs
        expected = -log_softmax(scores, axis=1)[np.arange(ROWS), target].mean()
    assert engine.loss(np.arange(ROWS)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize("activation", ["relu", "tanh", "gelu"])
@pytest.mark.parametrize("hidden", [(), (6, 5)])
def test_its_steps_are_those_of_pytorch(task, activation, hidden):
    pytest.importorskip("torch")
    from jari.learn.neural.tables.torch_engine import TorchEngine

    encoding, rows = encoded()
    target, made = target_for(task), design(task, activation=activation, hidden=hidden)
    ours = KernelEngine(encoding, made, rows, target)
    theirs = TorchEngine.begun(encoding, made, rows, target, device="cpu")
    before = learnt(ours, encoding, made)
    for step in range(4):  # the first ones move what begins at 0, without which the layers below have no gradient
        some = np.arange(step, ROWS, 2)
        assert ours.step(some, 0.01) == pytest.approx(theirs.step(some, 0.01), rel=1e-4)
    mine, other = learnt(ours, encoding, made), learnt(theirs, encoding, made)
    for name in mine.arrays:
        assert not np.allclose(mine.arrays[name], before.arrays[name], atol=1e-4), name
        np.testing.assert_allclose(mine.arrays[name], other.arrays[name], atol=2e-4, err_msg=name)
    for name in mine.vectors:
        assert not np.allclose(mine.vectors[name], before.vectors[name], atol=1e-4), name
        np.testing.assert_allclose(mine.vectors[name], other.vectors[name], atol=2e-4, err_msg=name)


def test_what_is_not_in_a_batch_stays_as_it_is():
    encoding, rows = encoded()
    engine = KernelEngine(encoding, design(), rows, target_for("regression"))
    before, _ = engine.learnt(engine.copied(None))
    held = rows.ids[:, 0] == 0
    for _ in range(3):
        engine.step(np.flatnonzero(held), 0.05)
    after, _ = engine.learnt(engine.copied(None))
    np.testing.assert_array_equal(after["store"][1:], before["store"][1:])
    assert not np.allclose(after["store"][0], before["store"][0])


def test_the_row_of_the_unknown_is_learnt():
    encoding, rows = encoded()
    engine = KernelEngine(encoding, design(noise=NOISY), rows, target_for("regression"))
    before, _ = engine.learnt(engine.copied(None))
    for _ in range(10):
        engine.step(np.arange(ROWS), 0.05)
    after, _ = engine.learnt(engine.copied(None))
    for name, column in zip(("store", "day"), encoding.categories, strict=True):
        assert not np.allclose(after[name][column.unknown], before[name][column.unknown])


def test_given_vectors_begin_and_stay_where_they_are_frozen():
    words = Embedding(["red", "blue", "green"], np.eye(3, 4, dtype=np.float32))
    stores = Embedding(["c", "z"], [[5, 5, 5], [1, 1, 1]])
    encoding, rows = encoded({"text": words, "store": stores})
    for frozen in (frozenset(), frozenset(["text"])):
        made = design(pretrained={"text": words, "store": stores}, frozen=frozen)
        engine = KernelEngine(encoding, made, rows, target_for("regression"))
        vectors, _ = engine.learnt(engine.copied(None))
        np.testing.assert_array_equal(vectors["text"], words.vectors)
        known = encoding.categories[0].vocabulary.row("c")
        np.testing.assert_array_equal(vectors["store"][known], [5, 5, 5])
        for _ in range(3):
            engine.step(np.arange(ROWS), 0.05)
        moved, _ = engine.learnt(engine.copied(None))
        assert np.array_equal(moved["text"], words.vectors) == bool(frozen)
        np.testing.assert_array_equal(moved["text"][2], words.vectors[2])  # green is in no text
        assert not np.allclose(moved["store"][known], [5, 5, 5])


def test_the_same_seed_is_the_same_bits():
    found = []
    for seed in (1, 1, 2):
        encoding, rows = encoded()
        engine = KernelEngine(encoding, design(noise=NOISY, seed=seed), rows, target_for("regression"))
        for step in range(5):
            engine.step(np.arange(step, ROWS), 0.05)
        found.append(np.concatenate([part.ravel() for part in engine.copied(None)]))
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.allclose(found[0], found[2])


def test_a_copy_is_written_over():
    encoding, rows = encoded()
    engine = KernelEngine(encoding, design(), rows, target_for("regression"))
    first = engine.copied(None)
    kept = [part.copy() for part in first]
    engine.step(np.arange(ROWS), 0.05)
    np.testing.assert_array_equal(first[1], kept[1])
    assert engine.copied(first) is first
    assert not np.allclose(first[1], kept[1])


def test_a_weight_that_is_none_any_more_is_seen():
    encoding, rows = encoded()
    engine = KernelEngine(encoding, design(), rows, target_for("regression"))
    assert engine.is_finite()
    with np.errstate(all="ignore"):
        for _ in range(5):
            engine.step(np.arange(ROWS), 1e30)
    assert not engine.is_finite()
