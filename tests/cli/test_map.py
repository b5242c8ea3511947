from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

BEGINS = {".png": b"\x89PNG", ".svg": b"<?xml", ".html": b"<!"}


@pytest.mark.parametrize("kind", sorted(BEGINS))
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_a_picture_is_drawn(run: Any, royal: Path, tmp_path: Path, kind: str, dim: int) -> None:
    place = tmp_path / f"map{kind}"
    result = run("map", royal, "-o", place, "--dim", dim, "--keys", "king,queen", "man", "woman")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert f"{place}: 4 of 10 keys, 4 with their names" in result.stderr
    assert place.read_bytes().lower().startswith(BEGINS[kind].lower())


def test_arrows_bring_their_keys(run: Any, royal: Path, tmp_path: Path) -> None:
    result = run("map", royal, "-o", tmp_path / "m.svg", "--arrows", "king:queen", "man:woman")
    assert "m.svg: 4 of 10 keys" in result.stderr
    assert "queen" in (tmp_path / "m.svg").read_text(encoding="utf-8")


def test_the_first_keys_and_some_more(run: Any, royal: Path, tmp_path: Path) -> None:
    result = run("map", royal, "-o", tmp_path / "m.svg", "--top", "3", "--keys", "New York")
    assert ": 4 of 10 keys" in result.stderr
    assert ": 5 of 10 keys" in run("map", royal, "-o", tmp_path / "n.svg", "--top", "5").stderr


def test_a_key_with_a_comma_is_one_key(run: Any, royal: Path, tmp_path: Path) -> None:
    result = run("map", royal, "-o", tmp_path / "m.svg", "--keys", "a,b", "king,queen")
    assert ": 3 of 10 keys" in result.stderr


def test_no_more_names_than_asked_for(run: Any, royal: Path, tmp_path: Path) -> None:
    result = run("map", royal, "-o", tmp_path / "m.png", "--labels", "2")
    assert ": 10 of 10 keys, 2 with their names" in result.stderr


def test_axes_between_poles(run: Any, royal: Path, tmp_path: Path) -> None:
    result = run("map", royal, "-o", tmp_path / "m.svg", "--poles", "men:king,man", "women:queen,woman")
    assert result.exit_code == 0, result.stderr
    text = (tmp_path / "m.svg").read_text(encoding="utf-8")
    assert "← men" in text
    assert "women →" in text
    four = ["--poles", "men:king", "women:queen", "others:a,b", "towns:New York"]
    assert run("map", royal, "-o", tmp_path / "n.svg", "--dim", "2", *four).exit_code == 0
    assert "towns →" in (tmp_path / "n.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", sorted(BEGINS))
def test_clusters_and_contours(run: Any, royal: Path, tmp_path: Path, kind: str) -> None:
    place = tmp_path / f"map{kind}"
    result = run("map", royal, "-o", place, "--clusters", "2", "--density")
    assert result.exit_code == 0, result.stderr
    plain = tmp_path / f"plain{kind}"
    assert run("map", royal, "-o", plain).exit_code == 0
    assert place.read_bytes() != plain.read_bytes()
    if kind == ".html":
        assert '"density":true' in place.read_text(encoding="utf-8")
    if kind == ".svg":
        assert "#009ece" in place.read_text(encoding="utf-8")  # the first of the colours
    assert run("map", royal, "-o", tmp_path / f"auto{kind}", "--clusters", "auto").exit_code == 0


def test_a_key_with_commas_among_others(run: Any, royal: Path, tmp_path: Path) -> None:
    result = run("map", royal, "-o", tmp_path / "m.svg", "--keys", "king,a,b,queen")
    assert ": 3 of 10 keys" in result.stderr


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["-o", "map.gif"], 2, "'map.gif' must end in one of .png, .svg, .html"),
        ([], 2, "Missing option '--out' / '-o'"),
        (["-o", "m.png", "--dim", "4"], 2, "Invalid value for '--dim'"),
        (["-o", "m.png", "--method", "mds"], 2, "Invalid value for '--method'"),
        (["-o", "m.png", "--clusters", "0"], 2, "'0' is no number of clusters: give 1 to 64, or auto"),
        (["-o", "m.png", "--clusters", "many"], 2, "'many' is no number of clusters"),
        (["-o", "m.png", "--clusters", "65"], 2, "'65' is no number of clusters"),
        (["-o", "m.png", "--density", "--dim", "3"], 2, "--density with 3 dimensions: contours need a plane"),
        (["-o", "m.png", "--density", "--poles", "a:king", "b:queen"], 2, "--density with 1 dimension: contours"),
        (["-o", "m.png", "--keys", "king"], 2, "1 point cannot be drawn"),
        (["-o", "m.png", "--arrows", "king"], 2, "'king' has no colon: write FROM:TO"),
        (["-o", "m.png", "--arrows", "king:quen"], 1, "'quen' is not in this embedding"),
        (["-o", "m.png", "--keys", "king,quen"], 1, "'quen' is not in this embedding"),
        (["-o", "m.png", "--poles", "men:king"], 2, "'men' has no other pole: give two for each axis"),
        (["-o", "m.png", "--poles", "king", "b:queen"], 2, "'king' has no name: write NAME:KEY,KEY"),
        (["-o", "m.png", "--poles", "a:king", "a:queen"], 2, "Both poles of an axis are called 'a'"),
        (["-o", "m.png", "--poles", "a:", "b:queen"], 2, "The pole 'a' stands for nothing: it has no key"),
        (["-o", "m.png", "--poles", "a:king", "b:king"], 2, "'king' is in both poles"),
        (["-o", "m.png", "--poles", "a:king", "b:quen"], 1, "'quen' is not in this embedding"),
        (["-o", "m.png", "--dim", "2", "--poles", "a:king", "b:queen"], 2, "1 pair of poles with dim=2: give 2 pairs"),
        (["-o", "missing/m.png"], 1, "Make it first: mkdir -p"),
        (["-o", "there.png"], 1, "there.png is there already. Pass --force"),
    ],
)
def test_what_cannot_be_drawn(
    run: Any, royal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str], status: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.png").touch()
    result = run("map", royal, *args)
    assert said in result.stderr
    assert result.exit_code == status
    assert not Path("m.png").exists()
