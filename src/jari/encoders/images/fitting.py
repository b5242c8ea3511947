"""`Fitting`: from labelled pictures to a network that tells them apart."""

from __future__ import annotations

import warnings
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.devices import device_named, threads_of_torch
from jari.encoders.images import inputs as image_inputs
from jari.encoders.images.backbones import Backbone
from jari.encoders.images.batches import counted
from jari.encoders.images.labels import Labelled, gathered, some
from jari.encoders.images.model import ImageModel, open_model
from jari.encoders.images.small_network import SIDE, SMALL, small_network, square
from jari.encoders.images.tuning import Plan, Tuning
from jari.errors import BadInput
from jari.extras import require
from jari.threads import thread_count
from jari.types import Callback

_RATES: Final = {True: 2e-3, False: 1e-4}  # of a network drawn by chance, and of one that was trained


def is_small(encoder: Any) -> bool:
    """Whether an encoder begins with the small network, which knows nothing."""
    return isinstance(encoder.model, str) and encoder.model == SMALL and encoder.weights is None


@dataclass(slots=True, eq=False)
class Fitting:
    """One call of `ImageEncoder.fit`.

    Parameters
    ----------
    encoder
        Whose parameters say how.
    data
        What to learn.
    seed
        For all that is drawn.
    callback
        Told how far it is.

    Attributes
    ----------
    tuning
        The loop, once `run` has begun it.
    unreadable
        The pictures that were left out, and why.
    """

    encoder: Any
    data: Labelled
    seed: int
    callback: Callback | None
    unreadable: list[str] = field(default_factory=list)
    tuning: Any = None
    _model: Any = None
    _classes: npt.NDArray[Any] = field(default_factory=lambda: np.empty(0))

    def run(self) -> None:
        """Decode the pictures, and learn."""
        encoder = self.encoder
        torch = require("torch", extra="torch")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            self._model = self._start()
        preprocessing = self._model.preprocessing
        decoded = image_inputs.decoded(
            self.data.images,
            preprocessing,
            workers=encoder.workers,
            max_pixels=encoder.max_pixels,
            fast=encoder.fast,
        )
        total = len(self.data.images)
        with closing(decoded):
            told = counted(decoded, total, self.callback)
            pixels, self._classes, labels, self.unreadable = gathered(told, self.data.labels)
        if self.unreadable:
            warnings.warn(
                f"{len(self.unreadable):,} of {total:,} pictures cannot be read and are not learnt from: "
                f"{some(self.unreadable)}.",
                UserWarning,
                stacklevel=3,
            )
        self.tuning = Tuning(
            self._model.backbone,
            preprocessing,
            pixels,
            labels,
            len(self._classes),
            self._plan(),
            is_small(encoder),
            self.seed,
            self.callback,
        )
        with threads_of_torch(thread_count(encoder.threads)):
            self.tuning.run()

    def learnt(self) -> ImageModel | None:
        """The model of the best epoch; None where none was over."""
        if self.tuning is None or self.tuning.best is None:
            return None
        head = self.tuning.head(self._classes)
        return ImageModel.of(self._model.backbone, self._model.preprocessing, head)

    def _start(self) -> ImageModel:
        """The network to begin with."""
        encoder, size = self.encoder, self.encoder.image_size
        device = device_named(encoder.device)
        if is_small(encoder):
            network, preprocessing = small_network(SIDE if size is None else int(size))
            return ImageModel.of(Backbone(network.eval().to(device)), preprocessing)
        found = open_model(
            encoder.model, encoder.weights, device=device, offline=encoder.offline, callback=self.callback
        )
        found.backbone.projection = None
        preprocessing = found.preprocessing
        if size is not None and (size, size) != preprocessing.shape:
            if not found.backbone.convolutional:
                raise BadInput(
                    f"image_size={size}: {encoder.model} reads pictures of its own size only, which is "
                    f"{preprocessing.shape}. Leave image_size out."
                )
            preprocessing = square(int(size), like=preprocessing)
        return ImageModel.of(found.backbone, preprocessing)

    def _plan(self) -> Plan:
        return Plan(
            loss=self.encoder.loss,
            dim=None if self.encoder.dim is None else int(self.encoder.dim),
            freeze=self.encoder.freeze,
            augment=self.encoder.augment,
            epochs=int(self.encoder.epochs),
            batch_size=int(self.encoder.batch_size),
            learning_rate=_RATES[is_small(self.encoder)]
            if self.encoder.learning_rate is None
            else float(self.encoder.learning_rate),
            weight_decay=float(self.encoder.weight_decay),
            validation=float(self.encoder.validation),
            patience=int(self.encoder.patience),
            precision=self.encoder.precision,
        )
