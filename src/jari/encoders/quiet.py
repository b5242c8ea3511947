"""Models load without a word: what transformers and huggingface_hub print, log and warn is kept from the user."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jari.extras import require

_TALKERS = ("transformers", "huggingface_hub")


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars, logging or warnings of transformers and huggingface_hub within; all as before afterwards.

    Import what is to be quiet before: a package that is imported within sets its own levels then. What Jari itself has
    to say must be said outside, because warnings of any kind are silent here.

    Examples
    --------
    >>> with quiet():
    ...     warnings.warn("some weights were newly initialised")
    """
    loggers = [logging.getLogger(name) for name in _TALKERS]
    levels = [one.level for one in loggers]
    bars = [switch for switch in map(_bars_of, _TALKERS) if switch is not None]
    shown = [is_shown() for is_shown, _, _ in bars]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            for one in loggers:
                one.setLevel(logging.CRITICAL + 1)
            for _, hide, _ in bars:
                hide()
            yield
        finally:
            # The bars of transformers first: showing them shows those of huggingface_hub too.
            for (_, hide, show), before in zip(bars, shown, strict=True):
                (show if before else hide)()
            for one, level in zip(loggers, levels, strict=True):
                one.setLevel(level)


def _bars_of(package: str) -> tuple[Any, Any, Any] | None:
    """How to ask whether its bars are shown, to hide them and to show them; None where it is not imported."""
    if package not in sys.modules:
        return None
    if package == "transformers":
        talk = require("transformers.utils.logging", extra="torch")
        return talk.is_progress_bar_enabled, talk.disable_progress_bar, talk.enable_progress_bar
    hub = require("huggingface_hub.utils", extra="torch")
    return lambda: not hub.are_progress_bars_disabled(), hub.disable_progress_bars, hub.enable_progress_bars
