"""A folder that model2vec reads (``StaticModel.from_pretrained``): tokens, their vectors, and what splits text.

::

    config.json         {"model_type": "model2vec", "normalize": true, …}: whether texts come out at unit length
    model.safetensors   embeddings (rows, d) in F32, F16, F64 or I8; perhaps mapping (tokens,), the row of each token,
                        and weights (tokens,), a factor for each
    tokenizer.json      as the package tokenizers has it; its tokens have the numbers 0, 1, …

A text is the mean of its tokens, as in `Embedding.pool`. Weights are multiplied into the vectors when a folder is read;
tokens that no text becomes (those that stand for the unknown, for padding, for the end) are left out. The metadata name
the ``tokenizer.json``, so that texts are taken apart as before: it must stay where it is.

Embeddings of ``words`` and of ``whitespace`` get a ``tokenizer.json`` that does what those tokenizers do, but for what
the versions of Unicode of Python and of that package disagree on. Embeddings of the tokens of a ``tokenizer.json`` get
a copy of it. What else takes texts apart, Kiwi or phrases, has no place in such a file. Neither have counts, context
vectors and n-grams.
"""

from __future__ import annotations

import json
import os
import pathlib
import warnings
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from jari.embedding.embedding import Embedding
from jari.embedding.formats.atomic import new_folder, synced_file
from jari.embedding.formats.folder import Folder, read_folder
from jari.embedding.formats.tensors import write_tensors
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadFile, BadInput, NoSuchFile
from jari.extras import require
from jari.types import Matrix, Path

_CONFIG, _TENSORS, _TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
FILES: Final = (_CONFIG, _TENSORS, _TOKENIZER)
_LONGEST_CONFIG = 1 << 20
_OURS = "jari_tokenizer"  # in config.json: the tokenizer that tokenizer.json stands for
_LETTER, _IN_WORD = r"\p{L}", r"[\p{L}\p{M}\p{N}\p{Pc}]"
# As `jari.ingest.tokenizers.words` has it: an apostrophe stays between letters, and Σ ends a word as ς.
_WORD = rf"{_IN_WORD}+(?:(?<={_LETTER})'(?={_LETTER}){_IN_WORD}+)*"
_WORDS: Final = (
    {
        "type": "Sequence",
        "normalizers": [
            {"type": "NFC"},
            {"type": "Replace", "pattern": {"Regex": f"(?<={_LETTER})’(?={_LETTER})"}, "content": "'"},
            {"type": "Replace", "pattern": {"Regex": rf"(?<={_LETTER})Σ(?!{_IN_WORD}|'{_LETTER})"}, "content": "ς"},
            {"type": "Lowercase"},
        ],
    },
    {"type": "Split", "pattern": {"Regex": _WORD}, "behavior": "Removed", "invert": True},
)
_SPLITTERS: Final[dict[str, tuple[Any, Any]]] = {"words": _WORDS, "whitespace": (None, {"type": "WhitespaceSplit"})}


def is_model2vec(folder: pathlib.Path) -> bool:
    """Whether a folder says of itself that it is one."""
    try:
        with (folder / _CONFIG).open("rb") as file:
            config = json.loads(file.read(_LONGEST_CONFIG))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(config, dict) and config.get("model_type") == "model2vec"


def read(path: Path) -> Embedding:
    """Read a folder.

    Raises
    ------
    NoSuchFile, BadFile
        Nothing is there, or no whole folder of this kind.
    ExtraMissing
        The packages tokenizers and safetensors are not installed.
    """
    return read_folder(pathlib.Path(path), _read)


