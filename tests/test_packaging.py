"""What is told to the outside about this package is true."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import jari

CHECKOUT = Path(jari.__file__).parents[2]

pytestmark = pytest.mark.skipif(not (CHECKOUT / "pyproject.toml").exists(), reason="needs the checkout")


@pytest.fixture(scope="module")
def pyproject() -> dict[str, Any]:
    return tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_version_stands_in_one_place(pyproject: dict[str, Any]) -> None:
    assert jari.__version__ == pyproject["project"]["version"] == importlib.metadata.version("jari")
    written = [
        file.name
        for file in (CHECKOUT / "src").rglob("*.py")
        if re.search(r"__version__\s*=", file.read_text(encoding="utf-8"))
    ]
    assert written == []


def test_the_command_is_installed() -> None:
    (entry,) = importlib.metadata.entry_points(group="console_scripts", name="jari")
    assert entry.value == "jari.cli:main"
    assert callable(entry.load())


def test_types_are_shipped() -> None:
    assert (Path(jari.__file__).parent / "py.typed").exists()


def test_what_the_source_archive_takes_is_there(pyproject: dict[str, Any]) -> None:
    listed = pyproject["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert [name for name in listed if not (CHECKOUT / name).exists()] == []


def test_extras_that_are_asked_for_exist(pyproject: dict[str, Any]) -> None:
    """What an error says to install can be installed, and brings the package."""
    asked = set()
    for file in (CHECKOUT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "require":
                module, extra = ast.literal_eval(node.args[0]), ast.literal_eval(node.keywords[0].value)
                asked.add((module, extra))
    assert ("pandas", "tables") in asked
    extras = pyproject["project"]["optional-dependencies"]
    named = {"beautifulsoup4": "bs4", "faiss-cpu": "faiss", "qdrant-client": "qdrant_client", "pillow": "PIL"}
    named |= {"umap-learn": "umap", "prometheus-client": "prometheus_client"}
    names = ((re.split(r"[><=\[ ]", each)[0], extra) for extra, packages in extras.items() for each in packages)
    brought = {(named.get(name, name), extra) for name, extra in names}
    assert {(module.partition(".")[0], extra) for module, extra in asked} <= brought


def test_imports_of_the_package_are_its_dependencies(pyproject: dict[str, Any]) -> None:
    """Nothing is imported that a plain install does not bring; within `jari.serve`, what its extra brings besides."""
    brought = {re.split(r"[><=\[ ]", each)[0] for each in pyproject["project"]["dependencies"]}
    known = {"scikit-learn": "sklearn"}
    allowed = {known.get(name, name) for name in brought} | set(sys.stdlib_module_names) | {"jari", "llvmlite"}
    web = {re.split(r"[><=\[ ;]", each)[0] for each in pyproject["project"]["optional-dependencies"]["web"]}
    of_web = {"prometheus_client" if name == "prometheus-client" else name for name in web} | {"starlette", "pydantic"}
    server = CHECKOUT / "src" / "jari" / "serve"
    found = set()
    for file in (CHECKOUT / "src").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        more = of_web if file.is_relative_to(server) else set()
        for block in ast.walk(tree):
            if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
                block.body = []  # never run
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names} - more
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module.partition(".")[0]} - more
    assert found - allowed == set()
