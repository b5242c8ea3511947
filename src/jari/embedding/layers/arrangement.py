"""How the rows of a layer are arranged: a row of padding, the keys, a row for unknown keys.

::

    row 0           padding, where there is any: zeros, which are not learnt
    row 1 … n       the keys, in the order of the embedding (0 … n - 1 without padding)
    the last row    for keys that are not there, where that is asked for: learnt like any other

PyTorch and Keras get the same rows, so that the same ids mean the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

import numpy as np

from jari.embedding.embedding import Embedding
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.types import Matrix, Metadata

UnknownRow: TypeAlias = bool | Literal["mean", "zeros"]


def has_padding(padding: Any) -> bool:
    """`padding` itself; `BadInput` where it is no bool: a 0, meant as PyTorch's ``padding_idx=0``, would be False."""
    if not isinstance(padding, bool | np.bool_):
        raise BadInput(f"padding={padding!r}: give True for a row of padding, which is row 0, or False for none.")
    return bool(padding)


def has_unknown(unknown: Any) -> bool:
    """Whether there is a row for unknown keys; `BadInput` where `unknown` is none of the ways to begin it."""
    if isinstance(unknown, bool | np.bool_):
        return bool(unknown)
    if isinstance(unknown, str) and unknown in ("mean", "zeros"):
        return True
    raise BadInput(
        f"unknown={unknown!r} is not known: give False for no row for unknown keys; True or 'mean' for one that begins "
        "as the mean of all vectors; 'zeros' for one that begins as zeros."
    )


def table_of(embedding: Embedding, *, padding: bool, unknown: UnknownRow) -> Matrix:
    """The rows of a layer, shape (rows, d), in memory of their own.

    Raises
    ------
    BadInput
        The embedding has no keys; `padding` or `unknown` is something else.
    """
    first, more = int(has_padding(padding)), int(has_unknown(unknown))
    if not len(embedding):
        raise BadInput("This embedding has no keys, and a layer of it nothing to look up: give one with a key or more.")
    table = np.empty((first + len(embedding) + more, embedding.dim), np.float32)
    table[:first] = 0
    table[first : first + len(embedding)] = embedding.vectors
    if more:
        table[-1] = 0 if unknown == "zeros" else embedding.vectors.mean(axis=0, dtype=np.float64)
    return table


def embedding_of(
    table: Matrix,
    keys: Vocabulary | Iterable[str],
    *,
    padding: int | None,
    unknown: UnknownRow,
    metadata: Metadata | None,
) -> Embedding:
    """The rows that belong to keys, as an embedding.

    Parameters
    ----------
    table
        Shape (rows, d), in memory of its own: it is taken, not copied.
    keys
        One a row, in order.
    padding
        The row that is padding.
    unknown
        Whether the last row is for unknown keys.
    metadata
        Of the embedding.

    Raises
    ------
    BadInput
        There are more or fewer rows than keys; a key stands twice; a value is NaN or infinite.
    """
    vocabulary = keys if isinstance(keys, Vocabulary) else Vocabulary(keys)
    rows, last = len(table), has_unknown(unknown)
    of_keys = rows - (padding is not None) - last
    if of_keys != len(vocabulary):
        raise BadInput(_mismatch(rows, of_keys, len(vocabulary), padding, last))
    if last:
        table = table[:-1]
    if padding == 0:
        table = table[1:]
    elif padding is not None:
        table = np.delete(table, padding, axis=0)
    return Embedding(vocabulary, table, metadata=metadata)


def _mismatch(rows: int, of_keys: int, keys: int, padding: int | None, unknown: bool) -> str:
    others = [f"row {padding} is padding"] if padding is not None else []
    others += ["the last one is for unknown keys"] if unknown else []
    said = f"The layer has {rows:,} rows, {max(of_keys, 0):,} of them for keys"
    said += f" ({' and '.join(others)})" if others else ""
    absent = ["padding=True where row 0 is padding"] if padding is None else []
    absent += [] if unknown else ["unknown=True where the last row is for unknown keys"]
    remedy = f"; pass {', '.join(absent)}" if keys < of_keys <= keys + len(absent) else ""
    return f"{said}, but {keys:,} keys were given: give one key a row, in order{remedy}."
