"""Maps on the disk."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jari.embedding import Embedding
from jari.errors import BadFile
from jari.explore.maps import MapRequest, draw_map
from jari.explore.maps.folder import MapFolder, Wanted

REQUEST = MapRequest(poles={"a": ["k0"], "b": ["k1"]})


@pytest.fixture
def folder(tmp_path):
    embedding = Embedding([f"k{at}" for at in range(9)], np.random.default_rng(0).normal(size=(9, 4)))
    made, wanted = MapFolder(tmp_path / ("0" * 20)), Wanted("checksum", 9, REQUEST)
    made.begin(wanted)
    made.save(draw_map(embedding, REQUEST), wanted)
    return made


def test_what_was_written_is_read(folder):
    drawn = folder.open()
    assert (drawn.request, drawn.axes, drawn.fitted) == (REQUEST, (("a", "b"),), 9)
    found = drawn.coordinates[:2, 0] * drawn.scale + drawn.middle[0]
    assert found == pytest.approx([-1, 1], abs=1e-5)
    assert not drawn.coordinates.flags.writeable
    assert sorted(file.name for file in folder.path.iterdir()) == ["map.json", "points.npy", "request.json"]


def test_points_are_a_file_that_numpy_reads(folder):
    assert np.array_equal(np.load(folder.path / "points.npy"), folder.open().coordinates)


def changed(folder, name, **values):
    file = folder.path / name
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


@pytest.mark.parametrize(
    ("name", "values", "says"),
    [
        ("map.json", {"checksum": "other"}, "it is of another embedding"),
        ("map.json", {"request": MapRequest().to_json()}, "it is another map"),
        ("map.json", {"version": 99}, "is damaged"),
        ("map.json", {"points": {"sha256": "0"}}, "its points are not those that were written"),
        ("map.json", {"shape": [3, 3]}, "its points are no table"),
        ("map.json", {"scale": None}, "is damaged"),
        ("map.json", {"request": {"method": "isomap"}}, "is damaged"),
        ("request.json", {"points": 8}, r"its points have the shape \(9, 1\)"),
        ("request.json", {"version": 99}, "holds no map that can be read"),
    ],
)
def test_a_map_that_is_not_the_one(folder, name, values, says):
    changed(folder, name, **values)
    with pytest.raises(BadFile, match=says):
        folder.open()


@pytest.mark.parametrize("name", ["map.json", "request.json", "points.npy"])
@pytest.mark.parametrize("data", [b"", b"[]", b"\xff\xfe", b"{"])
def test_files_that_are_something_else(folder, name, data):
    (folder.path / name).write_bytes(data)
    with pytest.raises(BadFile, match=r"ask for it again"):
        folder.open()


def test_points_that_are_objects_are_not_loaded(folder):
    import hashlib

    np.save(folder.path / "points.npy", np.array([{}], dtype=object))
    data = (folder.path / "points.npy").read_bytes()
    changed(folder, "map.json", points={"sha256": hashlib.sha256(data).hexdigest()})
    with pytest.raises(BadFile, match="damaged"):
        folder.open()


def test_progress_is_told_and_forgotten(folder):
    assert folder.told() == {}
    folder.tell(stage="placing", done=3)
    assert folder.told() == {"stage": "placing", "done": 3}
    folder.forget()
    assert folder.told() == {}
    assert not [file for file in folder.path.iterdir() if file.name.startswith(".")], "a temporary file is left"


def test_each_wish_to_stop_is_a_new_one(folder):
    assert folder.cancelled is None
    seen = set()
    for _ in range(20):
        folder.ask_to_stop()
        seen.add(folder.cancelled)
    assert len(seen) == 20
