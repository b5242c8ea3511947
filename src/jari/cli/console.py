"""Where words go: results to standard output, everything else to standard error, both in UTF-8."""

from __future__ import annotations

import io
import json
import sys
import unicodedata
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

# A table that goes to a file or a pipe is read by programs and by people with wide editors: nothing is cut there.
_WIDTH_OF_A_FILE = 10_000


def speak_utf8() -> None:
    """Write UTF-8 whatever the locale says; what cannot be encoded (half a surrogate) is escaped, not fatal."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def console(stream: TextIO) -> Console:
    """A rich console on `stream`: as wide as the terminal, or unlimited where there is none."""
    from rich.console import Console

    class Pipe(Console):
        def on_broken_pipe(self) -> None:  # rich would end with status 1; `failure` knows better
            raise BrokenPipeError

    width = None if stream.isatty() else _WIDTH_OF_A_FILE
    return Pipe(file=stream, width=width, highlight=False, markup=False, emoji=False)


def show(*results: RenderableType) -> None:
    """Print results, an empty line between them."""
    out = console(sys.stdout)
    for number, result in enumerate(results):
        if number:
            out.print()
        out.print(result)


def show_json(result: Any) -> None:
    """Print one result as one line of JSON."""
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")


def say(message: str) -> None:
    """Tell the person at the terminal something that is not a result."""
    print(message, file=sys.stderr, flush=True)


def plain(key: str) -> str:
    r"""A key as it can be shown: control characters, which could move the cursor, are written out.

    Examples
    --------
    >>> plain("서울 🌍"), plain("a\tb\x1b[2J")
    ('서울 🌍', 'a\\tb\\x1b[2J')
    """
    return "".join(
        character.encode("unicode_escape").decode() if unicodedata.category(character) in ("Cc", "Cs") else character
        for character in key
    )
