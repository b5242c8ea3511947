"""From the bytes of a file to a picture of red, green and blue, upright, or a reason why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jari.errors import BadFile
from jari.types import Path

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS: Final = 178_956_970  # at twice this, Pillow takes a picture for a decompression bomb


class Unreadable(BadFile):
    """A picture that cannot be read; the message is the reason, for a person, without the path."""


def opened(data: bytes | Path, *, max_pixels: int = MAX_PIXELS, at_least: int | None = None) -> Image.Image:
    """A picture in mode RGB.

    Raises
    ------
    Unreadable
        It is no picture, not whole, or larger than `max_pixels`.
    """
    raise NotImplementedError
