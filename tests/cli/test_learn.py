from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jari

QUICK = tuple(shlex.split("--dim 8 --epochs 2 --min-count 1 --threads 1 --seed 1 --sample 0"))


def test_text_becomes_an_embedding(run: Any, text: Path, tmp_path: Path) -> None:
    result = run("learn", text, "-o", tmp_path / "topics.jari", *QUICK, "--epochs", "20")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert "learning" in result.stderr
    assert "12 keys, 8 dimensions" in result.stderr
    embedding = jari.load(tmp_path / "topics.jari")
    farm = {"cow", "barn", "hay", "milk", "plough", "field"}
    assert set(embedding.similar("cow", k=5).keys) == farm - {"cow"}
    assert [path.name for path in tmp_path.iterdir()] == ["topics.jari"]


def test_every_option_reaches_the_learner(run: Any, text: Path, tmp_path: Path) -> None:
    given = {
        "method": "cbow",
        "dim": 6,
        "window": 3,
        "negative": 4,
        "noise-exponent": 0.5,
        "sample": 0.01,
        "min-count": 2,
        "max-vocabulary": 9,
        "epochs": 1,
        "learning-rate": 0.03,
        "min-learning-rate": 0.001,
        "tokenizer": "whitespace",
        "threads": 1,
        "seed": 7,
    }
    options = [str(part) for name, value in given.items() for part in (f"--{name}", value)]
    result = run("learn", text, "-o", tmp_path / "t.jari", *options, "--no-shrink-windows", "--deterministic")
    assert result.exit_code == 0, result.stderr
    embedding = jari.load(tmp_path / "t.jari")
    assert embedding.shape == (9, 6)
    recorded = embedding.metadata["parameters"]
    expected = {name.replace("-", "_"): value for name, value in given.items()}
    expected |= {"architecture": expected.pop("method"), "shrink_windows": False, "deterministic": True}
    assert embedding.metadata["seed"] == expected.pop("seed")
    del expected["threads"]
    assert {name: recorded[name] for name in expected} == expected


def test_the_loss_is_drawn(run: Any, text: Path, tmp_path: Path) -> None:
    result = run("learn", text, "-o", tmp_path / "t.jari", *QUICK, "--plot", tmp_path / "loss.png")
    assert result.exit_code == 0, result.stderr
    assert (tmp_path / "loss.png").read_bytes().startswith(b"\x89PNG")
    for plot, said in (("loss.jpg", "neither in .png"), ("loss.png", "is there already")):
        refused = run("learn", text, "-o", tmp_path / "u.jari", *QUICK, "--plot", tmp_path / plot)
        assert refused.exit_code in (1, 2)
        assert said in refused.stderr
    refused = run("learn", text, "-o", tmp_path / "u.jari", "--method", "random", "--plot", tmp_path / "r.png")
    assert "--method random goes by no loss" in refused.stderr
    assert not (tmp_path / "u.jari").exists()


@pytest.mark.parametrize("method", ["fasttext", "glove", "ppmi-svd", "lsa", "random"])
def test_every_method_makes_an_embedding(run: Any, text: Path, tmp_path: Path, method: str) -> None:
    options = ("--dim", "4", "--min-count", "1", "--threads", "1", "--seed", "1", "--quiet")
    result = run("learn", text, "-o", tmp_path / "t.jari", "--method", method, *options)
    assert result.exit_code == 0, result.stderr
    assert jari.load(tmp_path / "t.jari").shape == (12, 4)
    refused = run("learn", text, "-o", tmp_path / "u.jari", "--method", method, "--min-learning-rate", "0.1")
    said = "" if method == "fasttext" else f"--method {method} learns without it; it is for skipgram, cbow, fasttext"
    assert said in refused.stderr


def test_the_same_line_gives_the_same_bits(run: Any, text: Path, tmp_path: Path) -> None:
    for name in ("a.jari", "b.jari"):
        assert run("learn", text, "-o", tmp_path / name, *QUICK, "--quiet").stderr == ""
    a, b = (jari.load(tmp_path / name) for name in ("a.jari", "b.jari"))
    np.testing.assert_array_equal(a.vectors, b.vectors)


