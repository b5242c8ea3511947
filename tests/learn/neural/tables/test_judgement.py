from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import accuracy_score, log_loss, mean_absolute_error, r2_score

from jari.learn.neural.entity_embedder import EntityEmbedder
from jari.learn.neural.tables.judgement import Judgement
from jari.learn.neural.tables.validation import parted

QUICK: dict[str, Any] = {"random_state": 1, "threads": 1, "epochs": 8, "batch": 16, "hidden": (8,), "device": "cpu"}
DRAW = np.random.default_rng(2)
SHOPS = DRAW.choice(["a", "b", "c"], 300)
TABLE = {"shop": pa.array(SHOPS)}
SALES = np.array([{"a": 1.0, "b": 5.0, "c": 9.0}[shop] for shop in SHOPS]) + DRAW.uniform(0, 1, 300)


def test_of_numbers_as_scikit_learn_has_it() -> None:
    learner = EntityEmbedder(**QUICK, target_transform="log").fit(TABLE, SALES)
    learners, judges = parted(np.zeros(300, np.int64), 0.1, 1)
    found = Judgement.of(learner, TABLE, SALES)
    assert found is not None
    told = learner.predict({"shop": TABLE["shop"].take(pa.array(judges))})
    assert found.rows == len(judges) == 30
    assert found.figures["r2"] == pytest.approx(r2_score(np.log(SALES[judges]), np.log(told)))
    assert found.figures["mae"] == pytest.approx(mean_absolute_error(SALES[judges], told))
    mean = np.exp(np.log(SALES[learners]).mean())
    assert found.of_one["mae"] == pytest.approx(np.abs(SALES[judges] - mean).mean())
    assert found.of_one["r2"] <= 0
    assert found.better


def test_of_classes_as_scikit_learn_has_it() -> None:
    classes = np.where(SHOPS == "a", "first", "other").astype(object)
    learner = EntityEmbedder(**QUICK, task="binary").fit(TABLE, classes)
    _, judges = parted(np.searchsorted(learner.classes_, classes), 0.1, 1)
    found = Judgement.of(learner, TABLE, classes)
    assert found is not None
    rows = {"shop": TABLE["shop"].take(pa.array(judges))}
    assert found.figures["accuracy"] == accuracy_score(classes[judges], learner.predict(rows))
    assert found.figures["log_loss"] == pytest.approx(log_loss(classes[judges], learner.predict_proba(rows)))
    assert found.of_one["accuracy"] == pytest.approx((classes[judges] == "other").mean())
    assert found.better


def test_of_noise_nothing_is_said_to_be_learnt() -> None:
    """The epoch is chosen by these rows: without a margin one in two would be a little better by chance."""
    noise = np.random.default_rng(1).normal(size=(10, 300))
    better = 0
    for seed, target in enumerate(noise):
        learner = EntityEmbedder(**QUICK | {"random_state": seed, "epochs": 4, "batch": 64}).fit(TABLE, target)
        found = Judgement.of(learner, TABLE, target)
        assert found is not None
        better += found.better
    assert better <= 2


def test_too_few_rows_to_judge() -> None:
    few = {"shop": TABLE["shop"].slice(0, 60)}
    assert Judgement.of(EntityEmbedder(**QUICK).fit(few, SALES[:60]), few, SALES[:60]) is None