def write(embedding: Embedding, path: Path, *, force: bool = False) -> None:
    """Write a folder.

    Raises
    ------
    BadInput
        What takes texts apart for this embedding is nothing that a ``tokenizer.json`` can say.
    """
    name = _tokenizer_of(embedding)
    if name.endswith(".json"):
        text, vectors = _of_its_tokenizer(embedding, pathlib.Path(name))
    else:
        text, vectors = _of_words(embedding, name)
    config = {
        "model_type": "model2vec",
        "architectures": ["StaticModel"],
        "hidden_dim": embedding.dim,
        "embedding_dtype": "float32",
        "seq_length": 1000000,  # as model2vec itself writes
        "max_length": None,
        "normalize": embedding.metadata.get("normalize") is True,
    }
    if name in _SPLITTERS:
        config[_OURS] = name
    with new_folder(pathlib.Path(path), force=force, ours=FILES) as folder:
        with synced_file(folder / _CONFIG) as file:
            file.write(json.dumps(config, indent=1).encode())
        with synced_file(folder / _TENSORS) as file:
            write_tensors(file, {"embeddings": vectors})
        with synced_file(folder / _TOKENIZER) as file:
            file.write(text)


def _tokenizer_of(embedding: Embedding) -> str:
    corpus = embedding.metadata.get("corpus", {})
    name = str(corpus.get("tokenizer", "words"))
    if corpus.get("phrases") is not None:
        name = "phrases"
    if name not in _SPLITTERS and not name.endswith(".json"):
        raise BadInput(
            f"The words of this embedding were made by {name!r}, which model2vec cannot hold: its tokenizers do what "
            "'words', 'whitespace' or a tokenizer.json does. Write a .jari, which holds any."
        )
    return name


def _of_words(embedding: Embedding, name: str) -> tuple[bytes, Matrix]:
    """The file, and the vectors with a row more, for words that are not known: model2vec leaves them out."""
    unknown = "[UNK]"
    while unknown in embedding:
        unknown += "_"
    tokens = [*embedding.keys, unknown]
    normalizer, splitter = _SPLITTERS[name]
    described = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": normalizer,
        "pre_tokenizer": splitter,
        "post_processor": None,
        "decoder": None,
        "model": {"type": "WordLevel", "vocab": {t: i for i, t in enumerate(tokens)}, "unk_token": unknown},
    }
    vectors = np.concatenate([embedding.vectors, np.zeros((1, embedding.dim), np.float32)])
    return json.dumps(described, ensure_ascii=False).encode(), vectors


def _of_its_tokenizer(embedding: Embedding, file: pathlib.Path) -> tuple[bytes, Matrix]:
    """A copy of the file, and a row for each token: 0 for those that have no vector."""
    if not file.is_file():
        raise NoSuchFile(f"There is no file {str(file)!r}, by which this embedding's tokens were made.")
    text = file.read_bytes()
    tokens, passed_over = _tokens(text, file)
    rows = embedding.vocabulary.rows(tokens, unknown="mark")
    if len(found := rows[rows >= 0]) < len(embedding):
        lost = embedding.keys[int(np.flatnonzero(np.bincount(found, minlength=len(embedding)) == 0)[0])]
        raise BadInput(f"The key {lost!r} is no token of {file}, which model2vec cannot hold. Write a .jari.")
    left = sum(row < 0 and token not in passed_over for token, row in zip(tokens, rows, strict=True))
    if left:
        warnings.warn(
            f"{left:,} tokens of {file} have no vector here and get one of zeros: model2vec counts them in the mean "
            "of a text, Jari leaves them out. Directions are the same, lengths are not.",
            UserWarning,
            stacklevel=4,
        )
    vectors = np.zeros((len(tokens), embedding.dim), np.float32)
    vectors[rows >= 0] = embedding.vectors[found]
    return text, vectors


def _read(folder: Folder) -> Embedding:
    config = _config(folder)
    place = folder.path / _TOKENIZER
    with folder.open(_TOKENIZER) as file:
        tokens, passed_over = _tokens(file.read(), place)
    vectors = _vectors(folder, len(tokens))
    kept = np.array([token not in passed_over for token in tokens], dtype=bool)
    keys = [token for token, keep in zip(tokens, kept, strict=True) if keep]
    ours = config.get(_OURS)
    # Words are found by name too, without a file that has to stay
    tokenizer = ours if isinstance(ours, str) and ours in _SPLITTERS else str(place.absolute())
    metadata = {"normalize": config.get("normalize") is True, "corpus": {"tokenizer": tokenizer}}
    base = config.get("tokenizer_name")
    if isinstance(base, str) and base:
        metadata["encoder"] = base
    try:
        return Embedding(Vocabulary(keys), vectors[kept], metadata=metadata)
    except BadInput as error:
        raise BadFile(f"{folder.path}: {error}") from error


