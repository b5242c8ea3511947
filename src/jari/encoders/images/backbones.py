"""Networks that look at pictures, loaded whole or refused; and which of their numbers are the vector."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.encoders.hub import Model
from jari.encoders.precision import computing
from jari.encoders.quiet import quiet
from jari.errors import BadFile, BadInput, NoSuchFile
from jari.extras import require
from jari.types import Matrix

# Of models with a tower for pictures and one for texts, the class of the one for pictures.
_TOWERS: Final = {
    "clip": "CLIPVisionModelWithProjection",
    "siglip": "SiglipVisionModel",
}
_BY_CHANCE: Final = ("vit_mae",)
_CONVOLUTIONAL: Final = 4  # more convolutions than that, and their layout in memory counts
_SHOWN: Final = 5


@dataclass(slots=True, eq=False)
class Backbone:
    """A network without its classifier.

    Parameters
    ----------
    model
        The network of transformers, in evaluation mode, on its device.
    pools
        Whether it has a pooler that can be believed. The vector is the projection of a CLIP (``image_embeds``), else
        the ``pooler_output``, else the class token, else the mean of the patches.
    projection
        A linear layer behind it, where the network was fine-tuned with one.
    """

    model: Any
    pools: bool = True
    projection: Any = None
    _fast: Any = field(default=None, init=False)

    @property
    def device(self) -> Any:
        """Where it computes."""
        return next(self.model.parameters()).device

    @property
    def convolutional(self) -> bool:
        """Whether it is made of convolutions rather than attention."""
        torch = require("torch", extra="torch")
        return sum(isinstance(one, torch.nn.Conv2d) for one in self.model.modules()) > _CONVOLUTIONAL

    def features(self, pixels: Any, model: Any = None) -> Any:
        """What comes out before the projection, a tensor (n, d), of a tensor (n, 3, h, w)."""
        model = self.model if model is None else model
        out = model(pixel_values=pixels)
        if (projected := out.get("image_embeds")) is not None:
            return projected
        if self.pools and (pooled := out.get("pooler_output")) is not None:
            return pooled.flatten(1)
        last = out.last_hidden_state
        if last.ndim == 4:
            return last.mean((2, 3))
        has_class = any(name.endswith("cls_token") for name, _ in model.named_parameters())
        return last[:, 0] if has_class else last.mean(1)

    def vectors(self, pixels: npt.NDArray[np.float32], *, precision: str = "float32") -> Matrix:
        """The vectors of pictures, shape (n, d), float32, of what `Preprocessing.normalised` gave, (n, 3, h, w)."""
        torch = require("torch", extra="torch")
        with torch.inference_mode(), computing(precision, self.device):
            if self._fast is None:
                self._fast = _readied(self)
            layout = torch.channels_last if self.convolutional else torch.contiguous_format
            found = self.features(torch.from_numpy(pixels).to(self.device, memory_format=layout), self._fast)
            if self.projection is not None:
                found = self.projection(found)
        matrix: Matrix = np.ascontiguousarray(found.float().cpu().numpy())
        return matrix

    def changed(self) -> None:
        """Its weights are others now."""
        self._fast = None

    def dim(self, height: int, width: int) -> int:
        """How many numbers come out of pictures of a size."""
        return int(self.vectors(np.zeros((1, 3, height, width), np.float32)).shape[1])


def load_backbone(model: Model, *, device: Any) -> Backbone:
    """The network of a folder, with all its weights; only the tower for pictures of a model with two.

    Parameters
    ----------
    model
        Where it is.
    device
        Where it shall compute.

    Raises
    ------
    BadInput
        It is no network for pictures, or weights are missing or of other shapes: their names are listed, where
        transformers would draw them by chance.
    NoSuchFile, BadFile
        There are no weights, or they are damaged.
    """
    torch, transformers = require("torch", extra="torch"), require("transformers", extra="torch")
    folder = str(model.folder)
    if not model.weights():
        raise NoSuchFile(f"{model.folder} holds no weights (model.safetensors). Fetch the model again.")
    with quiet(), torch.random.fork_rng(devices=[]):
        try:
            config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
        except Exception as error:  # transformers has none of its own: OSError, ValueError, KeyError, …
            raise BadFile(f"{model.folder}: config.json describes no model ({_first(error)}).") from error
        kind, config = _of_pictures(config, model)
        try:
            network, report = kind.from_pretrained(
                folder,
                config=config,
                local_files_only=True,
                dtype=torch.float32,
                ignore_mismatched_sizes=True,  # so that they are in the report
                output_loading_info=True,
            )
        except ImportError as error:  # timm, for models that transformers only wraps
            raise BadInput(f"{model.name}: {_first(error)}") from error
        except Exception as error:
            raise BadFile(f"{model.folder}: its weights cannot be read ({_first(error)}). Fetch them again.") from error
    absent = {name for name in report["missing_keys"] if not name.endswith("num_batches_tracked")}
    untrained = {name for name in absent if name.startswith("pooler.")}
    _refuse(model, "lacks weights", sorted(absent - untrained))
    _refuse(model, "has weights of other shapes", sorted(one[0] for one in report["mismatched_keys"]))
    network.eval().requires_grad_(False).to(device)
    return Backbone(network, pools=not untrained)


def _of_pictures(config: Any, model: Model) -> tuple[Any, Any]:
    """The class of the network, and the configuration for it."""
    transformers = require("transformers", extra="torch")
    tower = _TOWERS.get(config.model_type)
    if tower is not None:
        seen = config.vision_config
        if config.model_type == "clip":
            seen.projection_dim = config.projection_dim  # some files say it only outside
        return getattr(transformers, tower), seen
    try:
        kind = transformers.MODEL_MAPPING[type(config)]
    except KeyError:
        kind = None
    if config.model_type in _BY_CHANCE:
        raise BadInput(f"{model.name} leaves out patches by chance ({config.model_type}). Give a 'vit' made of it.")
    if kind is None or isinstance(kind, tuple) or kind.main_input_name != "pixel_values":
        raise BadInput(
            f"{model.name} is a model of the type {config.model_type!r}, which does not look at pictures alone. Give "
            "one that does, such as ResNet, ConvNeXt, ViT, DINOv2, CLIP or SigLIP."
        )
    if config.model_type == "clip_vision_model" and "CLIPVisionModelWithProjection" in (config.architectures or ()):
        return transformers.CLIPVisionModelWithProjection, config
    return kind, config


def _readied(backbone: Backbone) -> Any:
    """The network as it is fastest when it does not learn.

    A ResNet-50 on one core, 32 pictures: 5.7 a second as it is, 8.0 with channels last in memory, 9.6 with each
    normalisation put into the convolution before it too (benchmarks/image_encoders.py). The sums are the same but for
    rounding, 3e-6 of a vector's length.
    """
    torch = require("torch", extra="torch")
    model = backbone.model
    if not backbone.convolutional:
        return model
    model = copy.deepcopy(model)
    if model.config.model_type == "resnet":
        fuse_conv_bn_eval = require("torch.nn.utils.fusion", extra="torch").fuse_conv_bn_eval

        for layer in model.modules():
            if isinstance(getattr(layer, "normalization", None), torch.nn.BatchNorm2d):
                layer.convolution = fuse_conv_bn_eval(layer.convolution, layer.normalization)
                layer.normalization = torch.nn.Identity()
    return model.to(memory_format=torch.channels_last)


def _refuse(model: Model, what: str, names: list[str]) -> None:
    if names:
        more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
        raise BadInput(
            f"{model.folder} {what} that its config.json asks for: {', '.join(names[:_SHOWN])}{more}. They would be "
            "drawn by chance, so it is refused: give the config.json and the weights of one model."
        )


def _first(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
