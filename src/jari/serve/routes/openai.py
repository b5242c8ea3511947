"""OpenAI: `POST /v1/embeddings` and the list of models, as its clients ask for them."""

from __future__ import annotations

import base64
import json
import pathlib
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from jari.search.text_vectors import DeepModel, TextModel, TextVectors, reads_texts, shortened, text_model_of
from jari.serve.dependencies import DeskOf
from jari.serve.failures import Failure
from jari.serve.items import EmbeddingItem, EncoderItem
from jari.serve.kept import Kept
from jari.serve.openai_errors import OpenAIRoute
from jari.serve.schemas import errors
from jari.serve.schemas_openai import MOST_INPUTS, EmbeddingsIn, EmbeddingsOut, ModelOut, ModelsOut, OpenAIProblem
from jari.serve.shelf import Shelf
from jari.types import Matrix

router = APIRouter(prefix="/v1", tags=["openai"], route_class=OpenAIRoute)

_ERRORS = errors(410, 501) | {
    400: {"model": OpenAIProblem, "description": "The request cannot be used."},
    404: {"model": OpenAIProblem, "description": "There is no such model."},
}

_models = Kept[TextModel](32)


@router.post("/embeddings", summary="Texts as vectors", response_model=EmbeddingsOut, responses=_ERRORS)
def embeddings(asked: EmbeddingsIn, desk: DeskOf) -> Response:
    """Texts as vectors of unit length.

    An embedding of words averages those of a text, as `jari embed` does. A text without a word that it knows has no
    vector, and is an error that names it. A text that is longer than a deep encoder reads is an error too.

    Tokens are those of the model here. A client that sends tokens of a model of OpenAI's is to be told to send texts:
    LangChain's OpenAIEmbeddings with `check_embedding_ctx_length=False`.
    """
    item = _item(desk.shelf, asked.model)
    model = _models(item, lambda: _opened(item))
    found = _vectors(model, asked.input)
    vectors = found.vectors if asked.dimensions is None else shortened(found.vectors, asked.dimensions)
    shown = _as_base64(vectors) if asked.encoding_format == "base64" else _as_numbers(vectors)
    used = int(found.tokens.sum())
    body = {
        "object": "list",
        "data": [{"object": "embedding", "index": index, "embedding": one} for index, one in enumerate(shown)],
        "model": asked.model,
        "usage": {"prompt_tokens": used, "total_tokens": used},
    }
    return Response(json.dumps(body, separators=(",", ":")), media_type="application/json")


@router.get("/models", summary="What can make vectors of texts", responses=_ERRORS)
def models(desk: DeskOf) -> ModelsOut:
    """What can make vectors of texts: embeddings of words, embeddings of texts, text encoders."""
    return ModelsOut(data=[_described(item) for item in _items(desk.shelf)])


@router.get("/models/{model:path}", summary="One model", responses=_ERRORS)
def model(model: str, desk: DeskOf) -> ModelOut:
    """One of them."""
    return _described(_item(desk.shelf, model))


def _items(shelf: Shelf) -> list[EmbeddingItem | EncoderItem]:
    of_words = [item for item in shelf.of_kind(EmbeddingItem) if reads_texts(item.metadata)]
    return [*of_words, *shelf.of_kind(EncoderItem)]


def _item(shelf: Shelf, name: str) -> EmbeddingItem | EncoderItem:
    there = {item.name: item for item in _items(shelf)}
    if name not in there:
        known = f"There are {', '.join(map(repr, there))}." if there else "There is none."
        raise Failure(
            "unknown_name", f"The model {name!r} does not exist. {known}", param="model", suggestions=list(there)
        )
    return there[name]


def _opened(item: EmbeddingItem | EncoderItem) -> TextModel:
    return DeepModel(item.encoder) if isinstance(item, EncoderItem) else text_model_of(item.embedding)


def _vectors(model: TextModel, given: Any) -> TextVectors:
    """Of one text or many; an `input` of numbers is one text, of lists of numbers many."""
    single = isinstance(given, str) or (bool(given) and isinstance(given[0], int))
    texts: Sequence[Any] = [given] if single else given
    if not texts:
        raise Failure("bad_input", "input is an empty list: give one text or more.", param="input")
    if len(texts) > MOST_INPUTS:
        raise Failure("bad_input", f"input holds {len(texts):,} texts: {MOST_INPUTS:,} are the most.", param="input")
    empty = next((place for place, text in enumerate(texts) if not len(text)), None)
    if empty is not None:
        raise Failure("bad_input", f"Text {empty} of input is empty: leave it out.", param="input")
    return model.of_texts(texts) if isinstance(texts[0], str) else model.of_tokens(texts)


def _as_base64(vectors: Matrix) -> list[str]:
    return [base64.b64encode(one.astype("<f4").tobytes()).decode() for one in vectors]


def _as_numbers(vectors: Matrix) -> list[list[float]]:
    return [[float(f"{value:.9g}") for value in one] for one in vectors.tolist()]  # which tell all float32 apart


def _described(item: EmbeddingItem | EncoderItem) -> ModelOut:
    path = pathlib.Path(item.path)
    return ModelOut(id=item.name, created=int(path.stat().st_mtime) if item.path and path.exists() else 0)
