"""Places whose effect on a target is their position in a plane: it comes back, and not from shuffled targets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import procrustes
from sklearn.decomposition import PCA

from jari.learn.neural.entity_embedder import EntityEmbedder

PLACES, ROWS = 50, 6_000


def recovered(*, dims=None, shuffled=False, seed=1):
    """1 less the Procrustes error of the vectors' plane: how much of the positions it holds, turned and scaled.

    What is told of a row is how far its place lies in a direction, ``position · u + noise``, and the direction.
    """
    draw = np.random.default_rng(seed)
    positions = draw.uniform(-1, 1, (PLACES, 2))
    at, angles = draw.integers(PLACES, size=ROWS), draw.uniform(0, 2 * np.pi, ROWS)
    east, north = np.cos(angles), np.sin(angles)
    target = positions[at, 0] * east + positions[at, 1] * north + draw.normal(0, 0.1, ROWS)
    names = np.array([f"place {row:02}" for row in range(PLACES)])
    table = {"place": names[at].tolist(), "east": east, "north": north}
    learner = EntityEmbedder(dims=dims, device="cpu", threads=1, random_state=seed)
    vectors = learner.fit(table, draw.permutation(target) if shuffled else target).embeddings_["place"]
    plane = PCA(2).fit_transform(np.stack([vectors[name] for name in names]))  # of two numbers: as they are, turned
    return 1 - procrustes(positions, plane)[2]


@pytest.mark.parametrize("dims", [{"place": 2}, None], ids=["a plane", "by rule"])
def test_positions_come_back(dims, record_property):
    """R² .99 of vectors of two numbers, .98 of the first two components of the 14 that the rule gives.

    Two numbers leave no way past each other to places that begin on the wrong sides: of 12 seeds, 1 ended with a plane
    that is folded, which foretells as well. The rule's room spares it that: .982 to .995 with all 12.
    """
    found = recovered(dims=dims)
    record_property("procrustes_r2", f"{found:.3f}")  # pytest --junitxml=FILE has it
    assert found >= 0.95


def test_the_check_can_fail(record_property):
    """The best that 50 points can be turned and scaled to others that have nothing to do with them: some .04."""
    found = recovered(shuffled=True)
    record_property("procrustes_r2_shuffled", f"{found:.3f}")
    assert found < 0.3


if __name__ == "__main__":  # python tests/learn/neural/test_planted_categories.py [FASTER]: twelve seeds of each
    import sys

    from jari.learn.neural.tables import kernel_engine

    kernel_engine.FASTER = float(sys.argv[1]) if len(sys.argv) > 1 else kernel_engine.FASTER
    for said, dims in (("a plane", {"place": 2}), ("by rule", None)):
        print(said, [f"{recovered(dims=dims, seed=seed):.3f}" for seed in range(1, 13)])  # noqa: T201
    print("shuffled", [f"{recovered(shuffled=True, seed=seed):.3f}" for seed in range(1, 6)])  # noqa: T201
