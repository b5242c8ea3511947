from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jari
from jari.cli.table_options import OPTIONS
from jari.learn.neural.entity_embedder import EntityEmbedder
from jari.learn.neural.tables.training import TableTraining

QUICK = ("--epochs", 2, "--threads", 1, "--seed", 1, "--device", "cpu")


def adverts(rows: int = 240) -> str:
    """Prices by the area and a word; ids, a constant, rows without a price."""
    draw = np.random.default_rng(3)
    lines = ["id,area,동네,beds,advert,country,price,sold,stars"]
    for at in range(rows):
        area, here = draw.choice(["north", "south", "west"]), draw.choice(["강남", "마포", ""])
        words = draw.choice(["sunny", "dark", "large", "tiny"], 3)
        beds = draw.integers(1, 4)
        price = (100 + 900 * (area == "north")) * (1 + 0.5 * list(words).count("large"))
        money = "" if at % 40 == 7 else f'"${price:,.2f}"'
        sold, stars = ("yes", "no")[int(price < 500)], 1 + at % 5
        lines.append(f'{1000 + at},{area},{here},{beds},"{" ".join(words)}",Ireland,{money},{sold},{stars}')
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="session")
def text() -> str:
    return adverts()


@pytest.fixture
def table(tmp_path: Path, text: str) -> Path:
    (tmp_path / "adverts.csv").write_text(text, encoding="utf-8")
    return tmp_path / "adverts.csv"


def learn(run: Any, table: Path, *more: Any, target: str = "price") -> Any:
    out = table.parent / "listing"
    layers = () if "--hidden" in more else ("--hidden", 8)
    return run("learn-table", table, "--target", target, "-o", f"{out}/", *QUICK, *layers, *more), out


def test_a_table_becomes_a_model(run: Any, table: Path) -> None:
    named = ("--text", "advert", "--categorical", "area", "동네", "--drop", "id", "sold")
    result, out = learn(run, table, *named, "--target-transform", "log", "--epochs", 20, "--batch", 16)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ""
    for said in (
        "Left out: 6 rows where price is missing.",
        "Task: regression, as price holds numbers.",
        "Categorical: area (3), 동네 (2).",
        "Numeric: beds, stars.",
        "Text: advert (4 words).",
        "Not learnt from: country (the same in every row).",
        "On 23 rows held back, by which the epoch was chosen: R² 0.",
        "of the logarithm (log), off by",
        "One number for all rows would have R² ",
        "234 rows, 20 epochs of which the ",
        "Ask it: jari similar ",
    ):
        assert said in result.stderr, said
    assert "no better" not in result.stderr
    model = EntityEmbedder.load(out, verify=True)
    assert set(jari.load(out / "동네.jari")) == {"강남", "마포", "<unknown>", "<missing>"}
    assert model.n_features_in_ == 6
    asked = re.search("Ask it: jari (.*)", result.stderr)
    assert asked is not None
    assert run(*asked[1].split()).exit_code == 0


def test_columns_are_found_by_their_values(run: Any, table: Path) -> None:
    result, out = learn(run, table)
    assert result.exit_code == 0, result.stderr
    assert "Not learnt from: id (an identifier), country (the same in every row)." in result.stderr
    assert EntityEmbedder.load(out).columns_["sold"] == "categorical"


def test_columns_of_a_kind_that_are_not_named(run: Any, table: Path) -> None:
    result, _ = learn(run, table, "--categorical", "area")
    assert "동네 (not named), advert (not named)" in result.stderr


@pytest.mark.parametrize(
    ("target", "more", "said"),
    [
        ("sold", (), "Task: binary, as sold is one of no, yes."),
        ("area", (), "Task: multiclass, as area is one of north, south, west."),
        ("stars", (), "Task: regression, as stars holds numbers."),
        ("stars", ("--task", "multiclass"), "The most frequent class for all would have "),
    ],
)
def test_the_task_is_by_the_target(run: Any, table: Path, target: str, more: tuple[str, ...], said: str) -> None:
    result, _ = learn(run, table, *more, target=target)
    assert result.exit_code == 0, result.stderr
    assert said in result.stderr
    assert ("Task:" in result.stderr) is not bool(more)


