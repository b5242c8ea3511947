from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def learnt(tmp_path: Path) -> Path:
    from jari.embedding import Embedding

    place = tmp_path / "learnt.jari"
    metadata = {"learner": "Word2Vec", "parameters": {"dim": 2, "sample": 1e-4, "threads": None}, "losses": [2.5, 1.25]}
    Embedding(["a", "b"], [[1, 0], [0, 1]], metadata=metadata).save(place)
    return place


def test_what_it_holds_and_how_it_was_learnt(run: Any, learnt: Path) -> None:
    shown = run("info", learnt).stdout
    for pair in (["keys", "2"], ["dim", "2"], ["learner", "Word2Vec"], ["sample", "0.0001"], ["threads", "—"]):
        assert pair in [line.split() for line in shown.splitlines()]
    first, second = (line for line in shown.splitlines() if line.strip()[:3].strip() in ("1", "2") and "█" in line)
    assert "2.5" in first
    assert first.count("█") == 2 * second.count("█")


def test_json_is_one_object(run: Any, learnt: Path) -> None:
    told = json.loads(run("info", learnt, "--json").stdout)
    assert told["keys"] == told["dim"] == 2
    assert told["metadata"]["losses"] == [2.5, 1.25]
    assert told["bytes"] == sum(file.stat().st_size for file in learnt.iterdir())


def test_verify_says_that_all_is_well(run: Any, learnt: Path) -> None:
    result = run("info", learnt, "--verify")
    assert result.exit_code == 0
    assert "Every byte is as it was written." in result.stderr


@pytest.mark.parametrize("name", ["vectors.safetensors", "keys.arrow"])
def test_verify_finds_a_byte_that_changed(run: Any, learnt: Path, name: str) -> None:
    content = bytearray((learnt / name).read_bytes())
    content[-20] ^= 1
    (learnt / name).write_bytes(content)
    result = run("info", learnt, "--verify")
    assert result.exit_code == 1
    assert name in result.stderr
    assert "checksum" in result.stderr
    assert result.stdout == ""


def test_verify_needs_checksums(run: Any, tmp_path: Path) -> None:
    (tmp_path / "a.vec").write_text("1 1\na 1\n")
    result = run("info", tmp_path / "a.vec", "--verify")
    assert result.exit_code == 2
    assert "only these hold checksums" in result.stderr


def test_a_future_version_is_refused(run: Any, learnt: Path) -> None:
    about = json.loads((learnt / "embedding.json").read_text())
    (learnt / "embedding.json").write_text(json.dumps(about | {"version": 99}))
    result = run("info", learnt)
    assert result.exit_code == 1
    assert "99" in result.stderr


def test_half_a_folder_is_refused(run: Any, learnt: Path) -> None:
    (learnt / "keys.arrow").unlink()
    result = run("info", learnt)
    assert result.exit_code == 1
    assert "keys.arrow" in result.stderr
    shutil.rmtree(learnt)
    assert "There is no" in run("info", learnt).stderr


def test_a_compressed_folder_is_told_of_and_verified(run: Any, tmp_path: Path) -> None:
    from jari.embedding import Embedding
    from jari.embedding.compression import compress

    metadata = {"loss_curve": [[0.1, 4.0], [0.2, 3.0]]}
    small = compress(Embedding(["a", "b", "c"], [[1, 0.5], [0, 1], [1, 1]], metadata=metadata), "pca:1+int8")
    small.save(tmp_path / "small.jari")
    result = run("info", tmp_path / "small.jari", "--verify")
    assert result.exit_code == 0
    assert "2 points; --json shows them" in result.stdout
    assert "method pca, dim 1, " in result.stdout
    assert " → method int8" in result.stdout
    codes = tmp_path / "small.jari" / "codes.safetensors"
    codes.write_bytes(codes.read_bytes()[:-1] + b"\x55")
    result = run("info", tmp_path / "small.jari", "--verify")
    assert result.exit_code == 1
    assert "does not match its checksum" in result.stderr
