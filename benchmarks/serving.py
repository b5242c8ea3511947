"""Load on ``/api/similar``, beside a FastAPI route around gensim's `most_similar`: ``python -m benchmarks serving``.

Targets: 100,000 × 100, 32 clients at a time for 30 s, another key in each request: no error, the 99th percentile below
10 times the median of a single client; five times as many requests a second as gensim's; and no more memory after
10,000 requests than before.

Both are FastAPI apps under the same uvicorn (uvloop, httptools, no access log), and each gets its best setting: one
process or as many as there are cores; and gensim's, BLAS with one thread or with all, and as many requests at a time as
there are cores or FastAPI's forty. The servers run by turns, and ``wrk`` asks them (``apt-get install wrk``).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jari.embedding import Embedding, load
from jari.threads import thread_count

# An odd step through the rows: a key comes back only after all others have been asked for
_KEYS = """
local at, rows = {start}, {rows}
function request()
  at = (at + {step}) % rows
  return wrk.format("GET", wrk.path .. "?key=key" .. at)
end
"""


_GENSIM = "JARI_BENCHMARK_GENSIM"


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk found: seconds, requests a second, and how many went wrong."""

    median: float
    p99: float
    rate: float
    errors: int


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=int, default=30, help="of each measurement with all clients")
    parser.add_argument("--rounds", type=int, default=1, help="how often each side is measured")
    parser.add_argument("--serve", nargs=3, metavar=("SIDE", "PATH", "PORT"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        side, path, port = options.serve
        _SIDES[side](path, int(port))
        return
    if shutil.which("wrk") is None:
        sys.exit("wrk is not there: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), options)


def _measure(folder: Path, options: Any) -> None:
    draw = np.random.default_rng(0)
    place = folder / "many.jari"
    vectors = draw.standard_normal((options.rows, options.dim), dtype=np.float32)
    Embedding([f"key{row}" for row in range(options.rows)], vectors).save(place)
    print(f"{options.rows:,} × {options.dim}, {thread_count()} cores, {options.clients} clients, {options.seconds} s")
    ours, theirs = (
        max(sides, key=lambda side: _rate(folder, place, side, options, seconds=max(3, options.seconds // 6)))
        for sides in (("jari", "jari-workers"), ("gensim", "gensim-all", "gensim-few", "gensim-workers"))
    )
    found: dict[str, list[tuple[float, Load]]] = {ours: [], theirs: []}
    for _ in range(options.rounds):
        for side in found:
            with _served(side, place) as (_, address):
                single = _wrk(folder, address, options.rows, clients=1, seconds=max(3, options.seconds // 6))
                _wrk(folder, address, options.rows, clients=options.clients, seconds=3)  # warms up what only many need
                many = _wrk(folder, address, options.rows, clients=options.clients, seconds=options.seconds)
                found[side].append((single.median, many))
                _print(side, single, many)
    mine, other = (statistics.median(load.rate for _, load in found[side]) for side in found)
    tail = statistics.median(load.p99 / single for single, load in found[ours])
    errors = sum(load.errors for _, load in found[ours])
    print(f"{mine / other:.1f} times the requests a second; p99 ÷ median of one client: {tail:.1f}; errors: {errors}")
    with _served("jari", place) as (process, address):
        _print_memory(process, address, options.rows)


def _rate(folder: Path, place: Path, side: str, options: Any, *, seconds: int) -> float:
    with _served(side, place) as (_, address):
        rate = _wrk(folder, address, options.rows, clients=options.clients, seconds=seconds).rate
    print(f"{side:<12}{rate:8.0f} /s")
    return rate


def _print(side: str, single: Load, many: Load) -> None:
    print(
        f"{side:<12}one client {single.median * 1e3:6.1f} ms   all: {many.rate:7.0f} /s, "
        f"median {many.median * 1e3:.0f} ms, p99 {many.p99 * 1e3:.0f} ms, {many.errors} errors",
        flush=True,
    )


def _print_memory(process: subprocess.Popen[bytes], address: str, rows: int) -> None:
    """Resident memory before and after 10,000 requests, one after another, of several kinds."""
    before = _resident(process.pid)
    base = address.rpartition("/api/")[0]
    for number in range(10_000):
        key = f"key{number * 7919 % rows}"
        path = ("/api/similar?key=", "/api/vector?key=", "/api/suggest?q=", "/api/ask?q=")[number % 4]
        with urllib.request.urlopen(f"{base}{path}{key}") as answer:
            answer.read()
    print(f"resident memory: {before / 1e6:.1f} MB, after 10,000 requests {_resident(process.pid) / 1e6:.1f} MB")


def _resident(pid: int) -> int:
    """What is the process's own: without the pages of mapped files, which the system may take back."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", text)[1]) * 1024  # type: ignore[index]


@contextlib.contextmanager
def _served(side: str, place: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A side in a process of its own, warmed up, and the address to ask."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.serving", "--serve", side, str(place), str(port)]
    address = f"http://127.0.0.1:{port}/api/similar"
    with subprocess.Popen(command, env=os.environ | {"TQDM_DISABLE": "1"}) as process:
        try:
            for number in range(600):
                try:
                    with urllib.request.urlopen(f"{address}?key=key1") as answer:
                        answer.read()
                    if number:
                        break
                except OSError:
                    time.sleep(0.1)
            for row in range(50):
                urllib.request.urlopen(f"{address}?key=key{row}").read()
            time.sleep(1)
            yield process, address
        finally:
            process.terminate()
            process.wait()


def _wrk(folder: Path, address: str, rows: int, *, clients: int, seconds: int) -> Load:
    step = 7919 if rows % 7919 else 7907  # no divisor of the rows: all keys come
    script = folder / "keys.lua"
    script.write_text(_KEYS.format(start=time.monotonic_ns() % rows, rows=rows, step=step))
    command = [
        "wrk",
        "-t1",
        f"-c{clients}",
        f"-d{seconds}s",
        "--timeout",
        "30s",
        "--latency",
        "-s",
        str(script),
        address,
    ]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+(\S+)", said)
    assert rate, said
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", said)
    errors = int(refused[1]) if refused else 0
    errors += sum(map(int, lost.groups())) if lost else 0
    return Load(_seconds(said, "50%"), _seconds(said, "99%"), float(rate[1]), errors)


def _seconds(said: str, share: str) -> float:
    found = re.search(rf"{share}\s+([0-9.]+)(us|ms|s|m)\b", said)
    assert found, said
    return float(found[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}[found[2]]


def _serve_jari(path: str, port: int) -> None:
    from jari.serve import Settings, Shelf, run

    run(Shelf.open([path]), Settings(port=port, log="off"))


def _serve_jari_workers(path: str, port: int) -> None:
    from jari.serve import Settings
    from jari.serve.running import listen, run_workers

    settings = Settings(port=port, log="off")
    run_workers([path], [], settings, thread_count(), listen(settings.host, port))


def _serve_gensim(path: str, port: int, *, blas: int | None = 1, at_once: int | None = None, workers: int = 1) -> None:
    import uvicorn

    os.environ[_GENSIM] = json.dumps([path, blas, at_once])
    app = "benchmarks.serving:gensim_app"
    uvicorn.run(app, factory=True, port=port, workers=workers, log_level="critical", access_log=False)


def gensim_app() -> Any:
    """The route around gensim; what of is in the environment, for uvicorn's workers."""
    import anyio.to_thread
    from fastapi import FastAPI
    from gensim.models import KeyedVectors
    from threadpoolctl import threadpool_limits

    path, blas, at_once = json.loads(os.environ[_GENSIM])

    embedding = load(path)
    vectors = KeyedVectors(embedding.dim)
    vectors.add_vectors(list(embedding.keys), embedding.vectors)
    vectors.fill_norms()

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> Any:
        if at_once is not None:
            anyio.to_thread.current_default_thread_limiter().total_tokens = at_once
        with threadpool_limits(blas, user_api="blas"):
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/api/similar")
    def similar(key: str, k: int = 10) -> dict[str, Any]:
        found = vectors.most_similar(key, topn=k)
        return {"key": key, "neighbours": [{"key": near, "score": score} for near, score in found]}

    return app


_SIDES: dict[str, Any] = {
    "jari": _serve_jari,
    "jari-workers": _serve_jari_workers,
    "gensim": _serve_gensim,
    "gensim-all": lambda path, port: _serve_gensim(path, port, blas=None),
    "gensim-few": lambda path, port: _serve_gensim(path, port, at_once=thread_count()),
    "gensim-workers": lambda path, port: _serve_gensim(path, port, at_once=1, workers=thread_count()),
}


if __name__ == "__main__":
    main()
