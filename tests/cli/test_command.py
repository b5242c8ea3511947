from __future__ import annotations

import sys
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner, Result

from jari.cli.command import JariCommand, JariGroup


@pytest.fixture
def echo() -> typer.Typer:
    """A command that says what it was given."""
    app = typer.Typer(cls=JariGroup)

    @app.callback()
    def group() -> None: ...

    @app.command(cls=JariCommand)
    def echo(
        place: str,
        words: Annotated[list[str] | None, typer.Argument()] = None,
        k: Annotated[int, typer.Option("--k", "-k")] = 10,
        keys: Annotated[list[str] | None, typer.Option()] = None,
        loud: Annotated[bool, typer.Option("--loud")] = False,
    ) -> None:
        sys.stdout.write(f"{place} {words} {k} {keys} {loud}\n")

    @app.command(cls=JariCommand)
    def single(place: str, files: Annotated[list[str] | None, typer.Option()] = None) -> None:
        sys.stdout.write(f"{place} {files}\n")

    return app


def run(app: typer.Typer, *args: str) -> Result:
    return CliRunner().invoke(app, args)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["p", "king", "queen"], "p ['king', 'queen'] 10 None False"),
        (["p", "-5", "-k", "3"], "p ['-5'] 3 None False"),
        (["-k3", "p", "-5", "--loud"], "p ['-5'] 3 None True"),
        (["p", "-king + queen"], "p ['-king + queen'] 10 None False"),
        (["p", "- king"], "p ['- king'] 10 None False"),
        (["p", "-"], "p ['-'] 10 None False"),
        (["p", "--", "--loud", "-k"], "p ['--loud', '-k'] 10 None False"),
        (["p", "--", "a", "--", "b"], "p ['a', '--', 'b'] 10 None False"),
        (["p", "", "-.5"], "p ['', '-.5'] 10 None False"),
        (["p", "--k=4", "--keys=New York"], "p [] 4 ['New York'] False"),
    ],
)
def test_words_may_begin_with_dashes(echo: typer.Typer, args: list[str], said: str) -> None:
    result = run(echo, "echo", *args)
    assert result.stdout.strip().replace("None 10", "[] 10").replace("None 4", "[] 4") == said


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["p", "--files", "a", "b"], "p ['a', 'b']"),
        (["p", "--files", "a", "--files", "b", "c"], "p ['a', 'b', 'c']"),
        (["--files", "a", "p"], "p ['a']"),  # the argument is still to come: one value only
    ],
)
def test_an_option_takes_many_values(echo: typer.Typer, args: list[str], said: str) -> None:
    assert run(echo, "single", *args).stdout.strip() == said


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["echo", "p", "-k", "many"], "jari: Invalid value for '--k' / '-k'"),
        (["echo", "p", "--lout"], "jari: No such option: --lout"),
        (["echo"], "jari: Missing argument"),
        (["echo", "p", "-k"], "jari: Option '-k' requires an argument"),
        (["single", "p", "q"], "jari: Got unexpected extra argument"),
        (["ecko"], "jari: No such command 'ecko'. Did you mean 'echo'?"),
    ],
)
def test_misuse_is_one_line_and_status_2(echo: typer.Typer, args: list[str], said: str) -> None:
    result = run(echo, *args)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(said)
    assert all(line.startswith("Try: ") for line in result.stderr.splitlines()[1:])


def test_help_stands_where_it_is_asked_for(echo: typer.Typer) -> None:
    result = run(echo, "echo", "p", "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout
