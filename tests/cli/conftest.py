from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import pytest
from typer.testing import CliRunner, Result

from jari.cli.app import app

Run: TypeAlias = Callable[..., Result]
Shell: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run() -> Run:
    """A command line in this process: fast; for what is said and with which status."""
    return lambda *args: CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A command line as a process of its own: for streams, pipes, signals and locales."""

    def ran(*args: object, env: dict[str, str] | None = None, **options: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "jari", *map(str, args)],
            cwd=tmp_path,
            env=os.environ | (env or {}),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            **options,
        )

    return ran


@pytest.fixture(scope="session")
def royal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small embedding whose answers are obvious; some keys are odd."""
    from jari.embedding import Embedding

    vectors = {
        "king": [3, 1, 0],
        "queen": [3, 0, 1],
        "man": [1, 1, 0],
        "woman": [1, 0, 1],
        "New York": [0, 0.2, 3],
        "서울 🌍": [0, 0.1, 3],
        "-5": [-1, 2, 0],
        "--help": [-1, 2.1, 0],
        "a\tb\x1b[2J": [-1, 2.2, 0],
        "a,b": [-2, 1, 0],
    }
    place = tmp_path_factory.mktemp("royal") / "royal.jari"
    Embedding(list(vectors), list(vectors.values())).save(place)
    return place


@pytest.fixture(scope="session")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text of two topics that never meet."""
    draw = Random(7)
    farm = ["cow", "barn", "hay", "milk", "plough", "field"]
    sea = ["ship", "wave", "sail", "salt", "anchor", "harbour"]
    place = tmp_path_factory.mktemp("text") / "topics.txt"
    lines = (" ".join(draw.choices(draw.choice([farm, sea]), k=8)) for _ in range(400))
    place.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place
