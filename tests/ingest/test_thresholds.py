from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jari.errors import BadInput
from jari.ingest.interactions import Interactions
from jari.ingest.thresholds import at_least


def stars() -> Interactions:
    matrix = [[5, 2, 0, 1], [1, 0, 0, 0], [0, 4, 4.5, 3]]
    times = np.arange(7)
    return Interactions(["ann", "bob", "cy"], ["Up", "Heat", "Jaws", "It"], matrix, times=times, statistics={"rows": 9})


def test_what_is_below_is_left_out_and_counted() -> None:
    liked = at_least(stars(), 4)
    assert list(liked.users) == ["ann", "cy"]
    assert list(liked.items) == ["Up", "Heat", "Jaws"]
    assert liked.history("ann") == {"Up": 5.0}
    assert liked.history("cy") == {"Heat": 4.0, "Jaws": 4.5}
    assert liked.times is not None
    assert liked.times.tolist() == [0, 4, 5]
    assert liked.users.counts is not None
    assert liked.users.counts.tolist() == [1, 2]
    assert liked.items.counts is not None
    assert liked.items.counts.tolist() == [1, 1, 1]
    assert liked.statistics == {"rows": 9, "below": {"weight": 4.0, "entries": 4, "users": 1, "items": 1}}
    assert liked.matrix.indices.dtype == np.int32


def test_all_of_them_stay() -> None:
    every = at_least(stars(), 0.5)
    np.testing.assert_array_equal(every.matrix.toarray(), stars().matrix.toarray())
    assert every.statistics["below"]["entries"] == 0


def test_none_is_left() -> None:
    with pytest.raises(BadInput, match=r"No entry has a weight of 6 or more \(5 is the greatest\): give a smaller one"):
        at_least(stars(), 6)


@pytest.mark.parametrize("weight", [np.nan, np.inf, "4", True, None])
def test_what_is_no_weight(weight: Any) -> None:
    with pytest.raises(BadInput, match=r"The least weight is .*: give a number"):
        at_least(stars(), weight)
