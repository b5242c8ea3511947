"""Two embeddings that differ in what was planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from jari.embedding import Embedding, Vocabulary
from jari.errors import BadInput, UnknownKey
from jari.explore.comparing import compare

N, D = 120, 8


def _turned(rng, d):
    return np.linalg.qr(rng.normal(size=(d, d)))[0]


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.fixture
def before(rng):
    return Embedding(Vocabulary([f"k{i}" for i in range(N)], np.arange(N, 0, -1)), rng.normal(size=(N, D)))


@pytest.fixture
def after(before, rng):
    """The same, turned and in another order, where k3 stands in the place of k90 and k90 in that of k3."""
    vectors = before.vectors @ _turned(rng, D)
    vectors[[3, 90]] = vectors[[90, 3]]
    order = rng.permutation(N)
    return Embedding([f"k{i}" for i in order], vectors[order])


def test_a_turned_embedding_is_the_same(before, rng):
    found = compare(before, Embedding(before.keys, 3 * before.vectors @ _turned(rng, D)), k=5)
    assert found.jaccard.tolist() == [1.0] * N
    assert found.overlap.mean == found.overlap.low == found.overlap.high == 1
    assert found.overlap.histogram == (*[0] * 10, N)
    np.testing.assert_allclose(found.cosine, 1, atol=1e-5)
    assert found.alignment.error < 1e-6
    points = found.linked_map(50)
    np.testing.assert_allclose(points.xy_a, points.xy_b, atol=1e-4)


def test_what_was_moved_is_what_changed(before, after):
    found = compare(before, after, k=5)
    assert {each.key for each in found.changed(2)} == {"k3", "k90"}
    assert found.changed(2)[0].count in (N - 3, N - 90)
    assert all(each.jaccard == 1 and each.cosine > 0.99 for each in found.steady(20))
    assert found.overlap.mean > 0.8
    least, most = found.changed(N), found.steady(N)
    assert [each.jaccard for each in least] == sorted(each.jaccard for each in least)
    assert {each.key for each in most} == {each.key for each in least} == set(before.keys)
    ties = [each.cosine for each in least if each.jaccard == 1]
    assert ties == sorted(ties)


def test_the_overlap_goes_first_and_then_the_cosine(before, after):
    planted = np.array([[0.5, 0.1], [0.2, 0.9], [0.5, 0.05], [0.2, 0.3]], dtype=np.float32)
    found = replace(compare(before, after, top=4), jaccard=planted[:, 0], cosine=planted[:, 1])
    assert [each.key for each in found.changed()] == ["k3", "k1", "k2", "k0"]
    assert [each.key for each in found.steady()] == ["k0", "k2", "k1", "k3"]
    assert [each.key for each in found.changed(1)] == ["k3"]


def test_lists_are_those_of_the_definition(before, after):
    found = compare(before, after, k=7)
    for row in (0, 3, 44):
        key = f"k{row}"
        here, there = ({*each.similar(key, 7).keys} for each in (before, after))
        expected = len(here & there) / len(here | there)
        assert found.jaccard[row] == pytest.approx(expected)
        asked = found.of_key(key)
        assert asked.jaccard == pytest.approx(expected)
        assert asked.cosine == pytest.approx(found.cosine[row], abs=1e-6)
        assert {*asked.a.keys} == here
        assert {*asked.b.keys} == there
        assert {*asked.both} == here & there
        assert list(asked.both) == [each for each in asked.a.keys if each in here & there]
    assert len(found.of_key("k3", 2).a) == 2


def test_only_keys_that_both_have_are_neighbours(before, rng):
    half = Embedding(["new", *before.keys[:60][::-1]], np.concatenate([np.ones((1, D)), before.vectors[:60][::-1]]))
    found = compare(before, half, k=5)
    assert (found.shared, found.only_a, found.only_b, found.compared) == (60, 60, 1, 60)
    assert found.jaccard.tolist() == [1.0] * 60
    assert list(before.vocabulary.keys[found.rows_a]) == list(half.vocabulary.keys[found.rows_b]) == before.keys[:60]
    assert "new" not in found.of_key("k0", 100).b.keys
    assert len(found.of_key("k0", 100).b) == 59
    other_way = compare(half, before, k=5)
    assert (other_way.only_a, other_way.only_b) == (1, 60)


def test_only_the_first_are_compared_but_all_may_be_neighbours(before, after):
    few, all_of_them = compare(before, after, k=5, top=10), compare(before, after, k=5)
    assert few.compared == 10
    np.testing.assert_array_equal(few.jaccard, all_of_them.jaccard[:10])
    assert len(few.changed(50)) == 10
    assert few.changed(0) == ()
    points = few.linked_map(20)
    assert np.isnan(points.jaccard).tolist() == [False] * 10 + [True] * 10
    assert few.of_key("k100").jaccard == all_of_them.jaccard[100]


@pytest.mark.parametrize(("of", "to"), [(D, 3), (3, D), (D, 1), (1, 1)])
def test_dimensions_may_differ(rng, of, to):
    wide = rng.normal(size=(30, D))
    keys = [f"k{i}" for i in range(30)]
    found = compare(Embedding(keys, wide[:, :of]), Embedding(keys, wide[:, :to]), k=3)
    assert np.isfinite(found.cosine).all()
    assert (np.abs(found.cosine) <= 1).all()
    points = found.linked_map()
    assert points.xy_a.shape == points.xy_b.shape == (30, 2)
    assert np.isfinite(points.xy_a).all()
    assert np.isfinite(points.xy_b).all()


def test_what_the_smaller_space_lacks_is_a_difference():
    # Two keys that differ in a dimension only that b has: a cannot be right about both.
    a, b = Embedding(["x", "y"], [[1.0], [1.0]]), Embedding(["x", "y"], [[1, 1], [1, -1]])
    assert compare(a, b, k=1).cosine == pytest.approx([np.sqrt(0.5)] * 2)


def test_the_plane_is_the_first_two_components(before, after):
    points = compare(before, after).linked_map(80)
    units = before.vectors[:80] / before.norms[:80, None]
    centred = units - units.mean(axis=0)
    strongest = np.linalg.svd(centred, compute_uv=False)[:2]
    np.testing.assert_allclose(np.linalg.norm(points.xy_a, axis=0), strongest, rtol=1e-4)
    assert points.keys == tuple(before.keys[:80])
    moved = np.linalg.norm(points.xy_a - points.xy_b, axis=1)
    assert int(moved.argmax()) == 3  # k90 is not on it


def test_the_same_every_time(before, after):
    one, other = (compare(before, after) for _ in range(2))
    np.testing.assert_array_equal(one.jaccard, other.jaccard)
    np.testing.assert_array_equal(one.cosine, other.cosine)
    np.testing.assert_array_equal(one.linked_map().xy_b, other.linked_map().xy_b)
    assert one.overlap == other.overlap
    with pytest.raises(AttributeError):
        one.k = 3


def test_one_key_and_keys_of_zeros(rng):
    single = compare(Embedding(["a", "b"], np.eye(2)), Embedding(["b", "c"], np.eye(2)))
    assert single.jaccard.tolist() == [1.0]
    assert single.linked_map().xy_a.tolist() == [[0, 0]]
    assert single.notes == ("Only 1 key is in both: 10 neighbours of so few are much the same whatever was learnt.",)
    zeros = Embedding(["a", "b", "c"], np.zeros((3, 2)))
    assert compare(zeros, zeros, k=1).cosine.tolist() == [0, 0, 0]


def test_progress_is_told(before, after, monkeypatch):
    monkeypatch.setattr("jari.explore.comparing._AT_ONCE", 50)
    told = []
    compare(before, after, callback=told.append)
    assert [(each.done, each.total, each.unit) for each in told] == [(done, N, "keys") for done in (0, 50, 100, N)]


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"k": 0}, "k=0: ask for a whole number"), ({"top": 0}, "top=0 leaves no keys to compare")],
)
def test_what_cannot_be_asked(before, after, asked, said):
    with pytest.raises(BadInput, match=said):
        compare(before, after, **asked)


def test_nothing_in_common(before):
    with pytest.raises(BadInput, match=r"No key is in both embeddings \(120 keys and 1\)"):
        compare(before, Embedding(["other"], [[1.0]]))
    found = compare(before, before.top(10))
    with pytest.raises(UnknownKey, match="'k50' is in the first embedding only"):
        found.of_key("k50")
    with pytest.raises(UnknownKey, match="'kk' is not in this embedding"):
        found.of_key("kk")
    with pytest.raises(BadInput, match="top=0 leaves no keys to draw"):
        found.linked_map(0)
