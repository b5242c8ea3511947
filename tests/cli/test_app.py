from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.main

import jari
from jari.cli.app import app
from jari.cli.method_options import OPTIONS, MethodName
from jari.learn.methods import METHODS, Method

COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def test_the_commands_are_all_there(run: Any) -> None:
    assert set(COMMANDS) == {
        "learn",
        "encode",
        "convert",
        "demo",
        "similar",
        "solve",
        "explore",
        "serve",
        "info",
        "evaluate",
        "compare-methods",
        "map",
        "compress",
        "build-ann",
        "index",
        "search",
        "evaluate-retrieval",
        "learn-items",
        "learn-table",
        "predict",
        "recommend",
        "evaluate-recommender",
        "learn-images",
        "fit-images",
        "embed",
        "distil",
    }
    listed = run("--help").stdout
    assert all(name in listed for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_help_page_has_examples_of_itself(run: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    page = run(name, "--help")
    assert page.exit_code == 0
    examples = page.stdout.partition("Examples")[2]
    assert f"jari {name}" in examples
    assert page.stdout == run(name, "-h").stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_says_what_it_is_for_and_has_its_panel(name: str) -> None:
    for param in COMMANDS[name].params:
        if param.name != "help":
            assert param.help, param.name
            assert re.search(r"\.( \\\[default: .*\])?$", param.help), param.help
            assert param.param_type_name == "argument" or param.rich_help_panel, param.name


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_example_can_be_typed(name: str) -> None:
    """Each example's options exist and its values pass: it is parsed as the shell would give it, and not run."""
    import importlib
    import shlex

    for example in importlib.import_module(f"jari.cli.{name.replace('-', '_')}").EXAMPLES:
        for part in (shlex.split(example.replace(";", " ; "), comments=True, posix=True),):
            words = list(part)
            while "jari" in words:
                words = words[words.index("jari") + 1 :]
                ends = [words.index(mark) for mark in ("|", ";", "jari") if mark in words]
                command, *args = words[: min(ends, default=len(words))]
                assert COMMANDS[command].make_context(command, args)


def test_alone_it_shows_the_help_page(run: Any) -> None:
    result = run()
    assert result.exit_code == 2
    assert "Usage: jari" in result.stdout


def test_the_version(run: Any) -> None:
    assert run("--version").stdout == f"jari {jari.__version__}\n"


def test_python_m_jari_is_jari(shell: Any) -> None:
    assert shell("--version").stdout == f"jari {jari.__version__}\n"
    assert "Usage: jari " in shell("similar", "--help").stdout


def test_it_starts_without_what_takes_long_to_load(tmp_path: Path) -> None:
    heavy = {"numpy", "scipy", "pyarrow", "numba", "sklearn", "matplotlib"}
    asked = (
        "import sys, jari.cli.app\n"
        "try: jari.cli.app.app(['learn', '--help'])\n"
        "except SystemExit: pass\n"
        f"print(sorted({heavy} & set(sys.modules)), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True, cwd=tmp_path)
    assert ran.stderr.strip() == "[]"


@pytest.mark.parametrize("locale", [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"LANG": "C"}])
def test_help_in_a_poor_locale(shell: Any, locale: dict[str, str]) -> None:
    result = shell("--help", env=locale)
    assert result.returncode == 0
    assert result.stderr == ""


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_every_parameter_of_a_learner_is_an_option(method: Method) -> None:
    """Names and defaults: neither side can drift."""
    options = {param.name: param for param in COMMANDS["learn"].params}
    for name, default in method.parameters.items():
        if name == "callbacks":
            continue
        assert name in options, f"jari learn lacks {name}"
        assert ("--seed" if name == "random_state" else "--" + name.replace("_", "-")) in options[name].opts
        if name in OPTIONS:
            said = ("yes" if default else "no") if isinstance(default, bool) else str(default)
            assert default is None or re.search(rf"\[default: (.*\W)?{re.escape(said)}[,\]]", options[name].help), name
        else:
            assert options[name].default == default, name


def test_no_option_is_without_a_method() -> None:
    assert set(OPTIONS) == {name for method in METHODS.values() for name in method.parameters} & set(OPTIONS)
    assert set(METHODS) == set(get_args(MethodName))


@pytest.mark.parametrize("command", ["learn", "encode"])
def test_text_options_are_those_of_encode(command: str) -> None:
    parameters = inspect.signature(jari.encode).parameters
    for param in COMMANDS[command].params:
        if param.name in parameters and param.name not in ("out", "force", *OPTIONS):
            assert param.default == parameters[param.name].default, param.name


def test_environment_of_a_shell_is_enough(tmp_path: Path) -> None:
    """No HOME, no locale, no terminal: a cron job."""
    bare = {"PATH": os.environ["PATH"], **{k: v for k, v in os.environ.items() if k == "PYTHONPATH"}}
    ran = subprocess.run(
        [sys.executable, "-m", "jari", "--version"], env=bare, cwd=tmp_path, stdin=subprocess.DEVNULL, check=True
    )
    assert ran.returncode == 0
