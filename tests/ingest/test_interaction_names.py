"""Columns are found by what is usual, by name, by number; what is not there is said with what is."""

import pytest

from jari.errors import BadInput
from jari.ingest.interaction_names import Names, guessed


@pytest.mark.parametrize(
    ("columns", "places"),
    [
        (["userId", "movieId", "rating", "timestamp"], {"user": 0, "item": 1}),
        (["when", "ITEM_ID", "User"], {"user": 2, "item": 1}),
        (["customer-id", "product"], {"user": 0, "item": 1}),
        (["item", "item_id", "user", "user_id"], {"user": 3, "item": 1}),  # an id rather than a name
    ],
)
def test_usual_names_are_found(columns, places):
    assert Names().places(columns, "x") == places
    assert guessed(columns)


def test_what_is_said_goes_first():
    assert Names(user="item").places(["item", "film", "user"], "x") == {"user": 0, "item": 1}
    assert Names(user=3, item=1, weight="n").places(["a", "n", "b"], "x") == {"user": 2, "item": 0, "weight": 1}
    assert Names(user=0, item=1).places([0, 1], "x") == {"user": 0, "item": 1}  # names that are numbers


def test_are_numbers():
    assert Names(user=1, item=2).are_numbers()
    assert not Names(user=1, item="x").are_numbers()
    assert not Names().are_numbers()


def test_columns_that_are_not_there():
    with pytest.raises(BadInput, match=r"x has no column 'Itm'. Did you mean 'ITEM'\? .* are there: 'user', 'ITEM'\."):
        Names(item="Itm").places(["user", "ITEM"], "x")
    with pytest.raises(BadInput, match="x has no column 0: it has 2, numbered from 1 on"):
        Names(item=0).places(["user", "item"], "x")
    with pytest.raises(BadInput, match="no column that is called like users"):
        Names(item="user").places(["user", "n"], "x")
    with pytest.raises(BadInput, match=r"'c18', 'c19', …\."):
        Names().places([f"c{i}" for i in range(99)], "x")
    assert not guessed(["user", "n"])


def test_columns_that_stand_twice():
    with pytest.raises(BadInput, match=r"x has two columns 'a' \(2 and 4\): rename one of them"):
        Names().places(["user", "a", "item", "a"], "x")
    assert Names().places(["user", "", "item", ""], "x") == {"user": 0, "item": 2}
    with pytest.raises(BadInput, match="column 'a' cannot be both user and item"):
        Names(user="a", item=1).places(["a", "b"], "x")
