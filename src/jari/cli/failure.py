"""What went wrong, as one line on standard error and an exit status.

====  =====================================================================
   0  done
   1  failure: a file is missing or corrupt, the text cannot be used, a key is unknown
   2  misuse: an option or a parameter that cannot be
 130  Ctrl-C
 141  the reader of our output went away (`| head`), as for any other tool
====  =====================================================================
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from jari.cli.console import plain, say
from jari.errors import BadInput, JariError, UnknownKey

FAILED, MISUSED, STOPPED, PIPE_CLOSED = 1, 2, 130, 141

# Typer keeps the base class of its usage errors to itself, and has moved it between versions.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]


@contextmanager
def reported(*, debug: bool) -> Iterator[None]:
    """Report what is raised within, and leave with the status that fits."""
    try:
        yield
        sys.stdout.flush()  # a closed pipe shows here at the latest, where it can still be handled
    except (typer.Exit, typer.Abort, UsageError):
        raise
    except BrokenPipeError as error:
        _close_quietly()
        raise typer.Exit(PIPE_CLOSED) from error
    except (Exception, KeyboardInterrupt) as error:
        if debug:
            traceback.print_exc()
        complain(_told(error))
        raise typer.Exit(STOPPED if isinstance(error, KeyboardInterrupt) else FAILED) from error


@contextmanager
def misuse(option: str | None = None) -> Iterator[None]:
    """Within, input that cannot be used is the fault of what was typed (for `option`): status 2."""
    try:
        yield
    except BadInput as error:
        raise typer.BadParameter(str(error), param_hint=option and repr(option)) from error


def complain(message: str) -> None:
    """Say one error."""
    say(f"jari: {message}")


def complain_of_usage(error: Exception) -> None:
    """Say what was typed wrongly, and where the right way is written."""
    format_message = getattr(error, "format_message", error.__str__)
    complain(plain(str(format_message()).replace(": Value error, ", ": ")))  # pydantic's prefix says nothing
    context = getattr(error, "ctx", None)
    if context is not None:
        say(f"Try: {context.command_path} --help")


def _told(error: BaseException) -> str:
    if isinstance(error, UnknownKey):
        return str(error).removesuffix(' Pass unknown="skip" to leave such keys out.')  # for those who write Python
    if isinstance(error, JariError):
        return str(error)
    if isinstance(error, KeyboardInterrupt):
        return "stopped."
    if isinstance(error, OSError) and error.strerror:
        where = f": {plain(str(error.filename))}" if error.filename is not None else ""
        return f"{error.strerror}{where}"
    if isinstance(error, OSError):
        return str(error)
    if isinstance(error, MemoryError):
        return f"not enough memory. {error}".rstrip()
    said = f": {error}" if str(error) else ""
    return (
        f"unexpected {type(error).__name__}{said}\nThis is a fault in Jari. JARI_DEBUG=1 shows where; please report it."
    )


def _close_quietly() -> None:
    """Point standard output at nothing, so that the interpreter's last flush does not complain either."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, sys.stdout.fileno())
    except (OSError, ValueError):  # not a real file: under a test
        pass
    finally:
        os.close(nothing)
