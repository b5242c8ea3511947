"""Serve embeddings, recommenders and collections to programs and to the explorer page.

Needs the extra ``web``; importing this package does not.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from jari.extras import require

if TYPE_CHECKING:
    from jari.serve.app import create_app
    from jari.serve.running import run
    from jari.serve.settings import Settings
    from jari.serve.shelf import Shelf

_HOME = {
    "Settings": "jari.serve.settings",
    "Shelf": "jari.serve.shelf",
    "create_app": "jari.serve.app",
    "run": "jari.serve.running",
}
_PACKAGES = ("fastapi", "uvicorn", "prometheus_client")

__all__ = ["Settings", "Shelf", "create_app", "run"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'jari.serve' has no attribute {name!r}")
    for package in _PACKAGES if name in ("create_app", "run") else ():
        require(package, extra="web")
    return getattr(importlib.import_module(_HOME[name]), name)
