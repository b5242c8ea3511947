from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

import jari
from jari.cli.recommender_options import OPTIONS, MethodName
from jari.learn.popularity import Popularity
from jari.learn.recommender import Recommender
from jari.learn.recommenders import METHODS

RATINGS = """\
user_id,item_id,rating,time
ann,1,5,10
ann,2,4,11
ann,3,1,12
bob,1,4,13
bob,2,5,14
cy,3,5,15
cy,4,4,16
di,3,4,17
di,4,5,18
di,4,5,19
"""
ITEMS = "item_id,title\n1,Up\n2,Cars\n3,Heat\n"


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    (tmp_path / "ratings.csv").write_text(RATINGS)
    (tmp_path / "items.csv").write_text(ITEMS)
    return tmp_path / "ratings.csv"


def learn(run: Any, ratings: Path, *more: Any, method: str = "popularity") -> Any:
    out = ratings.parent / "films"
    return run("learn-items", ratings, "--method", method, "-o", f"{out}/", *more), out


def test_interactions_become_a_recommender(run: Any, ratings: Path) -> None:
    result, out = learn(run, ratings, "--user", "user_id", "--item", "item_id")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    assert "4 users, 4 items, 9 entries, 1 dimension, " in result.stderr
    assert "Merged: 1 row of a user and an item that stand there already; weights are added up." in result.stderr
    recommender = Recommender.load(out)
    assert isinstance(recommender, Popularity)
    assert recommender.interactions_.history("di") == {"3": 1.0, "4": 2.0}
    assert jari.load(out / "items.jari").shape == (4, 1)
    assert sorted(each.name for each in ratings.parent.iterdir()) == ["films", "items.csv", "ratings.csv"]


def test_columns_are_found_by_their_names(run: Any, ratings: Path) -> None:
    result, out = learn(run, ratings)
    assert result.exit_code == 0, result.stderr
    assert "ann" in Recommender.load(out).user_embedding_


def test_weights_times_and_duplicates(run: Any, ratings: Path) -> None:
    result, out = learn(run, ratings, "--weight", "rating", "--time", "time", "--duplicates", "last")
    assert result.exit_code == 0, result.stderr
    assert "the last one counts" in result.stderr
    read = Recommender.load(out).interactions_
    assert read.history("ann") == {"1": 5.0, "2": 4.0, "3": 1.0}
    assert read.history("di") == {"3": 4.0, "4": 5.0}
    assert read.times is not None


def test_a_least_weight(run: Any, ratings: Path) -> None:
    result, out = learn(run, ratings, "--weight", "rating", "--min-weight", "5")
    assert result.exit_code == 0, result.stderr
    assert "Left out: 5 choices of a weight below 5." in result.stderr
    assert Recommender.load(out).interactions_.history("ann") == {"1": 5.0}
    ratings.write_text(f"{RATINGS}zoe,9,2,20\n")
    result, _ = learn(run, ratings, "--weight", "rating", "--min-weight", "5", "--force")
    assert "Left out: 6 choices of a weight below 5, and with them 1 user and 1 item." in result.stderr


def test_titles(run: Any, ratings: Path) -> None:
    result, out = learn(run, ratings, "--titles", ratings.parent / "items.csv")
    assert result.exit_code == 0, result.stderr
    assert "1 of 4 items have no title: they go by their ids." in result.stderr
    assert set(jari.load(out / "titles.jari")) == {"Up", "Cars", "Heat", "4"}


@pytest.mark.parametrize("delimiter", [(), ("--delimiter", "\\t"), ("--delimiter", "\t", "--no-header")])
def test_a_file_without_header(run: Any, ratings: Path, delimiter: tuple[str, ...]) -> None:
    data = ratings.with_name("u.data")
    data.write_text("".join(RATINGS.splitlines(keepends=True)[1:]).replace(",", "\t"))
    numbers = ("--user", 1, "--item", 2, "--weight", 3, "--time", 4)
    result, out = learn(run, data, *numbers, *delimiter, "--titles", ratings.parent / "items.csv")
    assert result.exit_code == 0, result.stderr
    assert "9 entries" in result.stderr
    assert "Up" in jari.load(out / "titles.jari")


def test_quiet(run: Any, ratings: Path) -> None:
    result, _ = learn(run, ratings, "--quiet", "--titles", ratings.parent / "items.csv")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_every_parameter_is_an_option(method: Any) -> None:
    own = set(method.parameters) - {"callbacks", "threads", "random_state"}
    assert own <= set(OPTIONS)


def test_every_option_is_a_parameter_and_every_method_has_a_name() -> None:
    assert set(get_args(MethodName)) == set(METHODS)
    assert set(OPTIONS) <= {name for method in METHODS.values() for name in method.parameters}


