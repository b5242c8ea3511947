"""Pictures as they are given, files or in memory, decoded one after another."""

from __future__ import annotations

import itertools
import os
from collections.abc import Generator, Iterable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.encoders.images.decoding import Decoded, decode
from jari.encoders.images.files import ImageFile
from jari.encoders.images.opening import Unreadable, as_rgb
from jari.encoders.images.preprocessing import Preprocessing
from jari.errors import BadInput
from jari.extras import require

_RULE: Final = "a path, a picture of Pillow, or an array (h, w) or (h, w, 3)"


def decoded(
    images: Iterable[Any], preprocessing: Preprocessing, *, workers: int | None, max_pixels: int, fast: bool
) -> Generator[Decoded, None, None]:
    """Each picture in order: files in processes of their own, pictures in memory here.

    Raises
    ------
    BadInput
        Something is no picture.
    """
    numbered = enumerate(sequence(images))
    for on_disk, group in itertools.groupby(numbered, lambda one: isinstance(one[1], str | os.PathLike)):
        if on_disk:
            files = (ImageFile(os.fspath(one), os.fspath(one), 0, True) for _, one in group)
            yield from decode(files, preprocessing, workers=workers, max_pixels=max_pixels, fast=fast)
        else:
            for number, one in group:
                file = ImageFile(f"picture {number}", f"picture {number}", 0, True)
                try:
                    yield Decoded(file, b"", preprocessing.shaped(_as_picture(one, number)))
                except Unreadable as error:
                    yield Decoded(file, b"", reason=str(error))


def sequence(images: Any) -> Iterable[Any]:
    """`images`, unless it is a single one.

    Raises
    ------
    BadInput
        It is.
    """
    single = isinstance(images, str | bytes | os.PathLike) or hasattr(images, "getexif")
    if isinstance(images, np.ndarray):
        single = images.ndim < 3 or (images.ndim == 3 and images.shape[-1] in (3, 4))
    if single or not isinstance(images, Iterable):
        raise BadInput(f"{_shown(images)} is no list of pictures. Give a list: [{_shown(images)}].")
    return images


def _as_picture(one: Any, number: int) -> Any:
    """In mode RGB, upright, over white."""
    image = require("PIL.Image", extra="torch")
    if isinstance(one, image.Image):
        return as_rgb(one)
    array = one.__array__() if hasattr(one, "__array__") else one
    if not isinstance(array, np.ndarray) or not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))):
        raise BadInput(f"Picture {number} is {_shown(one)}: give {_RULE}.")
    if 0 in array.shape:
        raise BadInput(f"Picture {number} is of shape {array.shape}: a picture has pixels.")
    return as_rgb(image.fromarray(_as_bytes(array, number)))


def _as_bytes(array: npt.NDArray[Any], number: int) -> npt.NDArray[Any]:
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype == np.uint16:
        return (np.ascontiguousarray(array) / np.float32(257)).round().astype(np.uint8)
    if array.dtype.kind == "f" and np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1:
        return (array * 255).round().astype(np.uint8)
    span = f" from {array.min():g} to {array.max():g}" if array.dtype.kind in "iuf" else ""
    raise BadInput(
        f"Picture {number} holds {array.dtype}{span}: give whole numbers from 0 to 255 as uint8 (or to 65,535 as "
        "uint16), or real numbers from 0 to 1."
    )


def _shown(one: Any) -> str:
    if isinstance(one, np.ndarray):
        return f"an array of shape {one.shape}"
    return repr(os.fspath(one)) if isinstance(one, str | os.PathLike) else type(one).__name__
