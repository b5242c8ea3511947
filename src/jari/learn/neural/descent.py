"""`Descent`: steps of Adam with weight decay, also over tables of which a batch touches few rows."""

from __future__ import annotations

from typing import Any

from jari.extras import require
from jari.learn.neural.batches import Tensor
from jari.learn.neural.network import Network


class Descent:
    """Makes a network's loss less.

    Weights are drawn towards 0 as AdamW does it, biases are not: by ``rate · l2`` of themselves at each step; rows of
    a table with sparse gradients only at the steps that touch them.

    Parameters
    ----------
    network
        What learns.
    rate
        The learning rate.
    l2
        The decay.
    """

    def __init__(self, network: Network, *, rate: float, l2: float) -> None:
        optim = require("torch", extra="torch").optim
        free = [tensor for name, tensor in network.dense.items() if "bias" in name]
        drawn = [tensor for name, tensor in network.dense.items() if "bias" not in name]
        tables = [network.tables["inputs"], network.tables["outputs"]]
        self._shrunk: list[Tensor] = []
        self._kept = 1 - rate * l2
        self._optimizers: list[Any] = []
        if network.sparse:
            self._shrunk = tables
            self._optimizers.append(optim.SparseAdam([*tables, network.tables["biases"]], lr=rate))
        else:
            drawn, free = [*drawn, *tables], [*free, network.tables["biases"]]
        groups = [{"params": drawn, "weight_decay": l2}, {"params": free, "weight_decay": 0.0}]
        self._optimizers.append(optim.AdamW([group for group in groups if group["params"]], lr=rate))

    def step(self, loss: Tensor) -> None:
        """One step down."""
        torch = require("torch", extra="torch")
        for optimizer in self._optimizers:
            optimizer.zero_grad()
        loss.backward()
        with torch.no_grad():
            for table in self._shrunk:
                rows = table.grad.coalesce().indices()[0]
                table[rows] = table[rows] * self._kept
        for optimizer in self._optimizers:
            optimizer.step()
