"""How an index is built: most rows, the measurement with those held out, then these too."""

from __future__ import annotations

import secrets

import numpy as np
import numpy.typing as npt

from jari.errors import BadInput
from jari.ingest.resources import Report
from jari.search.ann.method import Method
from jari.search.ann.recall import Efforts, Measured, Recall, Trial, least_efforts
from jari.search.ann.searcher import Searcher
from jari.search.ann.source import Source
from jari.types import Callback, Rows

_QUERIES = 500


def built(
    source: Source,
    method: Method,
    asked: npt.NDArray[np.float64] | None,
    k: int,
    target: float | None,
    seed: int,
    callback: Callback | None,
) -> tuple[Searcher, Efforts, tuple[Recall, ...]]:
    """An index of all rows, the efforts that reach the target, and what was measured; see `ANN.build`."""
    order = np.random.default_rng(seed).permutation(len(source))
    held = order[: 0 if asked is not None else min(_QUERIES, len(source) // 10)]
    kept = np.sort(order[len(held) :])
    building = method.start(source, seed)
    report = Report(callback, "building the index", len(source), "rows")
    building.add(kept, report)
    searcher = Searcher(source, method, building.served(), building.numbered)
    if asked is None:
        asked = source.embedding.vectors[source.rows[held]].astype(np.float64)
    efforts, curve = _measured(searcher, kept, asked, k, target, seed, callback)
    building.add(np.sort(held), report)
    report.end()
    return Searcher(source, method, building.finished()), efforts, curve


def _measured(
    searcher: Searcher,
    kept: Rows,
    asked: npt.NDArray[np.float64],
    k: int,
    target: float | None,
    seed: int,
    callback: Callback | None,
) -> tuple[Efforts, tuple[Recall, ...]]:
    """The efforts that reach the target, and all that was measured on the way to them."""
    source, method, index = searcher.source, searcher.method, searcher.index
    within = source.rows[kept]
    keys = Trial(searcher, *keys_asked(searcher, kept, seed), k, within)
    vectors = Trial(searcher, asked, np.full(len(asked), -1), k, within) if len(asked) else keys
    measured = Measured(searcher, keys, vectors)
    if target is None:
        usual = min(method.usual(k), method.most(index, k))
        measured.at(usual)
        return Efforts(usual, usual), measured.curve
    report = Report(callback, "measuring recall", None, "efforts")
    least = 1 if method.name == "ivf-pq" else min(k, method.most(index, k))
    efforts = least_efforts(measured, method, target, least, method.most(index, k), report)
    return efforts, measured.curve


def keys_asked(searcher: Searcher, places: Rows, seed: int) -> tuple[npt.NDArray[np.float64], Rows]:
    """Some rows of the index as queries, and the rows that they are."""
    chosen = np.sort(np.random.default_rng(seed).permutation(places)[:_QUERIES])
    rows = searcher.source.rows[chosen]
    return searcher.source.embedding.vectors[rows].astype(np.float64), rows


def share_of(target: float | None) -> float | None:
    """`target_recall`, checked."""
    if target is None:
        return None
    if isinstance(target, bool) or not isinstance(target, int | float | np.number) or not 0 < target <= 1:
        raise BadInput(f"target_recall={target!r} must be a share above 0, up to 1; or None.")
    return float(target)


def seed_of(random_state: int | None) -> int:
    """`random_state`, checked; a new one where it is None."""
    if random_state is None:
        return secrets.randbits(31)
    if (
        isinstance(random_state, bool)
        or not isinstance(random_state, int | np.integer)
        or not 0 <= random_state < 2**31
    ):
        raise BadInput(f"random_state={random_state!r} must be a whole number from 0 to 2147483647, or None.")
    return int(random_state)
