"""`jari serve` and `jari explore`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from jari.cli.command import JariCommand, JariGroup
from jari.cli.explore import explore
from jari.cli.serve import serve
from jari.serve.running import listen

app = typer.Typer(cls=JariGroup)
app.command(cls=JariCommand)(serve)
app.command(cls=JariCommand)(explore)
AS_PROCESS = "from test_serve import app; app()"


def run(*args: object, **options: Any) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args], **options)


@contextmanager
def running(*args: object, env: dict[str, str] | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a process, and the address that it says."""
    command = [sys.executable, "-c", AS_PROCESS, *map(str, args)]
    path = {"PYTHONPATH": str(Path(__file__).parent), "JARI_TOKEN": ""} | (env or {})
    environment = {name: value for name, value in (os.environ | path).items() if value or name != "JARI_TOKEN"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stderr is not None
            said = process.stderr.readline()
            address = re.search(r"http://\S+", said)
            assert address, said + process.stderr.read()
            yield process, address[0]
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def get(address: str, token: str | None = None) -> Any:
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
        return json.load(answer)


def test_a_server_answers(royal: Path) -> None:
    with running("serve", royal, f"again={royal}", "--port", 0) as (_, address):
        assert [item["name"] for item in get(f"{address}api/embeddings")["items"]] == ["royal", "again"]
        assert get(f"{address}api/similar?name=again&key=king&k=1")["neighbours"][0]["key"] == "queen"


def test_several_workers(royal: Path) -> None:
    with running("serve", royal, "--port", 0, "--workers", 2) as (process, address):
        for _ in range(20):
            assert get(f"{address}healthz") == {"status": "ok"}
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def test_a_token_from_the_environment(royal: Path) -> None:
    with running("serve", royal, "--port", 0, env={"JARI_TOKEN": "secret"}) as (_, address):
        assert "secret" not in address
        with pytest.raises(urllib.error.HTTPError, match="401"):
            get(f"{address}api/embeddings")
        assert get(f"{address}api/embeddings", "secret")["items"]


def test_explore_takes_the_next_port(royal: Path) -> None:
    with closing(listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running("explore", royal, "--port", port, "--no-browser") as (_, address):
            assert not address.endswith(f":{port}/")
            assert get(f"{address}healthz") == {"status": "ok"}


def test_a_port_in_use(royal: Path) -> None:
    with closing(listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", royal, "--port", port)
        assert result.exit_code == 1
        assert f"Port {port} is in use" in result.stderr


def test_no_port_to_the_world_without_a_token(royal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JARI_TOKEN", raising=False)
    result = run("serve", royal, "--host", "0.0.0.0")
    assert result.exit_code == 2
    assert "so a token is needed" in result.stderr
    assert run("serve", royal, "--token", "").exit_code == 2


def test_what_cannot_be_opened(royal: Path, tmp_path: Path) -> None:
    result = run("serve", royal, tmp_path / "nothing.jari", "--port", 0)
    assert result.exit_code == 1
    assert "There is no" in result.stderr


def test_a_made_token_is_said_once(royal: Path) -> None:
    with running("explore", royal, "--port", 0, "--no-browser", "--token", "auto") as (_, address):
        base, _, token = address.partition("/?token=")
        assert len(token) >= 40
        assert get(f"{base}/api/embeddings", token)["items"]
