"""Which files of a repository or a folder a model is read from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_SETTINGS: Final = re.compile(r"[^/]+\.(json|txt|model|jinja)")  # configurations, tokenizers, vocabularies
_SAFE: Final = re.compile(r"model(-\d+-of-\d+)?\.safetensors")
_PICKLED: Final = re.compile(r"pytorch_model(-\d+-of-\d+)?\.bin")
_MODULE: Final = re.compile(r"\d+_\w+")  # the folder of a module of sentence-transformers: 1_Pooling


def chosen(names: Iterable[str]) -> list[str]:
    """Of the files of one folder those that a model is read from, sorted: PyTorch's weights only without safetensors.

    Examples
    --------
    >>> chosen(["README.md", "config.json", "model.safetensors", "pytorch_model.bin", "tf_model.h5"])
    ['config.json', 'model.safetensors']
    """
    names = list(names)
    safe = [name for name in names if _SAFE.fullmatch(_last(name))]
    weights = safe or [name for name in names if _PICKLED.fullmatch(_last(name))]
    return sorted(weights + [name for name in names if _SETTINGS.fullmatch(_last(name))])


def chosen_of_all(names: Iterable[str]) -> list[str]:
    """`chosen` at the top of a repository and in the folders of its modules.

    Examples
    --------
    >>> chosen_of_all(["config.json", "model.safetensors", "1_Pooling/config.json", "onnx/config.json"])
    ['config.json', 'model.safetensors', '1_Pooling/config.json']
    """
    folders: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: ("/" in name, name)):
        folders.setdefault(name.rpartition("/")[0], []).append(name)
    return [one for folder, held in folders.items() if not folder or _MODULE.fullmatch(folder) for one in chosen(held)]


def holds_weights(name: str) -> bool:
    """Whether weights are in it, of those that `chosen` leaves."""
    return name.endswith((".safetensors", ".bin"))


def _last(name: str) -> str:
    return name.rpartition("/")[2]
