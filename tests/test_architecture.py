"""The house stands as it was drawn: arrows go down, kernels have twins, and some things are never done.

Each check runs on a tree that breaks the rule too, so that a check that sees nothing is noticed.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import jari

PACKAGE = Path(jari.__file__).parent
CHECKOUT = PACKAGE.parents[1]
LIBRARY_ROOMS = [room for room in PACKAGE.iterdir() if room.is_dir() and room.name not in ("cli", "__pycache__")]
SHAPELESS_NAMES = {"utils", "util", "common", "helpers", "helper", "misc", "base"}
RUN_CODE = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}  # when they read data
HEAVY = ("numba", "pyarrow", "sklearn", "scipy", "matplotlib", "numpy", "typer", "rich")


def modules(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*.py")) if "__pycache__" not in file.parts)


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


# ── arrows go down


needs_the_checkout = pytest.mark.skipif(not (CHECKOUT / "pyproject.toml").exists(), reason="the contracts are there")


def broken_contracts(folder: Path) -> str:
    """What import-linter says of the package under ``folder/src``; empty when every contract holds."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    env = {**os.environ, "PYTHONPATH": str(folder / "src")}
    ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


@needs_the_checkout
def test_arrows_go_down() -> None:
    assert broken_contracts(CHECKOUT) == ""


@needs_the_checkout
def test_an_arrow_that_goes_up_is_seen(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "src" / "jari", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    with (tmp_path / "src" / "jari" / "errors.py").open("a", encoding="utf-8") as errors:
        errors.write("\nfrom jari import embedding\n")
    assert "jari.errors is not allowed to import jari.embedding" in broken_contracts(tmp_path)


# ── every kernel has a twin


def functions(file: Path) -> dict[str, list[str]]:
    """Public functions of a file, with the names of their parameters in order."""
    return {
        node.name: [arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        for node in tree(file).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def without_twin(kernels: Path) -> list[str]:
    """Where ``kernels/`` and ``kernels/reference/`` differ in files, functions or parameters."""

    def surface(folder: Path) -> dict[str, dict[str, list[str]]]:
        return {file.name: functions(file) for file in sorted(folder.glob("[!_]*.py"))}

    fast, plain = surface(kernels), surface(kernels / "reference")
    found = [f"{name} is in one folder only" for name in sorted(fast.keys() ^ plain.keys())]
    for name in sorted(fast.keys() & plain.keys()):
        for function in sorted(fast[name].keys() | plain[name].keys()):
            mine, twin = fast[name].get(function), plain[name].get(function)
            if mine != twin:
                found.append(f"{name}: {function}{mine} has the twin {function}{twin}")
    return found


def test_every_kernel_has_a_twin() -> None:
    assert without_twin(PACKAGE / "kernels") == []


def test_a_kernel_without_a_twin_is_seen(tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    (tmp_path / "alone.py").write_text("def step(x): ...")
    (tmp_path / "other.py").write_text("def step(x, y): ...\ndef _inner(z): ...")
    (tmp_path / "reference" / "other.py").write_text("def step(y, x): ...")
    assert without_twin(tmp_path) == [
        "alone.py is in one folder only",
        "other.py: step['x', 'y'] has the twin step['y', 'x']",
    ]


# ── what is never done


def misdeeds(file: Path) -> list[str]:
    """Pickle, eval, prints, global seeds: with the line of each."""
    return [f"{file.name}:{node.lineno} {what}" for node in ast.walk(tree(file)) for what in misdeed(node)]


def misdeed(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"imports {alias.name}" for alias in node.names if alias.name.partition(".")[0] in RUN_CODE)
    elif isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in RUN_CODE:
        yield f"imports {node.module}"
    elif isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        if called in ("print", "eval", "exec") or called.endswith("random.seed"):
            yield f"calls {called}"
        if any(keyword.arg == "allow_pickle" and ast.unparse(keyword.value) != "False" for keyword in node.keywords):
            yield "allows pickle"


@pytest.mark.parametrize("room", LIBRARY_ROOMS, ids=lambda room: room.name)
def test_library_rooms_do_nothing_that_is_never_done(room: Path) -> None:
    assert [misdeed for file in modules(room) for misdeed in misdeeds(file)] == []


def test_misdeeds_are_seen(tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text(
        "import pickle\nfrom joblib import load\nprint(1)\nnp.random.seed(0)\nnp.load(p, allow_pickle=True)\n"
        "np.load(p, allow_pickle=False)\n"
    )
    assert misdeeds(file) == [
        "bad.py:1 imports pickle",
        "bad.py:2 imports joblib",
        "bad.py:3 calls print",
        "bad.py:4 calls np.random.seed",
        "bad.py:5 allows pickle",
    ]


def test_a_file_is_a_noun() -> None:
    assert [file.name for file in modules(PACKAGE) if file.stem.strip("_") in SHAPELESS_NAMES] == []


def test_a_room_s_init_only_re_exports() -> None:
    allowed = (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign)
    for file in PACKAGE.glob("*/**/__init__.py"):
        statements = [node for node in tree(file).body if not isinstance(node, allowed)]
        assert statements == [], f"{file.relative_to(PACKAGE)} holds {ast.unparse(statements[0])[:60]}"


# ── a light door


def imported_by(code: str) -> set[str]:
    report = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    ran = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, timeout=60, check=True
    )
    return set(ran.stdout.split())


def test_import_jari_imports_nothing_heavy() -> None:
    assert imported_by("import jari") & set(HEAVY) == set()


def test_the_command_line_imports_nothing_heavy_before_it_must() -> None:
    assert imported_by("import jari.cli") & (set(HEAVY) - {"typer", "rich"}) == set()


def test_heavy_imports_are_seen() -> None:
    assert "numpy" in imported_by("import jari.types")


def test_every_name_that_the_door_promises_is_there() -> None:
    for name in dir(jari):
        assert getattr(jari, name) is not None


def test_the_door_says_what_it_does_not_have() -> None:
    with pytest.raises(AttributeError, match="module 'jari' has no attribute 'Wrod2Vec'"):
        jari.Wrod2Vec  # noqa: B018
