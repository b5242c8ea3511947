"""What the parameters of `ImageEncoder` can be."""

from __future__ import annotations

from typing import Any

from jari import parameters
from jari.encoders.images.augmentation import AUGMENTATIONS
from jari.encoders.precision import PRECISIONS
from jari.errors import BadInput
from jari.threads import thread_count


def check(encoder: Any) -> None:
    """Look at every parameter.

    Raises
    ------
    BadInput
        One of them cannot be.
    """
    parameters.whole("batch_size", encoder.batch_size, 1, "a batch has pictures")
    parameters.choice("precision", encoder.precision, PRECISIONS)
    parameters.choice("loss", encoder.loss, ("cross-entropy", "metric"))
    parameters.choice("freeze", encoder.freeze, ("none", "backbone"))
    parameters.choice("augment", encoder.augment, AUGMENTATIONS)
    parameters.whole("max_pixels", encoder.max_pixels, 1, "a picture has at least one pixel")
    parameters.whole("epochs", encoder.epochs, 1, "every picture must be seen once")
    parameters.whole("patience", encoder.patience, 1, "the next epoch may be better")
    parameters.share("validation", encoder.validation, "it is a share of the pictures, and some must be learnt from")
    parameters.real("weight_decay", encoder.weight_decay, 0.0, "it draws weights towards 0")
    thread_count(encoder.threads)
    for name, low, why in (("dim", 1, "a vector needs at least one number"), ("image_size", 1, "it is a side")):
        if getattr(encoder, name) is not None:
            parameters.whole(name, getattr(encoder, name), low, why)
    if encoder.workers is not None:
        parameters.whole("workers", encoder.workers, 0, "processes cannot be fewer")
    if encoder.learning_rate is not None:
        parameters.real("learning_rate", encoder.learning_rate, 0.0, "steps have a size", above=True)
    for name in ("fast", "offline"):
        if not isinstance(getattr(encoder, name), bool):
            raise BadInput(f"{name}={getattr(encoder, name)!r}: give True or False.")
    if not isinstance(encoder.device, str):
        raise BadInput(f"device={encoder.device!r}: give 'auto', 'cpu', or what else PyTorch calls a device.")
