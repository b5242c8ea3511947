from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

from jari.errors import BadEncoding, BadFile, BadInput, NoSuchFile
from jari.ingest.title_table import read_titles


def written(place: Path, text: str | bytes) -> Path:
    place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return place


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", 'film,year,title\n007,1995,"Toy Story, the first"\n8,1990,\n,1991,Nobody\n9,1992,괴물\n'),
        ("t.tsv", "title\tfilm\nToy Story, the first\t007\n\t8\n괴물\t9\n"),
        ("t.txt", "title|film\nToy Story, the first|007\n|8\n괴물|9\n"),
        ("t.jsonl", '{"film": "007", "title": "Toy Story, the first"}\n{"film": 8}\n{"film": 9, "title": "괴물"}\n'),
    ],
)
def test_ids_and_titles(tmp_path: Path, name: str, text: str) -> None:
    expected = {"007": "Toy Story, the first", "9": "괴물"}
    assert read_titles(written(tmp_path / name, text), item="film") == expected
    assert read_titles(tmp_path / name) == expected


@pytest.mark.parametrize("ids", [[1, 2, None], [1.0, 2.0, None], ["1", "2", None]])
def test_parquet_whatever_ids_are(tmp_path: Path, ids: list[Any]) -> None:
    pa.parquet.write_table(pa.table({"id": ids, "name": ["Up", "Heat", "?"]}), tmp_path / "t.parquet")
    assert read_titles(tmp_path / "t.parquet", item="id", title="name") == {"1": "Up", "2": "Heat"}


def test_columns_by_number(tmp_path: Path) -> None:
    file = written(tmp_path / "u.item", "1|Toy Story (1995)|01-Jan-1995\n2|1984|\n")
    assert read_titles(file, item=1, title=2) == {"1": "Toy Story (1995)", "2": "1984"}


@pytest.mark.parametrize(
    ("name", "text", "error", "said"),
    [
        ("t.csv", "id,name\n1,Up\n", BadInput, r"has no column 'title'.*'id', 'name'"),
        ("t.csv", "film,title\n1,Up\n", BadInput, r"has no column 'id'.*'film', 'title'"),
        ("t.csv", "id,title,title\n1,Up,Down\n", BadInput, r"has two columns 'title' \(2 and 3\)"),
        ("t.csv", "id,title\n1,Up\n2,Heat\n1,Down\n", BadInput, r"row 3: the item '1' is called 'Down', and 'Up'"),
        ("t.csv", b"id,title\n1,caf\xe9\n", BadEncoding, r"row 1, column 'title': .* is not UTF-8"),
        ("t.csv", "", BadInput, "is empty"),
        ("t.jsonl", '{"id": 1, "title": [3]}\n', BadInput, r"row 1, column 'title'"),
        ("t.parquet", "id,title\n", BadFile, "cannot be read as parquet"),
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
