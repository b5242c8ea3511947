from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet
import pytest

from contracts.recommender import checkerboard
from jari.errors import BadInput, FileIsThere
from jari.learn import recommendations
from jari.learn.popularity import Popularity
from jari.learn.recommendations import write_all
from jari.types import Progress


def test_what_is_written_is_what_is_recommended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommendations, "_USERS", 7)  # which does not divide 60
    films = checkerboard()
    learnt = Popularity().fit(films)
    told: list[Progress] = []
    written = write_all(learnt, tmp_path / "all.jsonl", k=3, callback=told.append)
    rows = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()]
    assert written == len(rows) == 180
    assert list(dict.fromkeys(row["user"] for row in rows)) == list(films.users)
    for user in ("u0", "u6", "u7", "u59"):
        mine = [row for row in rows if row["user"] == user]
        assert [row["rank"] for row in mine] == [1, 2, 3]
        assert [(row["item"], row["score"]) for row in mine] == list(learnt.recommend(user, k=3))
    assert told[-1].done == told[-1].total == 60


def test_without_titles_there_is_no_such_column(tmp_path: Path) -> None:
    write_all(Popularity().fit(checkerboard()), tmp_path / "all.parquet", k=100, exclude_seen=False)
    table = pyarrow.parquet.read_table(tmp_path / "all.parquet")
    assert table.column_names == ["user", "rank", "item", "score"]
    assert len(table) == 60 * 24


def test_how_a_name_must_end(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"all\.xlsx ends in none of \.parquet, \.csv, \.jsonl"):
        write_all(Popularity().fit(checkerboard()), tmp_path / "all.xlsx")
    assert not list(tmp_path.iterdir())


def test_nothing_is_replaced_unasked_or_half_written(tmp_path: Path) -> None:
    learnt, place = Popularity().fit(checkerboard()), tmp_path / "all.csv"
    write_all(learnt, place, k=1)
    before = place.read_bytes()
    with pytest.raises(FileIsThere, match="exists already"):
        write_all(learnt, place, k=2)

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_all(learnt, place, k=2, force=True, callback=stop)
    assert place.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["all.csv"]
