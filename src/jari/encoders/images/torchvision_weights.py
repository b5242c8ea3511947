"""Weights of a ResNet as torchvision names them, ``resnet50-0676ba61.pth``, in transformers' network."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Mapping
from typing import Any, Final

from jari.encoders.images.preprocessing import Preprocessing
from jari.encoders.quiet import quiet
from jari.errors import BadFile, BadInput, NoSuchFile
from jari.extras import require
from jari.types import Path

_WRAPPED: Final = ("state_dict", "model_state_dict", "model")  # what checkpoints of training loops put around them
_PREFIX: Final = "module."  # of torch.nn.DataParallel
_BLOCK: Final = re.compile(r"layer([1-4])\.(\d+)\.(conv|bn|downsample\.)(\d)\.(\w+)")
_LAYER: Final = re.compile(r"encoder\.stages\.(\d+)\.layers\.(\d+)\.(?:shortcut|layer\.(\d+))\.")  # of transformers
_LATER: Final = ("-11ad3fa6", "-cd907fc2", "-f82ba261")  # IMAGENET1K_V2 of 50, 101 and 152: resized to 232, not to 256
_SHOWN: Final = 5


def load_torchvision(path: Path) -> tuple[Any, Preprocessing]:
    """A ``ResNetModel`` of transformers with the weights of a file, and the preprocessing of torchvision.

    The file says itself which ResNet it is of. Its classifier is left out. Files of timm name the same network in the
    same way.

    Parameters
    ----------
    path
        A ``.pth`` with a state dict, bare or as training loops wrap it, or the same as ``.safetensors``.

    Raises
    ------
    NoSuchFile, BadFile
        It is not there, or no file of weights, or would have to run code to be opened.
    BadInput
        The weights are of another network; some of their names are listed.

    Notes
    -----
    He, Zhang, Ren & Sun 2016, *Deep Residual Learning for Image Recognition*; as torchvision builds it, the second
    convolution of a block goes down in size, not the first (v1.5).
    """
    place = pathlib.Path(path)
    state = _unwrapped(_read(place), place)
    config = _config(state, place)
    torch, transformers = require("torch", extra="torch"), require("transformers", extra="torch")
    with quiet(), torch.random.fork_rng(devices=[]):
        model = transformers.ResNetModel(config)
    wanted = {_as_named_there(new): (new, one.shape) for new, one in model.state_dict().items() if one.ndim}
    held = {name for name, one in state.items() if one.ndim and not name.startswith("fc.")}
    shapes = [name for name in wanted if name in held and state[name].shape != wanted[name][1]]
    for what, names in (
        ("holds what no ResNet has", sorted(held - set(wanted))),
        ("lacks", sorted(set(wanted) - held)),
        ("has other shapes in", sorted(shapes)),
    ):
        if names:
            raise _other(place, f"it {what}: {_some(names)}")
    # Not strict: num_batches_tracked is not among them, which only training reads.
    model.load_state_dict({new: state[name].float() for name, (new, _) in wanted.items()}, strict=False)
    resized = 232 if any(mark in place.name for mark in _LATER) else 256
    return model, Preprocessing.torchvision(resized=resized)


def _read(path: pathlib.Path) -> Any:
    torch = require("torch", extra="torch")
    if not path.is_file():
        raise NoSuchFile(f"There is no file {str(path)!r} with weights. Give a file such as resnet50-0676ba61.pth.")
    if path.suffix == ".safetensors":
        safetensors = require("safetensors.torch", extra="torch")
        try:
            return safetensors.load_file(path)
        except Exception as error:  # the package has an error of its own, and others for other damage
            raise BadFile(f"{path} is no safetensors file, or not whole ({_first(error)}). Fetch it again.") from error
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # RuntimeError, EOFError, KeyError, …: whichever part of the file is damaged
        if type(error).__name__ == "UnpicklingError":
            raise BadFile(
                f"{path} holds more than weights: opening it would run code that comes with it, which is never done; "
                "or it is damaged. Save the weights alone, torch.save(model.state_dict(), …), where you trust it."
            ) from error
        raise BadFile(f"{path} is no file of PyTorch, or not whole ({_first(error)}). Fetch it again.") from error


def _unwrapped(held: Any, path: pathlib.Path) -> dict[str, Any]:
    torch = require("torch", extra="torch")
    for name in _WRAPPED:
        if isinstance(held, Mapping) and isinstance(held.get(name), Mapping):
            held = held[name]
            break
    if not isinstance(held, Mapping) or not held:
        raise BadFile(f"{path} holds no weights by name, but {type(held).__name__}. Save model.state_dict().")
    tensors = {str(name).removeprefix(_PREFIX): one for name, one in held.items() if isinstance(one, torch.Tensor)}
    if not tensors:
        raise BadFile(f"{path} holds no weights, but {_some(sorted(map(str, held)))}. Save model.state_dict().")
    return tensors


def _config(state: Mapping[str, Any], path: pathlib.Path) -> Any:
    """Which ResNet it is, by the names and shapes of its weights."""
    blocks = [{int(found[2]) for name in state if (found := _BLOCK.fullmatch(name)) and found[1] == s} for s in "1234"]
    if "conv1.weight" not in state or not all(blocks):
        raise _other(path, f"it holds {_some(sorted(state))}")
    bottleneck = "layer1.0.conv3.weight" in state
    last = "conv3" if bottleneck else "conv2"
    ends = [f"layer{stage}.0.{last}.weight" for stage in (1, 2, 3, 4)]
    absent = [name for name in [*ends, "layer1.0.conv2.weight"] if name not in state or state[name].ndim != 4]
    if absent:
        raise _other(path, f"it lacks {_some(absent)}")
    if tuple(state["conv1.weight"].shape[1:]) != (3, 7, 7):
        raise _other(path, f"conv1.weight is of shape {tuple(state['conv1.weight'].shape)}, not (64, 3, 7, 7)")
    widths = [state[name].shape[0] for name in ends]
    inner = state["layer1.0.conv2.weight"]
    if inner.shape[1] != inner.shape[0]:
        raise _other(path, "its convolutions are in groups: it is a ResNeXt, which transformers' ResNet cannot hold")
    if bottleneck and inner.shape[0] * 4 != widths[0]:
        raise _other(path, "its inner layers are wider: it is a wide ResNet, which transformers' ResNet cannot hold")
    transformers = require("transformers", extra="torch")
    return transformers.ResNetConfig(
        embedding_size=state["conv1.weight"].shape[0],
        hidden_sizes=widths,
        depths=[len(one) for one in blocks],
        layer_type="bottleneck" if bottleneck else "basic",
        downsample_in_bottleneck=False,
    )


def _as_named_there(name: str) -> str:
    """torchvision's name of a weight of transformers.

    >>> _as_named_there("encoder.stages.1.layers.0.shortcut.normalization.running_mean")
    'layer2.0.downsample.1.running_mean'
    """
    *_, part, what = name.split(".")
    is_convolution = part == "convolution"
    found = _LAYER.match(name)
    if found is None:
        return f"{'conv1' if is_convolution else 'bn1'}.{what}"
    stage, block, number = found.groups()
    at = f"layer{int(stage) + 1}.{block}"
    if number is None:
        return f"{at}.downsample.{0 if is_convolution else 1}.{what}"
    return f"{at}.{'conv' if is_convolution else 'bn'}{int(number) + 1}.{what}"


def _other(path: pathlib.Path, why: str) -> BadInput:
    return BadInput(
        f"{path} is not of a ResNet as torchvision builds it (resnet18, 34, 50, 101 or 152): {why}. For other "
        "networks give the folder of a model of transformers."
    )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _first(error: Exception) -> str:
    return str(error).partition("\n")[0][:200] or type(error).__name__
