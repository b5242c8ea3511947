"""How a server behaves: everything that `jari serve` can be told."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

LogFormat: TypeAlias = Literal["json", "text", "off"]

MOST_K = 1000
MOST_ROWS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a server behaves.

    Parameters
    ----------
    host, port
        Where it listens; port 0 is one that is free.
    token
        What a request must bring; None lets everybody in who reaches the address.
    read_only
        Nothing on disk is written, nothing is opened again.
    allow_hosts
        Names, besides those of this machine, that the Host header may hold.
    threads
        How many batches of questions are answered at a time; None for as many as there are cores.
    most_bytes, most_queries, most_requests
        Of the body of a request; in one request; at a time.
    timeout, header_timeout, body_timeout
        Seconds for an answer; for the head of a request to arrive; for its body to.
    grace
        Seconds that requests have to end once the server was told to stop.
    log
        One line a request, on standard error.
    static
        The built page; None is the one in the package.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    read_only: bool = False
    allow_hosts: tuple[str, ...] = ()
    threads: int | None = None
    most_bytes: int = 1 << 23
    most_queries: int = 256
    most_requests: int = 512
    timeout: float = 60.0
    header_timeout: float = 10.0
    body_timeout: float = 20.0
    grace: float = 10.0
    log: LogFormat = "off"
    static: Path | None = None

    def to_json(self) -> str:
        """For another process.

        Examples
        --------
        >>> Settings.from_json(Settings(port=80).to_json()) == Settings(port=80)
        True
        """
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """What `to_json` wrote."""
        given: dict[str, Any] = json.loads(text)
        static = given["static"]
        return cls(
            **given | {"allow_hosts": tuple(given["allow_hosts"]), "static": None if static is None else Path(static)}
        )
