"""The two matrices of word2vec, W and W', and which of them is the answer."""

from __future__ import annotations

from typing import Literal, TypeAlias

from jari.embedding import Embedding
from jari.errors import BadInput
from jari.types import Matrix

Half: TypeAlias = Literal["input", "output", "mean", "sum"]
HALVES = ("input", "output", "mean", "sum")


def answer(W: Matrix, C: Matrix, half: Half) -> tuple[Matrix, Matrix]:
    """The vectors that are asked for and the matrix kept beside them, in the memory of `W` and `C`.

    Beside the output vectors stand the input vectors; beside all else the output vectors, so that `halves` can find
    both again.

    Examples
    --------
    >>> import numpy as np
    >>> W, C = np.array([[1, 3]], np.float32), np.array([[3, 5]], np.float32)
    >>> answer(W, C, "mean")
    (array([[2., 4.]], dtype=float32), array([[3., 5.]], dtype=float32))
    """
    if half == "output":
        return C, W
    if half in ("mean", "sum"):
        W += C
    if half == "mean":
        W *= 0.5
    return W, C


def halves(embedding: Embedding) -> tuple[Matrix, Matrix]:
    """W and W' of an embedding that a `Word2Vec` made: the other way round.

    Raises
    ------
    BadInput
        It was saved without its context vectors.
    """
    context = embedding.context
    if context is None:
        raise BadInput("This embedding was saved without its context vectors and cannot be learnt further.")
    half = embedding.metadata.get("parameters", {}).get("vectors", "input")
    if half == "output":
        return context, embedding.vectors
    if half == "mean":
        return 2 * embedding.vectors - context, context
    if half == "sum":
        return embedding.vectors - context, context
    return embedding.vectors, context
