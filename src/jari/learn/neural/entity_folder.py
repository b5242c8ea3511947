"""An `EntityEmbedder` as a folder.

::

    table.json             what it is: parameters, seed, losses, columns, target, checksums
    neighbourhood.jari/    the embedding of a column of categories or texts; one such folder each
    arrays.safetensors     the layers behind the embeddings, and how much each word counts

The folders within are called as their columns are (`file_names`); ``table.json`` says which is whose. Their seals are
among its checksums: parts of two models cannot be mixed.
"""

from __future__ import annotations

import json
import math
import pathlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np

from jari.embedding import Embedding
from jari.embedding.formats import native
from jari.embedding.formats.about import read_about
from jari.embedding.formats.atomic import new_folder, synced_file
from jari.embedding.formats.folder import Folder, read_folder
from jari.embedding.formats.tensors import map_tensors, write_tensors
from jari.errors import BadFile, BadInput
from jari.ingest.categories.names import UNKNOWN
from jari.ingest.sealed import Sealing
from jari.ingest.tokenizers import Tokenizer, name_of
from jari.learn import model_folder
from jari.learn.model_folder import INDEX, check_files, check_part, need, plain, recorded
from jari.learn.neural.activations import ACTIVATIONS
from jari.learn.neural.entity_embedder import EntityEmbedder
from jari.learn.neural.tables.encoding import TableEncoding
from jari.learn.neural.tables.file_names import file_names, is_file_name
from jari.learn.neural.tables.learnt_table import LearntTable
from jari.learn.neural.tables.parameters import choices_of
from jari.learn.neural.tables.targets import Amounts, Target, target_of
from jari.types import Matrix, Path

VERSION: Final = 1
_JSON, _ARRAYS = "table.json", "arrays.safetensors"
_NOUN: Final = "a model of a table that Jari has saved"
_PARAMETERS: Final = set(EntityEmbedder().get_params()) - {"callbacks", "threads", "pretrained"}
_ENTRIES: Final = {
    "parameters": dict,
    "pretrained": list,
    "seed": int,
    "losses": list,
    "judged": list,
    "statistics": dict,
    "input": dict,
    "columns": list,
    "unused": dict,
    "embeddings": dict,
    "network": dict,
    "target": dict,
}


def write(learner: EntityEmbedder, path: Path, *, force: bool = False) -> None:
    """Write a folder: all of it or nothing; see `EntityEmbedder.save`."""
    learnt = learner._model()
    if type(learner) is not EntityEmbedder:
        raise BadInput(f"{type(learner).__name__} is a class of your own, of which nobody else knows: save its parts.")
    if (learner.task == "regression") != isinstance(learner._target_, Amounts):
        raise BadInput(f"task={learner.task!r} was set after another task was learnt. Call fit again.")
    place = pathlib.Path(path)
    ours = refuse_others(place)
    about = _about(learner, learnt)
    arrays = {**learnt.arrays, **{f"idf{at}": column.idf for at, column in enumerate(learnt.encoding.texts)}}
    with new_folder(place, force=force, ours=ours) as folder:
        for name, file in about["embeddings"].items():
            learner.embeddings_[name].save(folder / file)
        with synced_file(folder / _ARRAYS) as opened:
            write_tensors(opened, arrays)
        sealing = Sealing(folder)
        for part in _parts(about["embeddings"]):
            sealing.found(part)
        sealing.seal(_JSON, "jari.table", VERSION, about)


def read(path: Path, *, tokenizer: Tokenizer | None = None, verify: bool = False) -> EntityEmbedder:
    """Open a folder; see `EntityEmbedder.load`."""
    place = pathlib.Path(path)
    if place.is_file():
        raise BadFile(f"{place} is a file, and {_NOUN} is a folder.")
    return read_folder(place, partial(_read, tokenizer=tokenizer, verify=verify))