def test_what_the_help_says_of_defaults_is_so() -> None:
    """Either side would drift alone. A default is said once for all methods, or with the method's name before it."""
    for name, kind in OPTIONS.items():
        said = kind.__metadata__[0].help.partition("[default: ")[2].rstrip("]")
        for method in METHODS.values():
            if method.parameters.get(name) is not None:  # which leaves it to the data
                value = shown(method.parameters[name])
                assert re.search(rf"(^|, )({method.name} )?{re.escape(value)}(,|$)", said), (name, method.name, value)


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def test_options_reach_the_learner(run: Any, ratings: Path) -> None:
    result, out = learn(run, ratings, "--dim", 3, "--l2", 7.5, "--weighted", "--seed", 5, "--threads", 1, method="ease")
    assert result.exit_code == 0, result.stderr
    learnt = Recommender.load(out)
    assert learnt.get_params() | {"callbacks": ()} == {
        "dim": 3,
        "l2": 7.5,
        "weighted": True,
        "random_state": 5,
        "threads": None,
        "callbacks": (),
    }
    assert learnt.seed_ == 5


# ── What cannot be


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--method", "svd"), "'svd' is not one of"),
        (("--dim", "3"), "--method popularity learns without it; it is for als"),
        (("--dim", "0", "--method", "ease"), "greater than or equal to 1"),
        (("--l2", "0", "--method", "ease"), "l2=0.0"),
        (("--duplicates", "first"), "'first' is not one of 'sum', 'last'"),
    ],
)
def test_misuse_is_told_before_anything_is_read(run: Any, ratings: Path, args: tuple[str, ...], said: str) -> None:
    ratings.unlink()
    result, out = learn(run, ratings, *args)
    assert result.exit_code == 2, result.stderr
    assert said in result.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("text", "args", "said"),
    [
        ("user_id,item_id\nann,1\nbob,1\n", (), "have 1 item"),
        ("user_id,item_id\nann,1\nann,2\n", (), "have 1 user"),
        ("user_id,item_id\n", (), "There are no interactions"),
        ("", (), "is empty"),
        ("who,what\nann,1\n", (), "no column that is called like users"),
        ("user_id,item_id\nann,1\n", ("--user", "userid"), "has no column 'userid'. Did you mean 'user_id'?"),
        ("user_id,item_id,item_id\nann,1,2\n", (), "has two columns 'item_id' (2 and 3)"),
        ("user_id,item_id,w\nann,1,2\nbob,2,many\n", ("--weight", "w"), "row 2, column 'w'"),
        ("user_id,item_id,w\nann,1,2\nbob,2,-1\n", ("--weight", "w"), "row 2, column 'w'"),
        ("user_id,item_id,w\nann,1,2\nbob,2,NaN\n", ("--weight", "w"), "row 2, column 'w'"),
        ("user_id,item_id,w\nann,1,2\nbob,2,1\n", ("--weight", "w", "--min-weight", "3"), "No entry has a weight of 3"),
        (RATINGS, ("--titles", "none.csv"), "There is no file"),
        (RATINGS, ("--delimiter", "ab"), "give one character"),
    ],
)
def test_what_cannot_be_learnt_from(run: Any, ratings: Path, text: str, args: tuple[str, ...], said: str) -> None:
    ratings.write_text(text)
    result, out = learn(run, ratings, *args)
    assert result.exit_code == 1, result.stderr
    assert said in result.stderr
    assert not out.exists()


def test_titles_of_other_columns(run: Any, ratings: Path) -> None:
    (ratings.parent / "items.csv").write_text("id,name\n1,Up\n")
    result, out = learn(run, ratings, "--titles", ratings.parent / "items.csv")
    assert result.exit_code == 1
    assert "has no column 'title'" in result.stderr
    assert not out.exists()


def test_nothing_is_replaced_unasked(run: Any, ratings: Path) -> None:
    _, out = learn(run, ratings)
    result, _ = learn(run, ratings)
    assert result.exit_code == 1
    assert "is there already. Pass --force" in result.stderr
    result, _ = learn(run, ratings, "--force", "--dim", 2, method="ease")
    assert result.exit_code == 0, result.stderr
    assert json.loads((out / "recommender.json").read_text())["recommender"] == "EASE"
    (out / "items.jari" / "notes.txt").write_text("mine")
    result, _ = learn(run, ratings.with_name("none.csv"), "--force")
    assert "holds other things too (notes.txt)" in result.stderr  # and not that there is no file: it is told first
    assert (out / "items.jari" / "notes.txt").exists()


def test_without_a_folder_to_write_in(run: Any, ratings: Path) -> None:
    result = run("learn-items", ratings, "-o", ratings.parent / "none" / "films")
    assert result.exit_code == 1
    assert "Make it first" in result.stderr
