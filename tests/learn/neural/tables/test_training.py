"""The loop: how the rate goes, which epoch is kept, what is judged, and what happens to a loss that is no number."""

from __future__ import annotations

import math

import numpy as np
import pytest

from contracts.small_tables import network_of, plain_table
from jari.errors import BadInput
from jari.learn.neural.tables.learnt_table import LearntTable

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from jari.learn.neural.devices import threads_of_torch  # noqa: E402
from jari.learn.neural.tables import training  # noqa: E402
from jari.learn.neural.tables.training import Plan, Table, TableTraining, batch_for  # noqa: E402


@pytest.fixture(autouse=True)
def _one_thread():
    """Threads that wait for each other take far longer over so little, where a machine is busy."""
    with threads_of_torch(1):
        yield


TABLE, TARGET = plain_table(300)
LEARNERS, JUDGES = np.arange(200), np.arange(200, 300)


def prepared(target=TARGET, *, learners=LEARNERS, judges=JUDGES, outputs=1, network=None, **planned):
    plan = {"task": "regression", "epochs": 4, "batch": 32, "learning_rate": 0.01, "l2": 0.01, "patience": 9}
    return TableTraining(
        network=network or network_of(TABLE.encoding, outputs=outputs, noise=(0.02, 0.3, 0.1, 0.2)),
        table=Table(TABLE.rows, "cpu"),
        target=torch.tensor(target),
        learners=torch.tensor(learners),
        judges=torch.tensor(judges, dtype=torch.int64),
        plan=Plan(**(plan | {"callbacks": ()} | planned)),
    )


def best(made):
    """Outputs of what is kept."""
    network, kept = made.network, made.best
    found = LearntTable(network.encoding, network.vectors(kept), network.arrays(kept), network.activation)
    return found.outputs(TABLE.rows).astype(np.float64)


def run(*given, **planned):
    made = prepared(*given, **planned)
    made.run()
    return made


def test_it_learns():
    made = run(epochs=30)
    assert len(made.losses) == len(made.judged) == 30
    assert made.losses[-1] < 0.4 < made.losses[0]
    assert 1 - np.var(best(made)[JUDGES, 0] - TARGET[JUDGES]) / np.var(TARGET[JUDGES]) > 0.8


def test_the_judges_loss_of_squares():
    made = run()
    assert min(made.judged) == pytest.approx(((best(made)[JUDGES, 0] - TARGET[JUDGES]) ** 2).mean(), rel=1e-4)


def test_the_judges_loss_of_two_classes():
    """-log p, p of the logistic curve."""
    classes = (TARGET > 0).astype(np.int64)
    made = run(classes, task="binary")
    score = best(made)[JUDGES, 0] * np.where(classes[JUDGES] == 1, 1, -1)
    assert min(made.judged) == pytest.approx(np.log1p(np.exp(-score)).mean(), rel=1e-4)


def test_the_judges_loss_of_three_classes():
    classes = np.digitize(TARGET, [-0.5, 0.5])
    made = run(classes, task="multiclass", outputs=3)
    odds = np.exp(best(made)[JUDGES])
    p = (odds / odds.sum(1, keepdims=True))[np.arange(len(JUDGES)), classes[JUDGES]]
    assert min(made.judged) == pytest.approx(-np.log(p).mean(), rel=1e-4)


@pytest.mark.parametrize("at_once", [1, 7, 100])
def test_judges_are_many_or_few(monkeypatch, at_once):
    whole = run(epochs=1).judged
    monkeypatch.setattr(training, "_AT_ONCE", at_once)
    assert run(epochs=1).judged == pytest.approx(whole, rel=1e-5)


def test_the_mean_loss_of_an_epoch_counts_rows():
    """Without noise, and at a rate that moves nothing: the loss of the network as it was; 200 rows are 6 batches of 32
    and one of 8."""
    made = prepared(epochs=1, learning_rate=1e-12, l2=0, network=network_of(TABLE.encoding, outputs=1))
    made.run()
    right = ((best(made)[LEARNERS, 0] - TARGET[LEARNERS]) ** 2).mean()
    assert made.losses[0] == pytest.approx(right, rel=1e-4)


def test_the_best_epoch_is_kept_and_patience_ends():
    """A network that gets worse: the more it learns, the more those who judge want the opposite."""
    opposite = TARGET.copy()
    opposite[JUDGES] = -opposite[JUDGES]
    made = prepared(opposite, epochs=30, patience=5, learning_rate=0.01)
    with torch.no_grad():
        for weights in made.network.dense.values():
            weights.zero_()
    made.run()
    least = int(np.argmin(made.judged))
    assert least < 5
    assert len(made.losses) == least + 1 + 5
    assert made.judged[-1] > 1.2 * made.judged[least]
    assert ((best(made)[JUDGES, 0] - opposite[JUDGES]) ** 2).mean() == pytest.approx(made.judged[least], rel=1e-4)


