"""A small residual network, to be learnt from the user's own pictures alone."""

from __future__ import annotations

from typing import Any, Final

from jari.encoders.images.preprocessing import Preprocessing
from jari.encoders.quiet import quiet
from jari.errors import BadInput
from jari.extras import require

SMALL: Final = "small"
SIDE: Final = 32
_WIDTHS: Final = (32, 64, 128)
_LEAST_SIDE: Final = 16


def small_network(side: int) -> tuple[Any, Preprocessing]:
    """A network with weights drawn from PyTorch's generator, for pictures of `side` × `side`, and its preprocessing.

    Three stages of two residual layers each, 0.7 M weights, and 128 numbers at the end (He et al. 2016). It is
    transformers' own ResNet, so that what is learnt is saved as any other.

    Raises
    ------
    BadInput
        The side is below 16: nothing would be left of the picture.
    """
    if side < _LEAST_SIDE:
        raise BadInput(f"image_size={side}: the network halves a picture four times. Give {_LEAST_SIDE} or more.")
    transformers = require("transformers", extra="torch")
    config = transformers.ResNetConfig(
        embedding_size=_WIDTHS[0], hidden_sizes=list(_WIDTHS), depths=[2, 2, 2], layer_type="basic"
    )
    with quiet():
        model = transformers.ResNetModel(config)
    return model, square(side)


def square(side: int, *, like: Preprocessing | None = None) -> Preprocessing:
    """The shorter edge becomes `side`, the middle is kept; colours as of another preprocessing, or about 0."""
    mean, std = (None, None) if like is None else (like.mean, like.std)
    return Preprocessing.of_json(
        {
            "image_processor_type": "CLIPImageProcessor",
            "size": {"shortest_edge": side},
            "crop_size": {"height": side, "width": side},
            "resample": 3,
            "image_mean": list(mean or [0.5] * 3),
            "image_std": list(std or [0.5] * 3),
        }
    )
