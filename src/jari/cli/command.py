"""How a command line is read: what typer does, and what words need besides.

- A word that begins with a dash (``-5``, ``"-man + king"``) can be a key or an expression.
- An option that may be given many times takes many values at once: ``--keys king queen``.
- ``--debug`` may stand anywhere.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from typing import Any, TypeAlias

import typer
from typer.core import TyperCommand, TyperGroup

from jari.cli.console import speak_utf8
from jari.cli.failure import MISUSED, UsageError, complain_of_usage, reported

_DEBUG = "jari.debug"
_LOOKS_LIKE_A_WORD = re.compile(r"-(\d|[^\w-]|[^-].*\s)")  # "-5", "-man + king"; not "-k5", "--keys=New York"

Arguments: TypeAlias = list[str]


class JariCommand(TyperCommand):
    """A command whose failures are one line, and whose arguments may be any words."""

    def parse_args(self, ctx: Any, args: Arguments) -> Arguments:
        if not ctx.resilient_parsing:  # shell completion reads half a line: leave that to typer
            args = self._sorted(ctx, args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        with reported(debug=ctx.meta.get(_DEBUG, False)):
            return super().invoke(ctx)

    def _sorted(self, ctx: Any, args: Arguments) -> Arguments:
        """Options first, then ``--``, then the words, so that no word is taken for an option."""
        options: dict[str, Any] = {
            name: param for param in self.params for name in (*param.opts, *param.secondary_opts)
        }
        expected = sum(param.param_type_name == "argument" for param in self.params)
        given: Arguments = []
        words: Arguments = []
        rest = list(args)
        while rest:
            arg = rest.pop(0)
            option = options.get(arg)
            if arg == "--":
                words += rest
                break
            if arg == "--debug":
                ctx.meta[_DEBUG] = True
            elif option is not None and option.param_type_name == "option":
                given.append(arg)
                if not option.is_flag:
                    if not rest:
                        return args  # typer says that the value is missing
                    given.append(rest.pop(0))
                    # Only once every argument is there: `evaluate --similarity FILE wiki.jari` must keep its meaning.
                    while option.multiple and len(words) >= expected and rest and not rest[0].startswith("-"):
                        given += [arg, rest.pop(0)]
            elif arg.startswith("-") and arg != "-" and not _LOOKS_LIKE_A_WORD.match(arg):
                given.append(arg)
            else:
                words.append(arg)
        return [*given, "--", *words]


class JariGroup(TyperGroup):
    """The commands together: usage errors in the same voice as all others."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        speak_utf8()
        given = [_as_utf8(arg) for arg in (sys.argv[1:] if args is None else args)]
        try:
            status = super().main(given, prog_name, complete_var, False, windows_expand_args, **extra)
        except UsageError as error:
            if type(error).__name__ != "NoArgsIsHelpError":  # `jari` alone: the help page has been printed
                complain_of_usage(error)
            raise SystemExit(MISUSED) from None
        except typer.Abort:
            raise SystemExit(1) from None
        if standalone_mode:
            raise SystemExit(status or 0)
        return status


def _as_utf8(arg: str) -> str:
    """An argument in UTF-8, though the locale may have read it as something else; unchanged if it is not."""
    try:
        return os.fsencode(arg).decode("utf-8")
    except UnicodeError:
        return arg


def set_debug(ctx: typer.Context, debug: bool) -> None:
    """Show tracebacks in this run."""
    if debug:
        ctx.meta[_DEBUG] = True
