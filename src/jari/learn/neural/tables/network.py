"""`TableNetwork`: what an `EntityEmbedder` learns, as tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np

from jari.extras import require
from jari.learn.neural.batches import Entries, Tensor
from jari.learn.neural.tables.encoding import TableEncoding
from jari.learn.neural.tables.layout import LARGE, Block, blocks_of
from jari.learn.neural.tables.learnt_table import array_shapes, width_of
from jari.learn.neural.tables.number_columns import Bends
from jari.learn.neural.tables.touched import TouchedRows
from jari.types import Matrix

Copied: TypeAlias = tuple[Matrix, ...]  # of blocks, texts and all others, in this order

_NEAR: Final = 0.3  # the length of a category's vector at first: alike until they are found to differ


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
class Batch:
    """Rows as tensors."""

    ids: Tensor
    numbers: Tensor
    bags: tuple[Entries, ...]


@dataclass(eq=False)
class TableNetwork:
    """The network of `LearntTable`, with gradients.

    Parameters
    ----------
    encoding
        Whose arrays it takes.
    blocks, texts
        The embedding layers: of categories, each a `Block`; of words, one a column.
    dense
        All others, as `LearntTable.arrays`.
    frozen
        Text columns whose vectors stay as they were given.
    """

    encoding: TableEncoding
    blocks: list[Tensor]
    texts: list[Tensor]
    dense: dict[str, Tensor]
    activation: str
    noise: Noise
    frozen: frozenset[str]
    generator: Any
    layout: list[Block] = field(init=False)
    touched: dict[int, TouchedRows] = field(init=False)

    def __post_init__(self) -> None:
        torch = require("torch", extra="torch")
        self.layout = blocks_of(self.encoding)
        self.touched = {}
        device = self.generator.device
        bends = Bends.of(self.encoding.numbers)
        self._bends = [
            torch.tensor(part, device=device) for part in (bends.starts, bends.widths, bends.lows, bends.highs)
        ]
        self._flagged = torch.tensor(bends.flagged, device=device)
        self._unknown = torch.tensor([column.unknown for column in self.encoding.categories], device=device)
        self._starts = [torch.tensor(block.starts, device=device) for block in self.layout]
        self._columns = [torch.tensor(block.columns, device=device) for block in self.layout]

    @classmethod
    def drawn(
        cls,
        encoding: TableEncoding,
        *,
        hidden: tuple[int, ...],
        outputs: int,
        activation: str,
        noise: Noise,
        pretrained: Mapping[str, Any],
        frozen: frozenset[str],
        l2: float,
        generator: Any,
    ) -> TableNetwork:
        """A network before it has learnt: it foretells the mean."""
        torch = require("torch", extra="torch")
        device = generator.device

        def normal(rows: int, width: int, length: float) -> Tensor:
            table = torch.empty(rows, width, device=device)
            return table.normal_(0, length * width**-0.5, generator=generator)

        blocks = [normal(block.rows, block.dim, _NEAR) for block in blocks_of(encoding)]
        texts = [normal(len(column.vocabulary), column.dim, 1.0) for column in encoding.texts]
        dense = {}
        for name, shape in array_shapes(width_of(encoding), hidden, outputs).items():
            dense[name] = torch.zeros(shape, device=device)
            if name.startswith("hidden"):
                low = dense[name.replace("bias", "weights")].shape[0]
                dense[name].uniform_(-(low**-0.5), low**-0.5, generator=generator)
        network = cls(encoding, blocks, texts, dense, activation, noise, frozen, generator)
        network._begin_with(pretrained)
        for at, block in enumerate(network.layout):
            if block.is_large:
                network.touched[at] = TouchedRows(blocks[at], l2=l2)
        for at, column in enumerate(encoding.texts):
            if len(column.vocabulary) >= LARGE and column.name not in frozen:
                network.touched[len(blocks) + at] = TouchedRows(texts[at], l2=l2)
        for tensor in network.learning():
            tensor.requires_grad_()
        return network

    def _begin_with(self, pretrained: Mapping[str, Any]) -> None:
        torch = require("torch", extra="torch")
        for words, table in zip(self.encoding.texts, self.texts, strict=True):
            if words.name in pretrained:
                table.copy_(torch.tensor(pretrained[words.name].vectors))
        for block, table in zip(self.layout, self.blocks, strict=True):
            for at, start in zip(block.columns, block.starts, strict=True):
                column = self.encoding.categories[at]
                if column.name not in pretrained:
                    continue
                known = pretrained[column.name]
                rows = known.vocabulary.rows(column.vocabulary, unknown="mark")
                table[start + torch.tensor(np.flatnonzero(rows >= 0))] = torch.tensor(known.vectors[rows[rows >= 0]])

    def tables(self) -> Iterator[tuple[Tensor, bool]]:
        """Every embedding layer, and whether AdamW moves it: neither those that are large nor those that are frozen."""
        for at, table in enumerate(self.blocks):
            yield table, at not in self.touched
        for at, (table, column) in enumerate(zip(self.texts, self.encoding.texts, strict=True)):
            yield table, len(self.blocks) + at not in self.touched and column.name not in self.frozen

    def learning(self) -> Iterator[Tensor]:
        """What AdamW moves."""
        yield from (table for table, is_moved in self.tables() if is_moved)
        yield from self.dense.values()

    def outputs(self, batch: Batch, *, learning: bool) -> Tensor:
        """Shape (rows, outputs)."""
        torch = require("torch", extra="torch")
        x = torch.cat(
            [*self._categories(batch.ids, learning), *self._numbers(batch.numbers), *self._bags(batch, learning)], 1
        )
        if learning:
            x = self._thinned(x, self.noise.inputs)
        outputs = torch.addmm(self.dense["linear_bias"], x, self.dense["linear_weights"])
        if "output_weights" not in self.dense:
            return outputs
        activate = getattr(torch.nn.functional, self.activation)
        h = x
        for at in range(sum(name.startswith("hidden") for name in self.dense) // 2):
            h = activate(torch.addmm(self.dense[f"hidden{at}_bias"], h, self.dense[f"hidden{at}_weights"]))
            if learning:
                h = self._thinned(h, self.noise.hidden)
        return outputs + h @ self.dense["output_weights"]

    def _categories(self, ids: Tensor, learning: bool) -> Iterator[Tensor]:
        torch = require("torch", extra="torch")
        ids = ids.long()
        if learning and self.noise.unknown and ids.shape[1]:
            known = torch.rand(ids.shape, generator=self.generator, device=ids.device) >= self.noise.unknown
            ids = torch.where(known, ids, self._unknown)
        for at, block in enumerate(self.layout):
            rows = ids[:, self._columns[at]] + self._starts[at]
            table = self.blocks[at]
            if learning and at in self.touched:
                table, rows = self.touched[at].look_up(rows)
            yield torch.nn.functional.embedding(rows, table).reshape(len(ids), len(block.columns) * block.dim)

    def _numbers(self, numbers: Tensor) -> Iterator[Tensor]:
        torch = require("torch", extra="torch")
        starts, widths, lows, highs = self._bends
        missing = numbers.isnan()
        whole = torch.where(missing, 0, numbers)
        bent = ((whole[:, :, None] - starts) / widths).clamp(lows, highs)
        yield bent.reshape(len(numbers), starts.numel())
        yield missing[:, self._flagged].float()

    def _bags(self, batch: Batch, learning: bool) -> Iterator[Tensor]:
        torch = require("torch", extra="torch")
        for at, bag in enumerate(batch.bags):
            table, words, weights = self.texts[at], bag.columns, bag.weights
            if learning and len(self.blocks) + at in self.touched:
                table, words = self.touched[len(self.blocks) + at].look_up(words)
            if learning:
                weights = self._thinned(weights, self.noise.words)
            yield torch.nn.functional.embedding_bag(words, table, bag.offsets(), mode="sum", per_sample_weights=weights)

    def _thinned(self, x: Tensor, share: float) -> Tensor:
        """Some of x at 0, and the rest raised by as much as that takes away."""
        if not share:
            return x
        torch = require("torch", extra="torch")
        # One draw of 64 bits serves four numbers: a fifth of the time of `bernoulli_`, which draws for each.
        draws = torch.empty(-(-x.numel() // 4), dtype=torch.int64, device=x.device)
        draws.random_(-(2**63), None, generator=self.generator)
        kept = draws.view(torch.int16)[: x.numel()].view(x.shape) >= round(share * 2**16) - 2**15
        return x * (kept * (1 / (1 - share)))

    def is_finite(self) -> bool:
        """Whether all that is learnt is finite."""
        return all(bool(one.detach().sum().isfinite()) for one in (*self.blocks, *self.texts, *self.dense.values()))

    def copied(self, onto: Copied | None = None) -> Copied:
        """All that is learnt, as arrays of their own; those of an earlier copy are written to, if there is one."""
        found = [one.detach().cpu().numpy() for one in (*self.blocks, *self.texts, *self.dense.values())]
        if onto is None:
            return tuple(one.copy() for one in found)
        for old, new in zip(onto, found, strict=True):
            np.copyto(old, new)
        return onto

    def arrays(self, copied: Copied) -> dict[str, Matrix]:
        """Of what `copied` gave, all but the embedding layers."""
        return dict(zip(self.dense, copied[len(self.blocks) + len(self.texts) :], strict=True))

    def vectors(self, copied: Copied) -> dict[str, Matrix]:
        """Of what `copied` gave, the embedding layer of each column."""
        found = {}
        for block, table in zip(self.layout, copied[: len(self.layout)], strict=True):
            ends = [*block.starts[1:], block.rows]
            for at, start, end in zip(block.columns, block.starts, ends, strict=True):
                found[self.encoding.categories[at].name] = table[start:end]
        texts = copied[len(self.layout) : len(self.layout) + len(self.texts)]
        return found | {column.name: table for column, table in zip(self.encoding.texts, texts, strict=True)}
