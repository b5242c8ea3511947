"""`TableNetwork`: the network of `LearntTable` as tensors, for a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from jari.extras import require
from jari.learn.neural.batches import Entries, Tensor
from jari.learn.neural.tables.encoding import TableEncoding
from jari.learn.neural.tables.engine import FASTER, Design
from jari.learn.neural.tables.layout import blocks_of
from jari.learn.neural.tables.number_columns import Bends
from jari.learn.neural.tables.touched import TouchedRows
from jari.types import Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Rows as tensors."""

    ids: Tensor
    numbers: Tensor
    bags: tuple[Entries, ...]


class TableNetwork:
    """What is learnt, and how it foretells.

    Parameters
    ----------
    encoding, design
        What it is like.
    layers
        By column the vectors that it begins with.
    arrays
        All others, as `LearntTable` has them.
    generator
        Of PyTorch, on the device where all of it is to be.
    """

    def __init__(
        self,
        encoding: TableEncoding,
        design: Design,
        layers: dict[str, Matrix],
        arrays: dict[str, Matrix],
        generator: Any,
    ) -> None:
        torch = require("torch", extra="torch")
        self.encoding, self.design, self.generator = encoding, design, generator
        device = generator.device
        self.layout = blocks_of(encoding)
        names = [column.name for column in encoding.categories]
        stacked = [np.concatenate([layers[names[at]] for at in block.columns]) for block in self.layout]
        self.blocks = [
            TouchedRows(torch.tensor(table, device=device), l2=design.l2, faster=FASTER) for table in stacked
        ]
        self.texts = [
            TouchedRows(torch.tensor(layers[one.name], device=device), l2=design.l2) for one in encoding.texts
        ]
        self.dense = {name: torch.tensor(array, device=device).requires_grad_() for name, array in arrays.items()}
        bends = Bends.of(encoding.numbers)
        bins = (np.repeat(np.arange(len(encoding.numbers)), np.diff(bends.ends)), bends.starts, bends.scales)
        self._bins = [torch.tensor(part, device=device) for part in (*bins, bends.lows, bends.highs)]
        self._flagged = torch.tensor(bends.flagged, device=device)
        self._unknown = torch.tensor([column.unknown for column in encoding.categories], device=device).long()
        self._starts = [torch.tensor(block.starts, device=device) for block in self.layout]
        self._columns = [torch.tensor(block.columns, device=device) for block in self.layout]
        self._order = torch.tensor(self._as_in_the_table(), device=device).long()

    def _as_in_the_table(self) -> list[int]:
        """Where the vectors of the first column, of the second, … stand among those of all blocks."""
        places, at = {}, 0
        for block in self.layout:
            for column in block.columns:
                places[column] = range(at, at + block.dim)
                at += block.dim
        return [place for column in sorted(places) for place in places[column]]

    def outputs(self, batch: Batch, *, learning: bool) -> Tensor:
        """Shape (rows, outputs)."""
        torch = require("torch", extra="torch")
        noise, dense = self.design.noise, self.dense
        parts = [self._categories(batch.ids, learning), *self._bags(batch, learning), *self._numbers(batch.numbers)]
        x = torch.cat(parts, 1)
        if learning:
            x = self._thinned(x, noise.inputs)
        outputs = torch.addmm(dense["linear_bias"], x, dense["linear_weights"])
        if not self.design.hidden:
            return outputs
        activate = getattr(torch.nn.functional, self.design.activation)
        h = x
        for at in range(len(self.design.hidden)):
            h = activate(torch.addmm(dense[f"hidden{at}_bias"], h, dense[f"hidden{at}_weights"]))
            if learning:
                h = self._thinned(h, noise.hidden)
        return outputs + h @ dense["output_weights"]

    def _categories(self, ids: Tensor, learning: bool) -> Tensor:
        torch = require("torch", extra="torch")
        ids = ids.long()
        if learning and self.design.noise.unknown and ids.shape[1]:
            known = torch.rand(ids.shape, generator=self.generator, device=ids.device) >= self.design.noise.unknown
            ids = torch.where(known, ids, self._unknown)
        found = [torch.empty(len(ids), 0, device=ids.device)]
        for block, layer, columns, starts in zip(self.layout, self.blocks, self._columns, self._starts, strict=True):
            vectors = layer.vectors(ids[:, columns] + starts, learning=learning)
            found.append(vectors.reshape(len(ids), len(block.columns) * block.dim))
        return torch.cat(found, 1)[:, self._order]

    def _bags(self, batch: Batch, learning: bool) -> Iterator[Tensor]:
        torch = require("torch", extra="torch")
        for layer, column, bag in zip(self.texts, self.encoding.texts, batch.bags, strict=True):
            table, words, weights = layer.table, bag.columns, bag.weights
            if learning:
                weights = self._thinned(weights, self.design.noise.words)
                if column.name not in self.design.frozen:
                    table, words = layer.look_up(words)
            yield torch.nn.functional.embedding_bag(words, table, bag.offsets(), mode="sum", per_sample_weights=weights)

    def _numbers(self, numbers: Tensor) -> Iterator[Tensor]:
        torch = require("torch", extra="torch")
        columns, starts, scales, lows, highs = self._bins
        missing = numbers.isnan()
        whole = torch.where(missing, 0, numbers)[:, columns]
        yield ((whole - starts) * scales).clamp(lows, highs)
        yield missing[:, self._flagged].float()

    def _thinned(self, x: Tensor, share: float) -> Tensor:
        """Some of x at 0, and the rest raised by as much as that takes away."""
        if not share:
            return x
        torch = require("torch", extra="torch")
        kept = torch.rand(x.shape, generator=self.generator, device=x.device) >= share
        return x * kept * (1 / (1 - share))

    def layers(self) -> Iterator[TouchedRows]:
        """Every embedding layer."""
        yield from (*self.blocks, *self.texts)

    def by_column(self, tables: list[Matrix]) -> dict[str, Matrix]:
        """Of arrays in the order of `layers`, that of each column."""
        found = {}
        for block, table in zip(self.layout, tables, strict=False):
            ends = [*block.starts[1:], block.rows]
            for at, start, end in zip(block.columns, block.starts, ends, strict=True):
                found[self.encoding.categories[at].name] = table[start:end]
        texts = zip(self.encoding.texts, tables[len(self.layout) :], strict=True)
        return found | {column.name: table for column, table in texts}
