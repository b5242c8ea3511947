"""TouchedRows against a plain one, row by row."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from jari.learn.neural.tables.touched import TouchedRows  # noqa: E402

ROWS, DIM = 7, 3


def table(seed=1):
    return torch.randn(ROWS, DIM, generator=torch.Generator().manual_seed(seed))


class Plain:
    """The same in float64, in loops: the mean square of a row's gradients, corrected for having begun at 0."""

    def __init__(self, rows, l2):
        self.rows, self.l2 = rows.numpy().astype(np.float64), l2
        self.squares, self.steps = np.zeros(ROWS), np.zeros(ROWS, int)

    def step(self, gradients, rate):
        for row, gradient in gradients.items():
            self.steps[row] += 1
            self.squares[row] = 0.999 * self.squares[row] + 0.001 * (gradient**2).mean()
            corrected = self.squares[row] / (1 - 0.999 ** self.steps[row])
            self.rows[row] -= rate * self.l2 * self.rows[row] + rate * gradient / (corrected**0.5 + 1e-8)


IDS = st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=8)


@given(st.lists(st.tuples(IDS, st.floats(0.001, 0.1)), min_size=1, max_size=6), st.sampled_from([0.0, 0.5]))
def test_every_step_is_that_of_a_plain_one(batches, l2):
    """An id that stands twice in a batch has the sum of both gradients."""
    found = TouchedRows(table(), l2=l2)
    right = Plain(table(), l2)
    draw = torch.Generator().manual_seed(2)
    for ids, rate in batches:
        leaf, places = found.look_up(torch.tensor(ids))
        before = found.table.clone()
        torch.testing.assert_close(leaf[places], before[ids])
        pulls = torch.randn(len(ids), DIM, generator=draw)
        (leaf[places] * pulls).sum().backward()
        found.step(rate)
        gradients = {row: np.zeros(DIM) for row in ids}
        for row, pull in zip(ids, pulls.numpy(), strict=True):
            gradients[row] = gradients[row] + pull
        right.step(gradients, rate)
        others = [row for row in range(ROWS) if row not in ids]
        assert torch.equal(found.table[others], before[others])
    np.testing.assert_allclose(found.table.numpy(), right.rows, atol=1e-4)


def test_the_first_step_is_as_long_as_the_rate():
    """Of a gradient of equal numbers: whatever its size."""
    made = TouchedRows(torch.zeros(ROWS, DIM), l2=0)
    leaf, _ = made.look_up(torch.tensor([2]))
    (leaf * 1e-3).sum().backward()
    made.step(0.25)
    np.testing.assert_allclose(made.table[2], [-0.25] * 3, rtol=1e-4)


def test_what_is_only_looked_at_does_not_move():
    made = TouchedRows(table(), l2=0.1)
    torch.testing.assert_close(made.vectors(torch.tensor([[0, 1]]), learning=False), table()[None, :2])
    made.step(0.1)
    assert torch.equal(made.table, table())
