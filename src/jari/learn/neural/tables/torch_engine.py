"""`TorchEngine`: a network and its rows on a device of PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np

from jari.extras import require
from jari.learn.neural.batches import SparseRows, Tensor
from jari.learn.neural.tables.encoding import Encoded, TableEncoding
from jari.learn.neural.tables.engine import Copied, Design
from jari.learn.neural.tables.network import Batch, TableNetwork
from jari.types import Matrix, Rows

_AT_ONCE = 4096  # rows of which the loss is asked


class TorchEngine:
    """Learns as `KernelEngine` does, from another chance; on a GPU in mixed precision.

    Parameters
    ----------
    network
        As it begins.
    rows, target
        What it learns from.
    """

    def __init__(self, network: TableNetwork, rows: Encoded, target: Any) -> None:
        torch = require("torch", extra="torch")
        self._network, self.design = network, network.design
        self._device = network.generator.device
        self._ids = torch.tensor(rows.ids, device=self._device)
        self._numbers = torch.tensor(rows.numbers, device=self._device)
        self._bags = [SparseRows(bag, weighted=True, device=self._device) for bag in rows.bags]
        self._target = torch.tensor(target, device=self._device)
        weights = [tensor for name, tensor in network.dense.items() if not name.endswith("bias")]
        biases = [tensor for name, tensor in network.dense.items() if name.endswith("bias")]
        groups = [{"params": weights, "weight_decay": network.design.l2}, {"params": biases, "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups, fused=True)

    @classmethod
    def begun(cls, encoding: TableEncoding, design: Design, rows: Encoded, target: Any, *, device: Any) -> TorchEngine:
        """With the weights that `KernelEngine` draws."""
        from jari.learn.neural.tables.kernel_engine import KernelEngine

        torch = require("torch", extra="torch")
        drawn = KernelEngine(encoding, design, rows, target)
        layers, arrays = drawn.learnt(drawn.copied(None))
        drawn.release()
        generator = torch.Generator(device=device).manual_seed(design.seed)
        return cls(TableNetwork(encoding, design, layers, arrays, generator), rows, target)

    def step(self, rows: Rows, rate: float) -> float:
        """One step down by some rows; their mean loss before it."""
        torch = require("torch", extra="torch")
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        loss = self._loss(torch.tensor(rows, device=self._device), learning=True)
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        for layer in self._network.layers():
            layer.step(rate)
        return float(loss.item())

    def loss(self, rows: Rows) -> float:
        """The mean loss of some rows, of which nothing is left out."""
        torch = require("torch", extra="torch")
        total = 0.0
        with torch.no_grad():
            for part in torch.tensor(rows, device=self._device).split(_AT_ONCE):
                total += self._loss(part, learning=False).item() * len(part)
        return total / len(rows)

    def _loss(self, rows: Tensor, *, learning: bool) -> Tensor:
        torch = require("torch", extra="torch")
        functions, device = torch.nn.functional, self._device.type
        batch = Batch(self._ids[rows], self._numbers[rows], tuple(bag.take(rows) for bag in self._bags))
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            outputs = self._network.outputs(batch, learning=learning).float()
        target = self._target[rows]
        if self._network.design.task == "regression":
            return functions.mse_loss(outputs[:, 0], target)
        if outputs.shape[1] == 1:
            return functions.binary_cross_entropy_with_logits(outputs[:, 0], target.float())
        return functions.cross_entropy(outputs, target)

    def _parts(self) -> list[Matrix]:
        tensors = [*(layer.table for layer in self._network.layers()), *self._network.dense.values()]
        return [tensor.detach().cpu().numpy() for tensor in tensors]

    def is_finite(self) -> bool:
        """Whether all that is learnt is finite."""
        return all(bool(np.isfinite(part.sum())) for part in self._parts())

    def copied(self, onto: Copied | None) -> Copied:
        """All that is learnt, as arrays of their own; those of an earlier copy are written to, if there is one."""
        if onto is None:
            return tuple(part.copy() for part in self._parts())
        for old, new in zip(onto, self._parts(), strict=True):
            np.copyto(old, new)
        return onto

    def learnt(self, copied: Copied) -> tuple[dict[str, Matrix], dict[str, Matrix]]:
        """Of a copy the embedding layer of each column, and the arrays of `LearntTable`."""
        count = len(self._network.layout) + len(self._network.encoding.texts)
        tables = [array.reshape(len(array), -1) for array in copied[:count]]
        return self._network.by_column(tables), dict(zip(self._network.dense, copied[count:], strict=True))

    def release(self) -> None:
        """Let go of all memory: a copy is enough."""
        self._network.blocks.clear()
        self._network.texts.clear()
