"""Pictures seen a little differently in each epoch."""

from __future__ import annotations

import math
from typing import Any, Final

from jari.extras import require

AUGMENTATIONS: Final = ("flip", "shift", "none")
_SHIFT: Final = 0.1  # of the side, each way
_ZOOM: Final = 0.15
_TURN: Final = math.radians(10)

Tensor = Any


def augmented(pixels: Tensor, how: str, generator: Any) -> Tensor:
    """Each picture moved by up to a tenth, zoomed by up to 15 %, turned by up to 10°, and half of them mirrored.

    Parameters
    ----------
    pixels
        Shape (n, 3, h, w), on the CPU; any numbers.
    how
        ``"flip"`` does all that; ``"shift"`` does not mirror, for what has a left and a right, such as letters;
        ``"none"`` nothing.
    generator
        PyTorch's, for all that is drawn.
    """
    if how == "none":
        return pixels
    torch, functional = require("torch", extra="torch"), require("torch.nn.functional", extra="torch")
    count = len(pixels)

    def drawn(width: float, columns: int = 1) -> Tensor:
        return (torch.rand((count, columns), generator=generator) * 2 - 1) * width

    angle, zoom = drawn(_TURN)[:, 0], 1 + drawn(_ZOOM)[:, 0]
    mirror = torch.ones(count)
    if how == "flip":
        mirror = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    maps = torch.zeros((count, 2, 3))
    maps[:, 0, 0], maps[:, 0, 1] = mirror * zoom * torch.cos(angle), -zoom * torch.sin(angle)
    maps[:, 1, 0], maps[:, 1, 1] = mirror * zoom * torch.sin(angle), zoom * torch.cos(angle)
    maps[:, :, 2] = drawn(2 * _SHIFT, 2)  # the side is 2 long there
    grid = functional.affine_grid(maps, list(pixels.shape), align_corners=False)
    return functional.grid_sample(pixels, grid, padding_mode="border", align_corners=False)
