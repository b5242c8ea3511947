"""The loop: how the rate goes, which epoch is kept, what is judged, and what happens to a loss that is no number."""

from __future__ import annotations

import math

import numpy as np
import pytest

from contracts.small_tables import kernels_of, plain_table, torch_of
from jari.errors import BadInput
from jari.learn.neural.tables import training
from jari.learn.neural.tables.learnt_table import LearntTable
from jari.learn.neural.tables.training import Plan, TableTraining, batch_for

TABLE, TARGET = plain_table(300)
LEARNERS, JUDGES = np.arange(200), np.arange(200, 300)


@pytest.fixture(params=["kernels", "torch"])
def engine_of(request):
    """Both engines: on the CPU, and of PyTorch."""
    if request.param == "kernels":
        return kernels_of
    pytest.importorskip("torch", reason="PyTorch is not installed")
    return torch_of


def prepared(make, target=TARGET, *, learners=LEARNERS, judges=JUDGES, engine=None, **planned):
    plan = {"epochs": 4, "batch": 32, "learning_rate": 0.01, "patience": 9, "callbacks": (), "seed": 1}
    designed = {name: planned.pop(name) for name in ("task", "outputs", "noise", "l2", "frozen") if name in planned}
    designed = {"outputs": 1, "noise": (0.02, 0.3, 0.1, 0.2)} | designed
    return TableTraining(
        engine=make(TABLE, target, **designed) if engine is None else engine,
        learners=learners,
        judges=np.array(judges, np.int64),
        plan=Plan(**(plan | planned)),
    )


def best(made):
    """Outputs of what is kept."""
    found = LearntTable(TABLE.encoding, *made.engine.learnt(made.best), "gelu")
    return found.outputs(TABLE.rows).astype(np.float64)


def run(make, *given, **planned):
    made = prepared(make, *given, **planned)
    made.run()
    return made


def test_it_learns(engine_of):
    made = run(engine_of, epochs=30, patience=30)
    assert len(made.losses) == len(made.judged) == 30
    assert made.losses[-1] < 0.4 < made.losses[0]
    assert 1 - np.var(best(made)[JUDGES, 0] - TARGET[JUDGES]) / np.var(TARGET[JUDGES]) > 0.8


def test_the_judges_loss_of_squares(engine_of):
    made = run(engine_of)
    assert min(made.judged) == pytest.approx(((best(made)[JUDGES, 0] - TARGET[JUDGES]) ** 2).mean(), rel=1e-4)


def test_the_judges_loss_of_two_classes(engine_of):
    """-log p, p of the logistic curve."""
    classes = (TARGET > 0).astype(np.int64)
    made = run(engine_of, classes, task="binary")
    score = best(made)[JUDGES, 0] * np.where(classes[JUDGES] == 1, 1, -1)
    assert min(made.judged) == pytest.approx(np.log1p(np.exp(-score)).mean(), rel=1e-4)


def test_the_judges_loss_of_three_classes(engine_of):
    classes = np.digitize(TARGET, [-0.5, 0.5])
    made = run(engine_of, classes, task="multiclass", outputs=3)
    odds = np.exp(best(made)[JUDGES])
    p = (odds / odds.sum(1, keepdims=True))[np.arange(len(JUDGES)), classes[JUDGES]]
    assert min(made.judged) == pytest.approx(-np.log(p).mean(), rel=1e-4)


def test_the_mean_loss_of_an_epoch_counts_rows(engine_of):
    """Without noise, and at a rate that moves nothing: the loss of the network as it was; 200 rows are 6 batches of 32
    and one of 8."""
    made = prepared(engine_of, epochs=1, learning_rate=1e-12, l2=0, noise=(0, 0, 0, 0))
    made.run()
    right = ((best(made)[LEARNERS, 0] - TARGET[LEARNERS]) ** 2).mean()
    assert made.losses[0] == pytest.approx(right, rel=1e-4)


def test_the_best_epoch_is_kept_and_patience_ends(engine_of):
    """A network that gets worse: the more it learns, the more those who judge want the opposite."""
    opposite = TARGET.copy()
    opposite[JUDGES] = -opposite[JUDGES]
    made = prepared(engine_of, opposite, epochs=30, patience=5, learning_rate=0.01)
    made.run()
    least = int(np.argmin(made.judged))
    assert least < 10
    assert len(made.losses) == least + 1 + 5
    assert made.judged[-1] > 1.2 * made.judged[least]
    assert ((best(made)[JUDGES, 0] - opposite[JUDGES]) ** 2).mean() == pytest.approx(made.judged[least], rel=1e-4)