def test_an_encoded_corpus_is_text_too(run: Any, text: Path, tmp_path: Path) -> None:
    run("encode", text, "-o", tmp_path / "corpus", "--min-count", "1")
    quick = [option for option in QUICK if option != "--min-count"]
    quick.remove("1")
    assert run("learn", tmp_path / "corpus", "-o", tmp_path / "a.jari", *quick).exit_code == 0
    run("learn", text, "-o", tmp_path / "b.jari", *QUICK, "--keep-corpus", tmp_path / "kept")
    run("learn", tmp_path / "kept", "-o", tmp_path / "c.jari", *quick)
    a, b, c = (jari.load(tmp_path / name) for name in ("a.jari", "b.jari", "c.jari"))
    np.testing.assert_array_equal(a.vectors, b.vectors)
    np.testing.assert_array_equal(a.vectors, c.vectors)
    assert a.metadata["parameters"]["min_count"] == 1
    result = run("learn", tmp_path / "corpus", "-o", tmp_path / "d.jari", "--min-count", "2")
    assert result.exit_code == 2
    assert "Invalid value for '--min-count': this text is encoded already" in result.stderr


def test_what_is_there_stays_without_force(run: Any, text: Path, tmp_path: Path) -> None:
    run("learn", text, "-o", tmp_path / "t.jari", *QUICK)
    before = jari.load(tmp_path / "t.jari").vectors.copy()
    refused = run("learn", text, "-o", tmp_path / "t.jari", *QUICK, "--seed", "2")
    assert refused.exit_code == 1
    assert "t.jari is there already. Pass --force to replace it, or give another -o." in refused.stderr
    np.testing.assert_array_equal(jari.load(tmp_path / "t.jari").vectors, before)
    assert run("learn", text, "-o", tmp_path / "t.jari", *QUICK, "--seed", "2", "--force").exit_code == 0
    assert not np.array_equal(jari.load(tmp_path / "t.jari").vectors, before)


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["nowhere.txt", "-o", "o.jari"], 1, "nowhere.txt"),
        (["empty.txt", "-o", "o.jari"], 1, "empty"),
        (["broken.txt", "-o", "o.jari"], 1, "broken.txt"),
        (["text.txt", "-o", "o.jari", "--min-count", "9999"], 1, "min_count=9999"),
        (["one.txt", "-o", "o.jari", "--min-count", "1"], 1, "'word'"),
        (["text.txt", "-o", "missing/o.jari"], 1, "Make it first: mkdir -p"),
        (["text.txt", "-o", "o.vec"], 2, "'o.vec' does not end in .jari"),
        (["text.txt"], 2, "Missing option '--out' / '-o'"),
        (["-o", "o.jari"], 2, "Missing argument"),
        (
            ["text.txt", "-o", "o.jari", "--method", "glov"],
            2,
            "Invalid value for '--method' / '-m': 'glov' is not one of",
        ),
        (["text.txt", "-o", "o.jari", "--dim", "0"], 2, "Invalid value for '--dim'"),
        (["text.txt", "-o", "o.jari", "--window", "-3"], 2, "Invalid value for '--window'"),
        (["text.txt", "-o", "o.jari", "--negative", "0"], 2, "Invalid value for '--negative'"),
        (["text.txt", "-o", "o.jari", "--epochs", "0"], 2, "Invalid value for '--epochs'"),
        (["text.txt", "-o", "o.jari", "--sample", "-1"], 2, "Invalid value for '--sample'"),
        (["text.txt", "-o", "o.jari", "--learning-rate", "-1"], 2, "Invalid value for '--learning-rate'"),
        (["text.txt", "-o", "o.jari", "--learning-rate", "fast"], 2, "Invalid value for '--learning-rate'"),
        (["nowhere.txt", "-o", "o.jari", "--learning-rate", "0"], 2, "learning_rate=0.0: steps have a size"),
        (["nowhere.txt", "-o", "o.jari", "--max-vocabulary", "1"], 2, "max_vocabulary=1: one word has no other"),
        (["text.txt", "-o", "o.jari", "--epoch", "1"], 2, "No such option: --epoch (Possible options: --epochs"),
    ],
)
def test_bad_input(
    run: Any, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], status: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_bytes(text.read_bytes())
    Path("empty.txt").touch()
    Path("broken.txt").write_bytes(b"good\n\xff\n")
    Path("one.txt").write_text("word word word\n")
    result = run("learn", *args, "--quiet")
    assert said in result.stderr
    assert result.exit_code == status
    assert "unexpected" not in result.stderr
    assert result.stdout == ""
    assert {path.name for path in tmp_path.iterdir()} == {"text.txt", "empty.txt", "broken.txt", "one.txt"}


