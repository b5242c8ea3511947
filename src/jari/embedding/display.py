"""Embeddings and neighbours as a notebook shows them: small pieces of HTML, without scripts or styles of the page.

Colours are those of the page around them, light or dark: text is inherited, lines and bars are half transparent. All
style stands in the elements themselves, since programs that clean notebooks up throw away everything else.
"""

from __future__ import annotations

import html
import math
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding
    from jari.embedding.neighbours import Neighbours

_LONGEST = 40  # characters of a key
_MOST_ROWS, _MOST_QUERIES = 30, 8
_SAMPLE = 12  # keys on a card
_FRAME = "display:inline-block;max-width:100%;overflow-x:auto;font-size:13px;line-height:1.45"
_LINE = "border:0;border-bottom:1px solid rgba(128,128,128,.3)"
_CELL = f"{_LINE};background:none;padding:3px 12px 3px 0;vertical-align:middle"
_FAINT = "opacity:.72"
_BAR, _BAR_BELOW = "rgba(64,128,192,.85)", "rgba(208,86,43,.85)"


def shown(key: str) -> str:
    """A key as a label: control characters made visible, long ones cut.

    Examples
    --------
    >>> shown("New York"), shown("tab\\there"), len(shown("x" * 99))
    ('New York', 'tab\\\\there', 40)
    """
    if not key:
        return "(empty)"
    visible = "".join(
        char if unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") else repr(char)[1:-1] for char in key
    )
    return visible if len(visible) <= _LONGEST else visible[: _LONGEST - 1] + "…"


