"""How fast `EntityEmbedder` learns, beside a plain loop over PyTorch's DataLoader; and what it needs of memory.

    python -m benchmarks table_training            rows a second on Ames, Dublin and a large table; then memory
    python -m benchmarks table_training --only dublin

The peer is what a tutorial writes: a Dataset that gives one row, a DataLoader that gathers them, one nn.Embedding a
column, one nn.EmbeddingBag a text column, the same hidden layers, dropouts, AdamW and batch size. It gets the arrays
that `EntityEmbedder` has made of the table, quantiles and all: only the training is timed, on both sides. It may have
workers or none, one thread or two: its fastest counts.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

EPOCHS = {"ames": 40, "dublin": 25, "large": 2}  # the first of ours is not timed
TABLES_OF = Path(os.environ.get("JARI_DATA", "../shared/data")) / "tables"


def ames() -> tuple[Any, Any, dict[str, Any]]:
    """House sales: 46 columns of categories, 33 of numbers."""
    import pandas as pd

    table = pd.read_csv(TABLES_OF / "ames.csv.gz", keep_default_na=True)
    target = table.pop("SalePrice").to_numpy(float)
    return table.drop(columns=["Order", "PID"]).astype({"MS SubClass": str}), target, {"target_transform": "log"}


def dublin() -> tuple[Any, Any, dict[str, Any]]:
    """Adverts: four columns of texts, four of categories, eight of numbers."""
    import pandas as pd

    table = pd.read_csv(TABLES_OF / "dublin-listings.csv.gz").drop(columns=["id"])
    target = table.pop("price").str.replace(r"[$,]", "", regex=True).to_numpy(float)
    return table, target, {"target_transform": "log"}


def large() -> tuple[Any, Any, dict[str, Any]]:
    """Made up: 500,000 rows of eight columns of 10 to 10,000 categories and ten of numbers."""
    import pandas as pd

    random = np.random.default_rng(0)
    rows = 500_000
    sizes = [10, 20, 50, 100, 500, 1000, 5000, 10_000]
    columns = {f"c{at}": random.integers(0, size, rows).astype(str) for at, size in enumerate(sizes)}
    columns |= {f"n{at}": random.normal(size=rows) for at in range(10)}
    return pd.DataFrame(columns), columns["n0"] * columns["n1"] + random.normal(size=rows), {}


TABLES = {"ames": ames, "dublin": dublin, "large": large}


def ours(name: str, *, threads: int) -> float:
    """Rows a second."""
    from jari import EntityEmbedder

    table, target, options = TABLES[name]()
    marks: list[tuple[float, float]] = []

    def mark(progress: Any) -> None:
        if progress.figures["epoch"] or name == "large":
            marks.append((time.perf_counter(), progress.done))

    learner = EntityEmbedder(
        **options,
        epochs=EPOCHS[name],
        patience=EPOCHS[name],
        validation=0.0,
        threads=threads,
        random_state=0,
        callbacks=[mark],
    )
    learner.fit(table, target)
    return (marks[-1][1] - marks[0][1]) / (marks[-1][0] - marks[0][0])


def peer(name: str, *, threads: int, workers: int) -> float:
    """Rows a second of the plain loop."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, Dataset

    from jari import EntityEmbedder
    from jari.learn.neural.tables.training import batch_for

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    table, target, options = TABLES[name]()
    learner = EntityEmbedder(**options, epochs=1, validation=0.0, threads=2, random_state=0).fit(table, target)
    inputs = _inputs(learner, table)
    goal = np.log(target) if options else target
    goal = torch.tensor(((goal - goal.mean()) / goal.std()).astype(np.float32))

    class Rows(Dataset[Any]):
        def __len__(self) -> int:
            return len(goal)

        def __getitem__(self, row: int) -> Any:
            return inputs.ids[row], inputs.numbers[row], [bag[row] for bag in inputs.bags], goal[row]

    def gathered(rows: list[Any]) -> Any:
        ids, numbers, bags, goals = zip(*rows, strict=True)
        texts = []
        for bag in zip(*bags, strict=True):
            words, weights = zip(*bag, strict=True)
            offsets = torch.tensor([0, *(len(one) for one in words[:-1])]).cumsum(0)
            texts.append((torch.cat(words), offsets, torch.cat(weights)))
        return torch.stack(ids), torch.stack(numbers), texts, torch.stack(goals)

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            encoding = learner._learnt_.encoding
            self.categories = nn.ModuleList(nn.Embedding(len(one.vocabulary), one.dim) for one in encoding.categories)
            self.words = nn.ModuleList(
                nn.EmbeddingBag(len(one.vocabulary), one.dim, mode="sum") for one in encoding.texts
            )
            width = sum(one.dim for one in encoding.embedded) + inputs.numbers.shape[1]
            self.thinned, self.linear = nn.Dropout(0.1), nn.Linear(width, 1)
            self.hidden = nn.Sequential(
                nn.Linear(width, 128), nn.ReLU(), nn.Dropout(0.3),
                nn.Linear(128, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1),
            )  # fmt: skip

        def forward(self, ids: Any, numbers: Any, bags: Any) -> Any:
            parts = [layer(ids[:, at]) for at, layer in enumerate(self.categories)] + [numbers]
            for layer, (words, offsets, weights) in zip(self.words, bags, strict=True):
                parts.append(layer(words, offsets, nn.functional.dropout(weights, 0.6)))
            x = self.thinned(torch.cat(parts, 1))
            return (self.hidden(x) + self.linear(x))[:, 0]

    network = Network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.003, weight_decay=0.01)
    loader = DataLoader(
        Rows(),
        batch_size=batch_for(len(goal)),
        shuffle=True,
        collate_fn=gathered if inputs.bags else None,
        num_workers=workers,
        persistent_workers=workers > 0,
    )
    most, seen, began = 100_000, 0, 0.0
    for _ in range(EPOCHS[name]):
        for batch in loader:
            *given, goals = batch
            if not inputs.bags:
                given[2] = []
            loss = nn.functional.mse_loss(network(*given), goals)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if not began:
                began = time.perf_counter()  # the first batch starts the workers
            else:
                seen += len(goals)
            if seen >= most:
                return seen / (time.perf_counter() - began)
    return seen / (time.perf_counter() - began)


