"""Where a collection is, as one string: a folder, ``postgresql://…``, ``qdrant://…``."""

from __future__ import annotations

import os
import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

from jari.errors import BadInput
from jari.search.store import Store
from jari.types import Path

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):(//)?")  # two letters at least: C: is a disk
_POSTGRES: Final = ("postgresql", "postgres")
_QDRANT: Final = ("qdrant", "qdrants", "qdrant+local")


def open_store(place: Path) -> Store:
    """The store at a place; whether a collection is there already, `Store.about` says.

    Parameters
    ----------
    place
        A folder, for LanceDB; ``postgresql://user@host/database``; ``qdrant://host:6333/name``, or ``qdrants://`` by
        https; or ``qdrant+local::memory:``, Qdrant without a server, to try things: it is gone when it is closed.

    Raises
    ------
    BadInput
        It is a place of no kind that is known.
    ExtraMissing
        The database's package is not installed.

    Examples
    --------
    >>> open_store("mysql://localhost/library")
    Traceback (most recent call last):
    jari.errors.BadInput: There is no store for 'mysql://…'. Give a folder, postgresql://… or qdrant://…
    """
    where = os.fspath(place)
    if not where:
        raise BadInput("The place of a collection is empty: give a folder, postgresql://… or qdrant://…")
    kind = kind_of(place)
    if kind == "postgres":
        from jari.search.stores.postgres import PostgresStore

        return PostgresStore(where)
    if kind == "qdrant":
        from jari.search.stores.qdrant import QdrantStore

        return QdrantStore(where)
    from jari.search.stores.lancedb_store import LanceStore

    return LanceStore(where)


def kind_of(place: Path) -> str:
    """``"folder"``, ``"postgres"`` or ``"qdrant"``: what a place is of; raises `BadInput` where it is none of them.

    Examples
    --------
    >>> kind_of("library/"), kind_of("postgresql://localhost/library")
    ('folder', 'postgres')
    """
    found = None if isinstance(place, os.PathLike) else _SCHEME.match(place)
    if found is None:
        return "folder"
    scheme = found[1].lower()
    if scheme in _POSTGRES:
        return "postgres"
    if scheme in _QDRANT:
        return "qdrant"
    if found[2]:
        raise BadInput(f"There is no store for '{found[1]}://…'. Give a folder, postgresql://… or qdrant://…")
    return "folder"


def shown(place: Path) -> str:
    """A place for people to read: an address without user and password.

    Examples
    --------
    >>> shown("postgresql://me:secret@db.example:5432/texts?collection=news&password=secret")
    'postgresql://db.example:5432/texts?collection=news'
    """
    where = os.fspath(place)
    if kind_of(place) == "folder" or "://" not in where:
        return where
    scheme = where.partition("://")[0]
    try:
        parts = urlsplit(where)
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return f"{scheme}://…"
    if "@" in parts.path + parts.query + parts.fragment:  # a password may have come to stand there
        return f"{scheme}://…"
    name = parse_qs(parts.query).get("collection")
    return f"{scheme}://{parts.hostname or ''}{port}{parts.path}{f'?collection={name[0]}' if name else ''}"