def embedding_of(path: Path, column: str) -> pathlib.Path:
    """Where the embedding of a column is, in a folder that `write` has made."""
    place = pathlib.Path(path)
    said = json.loads((place / _JSON).read_text(encoding="utf-8"))
    return place / str(said["embeddings"][column])


def refuse_others(place: pathlib.Path) -> list[str]:
    """Raise `FileIsThere` where a folder holds what is not ours; else say what it holds that is."""
    try:
        said = json.loads((place / _JSON).read_text(encoding="utf-8"))
        files = [file for file in said["embeddings"].values() if is_file_name(file)]
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        files = []  # what there is beside a file that cannot be read is nobody's to delete
    indexes = [file.removesuffix(".jari") + ".ann" for file in files]
    ours = [_JSON, _ARRAYS, *files, *indexes]
    within = dict.fromkeys(files, native.FILES) | dict.fromkeys(indexes, INDEX)
    model_folder.refuse_others(place, ours, within)
    return ours


def _parts(embeddings: Mapping[str, str]) -> Iterator[str]:
    """The files whose checksums are in table.json."""
    yield _ARRAYS
    yield from (f"{file}/embedding.json" for file in embeddings.values())


# ── Writing


def _about(learner: EntityEmbedder, learnt: LearntTable) -> dict[str, Any]:
    encoding = learnt.encoding
    given = learner.get_params(deep=False)
    pretrained = given.pop("pretrained") or {}
    hidden = sum(name.startswith("hidden") for name in learnt.arrays) // 2
    return {
        "learner": type(learner).__name__,
        "parameters": recorded(repr(learner), given | {"tokenizer": name_of(learner.tokenizer)}),
        "pretrained": [column.name for column in encoding.embedded if column.name in pretrained],
        "seed": learner.seed_,
        "losses": _finite(learner.losses_),
        "judged": _finite(learner.judged_),
        "statistics": learner.statistics_,
        "input": {
            "columns": learner.n_features_in_,
            "names": list(learner.feature_names_in_) if hasattr(learner, "feature_names_in_") else None,
        },
        "columns": [_described(column) for column in encoding.columns],
        "unused": dict(encoding.unused),
        "embeddings": file_names(column.name for column in encoding.embedded),
        "network": {
            "hidden": [len(learnt.arrays[f"hidden{at}_bias"]) for at in range(hidden)],
            "activation": learnt.activation,
        },
        "target": _target_said(learner._target_),
    }


def _described(column: Any) -> dict[str, Any]:
    said: dict[str, Any] = column.described()
    if said["kind"] == "text":
        said |= {"tokenizer": name_of(column.tokenizer), "own_tokenizer": _is_own(column.tokenizer)}
    return said


def _is_own(tokenizer: str | Tokenizer) -> bool:
    """Whether nobody finds it by its name."""
    return not isinstance(tokenizer, str) and not str(getattr(tokenizer, "__module__", "")).startswith("jari.")


def _target_said(target: Target) -> dict[str, Any]:
    said = target.described()
    if isinstance(target, Amounts):
        return said
    if target.classes.dtype.kind not in "OUbiuf":
        raise BadInput(f"Classes of type {target.classes.dtype} cannot be kept: give them as text or numbers.")
    try:
        classes = json.loads(json.dumps(said["classes"], allow_nan=False, default=plain))
    except (TypeError, ValueError) as error:
        raise BadInput(f"The classes cannot be kept: {error}. Give them as text or numbers.") from error
    return {"classes": classes, "type": str(target.classes.dtype)}


def _finite(losses: list[float]) -> list[float | None]:
    """Of a loss that was lost, null: JSON knows no NaN."""
    return [float(loss) if math.isfinite(loss) else None for loss in losses]


# ── Reading


