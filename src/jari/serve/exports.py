"""What `jari.serve` gives, where each of it is, and the packages that it needs."""

from __future__ import annotations

import importlib
from typing import Any, Final

from jari.extras import require

_HOME: Final = {
    "Settings": "jari.serve.settings",
    "Shelf": "jari.serve.shelf",
    "create_app": "jari.serve.app",
    "run": "jari.serve.running",
}

NAMES: Final = sorted(_HOME)


def exported(name: str) -> Any:
    """One of `NAMES`.

    Raises
    ------
    ExtraMissing
        A package of the extra ``web`` is not installed.
    AttributeError
        It is none of them.
    """
    if name not in _HOME:
        raise AttributeError(f"module 'jari.serve' has no attribute {name!r}")
    check_packages()
    return getattr(importlib.import_module(_HOME[name]), name)


def check_packages() -> None:
    """Raise `ExtraMissing` where a package is not installed without which nothing can be served."""
    require("fastapi", extra="web")
    require("uvicorn", extra="web")
    require("httptools", extra="web")
    require("prometheus_client", extra="web")
