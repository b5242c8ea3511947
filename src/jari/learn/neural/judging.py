"""`Judges`: users who are not learnt from, by whose held-out items epochs are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from jari.extras import require
from jari.learn.neural.batches import Entries, SparseRows, Tensor, held_out
from jari.learn.neural.network import Network

_CUTOFF: Final = 100
_SCORES: Final = 1 << 24  # at once


@dataclass(frozen=True, slots=True, eq=False)
class Judges:
    """What is known of some users, and what they want besides: the same at every epoch.

    Parameters
    ----------
    parts
        Of some users at a time: what is known, their features, what is wanted.
    """

    parts: tuple[tuple[Entries, Entries | None, Entries], ...]

    @classmethod
    def of(
        cls,
        histories: SparseRows,
        features: SparseRows | None,
        users: Tensor,
        *,
        share: float,
        generator: Any,
    ) -> Judges:
        """Hold a share of the items of `users` out."""
        at_once = max(1, _SCORES // histories.shape[1])
        parts = []
        for begin in range(0, len(users), at_once):
            some = users[begin : begin + at_once]
            known, wanted = held_out(histories.take(some), share, generator)
            parts.append((known, None if features is None else features.take(some), wanted))
        return cls(tuple(parts))

    def ask(self, network: Network) -> float:
        """The mean nDCG@100 over those who want something; the items that are known are not answered."""
        torch = require("torch", extra="torch")
        total, asked = 0.0, 0
        with torch.no_grad():
            for known, features, wanted in self.parts:
                users = network.users(known, features, learning=False)
                scores = torch.addmm(network.tables["biases"].T, users, network.tables["outputs"].T)
                scores[known.rows, known.columns] = -torch.inf
                cutoff = min(_CUTOFF, scores.shape[1])
                gains = 1 / torch.log2(torch.arange(2, cutoff + 2, device=scores.device))
                best = torch.topk(scores, cutoff).indices
                right = torch.zeros_like(scores)
                right[wanted.rows, wanted.columns] = 1
                counts = right.sum(1).long()
                found = (right.gather(1, best) * gains).sum(1)
                ideal = gains.cumsum(0)[counts.clamp(1, cutoff) - 1]
                total += (found / ideal).sum().item()
                asked += int((counts > 0).sum().item())
        return total / max(asked, 1)
