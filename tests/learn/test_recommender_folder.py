from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jari
from contracts.recommender import checkerboard
from jari.embedding.formats import atomic
from jari.errors import BadFile, BadInput, FileIsThere, NoSuchFile
from jari.learn import recommender_folder
from jari.learn.ease import EASE
from jari.learn.popularity import Popularity
from jari.learn.recommender import Recommender

PARTS = ("items.jari", "users.jari", "interactions", "titles.jari")
TITLES = {"a0": "Amber", "a1": "Amber", "b0": "Birch"}


@pytest.fixture(scope="module")
def learnt() -> EASE:
    return EASE(dim=4, l2=5.0, random_state=1, threads=1).fit(checkerboard())


@pytest.fixture(scope="module")
def kept(learnt: EASE, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("kept") / "films"
    learnt.save(place, titles=TITLES)
    return place


@pytest.fixture
def films(kept: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    return Path(shutil.copytree(kept, tmp_path / "films"))


def files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def edit(folder: Path, **entries: Any) -> None:
    file = folder / "recommender.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | entries))


def test_titles_are_kept(films: Path) -> None:
    kept = recommender_folder.read(films)
    assert isinstance(kept.recommender, EASE)
    assert kept.titles[0] == "Amber"
    assert kept.titles.row("birch") == kept.recommender.item_embedding_.vocabulary.row("b0")
    named = jari.load(films / "titles.jari")
    assert named.keys[:3] == ["Amber (a0)", "Amber (a1)", "a2"]
    assert named.metadata["of"] == "items by title"


def test_without_titles_there_are_no_files_of_them(learnt: EASE, tmp_path: Path) -> None:
    learnt.save(tmp_path / "films")
    assert not [name for name in files(tmp_path / "films") if "titles" in name]
    titles = recommender_folder.read(tmp_path / "films").titles
    assert titles.untitled == len(titles) == 24


def test_it_says_what_it_holds(films: Path) -> None:
    said = json.loads((films / "recommender.json").read_text())
    assert said["format"] == "jari.recommender"
    assert said["recommender"] == "EASE"
    assert said["parameters"] == {"l2": 5.0, "weighted": False, "dim": 4, "random_state": 1}
    assert said["statistics"] == {"users": 60, "items": 24, "entries": 360, "dim": 4}


def test_nothing_is_pickled(films: Path) -> None:
    for name in files(films):
        assert b"numpy.core" not in (films / name).read_bytes()
        assert not name.endswith((".pkl", ".pickle"))


def test_vectors_are_mapped(films: Path) -> None:
    loaded = Recommender.load(films)
    assert isinstance(loaded, EASE)
    for array in (loaded.item_embedding_.vectors, loaded.weights_):
        assert not array.flags.owndata
        assert not array.flags.writeable


def test_parameters_of_numpy_and_generators(tmp_path: Path) -> None:
    learner = EASE(dim=3, random_state=np.random.default_rng(3)).fit(checkerboard())
    learner.set_params(l2=np.float32(2.5), dim=np.int64(3)).save(tmp_path / "it")
    loaded = Recommender.load(tmp_path / "it")
    assert loaded.get_params() | {"threads": None} == EASE(dim=3, l2=2.5).get_params()
    assert loaded.seed_ == learner.seed_


def test_a_parameter_that_no_file_can_hold(tmp_path: Path) -> None:
    learner = EASE(dim=3).fit(checkerboard()).set_params(weighted=print)
    with pytest.raises(BadInput, match=r"The parameters of EASE.* cannot be kept: <built-in function print>"):
        learner.save(tmp_path / "it")
    assert not list(tmp_path.iterdir())


def test_a_learner_of_another_class(films: Path) -> None:
    with pytest.raises(BadInput, match=r"films holds EASE, not Popularity: Recommender\.load opens it"):
        Popularity.load(films)


def test_a_class_of_the_users_own_is_not_kept(tmp_path: Path) -> None:
    class Mine(Popularity):
        pass

    with pytest.raises(BadInput, match="'Mine' is none of Jari's recommenders, which are ImplicitALS, BPR"):
        Mine().fit(checkerboard()).save(tmp_path / "mine")
    assert not list(tmp_path.iterdir())


# ── Replacing


def test_another_takes_its_place(films: Path) -> None:
    Popularity().fit(checkerboard()).save(films, force=True)
    assert isinstance(Recommender.load(films), Popularity)
    assert not (films / "titles.jari").exists()
    assert [each.name for each in films.parent.iterdir()] == ["films"]


@pytest.mark.parametrize("where", [".", *PARTS])
def test_what_is_not_ours_is_not_replaced(learnt: EASE, films: Path, where: str) -> None:
    (films / where / "thesis.txt").write_text("two years of work")
    before = files(films)
    with pytest.raises(FileIsThere, match=r"holds other things too \(thesis\.txt\): it is not replaced"):
        learnt.save(films, force=True)
    assert files(films) == before


def test_indexes_of_the_vectors_before_go_with_them(learnt: EASE, films: Path) -> None:
    (films / "items.ann").mkdir()
    (films / "items.ann" / "ann.json").write_text("{}")
    learnt.save(films, force=True)
    assert not (films / "items.ann").exists()


def test_a_full_disk_leaves_the_old_one(learnt: EASE, films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(films)
    for allowed in (0, 3, 7, 12):
        left = iter(range(allowed))

        def sync(handle: int, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(atomic.os, "fsync", sync)
            with pytest.raises(
                OSError, match=r"No space left on device \(what was there before is untouched\)"
            ) as full:
                learnt.save(films, force=True)
        assert full.value.filename == str(films)
        assert files(films) == before
        assert [each.name for each in films.parent.iterdir()] == ["films"]
    Recommender.load(films, verify=True)


# ── Damage


def test_nothing_is_there(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"There is no .*nowhere"):
        Recommender.load(tmp_path / "nowhere")


def test_a_file_or_another_folder(films: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadFile, match="is a file, and a recommender that Jari has saved is a folder"):
        Recommender.load(tmp_path / "file")
    with pytest.raises(BadFile, match=r"has no recommender\.json: .* `jari learn-items` makes one"):
        Recommender.load(films / "items.jari")


def unread(file: Path) -> bool:
    """What is there for others to open, and which `load` looks at only if it is told to verify."""
    return file.parent.name == "titles.jari" and file.name != "embedding.json"


def test_a_file_cut_short_or_lost(films: Path) -> None:
    for name in files(films):
        file = films / name
        whole = file.read_bytes()
        named = file.name.replace(".", r"\.")
        file.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(BadFile, match=named):
            Recommender.load(films, verify=unread(file))
        file.unlink()
        with pytest.raises(BadFile, match=named):
            Recommender.load(films, verify=unread(file))
        file.write_bytes(whole)
    Recommender.load(films, verify=True)


def test_a_bit_that_changed(films: Path) -> None:
    for name in files(films):
        if name == "recommender.json":
            continue
        file = films / name
        whole = file.read_bytes()
        file.write_bytes(whole[:-2] + bytes([whole[-2] ^ 1]) + whole[-1:])
        with pytest.raises(BadFile, match=file.name.replace(".", r"\.")):
            Recommender.load(films, verify=unread(file))
        file.write_bytes(whole)


def test_a_folder_lost(films: Path) -> None:
    for part in PARTS:
        (films / part).rename(films / "away")
        with pytest.raises(BadFile, match=f"has no folder {part}: a part of the recommender is lost"):
            Recommender.load(films)
        (films / "away").rename(films / part)


@pytest.mark.parametrize("part", PARTS)
def test_parts_of_two_recommenders(films: Path, tmp_path: Path, part: str) -> None:
    EASE(dim=4, l2=9.0, random_state=2).fit(checkerboard().take_users(range(1, 60))).save(tmp_path / "b", titles={})
    shutil.rmtree(films / part)
    shutil.copytree(tmp_path / "b" / part, films / part)
    with pytest.raises(BadFile, match=r"belongs to another\s+recommender|does not match|should have"):
        Recommender.load(films)


def test_arrays_of_another_recommender(films: Path, tmp_path: Path) -> None:
    EASE(dim=4, l2=9.0, random_state=2).fit(checkerboard()).save(tmp_path / "b")
    shutil.copy(tmp_path / "b" / "arrays.safetensors", films)
    with pytest.raises(BadFile, match=r"arrays\.safetensors does not match its checksum"):
        Recommender.load(films)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"version": 2}, r"is of format version 2, written by jari .* Upgrade it"),
        ({"version": "1"}, "which is no version"),
        ({"format": "jari.embedding"}, "this is not a recommender that Jari has saved"),
        ({"recommender": "os.system"}, "'os.system' is none of Jari's recommenders"),
        ({"recommender": ["EASE"]}, "recommender is .*damaged or was edited"),
        ({"recommender": "Popularity"}, r"has no parameter 'l2'.*written by a newer Jari"),
        ({"parameters": {"l2": -1}}, "l2=-1"),
        ({"parameters": {"fit": 1}}, "has no parameter 'fit'"),
        ({"parameters": []}, r"parameters is \[\]"),
        ({"seed": "1"}, "seed is '1'"),
        ({"losses": ["a"]}, "losses are not all numbers"),
        ({"titled": False}, "its files are not items.jari/embedding.json"),
        ({"files": {"../../etc/passwd": {"bytes": 1, "sha256": ""}}}, "its files are not"),
        ({"files": None}, "its files are not"),
    ],
)
def test_a_recommender_json_that_was_edited(films: Path, entries: dict[str, Any], said: str) -> None:
    edit(films, **entries)
    with pytest.raises(BadFile, match=said):
        Recommender.load(films)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": "jari.recommender", "version": 1}'])
