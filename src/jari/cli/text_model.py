"""What turns texts into vectors for `jari embed`: a deep encoder, or an embedding of words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from jari.errors import BadInput
from jari.types import Callback, Matrix

if TYPE_CHECKING:
    from jari.encoders.texts.encoder import TextEncoder


@dataclass(frozen=True, slots=True)
class TextModel:
    """A model that is ready.

    Parameters
    ----------
    dim
        How many numbers a vector has.
    encode
        Texts and a callback to vectors, shape (texts, d).
    description
        What an embedding keeps of it, so that other texts can be encoded as these were.
    deep
        The encoder, where it is a deep one.
    """

    dim: int
    encode: Callable[[Sequence[str], Callback], Matrix]
    description: Mapping[str, Any]
    deep: TextEncoder | None = None


def text_model(model: str | None, *, prompt: str | None, callback: Callback, **parameters: Any) -> TextModel:
    """Open what ``--model`` names.

    Parameters
    ----------
    model
        A folder or the name of a deep encoder; a ``.jari`` of words, which are averaged; a ``.jari`` of texts, for the
        encoder that made it. None is `TextEncoder`'s own choice.
    prompt
        The name of one that the model has, or a text to put before others.
    callback
        Told how far a download is.
    **parameters
        Of `TextEncoder`, for how it is run.
    """
    if model is not None and is_embedding(Path(model)):
        return _of_embedding(model, prompt=prompt, callback=callback, **parameters)

    from jari.encoders.texts.encoder import TextEncoder

    named: dict[str, Any] = {} if model is None else {"model": model}
    return _deep(TextEncoder(**named, prompt=prompt, **parameters), callback)


def is_embedding(place: Path) -> bool:
    """Whether a path is one of a ``.jari``, there or not."""
    return place.suffix == ".jari" or (place / "embedding.json").exists()


def _of_embedding(model: str, *, prompt: str | None, callback: Callback, **parameters: Any) -> TextModel:
    from jari.search.encoder import PooledEncoder

    words = PooledEncoder(model)
    made_by = words.embedding.metadata.get("encoder")
    made_by = made_by if isinstance(made_by, Mapping) else {}
    kind = made_by.get("kind")
    if kind == "text-encoder":
        from jari.encoders.texts.encoder import TextEncoder

        given = {name: value for name, value in {"prompt": prompt, **parameters}.items() if value not in (None, "auto")}
        return _deep(TextEncoder.described(made_by, **given), callback)
    if kind is not None:
        raise BadInput(
            f"{model} holds {'pictures' if kind == 'image-encoder' else 'texts'}, not words: give the .jari of an "
            "embedding of words, or a text encoder."
        )
    if prompt is not None:
        raise typer.BadParameter(f"{model} is an embedding of words, which has no prompts", param_hint="'--prompt'")
    return TextModel(words.dim, lambda texts, _: words.vectors(texts), words.describe())


def _deep(encoder: TextEncoder, callback: Callback) -> TextModel:
    encoder.encode([], callback=callback)  # opens it, and shows a download
    return TextModel(
        encoder.dim, lambda texts, callback: encoder.encode(texts, callback=callback), encoder.describe(), encoder
    )
