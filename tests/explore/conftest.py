"""What the tests of maps share."""

from __future__ import annotations

import numpy as np
import pytest

from jari.embedding import Embedding, Vocabulary


@pytest.fixture
def clouds():
    """Three clouds of twenty keys each, far apart in eight dimensions: a map must show three groups."""
    rng = np.random.default_rng(3)
    centres = np.zeros((3, 8))
    centres[0, 0] = centres[1, 1] = centres[2, 2] = 10
    vectors = np.repeat(centres, 20, axis=0) + rng.normal(size=(60, 8)) * 0.3
    keys = [f"{group}{i}" for group in "abc" for i in range(20)]
    return Embedding(Vocabulary(keys, np.arange(60, 0, -1)), vectors)