def _config(folder: Folder) -> dict[str, Any]:
    place = folder.path / _CONFIG
    with folder.open(_CONFIG) as file:
        text = file.read(_LONGEST_CONFIG + 1)
    try:
        config = json.loads(text) if len(text) <= _LONGEST_CONFIG else None
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{place} is not JSON ({error}): it is damaged.") from error
    if not isinstance(config, dict) or config.get("model_type") != "model2vec":
        raise BadFile(f'{place} does not say "model_type": "model2vec": this is no folder of model2vec.')
    return config


def _tokens(text: bytes, place: pathlib.Path) -> tuple[list[str], set[str]]:
    """The tokens in the order of their numbers, and those of them that no text becomes."""
    tokenizers = require("tokenizers", extra="tokenizers")
    try:
        tokenizer = tokenizers.Tokenizer.from_buffer(text)
        model = json.loads(text)["model"]
    except Exception as error:  # the package has no kinds of errors
        raise BadFile(f"{place} is not a tokenizer of the Hugging Face kind ({error}).") from error
    ordered = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    if [number for _, number in ordered] != list(range(len(ordered))):
        raise BadFile(f"{place}: its {len(ordered):,} tokens are not numbered 0, 1, …, each once.")
    tokens = [token for token, _ in ordered]
    special = {token.content for token in tokenizer.get_added_tokens_decoder().values() if token.special}
    special.add(model.get("unk_token"))
    unknown = model.get("unk_id")
    if type(unknown) is int and 0 <= unknown < len(tokens):
        special.add(tokens[unknown])
    return tokens, special


def _vectors(folder: Folder, tokens: int) -> Matrix:
    """One row a token, weights multiplied in."""
    place = folder.path / _TENSORS
    safetensors = require("safetensors.numpy", extra="torch")
    with folder.open(_TENSORS) as file:
        data = file.read(os.fstat(file.fileno()).st_size)
    try:
        held: dict[str, npt.NDArray[Any]] = safetensors.load(data)
    except Exception as error:  # the package has kinds of its own, and KeyError for a type that NumPy does not have
        raise BadFile(f"{place} is not a file of safetensors that can be read ({error}).") from error
    wrong = sorted(held.keys() - {"embeddings", "weights", "mapping"})
    if wrong or "embeddings" not in held:
        said = f"holds {', '.join(map(repr, wrong))}" if wrong else "holds no 'embeddings'"
        raise BadFile(f"{place} {said}: a folder of model2vec has 'embeddings', and perhaps 'weights' and 'mapping'.")
    rows, weights, mapping = held["embeddings"], held.get("weights"), held.get("mapping")
    if rows.ndim != 2 or not rows.shape[1] or rows.dtype.kind not in "fi":
        raise BadFile(f"{place}: 'embeddings' is {rows.dtype} of shape {rows.shape}: a matrix of numbers is needed.")
    if mapping is not None:
        inside = mapping.shape == (tokens,) and mapping.dtype.kind in "iu"
        if not inside or (tokens and not (mapping.min() >= 0 and mapping.max() < len(rows))):
            raise BadFile(f"{place}: 'mapping' is not a row from 0 to {len(rows) - 1} for each of {tokens:,} tokens.")
        rows = rows[mapping]
    if len(rows) != tokens:
        raise BadFile(f"{place} has {len(rows):,} rows, and {_TOKENIZER} beside it {tokens:,} tokens.")
    if weights is None:
        return np.ascontiguousarray(rows, dtype=np.float32)
    if weights.shape != (tokens,) or weights.dtype.kind != "f":
        raise BadFile(f"{place}: 'weights' is {weights.dtype} of shape {weights.shape}: one a token is needed.")
    return np.ascontiguousarray(rows.astype(np.float32) * weights.astype(np.float32)[:, None])
