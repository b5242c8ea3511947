from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet
import pytest

from jari.ingest.interactions import Interactions
from jari.learn.ease import EASE
from jari.learn.popularity import Popularity

# Two tastes that never meet; 5 and 6 are called the same
FILMS = Interactions(
    ["ann", "bob", "cy", "di", "eve"],
    ["1", "2", "3", "4", "5", "6"],
    [[1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0], [1, 1, 1, 1, 1, 1]],
)
TITLES = {"1": "Toy Story (1995)", "2": "Aladdin (1992)", "3": "괴물", "4": "Heat", "5": "Hamlet", "6": "Hamlet"}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("films") / "films"
    EASE(l2=1.0, dim=2, random_state=1, threads=1).fit(FILMS).save(place, titles=TITLES)
    return place


@pytest.fixture(scope="module")
def untitled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("films") / "films"
    Popularity().fit(FILMS).save(place)
    return place


def parsed(result: Any) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_table_for_a_user(run: Any, films: Path) -> None:
    result = run("recommend", films, "--user", "ann", "-k", 2)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    lines = result.stdout.splitlines()
    assert lines[0].strip() == "User ann, who has 2 items"
    assert lines[1].split() == ["title", "id", "score"]
    assert lines[2].split()[:3] == ["1", "괴물", "3"]
    assert "█" in lines[2]


def test_for_somebody_new_by_title_and_by_id(run: Any, films: Path) -> None:
    by_title = run("recommend", films, "--items", "toy story (1995)", "Aladdin (1992)", "-k", 1)
    assert by_title.stdout.splitlines()[0].strip() == "Who chose Toy Story (1995), Aladdin (1992)"
    assert by_title.stdout == run("recommend", films, "--items", "1", "2", "-k", 1).stdout
    assert [line["title"] for line in parsed(run("recommend", films, "--items", "Heat", "5", "--json", "-k", 1))] == [
        "Hamlet"
    ]


def test_json_is_an_object_a_line(run: Any, films: Path) -> None:
    lines = parsed(run("recommend", films, "--user", "ann", "--json", "-k", 3))
    assert [set(line) for line in lines] == [{"item", "title", "score"}] * 3
    assert lines[0]["item"] == "3"
    assert lines[0]["title"] == "괴물"


def test_it_explains(run: Any, films: Path) -> None:
    result = run("recommend", films, "--user", "ann", "--explain", "-k", 1)
    assert "because of" in result.stdout
    assert "Toy Story (1995)" in result.stdout
    (line,) = parsed(run("recommend", films, "--items", "Heat", "Aladdin (1992)", "--explain", "--json", "-k", 1))
    assert set(line) == {"item", "title", "score", "because"}
    assert {past["item"] for past in line["because"]} == {"2", "4"}


def test_what_was_seen_can_be_included(run: Any, films: Path) -> None:
    assert len(parsed(run("recommend", films, "--user", "ann", "--json", "--include-seen", "-q"))) == 6


def test_more_than_is_left(run: Any, films: Path) -> None:
    result = run("recommend", films, "--user", "ann", "-k", 100, "--json")
    assert len(parsed(result)) == 4
    assert "4 of 6 items are left to recommend." in result.stderr
    nothing = run("recommend", films, "--user", "eve")
    assert nothing.exit_code == 0
    assert "0 of 6 items are left to recommend." in nothing.stderr
    assert run("recommend", films, "--user", "eve", "--quiet").stderr == ""


def test_without_titles_there_are_ids(run: Any, untitled: Path) -> None:
    lines = run("recommend", untitled, "--user", "ann", "-k", 1).stdout.splitlines()
    assert lines[1].split() == ["item", "score"]
    assert run("recommend", untitled, "--items", "1", "-k", 1).exit_code == 0


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_for_all_users_into_a_file(run: Any, films: Path, tmp_path: Path, ending: str) -> None:
    place = tmp_path / f"recommendations.{ending}"
    result = run("recommend", films, "--all", "-k", 3, "-o", place)
    assert result.exit_code == 0, result.stderr
    assert "12 recommendations to 5 users" in result.stderr  # eve has seen all
    read = {
        "csv": lambda: pyarrow.csv.read_csv(place).to_pylist(),
        "parquet": lambda: pyarrow.parquet.read_table(place).to_pylist(),
        "jsonl": lambda: [json.loads(line) for line in place.read_text(encoding="utf-8").splitlines()],
    }[ending]()
    assert list(read[0]) == ["user", "rank", "item", "title", "score"]
    assert (read[0]["user"], read[0]["rank"], str(read[0]["item"]), read[0]["title"]) == ("ann", 1, "3", "괴물")
    assert not any(row["user"] == "eve" for row in read)
    again = run("recommend", films, "--all", "-o", place)
    assert again.exit_code == 1
    assert "Pass --force" in again.stderr
    assert run("recommend", films, "--all", "-o", place, "--force").exit_code == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((), "give one of them: --user ID, --items"),
        (("--user", "ann", "--items", "1"), "give one of them"),
        (("--user", "ann", "--all"), "give one of them"),
        (("--all",), "--all and -o go together"),
        (("--user", "ann", "-o", "x.csv"), "--all and -o go together"),
        (("--all", "-o", "x.csv", "--explain"), "--explain and --json are for one user"),
        (("--all", "-o", "x.xlsx"), "ends in none of .parquet, .csv, .jsonl"),
        (("--user", "ann", "-k", "0"), "greater than or equal to 1"),
    ],
)
def test_misuse(run: Any, films: Path, args: tuple[str, ...], said: str) -> None:
    result = run("recommend", films, *args)
    assert result.exit_code == 2, result.stderr
    assert said in result.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--user", "Ann"), "The user 'Ann' is not among the 5 who were learnt. Did you mean 'ann'?"),
        (("--user", "zoe"), "For somebody new, give --items and what they chose."),
        (("--items", "Toy Stroy (1995)"), "Did you mean 'Toy Story (1995)'?"),
        (("--items", "1", "toy story"), "Did you mean 'Toy Story (1995)'?"),
        (("--items", "hamlet"), "'hamlet' is the title of 2 items: '5', '6'. Give the id of one."),
        (("--items", "99"), "'99' is neither an id nor a title of the 6 items"),
    ],
)
def test_who_and_what_is_not_known(run: Any, films: Path, args: tuple[str, ...], said: str) -> None:
    result = run("recommend", films, *args)
    assert result.exit_code == 1, result.stderr
    assert said in result.stderr
    assert result.stdout == ""


def test_what_is_no_recommender(run: Any, films: Path, tmp_path: Path) -> None:
    assert "There is no" in run("recommend", tmp_path / "none", "--user", "ann").stderr
    embedding = run("recommend", films / "items.jari", "--user", "ann")
    assert embedding.exit_code == 1
    assert "`jari learn-items` makes one" in embedding.stderr


def test_names_that_could_move_the_cursor(run: Any, tmp_path: Path) -> None:
    Popularity().fit(FILMS).save(tmp_path / "films", titles={"3": "a\x1b[2Jb", "4": "[red]x[/red]"})
    shown = run("recommend", tmp_path / "films", "--user", "ann").stdout
    assert "a\\x1b[2Jb" in shown
    assert "[red]x[/red]" in shown
