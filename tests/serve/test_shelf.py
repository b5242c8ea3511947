"""What stands on the shelf."""

from pathlib import Path

import pytest

from jari.serve.failures import Failure
from jari.serve.shelf import Shelf


def test_a_name_may_be_left_out_where_one_thing_fits(shelf: Shelf) -> None:
    assert shelf.embedding().name == "royal"


def test_an_unknown_name_says_which_there_are(shelf: Shelf) -> None:
    with pytest.raises(Failure, match=r"Nothing on the shelf is called '\.\./royal'. It holds 'royal'"):
        shelf.embedding("../royal")


def test_names_that_clash_are_numbered(folder: Path) -> None:
    path = str(folder / "royal.jari")
    assert Shelf.open([path, path, f"best={path}"]).names == ["royal", "royal-2", "best"]
