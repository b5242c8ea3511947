"""`Checkpoint`: a folder from which a learning that was stopped, or killed, goes on.

::

    wiki.checkpoint/
      corpus/                  the encoded corpus, so that the text is not read again
      state.json               where the walk stands, and of what learning; written last, renamed into place
      matrices-3.safetensors   the matrices at that moment
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jari.embedding.formats.atomic import synced_file
from jari.embedding.formats.tensors import map_tensors, write_tensors
from jari.errors import BadFile, BadInput
from jari.types import Matrix
from jari.types import Path as PathLike

_VERSION = 1


@dataclass(frozen=True, slots=True)
class State:
    """What a checkpoint holds.

    Parameters
    ----------
    parameters
        Of the learner: to go on, they must be the same.
    position
        JSON-able; the learner's own.
    matrices
        By name, float32, in C order.
    """

    parameters: Mapping[str, Any]
    position: Mapping[str, Any]
    matrices: Mapping[str, Matrix]


class Checkpoint:
    """A folder with at most one state; a reader sees the old or the new, never half.

    Parameters
    ----------
    folder
        Made when the first state is saved.
    """

    def __init__(self, folder: PathLike) -> None:
        self.folder = Path(folder)

    @property
    def corpus(self) -> Path:
        """Where the encoded corpus stands."""
        return self.folder / "corpus"

    def exists(self) -> bool:
        """Whether there is a state to go on from."""
        return (self.folder / "state.json").is_file()

    def save(self, state: State) -> None:
        """Replace the state."""
        self.folder.mkdir(parents=True, exist_ok=True)
        number = 1 + max((_number(path) for path in self.folder.glob("matrices-*.safetensors")), default=0)
        matrices = self.folder / f"matrices-{number}.safetensors"
        with synced_file(matrices) as file:
            write_tensors(file, state.matrices)
        written = {
            "version": _VERSION,
            "parameters": dict(state.parameters),
            "position": dict(state.position),
            "matrices": matrices.name,
        }
        draft = self.folder / "state.json.new"
        with synced_file(draft) as file:
            file.write(json.dumps(written, ensure_ascii=False, indent=1).encode())
        draft.replace(self.folder / "state.json")
        for path in self.folder.glob("matrices-*.safetensors"):
            if path != matrices:
                path.unlink()

    def load(self) -> State:
        """Read the state.

        Raises
        ------
        BadFile
            It is damaged, or was written by a later version.
        """
        path = self.folder / "state.json"
        try:
            read = json.loads(path.read_text(encoding="utf-8"))
            version, name = read["version"], str(read["matrices"])
        except (ValueError, KeyError, TypeError) as error:
            raise BadFile(f"{path} is damaged ({error}). Delete {self.folder} and learn from the beginning.") from error
        if version != _VERSION:
            raise BadFile(f"{path} is a checkpoint of version {version}; this Jari reads version {_VERSION}.")
        if _number(Path(name)) == 0 or Path(name).name != name:
            raise BadFile(f"{path} names {name!r} as its matrices, which is no file of this folder.")
        try:
            with (self.folder / name).open("rb") as file:
                matrices = map_tensors(file, str(self.folder / name))
        except (OSError, BadFile) as error:
            raise BadFile(f"{error} Delete {self.folder} and learn from the beginning.") from error
        return State(read["parameters"], read["position"], matrices)

    def remove(self) -> None:
        """Delete the folder: what it was for is done."""
        shutil.rmtree(self.folder, ignore_errors=True)


def refuse_other_parameters(folder: Path, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Raise when a learning would go on with other parameters than it began with."""
    other = [f"{name}={then.get(name)!r} (now {now.get(name)!r})" for name in now if then.get(name) != now.get(name)]
    if other:
        raise BadInput(
            f"The checkpoint in {folder} was learning with {', '.join(other)}. "
            f"Resume with the same parameters, or start afresh without resume."
        )


def _number(path: Path) -> int:
    middle = path.name.removeprefix("matrices-").removesuffix(".safetensors")
    return int(middle) if middle.isdecimal() else 0
