from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jari.embedding import Embedding, Subwords
from jari.embedding.codes import CompressedEmbedding
from jari.embedding.compression import Method, compress
from jari.errors import BadInput


@pytest.fixture(scope="module")
def plain() -> Embedding:
    random = np.random.default_rng(3)
    centres = random.normal(size=(40, 24))
    vectors = centres[np.arange(1200) % 40] + 0.4 * random.normal(size=(1200, 24))
    return Embedding(
        [f"key {row}" for row in range(1200)],
        vectors,
        context=vectors,
        subwords=Subwords(np.ones((5, 24), np.float32)),
        metadata={"learner": "none"},
    )


@pytest.mark.parametrize(
    ("method", "each", "least"),  # bytes a key; recall@10 that is surely reached on these clusters
    [
        ("float32", 96, 1.0),
        ("float16", 48, 0.99),
        ("int8", 28, 0.95),
        ("binary", 8 + 192 / 1200, 0.3),
        ("binary+int8", 36 + 192 / 1200, 0.7),
        ("pq", 10 + 256 * 96 / 1200, 0.4),
        ("pq:12", 16 + 256 * 96 / 1200, 0.7),
        ("pq:6+float16", 58 + 256 * 96 / 1200, 0.9),
        ("pca:12", 48, 0.3),
        ("pca:12+int8", 16, 0.3),
        ("truncate:12", 48, 0.2),
    ],
)
def test_every_method_finds_neighbours(plain: Embedding, method: str, each: float, least: float) -> None:
    made = compress(plain, method)
    taken = 4.0 * made.dim if isinstance(made, Embedding) else made.bytes_per_key
    assert taken == pytest.approx(each)
    keys = [f"key {row}" for row in range(0, 1200, 12)]
    found, right = made.similar(keys).rows, plain.similar(keys).rows
    recall = float(np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(found, right, strict=True)]))
    assert recall >= least


def test_the_metadata_tell_what_was_done_and_dropped(plain: Embedding) -> None:
    made = compress(plain, "all-but-the-top:2+pca:12+pq:3+int8", random_state=7)
    steps = made.metadata["compression"]
    assert made.metadata["learner"] == "none"
    assert steps[0] == {"method": "all-but-the-top", "components": 2, "dropped": ["context"]}
    assert (steps[1]["method"], steps[1]["dim"]) == ("pca", 12)
    assert steps[2] == {"method": "pq", "parts": 3, "random_state": 7, "rescored_from": "int8", "dropped": ["subwords"]}
    assert "compression" not in plain.metadata


@pytest.mark.parametrize(
    "text", ["pca", "pca:50", "int8", "pca:3+int8", "binary+int8", "all-but-the-top:0+pca:50+pq:25+float16"]
)
def test_a_method_is_written_as_it_is_read(text: str) -> None:
    assert str(Method.of(text)) == text


@pytest.mark.parametrize(
    ("method", "said"),
    [
        (
            "zip",
            "'zip' is not known; choose from truncate, pca, all-but-the-top, processed-pca, float32, float16, int8",
        ),
        ("", "'' is not known"),
        ("int8+", "'' is not known"),
        ("INT8", "'INT8' is not known"),
        ("int8:4", "int8 takes no number"),
        ("pca:", "'' after pca: is no whole number"),
        ("pca:-3", "'-3' after pca: is no whole number"),
        ("pq:²", "'²' after pq: is no whole number"),
        ("pq:9999999999", "is no whole number"),
        ("int8+pca", "dimensions are reduced before values are coded: put pca first"),
        ("int8+float16", "a second code is there to rescore what 'binary' or 'pq' finds"),
        ("binary+pq", "a second code is there to rescore .* one of float32, float16, int8"),
        ("binary+int8+float16", "there can be one code, and one to rescore from"),
        ("pca:25", "dim=25: the embedding has 24 dimensions"),
        ("truncate:0", "dim=0: the embedding has 24 dimensions"),
        ("pq:25", "25 parts of 24 dimensions: give 1 to 24"),
        ("all-but-the-top:24", "components=24: give a whole number from 0 to 23"),
    ],
)
def test_methods_that_cannot_be(plain: Embedding, method: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        compress(plain, method)


def test_it_says_how_far_it_is(plain: Embedding) -> None:
    said: list[Any] = []
    made = compress(plain, "pq:2", callback=said.append)
    assert isinstance(made, CompressedEmbedding)
    assert [each.done for each in said] == [1, 2]
