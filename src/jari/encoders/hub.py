"""`find`: a model by the path of a folder or by its name on the Hugging Face hub. Never a surprise on the network.

A name is looked for in the cache on this machine first, without any network. Only where it is not there, and nobody
said ``offline``, is it downloaded: configuration, tokenizer and weights, and nothing else that the repository holds.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import pathlib
import re
from dataclasses import dataclass
from typing import Any, Final

from jari.encoders.hub_download import CannotDownload, download
from jari.encoders.hub_files import chosen, holds_weights
from jari.encoders.quiet import quiet
from jari.errors import BadFile, BadInput, NoSuchFile
from jari.extras import require
from jari.types import Callback, Path

_NAME: Final = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?")


@dataclass(frozen=True, slots=True)
class Model:
    """A model on this machine.

    Parameters
    ----------
    name
        As it was given: a path, or a name on the hub.
    folder
        Where it is; for a name on the hub, its snapshot in the cache.
    """

    name: str
    folder: pathlib.Path

    @property
    def cached(self) -> bool:
        """Whether it was given by a name on the hub."""
        return not pathlib.Path(self.name).expanduser().is_dir()

    @property
    def modules_unknown(self) -> bool:
        """Whether it came into the cache without its ``modules.json``, and nobody has noted that it has none.

        transformers puts models there without what sentence-transformers says of them, pooling above all.
        """
        if not self.cached or (self.folder / "modules.json").is_file():
            return False
        hub = require("huggingface_hub", extra="torch")
        return hub.try_to_load_from_cache(self.name, "modules.json") is None

    def config(self) -> dict[str, Any]:
        """What ``config.json`` says."""
        return read_json(self.folder / "config.json")

    def weights(self) -> list[pathlib.Path]:
        """The files of weights at the top of the folder: safetensors where there are any, else PyTorch's."""
        return [self.folder / name for name in chosen(_listed(self.folder)) if holds_weights(name)]

    def files(self) -> list[pathlib.Path]:
        """All files that decide what the model answers, those of its modules too."""
        roots = ["", *sorted({one["path"] for one in modules_of(self.folder) if one["path"]})]
        return [self.folder / root / name for root in roots for name in chosen(_listed(self.folder / root))]

    def checksum(self) -> str:
        """SHA-256, in hex, over the names and contents of `files`: another one does not have it."""
        digest = hashlib.sha256()
        for file in self.files():
            name = file.relative_to(self.folder).as_posix()
            with file.open("rb") as opened:
                content = hashlib.file_digest(opened, "sha256").digest()
            digest.update(f"{len(name)} {name}".encode() + content)
        return digest.hexdigest()


def find(model: Path, *, offline: bool = False, callback: Callback | None = None) -> Model:
    """The model of a folder, or of a name on the hub.

    Parameters
    ----------
    model
        A folder that transformers or sentence-transformers has written; or a name such as ``"microsoft/resnet-50"``.
        What is there, or is written as a path is, is a folder; all else a name.
    offline
        Whether a name must be in the cache already. The environment variable ``HF_HUB_OFFLINE=1`` says so too.
    callback
        Told of a download, in bytes.

    Raises
    ------
    NoSuchFile
        No such folder; or the model is neither in the cache nor, where that may be asked, on the hub.
    BadInput
        It is no folder and no name; or it needs code to be run that comes with it, which is never done.
    BadFile
        A configuration that is no JSON.
    """
    name = model if isinstance(model, str) else os.fspath(model) if isinstance(model, os.PathLike) else None
    if not isinstance(name, str) or not name.strip():
        raise BadInput(f"model={model!r}: give a folder, or the name of a model such as 'microsoft/resnet-50'.")
    place = pathlib.Path(name).expanduser()
    if place.is_dir():
        return _checked(Model(name, place))
    if place.is_file():
        raise BadInput(f"{name} is a file: give the folder that it is in, with its config.json.")
    if isinstance(model, os.PathLike) or _is_path(name):
        raise NoSuchFile(f"There is no folder {name!r}.{_instead(place)} Give the folder of a model.")
    if not _NAME.fullmatch(name):
        raise BadInput(f"{name!r} is neither a folder nor a name on the hub, such as 'microsoft/resnet-50'.")
    hub = require("huggingface_hub", extra="torch")
    folder = _in_cache(hub, name)
    if folder is None or lacking(folder):
        if offline or _constants().is_offline_mode():
            raise NoSuchFile(_missing(name, "the network may not be used (offline)", folder))
        try:
            with quiet():
                folder = download(name, callback)
        except CannotDownload as error:
            raise NoSuchFile(_missing(name, str(error), folder)) from error
    return _checked(Model(name, folder))


def read_json(path: pathlib.Path) -> dict[str, Any]:
    """An object of JSON in a file.

    Raises
    ------
    NoSuchFile, BadFile
        It is not there, or is no object of JSON.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise NoSuchFile(f"There is no file {str(path)!r}.") from None
    except ValueError as error:
        raise BadFile(f"{path} is not JSON ({error}). Download the model again.") from error
    if not isinstance(found, dict):
        raise BadFile(f"{path} holds no object of JSON. Download the model again.")
    return found


def modules_of(folder: pathlib.Path) -> list[dict[str, Any]]:
    """The modules of sentence-transformers that a folder lists, in order: their ``type`` and ``path``; or none.

    Raises
    ------
    BadFile
        The list is none, or leads out of the folder.
    """
    path = folder / "modules.json"
    if not path.is_file():
        return []
    try:
        found = json.loads(path.read_text("utf-8"))
        modules = [{"type": str(one["type"]), "path": str(one.get("path", ""))} for one in found]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadFile(f"{path} holds no list of modules ({error}). Download the model again.") from error
    for one in modules:
        inner = pathlib.PurePosixPath(one["path"])
        if inner.is_absolute() or ".." in inner.parts or "\\" in one["path"]:
            raise BadFile(f"{path} leads out of the folder of the model ({one['path']!r}).")
    return modules


def lacking(folder: pathlib.Path) -> list[str]:
    """What a folder of the cache does not hold yet of a model: a download that was broken off leaves such a folder."""
    roots = [folder, *(folder / one["path"] for one in modules_of(folder) if one["path"])]
    if not any((root / "config.json").is_file() for root in roots[:2]):
        return ["config.json"]
    absent = [
        f"{root.name}/config.json"
        for root in roots[1:]
        if root.name.endswith(("_Pooling", "_Dense")) and not (root / "config.json").is_file()
    ]
    for index in [*folder.glob("model.safetensors.index.json"), *folder.glob("pytorch_model.bin.index.json")][:1]:
        shards = set(map(str, read_json(index).get("weight_map", {}).values()))
        absent += sorted(name for name in shards if not (folder / name).is_file())
    if not any(holds_weights(name) for root in roots for name in chosen(_listed(root))):
        absent.append("model.safetensors")
    return absent


def _checked(model: Model) -> Model:
    """Refuse what is no model, and what would have to be run to be one."""
    config, modules = model.folder / "config.json", model.folder / "modules.json"
    if not config.is_file() and not modules.is_file():
        held = ", ".join(sorted(one.name for one in model.folder.iterdir())[:5]) or "nothing"
        raise NoSuchFile(f"{model.folder} holds no model: there is no config.json in it, but {held}.")
    for one in modules_of(model.folder):
        if not (kind := one["type"]).startswith("sentence_transformers."):
            raise BadInput(
                f"{model.name} needs code of its own ({kind!r} in modules.json), and Jari runs no code that comes with "
                "a model. Choose another model."
            )
    said = read_json(config) if config.is_file() else {}
    if said.get("auto_map") and not _known_to_transformers(said.get("model_type")):
        raise BadInput(
            f"{model.name} needs code of its own (auto_map in config.json; transformers does not know the model_type "
            f"{said.get('model_type')!r}), and Jari runs no code that comes with a model. Choose another model, or "
            "upgrade transformers."
        )
    return model


def _known_to_transformers(kind: Any) -> bool:
    known = require("transformers.models.auto.configuration_auto", extra="torch").CONFIG_MAPPING_NAMES
    return kind in known


def _is_path(name: str) -> bool:
    """Whether it is written as a path, or leads to a folder that is there."""
    parts = pathlib.Path(name).parts
    return name[0] in "./~" or "\\" in name or len(parts) > 2 or name.endswith("/") or pathlib.Path(parts[0]).is_dir()


def _instead(place: pathlib.Path) -> str:
    """What is there, where a folder is not."""
    above = next((one for one in place.parents if one.is_dir()), pathlib.Path())
    names = sorted(one.name for one in above.iterdir() if one.is_dir() and not one.name.startswith("."))
    wanted = place.relative_to(above).parts[0] if place.is_relative_to(above) else place.name
    near = difflib.get_close_matches(wanted, names, n=1)
    if near:
        return f" Did you mean {str(above / near[0])!r}?"
    return f" {str(above)!r} holds the folders {', '.join(names[:5])}." if names else f" {str(above)!r} holds none."


def _listed(folder: pathlib.Path) -> list[str]:
    """The names of the files in a folder; a link of the cache whose blob is gone is none."""
    return [one.name for one in folder.iterdir() if one.is_file()] if folder.is_dir() else []


def _in_cache(hub: Any, name: str) -> pathlib.Path | None:
    """The snapshot of a name in the cache, whole or not. Asks no network."""
    for known in ("config.json", "modules.json"):
        found = hub.try_to_load_from_cache(name, known)
        if isinstance(found, str):
            return pathlib.Path(found).parent
    return None


def _missing(name: str, why: str, folder: pathlib.Path | None = None) -> str:
    part = "" if folder is None else f" whole (it lacks {', '.join(lacking(folder)[:3])})"
    return (
        f"The model {name!r} is not in the cache {_constants().HF_HUB_CACHE}{part}, and {why}. Download it where "
        f"there is a network (hf download {name}), or give the folder of a model."
    )


def _constants() -> Any:
    return require("huggingface_hub.constants", extra="torch")
