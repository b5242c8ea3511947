"""`--watch`: the page beside a command that learns."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jari.cli.console import plain, say

if TYPE_CHECKING:
    from jari.embedding import Embedding
    from jari.learn.watching import WatchedFolder
    from jari.serve.watching import WatchPage
    from jari.types import Callback


class Watching:
    """What a command does so that its learning can be watched; nothing, unless it was asked for."""

    def __init__(self, folder: WatchedFolder | None = None, page: WatchPage | None = None) -> None:
        self._folder, self._page = folder, page

    @property
    def callbacks(self) -> tuple[Callback, ...]:
        """For the learner, and for all that reports."""
        return () if self._folder is None else (self._folder,)

    def done(self, embedding: Embedding) -> None:
        """The embedding is saved: the page shows it from now on."""
        if self._folder is not None:
            self._folder.show(embedding)
            self._folder.end("done")

    def stay(self) -> None:
        """Keep the page until Ctrl-C where somebody sits at a terminal."""
        if self._page is None or not sys.stderr.isatty():
            return
        if not self._page.is_up:
            say("The page is gone: the process that served it has ended.")
            return
        say(f"Still to be seen at {self._page.address}/learn. Ctrl-C ends this.")
        with suppress(KeyboardInterrupt):
            self._page.wait()


@contextmanager
def watching(place: Path, learner: Any, *, wanted: bool, browser: bool) -> Iterator[Watching]:
    """Serve the page while the block lasts, if that is wanted, and say where. What is not done by its end was stopped.

    Parameters
    ----------
    place
        The embedding that is being made, NAME.jari. What is to be seen is kept in NAME.watch until the end.
    learner
        What learns.
    browser
        Whether to open the page.
    """
    if not wanted:
        yield Watching()
        return

    from jari.learn.watching import WatchedFolder
    from jari.serve.watching import WatchPage

    folder = WatchedFolder(
        place.with_suffix(".watch"),
        name=place.stem,
        learner=type(learner).__name__,
        epochs=getattr(learner, "epochs", None),
    )
    page = WatchPage(folder.folder, place)  # before the folder: it may lack a package
    with folder:
        try:
            with page:
                address = f"{page.address}/learn"
                say(f"To be watched at {plain(address)}")
                if not page.is_built:
                    say("The page is not part of this installation; the address says how to get it.")
                if browser:
                    _open(address)
                try:
                    yield Watching(folder, page)
                finally:
                    folder.end("stopped")  # unless it is done; the page closes once it has said so
        finally:
            folder.remove()


def _open(address: str) -> None:
    import webbrowser

    with suppress(webbrowser.Error):
        webbrowser.open(address)
