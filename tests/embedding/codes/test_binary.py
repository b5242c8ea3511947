from __future__ import annotations

import numpy as np
import pytest

from jari.embedding.codes import CompressedEmbedding, Signs

ALL = slice(None)


def normal(n: int, d: int) -> np.ndarray:
    return np.random.default_rng(d).normal(size=(n, d)).astype(np.float32) + 0.3


@pytest.mark.parametrize("d", [1, 7, 8, 63, 64, 65, 100])
def test_a_bit_says_on_which_side_of_the_mean_a_value_lies(d: int) -> None:
    matrix = normal(50, d)
    units = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    mean = units.mean(axis=0)
    clear = np.abs(units - mean) > 1e-6
    codes = Signs.encode(matrix)
    assert ((codes.decode(ALL) > mean) == (units > mean))[clear].all()
    assert codes.arrays["bits"].shape == (50, 8 * -(-d // 64))


@pytest.mark.parametrize("d", [3, 64, 100])
def test_the_score_is_the_cosine_of_signs(d: int) -> None:
    matrix = normal(40, d)
    codes = Signs.encode(matrix)
    signs = np.where(codes.decode(ALL) > codes.arrays["mean"], 1.0, -1.0)
    found = CompressedEmbedding(map(str, range(40)), codes).similar("7", k=39)
    expected = signs @ signs[7] / d
    np.testing.assert_allclose(found.scores, expected[found.rows], atol=1e-6)
    order = sorted((row for row in range(40) if row != 7), key=lambda row: (-expected[row].round(6), row))
    assert found.rows.tolist() == order


def test_lengths_do_not_count() -> None:
    matrix = normal(20, 30)
    longer = matrix * np.linspace(0.01, 50, 20, dtype=np.float32)[:, None]
    np.testing.assert_array_equal(Signs.encode(matrix).arrays["bits"], Signs.encode(longer).arrays["bits"])


def test_zeros_and_a_single_row() -> None:
    assert np.isfinite(Signs.encode(np.zeros((1, 5), np.float32)).decode(ALL)).all()
    assert Signs.encode(np.zeros((0, 5), np.float32)).decode(ALL).shape == (0, 5)
