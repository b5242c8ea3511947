"""What a network wants done to a picture before it looks at it: size, crop, mean and deviation of the colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from jari.types import Path


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How pictures become the numbers that a network reads.

    Parameters
    ----------
    kind
        ``image_processor_type`` of the file, as transformers names it.
    height, width
        What the picture is resized to, whatever its shape; None for `shortest`.
    shortest, longest
        What the shorter edge becomes, the shape kept, as long as the longer edge stays within `longest`; None for none.
    crop
        (height, width) of the middle that is kept; None for all.
    resample
        Pillow's number of the filter: 2 bilinear, 3 bicubic, …
    scale
        What pixels of 0 to 255 are multiplied with; None for nothing.
    mean, std
        Of each colour, after that; None for nothing.
    theirs
        The whole file, for a processor of transformers' own, where this class does not know what it does.
    """

    kind: str = "ConvNextImageProcessor"
    height: int | None = None
    width: int | None = None
    shortest: int | None = None
    longest: int | None = None
    crop: tuple[int, int] | None = None
    resample: int = 3
    scale: float | None = 1 / 255
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    theirs: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, folder: Path) -> Preprocessing:
        """What the folder of a model says (``preprocessor_config.json``)."""
        raise NotImplementedError

    @classmethod
    def of_json(cls, config: Mapping[str, Any]) -> Preprocessing:
        """What a ``preprocessor_config.json`` holds."""
        raise NotImplementedError

    @classmethod
    def torchvision(cls, *, resized: int = 256, size: int = 224) -> Preprocessing:
        """What torchvision documents for the weights of its ImageNet classifiers."""
        raise NotImplementedError

    @property
    def shape(self) -> tuple[int, int] | None:
        """(height, width) of all that comes out; None where it depends on the picture."""
        raise NotImplementedError

    def shaped(self, image: Any) -> npt.NDArray[Any]:
        """Resized and cropped: (h, w, 3) uint8, or float32 that is normalised already, from `theirs`."""
        raise NotImplementedError

    def normalised(self, pixels: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What the network reads, (n, 3, h, w) float32, of (n, h, w, 3) that `shaped` gave."""
        raise NotImplementedError

    def to_json(self) -> dict[str, Any]:
        """A ``preprocessor_config.json`` that transformers reads and that does the same there."""
        raise NotImplementedError
