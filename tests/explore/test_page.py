"""The page: whole, safe, and asking nobody for anything."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from importlib import resources

import numpy as np
import pytest

from jari.explore import Projection, project
from jari.explore.maps.clusters import Clusters
from jari.explore.page import page


class _Reader(HTMLParser):
    """What a browser would see: elements with attributes, the texts of title and data."""

    def __init__(self):
        super().__init__()
        self.elements, self.texts, self._open = [], {}, None

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open = dict(attrs).get("id", tag)

    def handle_data(self, data):
        if self._open:
            self.texts[self._open] = self.texts.get(self._open, "") + data

    def handle_endtag(self, tag):
        self._open = None


def _read(projection, **options):
    reader = _Reader()
    reader.feed(page(projection, **options).decode("utf-8"))
    return reader, json.loads(reader.texts["data"])


KEYS = (
    "</script><img src=x onerror=alert(1)>",
    "<!--",
    "]]>",
    "\u2028",
    "{{data}}",
    "{{title}}",
    "호랑이 🐯",
    "\\",
    '"',
)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_any_key_comes_back_as_it_was(dim):
    points = np.random.default_rng(0).normal(size=(len(KEYS), dim)).astype(np.float32)
    projection = Projection(KEYS, points, "pca", (0.1,) * dim, counts=np.arange(len(KEYS)), notes=("a </script> note",))
    reader, data = _read(projection, arrows=[(0, 1)], title="{{data}} </title><script>")
    assert tuple(data["keys"]) == KEYS
    assert data["title"] == reader.texts["title"] == "{{data}} </title><script>"
    assert data["counts"] == list(range(len(KEYS)))
    assert data["arrows"] == [[0, 1]]
    assert data["notes"] == ["a </script> note"]
    assert (data["dim"], len(data["points"]), len(data["explained"])) == (dim, dim, dim)
    assert sum(tag == "script" for tag, _ in reader.elements) == 2
    assert not any(tag == "img" for tag, _ in reader.elements)


def test_coordinates_are_scaled_by_one_number():
    points = np.array([[0, 0], [4, 0], [0, 2]], dtype=np.float32)
    _, data = _read(Projection(("a", "b", "c"), points, "tsne"))
    assert data["points"] == [[-1, 1, -1], [-0.5, -0.5, 0.5]]
    assert data["counts"] is None
    assert (data["axes"], data["explained"], data["groups"]) == (None, None, None)


def test_points_in_one_place_are_no_division_by_zero():
    _, data = _read(Projection(("a", "b"), np.ones((2, 3), dtype=np.float32), "tsne"))
    assert data["points"] == [[0, 0]] * 3


def test_nothing_is_fetched():
    reader, _ = _read(Projection(("a",), np.ones((1, 2), dtype=np.float32), "pca"))
    for _tag, attributes in reader.elements:
        assert attributes.get("src") is None
        assert attributes.get("href", "data:,") == "data:,"
    policy = next(attributes["content"] for _, attributes in reader.elements if "http-equiv" in attributes)
    assert policy.startswith("default-src 'none'")
    text = page(Projection(("a",), np.ones((1, 2), dtype=np.float32), "pca")).decode("utf-8")
    assert not re.search(r"https?://|@import|url\(|fetch\(|XMLHttpRequest|innerHTML|document\.write|eval\(", text)
    assert not re.search(r"\{\{\w+\}\}", text)


def test_every_word_is_there_in_both_languages():
    folder = resources.files("jari.explore") / "map_page"
    words = (folder / "words.js").read_text(encoding="utf-8")
    english, korean = (set(re.findall(r"(\w+): \"", part)) for part in words.split("  ko: {"))
    asked = set()
    for file in folder.iterdir():
        if file.name.endswith(".js"):
            asked |= set(re.findall(r"\bt\(\"(\w+)\"", file.read_text(encoding="utf-8")))
    assert english == korean
    assert asked <= english
    holes = [re.findall(r"\{\w+\}", line) for line in re.findall(r"\w+: \"([^\"]*)\"", words)]
    half = len(holes) // 2
    assert [sorted(each) for each in holes[:half]] == [sorted(each) for each in holes[half:]]


def _clusters(names=(("a", "</script>"), ("c",))):
    centres = np.array([[0, 0], [4, 2]], dtype=np.float32)
    return Clusters(np.array([0, 1, 0], dtype=np.uint8), names, (2, 1), centres)


def test_clusters_lie_where_their_points_do():
    points = np.array([[0, 0], [4, 2], [0, 0]], dtype=np.float32)
    reader, data = _read(Projection(("a", "b", "c"), points, "pca", (0.5, 0.5)), clusters=_clusters(), density=True)
    assert data["groups"]["ids"] == [0, 1, 0]
    assert data["groups"]["names"] == [["a", "</script>"], ["c"]]
    assert data["groups"]["centres"] == [[-1, -0.5], [1, 0.5]]
    assert [point[:2] for point in data["points"]] == [[-1, 1], [-0.5, 0.5]]
    assert data["density"] is True
    assert len(data["palette"]["light"]) == len(data["palette"]["dark"]) == 10
    assert sum(tag == "script" for tag, _ in reader.elements) == 2


def test_contours_are_on_the_map(clouds):
    projection = project(clouds)
    _, data = _read(projection)
    assert data["density"] is False
    assert 1 <= len(data["contours"]) <= 6
    rings = [np.reshape(ring, (-1, 2)) for contour in data["contours"] for ring in contour["rings"]]
    places = np.array(data["points"]).T
    innermost = [np.reshape(ring, (-1, 2)) for ring in data["contours"][-1]["rings"]]
    assert all((np.abs(ring) < 1.6).all() for ring in rings)
    # around a point there are points: the middle of the innermost rings is nearer to the middle of a cloud than half
    middles = places.reshape(3, 20, 2).mean(axis=1)
    for ring in innermost:
        assert np.linalg.norm(middles - ring.mean(axis=0), axis=1).min() < 0.3


@pytest.mark.parametrize("dim", [1, 3])
def test_only_a_plane_has_contours(clouds, dim):
    assert _read(project(clouds, dim=dim))[1]["contours"] is None


def test_axes_between_poles():
    points = np.array([[0, 0], [4, 1]], dtype=np.float32)
    named = Projection(("a", "b"), points, "poles", axes=(("</script>", "adult"), ("c", "d")))
    reader, data = _read(named)
    assert data["axes"] == ["← </script>    adult →", "← c    d →"]
    assert data["turned"] == ["← adult    </script> →", "← d    c →"]
    assert data["origin"] == [-1, -0.25]
    assert sum(tag == "script" for tag, _ in reader.elements) == 2
    _, line = _read(Projection(("a", "b"), np.array([[-1], [3]], dtype=np.float32), "poles", axes=(("x", "y"),)))
    assert line["marks"] == [-1, -0.5, 0]
