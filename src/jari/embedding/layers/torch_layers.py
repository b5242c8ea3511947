"""`torch.nn.Embedding` and `torch.nn.EmbeddingBag`: vectors in and out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

import numpy as np

from jari.embedding.embedding import Embedding
from jari.embedding.layers.arrangement import UnknownRow, embedding_of, has_padding, table_of
from jari.embedding.parts import as_matrix
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.extras import require
from jari.types import Matrix, Metadata

Layer: TypeAlias = Any  # torch.nn.Embedding or torch.nn.EmbeddingBag
Pooling: TypeAlias = Literal["mean", "sum"]


def to_torch(
    embedding: Embedding,
    *,
    freeze: bool = False,
    padding: bool = False,
    unknown: UnknownRow = False,
    pooling: Pooling | None = None,
    sparse: bool = False,
) -> Layer:
    """A layer of PyTorch that begins with the vectors of an embedding: see `Embedding.to_torch`."""
    if pooling not in (None, "mean", "sum"):
        raise BadInput(f"pooling={pooling!r} is not known: choose None, 'mean' or 'sum'.")
    table = table_of(embedding, padding=padding, unknown=unknown)
    torch = require("torch", extra="torch")
    weights = torch.from_numpy(table)
    options = {"freeze": bool(freeze), "padding_idx": 0 if padding else None, "sparse": bool(sparse)}
    if pooling is None:
        return torch.nn.Embedding.from_pretrained(weights, **options)
    return torch.nn.EmbeddingBag.from_pretrained(weights, mode=pooling, **options)


def from_torch(
    layer: Any,
    keys: Vocabulary | Iterable[str],
    *,
    padding: bool | None = None,
    unknown: UnknownRow = False,
    metadata: Metadata | None = None,
) -> Embedding:
    """What a layer of PyTorch has learnt, as an embedding: see `Embedding.from_torch`."""
    torch = require("torch", extra="torch")
    nn = torch.nn
    if isinstance(layer, nn.Embedding | nn.EmbeddingBag):
        weights, padding_row = layer.weight, layer.padding_idx
    elif isinstance(layer, torch.Tensor):
        weights, padding_row = layer, None
    else:
        raise BadInput(_no_layer(torch, layer))
    if padding is not None:
        padding_row = (padding_row or 0) if has_padding(padding) else None
    return embedding_of(_values(torch, weights), keys, padding=padding_row, unknown=unknown, metadata=metadata)


def _values(torch: Any, weights: Any) -> Matrix:
    """A tensor as a matrix of our own, wherever it is and however it is held."""
    plain = weights.layout == torch.strided and not (weights.is_complex() or weights.is_quantized)
    if not plain or weights.is_meta or weights.dtype == torch.bool:
        kind = "on the device 'meta'" if weights.is_meta else f"{weights.layout}, {weights.dtype}"
        raise BadInput(f"The tensor holds no plain numbers ({kind}): give a dense tensor (n, d) of real numbers.")
    values = weights.detach().to("cpu", torch.float32, copy=True)
    return as_matrix(np.ascontiguousarray(values.numpy()), "The tensor")


def _no_layer(torch: Any, given: Any) -> str:
    takes = "from_torch takes a torch.nn.Embedding, a torch.nn.EmbeddingBag, or a tensor (n, d)"
    if isinstance(given, np.ndarray):
        return f"{takes}, not an array of NumPy: jari.Embedding(keys, array) takes that."
    said = f"{takes}, not {type(given).__module__}.{type(given).__name__}."
    if isinstance(given, torch.nn.Module):
        kinds = (torch.nn.Embedding, torch.nn.EmbeddingBag)
        inside = [name for name, module in given.named_modules() if isinstance(module, kinds)]
        if inside:
            shown = ", ".join(map(repr, inside[:5]))
            said += f" It holds such a layer at {shown}: give model.get_submodule({inside[0]!r})."
    return said
