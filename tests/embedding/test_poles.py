"""Axes between two poles: where they lead, what lies on them, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jari.embedding import Embedding
from jari.errors import BadInput, UnknownKey

KEYS = ["a1", "a2", "b1", "b2", "c", "zero"]


@pytest.fixture
def six():
    return Embedding(KEYS, [[2, 0, 1], [1, 1, 0], [-1, 0, 3], [-2, 1, 0], [0, 4, 0], [0, 0, 0]])


@pytest.mark.parametrize("geometry", ["cosine", "euclidean"])
def test_the_means_of_the_poles_are_at_minus_one_and_one(six, geometry):
    line = six.project(1, poles={"a": ["a1", "a2", "a1"], "b": iter(["b1", "b2"])}, geometry=geometry)
    x = line.coordinates.ravel()
    assert line.coordinates.shape == (6, 1)
    assert (x[:2].mean(), x[2:4].mean()) == pytest.approx((-1, 1))
    assert line.axes == (("a", "b"),)
    assert (line.method, line.explained, line.keys) == ("poles", None, tuple(KEYS))


def test_a_coordinate_is_the_score_along_the_direction(six):
    line = six.project(poles={"a": ["a1"], "b": ["b2"]}, keys=["c", "zero", "a2"])
    units = six.vectors / np.maximum(six.norms, 1e-9)[:, None]
    direction, middle = units[3] - units[0], (units[3] + units[0]) / 2
    expected = [2 * (units[row] - middle) @ direction / (direction @ direction) for row in (4, 5, 1)]
    assert line.coordinates.ravel() == pytest.approx(expected, abs=1e-6)


@given(arrays(np.float32, (6, 3), elements=st.integers(-50, 50)), st.floats(0.125, 8))
def test_lengths_do_not_matter_and_names_change_places_with_signs(vectors, factor):
    vectors[:2, 0] = 60  # so that there is a direction
    vectors[2:4, 0] = -60
    one, other = {"a": ["a1", "a2"], "b": ["b1", "b2"]}, {"b": ["b1", "b2"], "a": ["a1", "a2"]}
    here = Embedding(KEYS, vectors).project(poles=one)
    there = Embedding(KEYS, vectors * np.float32(factor)).project(poles=other)
    assert np.allclose(here.coordinates, -there.coordinates, atol=1e-4)
    assert there.axes == (("b", "a"),)


def test_each_axis_of_a_plane_reads_as_it_would_alone(six):
    pairs = {"a": ["a1", "a2"], "b": ["b1"]}, {"low": ["a1"], "high": ["c"]}
    plane = six.project(2, poles=pairs)
    for axis, pair in enumerate(pairs):
        assert np.array_equal(plane.coordinates[:, [axis]], six.project(1, poles=pair).coordinates)
    assert plane.axes == (("a", "b"), ("low", "high"))
    assert six.project(poles=[*pairs, {"x": ["b1"], "y": ["b2"]}]).dim == 3


def test_axes_that_say_the_same_are_told_of(six):
    notes = six.project(poles=[{"a": ["a1"], "b": ["b2"]}, {"c": ["a1", "a2"], "d": ["b2"]}]).notes
    assert len(notes) == 1
    assert notes[0].startswith("The axes a – b and c – d say partly the same: the cosine of their directions is 0.9")
    assert six.project(poles=[{"a": ["a1"], "b": ["b2"]}, {"c": ["zero"], "d": ["c"]}]).notes == ()


def test_one_point_can_lie_on_a_line(six):
    assert len(six.project(poles={"a": ["a1"], "b": ["b1"]}, keys=["c"])) == 1


def test_keys_of_poles_that_may_be_skipped(six):
    line = six.project(poles={"a": ["a1", "x", "y"], "b": ["b1", "x1"]}, unknown="skip")
    assert line.notes == ("3 keys of the poles are not in the embedding: x, y, x1.",)
    same = six.project(poles={"a": ["a1"], "b": ["b1"]})
    assert np.array_equal(line.coordinates, same.coordinates)
    with pytest.raises(BadInput, match=r"The pole 'b' stands for nothing: none of its keys is in the embedding"):
        six.project(poles={"a": ["a1"], "b": ["x"]}, unknown="skip")


@pytest.mark.parametrize(
    ("poles", "options", "says"),
    [
        ({"a": [], "b": ["b1"]}, {}, "The pole 'a' stands for nothing: it has no key. Give one key or more"),
        ({"a": ["a1", "c"], "b": ["b1", "c"]}, {}, "'c' is in both poles, 'a' and 'b'"),
        ({"a": ["a1"], "b": "b1"}, {}, "Give a list of keys for the pole 'b', not one string"),
        ({"a": ["a1"]}, {}, r"An axis has two poles, not \['a'\]: give a mapping of two names"),
        ({"a": ["a1"], "b": ["b1"], "c": ["c"]}, {}, "An axis has two poles"),
        ([["a1"], ["b1"]], {}, "An axis has two poles"),
        ({1: ["a1"], 2: ["b1"]}, {}, "An axis has two poles"),
        ({"a": ["same 1"], "b": ["same 2"]}, {}, "'a' and 'b' have the same mean, so that no direction leads"),
        ({"a": ["zero"], "b": ["nought"]}, {}, "have the same mean"),
        ({"a": ["a1"], "b": ["b1"]}, {"dim": 2}, "1 pair of poles with dim=2: give 2 pairs, one an axis"),
        ([{"a": ["a1"], "b": ["b1"]}] * 2, {"dim": 1}, "2 pairs of poles with dim=1: give 1 pair, one an axis"),
        ([{"a": ["a1"], "b": ["b1"]}] * 4, {}, "4 pairs of poles: give 1, 2 or 3 pairs"),
        ([], {}, "0 pairs of poles"),
        ({"a": ["a1"], "b": ["b1"]}, {"method": "tsne"}, "method='tsne' finds its own axes, and poles name them"),
        ({"a": ["a1"], "b": ["b1"]}, {"keys": []}, "0 points cannot be drawn"),
    ],
)
def test_bad_poles(six, poles, options, says):
    more = Embedding([*KEYS, "same 1", "same 2", "nought"], [*six.vectors, [1, 2, 3], [2, 4, 6], [0, 0, 0]])
    with pytest.raises(BadInput, match=says):
        more.project(poles=poles, **options)


def test_unknown_keys_of_poles(six):
    with pytest.raises(UnknownKey, match="'a9' is not in this embedding"):
        six.project(poles={"a": ["a1", "a9"], "b": ["b1"]})
