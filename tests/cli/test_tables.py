from __future__ import annotations

import io

import numpy as np
import pytest

from jari.cli.console import console
from jari.cli.tables import bar, facts, neighbours
from jari.embedding import Neighbours


def drawn(table: object) -> list[list[str]]:
    out = io.StringIO()
    console(out).print(table)
    return [line.split() for line in out.getvalue().splitlines()]


def found(*pairs: tuple[str, float]) -> Neighbours:
    keys = np.array([key for key, _ in pairs], dtype=object)
    return Neighbours(keys, np.array([score for _, score in pairs], np.float32), np.arange(len(pairs)))


def test_cosines_fill_their_share_of_the_bar() -> None:
    rows = drawn(neighbours("king", found(("queen", 1.0), ("prince", 0.5), ("pear", -0.2))))
    assert rows[0] == ["king"]
    assert rows[2] == ["1", "queen", "1.0000", "█" * 20]
    assert rows[3] == ["2", "prince", "0.5000", "█" * 10]
    assert rows[4] == ["3", "pear", "-0.2000"]


def test_dot_products_are_measured_by_the_largest() -> None:
    rows = drawn(neighbours("king", found(("queen", 40.0), ("prince", 20.0))))
    assert [row[3] for row in rows[2:]] == ["█" * 20, "█" * 10]


def test_distances_are_measured_by_the_least() -> None:
    rows = drawn(neighbours("king", found(("queen", 2.0), ("prince", 4.0)), distances=True))
    assert "distance" in rows[1]
    assert [row[3] for row in rows[2:]] == ["█" * 20, "█" * 10]
    assert drawn(neighbours("king", found(("twin", 0.0)), distances=True))[2][3] == "█" * 20


def test_no_answer_is_an_empty_table() -> None:
    assert drawn(neighbours("king", found()))[0] == ["king"]


def test_values_are_written_for_people() -> None:
    rows = drawn(facts("about", {"words_read": 1234567, "sample": 1e-4, "kept": True, "seed": None, "of": ["a", 2]}))
    assert rows[1:] == [
        ["words", "read", "1,234,567"],
        ["sample", "0.0001"],
        ["kept", "yes"],
        ["seed", "—"],
        ["of", "a,", "2"],
    ]


@pytest.mark.parametrize(("share", "width"), [(-1.0, 0), (0.0, 0), (0.5, 10), (1.0, 20), (7.0, 20)])
def test_bars_stay_in_their_column(share: float, width: int) -> None:
    assert bar(share) == "█" * width
