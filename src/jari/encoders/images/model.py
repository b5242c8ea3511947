"""A network with all that belongs to it: preprocessing, what fine-tuning put behind it, where it is from."""

from __future__ import annotations

import hashlib
import os
import pathlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Self

from jari.embedding.formats.atomic import new_folder
from jari.encoders.hub import Model, find
from jari.encoders.images.backbones import Backbone, load_backbone
from jari.encoders.images.head import ARRAYS, SETTINGS, Head
from jari.encoders.images.preprocessing import NAME, Preprocessing
from jari.encoders.images.torchvision_weights import load_torchvision
from jari.encoders.quiet import quiet
from jari.extras import require
from jari.types import Callback, Path

OURS: Final = ("config.json", "model.safetensors", NAME, SETTINGS, ARRAYS)
_SIDE: Final = 224  # what a network reads that says nothing of it


@dataclass(slots=True, eq=False)
class ImageModel:
    """All that makes a vector of a picture.

    Parameters
    ----------
    opening
        What opens the network, once it is needed: whoever only asks what made some vectors need not wait for it.
    preprocessing
        What is done to a picture before.
    head
        The classes that it was fine-tuned on; None where it was not.
    path
        The folder, absolute, or the name on the hub, or the file of weights; None where it is saved nowhere.
    source
        The same as a model or a file, for its checksum.
    """

    opening: Callable[[], Backbone]
    preprocessing: Preprocessing
    head: Head | None = None
    path: str | None = None
    source: Model | pathlib.Path | None = None
    _backbone: Backbone | None = None
    _dim: int | None = None
    _checksum: str | None = None

    @classmethod
    def of(cls, backbone: Backbone, preprocessing: Preprocessing, head: Head | None = None, **where: Any) -> Self:
        """Of a network that is open."""
        return cls(lambda: backbone, preprocessing, head, **where)

    @property
    def backbone(self) -> Backbone:
        """The network."""
        if self._backbone is None:
            self._backbone = self.opening()
        return self._backbone

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        if self._dim is None:
            side = getattr(self.backbone.model.config, "image_size", _SIDE)
            sides = tuple(side) if isinstance(side, list | tuple) else (side, side)
            self._dim = self.backbone.dim(*(self.preprocessing.shape or sides))
        return self._dim

    def checksum(self) -> str:
        """SHA-256, in hex, of the files, or of the weights where there are none."""
        if self._checksum is None:
            self._checksum = self._digest()
        return self._checksum

    def _digest(self) -> str:
        if isinstance(self.source, Model):
            return self.source.checksum()
        if self.source is not None:
            with self.source.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        digest = hashlib.sha256()
        layers = [self.backbone.model] + ([] if self.backbone.projection is None else [self.backbone.projection])
        for layer in layers:
            for name, tensor in layer.state_dict().items():
                digest.update(name.encode() + tensor.cpu().numpy().tobytes())
        return digest.hexdigest()

    def write(self, folder: Path, *, force: bool) -> None:
        """Write a folder that transformers reads; it is there whole or not at all. This is where the model is from now.

        Raises
        ------
        FileIsThere, NoSuchFile
            Something is there and `force` is not given; the folder around it is not there.
        """
        import json

        place = pathlib.Path(folder)
        with new_folder(place, force=force, ours=OURS) as temporary:
            with quiet():
                self.backbone.model.save_pretrained(temporary, max_shard_size="1000GB")
            said = json.dumps(self.preprocessing.to_json(), indent=2) + "\n"
            (temporary / NAME).write_text(said, encoding="utf-8")
            if self.head is not None:
                self.head.write(temporary)
            for file in temporary.iterdir():
                _to_disk(file)
        self.path = str(place.absolute())
        self.source, self._checksum = Model(self.path, place.absolute()), None


def open_model(
    model: Path, weights: Path | None, *, device: Any, offline: bool, callback: Callback | None = None
) -> ImageModel:
    """The network of a folder or a name on the hub; or of a file of weights, which says itself what it is of.

    Raises
    ------
    NoSuchFile, BadFile, BadInput
        As `find`, `load_backbone` and `load_torchvision` say.
    """
    if weights is not None:
        network, preprocessing = load_torchvision(weights)
        network.eval().requires_grad_(False).to(device)
        file = pathlib.Path(weights).absolute()
        return ImageModel.of(Backbone(network), preprocessing, path=str(file), source=file)
    require("transformers", extra="torch")
    found = find(model, offline=offline, callback=callback)
    head = Head.read(found.folder)

    def opened() -> Backbone:
        backbone = load_backbone(found, device=device)
        backbone.projection = None if head is None else head.layer(device)
        return backbone

    path = found.name if found.cached else str(found.folder.absolute())
    return ImageModel(opened, Preprocessing.of(found.folder), head, path, found)


def _to_disk(file: pathlib.Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