def card(embedding: Embedding) -> str:
    """What an embedding is, on a card of HTML: size, learner, counts, lengths of the vectors, the first keys."""
    said = embedding.metadata
    learner = said.get("learner")
    facts = [("keys", f"{len(embedding):,}"), ("dimensions", f"{embedding.dim:,}")]
    if isinstance(learner, str) and learner:
        facts.append(("learner", shown(learner)))
    counts = embedding.vocabulary.counts
    if counts is not None and len(counts):
        facts.append(("counts", f"{int(counts.max()):,} … {int(counts.min()):,}"))
    if len(embedding):
        low, middle, high = np.quantile(embedding.norms[:: max(1, len(embedding) // 100_000)], [0, 0.5, 1])
        same = math.isclose(low, high, rel_tol=1e-3)
        facts.append(("length", f"{middle:.3g}" if same else f"{middle:.3g} ({low:.3g} … {high:.3g})"))
    losses = said.get("losses")
    if isinstance(losses, list) and losses and all(isinstance(loss, int | float) for loss in losses):
        facts.append(("loss", f"{losses[-1]:.4g} after {len(losses)} {'epoch' if len(losses) == 1 else 'epochs'}"))
    parts = [("context", embedding.context is not None), ("subwords", embedding.subwords is not None)]
    if held := [name for name, there in parts if there]:
        facts.append(("besides", ", ".join(held)))
    figures = "".join(
        f'<div style="margin:0 20px 4px 0"><div style="{_FAINT};font-size:11px">{name}</div>'
        f'<div style="font-variant-numeric:tabular-nums">{html.escape(value)}</div></div>'
        for name, value in facts
    )
    keys = " ".join(_chip(str(key)) for key in embedding.keys[:_SAMPLE])
    more = f' <span style="{_FAINT}">…</span>' if len(embedding) > _SAMPLE else ""
    return (
        f'<div style="{_FRAME};border:1px solid rgba(128,128,128,.4);border-radius:8px;padding:10px 14px;'
        'max-width:640px;box-sizing:border-box">'
        '<div style="font-weight:600;margin-bottom:6px">Embedding</div>'
        f'<div style="display:flex;flex-wrap:wrap">{figures}</div>'
        f'<div style="margin-top:4px;line-height:1.9">{keys}{more}</div></div>'
    )


def table(neighbours: Neighbours) -> str:
    """Neighbours as a table of HTML: keys, scores, and bars; those of many queries side by side."""
    if neighbours.rows.ndim == 1:
        return _one(list(neighbours))
    answers = [list(each) for each, _ in zip(neighbours, range(_MOST_QUERIES), strict=False)]
    return _many(answers, len(neighbours))


def _one(pairs: Sequence[tuple[str, float]]) -> str:
    if not pairs:
        return f'<div style="{_FRAME};{_FAINT}">no neighbours</div>'
    unit = _unit(score for _, score in pairs)
    rows = "".join(
        f'<tr style="background:none"><td style="{_CELL};text-align:left">{_key(key)}</td>'
        f'<td style="{_CELL};width:160px">{_bar(score, unit, 160)}</td>'
        f'<td style="{_CELL};text-align:right;font-variant-numeric:tabular-nums">{score:.4f}</td></tr>'
        for key, score in pairs[:_MOST_ROWS]
    )
    return _framed(_head("key", "", "score") + rows, _left(len(pairs) - _MOST_ROWS, "neighbour"))


def _many(answers: Sequence[Sequence[tuple[str, float]]], queries: int) -> str:
    unit = _unit(score for answer in answers for _, score in answer)
    deepest = max((len(answer) for answer in answers), default=0)
    rows = []
    for rank in range(min(deepest, _MOST_ROWS)):
        cells = "".join(
            f'<td style="{_CELL};text-align:left;min-width:96px">{_key(answer[rank][0])} '
            f'<span style="{_FAINT};font-variant-numeric:tabular-nums">{answer[rank][1]:.3f}</span>'
            f"{_bar(answer[rank][1], unit, 96)}</td>"
            if rank < len(answer)
            else f'<td style="{_CELL}"></td>'
            for answer in answers
        )
        rows.append(
            f'<tr style="background:none"><td style="{_CELL};{_FAINT};text-align:right">{rank + 1}</td>{cells}</tr>'
        )
    head = _head("", *(f"query {query + 1}" for query in range(len(answers))))
    left = [_left(queries - len(answers), "query", "queries"), _left(deepest - _MOST_ROWS, "neighbour")]
    return _framed(head + "".join(rows), " · ".join(filter(None, left)))


def _head(*names: str) -> str:
    cells = "".join(
        f'<th style="{_CELL};{_FAINT};font-weight:400;text-align:{"right" if name == "score" else "left"}">{name}</th>'
        for name in names
    )
    return f'<tr style="background:none">{cells}</tr>'


def _framed(rows: str, left: str) -> str:
    below = f'<div style="{_FAINT};padding-top:4px">{left}</div>' if left else ""
    return (
        f'<div style="{_FRAME}"><table style="border-collapse:collapse;border:0;margin:0;font-size:13px">{rows}</table>'
        f"{below}</div>"
    )


def _left(many: int, name: str, plural: str | None = None) -> str:
    return f"… and {many:,} more {name if many == 1 else plural or name + 's'}" if many > 0 else ""


def _key(key: str) -> str:
    """Set apart, so that a key written from right to left does not turn its neighbours round."""
    return f"<bdi>{html.escape(shown(key))}</bdi>"


def _chip(key: str) -> str:
    style = "border:1px solid rgba(128,128,128,.4);border-radius:10px;padding:1px 8px;white-space:nowrap"
    return f'<span style="{style}">{_key(key)}</span>'


def _unit(scores: Iterable[float]) -> float:
    """The score of a full bar: cosines are measured against 1, others against the largest of them."""
    largest = max((abs(score) for score in scores if math.isfinite(score)), default=1.0)
    return max(largest, 1.0) if largest <= 1.0001 else largest


def _bar(score: float, unit: float, width: int) -> str:
    share = min(1.0, abs(score) / unit) if math.isfinite(score) else 1.0
    colour = _BAR if score >= 0 else _BAR_BELOW
    return (
        f'<div style="width:{width}px;height:6px;border-radius:3px;background:rgba(128,128,128,.18)">'
        f'<div style="width:{100 * share:.1f}%;height:6px;border-radius:3px;background:{colour}"></div></div>'
    )
