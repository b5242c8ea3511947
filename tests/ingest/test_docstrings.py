"""Documentation strings, read without running anything."""

import importlib
import sys

import pytest

from jari.ingest.docstrings import docstrings

SOURCE = '''"""A package of which nothing may be run."""
raise RuntimeError("it was run")

class Place:
    """A place always has
        a name.
    """
    def name(self):
        """The name of this very place."""
        def inner():
            """What is inside a function counts too."""
        return "not a docstring, although it is long"

async def find():
    """Find a place and wait for it."""

def same():
    """Find a place and wait for it."""

def short():
    """Too short."""

add_newdoc("module", "function", """Documentation of something written in C.""")
add_newdoc("module", "Type", ("method", """Documentation of one of its methods."""))
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "documented"
    (folder / "tests").mkdir(parents=True)
    (folder / "__init__.py").write_text(SOURCE)
    (folder / "broken.py").write_text('"""This file is no Python at all."""\ndef (:\n')
    (folder / "tests" / "test_it.py").write_text('"""The words of tests are not documentation."""\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    return "documented"


def test_all_kinds(package):
    assert list(docstrings([package])) == [
        "A package of which nothing may be run.",
        "Documentation of something written in C.",
        "Documentation of one of its methods.",
        "A place always has\na name.",
        "The name of this very place.",
        "What is inside a function counts too.",
        "Find a place and wait for it.",
    ]
    assert package not in sys.modules


def test_progress(package):
    told = []
    list(docstrings([package, "json"], callback=told.append))
    assert told[-1].done == told[-1].total > 0
    assert (told[-1].stage, told[-1].unit) == ("reading docstrings", "bytes")


def test_packages_that_are_not_there(package):
    assert list(docstrings([package, "no_such_package_here"])) == list(docstrings([package]))
    with pytest.raises(ValueError, match="None of these packages is installed with its source: no_such_package_here"):
        list(docstrings(["no_such_package_here"]))
