from __future__ import annotations

import errno

import pytest
import typer
from typer.testing import CliRunner, Result

from jari import errors
from jari.cli.command import JariCommand, JariGroup
from jari.cli.failure import misuse


def failing(error: BaseException, *args: str) -> Result:
    """What a command that raises `error` says."""
    app = typer.Typer(cls=JariGroup)

    @app.callback()
    def group() -> None: ...

    @app.command(cls=JariCommand)
    def fail() -> None:
        raise error

    return CliRunner().invoke(app, ["fail", *args])


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (errors.BadInput("dim=0: give 1 or more."), 1, "jari: dim=0: give 1 or more.\n"),
        (errors.NoSuchFile("x.txt is not there."), 1, "jari: x.txt is not there.\n"),
        (errors.UnknownKey("'quen' is not in it."), 1, "jari: 'quen' is not in it.\n"),
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory", "x\x1b.txt"),
            1,
            "No such file or directory: x\\x1b",
        ),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "jari: No space left on device\n"),
        (PermissionError("The folder / cannot be written to."), 1, "jari: The folder / cannot be written to.\n"),
        (MemoryError(), 1, "jari: not enough memory.\n"),
        (KeyError("x"), 1, "jari: unexpected KeyError: 'x'\nThis is a fault in Jari."),
        (KeyboardInterrupt(), 130, "jari: stopped.\n"),
        (errors.Interrupted("stopped. To go on: …"), 130, "jari: stopped. To go on: …\n"),
        (BrokenPipeError(), 141, ""),
        (typer.BadParameter("no", param_hint="'-o'"), 2, "jari: Invalid value for '-o': no\n"),
        (typer.Exit(3), 3, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_each_failure_has_its_line_and_its_status(error: BaseException, status: int, said: str) -> None:
    result = failing(error)
    assert result.exit_code == status
    assert said in result.stderr
    assert bool(result.stderr) == bool(said)
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_debug_shows_where(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Traceback" in failing(errors.BadInput("no"), "--debug").stderr


def test_input_is_the_fault_of_an_option_where_that_is_said() -> None:
    with pytest.raises(typer.BadParameter, match="cannot be read"), misuse("EXPRESSION"):
        raise errors.BadInput("cannot be read")
    with pytest.raises(errors.BadFile, match="corrupt"), misuse("EXPRESSION"):
        raise errors.BadFile("corrupt")
