"""What a person gives as interactions, as columns: files, tables, rows, chunks of rows, baskets."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, Final

import numpy as np
import pyarrow as pa
from scipy import sparse

from jari.errors import BadInput
from jari.ingest.interaction_building import Building, Built
from jari.ingest.interaction_columns import ROLES, Columns, is_array, is_column
from jari.ingest.interaction_files import InteractionFile
from jari.ingest.interaction_names import Names, guessed
from jari.ingest.resources import Report
from jari.types import Callback

_ROWS: Final = 1 << 16  # gathered before they are looked at
_NO_ITEMS: Final = "no items"


def built_from(
    X: Any, names: Names, *, keep_last: bool, header: bool | None, delimiter: str | None, callback: Callback | None
) -> Built:
    """Everything that `X` holds; see `Interactions.of`."""
    building = Building(keep_last=keep_last)
    if isinstance(X, str | os.PathLike):
        file = InteractionFile(os.fspath(X), names, header, delimiter)
        report = Report(callback, "reading", file.size(), "bytes")
        found = _ahead(file.read())
    else:
        if header is not None or delimiter is not None:
            raise BadInput("header= and delimiter= are for files of delimited text.")
        total = len(X) if isinstance(X, pa.Table) or _is_table(X) else None
        report = Report(callback, "reading", total, "rows")
        found = _columns(X, names, building.left_out)
    used: dict[str, str] = {}
    with closing(found):
        for columns in found:
            building.add(columns)
            used = {role: columns.names[role] for role in columns.names}
            report(columns.position or building.rows)
    report.end()
    built = building.build()
    if used:
        built.statistics["columns"] = used
    return built


def _ahead(found: Generator[Columns, None, None]) -> Generator[Columns, None, None]:
    """The same; the next is read by another thread in the meantime. Only files: an iterable may mind who asks it."""
    with closing(found), ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, found, None)
        while (columns := coming.result()) is not None:
            coming = reader.submit(next, found, None)
            yield columns


def _columns(X: Any, names: Names, left_out: Counter[str]) -> Generator[Columns, None, None]:
    if sparse.issparse(X):
        raise BadInput(f"A {type(X).__name__} has no ids: give Interactions(users, items, matrix).")
    if _is_table(X):
        yield from _of_table(X, names, 0)
    elif isinstance(X, Mapping):
        if names.given() or (guessed(list(map(str, X))) and all(map(is_column, X.values()))):
            yield from _of_table(X, names, 0)
        else:
            yield from _of_baskets(X, left_out)
    elif isinstance(X, tuple) and 2 <= len(X) <= 4 and all(map(is_array, X)):
        yield _of_chunk(X, names, 0)
    elif isinstance(X, np.ndarray) and X.ndim == 2:
        yield _of_chunk(tuple(X.T), names, 0)
    elif isinstance(X, Iterable) and not isinstance(X, bytes | bytearray | np.ndarray):
        yield from _of_iterable(X, names)
    else:
        raise BadInput(
            f"There are no interactions in {X!r:.40} ({type(X).__name__}). Give a path, a table, tuples (user, item, "
            "weight, time) or a mapping of users to their items."
        )


def _is_table(given: Any) -> bool:
    return (hasattr(given, "__arrow_c_stream__") and not is_array(given)) or isinstance(given, pa.RecordBatch)


def _of_table(given: Any, names: Names, first: int) -> Iterator[Columns]:
    """A table of Arrow, pandas, polars, or of a dictionary of columns."""
    there = list(given) if isinstance(given, Mapping) else _names_of(given)
    places = names.places(there, "The table")
    chosen = {role: there[place] for role, place in places.items()}
    called = {role: str(name) for role, name in chosen.items()}
    if isinstance(given, Mapping):
        for role, name in chosen.items():
            if not is_column(given[name]) and not isinstance(given[name], tuple):
                raise BadInput(f"{name!r} of the table holds {given[name]!r:.40}, which is no column of {role}s.")
        yield Columns({role: given[name] for role, name in chosen.items()}, "", called, first)
        return
    if isinstance(given, pa.RecordBatch):
        yield Columns({role: given.column(place) for role, place in places.items()}, "", called, first)
        return
    if hasattr(given, "columns") and not isinstance(given, pa.Table):
        given = given[list(chosen.values())]  # pandas and polars: others might be of types that Arrow does not know
        places = {role: at for at, role in enumerate(places)}
    try:
        reader = pa.RecordBatchReader.from_stream(given)
    except pa.ArrowException:  # pandas, with objects of several kinds in a column
        yield Columns({role: list(given[name]) for role, name in chosen.items()}, "", called, first)
        return
    for batch in reader:
        yield Columns({role: batch.column(place) for role, place in places.items()}, "", called, first)
        first += batch.num_rows


def _names_of(table: Any) -> list[str]:
    if hasattr(table, "columns") and not isinstance(table, pa.Table | pa.RecordBatch):
        return list(table.columns)
    schema = table.schema if hasattr(table, "schema") else pa.schema(table)
    return list(schema.names)


def _of_chunk(chunk: Any, names: Names, first: int) -> Columns:
    _refuse_names(names)
    if not 2 <= len(chunk) <= 4:
        raise BadInput(f"A chunk is (users, items), with weights, with times, not {len(chunk)} columns.")
    return Columns(dict(zip(ROLES, chunk, strict=False)), first=first)


def _of_iterable(given: Iterable[Any], names: Names) -> Iterator[Columns]:
    rows: list[Any] = []
    first = 0
    for one in given:
        if isinstance(one, tuple | list) and one and not is_column(one[0]):
            rows.append(one)
            if len(rows) == _ROWS:
                yield _of_rows(rows, names, first)
                rows, first = [], first + len(rows)
            continue
        if rows:
            yield _of_rows(rows, names, first)
            rows, first = [], first + len(rows)
        if isinstance(one, tuple | list) and one:
            chunks = iter([_of_chunk(one, names, first)])
        elif isinstance(one, Mapping) or _is_table(one):
            chunks = _of_table(one, names, first)
        else:
            raise BadInput(
                f"Row {first + 1:,} is {one!r:.40} ({type(one).__name__}): give tuples (user, item, weight, time), of "
                "which the last two may be left out, or of whole columns, or tables."
            )
        for columns in chunks:
            yield columns
            first = columns.first + len(columns)
    if rows:
        yield _of_rows(rows, names, first)


def _of_rows(rows: list[Any], names: Names, first: int) -> Columns:
    _refuse_names(names)
    length = len(rows[0])
    for at, row in enumerate(rows):
        if len(row) != length or not 2 <= length <= 4:
            rule = "a row is (user, item), with a weight, with a time, and all are of one length."
            raise BadInput(f"Row {first + at + 1:,} is {row!r:.60}: {rule}")
    return Columns(
        {role: list(column) for role, column in zip(ROLES, zip(*rows, strict=True), strict=False)}, first=first
    )


def _of_baskets(baskets: Mapping[Any, Any], left_out: Counter[str]) -> Iterator[Columns]:
    users: list[Any] = []
    items: list[Any] = []
    weights: list[Any] = []
    first = 0
    for user, basket in baskets.items():
        if isinstance(basket, str | bytes) or not isinstance(basket, Iterable):
            raise BadInput(
                f"The items of user {user!r:.40} are {basket!r:.40}: give a list of items, or their weights."
            )
        chosen = list(basket)
        users += [user] * len(chosen)
        items += chosen
        weights += basket.values() if isinstance(basket, Mapping) else [1] * len(chosen)
        if not chosen:
            left_out[_NO_ITEMS] += 1
        if len(users) >= _ROWS:
            yield Columns({"user": users, "item": items, "weight": weights}, first=first)
            users, items, weights, first = [], [], [], first + len(users)
    yield Columns({"user": users, "item": items, "weight": weights}, first=first)


def _refuse_names(names: Names) -> None:
    given = names.given()
    if given:
        said = ", ".join(f"{role}={name!r}" for role, name in given.items())
        raise BadInput(f"{said} names columns of a table; tuples have their places: (user, item, weight, time).")
