"""What `jari.serve` gives, and without the extra."""

import subprocess
import sys

import pytest

import jari.serve


def test_names() -> None:
    assert jari.serve.__all__ == ["Settings", "Shelf", "create_app", "run"]
    assert all(getattr(jari.serve, name).__name__ == name for name in jari.serve.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        jari.serve.nothing  # noqa: B018


def test_without_the_extra() -> None:
    """The package is imported without it, and what it gives says how to install it."""
    code = (
        "import sys, jari.serve\n"
        "assert 'fastapi' not in sys.modules and 'numpy' not in sys.modules\n"
        "sys.modules['fastapi'] = None\n"
        "try: jari.serve.create_app\n"
        "except ImportError as error: print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ran.stdout.strip().endswith("Install it with: pip install 'jari[web]'")
