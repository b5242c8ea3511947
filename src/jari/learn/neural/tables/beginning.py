"""An `EntityEmbedder` before its first epoch: the network drawn, the rows parted, the engine that suits the device."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import numpy as np

from jari.devices import device_named
from jari.errors import ExtraMissing
from jari.extras import require
from jari.learn.neural.tables.encoding import Encoded, TableEncoding
from jari.learn.neural.tables.engine import Design, Engine, Noise
from jari.learn.neural.tables.kernel_engine import KernelEngine
from jari.learn.neural.tables.targets import Classes, Target
from jari.learn.neural.tables.training import Plan, TableTraining, batch_for
from jari.learn.neural.tables.validation import parted


def begun(
    learner: Any,
    encoding: TableEncoding,
    rows: Encoded,
    target: Target,
    values: Any,
    *,
    word_dropout: float,
    seed: int,
) -> TableTraining:
    """What is to be run.

    Parameters
    ----------
    learner
        Whose parameters say how.
    rows, values
        The table, and the target as numbers, shape (rows,).
    word_dropout
        One of `word_dropouts`.

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
        noise=Noise(learner.unknown_share, word_dropout, learner.input_dropout, learner.dropout),
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


def word_dropouts(learner: Any, encoding: TableEncoding) -> tuple[float, ...]:
    """The shares of words to leave out: what is asked for, or two to try.

    Most of the words where texts are many words beside few rows, such as adverts, whose rare words learn rows by heart;
    few of them where a text is a few words that count. Nothing about a table tells beforehand which it is.
    """
    if learner.word_dropout is not None:
        return (float(learner.word_dropout),)
    return (0.6, 0.2) if encoding.texts else (0.0,)


def _engine(name: str, encoding: TableEncoding, design: Design, rows: Encoded, values: Any) -> Engine:
    """The kernels on the CPU, PyTorch anywhere else."""
    if name == "cpu" or (name == "auto" and not _has_gpu()):
        return KernelEngine(encoding, design, rows, values)
    from jari.learn.neural.tables.torch_engine import TorchEngine

    return TorchEngine.begun(encoding, design, rows, values, device=device_named(name))


_DRIVERS: Final = ("/proc/driver/nvidia", "/dev/kfd", "/dev/dxg")  # of NVIDIA, of AMD, and within Windows


def _has_gpu() -> bool:
    """Whether PyTorch finds one; where no driver can be, it is not imported, which takes two seconds."""
    if sys.platform.startswith("linux") and not any(Path(driver).exists() for driver in _DRIVERS):
        return False
    try:
        return bool(require("torch", extra="torch").cuda.is_available())
    except ExtraMissing:
        return False
