"""An `EntityEmbedder` before its first epoch: the network drawn, the rows parted and on their device."""

from __future__ import annotations

from typing import Any

import numpy as np

from jari.extras import require
from jari.learn.neural.devices import device_named
from jari.learn.neural.tables.encoding import Encoded, TableEncoding
from jari.learn.neural.tables.network import Noise, TableNetwork
from jari.learn.neural.tables.targets import Classes, Target
from jari.learn.neural.tables.training import Plan, Table, TableTraining, batch_for
from jari.learn.neural.tables.validation import parted


def begun(
    learner: Any, encoding: TableEncoding, rows: Encoded, target: Target, values: Any, *, seed: int
) -> TableTraining:
    """What is to be run.

    Parameters
    ----------
    learner
        Whose parameters say how.
    rows, values
        The table, and the target as numbers, shape (rows,).

    Raises
    ------
    BadInput
        There is no such device.
    """
    torch = require("torch", extra="torch")
    device = device_named(learner.device)
    classes = values if isinstance(target, Classes) else np.zeros(len(values), np.int64)
    learners, judges = parted(classes, learner.validation, seed)
    pretrained = {str(name): one for name, one in (learner.pretrained or {}).items()}
    network = TableNetwork.drawn(
        encoding,
        hidden=tuple(map(int, learner.hidden)),
        outputs=target.outputs,
        activation=learner.activation,
        noise=Noise(learner.unknown_share, learner.word_dropout, learner.input_dropout, learner.dropout),
        pretrained=pretrained,
        frozen=frozenset(column.name for column in encoding.texts if learner.freeze and column.name in pretrained),
        l2=learner.l2,
        generator=torch.Generator(device=device).manual_seed(seed),
    )
    return TableTraining(
        network=network,
        table=Table(rows, device),
        target=torch.tensor(values, device=device),
        learners=torch.tensor(learners, device=device),
        judges=torch.tensor(judges, device=device),
        plan=Plan(
            task=learner.task,
            epochs=int(learner.epochs),
            batch=batch_for(len(learners)) if learner.batch is None else int(learner.batch),
            learning_rate=learner.learning_rate,
            l2=learner.l2,
            patience=int(learner.patience),
            callbacks=learner.callbacks,
        ),
    )
