"""Real text that is on every machine: the documentation strings of its Python packages.

Source files are read and parsed, never run or imported. `jari demo` learns from them.
"""

from __future__ import annotations

import ast
import gc
import importlib.util
import inspect
import os
import sysconfig
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from jari.errors import BadInput
from jari.types import Callback, Progress

PACKAGES: Final = ("python", "numpy", "scipy", "sklearn")
_LEFT_OUT = {
    "test", "tests", "testing", "conftest.py", "site-packages", "dist-packages", "idlelib", "lib2to3", "ensurepip",
    "pydoc_data", "turtledemo", "_vendor", "_pyrepl", "externals",
}  # fmt: skip
_SHORTEST = 20  # characters; below that it is "See help." and the like
_BETWEEN_REPORTS = 0.1  # seconds


def docstrings(packages: Iterable[str] | None = None, *, callback: Callback | None = None) -> Iterator[str]:
    """The documentation strings of modules, classes and functions, each one once.

    Parameters
    ----------
    packages
        Names of packages that are installed; ``"python"`` is the standard library. Packages that are not there are
        passed over. By default the standard library, numpy, scipy and scikit-learn: some 1.7 million words.
    callback
        Told how many bytes of source were read.

    Yields
    ------
    docstring
        Without the indentation that it has in the source. Those that numpy and scipy give to functions written in C, by
        calling ``add_newdoc``, are among them.

    Raises
    ------
    BadInput
        None of the packages is installed.

    Examples
    --------
    >>> any("JavaScript Object Notation" in text for text in docstrings(["json"]))
    True
    """
    names = list(PACKAGES if packages is None else packages)
    files = [file for name in names for file in _files(name)]
    if not files:
        raise BadInput(f"None of these packages is installed with its source: {', '.join(names)}.")
    sizes = [file.stat().st_size for file in files]
    total, done, told = sum(sizes), 0, 0.0
    seen: set[str] = set()
    for file, size in zip(files, sizes, strict=True):
        for text in _of_file(file):
            if text not in seen:
                seen.add(text)
                yield text
        done += size
        if callback is not None and (done == total or time.monotonic() >= told + _BETWEEN_REPORTS):
            told = time.monotonic()
            callback(Progress("reading docstrings", done, total, "bytes", {}))


def _files(package: str) -> list[Path]:
    roots: Sequence[str]
    if package == "python":
        roots = [sysconfig.get_path("stdlib")]
    else:
        try:
            spec = importlib.util.find_spec(package)  # of a package that stands by itself this imports nothing
        except (ImportError, ValueError):
            return []
        roots = [] if spec is None else list(spec.submodule_search_locations or [])
    files: list[Path] = []
    for root in roots:
        for place, folders, names in os.walk(root):
            folders[:] = sorted(name for name in folders if name not in _LEFT_OUT and not name.startswith("."))
            files += [
                Path(place, name)
                for name in sorted(names)
                if name.endswith(".py") and name not in _LEFT_OUT and not name.startswith("test_")
            ]
    return files


def _of_file(file: Path) -> list[str]:
    try:
        source = file.read_bytes()
        if b'"""' not in source and b"'''" not in source:
            return []
        with _without_cycles_sought():
            found = list(_texts(ast.parse(source)))
    except (OSError, SyntaxError, ValueError, RecursionError):  # templates and files for other versions of Python
        return []
    texts = map(inspect.cleandoc, found)
    return [text for text in texts if len(text) >= _SHORTEST and " " in text and _is_unicode(text)]


@contextmanager
def _without_cycles_sought() -> Iterator[None]:
    """A tree has no cycles, and to look for some again and again takes two fifths of the time: 4.5 s, or 2.7."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _texts(tree: ast.Module) -> Iterator[str]:
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        pending += reversed(body)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = body[0].value if body and isinstance(body[0], ast.Expr) else None
            yield from _strings([first])
        for statement in body if isinstance(node, ast.Module) else ():
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                yield from _strings(statement.value.args)


def _strings(values: Iterable[ast.expr | None]) -> Iterator[str]:
    """Those that are text of their own: of ``add_newdoc("numpy", "sin", \"\"\"…\"\"\")`` only the last."""
    for value in values:
        if isinstance(value, ast.Tuple):
            yield from _strings(value.elts)
        elif isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield value.value


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair, written as an escape
        return False
    return True