def test_without_judges_the_last_epoch_is_kept():
    made = run(judges=[], patience=1)
    assert (len(made.losses), made.judged) == (4, [])
    for kept, last in zip(made.best, made.network.copied(), strict=True):
        np.testing.assert_array_equal(kept, last)


class Rates:
    """Stands where rows that are touched stand, and notes the rate of every step."""

    def __init__(self):
        self.found = []

    def step(self, rate):
        self.found.append(rate)


def test_the_rate_rises_and_falls():
    """140 steps: a twentieth of them up, all of them along a cosine to 0."""
    made, rates = prepared(epochs=20, patience=99), Rates()
    made.network.touched[99] = rates
    made.run()
    steps = 20 * 7
    share = np.arange(1, steps + 1) / steps
    right = 0.01 * np.minimum(1, share / 0.05) * (1 + np.cos(math.pi * share)) / 2
    np.testing.assert_allclose(rates.found, right, atol=1e-12)
    assert rates.found[6] > 0.0099
    assert rates.found[-1] < 1e-12


def test_a_loss_that_is_no_number_says_which_batch_and_what_to_lower():
    wrong = TARGET.copy()
    wrong[0] = np.nan
    made = prepared(wrong, batch=500, learning_rate=0.02)
    with pytest.raises(
        BadInput, match=r"The loss is nan in batch 0 of epoch 0: learning_rate=0\.02 .* to 0\.002 at fir"
    ):
        made.run()
    assert made.best is None


def test_what_was_learnt_before_is_kept(monkeypatch):
    """A weight that becomes NaN in the third epoch: the second is what is kept."""
    monkeypatch.setattr(training, "_OFTEN", 0.0)
    right = []

    def break_it(progress):
        if progress.figures["epoch"] == 1:
            right[:] = [] if made.best is None else [one.copy() for one in made.best]
        if progress.figures["epoch"] == 2:
            with torch.no_grad():
                made.network.dense["linear_bias"].fill_(float("nan"))

    made = prepared(callbacks=[break_it], learning_rate=1e-3)
    with pytest.raises(BadInput, match=r"The loss is nan in batch 1 of epoch 2.* What was learnt in the epochs before"):
        made.run()
    assert (len(made.losses), len(made.judged)) == (2, 2)
    assert all(np.isfinite(one).all() for one in made.best)
    assert min(made.judged) == pytest.approx(((best(made)[JUDGES, 0] - TARGET[JUDGES]) ** 2).mean(), rel=1e-4)
    assert right


def test_rows_that_judge_and_are_no_number():
    wrong = TARGET.copy()
    wrong[250] = np.inf
    with pytest.raises(BadInput, match=r"The loss of the rows that judge is inf after epoch 0: learning_rate"):
        run(wrong)


def test_a_weight_that_is_no_number_is_not_kept(monkeypatch):
    """One that no row of the table uses."""
    made = prepared(judges=[])
    with torch.no_grad():
        made.network.blocks[0][TABLE.encoding.categories[0].unknown] = float("inf")
    made.network.noise = type(made.network.noise)(0, 0, 0, 0)
    with pytest.raises(BadInput, match=r"A weight is no finite number after epoch 0"):
        made.run()


def test_the_same_seed_gives_the_same_bits_and_no_other_chance_is_used():
    state = torch.get_rng_state()
    one, other = run(), run()
    assert torch.equal(torch.get_rng_state(), state)
    for mine, theirs in zip(one.best, other.best, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    another = run(network=network_of(TABLE.encoding, outputs=1, seed=2))
    assert another.losses != one.losses


def test_progress_is_told(monkeypatch):
    monkeypatch.setattr(training, "_OFTEN", 0.0)
    told = []
    run(callbacks=[told.append], epochs=2)
    assert [one.done for one in told][:7] == [32, 64, 96, 128, 160, 192, 200]
    assert (told[-1].done, told[-1].total) == (400, 400)
    assert "validation" not in told[0].figures
    assert {"loss", "epoch", "validation"} == set(told[-1].figures)
    monkeypatch.setattr(training, "_OFTEN", 100.0)
    told.clear()
    run(callbacks=[told.append], epochs=2)
    assert len(told) == 2  # the first batch and the end


def test_embeddings_that_are_frozen_stay():
    network = network_of(TABLE.encoding, outputs=1, frozen=frozenset(["advert"]))
    before = [table.detach().clone() for table in (*network.texts, *network.blocks)]
    run(network=network)
    assert torch.equal(network.texts[0], before[0])
    assert not torch.equal(network.blocks[0], before[1])


@pytest.mark.parametrize(
    ("rows", "batch"), [(1, 128), (19_999, 128), (20_000, 256), (100_000, 512), (500_000, 1024), (10**9, 1024)]
)
def test_how_many_rows_a_batch_has(rows, batch):
    assert batch_for(rows) == batch
