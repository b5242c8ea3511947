"""`Connection`: a connection to PostgreSQL that comes back when it was lost, and its address."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from jari.errors import BadInput, ServerDown
from jari.extras import require
from jari.search.stores.retry import patiently

T = TypeVar("T")
Link = Any  # psycopg.Connection: psycopg is not there for everyone
_UNREADABLE: Final = (
    "The address of the PostgreSQL store cannot be read: it is not shown, for it may hold a password. It must be like "
    "postgresql://user:password@host:5432/database?collection=name, with %2F, %40, %3A for / @ : in a password."
)


def parse(url: str) -> tuple[str, str]:
    """What libpq takes, and the name of the collection, which only we know of; ``"jari"`` where none is given.

    Examples
    --------
    >>> parse("postgresql://me@localhost/library?sslmode=require&collection=wiki")
    ('postgresql://me@localhost/library?sslmode=require', 'wiki')
    >>> parse("postgresql://me@localhost/library")
    ('postgresql://me@localhost/library', 'jari')
    """
    address, _, query = url.partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    name = options.pop("collection", "jari")
    if options:
        address += "?" + urlencode(options, quote_via=quote)
    return address, name


class Connection:
    """A connection that is made again once when the server was away.

    Parameters
    ----------
    address
        ``postgresql://user@host:port/database``, or whatever else libpq understands.
    wait
        Seconds to wait for a server that does not answer.

    Raises
    ------
    BadInput
        The address cannot be read, or the server refuses: a wrong password, no such database.
    ServerDown
        The server does not answer.
    """

    def __init__(self, address: str, wait: float) -> None:
        self._psycopg = require("psycopg", extra="postgres")
        self._vectors = require("pgvector.psycopg", extra="postgres")
        self._address, self._wait = address, wait
        self._lock = threading.RLock()  # of transactions; psycopg itself locks single statements only
        self.server = self._named()
        self._link: Link = self._connected()
        self._lost = False

    def _named(self) -> str:
        """The server for people: never with the password, never with what may be a part of one."""
        psycopg = self._psycopg
        try:
            given = psycopg.conninfo.conninfo_to_dict(self._address)
        except psycopg.Error:
            raise BadInput(_UNREADABLE) from None  # libpq's own words show parts of the address
        for option in psycopg.pq.Conninfo.get_defaults():  # PGHOST and PGPORT among them
            if option.val is not None:
                given.setdefault(option.keyword.decode(), option.val.decode())
        host, port = given.get("host") or given.get("hostaddr") or "localhost", str(given.get("port") or 5432)
        if not all(one.isascii() and one.isdigit() for one in port.split(",")) or "@" in str(given.get("dbname")):
            raise BadInput(_UNREADABLE)
        self._timeout = given.get("connect_timeout") or max(2, math.ceil(self._wait))
        return f"PostgreSQL at {host}:{port}"

    def _connected(self) -> Link:
        psycopg = self._psycopg

        def connect() -> Link:
            return psycopg.connect(
                self._address,
                autocommit=True,
                prepare_threshold=None,  # a pool such as PgBouncer may stand between
                connect_timeout=self._timeout,
                client_encoding="utf8",
                fallback_application_name="jari",
            )

        def why(error: Exception) -> str | None:
            if not isinstance(error, psycopg.OperationalError):
                return None
            # Not by its words, which come in the language of the server: a server that answers a ping refuses us.
            if psycopg.pq.PGconn.ping(self._address.encode()) in (psycopg.pq.Ping.OK, psycopg.pq.Ping.NO_ATTEMPT):
                try:
                    connect().close()  # it may have come up since
                except psycopg.OperationalError as again:
                    raise BadInput(f"{self.server} refuses: {in_short(again)}. Check the address.") from None
            return in_short(error)

        link = patiently(connect, server=self.server, why=why, wait=self._wait)
        link.isolation_level = psycopg.IsolationLevel.READ_COMMITTED  # whatever the server's default: see `change`
        self._learn_vectors(link)
        return link

    def _learn_vectors(self, link: Link) -> None:
        with suppress(self._psycopg.ProgrammingError):  # the extension is not there yet: no collection is either
            self._vectors.register_vector(link)

    def learn_vectors(self) -> None:
        """Have arrays passed as vectors; to be called once the extension was made."""
        self._learn_vectors(self._link)

    def read(self, work: Callable[[Link], T]) -> T:
        """What `work` answers, which changes nothing; a second time where the connection was lost."""
        with self._lock:
            try:
                return work(self._link)
            except self._psycopg.OperationalError:
                if not self._is_lost():
                    raise
            self._reconnect()
            return work(self._link)

    def change(self, work: Callable[[Link], T]) -> T:
        """What `work` answers, in one transaction; a second time where the connection was lost before its end.

        The isolation is READ COMMITTED: each statement sees what others committed before it. Work that relies on what
        it reads locks a row first, so that writers come one after the other.

        Raises
        ------
        ServerDown
            The connection was lost at the end, when it is not known whether the server still did it.
        """
        with self._lock:
            ending = False

            def attempt() -> T:
                nonlocal ending
                with self._link.transaction():
                    answer = work(self._link)
                    ending = True
                return answer

            try:
                return attempt()
            except self._psycopg.OperationalError as error:
                if not self._is_lost():
                    raise
                if ending:
                    raise ServerDown(
                        f"{self.server} went away at the end of a write ({in_short(error)}): whether it was done is "
                        "not known. Look, or write it again with replace."
                    ) from error
            self._reconnect()
            return attempt()

    def _is_lost(self) -> bool:
        """Whether the connection is of no use any more, though nobody closed the store."""
        self._lost = self._lost or self._link.broken
        return bool(self._lost)

    def _reconnect(self) -> None:
        self._link.close()
        self._link = self._connected()
        self._lost = False

    def close(self) -> None:
        """Let go of the connection."""
        self._lost = False
        self._link.close()


def in_short(error: Exception) -> str:
    """What libpq or the server says, without what we say better."""
    line = next((one.strip() for one in str(error).splitlines() if one.strip()), type(error).__name__)
    for before in "failed: ", "FATAL: ":
        line = line.rpartition(before)[2].strip() or line
    return line.rstrip(".")
