from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jari.embedding.codes import ProductQuantised
from jari.errors import BadInput

ALL = slice(None)


def clustered(n: int = 600, d: int = 12, clusters: int = 20) -> np.ndarray:
    random = np.random.default_rng(1)
    centres = random.normal(size=(clusters, d))
    vectors = centres[np.arange(n) % clusters] + 0.1 * random.normal(size=(n, d))
    return (vectors * random.uniform(0.5, 3, size=(n, 1))).astype(np.float32)


def error(matrix: np.ndarray, parts: int) -> float:
    decoded = ProductQuantised.encode(matrix, parts=parts).decode(ALL)
    return float(np.square(matrix - decoded).sum() / np.square(matrix).sum())


def test_more_parts_lose_less() -> None:
    errors = [error(clustered(), parts) for parts in (1, 3, 6, 12)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.001


def test_every_row_gets_its_nearest_centroids() -> None:
    matrix = clustered()
    codes = ProductQuantised.encode(matrix, parts=5)  # 12 values in five parts: 3, 3, 2, 2, 2
    units = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    centroids, begin = codes.arrays["centroids"], 0
    for part, width in enumerate((3, 3, 2, 2, 2)):
        own = slice(begin, begin + width)
        apart = np.square(units[:, None, own] - centroids[None, :, own]).sum(axis=2)
        chosen = apart[np.arange(len(units)), codes.arrays["codes"][:, part]]
        np.testing.assert_allclose(chosen, apart.min(axis=1), atol=1e-6)
        begin += width


def test_few_distinct_rows_are_kept_as_they_are() -> None:
    matrix = np.random.default_rng(0).normal(size=(256, 6)).astype(np.float32)
    np.testing.assert_allclose(ProductQuantised.encode(matrix, parts=2).decode(ALL), matrix, atol=1e-6)


def test_zeros_a_single_row_and_none() -> None:
    matrix = clustered(300)
    matrix[7] = 0
    codes = ProductQuantised.encode(matrix, parts=3)
    assert not codes.decode(np.array([7])).any()
    np.testing.assert_allclose(ProductQuantised.encode(matrix[:1], parts=4).decode(ALL), matrix[:1], atol=1e-6)
    assert ProductQuantised.encode(matrix[:0], parts=4).decode(ALL).shape == (0, 12)


def test_norms_are_those_of_what_is_decoded() -> None:
    codes = ProductQuantised.encode(clustered(), parts=5)
    np.testing.assert_allclose(codes.norms * codes.scales, np.linalg.norm(codes.decode(ALL), axis=1), rtol=1e-4)


def test_the_same_seed_gives_the_same_codes() -> None:
    first, second = (ProductQuantised.encode(clustered(), parts=3, random_state=5) for _ in range(2))
    np.testing.assert_array_equal(first.arrays["codes"], second.arrays["codes"])


def test_it_says_how_far_it_is() -> None:
    said: list[Any] = []
    ProductQuantised.encode(clustered(), parts=3, callback=said.append)
    assert [(each.stage, each.done, each.total) for each in said] == [("finding centroids", at, 3) for at in (1, 2, 3)]


@pytest.mark.parametrize("parts", [0, 13])
def test_parts_that_cannot_be(parts: int) -> None:
    with pytest.raises(BadInput, match=f"{parts} parts of 12 dimensions: give 1 to 12"):
        ProductQuantised.encode(clustered(), parts=parts)


def test_arrays_that_do_not_fit_are_refused() -> None:
    arrays = dict(ProductQuantised.encode(clustered(), parts=3).arrays)
    assert ProductQuantised.from_arrays(arrays, (600, 12)).parts == 3
    with pytest.raises(BadInput, match=r"codes is uint8 of shape \(600, 3\), not uint8 of shape \(600, 2\)"):
        ProductQuantised.from_arrays(arrays, (600, 2))
    with pytest.raises(BadInput, match="centroids holds inf"):
        ProductQuantised.from_arrays({**arrays, "centroids": np.full((256, 12), np.inf, np.float32)}, (600, 12))
    with pytest.raises(BadInput, match="The arrays are"):
        ProductQuantised.from_arrays({}, (600, 12))
