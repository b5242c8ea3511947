"""Figures: those of nobody but the caller."""

from __future__ import annotations

import importlib
import io
import subprocess
import sys
import warnings

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from jari.embedding import Embedding
from jari.embedding.plotting import DRAWER, PlotOptions
from jari.errors import BadInput, UnknownKey
from jari.explore import draw
from jari.explore.colours import GROUPS
from jari.explore.figure import plot
from jari.explore.groups import groups_of


def _texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def _dots(figure):
    """The colours of the points, without their opacity."""
    scatters = [each for each in figure.axes[0].collections if len(each.get_offsets()) > 1]
    faces = np.concatenate([scatter.get_facecolors() for scatter in scatters])
    return {mpl.colors.to_hex(face) for face in faces}


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_a_figure_comes_back(clouds, dim):
    figure = clouds.plot(dim, title="Sixty keys")
    assert isinstance(figure, Figure)
    assert {"Sixty keys", "a0"} <= set(_texts(figure))
    assert imread(io.BytesIO(figure._repr_png_())).shape[1] == 1200


def test_pyplot_and_the_settings_are_left_alone():
    program = """
import sys, numpy, warnings
import jari.embedding
from jari.embedding import Embedding
assert "jari.explore" not in sys.modules and "matplotlib" not in sys.modules
embedding = Embedding([f"k{i}" for i in range(20)], numpy.random.default_rng(0).normal(size=(20, 3)))
embedding.plot()
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)
    before = dict(mpl.rcParams)
    Embedding(["a", "b", "c"], np.eye(3)).plot()._repr_png_()
    assert dict(mpl.rcParams) == before


def test_the_settings_of_the_program_that_calls_do_not_show(clouds):
    usual = clouds.plot(arrows=[("a1", "b1")], top=60)._repr_png_()
    with mpl.rc_context(
        {"lines.linestyle": "--", "text.usetex": True, "axes.xmargin": 0.4, "patch.force_edgecolor": True}
    ):
        assert clouds.plot(arrows=[("a1", "b1")], top=60)._repr_png_() == usual


def test_characters_without_a_font_are_no_warning_later():
    keys = ["\U000e1234", "plain", "또\U000e1235", "x"]
    figure = Embedding(keys, np.random.default_rng(0).normal(size=(4, 3))).plot(title="\U000e1236")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.savefig(io.BytesIO(), format="png")
    assert "plain" in _texts(figure)
    assert keys[0] not in _texts(figure)


def test_what_is_drawn_by_default():
    many = Embedding([f"k{i}" for i in range(1200)], np.random.default_rng(0).normal(size=(1200, 4)))
    assert any("1,000 keys" in text for text in _texts(many.plot()))
    assert any("1,200 keys" in text for text in _texts(many.plot(top=1200)))
    assert any("3 keys" in text for text in _texts(many.plot(keys=["k7", "k9", "k11"])))
    assert any("4 keys" in text for text in _texts(many.plot(arrows=[("k7", "k9"), ("k3", "k4")])))
    assert any("7 keys" in text for text in _texts(many.plot(top=5, arrows=[("k7", "k9")])))
    assert sum(text.startswith("k") for text in _texts(many.plot(labels=3))) == 3


def test_clusters_have_colours_and_names(clouds):
    figure = clouds.plot(clusters=3)
    assert _dots(figure) == set(GROUPS[:3])
    names = [text for text in _texts(figure) if " · " in text and "keys" not in text and "component" not in text]
    assert len(names) == 3
    assert {name[0] for name in names} == {"a", "b", "c"}
    assert len(_dots(clouds.plot())) == 2  # named and not
    automatic = clouds.plot(clusters=True)
    assert 2 <= len(_dots(automatic)) <= 10


def test_contours_are_lines(clouds):
    def lines(figure):
        return sum(type(each).__name__ == "LineCollection" for each in figure.axes[0].collections)

    assert lines(clouds.plot()) == 0
    assert lines(clouds.plot(density=True)) > 0


def test_the_drawer_is_there_under_its_name():
    module = importlib.import_module(DRAWER)
    asked = set(PlotOptions.__annotations__) | {"dim", "method"}
    assert asked == set(module.plot.__kwdefaults__)


def test_groups_are_those_that_were_planted(clouds):
    projection = clouds.project()
    found = groups_of(clouds, projection, 3)
    pairs = [(key[0], group) for key, group in zip(projection.keys, found.ids.tolist(), strict=True)]
    by_letter = {letter: {group for of, group in pairs if of == letter} for letter in "abc"}
    assert sorted(map(len, by_letter.values())) == [1, 1, 1]
    assert len(set().union(*by_letter.values())) == 3
    for group, names in enumerate(found.names):
        assert set().union(*(by_letter[name[0]] for name in names)) == {group}
        middle = projection.coordinates[found.ids == group].mean(axis=0)
        np.testing.assert_allclose(found.centres[group], middle, atol=0.1)
    longer = Embedding(["a", "b", "c", "d"], [[1, 0], [9, 0], [0, 1], [0, 9]])
    long = groups_of(longer, longer.project(geometry="euclidean"), 3, geometry="euclidean").ids
    assert len(set(long[[0, 1]])) == len(set(long[[2, 3]])) == 2
    alike = groups_of(longer, longer.project(), 2).ids
    assert (alike[0], alike[2]) == (alike[1], alike[3])
    mixed = clouds.project(keys=["c3", "a1", "b2", "c1", "a2", "b5"])
    assert len(groups_of(clouds, mixed, 3).ids) == 6


@pytest.mark.parametrize("kind", ["svg", "html"])
def test_names_of_groups_are_those_of_the_points(clouds, tmp_path, kind):
    projection = clouds.project()
    groups = groups_of(clouds, projection, 3)
    names = {key: f"film {key}" for key in projection.keys}
    path = draw(projection, tmp_path / f"map.{kind}", names=names, clusters=groups).path
    assert f"film {groups.names[0][0]}" in path.read_text(encoding="utf-8")
    assert '"' + groups.names[0][0] + '"' not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"clusters": 0}, BadInput, "clusters=0: give True, False or how many"),
        ({"clusters": -2}, BadInput, "clusters=-2"),
        ({"density": True, "dim": 3}, BadInput, "density=True with dim=3: contours are drawn on a plane"),
        ({"arrows": [("a1", "zz")]}, UnknownKey, "'zz' is not in this embedding"),
        ({"keys": "a1"}, BadInput, "Give a list of keys, not one string"),
        ({"method": "mds"}, BadInput, "method='mds' is not known"),
    ],
)
def test_what_cannot_be_plotted(clouds, asked, error, said):
    with pytest.raises(error, match=said):
        plot(clouds, **asked)
