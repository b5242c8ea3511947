"""`Network`: what a `SoftmaxRecommender` learns, as tensors."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jari.extras import require
from jari.learn.neural.batches import Entries, Tensor
from jari.learn.neural.learnt_network import Layers
from jari.types import Counts, Matrix


@dataclass(slots=True, eq=False)
class Network:
    """The layers of `Layers`, with the softmax over items on top.

    Parameters
    ----------
    tables
        By name the tensors of which a batch touches few rows, each of two dimensions: ``"inputs"`` (items, dim), the
        embedding layer; ``"outputs"`` (items, dim) and ``"biases"`` (items, 1), the softmax.
    dense
        By name all others: ``"bias"``, ``"features"``, ``"hidden0_weights"``, …: as `Layers.arrays`.
    activation, pooling
        As in `Layers`.
    dropout
        The share of each hidden layer that is left out of a batch.
    sparse
        Whether gradients of the tables hold the rows that were touched only.
    generator
        Of PyTorch, on the device of the tensors.
    """

    tables: dict[str, Tensor]
    dense: dict[str, Tensor]
    activation: str
    pooling: str
    dropout: float
    sparse: bool
    generator: Any
    depth: int = field(init=False)

    def __post_init__(self) -> None:
        self.depth = sum(name.startswith("hidden") for name in self.dense) // 2

    @classmethod
    def drawn(
        cls,
        counts: Counts,
        *,
        dim: int,
        sizes: tuple[int, ...],
        columns: int | None,
        activation: str,
        pooling: str,
        dropout: float,
        sparse: bool,
        generator: Any,
    ) -> Network:
        """A network before it has learnt: vectors of length one or so, biases by how often each item was chosen.

        The last hidden layer's weights are 0: hidden layers begin by adding nothing.
        """
        torch = require("torch", extra="torch")
        device = generator.device

        def normal(rows: int, width: int, scale: float) -> Tensor:
            return torch.randn(rows, width, generator=generator, device=device) * scale

        items = len(counts)
        seen = np.log(counts + 1.0)
        tables = {
            "inputs": normal(items, dim, dim**-0.5),
            "outputs": normal(items, dim, dim**-0.5),
            "biases": torch.tensor((seen - seen.mean()).astype(np.float32)[:, None], device=device),
        }
        dense = {"bias": torch.zeros(dim, device=device)}
        if columns is not None:
            dense["features"] = torch.zeros(columns, dim, device=device)
        widths = (dim, *sizes, dim) if sizes else ()
        for at, (low, high) in enumerate(itertools.pairwise(widths)):
            last = at == len(sizes)
            dense[f"hidden{at}_weights"] = normal(low, high, 0.0 if last else low**-0.5)
            dense[f"hidden{at}_bias"] = torch.zeros(high, device=device)
        network = cls(tables, dense, activation, pooling, dropout, sparse, generator)
        for tensor in network.tensors():
            tensor.requires_grad_()
        return network

    def tensors(self) -> Iterator[Tensor]:
        """All that is learnt."""
        yield from self.tables.values()
        yield from self.dense.values()

    def users(self, histories: Entries, features: Entries | None, *, learning: bool) -> Tensor:
        """The vectors of users, shape (m, dim)."""
        torch = require("torch", extra="torch")
        x = _bag(histories, self._shares(histories), self.tables["inputs"], sparse=self.sparse) + self.dense["bias"]
        if features is not None:
            x = x + _bag(features, features.weights, self.dense["features"])
        if not self.depth:
            return x
        activate = getattr(torch.nn.functional, self.activation)
        h = x
        for at in range(self.depth - 1):
            h = activate(h @ self.dense[f"hidden{at}_weights"] + self.dense[f"hidden{at}_bias"])
            if learning and self.dropout:
                kept = torch.rand(h.shape, generator=self.generator, device=h.device) >= self.dropout
                h = h * kept / (1 - self.dropout)
        last = self.depth - 1
        return x + h @ self.dense[f"hidden{last}_weights"] + self.dense[f"hidden{last}_bias"]

    def _shares(self, histories: Entries) -> Tensor:
        weights = histories.weights
        if self.pooling == "sqrt":
            return weights / histories.sums(weights * weights).sqrt()[histories.rows]
        return weights / histories.sums(weights)[histories.rows] if self.pooling == "mean" else weights

    def copied(self) -> dict[str, Matrix]:
        """All that is learnt, as arrays of their own."""
        return {name: tensor.detach().cpu().numpy().copy() for name, tensor in (self.tables | self.dense).items()}

    def layers(self, arrays: dict[str, Matrix]) -> Layers:
        """What `copied` gave, without the softmax on top."""
        pairs = [(arrays[f"hidden{at}_weights"], arrays[f"hidden{at}_bias"]) for at in range(self.depth)]
        features = arrays.get("features")
        return Layers(arrays["inputs"], arrays["bias"], features, tuple(pairs), self.activation, self.pooling)


def _bag(entries: Entries, shares: Tensor, table: Tensor, *, sparse: bool = False) -> Tensor:
    torch = require("torch", extra="torch")
    return torch.nn.functional.embedding_bag(
        entries.columns, table, entries.offsets(), mode="sum", per_sample_weights=shares, sparse=sparse
    )