class _Inputs:
    ids: Any
    numbers: Any
    bags: list[list[tuple[Any, Any]]]


def _inputs(learner: Any, table: Any) -> _Inputs:
    """What the network takes, a tensor a row: made before the clock runs."""
    import torch

    from jari.learn.neural.tables.number_columns import Bends

    rows = learner._rows(table)
    made = _Inputs()
    made.ids = torch.tensor(rows.ids).long()
    bends = Bends.of(learner._learnt_.encoding.numbers)
    made.numbers = torch.tensor(
        np.vstack([bends.inputs(rows.numbers[at : at + 4096]) for at in range(0, len(rows), 4096)])
    )
    made.bags = []
    for bag in rows.bags:
        words, weights = torch.tensor(bag.indices).long(), torch.tensor(bag.data)
        sizes = np.diff(bag.indptr).tolist()
        made.bags.append(list(zip(words.split(sizes), weights.split(sizes), strict=True)))
    return made


def memory(rows: int, dim: int) -> dict[str, float]:
    """What learning a column of `rows` categories adds to the memory of a process that has imported all it needs."""
    import pyarrow as pa
    import torch

    from jari import EntityEmbedder

    random = np.random.default_rng(0)
    codes = np.concatenate([np.arange(rows), random.integers(0, rows, rows // 4)])
    column = pa.array(codes).cast(pa.string())
    target = random.normal(size=len(codes))
    small = EntityEmbedder(categorical=["c"], dims=dim, epochs=1, threads=2, random_state=0)
    small.fit({"c": column[:3000]}, target[:3000])  # what PyTorch allocates once
    del small, torch
    before = _resident()
    learner = EntityEmbedder(categorical=["c"], dims=dim, epochs=2, threads=2, random_state=0)
    _forget_peak()
    learner.fit({"c": column}, target)
    table = 4.0 * rows * dim
    return {"table": table, "peak": _peak() - before, "ratio": (_peak() - before) / table, "all": float(_peak())}


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * resource.getpagesize()


def _forget_peak() -> None:
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:  # noqa: PTH123
        file.write("5")


def _peak() -> int:
    with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM:"))


def _child(*arguments: str) -> str:
    command = [sys.executable, "-m", "benchmarks.table_training", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]


def main() -> None:
    """Run all, or one."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks table_training", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=[*TABLES, "memory"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--categories", type=int, default=1_000_000)
    parser.add_argument("--dim", type=int, default=32)
    parser.add_argument("--child", nargs=4, metavar=("WHO", "TABLE", "THREADS", "WORKERS"), help=argparse.SUPPRESS)
    parser.add_argument("--child-memory", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        who, name, threads, workers = asked.child
        print(
            ours(name, threads=int(threads))
            if who == "ours"
            else peer(name, threads=int(threads), workers=int(workers))
        )
        return
    if asked.child_memory:
        print(memory(asked.categories, asked.dim))
        return
    for name in TABLES if asked.only is None else {asked.only} & set(TABLES):
        compare(name, asked.runs)
    if asked.only in (None, "memory"):
        print(_child("--child-memory", "--categories", str(asked.categories), "--dim", str(asked.dim)))


def compare(name: str, runs: int) -> None:
    """Rows a second of both, run by turns; of each the settings that were fastest in a first run."""
    ways = {
        "ours": [("1", "0"), ("2", "0")],
        "peer": [("1", "0"), ("2", "0"), ("1", "1"), ("1", "2")],
    }
    best = {}
    for who, settings in ways.items():
        tried = {one: float(_child("--child", who, name, *one)) for one in settings}
        best[who] = max(tried, key=lambda one, tried=tried: tried[one])
        print(
            f"{name} {who}:", {f"{t} threads, {w} workers": round(rate) for (t, w), rate in tried.items()}, flush=True
        )
    rates: dict[str, list[float]] = {"ours": [], "peer": []}
    for _ in range(runs):
        for who, found in rates.items():
            found.append(float(_child("--child", who, name, *best[who])))
    ratios = sorted(a / b for a, b in zip(rates["ours"], rates["peer"], strict=True))
    for who, found in rates.items():
        print(f"{name} {who}: {statistics.median(found):,.0f} rows/s ({min(found):,.0f}–{max(found):,.0f})")
    print(f"{name} ratio: {statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})", flush=True)


if __name__ == "__main__":
    main()
