"""What every engine promises: the same steps as the other, and nothing learnt from what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from contracts.small_tables import kernels_of, plain_table, torch_of

TABLE, TARGET = plain_table()


def learnt(engine):
    vectors, arrays = engine.learnt(engine.copied(None))
    return vectors | arrays


@pytest.fixture(params=["kernels", "torch"])
def engine_of(request):
    if request.param == "kernels":
        return kernels_of
    pytest.importorskip("torch", reason="PyTorch is not installed")
    return torch_of


@pytest.mark.parametrize("frozen", [frozenset(), frozenset(["advert"])])
@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_the_steps_of_both_are_the_same(task, frozen):
    """Six of them, with decay, where chance has no part."""
    pytest.importorskip("torch", reason="PyTorch is not installed")
    classes = {"binary": [0.0], "multiclass": [-0.5, 0.5]}
    target = np.digitize(TARGET, classes[task]) if task in classes else TARGET
    designed = {"task": task, "outputs": 3 if task == "multiclass" else 1, "frozen": frozen, "l2": 0.5}
    engines = [make(TABLE, target, **designed) for make in (kernels_of, torch_of)]
    draw = np.random.default_rng(3)
    for _ in range(6):
        rows = draw.choice(200, 20, replace=False)
        losses = [engine.step(rows, 0.01) for engine in engines]
        assert losses[0] == pytest.approx(losses[1], rel=1e-3)
    assert engines[0].loss(rows) == pytest.approx(engines[1].loss(rows), rel=1e-3)
    one, other = map(learnt, engines)
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], atol=2e-3, err_msg=name)


@pytest.mark.parametrize(
    ("noise", "kept"),
    [
        ((0, 0, 1 - 1e-9, 0), ["store", "advert", "linear_weights", "hidden0_weights"]),
        ((0, 0, 0, 1 - 1e-9), ["hidden0_weights", "hidden0_bias", "hidden1_weights", "hidden1_bias", "output_weights"]),
        ((0, 1 - 1e-9, 0, 0), ["advert"]),
    ],
    ids=["inputs", "hidden", "words"],
)
def test_what_is_left_out_does_not_learn(engine_of, noise, kept):
    engine = engine_of(TABLE, TARGET, outputs=1, noise=noise, l2=0)
    before = learnt(engine)
    for _ in range(3):
        engine.step(np.arange(50), 0.1)
    after = learnt(engine)
    for name in before:
        assert np.array_equal(after[name], before[name]) == (name in kept), name


@pytest.mark.parametrize("noise", [(0, 0.6, 0, 0), (0, 0, 0.3, 0), (0, 0.001, 0.9, 0)])
def test_what_the_kernels_leave_out_is_on_the_mean_what_it_was(noise):
    """Of a linear model, where the mean goes through."""
    engine = kernels_of(TABLE, TARGET, hidden=(), outputs=1, noise=noise)
    x = engine._inputs(np.zeros(4000, np.int64), learning=True)[0]
    engine._thinned(x, noise[2], 0)
    found = engine._outputs(x, learning=True)[0][:, 0]
    right = engine._outputs(engine._inputs(np.zeros(1, np.int64), learning=False)[0], learning=False)[0][0, 0]
    assert found.std() > 0
    assert abs(found.mean() - right) < 5 * found.std() / 4000**0.5


def test_categories_become_unknown():
    engine = kernels_of(TABLE, TARGET, noise=(0.1, 0, 0, 0))
    rows = np.arange(200).repeat(50)
    known = TABLE.rows.ids[rows, 0]
    asked = engine._inputs(rows, learning=True)[1][:, 0]
    changed = asked != known
    assert (asked[changed] == TABLE.encoding.categories[0].unknown).all()
    assert abs(changed.mean() - 0.1) < 5 * (0.09 / len(rows)) ** 0.5
    assert (engine._inputs(rows, learning=False)[1][:, 0] == known).all()
