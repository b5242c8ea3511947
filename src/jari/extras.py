"""Optional packages, asked for in one way."""

from __future__ import annotations

import importlib
from typing import Any

from jari.errors import ExtraMissing


def require(module: str, *, extra: str) -> Any:
    """Import an optional package, or say which extra brings it.

    Raises
    ------
    ExtraMissing
        The package is not installed.

    Examples
    --------
    >>> require("json", extra="none").dumps([1])
    '[1]'
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ExtraMissing(
            f"This needs the package {module.partition('.')[0]!r}, which is not installed. "
            f"Install it with: pip install 'jari[{extra}]'"
        ) from error