def test_two_numbers_are_two_classes_unless_it_is_said_otherwise(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "churn.csv"
    file.write_text("plan,churned\n" + "a,1\nb,0\n" * 30)
    result, out = learn(run, file, target="churned")
    assert "churned is one of 0, 1. Pass --task regression to foretell a number." in result.stderr
    assert EntityEmbedder.load(out).predict({"plan": ["a"]}).dtype.kind in "OU"
    result, out = learn(run, file, "--task", "regression", "--force", target="churned")
    assert result.exit_code == 0, result.stderr
    assert EntityEmbedder.load(out).task == "regression"


def test_where_nothing_can_be_learnt_it_is_said(run: Any, tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    rows = "".join(f"{draw.choice(['a', 'b'])},{draw.normal():.3f}\n" for _ in range(200))
    (tmp_path / "noise.csv").write_text("x,y\n" + rows)
    result, _ = learn(run, tmp_path / "noise.csv", "--epochs", 30, "--patience", 30, "--validation", 0.5, target="y")
    assert "That is no better: these columns say nothing of y" in result.stderr
    result, _ = learn(run, tmp_path / "noise.csv", "--validation", 0, "--force", target="y")
    assert "No rows were held back" in result.stderr


def test_figures(run: Any, table: Path) -> None:
    result, out = learn(run, table, "--json", "--quiet")
    assert (result.exit_code, result.stderr) == (0, "")
    said = json.loads(result.stdout)
    assert (said["task"], said["rows"], said["left_out"], said["epochs"]) == ("regression", 234, 6, 2)
    assert said["embeddings"]["area"] == str(out / "area.jari")
    assert set(said["validation"]) == {"rows", "r2", "rmse", "mae", "of_one_answer"}
    result, _ = learn(run, table, "--json", "--quiet", "--force", target="area")
    assert set(json.loads(result.stdout)["validation"]) == {"rows", "accuracy", "log_loss", "of_one_answer"}


def test_the_figures_are_those_of_the_rows_that_judged(run: Any, table: Path) -> None:
    """The loss that chose the epoch is the square of the error, in standard deviations."""
    result, out = learn(run, table, "--json", "--quiet")
    model, said = EntityEmbedder.load(out), json.loads(result.stdout)
    assert said["validation"]["rmse"] == pytest.approx(min(model.judged_) ** 0.5 * model._target_.scale, rel=1e-4)
    result, out = learn(run, table, "--json", "--quiet", "--force", target="area")
    said = json.loads(result.stdout)
    assert said["validation"]["log_loss"] == pytest.approx(min(EntityEmbedder.load(out).judged_), rel=1e-4)


def test_quiet(run: Any, table: Path) -> None:
    result, _ = learn(run, table, "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_options_reach_the_learner(run: Any, table: Path, tmp_path: Path) -> None:
    words = jari.Embedding(["sunny", "dark", "large"], np.eye(3))
    words.save(tmp_path / "words.jari")
    more = (
        "--text",
        "advert",
        "--pretrained",
        f"advert={tmp_path / 'words.jari'}",
        "--freeze",
        "--dims",
        "area=7",
        "동네=2",
    )
    result, out = learn(run, table, *more, "--hidden", 0, "--batch", 16, "--l2", 0.5)
    assert result.exit_code == 0, result.stderr
    model = EntityEmbedder.load(out)
    assert (model.hidden, model.batch, model.l2, model.freeze) == ((), 16, 0.5, True)
    assert {name: one.dim for name, one in model.embeddings_.items()} == {"area": 7, "동네": 2, "sold": 2, "advert": 3}
    assert np.array_equal(model.embeddings_["advert"].vectors, np.eye(3))
    result, out = learn(run, table, "--dims", 5, "--force")
    assert EntityEmbedder.load(out).embeddings_["area"].dim == 5


def test_the_same_seed_gives_the_same_model(run: Any, table: Path) -> None:
    files = []
    for _ in range(2):
        _, out = learn(run, table, "--force")
        files.append([file.read_bytes() for file in sorted(out.rglob("*.safetensors"))])
    assert files[0] == files[1]


def test_other_delimiters_and_words_for_what_is_missing(run: Any, tmp_path: Path) -> None:
    rows = "".join(f"{'ab'[at % 2]};{at % 2 if at % 10 else '-'}\n" for at in range(60))
    (tmp_path / "t.csv").write_text("x;y\n" + rows)
    result, _ = learn(run, tmp_path / "t.csv", "--delimiter", ";", "--missing", "-", target="y")
    assert result.exit_code == 0, result.stderr
    assert "Left out: 6 rows where y is missing." in result.stderr


@pytest.mark.parametrize("name", ["../x", "A/B", "neighbour hood", "table"])
def test_columns_of_any_name(run: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / "t.csv").write_text(f"{name},y\n" + "a,1\nb,5\na,2\n" * 20)
    result, out = learn(run, tmp_path / "t.csv", target="y")
    assert result.exit_code == 0, result.stderr
    assert sorted(one.name for one in tmp_path.iterdir()) == ["listing", "t.csv"]
    assert len(list(out.glob("*.jari"))) == 1


def test_every_parameter_is_an_option_and_the_other_way_round(run: Any) -> None:
    own = {"task", "categorical", "numeric", "text", "dims", "pretrained", "freeze", "tokenizer", "target_transform"}
    run_of = {"callbacks", "threads", "random_state"}
    assert set(EntityEmbedder().get_params()) == own | run_of | set(OPTIONS)


def test_what_the_help_says_of_defaults_is_so() -> None:
    """Either side would drift alone."""
    for name, parameter in inspect.signature(EntityEmbedder).parameters.items():
        if name in OPTIONS and parameter.default is not None:
            said = OPTIONS[name].__metadata__[0].help.partition("[default: ")[2].rstrip("]")
            value = parameter.default
            assert said == (" ".join(map(str, value)) if isinstance(value, tuple) else f"{value}"), name


# ── What cannot be


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--task", "ranking"), "'ranking' is not one of"),
        (("--dims", "0"), "dims=0"),
        (("--dims", "area"), "'area' is neither a number nor COLUMN=N"),
        (("--pretrained", "advert"), "'advert' is not COLUMN=PATH"),
        (("--categorical", "area", "--text", "area"), "column 'area' is in --categorical too"),
        (("--drop", "price"), "column 'price' is in --target too"),
        (("--drop", "area", "--numeric", "area"), "column 'area' is in --drop too"),
        (("--dropout", "1"), "dropout=1.0"),
        (("--task", "binary", "--target-transform", "log"), "target_transform='log' is for numbers"),
    ],
)
def test_misuse_is_told_before_anything_is_read(run: Any, table: Path, args: tuple[str, ...], said: str) -> None:
    table.unlink()
    result, out = learn(run, table, *args)
    assert result.exit_code == 2, result.stderr
    assert said in result.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("text", "args", "said"),
    [
        ("", (), "is empty"),
        ("x,price\n", (), "has no rows below the names of its columns"),
        ("x,prices\na,1\n", (), "has no column 'price'. Did you mean 'prices'?"),
        ("x,x,price\na,b,1\n", (), "has two columns 'x' (1 and 2)"),
        ("x,price\na,1\nb,2\nc,3\n", ("--drop", "y"), "has no column 'y'"),
        ("x,price\na,\nb,NA\n", (), "The target 'price' is missing in every row"),
        ("x,price\n" + "a,5\nb,5\n" * 20, (), "in every row"),
        ("price\n1\n2\n3\n", (), "columns"),
        ("x,price\na,1\nb,free\nc,3\nd,4\n", (), "row 2 holds 'free', which is no number"),
        ("x,price\na,1\nb,free\nc,3\n", ("--task", "regression"), "row 2 holds 'free', which is no number"),
        ("x,price\n" + "".join(f"a,flat {at}\n" for at in range(30)), (), "30 different texts in 30 rows: hardly one"),
        ("x,price\n1,1\nmany,2\n3,3\n", ("--numeric", "x"), "row 2 holds 'many', which is no number"),
        ("x,price\n,1\n1,\nmany,2\n3,3\n", ("--numeric", "x"), "row 3 holds 'many', which is no number"),
        ("x,price\na,0\nb,2\nc,3\n", ("--target-transform", "log"), "'price' is 0 in a row, and 0 or less in 1 of 3"),
        ("x,price\n" + "a,1\nb,2\nc,3\n" * 5, ("--pretrained", "x=none.jari"), "There is no none.jari"),
        ("x,price\n" + "a,1\nb,2\nc,3\n" * 5, ("--text", "x", "--tokenizer", "none.json"), "none.json"),
    ],
)
def test_what_cannot_be_learnt_from(run: Any, tmp_path: Path, text: str, args: tuple[str, ...], said: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    result, out = learn(run, tmp_path / "t.csv", *args)
    assert result.exit_code == 1, result.stderr
    assert said in result.stderr
    assert "unexpected" not in result.stderr
    assert not out.exists()


def test_nothing_is_replaced_unasked(run: Any, table: Path) -> None:
    _, out = learn(run, table)
    result, _ = learn(run, table)
    assert (result.exit_code, "is there already. Pass --force" in result.stderr) == (1, True)
    result, _ = learn(run, table, "--force")
    assert result.exit_code == 0, result.stderr
    (out / "area.jari" / "notes.txt").write_text("mine")
    result, _ = learn(run, table.with_name("none.csv"), "--force")
    assert "holds other things too (notes.txt)" in result.stderr  # and not that there is no file: it is told first


def test_torch_is_needed_on_a_gpu_only(run: Any, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "torch", None)
    result, _ = learn(run, table.with_name("none.csv"), "--device", "cuda")
    assert result.exit_code == 1
    assert "pip install 'jari[torch]'" in result.stderr
    result, _ = learn(run, table, "--device", "cpu")
    assert result.exit_code == 0, result.stderr


def test_what_was_learnt_before_it_was_stopped_is_kept(run: Any, table: Path, monkeypatch: Any) -> None:
    epoch = TableTraining._epoch

    def stopped(self: TableTraining, at: int, order: Any) -> float:
        if at == 2:
            raise KeyboardInterrupt
        return epoch(self, at, order)

    monkeypatch.setattr(TableTraining, "_epoch", stopped)
    result, out = learn(run, table, "--epochs", 9)
    assert result.exit_code == 130
    assert "listing/: the best of 2 epochs before it was stopped" in result.stderr
    assert np.isfinite(EntityEmbedder.load(out).losses_).all()


def test_stopped_before_the_first_epoch_leaves_nothing(run: Any, table: Path, monkeypatch: Any) -> None:
    def stopped(self: TableTraining, at: int, order: Any) -> float:
        raise KeyboardInterrupt

    monkeypatch.setattr(TableTraining, "_epoch", stopped)
    result, out = learn(run, table)
    assert result.exit_code == 130
    assert not out.exists()
