from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jari.errors import BadInput, ExtraMissing
from jari.learn.ease import EASE

FLOOR = ("--method", "popularity")


@pytest.fixture(scope="module")
def ratings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Users of two tastes, who choose of their own twelve films alone; and one with one film."""
    draw = Random(3)
    lines = ["user_id,item_id,rating,time", "lonely,a1,5,0"]
    for user in range(80):
        films = draw.sample([f"{'ab'[user % 2]}{film}" for film in range(12)], 6)
        lines += [f"u{user},{film},{draw.randint(1, 5)},{draw.randint(0, 999)}" for film in films]
    place = tmp_path_factory.mktemp("ratings") / "ratings.csv"
    place.write_text("\n".join(lines) + "\n")
    return place


def rows_of(output: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split() for line in output.splitlines() if line.strip()}


def test_a_line_a_method(run: Any, ratings: Path) -> None:
    result = run("evaluate-recommender", ratings, "--method", "popularity", "ease", "--l2", 1)
    assert result.exit_code == 0, result.stderr
    assert "Recommendations: 16 users who were not learnt from, 24 items" in result.stdout
    rows = rows_of(result.stdout)
    assert rows["method"][1:] == ["nDCG@100", "Recall@20", "HR@10", "Coverage@20", "Novelty@20", "learnt", "in"]
    assert list(rows)[2:] == ["popularity", "ease"]
    assert float(rows["ease"][1]) > float(rows["popularity"][1]) + 0.05  # who knows the taste
    assert rows["ease"][2].startswith("±")
    assert "Not asked about: users with one entry, who are only learnt from (1)." in result.stderr


def test_json_a_method_a_line(run: Any, ratings: Path) -> None:
    result = run(
        "evaluate-recommender",
        ratings,
        "--method",
        "ease",
        "popularity",
        "--json",
        "--measure",
        "MRR",
        "Coverage@3",
        "--quiet",
    )
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    ease, floor = (json.loads(line) for line in result.stdout.splitlines())
    assert (ease["method"], floor["method"]) == ("ease", "popularity")
    assert 0 < ease["estimates"]["MRR"]["low"] < ease["estimates"]["MRR"]["mean"] <= 1
    assert ease["estimates"]["Coverage@3"] == {"mean": pytest.approx(0.625), "low": None, "high": None}
    assert ease["parameters"]["l2"] == 250
    assert ease["split"] == {
        "kind": "users",
        "users": 16,
        "items": 24,
        "dropped": {"users with one entry, who are only learnt from": 1},
        "entries": {"train": 385, "given": 80, "wanted": 16},
    }


def test_what_was_chosen_later(run: Any, ratings: Path) -> None:
    result = run(
        "evaluate-recommender", ratings, *FLOOR, "--split", "time", "--time", "time", "--wanted", 0.1, "--json"
    )
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)["split"]
    assert told["kind"] == "time"
    assert 40 <= told["entries"]["wanted"] <= 60
    assert (
        run("evaluate-recommender", ratings, *FLOOR, "--split", "time", "--time", "time").stdout.count(
            "users chose later"
        )
        == 1
    )


def test_the_last_choice_of_each(run: Any, ratings: Path) -> None:
    result = run(
        "evaluate-recommender", ratings, *FLOOR, "--split", "leave-one-out", "--time", "time", "--measure", "HR@24"
    )
    assert result.exit_code == 0, result.stderr
    assert "the last choice of 80 users" in result.stdout
    assert rows_of(result.stdout)["popularity"][1] == "1.000"


def test_the_seed_deals_the_users(run: Any, ratings: Path) -> None:
    first, again, other = (run("evaluate-recommender", ratings, *FLOOR, "--json", "--seed", seed) for seed in (1, 1, 2))
    told = [json.loads(one.stdout)["estimates"] for one in (first, again, other)]
    assert told[0] == told[1] != told[2]


def test_choices_of_little_weight_are_left_out(run: Any, ratings: Path) -> None:
    result = run("evaluate-recommender", ratings, *FLOOR, "--weight", "rating", "--min-weight", 4)
    assert result.exit_code == 0, result.stderr
    assert "choices of a weight below 4" in result.stderr


def test_what_one_method_cannot_is_said(run: Any, ratings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ExtraMissing("This needs the package 'torch'.")

    monkeypatch.setattr(EASE, "fit", fail)
    result = run("evaluate-recommender", ratings, "--method", "ease", "popularity")
    assert result.exit_code == 0
    assert "ease: This needs the package 'torch'." in result.stderr
    assert rows_of(result.stdout)["ease"][-1] == "failed"
    result = run("evaluate-recommender", ratings, "--method", "ease", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"] == "This needs the package 'torch'."


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--method", "genius"], "'--method': There is no method 'genius'. Choose one of als,"),
        (["--measure", "AUC"], r"'--measure': There is no measure 'AUC'. Choose Recall"),
        (["--given", 1.5], "'--given': 1.5 is no share: give a number between 0 and 1"),
        (["--folds", 1], "'--folds': Input should be greater than or equal to 2"),
        (["--split", "time", "--folds", 3], "'--folds': it is for --split users"),
        (["--wanted", 0.5], "'--wanted': it is for --split time"),
        ([*FLOOR, "--l2", 3], "'--l2': --method popularity learns without it; it is for "),
        (["--method", "ease", "--l2", 0], "l2=0.0: without it there may be no inverse"),
    ],
)
def test_misuse(run: Any, ratings: Path, args: list[Any], said: str) -> None:
    result = run("evaluate-recommender", ratings, *args)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_split_that_leaves_nobody(run: Any, tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("user,item\nann,1\nbob,2\n")
    result = run("evaluate-recommender", tmp_path / "few.csv", *FLOOR)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert "This split by users leaves nobody to ask about" in result.stderr
    result = run("evaluate-recommender", tmp_path / "few.csv", *FLOOR, "--split", "time")
    assert "These interactions have no times" in result.stderr


def test_bad_input_of_a_method_is_its_own(run: Any, ratings: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise BadInput("too many items")

    monkeypatch.setattr(EASE, "_fit", fail)
    result = run("evaluate-recommender", ratings, "--method", "ease", "popularity")
    assert result.exit_code == 0
    assert "ease: too many items" in result.stderr
