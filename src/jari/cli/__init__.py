"""The command line: one file a command; the only room that prints."""

from __future__ import annotations

from jari.cli.app import main

__all__ = ["main"]
