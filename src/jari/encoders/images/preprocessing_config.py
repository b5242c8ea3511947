"""The words of a ``preprocessor_config.json``: what processors do where it is silent, and what its values can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jari.errors import BadInput

_LARGEST: Final = 8192  # pixels of an edge: more is no network's

_HALF: Final = (0.5, 0.5, 0.5)
IMAGENET: Final = {"image_mean": (0.485, 0.456, 0.406), "image_std": (0.229, 0.224, 0.225)}
_CLIP: Final = {
    "image_mean": (0.48145466, 0.4578275, 0.40821073),
    "image_std": (0.26862954, 0.26130258, 0.27577711),
    "size": {"shortest_edge": 224},
    "default_to_square": False,
    "do_center_crop": True,
}
ANY: Final = {
    "do_resize": True,
    "do_center_crop": False,
    "do_rescale": True,
    "do_normalize": True,
    "default_to_square": True,
    "size": 224,
    "crop_size": 224,
    "resample": 3,
    "rescale_factor": 1 / 255,
    "image_mean": _HALF,
    "image_std": _HALF,
}
_MOBILE: Final = {"size": {"shortest_edge": 256}, "default_to_square": False, "do_center_crop": True, "resample": 2}
DEFAULTS: Final[dict[str, dict[str, Any]]] = {  # what a processor does where the file does not say, beside ANY
    "BeitImageProcessor": {},
    "BitImageProcessor": _CLIP,
    "BlipImageProcessor": {**_CLIP, "size": 384, "default_to_square": True, "do_center_crop": False},
    "CLIPImageProcessor": _CLIP,
    "ChineseCLIPImageProcessor": _CLIP,
    "ConvNextImageProcessor": {"size": {"shortest_edge": 384}, "default_to_square": False, "crop_pct": 224 / 256},
    "DeiTImageProcessor": {"size": 256, "do_center_crop": True},
    "LevitImageProcessor": {**_CLIP, **IMAGENET},
    "MobileNetV1ImageProcessor": _MOBILE,
    "MobileNetV2ImageProcessor": _MOBILE,
    "PvtImageProcessor": IMAGENET,
    "SiglipImageProcessor": {"default_to_square": False},
    "ViTImageProcessor": {"resample": 2},
}
STRANGE: Final = ("do_pad", "do_reduce_labels", "use_square_size", "reducing_gap")  # left to transformers
OF_MODELS: Final = {  # by model_type, for files that name no processor
    "convnext": "ConvNextImageProcessor", "convnextv2": "ConvNextImageProcessor", "cvt": "ConvNextImageProcessor",
    "regnet": "ConvNextImageProcessor", "resnet": "ConvNextImageProcessor", "clip": "CLIPImageProcessor",
    "deit": "DeiTImageProcessor", "dinov2": "BitImageProcessor", "siglip": "SiglipImageProcessor",
    "swin": "ViTImageProcessor", "swinv2": "ViTImageProcessor", "vit": "ViTImageProcessor",
}  # fmt: skip


def is_usual(size: Any) -> bool:
    """Whether it has none of the keys that only transformers knows: ``longest_edge``, ``max_pixels``, …"""
    return not isinstance(size, Mapping) or {"height", "width", "shortest_edge"}.issuperset(size)


def size_of(name: str, value: Any, *, square: bool = True) -> dict[str, int]:
    """Height and width, or the shortest edge."""
    if isinstance(value, int):
        value = {"height": value, "width": value} if square else {"shortest_edge": value}
    if isinstance(value, list | tuple) and len(value) == 2:
        value = {"height": value[0], "width": value[1]}
    if isinstance(value, Mapping):
        held = {key: one for key, one in value.items() if one is not None}
        for keys in (("height", "width"), ("shortest_edge",)):
            if set(held) == set(keys):
                return {key: whole(name, held[key]) for key in keys}
    raise BadInput(f"{name}={value!r}: give a number, {{'height': 224, 'width': 224}} or {{'shortest_edge': 224}}.")


def crop_of(value: Any) -> tuple[int, int]:
    size = size_of("crop_size", value)
    if "height" not in size:
        raise BadInput(f"crop_size={value!r}: give a number or {{'height': 224, 'width': 224}}.")
    return size["height"], size["width"]


def whole(name: str, value: Any) -> int:
    if type(value) is not int or not 1 <= value <= _LARGEST:
        raise BadInput(f"{name}={value!r} must be a whole number of pixels from 1 to {_LARGEST:,}.")
    return value


def number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise BadInput(f"{name}={value!r} must be a number above 0.")
    return float(value)


def filter_of(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= 5:
        raise BadInput(f"resample={value!r} must be Pillow's number of a filter, 0 to 5 (2 bilinear, 3 bicubic).")
    return value


def colours(name: str, value: Any, *, above: float = float("-inf")) -> tuple[float, ...]:
    three = [value] * 3 if isinstance(value, int | float) else value
    good = isinstance(three, list | tuple) and len(three) == 3
    if not good or not all(isinstance(one, int | float) and above < one < float("inf") for one in three):
        raise BadInput(f"{name}={value!r} must be three numbers{' above 0' if above == 0 else ''}, one a colour.")
    return tuple(map(float, three))
