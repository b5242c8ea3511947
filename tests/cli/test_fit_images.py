from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from jari.embedding import load

FAST = ("--workers", "0", "--threads", "1", "--seed", "1", "--image-size", "16", "--augment", "none")


@pytest.fixture
def animals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twenty red pictures and twenty blue ones, with noise, within the folder that the commands run in."""
    from PIL import Image

    monkeypatch.chdir(tmp_path)
    draw = np.random.default_rng(0)
    for name, colour in (("ants", (200, 60, 60)), ("bees", (60, 60, 200))):
        (tmp_path / "animals" / name).mkdir(parents=True)
        for number in range(20):
            pixels = np.clip(colour + draw.normal(0, 30, (16, 16, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(tmp_path / "animals" / name / f"{number}.png")
    return tmp_path / "animals"


def fit(run: Any, *words: object) -> Any:
    return run("fit-images", *words, *FAST)


def test_a_network_learns_classes_and_its_embedding_tells_them_apart(run: Any, animals: Path) -> None:
    result = fit(run, animals, "-o", "network", "--epochs", 4, "--dim", 6, "--validation", 0.5, "--json")
    assert result.exit_code == 0, result.stderr
    assert "Classes: ants, bees (2)." in result.stderr
    assert re.search(
        r"^Pictures that it did not learn from: 100\.0% told right, by epoch \d", result.stderr, re.MULTILINE
    )
    assert re.search(r"^network: 6 dimensions, 4 epochs, \d+\.\d s$", result.stderr, re.MULTILINE)
    assert "jari learn-images PICTURES --model network -o pictures.jari" in result.stderr
    said = json.loads(result.stdout)
    assert (said["model"], said["dim"], said["classes"]) == ("network", 6, ["ants", "bees"])
    assert len(said["losses"]) == len(said["accuracies"]) == 4
    learnt = run("learn-images", animals, "--model", "network", "-o", "animals.jari", "--workers", 0, "--threads", 1)
    assert "animals.jari: 40 images, 6 dimensions (40 new)" in learnt.stderr, learnt.stderr
    assert {key.partition("/")[0] for key in load("animals.jari").similar("ants/3.png", k=10).keys} == {"ants"}


def test_few_pictures_are_all_learnt_from_and_that_is_said(run: Any, animals: Path) -> None:
    (animals / "ants" / "3.png").write_bytes(b"")
    result = fit(run, animals, "-o", "network", "--epochs", 1)
    assert result.exit_code == 0, result.stderr
    assert "There are too few pictures to leave some out" in result.stderr
    assert re.search(
        r"^1 of 40 pictures cannot be read and are not learnt from: .*ants/3\.png", result.stderr, re.MULTILINE
    )
    quiet = fit(run, animals, "-o", "network", "--epochs", 1, "--force", "-q")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")


def test_stopped_it_keeps_the_best_so_far(run: Any, animals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jari.encoders.images.encoder import ImageEncoder

    plain = ImageEncoder.fit

    def stopped(encoder: Any, X: Any, y: Any = None, *, callback: Any = None) -> Any:
        plain(encoder, X, y, callback=callback)
        raise KeyboardInterrupt

    monkeypatch.setattr(ImageEncoder, "fit", stopped)
    result = fit(run, animals, "-o", "network", "--epochs", 2)
    assert result.exit_code == 130
    assert "network: the best of 2 epochs before it was stopped" in result.stderr
    assert Path("network/config.json").exists()


def test_one_class_is_one_line(run: Any, animals: Path) -> None:
    result = fit(run, animals / "ants", "-o", "network")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "holds 20 pictures and no folders with pictures" in result.stderr
    assert not Path("network").exists()


def test_what_is_there_is_not_replaced_unasked(run: Any, animals: Path) -> None:
    result = fit(run, animals, "-o", "animals")
    assert (result.exit_code, "animals is there already. Pass --force" in result.stderr) == (1, True)
    forced = fit(run, animals, "-o", "animals", "--force", "--epochs", 1)
    assert (forced.exit_code, forced.stderr.startswith("jari: animals holds other things too (ants, bees)")) == (
        1,
        True,
    )
    assert (animals / "ants" / "0.png").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--loss", "triplet"], "--loss"),
        (["--epochs", 0], "--epochs"),
        (["--validation", 1], "validation=1.0: it is a share"),
        (["--learning-rate", 0], "learning_rate=0.0"),
    ],
)
def test_misuse_is_said(run: Any, animals: Path, words: Any, said: str) -> None:
    result = fit(run, animals, "-o", "network", *words)
    assert (result.exit_code, said in result.stderr) == (2, True), result.stderr
