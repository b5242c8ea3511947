"""Files of maps: of the right kind, whole, and with all text in them."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread

from jari.embedding import Embedding
from jari.errors import BadInput, FileIsThere, NoSuchFile, UnknownKey
from jari.explore import draw, project

STRANGE = ["$x^2$", "</script><b>", "a&b", "tab\there", "", "호랑이", "\U000e1234"]


@pytest.fixture
def strange():
    return project(Embedding(STRANGE, np.random.default_rng(0).normal(size=(len(STRANGE), 4))))


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("method", ["pca", "tsne"])
def test_png(clouds, tmp_path, dim, method):
    drawing = draw(project(clouds, dim=dim, method=method), tmp_path / "map.png", arrows=[("a1", "b1"), ("c2", "c2")])
    image = imread(io.BytesIO(drawing.path.read_bytes()))
    assert image.shape == (1000 if dim == 1 else 1800, 2400, 4)
    assert image[..., :3].std() > 0.02  # not a white sheet
    assert drawing.points == 60
    assert 5 < drawing.labelled <= 60
    assert [path.name for path in tmp_path.iterdir()] == ["map.png"]


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_svg_keeps_text_as_text(clouds, tmp_path, dim):
    drawing = draw(project(clouds, dim=dim), tmp_path / "map.svg", title="A & B")
    texts = [node.text for node in ET.parse(drawing.path).iter("{http://www.w3.org/2000/svg}text")]
    assert {"A & B", "a0"} < set(texts)
    assert sum(bool(re.fullmatch(r"[abc]\d+", text)) for text in texts) == drawing.labelled


def test_the_same_map_is_the_same_file(clouds, tmp_path):
    projection = project(clouds)
    for kind in ("svg", "png", "html"):
        first = draw(projection, tmp_path / f"1.{kind}").path.read_bytes()
        assert first == draw(projection, tmp_path / f"2.{kind}").path.read_bytes()


def test_strange_keys_stay_what_they_are(strange, tmp_path):
    drawing = draw(strange, tmp_path / "map.svg", title="$y_1$ <i>")
    texts = [node.text for node in ET.parse(drawing.path).iter("{http://www.w3.org/2000/svg}text")]
    assert {"$x^2$", "</script><b>", "a&b", "tab\\there", "(empty)", "호랑이", "$y_1$ <i>"} <= set(texts)
    assert any("No font installed here" in note for note in drawing.notes)


def test_a_png_has_no_boxes_and_says_what_it_left_out(strange, tmp_path):
    drawing = draw(strange, tmp_path / "map.png", title="\U000e1234")
    assert drawing.labelled < len(STRANGE)
    assert any(
        re.search(r"\d keys? hold.* no font installed here has .*without labels", note) for note in drawing.notes
    )
    assert any("the title" in note for note in drawing.notes)


def test_labels_can_be_few_or_none(clouds, tmp_path):
    projection = project(clouds)
    assert draw(projection, tmp_path / "none.svg", labels=0).labelled == 0
    drawing = draw(projection, tmp_path / "three.svg", labels=3, arrows=[("c19", "c18")])
    text = drawing.path.read_text(encoding="utf-8")
    # ends of arrows first, then the most frequent
    assert (drawing.labelled, ">c19<" in text, ">c18<" in text, ">a0<" in text) == (3, True, True, True)


def test_the_settings_of_the_program_that_calls_are_left_alone(clouds, tmp_path):
    before = dict(mpl.rcParams)
    draw(project(clouds), tmp_path / "map.svg")
    assert dict(mpl.rcParams) == before


def test_pyplot_and_its_global_figures_are_not_touched(tmp_path):
    program = f"""
import sys, numpy
from jari.explore import Projection, draw
draw(Projection(("a", "b"), numpy.eye(2, dtype="float32"), "pca"), {str(tmp_path / "map.png")!r})
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("kind", ["png", "svg", "html"])
def test_an_output_that_is_there_needs_force(clouds, tmp_path, kind):
    path = tmp_path / f"map.{kind}"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(FileIsThere, match=r"exists already. Pass force=True"):
        draw(project(clouds), path)
    assert path.read_text(encoding="utf-8") == "mine"
    draw(project(clouds), path, force=True)
    assert path.stat().st_size > 5000


def test_bad_requests(clouds, tmp_path):
    projection = project(clouds, top=30)
    with pytest.raises(BadInput, match=r"'map.gif' must end in one of .png, .svg, .html"):
        draw(projection, tmp_path / "map.gif")
    with pytest.raises(BadInput, match="labels=-1 is negative"):
        draw(projection, tmp_path / "map.png", labels=-1)
    with pytest.raises(UnknownKey, match=r"'c1', which is not on the map \(30 keys\). Add it"):
        draw(projection, tmp_path / "map.png", arrows=[("a1", "c1")])
    with pytest.raises(NoSuchFile, match="There is no folder"):
        draw(projection, tmp_path / "none" / "map.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["svg", "html", "png"])
@pytest.mark.parametrize("dim", [1, 2, 3])
def test_named_axes(clouds, tmp_path, kind, dim):
    pairs = [{f"low{axis}": ["a1", "a2"], f"high{axis}": [f"b{axis}", "c1"]} for axis in range(dim)]
    drawing = draw(clouds.project(poles=pairs), tmp_path / f"map.{kind}")
    assert drawing.labelled > 5
    if kind != "png":
        text = drawing.path.read_text(encoding="utf-8")
        for axis in range(dim):
            assert f"← low{axis}" in text
            assert f"high{axis} →" in text


@pytest.mark.parametrize("kind", ["svg", "html"])
def test_names_instead_of_keys(clouds, tmp_path, kind):
    path = tmp_path / f"map.{kind}"
    draw(project(clouds), path, names={"a0": "Toy Story", "zzz": "?"}, arrows=[("a0", "b0")])
    text = path.read_text(encoding="utf-8")
    assert "Toy Story" in text
    assert not re.search(r"[>\"]a0[<\"]", text)
    assert re.search(r"[>\"]b0[<\"]", text)
