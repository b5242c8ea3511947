"""A PostgreSQL server of the tests' own: `pgserver` from PyPI brings the programs, with pgvector."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_names = itertools.count(1)


def new_name() -> str:
    """A name of a collection or a database that no other test has."""
    return f"test_{os.getpid()}_{next(_names)}"


class Server:
    """A server on 127.0.0.1; `start` and `stop` as often as needed."""

    PASSWORD = "se/cret@1"  # quoted in an address

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        self.programs, self.folder, self.user = programs, folder, user
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (folder / "password").write_text(self.PASSWORD)
        if user:
            for path in (folder, folder / "password"):
                path.chmod(0o700)
                os.chown(path, *_ids(user))
        self.run(
            "initdb", "--username=jari", "--auth=scram-sha-256", "--pwfile=password", "--encoding=UTF8", "--no-sync"
        )
        self.start()

    def run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), "--pgdata=data", *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            user=self.user,
            group=None if self.user is None else _ids(self.user)[1],
            env={"LC_ALL": "C", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr.decode()

    def start(self) -> None:
        options = f"-h 127.0.0.1 -p {self.port} -k {self.folder}"
        self.run("pg_ctl", "--wait", "--log=log", f"--options={options}", "start")

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", "--wait", f"--mode={mode}", "stop")

    def url(self, collection: str = "", *, database: str = "postgres", user: str = "jari", password: str = "") -> str:
        """The address of a collection; without a name, one that `psycopg` understands."""
        quoted = (password or self.PASSWORD).replace("/", "%2F").replace("@", "%40")
        ending = f"?collection={collection}" if collection else ""
        return f"postgresql://{user}:{quoted}@127.0.0.1:{self.port}/{database}{ending}"


def _ids(user: str) -> tuple[int, int]:
    import pwd

    entry = pwd.getpwnam(user)
    return entry.pw_uid, entry.pw_gid


def _may_run(program: Path, user: str) -> bool:
    try:
        return subprocess.run([program, "--version"], user=user, capture_output=True, check=False).returncode == 0
    except PermissionError:
        return False


def _copied(programs: Path, folder: Path) -> Path:
    """The programs and the libraries that they find beside them, where anybody may run them."""
    packages = programs.parents[2]
    for part in ("pgserver/pginstall", "pgserver.libs"):
        shutil.copytree(packages / part, folder / "programs" / part, symlinks=True)
    folder.chmod(0o755)
    return folder / "programs" / "pgserver" / "pginstall" / "bin"


@contextmanager
def running() -> Iterator[Server]:
    """A server until the end of the block; skips the test where there is none to be had."""
    for package in "psycopg", "pgvector":
        pytest.importorskip(package)
    found = importlib.util.find_spec("pgserver")  # not imported: that makes folders and locks for servers of its own
    if found is None or found.origin is None:
        pytest.skip("pgserver is not installed: pip install pgserver")
    programs = Path(found.origin).parent / "pginstall" / "bin"
    # PostgreSQL refuses to run as root. pgserver's own way is to make a user of the system; nobody is there already.
    user = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="jari-postgres-", ignore_cleanup_errors=True) as folder:
        if user is not None and not _may_run(programs / "initdb", user):  # they lie in a folder of root's own
            programs = _copied(programs, Path(folder))
        server = Server(programs, Path(folder), user)
        try:
            yield server
        finally:
            server.stop("immediate")
