"""`Engine`: what an epoch asks of a network, on whichever device it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from jari.embedding import Embedding
from jari.types import Matrix, Rows, Vector

# How much further than weights the vectors of categories go in a step. Of twelve planted planes of 50 places eleven
# come back from vectors of two numbers, and seven with 1: tests/learn/neural/test_planted_categories.py as a program.
FASTER: Final = 3.0

Copied: TypeAlias = tuple[Matrix | Vector, ...]


@dataclass(frozen=True, slots=True)
class Noise:
    """What is left out of a batch at random.

    Parameters
    ----------
    unknown
        The share of categories that count as unknown, so that this row is learnt.
    words
        The share of words that are left out of texts.
    inputs, hidden
        The shares of the row, and of each hidden layer.
    """

    unknown: float
    words: float
    inputs: float
    hidden: float


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A network before it is drawn.

    Parameters
    ----------
    task
        ``"regression"``, ``"binary"`` or ``"multiclass"``.
    hidden, outputs, activation
        Its layers, and what stands between them.
    noise
        What is left out of batches.
    l2
        How much weights are drawn towards 0.
    pretrained
        By column the vectors to begin with.
    frozen
        Text columns whose vectors stay as they are given.
    seed
        What chance begins with.
    """

    task: str
    hidden: tuple[int, ...]
    outputs: int
    activation: str
    noise: Noise
    l2: float
    pretrained: Mapping[str, Embedding]
    frozen: frozenset[str]
    seed: int


class Engine(Protocol):
    """A network and the rows that it learns from. All engines move weights by AdamW, and vectors row by row."""

    @property
    def design(self) -> Design:
        """What the network is like."""

    def step(self, rows: Rows, rate: float) -> float:
        """One step down by some rows; their mean loss before it."""

    def loss(self, rows: Rows) -> float:
        """The mean loss of some rows, of which nothing is left out."""

    def is_finite(self) -> bool:
        """Whether all that is learnt is finite."""

    def copied(self, onto: Copied | None) -> Copied:
        """All that is learnt, as arrays of their own; those of an earlier copy are written to, if there is one."""

    def learnt(self, copied: Copied) -> tuple[dict[str, Matrix], dict[str, Matrix]]:
        """Of a copy the embedding layer of each column, and the arrays of `LearntTable`."""

    def release(self) -> None:
        """Let go of all memory but what `learnt` needs besides a copy."""
