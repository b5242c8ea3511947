"""What can be asked of a map."""

from __future__ import annotations

import json

import numpy as np
import pytest

from jari.embedding import Embedding
from jari.errors import BadInput, UnknownKey
from jari.explore.maps import MapRequest

COLD_HOT = {"cold": ["ice"], "hot": ["fire"]}
WET_DRY = {"wet": ["rain"], "dry": ["sand"]}


@pytest.mark.parametrize(
    "request_",
    [
        MapRequest(),
        MapRequest("umap", 3, 500, "euclidean", 7),
        MapRequest(poles=COLD_HOT),
        MapRequest(poles=[COLD_HOT, {"\n": ["", "/"], "얼음": ["불"]}]),
    ],
)
def test_json_and_back(request_):
    assert MapRequest.of_json(json.loads(json.dumps(request_.to_json()))) == request_
    assert hash(MapRequest.of_json(request_.to_json())) == hash(request_)


def test_what_is_left_out():
    assert MapRequest().dimensions == 2
    both = MapRequest(poles=[COLD_HOT, WET_DRY])
    assert (both.method, both.dimensions, both.axes) == ("poles", 2, (("cold", "hot"), ("wet", "dry")))


def test_a_digest_is_of_all_that_matters_and_of_nothing_else():
    asked = [
        MapRequest(),
        MapRequest(dim=3),
        MapRequest(top=5),
        MapRequest(geometry="euclidean"),
        MapRequest("tsne"),
        MapRequest("tsne", seed=1),
        MapRequest(poles=COLD_HOT),
        MapRequest(poles={"hot": ["fire"], "cold": ["ice"]}),
    ]
    digests = {each.digest("a") for each in asked} | {MapRequest().digest("b")}
    assert len(digests) == len(asked) + 1
    assert MapRequest(seed=3).digest("a") == MapRequest().digest("a"), "PCA has no seed"
    assert MapRequest(dim=2).digest("a") == MapRequest().digest("a")
    assert MapRequest().digest("a") == "94cf10cfd96ccb0602de", "maps that are kept would not be found any more"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"method": "isomap"}, "method='isomap' is not known: give one of 'pca', 'tsne', 'umap', 'poles'"),
        ({"method": ["pca"]}, r"method=\['pca'\] is not known"),
        ({"method": "poles"}, "method='poles' needs poles"),
        ({"method": "umap", "poles": COLD_HOT}, "finds its own axes, and poles name them"),
        ({"dim": 4}, "dim=4: a picture has 1, 2 or 3 dimensions"),
        ({"dim": 2.0}, "dim=2.0: a picture has"),
        ({"dim": True}, "dim=True: a picture has"),
        ({"dim": 2, "poles": COLD_HOT}, "1 pair of poles with dim=2: give one pair an axis"),
        ({"top": 0}, "top=0: a map needs points"),
        ({"top": 1.5}, "top=1.5: a map needs points"),
        ({"seed": -1}, "seed=-1: a seed is not negative"),
        ({"seed": 2**31}, "seed=2147483648: give a whole number up to 2147483647"),
        ({"geometry": "flat"}, "geometry='flat' is not known"),
        ({"poles": "cold"}, "poles='cold': give a mapping of two names"),
        ({"poles": []}, "0 pairs of poles: give 1, 2 or 3 pairs"),
        ({"poles": [COLD_HOT] * 4}, "4 pairs of poles"),
        ({"poles": {"cold": ["ice"]}}, "An axis has two poles, not {'cold'"),
        ({"poles": [7]}, "An axis has two poles, not 7"),
        ({"poles": [[["a", ["x"]], ["a", ["y"]]]]}, "An axis has two poles"),
        ({"poles": {1: ["ice"], 2: ["fire"]}}, "An axis has two poles"),
        ({"poles": {"cold": "ice", "hot": ["fire"]}}, "Give a list of keys for the pole 'cold', not 'ice'"),
        ({"poles": {"cold": [], "hot": ["fire"]}}, "The pole 'cold' has 0 keys: give 1 to 1000 strings"),
        ({"poles": {"cold": [1], "hot": ["fire"]}}, "The pole 'cold' has the key 1: give strings"),
        ({"poles": {"cold": [["x"]], "hot": ["fire"]}}, r"The pole 'cold' has the key \['x'\]"),
        ({"poles": {"cold": map(str, range(2000)), "hot": ["fire"]}}, "The pole 'cold' has 2000 keys"),
        ({"colour": "red"}, "'colour' says nothing about a map"),
    ],
)
def test_bad_requests(options, says):
    with pytest.raises(BadInput, match=says):
        MapRequest.of_json(options)


@pytest.mark.parametrize(
    ("options", "kind", "says"),
    [
        ({"dim": 3}, BadInput, "dim=3 is more than the 2 dimensions"),
        ({"top": 1}, BadInput, "1 point cannot be drawn with method='pca', dim=2"),
        ({"method": "tsne", "top": 3}, BadInput, "3 points cannot be drawn with method='tsne'"),
        ({"poles": {"a": ["k0"], "b": ["nowhere"]}}, UnknownKey, "'nowhere' is not in this embedding"),
        ({"poles": {"a": ["k0"], "b": ["k0"]}}, BadInput, "'k0' is in both poles"),
        ({"poles": {"a": ["k0"], "b": ["twin"]}}, BadInput, "have the same mean"),
    ],
)
def test_what_an_embedding_cannot_have_drawn(options, kind, says):
    embedding = Embedding(["k0", "twin", "k2", "k3", "k4"], np.array([[1, 0], [1, 0], [0, 1], [1, 1], [2, 1]]))
    with pytest.raises(kind, match=says):
        MapRequest.of_json(options).check(embedding)
