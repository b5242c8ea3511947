from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jari.embedding import Embedding
from jari.errors import BadFile


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


# ── pictures and texts that are no keys

COLOURS = {"warm/red.png": (255, 0, 0), "warm/orange.png": (255, 100, 0), "cold/blue.png": (0, 0, 255)}


class MeanColour:
    """An encoder whose answers are obvious."""

    loaded: int = 0

    @classmethod
    def described(cls, description: Any, **given: Any) -> MeanColour:
        cls.loaded += 1
        if description["path"] != "mean-colour":
            raise BadFile(f"{description['path']} is not the network that made these vectors.")
        return cls()

    def encode(self, images: Any) -> np.ndarray[Any, Any]:
        from jari.encoders.images.opening import Unreadable, opened

        found = []
        for image in images:
            try:
                found.append(np.asarray(opened(image)).mean(axis=(0, 1)))
            except Unreadable as error:
                raise BadFile(f"{image}: {error}.") from error
        return np.array(found, np.float32)


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An embedding of three pictures, and a fourth that is not in it: ``new.png``, nearly orange."""
    image = pytest.importorskip("PIL.Image")
    from jari.embedding.formats import native

    digests = np.zeros((3, 32), np.uint8)
    for row, (name, colour) in enumerate(COLOURS.items()):
        place = tmp_path / "photos" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        image.new("RGB", (40, 30), colour).save(place)
        digests[row] = np.frombuffer(hashlib.sha256(place.read_bytes()).digest(), np.uint8)
    image.new("RGB", (30, 40), (250, 90, 0)).save(tmp_path / "new.png")
    made_by = {"kind": "image-encoder", "path": "mean-colour", "checksum": "c"}
    metadata = {"encoder": made_by, "root": str(tmp_path / "photos")}
    native.write(
        Embedding(list(COLOURS), list(COLOURS.values()), metadata=metadata), tmp_path / "p.jari", digests=digests
    )
    monkeypatch.setattr("jari.encoders.images.encoder.ImageEncoder", MeanColour)
    monkeypatch.setattr(MeanColour, "loaded", 0)
    return tmp_path / "p.jari"


def asked(result: Any) -> list[str]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line)["key"] for line in result.stdout.splitlines()]


def test_a_picture_that_is_no_key_is_encoded(run: Any, photos: Path) -> None:
    new = photos.parent / "new.png"
    assert asked(run("similar", photos, new, "--json")) == ["warm/orange.png", "warm/red.png", "cold/blue.png"]
    assert MeanColour.loaded == 1
    result = run("similar", photos, new, "warm/red.png", new, "-k", 1, "--json")
    assert [json.loads(line)["query"] for line in result.stdout.splitlines()] == [str(new), "warm/red.png", str(new)]
    assert asked(result) == ["warm/orange.png"] * 3
    assert MeanColour.loaded == 2  # once for both


def test_a_key_needs_no_encoder_and_nor_does_a_file_of_the_same_content(run: Any, photos: Path) -> None:
    copy = photos.parent / "copy.png"
    copy.write_bytes((photos.parent / "photos" / "warm" / "red.png").read_bytes())
    for same in ("warm/red.png", photos.parent / "photos" / "warm" / "red.png", copy):
        assert asked(run("similar", photos, same, "--json")) == ["warm/orange.png", "cold/blue.png"]
    assert MeanColour.loaded == 0


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (
            "rde.png",
            "'rde.png' is not in this embedding (3 keys), and there is no file of that name. Did you mean 'warm/red",
        ),
        ("red.png", "no file of that name. Did you mean 'warm/red.png'?"),
        ("cold/red.png", "no file of that name. Did you mean 'warm/red.png'?"),
        ("", "'' is not in this embedding (3 keys), and on the disk it is a folder"),
        ("x" * 5000, "no file of that name"),
        ("{folder}", "on the disk it is a folder, not a picture"),
        ("{folder}/text.png", "text.png: text, no picture."),
    ],
)
def test_what_is_no_picture(run: Any, photos: Path, key: str, said: str) -> None:
    (photos.parent / "text.png").write_text("hello")
    result = run("similar", photos, key.replace("{folder}", str(photos.parent)))
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stdout == ""


def test_an_encoder_that_is_another_one_now(run: Any, photos: Path) -> None:
    opened = Embedding.load(photos)
    made_by = opened.metadata["encoder"] | {"path": "other"}
    other = photos.parent / "other.jari"
    Embedding(opened.vocabulary, opened.vectors, metadata={"encoder": made_by}).save(other)
    result = run("similar", other, photos.parent / "new.png")
    assert (result.exit_code, result.stderr) == (1, "jari: other is not the network that made these vectors.\n")
    flat = photos.parent / "flat.jari"
    Embedding(opened.vocabulary, opened.vectors[:, :2], metadata=opened.metadata).save(flat)
    result = run("similar", flat, photos.parent / "new.png")
    assert "mean-colour gives 3 numbers, and vectors of" in result.stderr


def test_an_index_of_pictures_is_asked(run: Any, photos: Path) -> None:
    pytest.importorskip("faiss")
    assert run("build-ann", photos, "--seed", 1, "--quiet").exit_code == 0
    assert asked(run("similar", photos, photos.parent / "new.png", "-a", "-k", 2, "--json")) == [
        "warm/orange.png",
        "warm/red.png",
    ]


def test_a_sheet_of_pictures(run: Any, photos: Path) -> None:
    sheet = photos.parent / "sheet.html"
    result = run("similar", photos, photos.parent / "new.png", "cold/blue.png", "--sheet", sheet, "-m", "euclidean")
    assert result.exit_code == 0, result.stderr
    assert "sheet.html: 7 pictures" in result.stderr
    assert "orange" in result.stdout
    page = sheet.read_text(encoding="utf-8")
    names = re.findall(r'alt="([^"]*)"', page)
    assert names[:4] == ["new.png", "warm/orange.png", "warm/red.png", "cold/blue.png"]
    assert (names[4], len(names)) == ("cold/blue.png", 7)
    assert "3 pictures · euclidean" in page
    assert "--force" in run("similar", photos, "warm/red.png", "--sheet", sheet).stderr
    assert run("similar", photos, "warm/red.png", "--sheet", sheet, "-f", "-q").stderr == ""


def test_pictures_that_were_moved_or_lost(run: Any, photos: Path) -> None:
    sheet = photos.parent / "sheet.png"
    (photos.parent / "photos").rename(photos.parent / "moved")
    result = run("similar", photos, "warm/red.png", "--sheet", sheet)
    assert result.exit_code == 1
    assert "Give the folder that they are in now: --images FOLDER" in result.stderr
    (photos.parent / "moved" / "cold" / "blue.png").unlink()
    result = run("similar", photos, "warm/red.png", "--sheet", sheet, "--images", photos.parent / "moved")
    assert result.exit_code == 0
    assert "not shown: cold/blue.png: not there" in result.stderr
    assert sheet.stat().st_size > 1000


def test_no_key_leads_out_of_the_folder(run: Any, photos: Path) -> None:
    (photos.parent / "photos" / "link.png").symlink_to(photos.parent / "new.png")
    keys = ["a", "../new.png", str(photos.parent / "new.png"), "link.png"]
    hostile = photos.parent / "hostile.jari"
    metadata = Embedding.load(photos).metadata
    Embedding(keys, np.eye(4), metadata=metadata).save(hostile)
    result = run("similar", hostile, "a", "--sheet", photos.parent / "s.html")
    assert result.stderr.count(f"not in {photos.parent / 'photos'}") == 3
    assert "data:image" not in (photos.parent / "s.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["--sheet", "s.gif"], 2, "'s.gif' must end in .png or .html"),
        (["--images", "photos"], 2, "is for the pictures of a --sheet"),
        (["--sheet", "s.png"], 2, "the keys of this embedding are no pictures"),
        (["--sheet", "s.png", "--images", "none"], 1, "There is no folder none with the pictures"),
        (["--sheet", "none/s.png"], 1, "none is not there"),
    ],
)
def test_what_cannot_be_a_sheet(run: Any, royal: Path, args: list[str], status: int, said: str) -> None:
    result = run("similar", royal, "king", *args)
    assert result.exit_code == status
    assert said in result.stderr


def test_a_network_encodes_what_is_asked_for(run: Any, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    transformers = pytest.importorskip("transformers")
    monkeypatch.undo()  # the encoder itself
    folder = photos.parent
    shape = {"embedding_size": 4, "hidden_sizes": [4, 8], "depths": [1, 1], "layer_type": "basic"}
    transformers.ResNetModel(transformers.ResNetConfig(**shape)).save_pretrained(folder / "net")
    size = {"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 32}, "crop_pct": 0.875}
    (folder / "net" / "preprocessor_config.json").write_text(json.dumps(size))
    made = run("learn-images", folder / "photos", "-o", folder / "n.jari", "--model", folder / "net", "--workers", 0)
    assert made.exit_code == 0, made.stderr
    encoded = run("similar", folder / "n.jari", folder / "new.png", "-k", 3, "--json", "--offline")
    assert len(asked(encoded)) == 3
    (folder / "net" / "config.json").write_text((folder / "net" / "config.json").read_text() + " ")
    changed = run("similar", folder / "n.jari", folder / "new.png")
    assert changed.exit_code == 1
    assert "is not the network that made these vectors" in changed.stderr
