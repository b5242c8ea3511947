"""The two losses: the full one against a plain one, the sampled one against the full one."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from jari.learn.neural import softmaxes  # noqa: E402
from jari.learn.neural.batches import Entries, SparseRows, held_out  # noqa: E402
from jari.learn.neural.softmaxes import Sampler, full_softmax, sampled_softmax  # noqa: E402

USERS, ITEMS, DIM = 6, 40, 5


class Case:
    """Some users and items, popular ones first, and what each user has."""

    def __init__(self, seed=1, spread=1.0):
        generator = torch.Generator().manual_seed(seed)
        self.generator = generator
        self.users = torch.randn(USERS, DIM, generator=generator)
        self.items = (torch.randn(ITEMS, DIM, generator=generator) * spread).requires_grad_()
        self.biases = torch.randn(ITEMS, 1, generator=generator).requires_grad_()
        self.counts = (1000 / (1 + np.arange(ITEMS)) ** 1.5).astype(int) + 1
        had = torch.rand(USERS, ITEMS, generator=generator) < 0.3
        had[:, 0] = True
        kept = torch.rand(USERS, ITEMS, generator=generator) < 0.5
        self.known, self.wanted = (self.entries(had & part) for part in (kept, ~kept))

    @staticmethod
    def entries(chosen):
        rows, columns = torch.nonzero(chosen, as_tuple=True)
        return Entries(len(chosen), rows, columns, 1 + columns / 40)

    def full(self):
        return full_softmax(self.users, self.items, self.biases, self.known, self.wanted)

    def sampled(self, samples, *, sparse=False):
        sampler = Sampler(self.counts, samples, self.generator)
        return sampled_softmax(self.users, self.items, self.biases, self.known, self.wanted, sampler, sparse=sparse)

    def gradients(self, loss):
        found = torch.autograd.grad(loss, [self.items, self.biases])
        return torch.cat([(one.to_dense() if one.is_sparse else one).ravel() for one in found])

    def mean_gradient(self, samples, times=200):
        return sum(self.gradients(self.sampled(samples)) for _ in range(times)) / times

    def error(self, found):
        """How far a gradient is from that of the full softmax, relative to its length."""
        right = self.gradients(self.full())
        return float((found - right).norm() / right.norm())


def test_the_full_one_is_what_it_says():
    case = Case()
    scores = (case.users @ case.items.T + case.biases.T).detach().numpy().astype(np.float64)
    known, total, weights = np.zeros(scores.shape, bool), 0.0, 0.0
    known[case.known.rows, case.known.columns] = True
    for row, column, weight in zip(case.wanted.rows, case.wanted.columns, case.wanted.weights, strict=True):
        others = scores[row][~known[row]]
        total -= float(weight) * (scores[row, column] - np.log(np.exp(others).sum()))
        weights += float(weight)
    assert case.full().item() == pytest.approx(total / weights, rel=1e-5)
    gradient = torch.autograd.grad(case.full(), case.biases)[0]
    assert gradient.sum() == pytest.approx(0, abs=1e-6)  # a softmax does not change when all scores rise


def test_what_is_known_is_neither_asked_nor_changed():
    case = Case()
    everything = Entries(1, torch.zeros(ITEMS - 1, dtype=torch.long), torch.arange(ITEMS - 1), torch.ones(ITEMS - 1))
    last = Entries(1, torch.zeros(1, dtype=torch.long), torch.tensor([ITEMS - 1]), torch.ones(1))
    sampler = Sampler(case.counts, 9, case.generator)
    for loss in (
        full_softmax(case.users[:1], case.items, case.biases, everything, last),
        sampled_softmax(case.users[:1], case.items, case.biases, everything, last, sampler, sparse=False),
    ):
        assert loss.item() == pytest.approx(0, abs=1e-6)
        gradient = torch.autograd.grad(loss, case.items)[0]
        assert torch.isfinite(gradient).all()
        assert gradient[:-1].abs().max() == 0


def test_with_many_samples_the_sampled_one_is_the_full_one():
    case = Case()
    assert case.sampled(200_000).item() == pytest.approx(case.full().item(), rel=0.01)
    assert case.error(case.gradients(case.sampled(200_000))) < 0.02
    assert case.error(case.gradients(case.sampled(20_000))) < 0.06


def test_with_few_samples_its_gradient_is_right_in_the_mean():
    case = Case(spread=0.3)
    assert case.error(case.gradients(case.sampled(400))) > 0.1
    assert case.error(case.mean_gradient(400)) < 0.04


@pytest.mark.parametrize("broken", ["correction", "hits"])
def test_without_correction_or_with_accidental_hits_it_is_wrong(monkeypatch, broken):
    """The checks above can fail."""
    case = Case(spread=0.3)
    if broken == "correction":
        honest = Sampler.draw

        def draw(self):
            items, correction = honest(self)
            return items, correction + self._log_odds[items] + np.log(ITEMS)

        monkeypatch.setattr(Sampler, "draw", draw)
    else:
        nothing = torch.empty(0, dtype=torch.long)
        monkeypatch.setattr(Sampler, "hits", lambda self, items, entries: (nothing, nothing))
    assert case.error(case.mean_gradient(400)) > 0.055
    assert case.error(case.mean_gradient(20_000, times=5)) > 0.055


def test_sparse_gradients_are_the_dense_ones():
    dense, sparse = Case(), Case()
    loss = sparse.sampled(30, sparse=True)
    assert all(one.is_sparse for one in torch.autograd.grad(loss, [sparse.items, sparse.biases], retain_graph=True))
    torch.testing.assert_close(sparse.gradients(loss), dense.gradients(dense.sampled(30)))


def test_great_scores_do_not_overflow():
    case = Case(spread=1000.0)
    for loss in (case.full(), case.sampled(50)):
        assert torch.isfinite(loss)
        assert torch.isfinite(case.gradients(loss)).all()


def test_the_sampler_draws_by_its_odds():
    case = Case()
    sampler = Sampler(case.counts, 400_000, case.generator)
    items, correction = sampler.draw()
    odds = case.counts**softmaxes._NOISE_EXPONENT
    odds /= odds.sum()
    times = torch.exp(correction).numpy() * odds[items.numpy()]
    assert len(items) == ITEMS
    np.testing.assert_allclose(times, odds, rtol=0.1)
    assert times.sum() == pytest.approx(1, rel=1e-4)


def test_rows_are_taken_in_the_order_asked_for():
    from scipy.sparse import csr_array

    matrix = csr_array(np.array([[0, 2, 3], [0, 0, 0], [4, 0, 5]], np.float32))
    rows = SparseRows(matrix, weighted=True, device="cpu")
    taken = rows.take(torch.tensor([2, 1, 0, 2]))
    assert taken.rows.tolist() == [0, 0, 2, 2, 3, 3]
    assert taken.columns.tolist() == [0, 2, 1, 2, 0, 2]
    assert taken.weights.tolist() == [4, 5, 2, 3, 4, 5]
    assert taken.offsets().tolist() == [0, 2, 2, 4]
    assert SparseRows(matrix, weighted=False, device="cpu").take(torch.tensor([2])).weights.tolist() == [1, 1]
    known, wanted = held_out(taken, 0.5, torch.Generator().manual_seed(1))
    assert sorted(known.weights.tolist() + wanted.weights.tolist()) == sorted(taken.weights.tolist())
    assert taken.where(taken.rows < 0).offsets().tolist() == [0, 0, 0, 0]
