"""Pictures to learn from, and what each shows: by its folder, or as told."""

from __future__ import annotations

import os
import pathlib
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.encoders.images import inputs as image_inputs
from jari.encoders.images.decoding import Decoded
from jari.encoders.images.files import listed
from jari.errors import BadInput

_SHOWN: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Pictures, and the label of each.

    Parameters
    ----------
    images
        Paths, pictures or arrays.
    labels
        One a picture.
    """

    images: list[Any]
    labels: npt.NDArray[Any]

    @classmethod
    def of(cls, X: Any, y: Any = None) -> Labelled:
        """A folder with a folder for each class; or pictures `X` and labels `y`.

        Raises
        ------
        BadInput
            There are no labels, or not as many as pictures.
        NoSuchFile
            There is no such folder.
        """
        if y is None:
            return cls._of_folder(X)
        images = list(image_inputs.sequence(X))
        labels = np.asarray(y)
        if labels.ndim != 1 or labels.dtype.kind not in "iubUS":
            labels = np.asarray([str(one) for one in y])
        if len(labels) != len(images):
            raise BadInput(f"{len(images):,} pictures but {len(labels):,} labels: give one label a picture.")
        return cls(images, labels)

    @classmethod
    def _of_folder(cls, X: Any) -> Labelled:
        if not isinstance(X, str | os.PathLike):
            raise BadInput("Pictures without labels: give a folder with a folder for each class, or labels y=.")
        files = listed(X).files
        inside = [file for file in files if "/" in file.key]
        if not inside:
            what = f"{len(files):,} pictures" if files else "no picture"
            raise BadInput(
                f"{pathlib.Path(X)} holds {what} and no folders with pictures: give a folder with a folder for each "
                "class, such as photos/ants and photos/bees."
            )
        if len(inside) < len(files):
            loose = len(files) - len(inside)
            warnings.warn(f"{loose:,} pictures in no class's folder are left out of {X}.", UserWarning, stacklevel=4)
        return cls([file.path for file in inside], np.array([file.key.partition("/")[0] for file in inside]))


def gathered(
    decoded: Iterable[Decoded], labels: npt.NDArray[Any]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[np.int64], list[str]]:
    """Pixels (n, h, w, 3), classes, the class of each as a row of them, and what could not be read.

    Raises
    ------
    BadInput
        Pictures come out in several sizes; there are fewer than two classes with pictures; a class has one only.
    """
    pixels: npt.NDArray[Any] | None = None
    kept: list[int] = []
    unreadable: list[str] = []
    for place, one in enumerate(decoded):
        if one.pixels is None:
            unreadable.append(f"{one.file.path}: {one.reason}")
            continue
        if pixels is None:
            pixels = np.empty((len(labels), *one.pixels.shape), one.pixels.dtype)
        if one.pixels.shape != pixels.shape[1:]:
            raise BadInput(
                f"{one.file.path} comes out as {one.pixels.shape[1]} × {one.pixels.shape[0]} pixels and others as "
                f"{pixels.shape[2]} × {pixels.shape[1]}: this network takes any size. Give image_size."
            )
        pixels[len(kept)] = one.pixels
        kept.append(place)
    said = f" ({some(unreadable)})" if unreadable else ""
    if pixels is None:
        raise BadInput(f"None of the {len(labels):,} pictures can be read{said}.")
    classes, rows = np.unique(labels[kept], return_inverse=True)
    if len(classes) < 2:
        raise BadInput(f"All pictures are of the class {classes[0].item()!r}{said}: give two classes or more.")
    counts = np.bincount(rows)
    if counts.min() < 2:
        alone = ", ".join(repr(classes[place].item()) for place in np.flatnonzero(counts < 2)[:_SHOWN])
        raise BadInput(f"One picture only of {alone}{said}: give two or more of each class.")
    return pixels[: len(kept)], classes, rows.astype(np.int64), unreadable


def some(lines: list[str]) -> str:
    """The first few of a list, and how many more."""
    more = f"; and {len(lines) - _SHOWN:,} more" if len(lines) > _SHOWN else ""
    return "; ".join(lines[:_SHOWN]) + more
