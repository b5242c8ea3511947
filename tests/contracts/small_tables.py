"""Small tables of any mix of columns, and networks over them that have learnt something."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from jari.learn.neural.tables.encoding import KINDS, Choices, Encoded, TableEncoding
from jari.learn.neural.tables.engine import Design, Noise
from jari.learn.neural.tables.kernel_engine import KernelEngine
from jari.learn.neural.tables.learnt_table import LearntTable

CELLS = {
    "categorical": st.sampled_from(["a", "b", "c", "d", "", None, "<unknown>"]),
    "numeric": st.one_of(st.none(), st.integers(-3, 3).map(float), st.floats(-1e4, 1e4)),
    "text": st.one_of(st.none(), st.lists(st.sampled_from("uvwxyz"), max_size=4).map(" ".join)),
}
TYPES = {"categorical": pa.string(), "numeric": pa.float64(), "text": pa.string()}
FIRST = {"categorical": "a", "numeric": 1.5, "text": "u u"}  # so that there is something to learn


def choices(**changed):
    plain = {
        "kinds": {},
        "closed": (),
        "dims": None,
        "text_dim": 3,
        "pretrained": {},
        "min_count": 1,
        "tokenizer": "whitespace",
        "max_vocabulary": None,
        "bins": 4,
    }
    return Choices(**(plain | changed))


@dataclass
class SmallTable:
    """A table's encoding, and the rows of another table: with categories and words that are not known."""

    encoding: TableEncoding
    rows: Encoded


@st.composite
def small_tables(draw):
    """Zero to three columns of each kind, one at least; vectors of one to three numbers."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=6))
    names = [f"{kind}{at}" for at, kind in enumerate(kinds)]
    size = draw(st.integers(0, 6))

    def table(rows, first):
        return {
            name: pa.array(
                [FIRST[kind]] * first + draw(st.lists(CELLS[kind], min_size=rows, max_size=rows)), TYPES[kind]
            )
            for name, kind in zip(names, kinds, strict=True)
        }

    dims = {name: draw(st.integers(1, 3)) for name, kind in zip(names, kinds, strict=True) if kind != "numeric"}
    named = choices(kinds=dict(zip(names, kinds, strict=True)), closed=KINDS, dims=dims)
    encoding, _ = TableEncoding.fit(table(size, 1), named, named=True)
    return SmallTable(encoding, encoding.encode(table(draw(st.integers(1, 8)), 0)))


def design_of(*, hidden=(5, 4), outputs=2, activation="gelu", noise=(0, 0, 0, 0), seed=1, **more):
    plain = {"task": "regression", "l2": 0.01, "pretrained": {}, "frozen": frozenset()}
    return Design(
        hidden=hidden, outputs=outputs, activation=activation, noise=Noise(*noise), seed=seed, **(plain | more)
    )


def kernels_of(table, target=None, **designed):
    """An engine on the CPU all of whose weights are drawn."""
    made = KernelEngine(table.encoding, design_of(**designed), table.rows, target)
    made._weights[:] = np.random.default_rng(2).normal(0, 0.5, len(made._weights))
    return made


def network_of(table, **designed):
    """The same network as tensors."""
    import torch

    from jari.learn.neural.tables.network import TableNetwork

    design, drawn = design_of(**designed), kernels_of(table, **designed)
    generator = torch.Generator().manual_seed(design.seed)
    return TableNetwork(table.encoding, design, *drawn.learnt(drawn.copied(None)), generator)


def torch_of(table, target, **designed):
    """The same engine of PyTorch."""
    from jari.learn.neural.tables.torch_engine import TorchEngine

    return TorchEngine(network_of(table, **designed), table.rows, target)


def all_rows(rows):
    """As a batch of a network."""
    import torch

    from jari.learn.neural.batches import SparseRows
    from jari.learn.neural.tables.network import Batch

    bags = [SparseRows(bag, weighted=True, device="cpu").take(torch.arange(len(rows))) for bag in rows.bags]
    return Batch(torch.tensor(rows.ids), torch.tensor(rows.numbers), tuple(bags))


def learnt(network):
    """The same network in NumPy."""
    vectors = network.by_column([layer.table.numpy() for layer in network.layers()])
    arrays = {name: weights.detach().numpy() for name, weights in network.dense.items()}
    return LearntTable(network.encoding, vectors, arrays, network.design.activation)


def plain_table(rows=200, seed=1):
    """A category, numbers, a text, and what they say together; all of it known."""
    draw = np.random.default_rng(seed)
    store, size, words = draw.integers(5, size=rows), draw.normal(size=rows), draw.integers(4, size=(rows, 2))
    target = 0.5 * store + size + (words == 3).sum(1) + draw.normal(0, 0.1, rows)
    table = {
        "store": pa.array([f"s{one}" for one in store]),
        "size": pa.array(size),
        "advert": pa.array([f"w{one} w{other}" for one, other in words]),
    }
    kinds = {"store": "categorical", "size": "numeric", "advert": "text"}
    encoding, encoded = TableEncoding.fit(table, choices(kinds=kinds, closed=KINDS), named=True)
    return SmallTable(encoding, encoded), ((target - target.mean()) / target.std()).astype(np.float32)
