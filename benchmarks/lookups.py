"""A lookup, a one-hot product and a sparse product: the same vectors, at what price: ``python -m benchmarks lookups``.

The vectors of a batch of ids are rows of a table. ``v W`` with a one-hot v for each id gives the same, and so does a
sparse S times W. Each way runs in processes of its own. Time is the middle of several batches, after one that does not
count; ids are drawn before, and the ones and zeros, dense or sparse, are part of the work. Memory is what the process
took at its peak beyond that of one which only holds the table. ``--write`` puts the table into docs/layers.md.

With 500,000 keys, one batch of 1,024 ids is 2 GB of zeros as a dense one-hot. Zeros that are never written take no
memory until something stands beside them: the system holds somewhat less.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.process import measured

PAGE = Path(__file__).parents[1] / "docs" / "layers.md"
MARKS = "<!-- benchmark:lookups -->", "<!-- /benchmark -->"
NUMPY = {
    "table alone": "nothing",
    "lookup, `W[ids]`": "lookup",
    "sparse product, `S @ W`": "sparse",
    "dense one-hot product, `v @ W`": "one_hot",
}
TORCH = {
    "table alone": "torch_nothing",
    "`nn.Embedding`": "torch_lookup",
    "`nn.Embedding`, forward, back and a step": "torch_step",
    "the same, `sparse=True`": "torch_sparse_step",
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, nargs="+", default=[10_000, 500_000])
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=9, help="batches of each way; a dense product gets 3 at most")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="put the table into docs/layers.md")
    parser.add_argument("--run", help=argparse.SUPPRESS)  # one way, in its process
    options = parser.parse_args()
    if options.run:
        print(json.dumps(seconds(options.run, options)))
        return
    table = "\n".join(lines(options))
    print(table)
    if options.write:
        write(table)


def lines(options: argparse.Namespace) -> Iterator[str]:
    """The table, line by line."""
    yield "| | " + " | ".join(f"{keys:,} keys | memory" for keys in options.keys) + " |"
    yield "|---|" + "--:|--:|" * len(options.keys)
    for ways in (NUMPY, TORCH):
        held: dict[int, float] = {}
        for name, way in ways.items():
            cells = []
            for keys in options.keys:
                taken, peak = run(way, keys, options)
                if way.endswith("nothing"):
                    held[keys] = peak
                else:
                    cells += [_time(taken), f"{max(0.0, peak - held[keys]):,.0f} MB"]
            if cells:
                yield f"| {name} | {' | '.join(cells)} |"
    yield ""
    yield (
        f"{options.batch:,} ids, {options.dim} dimensions, float32, threads: {options.threads}. {_versions()}, "
        f"Python {platform.python_version()}, {_processor()}."
    )


def run(way: str, keys: int, options: argparse.Namespace) -> tuple[float, float]:
    """Middle seconds of a batch, and the peak of the process in MB."""
    given = ["--run", way, "--keys", keys, "--batch", options.batch, "--dim", options.dim]
    given += ["--repeats", min(options.repeats, 3) if way == "one_hot" else options.repeats]
    threads = {name: str(options.threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    found = measured("benchmarks.lookups", given, threads)
    times: list[float] = json.loads(found.output)
    return statistics.median(times), found.peak_mb


def seconds(way: str, options: argparse.Namespace) -> list[float]:
    """How long each batch takes, one way; the answer of the first is compared with a lookup."""
    import numpy as np

    (keys,) = options.keys
    generator = np.random.default_rng(0)
    table = generator.standard_normal((keys, options.dim), np.float32)
    batches = generator.integers(0, keys, (options.repeats + 1, options.batch))
    work = (_in_torch if way.startswith("torch") else _in_numpy)(way, table)
    times = []
    for number, ids in enumerate(batches):
        began = time.perf_counter()
        answer = work(ids)
        times.append(time.perf_counter() - began)
        if number == 0 and answer is not None:
            assert np.array_equal(answer, table[ids])
        del answer
    return times[1:]


def _in_numpy(way: str, table: Any) -> Callable[[Any], Any]:
    import numpy as np
    from scipy.sparse import csr_array

    def one_hot(ids: Any) -> Any:
        v = np.zeros((len(ids), len(table)), np.float32)
        v[np.arange(len(ids)), ids] = 1
        return v @ table

    def sparse(ids: Any) -> Any:
        ones = np.ones(len(ids), np.float32)
        return csr_array((ones, ids, np.arange(len(ids) + 1)), shape=(len(ids), len(table))) @ table

    ways: dict[str, Callable[[Any], Any]] = {
        "nothing": lambda ids: None,
        "lookup": lambda ids: table[ids],
        "sparse": sparse,
        "one_hot": one_hot,
    }
    return ways[way]


def _in_torch(way: str, table: Any) -> Callable[[Any], Any]:
    import torch

    layer = torch.nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=False, sparse="sparse" in way)
    descent = torch.optim.SGD(layer.parameters(), lr=1e-3)

    def step(ids: Any) -> None:
        layer(torch.from_numpy(ids)).square().sum().backward()
        descent.step()
        descent.zero_grad()

    ways: dict[str, Callable[[Any], Any]] = {
        "torch_nothing": lambda ids: None,
        "torch_lookup": lambda ids: layer(torch.from_numpy(ids)).detach().numpy(),
        "torch_step": step,
        "torch_sparse_step": step,
    }
    return ways[way]


def write(table: str) -> None:
    """Put the table between its marks in the page."""
    page = PAGE.read_text(encoding="utf-8")
    begin, end = MARKS
    between = re.compile(f"{re.escape(begin)}\n.*?{re.escape(end)}", re.DOTALL)
    if not between.search(page):
        sys.exit(f"{PAGE.name} has no lines {begin} and {end} to put the table between.")
    PAGE.write_text(between.sub(lambda _: f"{begin}\n{table}\n{end}", page), encoding="utf-8")
    print(f"The table is in {PAGE.name}.")


def _time(taken: float) -> str:
    if taken >= 1:
        return f"{taken:.1f} s"
    return f"{taken * 1e3:.1f} ms" if taken >= 1e-3 else f"{taken * 1e6:.0f} µs"


def _versions() -> str:
    names = {"NumPy": "numpy", "SciPy": "scipy", "PyTorch": "torch"}
    return ", ".join(f"{name} {version(package)}" for name, package in names.items())


def _processor() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return f"{found[1] if found else platform.machine()}, {cores} cores"


if __name__ == "__main__":
    main()
