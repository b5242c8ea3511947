"""The loss: how surprised the network is by what was held out, over all items or over a sample of them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from jari.extras import require
from jari.learn.neural.batches import Entries, Tensor
from jari.types import Counts

_NOISE_EXPONENT: Final = 0.75  # as in word2vec: frequent items are drawn often, rare ones not never
_NEVER: Final = -1e30  # not -inf: its gradient would be NaN where a row has nothing else


def full_softmax(users: Tensor, items: Tensor, biases: Tensor, known: Entries, wanted: Entries) -> Tensor:
    """The mean of ``-log p(item | user)`` over the entries of `wanted`, by their weights.

    p is the softmax over all items but those of `known`: what is in a history is never asked for, so that nothing
    need be learnt of how unlikely it is.

    Parameters
    ----------
    users, items, biases
        Shapes (m, d), (n, d), (n, 1).
    known, wanted
        What was given of each user, and what is to be foretold.
    """
    torch = require("torch", extra="torch")
    scores = torch.addmm(biases.T, users, items.T)
    scores[known.rows, known.columns] = _NEVER
    surprise = torch.logsumexp(scores, dim=1)[wanted.rows] - scores[wanted.rows, wanted.columns]
    return (surprise * wanted.weights).sum() / wanted.weights.sum()


class Sampler:
    """Draws items in proportion to ``count ** 0.75``, and knows how likely each is.

    Parameters
    ----------
    counts
        How many users each item has; none counts as one.
    samples
        How many are drawn for a batch, with replacement.
    generator
        Of PyTorch, on the device.
    """

    def __init__(self, counts: Counts, samples: int, generator: Any) -> None:
        torch = require("torch", extra="torch")
        odds = np.maximum(counts, 1).astype(np.float64) ** _NOISE_EXPONENT
        odds /= odds.sum()
        self._bounds = torch.tensor(np.cumsum(odds), device=generator.device)
        self._log_odds = torch.tensor(np.log(odds).astype(np.float32), device=generator.device)
        self._samples = samples
        self._generator = generator
        self._places = torch.full((len(counts),), -1, device=generator.device)

    def draw(self) -> tuple[Tensor, Tensor]:
        """Some items, each once, and the logarithm of ``drawn / (samples · odds)`` of each: the log-Q correction.

        An item that is drawn c times of S stands for c / (S q) of itself, so that the expectation of a sum over the
        drawn ones is the sum over all items.
        """
        torch = require("torch", extra="torch")
        drawn = torch.rand(self._samples, generator=self._generator, dtype=torch.float64, device=self._bounds.device)
        items, times = (
            torch.searchsorted(self._bounds, drawn).clamp_(max=len(self._bounds) - 1).unique(return_counts=True)
        )
        return items, torch.log(times / self._samples) - self._log_odds[items]

    def hits(self, items: Tensor, entries: Entries) -> tuple[Tensor, Tensor]:
        """Where drawn items are entries of a user: rows, and places among `items`."""
        torch = require("torch", extra="torch")
        self._places[items] = torch.arange(len(items), device=items.device)
        places = self._places[entries.columns]
        self._places[items] = -1
        hit = places >= 0
        return entries.rows[hit], places[hit]


def sampled_softmax(
    users: Tensor, items: Tensor, biases: Tensor, known: Entries, wanted: Entries, sampler: Sampler, *, sparse: bool
) -> Tensor:
    """As `full_softmax`, with the sum over all items estimated from a sample that the batch shares.

    A user's wanted items are in that sum for certain. All others stand in it with their log-Q correction, so that it is
    right in expectation; drawn items that are known or wanted are left out, for they are not among the others.

    Parameters
    ----------
    sparse
        Whether the gradients of `items` and `biases` hold the rows that were touched only.
    """
    torch = require("torch", extra="torch")
    embedding = torch.nn.functional.embedding
    drawn, correction = sampler.draw()
    others = users @ embedding(drawn, items, sparse=sparse).T
    others = others + embedding(drawn, biases, sparse=sparse)[:, 0] + correction
    for entries in (known, wanted):
        others[sampler.hits(drawn, entries)] = _NEVER
    vectors = embedding(wanted.columns, items, sparse=sparse)
    scores = (users[wanted.rows] * vectors).sum(1) + embedding(wanted.columns, biases, sparse=sparse)[:, 0]
    rest = torch.logsumexp(others, dim=1)
    top = rest.detach().scatter_reduce(0, wanted.rows, scores.detach(), "amax")
    total = torch.exp(rest - top) + wanted.sums(torch.exp(scores - top[wanted.rows]))
    surprise = (torch.log(total) + top)[wanted.rows] - scores
    return (surprise * wanted.weights).sum() / wanted.weights.sum()
