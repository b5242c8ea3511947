"""Which categories share a layer."""

from __future__ import annotations

from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from jari.learn.neural.tables.layout import Block, blocks_of


def blocks(*sizes):
    columns = [SimpleNamespace(vocabulary=range(rows), dim=dim) for rows, dim in sizes]
    return blocks_of(SimpleNamespace(categories=columns))


def test_columns_of_one_length_share_a_layer():
    assert blocks((3, 2), (5, 4), (7, 2)) == [Block((0, 2), (0, 3), 10, 2), Block((1,), (0,), 5, 4)]
    assert blocks() == []


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 3)), max_size=8))
def test_every_column_once_and_rows_one_below_another(sizes):
    found = blocks(*sizes)
    assert sorted(at for block in found for at in block.columns) == list(range(len(sizes)))
    for block in found:
        assert {sizes[at][1] for at in block.columns} == {block.dim}
        ends = [start + sizes[at][0] for at, start in zip(block.columns, block.starts, strict=True)]
        assert [0, *ends] == [*block.starts, block.rows]
