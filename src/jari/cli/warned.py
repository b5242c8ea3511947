"""What the library warns of, as lines for the person at the terminal."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jari.cli.console import plain, say


@contextmanager
def warned(*, quiet: bool) -> Iterator[None]:
    """Within, a `UserWarning` is a line on standard error when it comes, each time; with `quiet` it is nothing.

    The library says with them what it truncated, left out or did otherwise than asked. Warnings of other categories,
    which are for programmers, go where they went before.
    """
    with warnings.catch_warnings():
        before = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any, **rest: Any) -> None:
            if category is not UserWarning:
                before(message, category, *where, **rest)
            elif not quiet:
                say(plain(str(message)))

        warnings.simplefilter("always", UserWarning)
        warnings.showwarning = show
        yield