def test_without_judges_the_last_epoch_is_kept(engine_of):
    made = run(engine_of, judges=[], patience=1)
    assert (len(made.losses), made.judged) == (4, [])
    for kept, last in zip(made.best, made.engine.copied(None), strict=True):
        np.testing.assert_array_equal(kept, last)


def test_the_rate_rises_and_falls(engine_of):
    """140 steps: a twentieth of them up, all of them along a cosine to 0."""
    made, rates = prepared(engine_of, epochs=20, patience=99), []
    step = made.engine.step
    made.engine.step = lambda rows, rate: (rates.append(rate), step(rows, rate))[1]
    made.run()
    steps = 20 * 7
    share = np.arange(1, steps + 1) / steps
    right = 0.01 * np.minimum(1, share / 0.05) * (1 + np.cos(math.pi * share)) / 2
    np.testing.assert_allclose(rates, right, atol=1e-12)
    assert rates[6] > 0.0099
    assert rates[-1] < 1e-12


def test_a_loss_that_is_no_number_says_which_batch_and_what_to_lower(engine_of):
    wrong = TARGET.copy()
    wrong[0] = np.nan
    made = prepared(engine_of, wrong, batch=500, learning_rate=0.02)
    with pytest.raises(
        BadInput, match=r"The loss is nan in batch 0 of epoch 0: learning_rate=0\.02 .* to 0\.002 at fir"
    ):
        made.run()
    assert made.best is None


def test_what_was_learnt_before_is_kept(engine_of):
    """A loss that becomes NaN in the second batch of the third epoch."""
    made, steps = prepared(engine_of, learning_rate=1e-3), []
    step = made.engine.step
    made.engine.step = lambda rows, rate: (steps.append(rate), step(rows, rate) if len(steps) < 16 else math.nan)[1]
    with pytest.raises(BadInput, match=r"The loss is nan in batch 1 of epoch 2.* What was learnt in the epochs before"):
        made.run()
    assert (len(made.losses), len(made.judged)) == (2, 2)
    assert min(made.judged) == pytest.approx(((best(made)[JUDGES, 0] - TARGET[JUDGES]) ** 2).mean(), rel=1e-4)


def test_rows_that_judge_and_are_no_number(engine_of):
    wrong = TARGET.copy()
    wrong[250] = np.inf
    with pytest.raises(BadInput, match=r"The loss of the rows that judge is inf after epoch 0: learning_rate"):
        run(engine_of, wrong)


def test_a_weight_that_is_no_number_is_not_kept():
    """One that no row of the table uses."""
    made = prepared(kernels_of, judges=[], noise=(0, 0, 0, 0))
    made.engine._layer(made.engine._vectors, "store")[TABLE.encoding.categories[0].unknown] = np.inf
    with pytest.raises(BadInput, match=r"A weight is no finite number after epoch 0"):
        made.run()
    assert made.best is None


def test_the_same_seed_gives_the_same_bits_and_no_other_chance_is_used(engine_of):
    numpys = np.random.get_state()[1].copy()  # noqa: NPY002
    one, other = run(engine_of), run(engine_of)
    assert np.array_equal(np.random.get_state()[1], numpys)  # noqa: NPY002
    for mine, theirs in zip(one.best, other.best, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert run(engine_of, seed=2).losses != one.losses


def test_progress_is_told(engine_of, monkeypatch):
    monkeypatch.setattr(training, "_OFTEN", 0.0)
    told = []
    run(engine_of, callbacks=[told.append], epochs=2)
    assert [one.done for one in told][:7] == [32, 64, 96, 128, 160, 192, 200]
    assert (told[-1].done, told[-1].total) == (400, 400)
    assert "validation" not in told[0].figures
    assert {"loss", "epoch", "validation"} == set(told[-1].figures)
    monkeypatch.setattr(training, "_OFTEN", 100.0)
    told.clear()
    run(engine_of, callbacks=[told.append], epochs=2)
    assert len(told) == 2  # the first batch and the end


def test_embeddings_that_are_frozen_stay(engine_of):
    made = prepared(engine_of, frozen=frozenset(["advert"]))
    before = made.engine.learnt(made.engine.copied(None))[0]
    made.run()
    after = made.engine.learnt(made.best)[0]
    np.testing.assert_array_equal(after["advert"], before["advert"])
    assert not np.array_equal(after["store"], before["store"])


@pytest.mark.parametrize(
    ("rows", "batch"), [(1, 128), (19_999, 128), (20_000, 256), (100_000, 512), (500_000, 1024), (10**9, 1024)]
)
def test_how_many_rows_a_batch_has(rows, batch):
    assert batch_for(rows) == batch
