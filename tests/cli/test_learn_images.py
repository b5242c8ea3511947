from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from jari.embedding import Embedding, load
from jari.embedding.formats import native


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network of random weights that sees 32 × 32 pixels and answers with 8 numbers."""
    import torch
    from transformers import ResNetConfig, ResNetModel

    from jari.encoders.images.preprocessing import Preprocessing

    place = tmp_path_factory.mktemp("models") / "tiny"
    with torch.random.fork_rng():
        torch.manual_seed(1)
        network = ResNetModel(ResNetConfig(embedding_size=4, hidden_sizes=[4, 8], depths=[1, 1], layer_type="basic"))
    network.save_pretrained(place)
    (place / "preprocessor_config.json").write_text(
        json.dumps(Preprocessing.torchvision(resized=32, size=32).to_json())
    )
    return place


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nine pictures of noise, within the folder that the commands run in."""
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    noise = np.random.default_rng(0).integers(0, 256, (9, 40, 50, 3), np.uint8)
    for number, pixels in enumerate(noise):
        place = tmp_path / "photos" / "ab"[number % 2] / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place)
    return tmp_path / "photos"


def learn(run: Any, *words: object) -> Any:
    return run("learn-images", *words, "-o", "photos.jari", "--workers", 0, "--threads", 1, "--batch-size", 2)


def content(folder: Path | str) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in Path(folder).iterdir()}


def test_pictures_are_learnt_and_brought_up_to_date(run: Any, photos: Path, tiny: Path) -> None:
    result = learn(run, "photos", "--model", tiny)
    assert (result.exit_code, result.stdout) == (0, ""), result.stderr
    assert re.search(r"^photos\.jari: 9 images, 8 dimensions \(9 new\), \d+\.\d s$", result.stderr, re.MULTILINE)
    assert re.search(r"^encoding: 9 images · .*images/s", result.stderr, re.MULTILINE)
    before = content("photos.jari")
    again = learn(run, "photos")  # it knows its model
    assert "photos.jari: 9 images, 8 dimensions (9 unchanged)" in again.stderr
    assert content("photos.jari") == before
    (photos / "a" / "0.png").rename(photos / "moved.png")
    (photos / "a" / "2.png").unlink()
    shutil.copy(photos / "a" / "4.png", photos / "b" / "1.png")
    last = learn(run, "photos")
    assert "8 images, 8 dimensions (1 new, 1 changed, 6 unchanged, 2 removed, 2 only moved or copied)" in last.stderr
    assert list(load("photos.jari")) == [
        *(f"a/{n}.png" for n in (4, 6, 8)),
        *(f"b/{n}.png" for n in (1, 3, 5, 7)),
        "moved.png",
    ]
    quiet = learn(run, "photos", "-q")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")


def test_vectors_are_those_of_the_network(run: Any, photos: Path, tiny: Path) -> None:
    from jari.encoders.images.encoder import ImageEncoder

    learn(run, "photos", "--model", tiny)
    opened = load("photos.jari")
    encoder = ImageEncoder(tiny, threads=1, workers=0)
    np.testing.assert_allclose(opened.vectors, encoder.encode([photos / key for key in opened]), atol=1e-6)
    assert opened.metadata["root"] == str(photos)
    assert opened.metadata["encoder"] == encoder.describe()
    assert opened.similar("a/0.png", k=3).keys.shape == (3,)


def test_what_cannot_be_read_is_listed_and_the_rest_learnt(run: Any, photos: Path, tiny: Path) -> None:
    (photos / "a" / "empty.jpg").write_bytes(b"")
    (photos / "a" / "cut.png").write_bytes((photos / "a" / "0.png").read_bytes()[:200])
    (photos / "notes.txt").write_text("words")
    (photos / ".hidden.png").write_bytes(b"")
    result = learn(run, "photos", "--model", tiny, "--json")
    assert result.exit_code == 0, result.stderr
    assert re.search(r"^skipped photos/a/empty\.jpg: ", result.stderr, re.MULTILINE)
    assert re.search(r"^skipped photos/a/cut\.png: ", result.stderr, re.MULTILINE)
    assert "passed over in folders: 1 hidden file, 1 file of other kinds (.txt)" in result.stderr
    said = json.loads(result.stdout)
    assert {name: said[name] for name in ("embedding", "images", "dim", "new", "written", "passed_over")} == {
        "embedding": "photos.jari",
        "images": 9,
        "dim": 8,
        "new": 9,
        "written": True,
        "passed_over": {".txt": 1, "hidden": 1},
    }
    assert sorted(Path(one["path"]).name for one in said["skipped"]) == ["cut.png", "empty.jpg"]


