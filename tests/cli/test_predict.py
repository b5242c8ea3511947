from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pyarrow.parquet
import pytest

from jari.learn.neural.entity_embedder import EntityEmbedder

QUICK: dict[str, Any] = {"random_state": 1, "threads": 1, "epochs": 2, "hidden": (8,), "device": "cpu"}
NEW = "area,beds,notes\nnorth,2,x\nsouth,NA,y\nelsewhere,1,\n"
ROWS = {"area": ["north", "south", "elsewhere"], "beds": [2, None, 1]}


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("models")
    rows = {"area": ["north", "south"] * 30, "beds": list(range(5)) * 12}
    EntityEmbedder(**QUICK).fit(rows, np.arange(60.0)).save(place / "price")
    EntityEmbedder(**QUICK, task="binary").fit(rows, ["no", "yes"] * 30).save(place / "sold")
    return place


@pytest.fixture
def new(tmp_path: Path) -> Path:
    (tmp_path / "new.csv").write_text(NEW)
    return tmp_path / "new.csv"


def test_a_line_a_row(run: Any, models: Path, new: Path) -> None:
    result = run("predict", models / "price", new)
    assert result.exit_code == 0, result.stderr
    head, *lines = result.stdout.splitlines()
    assert head == "prediction"
    assert list(map(float, lines)) == EntityEmbedder.load(models / "price").predict(ROWS).tolist()
    assert "Not looked at: notes." in result.stderr


def test_classes_with_their_likelihood(run: Any, models: Path, new: Path) -> None:
    result = run("predict", models / "sold", new, "--proba", "--quiet")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert result.stderr == ""
    assert list(rows[0]) == ["prediction", "p(no)", "p(yes)"]
    odds = EntityEmbedder.load(models / "sold").predict_proba(ROWS)
    assert [[float(row["p(no)"]), float(row["p(yes)"])] for row in rows] == odds.tolist()
    assert [row["prediction"] for row in rows] == [("no", "yes")[one] for one in odds.argmax(axis=1)]


def test_json(run: Any, models: Path, new: Path) -> None:
    result = run("predict", models / "sold", new, "--json", "--proba")
    first = json.loads(result.stdout.splitlines()[0])
    assert set(first) == {"prediction", "p(no)", "p(yes)"}
    assert len(result.stdout.splitlines()) == 3


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_into_a_file(run: Any, models: Path, new: Path, ending: str) -> None:
    out = new.with_name(f"out.{ending}")
    result = run("predict", models / "price", new, "-o", out)
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"out.{ending}: 3 predictions" in result.stderr
    if ending == "jsonl":
        found = [json.loads(line)["prediction"] for line in out.read_text().splitlines()]
    else:
        table = pyarrow.csv.read_csv(out) if ending == "csv" else pyarrow.parquet.read_table(out)
        found = table.column("prediction").to_pylist()
    assert found == EntityEmbedder.load(models / "price").predict(ROWS).tolist()
    result = run("predict", models / "price", new, "-o", out)
    assert "is there already. Pass --force" in result.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("price", "--proba"), "foretells a number, and no classes"),
        (("price", "--json", "-o", "x.csv"), "--json prints, and -o writes"),
        (("price", "-o", "x.xlsx"), "ends in none of .parquet, .csv, .jsonl"),
    ],
)
def test_misuse(run: Any, models: Path, new: Path, args: tuple[str, ...], said: str) -> None:
    result = run("predict", models / args[0], new, *args[1:])
    assert result.exit_code == 2, result.stderr
    assert said in result.stderr


@pytest.mark.parametrize(
    ("model", "text", "said"),
    [
        ("price", "", "is empty"),
        ("price", "area,beds\n", "has no rows below"),
        (
            "price",
            "Area,beds\nnorth,1\n",
            "no column 'area', which was learnt from. The columns that are there: 'Area'",
        ),
        ("price", "area,beds\nnorth,many\n", "holds 'many', which is no number"),
        ("none", NEW, "There is no"),
        ("price/area.jari", NEW, "has no table.json"),
    ],
)
def test_what_cannot_be_foretold(run: Any, models: Path, new: Path, model: str, text: str, said: str) -> None:
    new.write_text(text)
    result = run("predict", models / model, new)
    assert result.exit_code == 1, result.stderr
    assert said in result.stderr
    assert "unexpected" not in result.stderr
