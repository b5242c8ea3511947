"""`keras.layers.Embedding` of Keras 3, on any backend: vectors in and out."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any, TypeAlias

import numpy as np

from jari.embedding.embedding import Embedding
from jari.embedding.layers.arrangement import UnknownRow, embedding_of, has_padding, table_of
from jari.embedding.parts import as_matrix
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput, ExtraMissing
from jari.extras import require
from jari.types import Matrix, Metadata

Layer: TypeAlias = Any  # keras.layers.Embedding


def to_keras(
    embedding: Embedding, *, freeze: bool = False, padding: bool = False, unknown: UnknownRow = False
) -> Layer:
    """A layer of Keras that begins with the vectors of an embedding: see `Embedding.to_keras`."""
    table = table_of(embedding, padding=padding, unknown=unknown)
    keras = _keras()
    layer = keras.layers.Embedding(*table.shape, mask_zero=padding, trainable=not freeze)
    # Not set_weights: with the numbers drawn before it, a table of 200 MB takes 590 MB more with PyTorch; so 195.
    usual = layer.embeddings_initializer
    layer.embeddings_initializer = lambda shape, dtype=None: keras.ops.convert_to_tensor(table, dtype)
    layer.build()
    layer.embeddings_initializer = usual  # a model is saved with its name
    return layer


def from_keras(
    layer: Any,
    keys: Vocabulary | Iterable[str],
    *,
    padding: bool | None = None,
    unknown: UnknownRow = False,
    metadata: Metadata | None = None,
) -> Embedding:
    """What a layer of Keras has learnt, as an embedding: see `Embedding.from_keras`."""
    keras = _keras()
    if not isinstance(layer, keras.layers.Embedding):
        raise BadInput(_no_layer(keras, layer))
    if not layer.built:
        raise BadInput(f"The layer {layer.name!r} has no weights yet: give it a batch, or call its build(), first.")
    if getattr(layer, "quantization_mode", None) is not None:
        raise BadInput(f"The layer {layer.name!r} was quantised ({layer.quantization_mode}): give it as it was before.")
    is_padded = bool(layer.mask_zero) if padding is None else has_padding(padding)
    table = as_matrix(_values(keras, layer.embeddings), "The layer")
    return embedding_of(table, keys, padding=0 if is_padded else None, unknown=unknown, metadata=metadata)


def _values(keras: Any, weights: Any) -> Matrix:
    """A variable of any backend as a matrix of our own: a copy, since some backends share their memory."""
    values = keras.ops.cast(weights, "float32")
    if keras.backend.backend() == "torch":  # convert_to_numpy warns there: github.com/pytorch/pytorch/issues/136264
        return np.array(values.detach().cpu().numpy())
    return np.array(keras.ops.convert_to_numpy(values))


def _keras() -> Any:
    try:
        keras = require("keras", extra="keras")
    except ExtraMissing as missing:
        if find_spec("keras") is None:
            raise
        backend = getattr(missing.__cause__, "name", None)
        raise ExtraMissing(
            f"Keras is installed, but not {backend!r}, which it was told to compute with. Install that, or set the "
            "environment variable KERAS_BACKEND to 'torch', 'jax' or 'tensorflow' before Keras is first imported, and "
            "start Python again."
        ) from missing
    if not hasattr(keras, "ops"):
        raise ExtraMissing(f"This needs Keras 3, and Keras {keras.__version__} is installed: pip install 'jari[keras]'")
    return keras


def _no_layer(keras: Any, given: Any) -> str:
    said = f"from_keras takes a keras.layers.Embedding, not {type(given).__module__}.{type(given).__name__}."
    if isinstance(given, keras.Model):
        inside = [layer.name for layer in given.layers if isinstance(layer, keras.layers.Embedding)]
        if inside:
            said += f" It holds such a layer: give model.get_layer({inside[0]!r})."
    return said
