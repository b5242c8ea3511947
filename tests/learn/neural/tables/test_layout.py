"""Which categories share a layer."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.learn.neural.tables import layout
from jari.learn.neural.tables.layout import LARGE, Block, blocks_of


def blocks(*sizes):
    columns = [SimpleNamespace(vocabulary=range(rows), dim=dim) for rows, dim in sizes]
    return blocks_of(SimpleNamespace(categories=columns))


def test_columns_of_one_length_share_a_layer():
    assert blocks((3, 2), (5, 4), (7, 2)) == [Block((0, 2), (0, 3), 10, 2, False), Block((1,), (0,), 5, 4, False)]
    assert blocks() == []


def test_large_ones_have_their_own():
    found = blocks((LARGE, 2), (LARGE - 1, 2), (5, 2))
    assert found == [Block((1, 2), (0, LARGE - 1), LARGE + 4, 2, False), Block((0,), (0,), LARGE, 2, True)]


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 3)), max_size=8))
def test_every_column_once_and_rows_one_below_another(sizes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "LARGE", 5)
        found = blocks(*sizes)
    assert sorted(at for block in found for at in block.columns) == list(range(len(sizes)))
    for block in found:
        assert {sizes[at][1] for at in block.columns} == {block.dim}
        assert {sizes[at][0] >= 5 for at in block.columns} == {block.is_large}
        ends = [start + sizes[at][0] for at, start in zip(block.columns, block.starts, strict=True)]
        assert [0, *ends] == [*block.starts, block.rows]