def _read(folder: Folder, *, tokenizer: Tokenizer | None, verify: bool) -> EntityEmbedder:
    path = folder.path
    file = path / _JSON
    if not file.exists():
        raise BadFile(f"{path} has no {_JSON}: it is not {_NOUN}. `jari learn-table` makes one.")
    with folder.open(_JSON) as opened:
        about = read_about(opened, file, kind="jari.table", newest=VERSION, noun=_NOUN)
    _check_about(about, file)
    for name, entry in about["files"].items():
        check_part(folder, name, entry, sealed=_JSON, noun="model", verify=verify)
    with folder.open(_ARRAYS) as opened:
        arrays = {
            name: np.array(array) for name, array in map_tensors(opened, str(path / _ARRAYS)).items()
        }  # copies, so that they are aligned as those that were learnt: the same bits come out
    embeddings = {name: Embedding.load(path / part, verify=verify) for name, part in about["embeddings"].items()}
    tokenizers = _tokenizers(about["columns"], tokenizer, file)
    learner = _learner(about, tokenizer, file)
    try:
        encoding = _encoding(about, embeddings, arrays, tokenizers)
        target = _target(about["target"], learner.task)
        learnt = _learnt(about["network"], encoding, embeddings, arrays, target)
    except (BadInput, TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise BadFile(f"{path} does not hold what {type(learner).__name__} needs ({error}).") from error
    learner.seed_, learner.statistics_ = about["seed"], about["statistics"]
    learner.losses_, learner.judged_ = (
        [math.nan if loss is None else loss for loss in about[kind]] for kind in ("losses", "judged")
    )
    learner.n_features_in_ = about["input"]["columns"]
    if about["input"]["names"] is not None:
        learner.feature_names_in_ = np.array(about["input"]["names"], dtype=object)
    learner._hold(learnt, target)
    learner.embeddings_ = embeddings
    if folder.is_replaced():
        raise BadFile(f"{path} was replaced while it was opened.")  # `read_folder` begins again
    return learner


def _check_about(about: dict[str, Any], file: pathlib.Path) -> None:
    need(file, about.get("learner") == EntityEmbedder.__name__, f"learner is {about.get('learner')!r:.40}")
    for name, kind in _ENTRIES.items():
        need(file, type(about.get(name)) is kind, f"{name} is {about.get(name)!r:.40}")
    for name in ("losses", "judged"):
        right = all(loss is None or type(loss) is float for loss in about[name])
        need(file, right, f"{name} are not all numbers")
    files = about["embeddings"].values()
    right = all(map(is_file_name, files)) and len(set(files)) == len(files)
    need(file, right, "embeddings are not names of folders within, each another")
    check_files(about, file, list(_parts(about["embeddings"])))
    said, names = about["input"], about["input"].get("names")
    named = names is None or (type(names) is list and set(map(type, names)) <= {str} and len(names) == said["columns"])
    need(file, native.whole(said.get("columns")) and named, f"input is {said!r:.40}")


def _learner(about: dict[str, Any], tokenizer: Tokenizer | None, file: pathlib.Path) -> EntityEmbedder:
    """The learner with its parameters, not yet with what it has learnt."""
    given = dict(about["parameters"])
    need(file, set(given) <= _PARAMETERS, f"parameters are {', '.join(sorted(set(given) - _PARAMETERS))}")
    if isinstance(given.get("hidden"), list):
        given["hidden"] = tuple(given["hidden"])
    if tokenizer is not None:
        given["tokenizer"] = tokenizer
    try:
        learner = EntityEmbedder(**given)
        learner.check()
        choices_of(learner)
    except (BadInput, TypeError, ValueError, AttributeError) as error:
        raise BadFile(f"{file}: {error} It was edited, or written by a newer Jari.") from error
    return learner


def _tokenizers(columns: list[Any], given: Tokenizer | None, file: pathlib.Path) -> dict[str, str | Tokenizer]:
    """What takes the texts of each column apart.

    Raises
    ------
    BadInput
        It was a function, and another one or none is given.
    """
    found: dict[str, str | Tokenizer] = {}
    for said in columns:
        need(file, isinstance(said, dict) and isinstance(said.get("name"), str), f"a column is {said!r:.40}")
        if said.get("kind") != "text":
            continue
        name = said.get("tokenizer")
        need(file, isinstance(name, str), f"the tokenizer of {said['name']!r} is {name!r:.40}")
        if given is not None and name_of(given) != name:
            raise BadInput(
                f"tokenizer= is called {name_of(given)!r}, and column {said['name']!r} was learnt with {name!r}: give "
                "that one."
            )
        if given is None and said.get("own_tokenizer"):
            raise BadInput(
                f"Column {said['name']!r} was taken apart by {name!r}, a function that no folder can hold: give it as "
                "tokenizer=."
            )
        found[said["name"]] = str(name) if given is None else given
    return found


def _encoding(
    about: dict[str, Any],
    embeddings: Mapping[str, Embedding],
    arrays: Mapping[str, Matrix],
    tokenizers: Mapping[str, str | Tokenizer],
) -> TableEncoding:
    """How a table becomes arrays, each part looked at.

    Raises
    ------
    BadInput, TypeError, ValueError, KeyError
        Parts do not fit together.
    """
    columns = [one | {"tokenizer": tokenizers.get(one["name"])} for one in about["columns"]]
    texts = [one["name"] for one in columns if one["kind"] == "text"]
    idf = {name: arrays[f"idf{at}"] for at, name in enumerate(texts)}
    vocabularies = {name: one.vocabulary for name, one in embeddings.items()}
    encoding = TableEncoding.of(about | {"columns": columns}, vocabularies, idf)
    if [column.name for column in encoding.columns] != list(dict.fromkeys(one["name"] for one in columns)):
        raise BadInput("columns are not in their order, or one is there twice")
    if {column.name for column in encoding.embedded} != set(embeddings):
        raise BadInput("its embeddings are not those of its columns")
    for words in encoding.texts:
        if words.idf.shape != (len(words.vocabulary),):
            raise BadInput(f"{words.name!r} has {len(words.vocabulary):,} words, and other weights")
    for one in encoding.categories:
        if one.vocabulary.keys[one.unknown] != UNKNOWN:
            raise BadInput(f"{one.name!r} has no {UNKNOWN} at the end of its categories")
    for number in encoding.numbers:
        finite = all(map(math.isfinite, (number.center, number.scale, *number.edges)))
        if not finite or number.scale <= 0 or any(np.diff(number.edges) <= 0):
            raise BadInput(f"the figures of {number.name!r} are none that it could have been learnt with")
        if number.decimal not in (None, ".", ","):
            raise BadInput(f"decimal is {number.decimal!r}")
    return encoding


def _target(said: dict[str, Any], task: str) -> Target:
    target = target_of(said, task)
    if isinstance(target, Amounts):
        if not (math.isfinite(target.mean) and 0 < target.scale < math.inf):
            raise BadInput("the target has no mean and scale")
        if target.transform not in (None, "log", "log1p"):
            raise BadInput(f"the target's transform is {target.transform!r}")
        return target
    classes = np.array(said["classes"], dtype=said["type"])
    if classes.dtype.kind not in "OUbiuf" or classes.tolist() != said["classes"] or len(set(classes.tolist())) < 2:
        raise BadInput("the classes are not of their type, or are fewer than two")
    return replace(target, classes=classes)


def _learnt(
    said: dict[str, Any],
    encoding: TableEncoding,
    embeddings: Mapping[str, Embedding],
    arrays: Mapping[str, Matrix],
    target: Target,
) -> LearntTable:
    if said["activation"] not in ACTIVATIONS:
        raise BadInput(f"activation is {said['activation']!r}")
    return LearntTable.of(
        encoding,
        {name: embedding.vectors for name, embedding in embeddings.items()},
        {name: array for name, array in arrays.items() if not name.startswith("idf")},
        hidden=tuple(map(int, said["hidden"])),
        outputs=target.outputs,
        activation=said["activation"],
    )