def test_a_recommender_json_that_is_none(films: Path, text: str) -> None:
    (films / "recommender.json").write_text(text)
    with pytest.raises(BadFile, match=r"recommender\.json"):
        Recommender.load(films)


@pytest.mark.skipif(os.name == "nt", reason="needs links")
@pytest.mark.parametrize("name", ["recommender.json", "arrays.safetensors", "titles.arrow", *PARTS])
def test_a_link_out_of_the_folder(films: Path, tmp_path: Path, name: str) -> None:
    (films / name).rename(tmp_path / "elsewhere")
    (films / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadFile, match=r"is a link"):
        Recommender.load(films)


def test_sealed_anew_it_still_must_fit(films: Path, tmp_path: Path) -> None:
    """Whoever computes the checksums anew can lie; what does not fit together is found all the same."""
    Popularity().fit(checkerboard()).save(tmp_path / "b", titles=TITLES)
    said = json.loads((tmp_path / "b" / "recommender.json").read_text())
    shutil.copy(tmp_path / "b" / "arrays.safetensors", films)
    mine = json.loads((films / "recommender.json").read_text())["files"]
    edit(films, files=mine | {"arrays.safetensors": said["files"]["arrays.safetensors"]})
    with pytest.raises(BadFile, match=r"arrays\.safetensors does not hold what EASE needs"):
        Recommender.load(films)


def test_replaced_while_it_is_opened(learnt: EASE, films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader sees the old one or the new one, and never parts of both."""
    saved = 0
    before = recommender_folder._learner

    def meanwhile(*given: Any) -> Recommender:
        nonlocal saved
        if not saved:
            saved = 1
            Popularity().fit(checkerboard()).save(films, force=True)
        return before(*given)

    monkeypatch.setattr(recommender_folder, "_learner", meanwhile)
    assert isinstance(Recommender.load(films), Popularity)
