"""Ports, signals and processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from jari.embedding import Embedding
from jari.errors import BadInput
from jari.serve import Settings
from jari.serve.running import address_of, check, listen, new_token

SERVER = """
import sys, time
from jari.serve import Settings, Shelf, create_app, running
import jari.serve.app as app
made = app.create_app
def with_slow(*given, **more):
    app = made(*given, **more)
    @app.get("/test/slow")
    def slow(seconds: float) -> str:
        time.sleep(seconds)
        return "finished"
    return app
running.create_app = with_slow
sock = running.listen("127.0.0.1", 0)
running.run(
    Shelf.open(sys.argv[1:]), Settings(log="text"), sock=sock,
    started=lambda: print(running.address_of("127.0.0.1", sock), flush=True),
)
"""


@contextmanager
def started(*paths: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and its address."""
    command = [sys.executable, "-c", SERVER, *map(str, paths)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            if process.poll() is None:
                process.kill()


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def test_a_port_that_is_in_use() -> None:
    with closing(listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=rf"Port {port} is in use: .* --auto-port for the next free one"):
            listen("127.0.0.1", port)
        with closing(listen("127.0.0.1", port, auto_port=True)) as other:
            assert port < other.getsockname()[1] <= port + 100


def test_addresses_that_are_none() -> None:
    with pytest.raises(BadInput, match=r"'no\.such\.host\.invalid' is no address of this machine"):
        listen("no.such.host.invalid", 0)
    with pytest.raises(BadInput, match=r"Cannot listen on 192\.0\.2\.1, port 0"):
        listen("192.0.2.1", 0)


def test_what_to_type_into_a_browser() -> None:
    with closing(listen("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
        assert address_of("127.0.0.1", sock) == f"http://127.0.0.1:{port}"
        assert address_of("::1", sock) == f"http://[::1]:{port}"
        assert address_of("0.0.0.0", sock) == f"http://{socket.gethostname()}:{port}"


def test_no_port_to_the_world_without_a_token() -> None:
    for host in ("0.0.0.0", "192.168.0.1", "::", "words.example"):
        with pytest.raises(BadInput, match=r"Other machines can reach .*, so a token is needed: pass --token auto"):
            check(Settings(host=host))
        check(Settings(host=host, token=new_token()))
    check(Settings(host="localhost"))
    assert len({new_token() for _ in range(100)}) == 100


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_what_runs_is_finished_before_the_end(folder: Path, stop: signal.Signals) -> None:
    with started(folder / "royal.jari") as (process, address):
        ask = f"import urllib.request as u; print(u.urlopen('{address}/test/slow?seconds=1').read())"
        client = subprocess.Popen([sys.executable, "-c", ask], stdout=subprocess.PIPE, text=True)
        wait_for(lambda: "jari_requests_running 2.0" in get(f"{address}/metrics"))
        process.send_signal(stop)
        answered, _ = client.communicate(timeout=15)
        assert "finished" in answered
        assert process.wait(15) in (0, -stop)
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no such signal")
def test_hanging_up_reloads(tmp_path: Path) -> None:
    place = tmp_path / "places.jari"
    Embedding(["here", "there"], [[1, 0], [1, 1]]).save(place)
    with started(place) as (process, address):
        assert "there" in get(f"{address}/api/similar?key=here")
        Embedding(["here", "nowhere"], [[1, 0], [1, 1]]).save(place, force=True)
        assert "nowhere" not in get(f"{address}/api/similar?key=here")
        os.kill(process.pid, signal.SIGHUP)
        wait_for(lambda: "nowhere" in get(f"{address}/api/similar?key=here"))


def wait_for(what: object, seconds: float = 10) -> None:
    assert callable(what)
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)
