from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from jari.errors import BadEncoding, BadInput, NoSuchFile
from jari.ingest.title_table import read_titles


def written(place: Path, text: str | bytes) -> Path:
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return place


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", 'id,year,title\n007,1995,"Toy Story, the first"\n8,1990,\n,1991,Nobody\n9,1992,괴물\n'),
        ("t.tsv", "title\tid\nToy Story, the first\t007\n\t8\n괴물\t9\n"),
        ("t.jsonl", '{"id": "007", "title": "Toy Story, the first"}\n{"id": 8}\n{"id": 9, "title": "괴물"}\n'),
    ],
)
def test_ids_and_titles(tmp_path: Path, name: str, text: str) -> None:
    assert read_titles(written(tmp_path / name, text), item="id") == {"007": "Toy Story, the first", "9": "괴물"}


@pytest.mark.parametrize("ids", [[1, 2, None], [1.0, 2.0, None], ["1", "2", None]])
def test_parquet_whatever_ids_are(tmp_path: Path, ids: list[Any]) -> None:
    pa.parquet.write_table(pa.table({"id": ids, "name": ["Up", "Heat", "?"]}), tmp_path / "t.parquet")
    assert read_titles(tmp_path / "t.parquet", item="id", title="name") == {"1": "Up", "2": "Heat"}


@pytest.mark.parametrize(
    ("name", "text", "error", "said"),
    [
        ("t.csv", "id,name\n1,Up\n", BadInput, r"has no column 'title'.*'id', 'name'"),
        ("t.csv", "film,title\n1,Up\n", BadInput, r"has no column 'id'.*'film', 'title'"),
        ("t.csv", "id,title,title\n1,Up,Down\n", BadInput, r"has 2 columns 'title': rename all but one"),
        ("t.csv", "id,title\n1,Up\n2,Heat\n1,Down\n", BadInput, r"row 3: the item '1' is called 'Down', and 'Up'"),
        ("t.csv", b"id,title\n1,caf\xe9\n", BadEncoding, "is not UTF-8"),
        ("t.jsonl", '{"id": 1, "title": 3}\n', BadInput, r"row 1: the column 'title' holds 3, which is no text"),
        ("t.txt", "1|Up\n", BadInput, r"is no table of titles: give a \.csv"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, name: str, text: str | bytes, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        read_titles(written(tmp_path / name, text), item="id")


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"There is no file .*none\.csv"):
        read_titles(tmp_path / "none.csv", item="id")


def test_the_same_title_twice_is_fine(tmp_path: Path) -> None:
    assert read_titles(written(tmp_path / "t.csv", "id,title\n1,Up\n1,Up\n"), item="id") == {"1": "Up"}