def test_a_parameter_that_cannot_be_costs_no_checkpoint(run: Any, text: Path, tmp_path: Path) -> None:
    kept = tmp_path / "t.checkpoint" / "state.json"
    kept.parent.mkdir()
    kept.touch()
    assert run("learn", text, "-o", tmp_path / "t.jari", "--force", "--learning-rate", "0").exit_code == 2
    assert kept.exists()


def test_thinning_that_leaves_nearly_nothing_is_said(run: Any, text: Path, tmp_path: Path) -> None:
    line = ("learn", text, "-o", tmp_path / "t.jari", "--force", "--dim", "4", "--epochs", "1", "--threads", "1")
    said = "Only 3.6% of the words pass --sample 0.0001. With so few distinct words, give --sample 0.\n"
    result = run(*line)
    assert result.exit_code == 0
    assert said in result.stderr
    assert "Only" not in run(*line, "--sample", "0").stderr
    assert run(*line, "--quiet").stderr == ""


def test_a_window_wider_than_any_sentence_is_fine(run: Any, text: Path, tmp_path: Path) -> None:
    assert run("learn", text, "-o", tmp_path / "t.jari", *QUICK, "--window", "100").exit_code == 0


# ── stopped, and gone on


def stopped(folder: Path, *args: str, how: int = signal.SIGINT, stdin: Any = None) -> subprocess.CompletedProcess[str]:
    """A run that is stopped as soon as it has learnt for a while."""
    command = [sys.executable, "-m", "jari", "learn", *args]
    pipes = {"stdin": stdin, "stderr": subprocess.PIPE, "stdout": subprocess.PIPE}
    run = subprocess.Popen(command, cwd=folder, encoding="utf-8", **pipes)
    assert run.stderr is not None
    said = ""
    while "learning …" not in said:
        line = run.stderr.readline()
        assert line, said
        said += line
    deadline = time.monotonic() + 60
    while how == signal.SIGKILL and not (folder / "t.checkpoint" / "state.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    time.sleep(0.3)
    run.send_signal(how)
    out, err = run.communicate(timeout=60)
    return subprocess.CompletedProcess(command, run.returncode, out, said + err)


@pytest.fixture(scope="session")
def long_text(tmp_path_factory: pytest.TempPathFactory, text: Path) -> Path:
    """As `text`, but a few seconds' work."""
    place = tmp_path_factory.mktemp("long") / "topics.txt"
    place.write_text(text.read_text(encoding="utf-8") * 150, encoding="utf-8")
    return place


LONG = tuple(shlex.split("-o t.jari --dim 8 --min-count 1 --threads 1 --seed 1 --sample 0 --epochs 20"))


def test_ctrl_c_keeps_what_was_learnt_and_says_how_to_go_on(shell: Any, long_text: Path, tmp_path: Path) -> None:
    halted = stopped(tmp_path, str(long_text), *LONG)
    assert halted.returncode == 130
    assert halted.stdout == ""
    assert "Traceback" not in halted.stderr
    *_, said, typed = halted.stderr.splitlines()
    assert said.startswith("jari: Stopped at ")
    assert typed == f"  jari learn {long_text} {' '.join(LONG)} --resume"
    assert (tmp_path / "t.checkpoint").is_dir()
    assert not (tmp_path / "t.jari").exists()

    refused = shell("learn", long_text, *LONG)
    assert refused.returncode == 1
    assert "t.checkpoint holds an unfinished run. Pass --resume to go on from it" in refused.stderr
    other = shell("learn", long_text, *LONG, "--dim", "9", "--resume")
    assert other.returncode == 1
    assert "dim=8 (now 9)" in other.stderr

    went_on = shell(*typed.split()[1:])
    assert went_on.returncode == 0, went_on.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.jari"]
    unbroken = shell("learn", long_text, *LONG, "-o", "u.jari")
    assert unbroken.returncode == 0, unbroken.stderr
    np.testing.assert_array_equal(jari.load(tmp_path / "t.jari").vectors, jari.load(tmp_path / "u.jari").vectors)


def test_a_run_that_was_killed_goes_on(shell: Any, long_text: Path, tmp_path: Path) -> None:
    killed = stopped(tmp_path, str(long_text), *LONG, "--checkpoint-minutes", "0.001", how=signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL
    went_on = shell("learn", long_text, *LONG, "--resume")
    assert went_on.returncode == 0, went_on.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.jari"]


def test_force_begins_again(run: Any, long_text: Path, tmp_path: Path) -> None:
    stopped(tmp_path, str(long_text), *LONG)
    result = run("learn", long_text, "-o", tmp_path / "t.jari", *QUICK, "--force")
    assert result.exit_code == 0, result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t.jari"]


def test_resume_without_anything_to_resume_begins(run: Any, long_text: Path, tmp_path: Path) -> None:
    assert run("learn", long_text, "-o", tmp_path / "t.jari", *QUICK, "--resume").exit_code == 0


def test_standard_input_can_be_resumed(shell: Any, long_text: Path, tmp_path: Path) -> None:
    """The text is gone by then, but not what it was encoded to."""
    with long_text.open() as source:
        assert stopped(tmp_path, "-", *LONG, stdin=source).returncode == 130
    assert shell("learn", "-", *LONG, "--resume", stdin=subprocess.DEVNULL).returncode == 0


def test_a_run_can_be_watched_and_comes_to_the_same(run: Any, text: Path, tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    result = run("learn", text, "-o", tmp_path / "a.jari", *QUICK, "--watch", "--no-browser")
    assert result.exit_code == 0, result.stderr
    assert re.search(r"^To be watched at http://127\.0\.0\.1:\d+/learn$", result.stderr, re.MULTILINE)
    assert "Still to be seen" not in result.stderr  # nobody sits at a terminal
    run("learn", text, "-o", tmp_path / "b.jari", *QUICK)
    watched, alone = (jari.load(tmp_path / f"{name}.jari").vectors.tobytes() for name in "ab")
    assert watched == alone
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jari", "b.jari"]


def test_what_cannot_be_learnt_leaves_no_page_behind(run: Any, tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    (tmp_path / "one.txt").write_text("one one one one one one")
    result = run("learn", tmp_path / "one.txt", "-o", tmp_path / "a.jari", "--watch", "--no-browser")
    assert result.exit_code == 1
    assert "has no other to differ from" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["one.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_on_a_terminal_the_page_stays_until_ctrl_c(text: Path, tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "jari", "learn", str(text), "-o", "a.jari", *QUICK, "--watch", "--no-browser"]
    with (
        subprocess.Popen(command, cwd=tmp_path, stdout=theirs, stderr=theirs) as process,
        os.fdopen(ours, "rb", 0) as out,
    ):
        os.close(theirs)
        said, began = "", time.monotonic()
        while "Ctrl-C ends this." not in said:
            assert time.monotonic() - began < 60, said
            said += out.read(4096).decode()
        address = re.findall(r"Still to be seen at (http://127\.0\.0\.1:\d+)/learn", said)[0]
        with urllib.request.urlopen(f"{address}/api/learning", timeout=30) as answer:
            (listed,) = json.load(answer)["runs"]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert (listed["name"], listed["state"], listed["epochs"]) == ("a", "done", 2)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jari"]
