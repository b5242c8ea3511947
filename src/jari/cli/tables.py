"""Results as tables for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from rich.console import Group
from rich.table import Table
from rich.text import Text

from jari.cli.console import plain

if TYPE_CHECKING:
    from jari.embedding import Neighbours

Side: TypeAlias = Literal["left", "right"]

_BAR_WIDTH = 20
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def neighbours(title: str, found: Neighbours, *, distances: bool = False) -> Group:
    """Keys with scores, and bars that show how nearness falls off: full at a cosine of 1, or at the nearest key."""
    table = empty(("", "right"), ("key", "left"), ("distance" if distances else "score", "right"), ("", "left"))
    pairs = [(plain(key), score) for key, score in found]
    best = max(1.0, *(score for _, score in pairs)) if pairs else 1.0
    nearest = min((score for _, score in pairs), default=0.0)
    for rank, (key, score) in enumerate(pairs, start=1):
        share = (nearest / score if score else 1.0) if distances else score / best
        table.add_row(Text(str(rank), "dim"), Text(key), f"{score:.4f}", Text(bar(share), "cyan"))
    return titled(title, table)


def facts(title: str, named: Mapping[str, Any]) -> Group:
    """Names and values."""
    table = empty(("", "left"), ("", "left"))
    for name, value in named.items():
        table.add_row(Text(name.replace("_", " "), "dim"), Text(_value(value)))
    return titled(title, table)


def empty(*columns: tuple[str, Side]) -> Table:
    """A table without rows; `columns` are names and justifications."""
    table = Table(box=None, show_header=any(name for name, _ in columns), header_style="dim", padding=(0, 1))
    for name, justify in columns:
        table.add_column(name, justify=justify, overflow="fold")
    return table


def titled(title: str, table: Table) -> Group:
    """A table below its title, which may be wider."""
    return Group(Text(plain(title), "bold"), table)


def bar(share: float) -> str:
    """A bar of blocks, `share` of the full width.

    Examples
    --------
    >>> bar(0.5)
    '██████████'
    """
    eighths = round(min(max(share, 0.0), 1.0) * _BAR_WIDTH * 8)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def _value(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "—"}[value]
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value))
    return plain(str(value))