def test_a_named_file_that_cannot_be_read_is_a_failure(run: Any, photos: Path, tiny: Path) -> None:
    Path("bad.png").write_bytes(b"no picture")
    result = learn(run, "photos", "bad.png", "--model", tiny)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("jari: bad.png: ")
    assert len(load("photos.jari")) == 9


def test_strict_stops_and_the_same_command_goes_on(run: Any, photos: Path, tiny: Path) -> None:
    (photos / "b" / "2.png").write_bytes(b"")  # the batch that it is in is kept
    result = learn(run, "photos", "--model", tiny, "--strict")
    assert result.exit_code == 1
    assert re.search(r"jari: photos/b/2\.png: .* encoded images are kept in \.photos\.jari\.part", result.stderr)
    assert not Path("photos.jari").exists()
    (photos / "b" / "2.png").unlink()
    again = learn(run, "photos", "--model", tiny, "--strict")
    assert "9 images, 8 dimensions (9 new, 8 encoded before it was stopped)" in again.stderr


def test_another_model_is_refused_and_force_replaces(run: Any, photos: Path, tiny: Path, tmp_path: Path) -> None:
    other = shutil.copytree(tiny, tmp_path / "other")
    config = json.loads((other / "preprocessor_config.json").read_text())
    (other / "preprocessor_config.json").write_text(json.dumps(config | {"image_mean": [0, 0, 0]}))
    learn(run, "photos", "--model", tiny)
    before = content("photos.jari")
    refused = learn(run, "photos", "--model", other)
    assert refused.exit_code == 1
    assert "photos.jari is there already, made with" in refused.stderr
    assert "--force" in refused.stderr
    assert content("photos.jari") == before
    assert "(9 new)" in learn(run, "photos", "--model", other, "--force").stderr
    assert content("photos.jari") != before


def test_words_are_not_replaced(run: Any, photos: Path, tiny: Path) -> None:
    Embedding(["a"], [[1.0]]).save("photos.jari")
    result = learn(run, "photos", "--model", tiny)
    assert (result.exit_code, "made otherwise" in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["nowhere"], 1, "There is no file or folder 'nowhere'"),
        (["notes"], 1, "There is no picture in notes (1 .txt)"),
        (["photos", "--model", "./nowhere"], 1, "There is no folder './nowhere'"),
        (["photos", "--model", "x", "--weights", "y.pth"], 2, "leave out --model"),
        (["photos", "--batch-size", "0"], 2, "--batch-size"),
        (["photos", "--precision", "int8"], 2, "--precision"),
    ],
)
def test_what_cannot_be_is_one_line(run: Any, photos: Path, tiny: Path, words: Any, status: int, said: str) -> None:
    Path("notes").mkdir()
    Path("notes/a.txt").write_text("words")
    rest = ["--model", tiny] if "--model" not in words else []
    result = run("learn-images", *words, *rest, "-o", "photos.jari")
    assert (result.exit_code, result.stdout) == (status, "")
    assert said in result.stderr
    assert not Path("photos.jari").exists()


def test_offline_a_missing_model_is_one_line(run: Any, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = learn(run, "photos", "--model", "nobody/no-such-model", "--offline")
    assert result.exit_code == 1
    assert "nobody/no-such-model" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_killed_and_run_again_it_gives_the_bytes_of_an_unbroken_run(run: Any, photos: Path, tiny: Path) -> None:
    learn(run, "photos", "--model", tiny)
    whole = Path("photos.jari").rename("whole.jari")
    options = ["--workers", "0", "--threads", "1", "--batch-size", "2", "--model", str(tiny)]
    program = (
        "import os, signal, sys\n"
        "from jari.encoders.images.vector_log import VectorLog\n"
        "append, done = VectorLog.append, []\n"
        "def killing(*given):\n"
        "    append(*given); done.append(1)\n"
        "    if len(done) == 2: os.kill(os.getpid(), signal.SIGKILL)\n"
        "VectorLog.append = killing\n"
        "from jari.cli import main; main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, "learn-images", "photos", "-o", "photos.jari", *options], check=False
    )
    assert ran.returncode == -signal.SIGKILL
    again = learn(run, "photos", "--model", tiny)
    assert "(9 new, 4 encoded before it was stopped)" in again.stderr
    assert content("photos.jari") == content(whole)
    assert len(native.digests("photos.jari") or {}) == 9
