from __future__ import annotations

import pytest

from jari.embedding import Vocabulary
from jari.errors import BadInput, UnknownKey
from jari.ingest.titles import Titles

FILMS = Vocabulary(["1", "2", "3", "4", "5"])


@pytest.fixture
def titles() -> Titles:
    return Titles(FILMS, {"1": "Toy Story (1995)", "2": "Hamlet", "3": "Hamlet", "4": "괴물", "9": "not here"})


def test_an_item_without_a_title_goes_by_its_key(titles: Titles) -> None:
    assert list(titles) == ["Toy Story (1995)", "Hamlet", "Hamlet", "괴물", "5"]
    assert titles.untitled == 1
    assert Titles(FILMS, {}).untitled == 5
    assert Titles(FILMS, {"1": " "})[0] == "1"


def test_what_is_called_the_same_is_told_apart(titles: Titles) -> None:
    assert titles.names == ["Toy Story (1995)", "Hamlet (2)", "Hamlet (3)", "괴물", "5"]
    awkward = Titles(Vocabulary(["1", "2", "3"]), {"1": "A", "2": "A", "3": "A (1)"})
    assert len(set(awkward.names)) == 3
    assert awkward.names[1] == "A (2)"


@pytest.mark.parametrize(
    ("said", "row"),
    [
        ("1", 0),
        ("Toy Story (1995)", 0),
        ("toy story (1995)", 0),
        (" Toy Story (1995) ", 0),
        ("Hamlet (3)", 2),
        ("hamlet (2)", 1),
        ("\u1100\u116c\u1106\u116e\u11af", 3),  # Hangul of single letters
        ("5", 4),
    ],
)
def test_an_item_is_found_by_key_and_title(titles: Titles, said: str, row: int) -> None:
    assert titles.row(said) == row


def test_a_key_goes_before_a_title() -> None:
    assert Titles(Vocabulary(["1984", "7"]), {"1984": "Up", "7": "1984"}).row("1984") == 0


def test_exact_letters_go_before_others() -> None:
    films = Titles(Vocabulary(["1", "2"]), {"1": "It", "2": "IT"})
    assert (films.row("It"), films.row("IT")) == (0, 1)
    with pytest.raises(BadInput, match="'it' is the title of 2 items: '1', '2'"):
        films.row("it")


def test_a_title_of_several_items(titles: Titles) -> None:
    with pytest.raises(BadInput, match=r"'Hamlet' is the title of 2 items: '2', '3'\. Give the id of one"):
        titles.row("Hamlet")
    many = Titles(Vocabulary([str(n) for n in range(9)]), {str(n): "X" for n in range(9)})
    with pytest.raises(BadInput, match="9 items: '0', '1', '2', '3', '4' and 4 more"):
        many.row("x")


@pytest.mark.parametrize("said", ["Toy Stroy (1995)", "toy story", "story", "toystory(1995)"])
def test_what_may_be_meant_is_said(titles: Titles, said: str) -> None:
    with pytest.raises(UnknownKey, match=r"neither an id nor a title of the 5 items .* mean 'Toy Story \(1995\)'\?"):
        titles.row(said)


@pytest.mark.parametrize("said", ["zzz", "", "\udcff"])
def test_nothing_like_it(titles: Titles, said: str) -> None:
    with pytest.raises(UnknownKey, match=r"neither an id nor a title of the 5 items that were learnt\.$"):
        titles.row(said)
