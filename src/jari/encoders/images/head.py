"""What fine-tuning puts behind a network: a projection, and the classes that it learnt to tell apart."""

from __future__ import annotations

import hashlib
import json
import pathlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.errors import BadFile
from jari.extras import require
from jari.types import Matrix

SETTINGS: Final = "jari_head.json"
ARRAYS: Final = "jari_head.safetensors"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The layers behind the network.

    Parameters
    ----------
    classes
        What `fit` was told, sorted.
    outputs
        One row a class, shape (classes, d).
    biases
        One a class; None where classes are told apart by cosine.
    projection
        A layer (d, network's) before the classes, weights and biases; None without one.
    """

    classes: npt.NDArray[Any]
    outputs: Matrix
    biases: npt.NDArray[np.float32] | None
    projection: tuple[Matrix, npt.NDArray[np.float32]] | None = None

    def scores(self, vectors: Matrix) -> Matrix:
        """How well each class fits, shape (n, classes); the largest is the answer."""
        if self.biases is not None:
            return np.asarray(vectors @ self.outputs.T + self.biases, np.float32)
        return np.asarray(_unit(vectors) @ _unit(self.outputs).T, np.float32)

    def layer(self, device: Any) -> Any:
        """The projection as a layer of PyTorch; None without one."""
        if self.projection is None:
            return None
        torch = require("torch", extra="torch")
        weights, biases = (torch.from_numpy(np.array(one)) for one in self.projection)
        layer = torch.nn.utils.skip_init(torch.nn.Linear, weights.shape[1], weights.shape[0])
        layer.load_state_dict({"weight": weights, "bias": biases})
        return layer.requires_grad_(False).to(device)

    def write(self, folder: pathlib.Path) -> None:
        """Two files beside the network's own, which transformers does not read."""
        safetensors = require("safetensors.numpy", extra="torch")
        arrays = {"outputs": self.outputs}
        if self.biases is not None:
            arrays["biases"] = self.biases
        if self.projection is not None:
            arrays |= {"projection.weight": self.projection[0], "projection.bias": self.projection[1]}
        data = safetensors.save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
        said = {"version": _VERSION, "classes": self.classes.tolist(), "sha256": hashlib.sha256(data).hexdigest()}
        (folder / ARRAYS).write_bytes(data)
        (folder / SETTINGS).write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", "utf-8")

    @classmethod
    def read(cls, folder: pathlib.Path) -> Head | None:
        """What `write` wrote; None where nothing was written.

        Raises
        ------
        BadFile
            It is damaged, or of a later version.
        """
        if not (folder / SETTINGS).is_file():
            return None
        safetensors = require("safetensors.numpy", extra="torch")
        try:
            said = json.loads((folder / SETTINGS).read_text("utf-8"))
            if said["version"] > _VERSION:
                raise BadFile(f"{folder / SETTINGS} is of the version {said['version']}: upgrade jari.")
            data = (folder / ARRAYS).read_bytes()
            if hashlib.sha256(data).hexdigest() != said["sha256"]:
                raise BadFile(f"{folder / ARRAYS} is not the file that {SETTINGS} speaks of. Save the encoder again.")
            arrays = safetensors.load(data)
            projection = None
            if "projection.weight" in arrays:
                projection = arrays["projection.weight"], arrays["projection.bias"]
            return cls(np.array(said["classes"]), arrays["outputs"], arrays.get("biases"), projection)
        except BadFile:
            raise
        except Exception as error:  # JSON, a missing key or file, safetensors: whatever is damaged
            raise BadFile(f"{folder}: what fit learnt of classes cannot be read ({error}). Save it again.") from error


def _unit(matrix: Matrix) -> Matrix:
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)
