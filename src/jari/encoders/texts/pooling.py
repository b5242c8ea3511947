"""The vectors of a text's tokens become one, in each of the ways in which encoders are trained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from jari.extras import require

MODES: Final = ("cls", "max", "mean", "mean_sqrt_len_tokens", "weightedmean", "lasttoken")


def pooled(hidden: Any, lengths: Any, modes: Sequence[str], skipped: int = 0) -> Any:
    """One vector a text, (texts, d · modes), float32.

    Parameters
    ----------
    hidden
        Tensor (texts, tokens, d); what is to the right of a text's length is padding.
    lengths
        Tensor (texts,), integer: how many tokens each text has, at least 1.
    modes
        Of `MODES`: the first token; the greatest of each number; Σh/n; Σh/√n; Σ i·h_i / Σ i, where i counts from 1;
        the last token.
    skipped
        So many tokens at the beginning are the prompt's, and do not count.

    Notes
    -----
    As the class ``Pooling`` of sentence-transformers. Σ is a product of matrices rather than a sum of a masked copy,
    which would be as large as `hidden`.
    """
    torch = require("torch", extra="torch")
    hidden = hidden.float()
    place = torch.arange(hidden.shape[1], device=hidden.device)
    counted = (place < lengths[:, None]) & (place >= skipped)
    found = []
    for mode in modes:
        if mode == "cls":
            first = torch.where(lengths > skipped, skipped, 0)
            found.append(_taken(hidden, first))
        elif mode == "lasttoken":
            found.append(_taken(hidden, lengths - 1))
        elif mode == "max":
            found.append(hidden.masked_fill(~counted[:, :, None], float("-inf")).amax(1))
        else:
            weights = counted.float()
            if mode == "weightedmean":
                weights = weights * (place + 1)
            total = weights.sum(1, keepdim=True).clamp(min=1e-9)
            if mode == "mean_sqrt_len_tokens":
                total = total.sqrt()
            found.append(torch.bmm(weights[:, None, :], hidden)[:, 0] / total)
    return torch.cat(found, dim=-1) if len(found) > 1 else found[0]


def _taken(hidden: Any, places: Any) -> Any:
    torch = require("torch", extra="torch")
    return hidden[torch.arange(len(hidden), device=hidden.device), places]
