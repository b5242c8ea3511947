"""Places whose effect on a target is their position in a plane: it comes back, and not from shuffled targets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import procrustes

pytest.importorskip("torch", reason="PyTorch is not installed")

from jari.learn.neural.entity_embedder import EntityEmbedder

PLACES = 50


def recovered(*, shuffled=False, seed=1, rows=8_000):
    """How much of the positions is in the vectors: 1 less the Procrustes error, of what is left free to turn and scale.

    What is told of a row is how far its place lies in a direction, ``position · u + noise``, and the direction.
    """
    draw = np.random.default_rng(seed)
    positions = draw.uniform(-1, 1, (PLACES, 2))
    at, angles = draw.integers(PLACES, size=rows), draw.uniform(0, 2 * np.pi, rows)
    east, north = np.cos(angles), np.sin(angles)
    target = positions[at, 0] * east + positions[at, 1] * north + draw.normal(0, 0.1, rows)
    names = np.array([f"place {row:02}" for row in range(PLACES)])
    learner = EntityEmbedder(dims={"place": 2}, device="cpu", threads=1, random_state=seed)
    learner.fit(
        {"place": names[at].tolist(), "east": east, "north": north}, draw.permutation(target) if shuffled else target
    )
    vectors = learner.embeddings_["place"]
    return 1 - procrustes(positions, np.stack([vectors[name] for name in names]))[2]


def test_positions_come_back(record_property):
    """R² up to rotation, reflection and scale."""
    found = recovered()
    record_property("procrustes_r2", f"{found:.3f}")  # pytest --junitxml=FILE has it
    assert found >= 0.95


def test_the_check_can_fail(record_property):
    """The best that the plane can be turned and scaled to what says nothing: of 50 places, some .04."""
    found = recovered(shuffled=True)
    record_property("procrustes_r2_shuffled", f"{found:.3f}")
    assert found < 0.3
