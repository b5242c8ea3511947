from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jari.embedding import Embedding


def test_neighbours_are_a_table_with_bars(run: Any, royal: Path) -> None:
    result = run("similar", royal, "king", "-k", 2)
    assert result.exit_code == 0
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0].strip() == "king"
    assert [line.split()[1] for line in lines if line.strip()[:1].isdigit()] == ["queen", "man"]
    assert "█" in result.stdout


def test_json_is_an_object_a_line(run: Any, royal: Path) -> None:
    lines = run("similar", royal, "New York", "-k", 2, "--json").stdout.splitlines()
    assert [json.loads(line)["key"] for line in lines] == ["서울 🌍", "woman"]
    assert set(json.loads(lines[0])) == {"key", "score"}
    assert "서울 🌍" in lines[0]


def test_several_keys_have_an_answer_each(run: Any, royal: Path) -> None:
    result = run("similar", royal, "king", "man", "--json", "-k", 1)
    assert [json.loads(line)["query"] for line in result.stdout.splitlines()] == ["king", "man"]
    tables = run("similar", royal, "king", "man", "-k", 1).stdout
    assert tables.index("king") < tables.index("man")


@pytest.mark.parametrize("key", ["-5", "New York", "서울 🌍", "a\tb\x1b[2J", "a,b"])
def test_odd_keys_can_be_asked_for(run: Any, royal: Path, key: str) -> None:
    result = run("similar", royal, key, "-k", 1, "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["score"] > 0.8


def test_a_key_that_looks_like_an_option_comes_after_dashes(run: Any, royal: Path) -> None:
    result = run("similar", royal, "-k", 1, "--json", "--", "--help")
    assert json.loads(result.stdout)["key"] == "a\tb\x1b[2J"


def test_control_characters_do_not_reach_the_terminal(run: Any, royal: Path) -> None:
    shown = run("similar", royal, "-5").stdout
    assert "\x1b" not in shown
    assert "a\\tb\\x1b[2J" in shown


def test_distances_are_shown_as_such(run: Any, royal: Path) -> None:
    result = run("similar", royal, "king", "--metric", "euclidean")
    assert "distance" in result.stdout
    nearest, farthest = (line for line in result.stdout.splitlines() if line.split()[:1] in (["1"], ["9"]))
    assert nearest.count("█") > farthest.count("█")


def test_inputs_can_be_included(run: Any, royal: Path) -> None:
    result = run("similar", royal, "king", "-k", 1, "--include-inputs", "--json")
    assert json.loads(result.stdout)["key"] == "king"


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["quen"], 1, "jari: 'quen' is not in this embedding (10 keys). Did you mean 'queen'?\n"),
        ([""], 1, "jari: '' is not in this embedding"),
        (["king", "-k", "0"], 2, "jari: Invalid value for '--k' / '-k'"),
        (["king", "--metric", "manhattan"], 2, "jari: Invalid value for '--metric' / '-m'"),
        ([], 2, "jari: Missing argument"),
    ],
)
def test_what_cannot_be_answered(run: Any, royal: Path, args: list[str], status: int, said: str) -> None:
    result = run("similar", royal, *args)
    assert result.exit_code == status
    assert result.stderr.startswith(said)
    assert result.stdout == ""


def test_answers_before_an_unknown_key_are_given(run: Any, royal: Path) -> None:
    result = run("similar", royal, "king", "quen", "-k", 1, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["query"] == "king"


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "There is no file"), (b"", ""), (b"\x00\xff" * 100, "")],
    ids=["missing", "empty", "binary"],
)
def test_a_file_that_is_no_embedding(run: Any, tmp_path: Path, content: bytes | None, said: str) -> None:
    place = tmp_path / "vectors.bin"
    if content is not None:
        place.write_bytes(content)
    result = run("similar", place, "king")
    assert result.exit_code == 1
    assert str(place) in result.stderr
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert "unexpected" not in result.stderr


# ── as a process of its own


def test_streams_are_apart(shell: Any, royal: Path) -> None:
    result = shell("similar", royal, "king", "quen", "--json")
    assert result.returncode == 1
    assert [set(json.loads(line)) for line in result.stdout.splitlines()] == [{"query", "key", "score"}] * 9
    assert result.stderr.startswith("jari: 'quen'")


def test_a_reader_that_goes_away_is_no_error(royal: Path) -> None:
    program = (
        "import sys; from jari.cli.app import app; import jari.cli.similar as s; "
        "sys.argv = ['jari', 'similar', sys.argv[1], *['king'] * 20000, '--json', '-k', '9']; app()"
    )
    command = f'"{sys.executable}" -c "{program}" "{royal}" | head -n 1; echo "${{PIPESTATUS[0]}}"'
    ran = subprocess.run(["bash", "-c", command], capture_output=True, encoding="utf-8", timeout=60, check=False)
    assert ran.stderr == ""
    first, status = ran.stdout.splitlines()
    assert json.loads(first)["key"] == "queen"
    assert status == "141"


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["table", "json"])
@pytest.mark.parametrize(
    "locale",
    [{"LANG": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "latin-1"}],
    ids=lambda locale: ",".join(f"{k}={v}" for k, v in locale.items()),
)
def test_any_locale_gets_utf8(shell: Any, royal: Path, locale: dict[str, str], options: list[str]) -> None:
    result = shell("similar", royal, "New York", "-k", "1", *options, env=locale)
    assert result.stderr == ""
    assert result.returncode == 0
    assert "서울 🌍" in result.stdout


@pytest.mark.parametrize("locale", [{}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_any_locale_reads_utf8(shell: Any, royal: Path, locale: dict[str, str]) -> None:
    assert "New York" in shell("similar", royal, "서울 🌍", "-k", "1", env=locale).stdout


def test_bytes_that_are_no_text_are_an_unknown_key(royal: Path) -> None:
    command = [sys.executable.encode(), b"-m", b"jari", b"similar", str(royal).encode(), b"k\xffng"]
    ran = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert ran.returncode == 1
    assert b"is not in this embedding" in ran.stderr


def test_an_index_is_asked(run: Any, tmp_path: Path) -> None:
    pytest.importorskip("faiss")
    place = tmp_path / "points.jari"
    draw = np.random.default_rng(0)
    Embedding([f"p{i}" for i in range(300)], draw.standard_normal((300, 8))).save(place)
    result = run("similar", place, "p7", "--approximate")
    assert result.exit_code == 1
    assert "jari build-ann" in result.stderr
    assert run("build-ann", place, "--seed", 1, "--quiet").exit_code == 0
    exact, found = (run("similar", place, "p7", "-k", 3, "--json", *more).stdout for more in ((), ("-a",)))
    assert found == exact
    result = run("similar", place, "p7", "-a", "--metric", "dot")
    assert result.exit_code == 2
    assert "the index was built for 'cosine'" in result.stderr
