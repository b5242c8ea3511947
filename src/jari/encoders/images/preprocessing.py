"""What a network wants done to a picture before it looks at it: size, crop, mean and deviation of the colours.

A ``preprocessor_config.json`` says it, in words that transformers gave it over the years. For the processors that
most encoders of images have, it is done here with Pillow and NumPy alone, so that the processes that decode pictures
start at once; the pixels are the same as those of transformers' processors on Pillow. All others are run by
transformers itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.encoders.images.foreign_processor import run_theirs
from jari.encoders.images.opening import Unreadable
from jari.encoders.images.preprocessing_config import (
    ANY,
    DEFAULTS,
    IMAGENET,
    OF_MODELS,
    STRANGE,
    colours,
    crop_of,
    filter_of,
    is_usual,
    number,
    size_of,
    whole,
)
from jari.errors import BadFile, BadInput, NoSuchFile
from jari.extras import require
from jari.types import Path as PathLike

NAME: Final = "preprocessor_config.json"
_NESTED: Final = "processor_config.json"
_AT_ONCE: Final = 2**25  # pixels of the resized picture, beyond which only what is kept of it is made: 100 MB


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How pictures become the numbers that a network reads; made by `of`, `of_json` or `torchvision`.

    Parameters
    ----------
    config
        What the file holds.
    height, width
        What the picture is resized to, whatever its shape; None where `shortest` says it, or nothing.
    shortest
        What the shorter edge becomes, the shape kept.
    crop
        (height, width) of the middle that is kept; None for all.
    resample
        Pillow's number of the filter: 2 bilinear, 3 bicubic, …
    scale
        What pixels of 0 to 255 are multiplied with; None for nothing.
    mean, std
        Of red, green and blue, after that; None for nothing.
    theirs
        Whether transformers' own processor does it all, from `config`.

    Examples
    --------
    >>> ours = Preprocessing.torchvision()
    >>> ours.shape, ours.shortest
    ((224, 224), 256)
    >>> ours.normalised(np.zeros((1, 224, 224, 3), np.uint8)).shape
    (1, 3, 224, 224)
    """

    config: Mapping[str, Any] = field(repr=False)
    height: int | None = None
    width: int | None = None
    shortest: int | None = None
    crop: tuple[int, int] | None = None
    resample: int = 3
    scale: float | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    theirs: bool = False

    @classmethod
    def of(cls, folder: PathLike) -> Preprocessing:
        """What the folder of a model says, in ``processor_config.json`` or ``preprocessor_config.json``.

        Raises
        ------
        NoSuchFile
            There is neither.
        BadFile
            It says something that cannot be.
        """
        model = _json(Path(folder, "config.json")) or {}
        config = (_json(Path(folder, _NESTED)) or {}).get("image_processor") or _json(Path(folder, NAME))
        if config is None:
            raise NoSuchFile(
                f"{folder} has no {NAME}, which says of what size and colours pictures must be for this network. "
                "Copy it from where the network is from."
            )
        try:
            return cls.of_json(config, model_type=str(model.get("model_type", "")))
        except BadInput as error:
            raise BadFile(f"{folder}: {error}") from error

    @classmethod
    def of_json(cls, config: Mapping[str, Any], *, model_type: str = "") -> Preprocessing:
        """What a ``preprocessor_config.json`` holds; where it does not name a processor, that of the type of model.

        Raises
        ------
        BadInput
            It says something that cannot be.
        """
        given = _listed(config)
        old = str(given.get("feature_extractor_type", "")).replace("FeatureExtractor", "ImageProcessor")
        kind = str(given.get("image_processor_type") or old or OF_MODELS.get(model_type, "")).removesuffix("Fast")
        usual = is_usual(given.get("size")) and not any(given.get(key) for key in STRANGE)
        if kind == "ConvNextImageProcessor" and given.get("do_center_crop"):
            usual = False  # cropped twice, with a rounding each
        return _plain(kind, given) if usual and kind in DEFAULTS else _of_transformers(kind, given, model_type)

    @classmethod
    def torchvision(cls, *, resized: int = 256, size: int = 224) -> Preprocessing:
        """What torchvision documents for its classifiers: bilinear, cropped, mean and deviation of ImageNet."""
        return cls.of_json(
            {
                "image_processor_type": "BitImageProcessor",
                "size": {"shortest_edge": resized},
                "crop_size": {"height": size, "width": size},
                "resample": 2,
                **IMAGENET,
            }
        )

    @property
    def shape(self) -> tuple[int, int] | None:
        """(height, width) of all that comes out; None where it depends on the picture, or only transformers knows."""
        if self.crop is not None:
            return self.crop
        return None if self.height is None or self.width is None else (self.height, self.width)

    @property
    def at_least(self) -> int | None:
        """How many pixels the shorter edge must have, at twice what is made of it; None where all are wanted."""
        edges = [edge for edge in (self.height, self.width, self.shortest) if edge is not None]
        return 2 * max(edges) if edges and not self.theirs else None

    def shaped(self, image: Any) -> npt.NDArray[Any]:
        """Resize and crop a picture in mode RGB.

        Returns
        -------
        (h, w, 3) uint8; or float32 that is normalised already, where transformers' own processor did it.

        Raises
        ------
        Unreadable
            Its shape is such that it would become too large.
        """
        if self.theirs:
            return run_theirs(json.dumps(self.config), image)
        height, width = self._resized(image.height, image.width)
        if height * width > _AT_ONCE:
            return self._middle(image, height, width)
        if (height, width) != (image.height, image.width):
            image = image.resize((width, height), resample=self.resample)
        return np.asarray(image) if self.crop is None else _cropped(np.asarray(image), self.crop)

    def normalised(self, pixels: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """What the network reads, (n, 3, h, w) float32, of (n, h, w, 3) that `shaped` gave.

        It is looked up: there are 256 values of each colour.
        """
        if self.theirs:
            return np.ascontiguousarray(np.moveaxis(pixels, -1, 1), dtype=np.float32)
        values = np.arange(256, dtype=np.float64)
        table = np.repeat((values if self.scale is None else values * self.scale).astype(np.float32)[None], 3, axis=0)
        if self.mean is not None and self.std is not None:
            table = (table - np.array(self.mean, np.float32)[:, None]) / np.array(self.std, np.float32)[:, None]
        return np.stack([table[colour][pixels[..., colour]] for colour in range(3)], axis=1)

    def to_json(self) -> dict[str, Any]:
        """A ``preprocessor_config.json`` that transformers reads and that does the same there."""
        return dict(self.config)

    def _resized(self, height: int, width: int) -> tuple[int, int]:
        if self.height is not None and self.width is not None:
            return self.height, self.width
        if self.shortest is None:
            return height, width
        if width <= height:
            return int(self.shortest * height / width), self.shortest
        return self.shortest, int(self.shortest * width / height)

    def _middle(self, image: Any, height: int, width: int) -> npt.NDArray[np.uint8]:
        """Of a long strip, only what is kept; a pixel may be another by 1 in 255, by rounding."""
        if self.crop is None or self.crop[0] > height or self.crop[1] > width:
            raise Unreadable(f"too long and thin: resized, it would be of {width:,} × {height:,} pixels")
        top, left = (height - self.crop[0]) // 2, (width - self.crop[1]) // 2
        down, across = image.height / height, image.width / width
        box = (left * across, top * down, (left + self.crop[1]) * across, (top + self.crop[0]) * down)
        return np.asarray(image.resize(self.crop[::-1], resample=self.resample, box=box))


def _plain(kind: str, given: Mapping[str, Any]) -> Preprocessing:
    says = {**ANY, **DEFAULTS[kind], **given}
    if not says["do_resize"]:
        size: dict[str, int] = {}
    else:
        size = size_of("size", says["size"], square=bool(says["default_to_square"]))
    crop = crop_of(says["crop_size"]) if says["do_center_crop"] else None
    if kind == "LevitImageProcessor" and "shortest_edge" in size:
        size = {"shortest_edge": int(256 / 224 * size["shortest_edge"])}
    if kind == "ConvNextImageProcessor" and size:
        if "shortest_edge" not in size:
            raise BadInput(f"size={says['size']!r} must be of the form {{'shortest_edge': 224}} for {kind}.")
        edge = size["shortest_edge"]
        if edge >= 384:  # as transformers has it: the whole picture, out of shape
            size = {"height": edge, "width": edge}
        else:
            size = {"shortest_edge": whole("size / crop_pct", int(edge / number("crop_pct", says["crop_pct"])))}
            crop = crop or (edge, edge)
    normal = bool(says["do_normalize"])
    return Preprocessing(
        config={**given, "image_processor_type": kind},
        height=size.get("height"),
        width=size.get("width"),
        shortest=size.get("shortest_edge"),
        crop=crop,
        resample=filter_of(says["resample"]),
        scale=number("rescale_factor", says["rescale_factor"]) if says["do_rescale"] else None,
        mean=colours("image_mean", says["image_mean"]) if normal else None,
        std=colours("image_std", says["image_std"], above=0.0) if normal else None,
    )


def _listed(given: Mapping[str, Any]) -> dict[str, Any]:
    """As JSON has it, so that what is read is equal to what was written."""
    return dict(json.loads(json.dumps(dict(given))))


def _cropped(pixels: npt.NDArray[Any], crop: tuple[int, int]) -> npt.NDArray[Any]:
    """The middle; black around what is smaller."""
    short = [max(0, wanted - there) for wanted, there in zip(crop, pixels.shape, strict=False)]
    if any(short):
        pixels = np.pad(pixels, [((lack + 1) // 2, lack // 2) for lack in short] + [(0, 0)])
    top, left = (pixels.shape[0] - crop[0]) // 2, (pixels.shape[1] - crop[1]) // 2
    return np.ascontiguousarray(pixels[top : top + crop[0], left : left + crop[1]])


def _json(path: Path) -> dict[str, Any] | None:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path} is no JSON. Fetch it again from where the network is from.") from error
    if not isinstance(held, dict):
        raise BadFile(f"{path} holds no JSON object. Fetch it again from where the network is from.")
    return held


def _of_transformers(kind: str, given: Mapping[str, Any], model_type: str) -> Preprocessing:
    """Tried on a picture, so that what cannot be is said at once."""
    config = {**given, "image_processor_type": kind}
    config.pop("auto_map", None)  # what would be run of a model's own code
    if not kind:
        raise BadInput(f"its {NAME} names no image_processor_type (model_type is {model_type!r}). Add the name.")
    image = require("PIL.Image", extra="torch")
    run_theirs(json.dumps(config), image.new("RGB", (64, 48)))
    return Preprocessing(config=config, theirs=True)
