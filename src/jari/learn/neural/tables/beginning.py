"""An `EntityEmbedder` before its first epoch: the network drawn, the rows parted, the engine that suits the device."""

from __future__ import annotations

from typing import Any

import numpy as np

from jari.errors import ExtraMissing
from jari.extras import require
from jari.learn.neural.devices import device_named
from jari.learn.neural.tables.encoding import Encoded, TableEncoding
from jari.learn.neural.tables.engine import Design, Engine, Noise
from jari.learn.neural.tables.kernel_engine import KernelEngine
from jari.learn.neural.tables.targets import Classes, Target
from jari.learn.neural.tables.training import Plan, TableTraining, batch_for
from jari.learn.neural.tables.validation import parted
from jari.types import Counts


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
    ExtraMissing
        It needs PyTorch, which is not installed.
    """
    classes = values if isinstance(target, Classes) else np.zeros(len(values), np.int64)
    learners, judges = parted(classes, learner.validation, seed)
    pretrained = {str(name): one for name, one in (learner.pretrained or {}).items()}
    design = Design(
        task=learner.task,
        hidden=tuple(map(int, learner.hidden)),
        outputs=target.outputs,
        activation=learner.activation,
        noise=Noise(learner.unknown_share, _word_dropout(learner, rows), learner.input_dropout, learner.dropout),
        l2=learner.l2,
        pretrained=pretrained,
        frozen=frozenset(column.name for column in encoding.texts if learner.freeze and column.name in pretrained),
        seed=seed,
    )
    return TableTraining(
        engine=_engine(learner.device, encoding, design, rows, values),
        learners=learners,
        judges=judges,
        plan=Plan(
            epochs=int(learner.epochs),
            batch=batch_for(len(learners)) if learner.batch is None else int(learner.batch),
            learning_rate=learner.learning_rate,
            patience=int(learner.patience),
            callbacks=learner.callbacks,
            seed=seed,
        ),
    )


def _word_dropout(learner: Any, rows: Encoded) -> tuple[float, ...]:
    """The share of words that each text column goes without."""
    if learner.word_dropout is not None:
        return (float(learner.word_dropout),) * len(rows.bags)
    return tuple(word_dropout_for(np.diff(bag.indptr)) for bag in rows.bags)


def word_dropout_for(lengths: Counts) -> float:
    """The share of words to leave out of texts of so many different words, where nobody says.

    A title that loses most of its words says nothing any more; a long text says much the same without them, and with
    all of them its rare words learn rows by heart. By trials on adverts and film reviews: 0.1 up to five words, 0.6
    from thirty, between them by the logarithm of the median.

    Examples
    --------
    >>> [round(word_dropout_for(np.array([n, n])), 2) for n in (3, 12, 200)]
    [0.1, 0.34, 0.6]
    """
    there = lengths[lengths > 0]
    if not len(there):
        return 0.0
    grown = np.log(np.median(there) / 5) / np.log(30 / 5)
    return float(0.1 + 0.5 * np.clip(grown, 0, 1))


def _engine(name: str, encoding: TableEncoding, design: Design, rows: Encoded, values: Any) -> Engine:
    """The kernels on the CPU, PyTorch anywhere else."""
    if name == "cpu" or (name == "auto" and not _has_gpu()):
        return KernelEngine(encoding, design, rows, values)
    from jari.learn.neural.tables.torch_engine import TorchEngine

    return TorchEngine.begun(encoding, design, rows, values, device=device_named(name))


def _has_gpu() -> bool:
    try:
        return bool(require("torch", extra="torch").cuda.is_available())
    except ExtraMissing:
        return False
