"""`Interactions`: who chose what, how much, and when."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Mapping
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.types import Callback, Counts, Path, Rows

Times = npt.NDArray[np.float64]  # (entries,) seconds, or whatever was counted


class Interactions:
    """Users × items, sparse, with the keys of both; immutable.

    Parameters
    ----------
    users, items
        A `Vocabulary`, or strings, no two alike: one a row, one a column.
    matrix
        Anything that `scipy.sparse.csr_array` takes, of shape (users, items): how much each user wants each item, above
        0. Entries that stand twice are added up. A csr_array of float32 with int32 indices that rise in each row is
        taken as it is, never copied: do not write to it afterwards.
    times
        When each entry was made, shape (entries,), in the order of ``matrix.data``; None where nobody knows.
    statistics
        What was read, and what was left out; JSON-able.

    Raises
    ------
    BadInput
        The shapes do not agree; a weight is NaN, infinite, 0 or less; times for a matrix not in order.

    Examples
    --------
    >>> films = Interactions(["ann", "bob"], ["Up", "Heat", "Jaws"], [[1, 0, 2], [0, 1, 0]])
    >>> films
    Interactions(2 users × 3 items, 3 entries)
    >>> films.history("ann"), films.rows_of("ann").tolist()
    ({'Up': 1.0, 'Jaws': 2.0}, [0, 2])
    """

    __slots__ = ("_items", "_matrix", "_statistics", "_times", "_users")

    def __init__(
        self,
        users: Vocabulary | Iterable[str],
        items: Vocabulary | Iterable[str],
        matrix: Any,
        *,
        times: npt.ArrayLike | None = None,
        statistics: Mapping[str, Any] | None = None,
    ) -> None:
        given = matrix if isinstance(matrix, csr_array) else csr_array(matrix)
        if times is not None and not given.has_canonical_format:
            raise BadInput("times of a matrix whose entries are not in order: sort its rows first, and give each once.")
        compressed = _canonical(given)
        rows = users if isinstance(users, Vocabulary) else Vocabulary(users)
        columns = items if isinstance(items, Vocabulary) else Vocabulary(items)
        if compressed.shape != (len(rows), len(columns)):
            raise BadInput(
                f"{len(rows)} users and {len(columns)} items, but a matrix of shape {compressed.shape}: give one row a "
                "user and one column an item."
            )
        weights = compressed.data
        if len(weights) and not (weights.min() > 0 and np.isfinite(weights.max())):
            at = int(np.argmax(~((weights > 0) & np.isfinite(weights))))
            row = int(np.searchsorted(compressed.indptr, at, side="right")) - 1
            raise BadInput(
                f"The weight of user {rows.keys[row]!r} for item {columns.keys[int(compressed.indices[at])]!r} is "
                f"{weights[at]:g}: a weight is a number above 0. Leave out what was not wanted."
            )
        self._users, self._items, self._matrix = rows, columns, compressed
        self._times: Times | None = None
        if times is not None:
            self._times = np.ascontiguousarray(times, dtype=np.float64).view()
            if self._times.shape != weights.shape:
                raise BadInput(f"{len(weights)} entries but times of shape {self._times.shape}: give one an entry.")
            self._times.flags.writeable = False
        self._statistics = dict(statistics or {})

    @classmethod
    def of(
        cls,
        X: Any,
        *,
        user: str | int | None = None,
        item: str | int | None = None,
        weight: str | int | None = None,
        time: str | int | None = None,
        duplicates: Literal["sum", "last"] = "sum",
        header: bool | None = None,
        delimiter: str | None = None,
        callback: Callback | None = None,
    ) -> Self:
        """Interactions out of a file, a table, or anything that Python holds.

        Ids are strings or whole numbers, 42 and ``"42"`` the same one. Users and items are ordered by how many
        different ones they have of each other, then by key. What has no id or the weight 0 is left out and counted in
        `statistics`.

        Parameters
        ----------
        X
            A path to csv, tsv, json lines or Parquet (compressed text too: .gz .bz2 .xz .zst .lz4; other names are
            taken for delimited text). A table of pandas, polars or Arrow, or a dictionary of columns. Tuples (user,
            item, weight, time), or such tuples of whole columns, or tables, one after the other; weight and time may be
            left out. A mapping of users to their items, or to weights by item.
        user, item, weight, time
            Columns of a table, by name, or by number from 1 on. Users and items are looked for where they are not said
            (``userId``, ``movie_id``); without weights all are 1; times are numbers or ISO 8601 dates.
        duplicates
            What becomes of rows of the same user and item: ``"sum"`` adds weights and keeps the latest time; ``"last"``
            keeps the one of the latest time, without times the one that is read last.
        header
            Whether the first line of delimited text names the columns. By default it does, unless all columns that are
            said are said by number.
        delimiter
            One character, or ``"::"``; by default a tab for .tsv, otherwise what the first line has most of: tab,
            ``::``, comma, semicolon or bar.
        callback
            Called with the stage ``"reading"``, in bytes for files and in rows for all else.

        Raises
        ------
        BadInput
            A column is not there or stands twice; a weight is negative, NaN or no number; a time is neither a number
            nor a date; nothing is left.
        BadEncoding
            Text is not UTF-8.
        BadFile
            A file is not what its name says, or damaged.
        NoSuchFile
            There is no such file.

        Examples
        --------
        >>> films = Interactions.of({"ann": ["Up", "Heat"], "bob": ["Up"]})
        >>> films.users.keys, films.items.keys, films.items.counts.tolist()
        (['ann', 'bob'], ['Up', 'Heat'], [2, 1])
        >>> Interactions.of([("ann", "Up", 2, "2026-01-31"), ("ann", "Up", 1, "2026-01-30")]).history("ann")
        {'Up': 3.0}
        """
        from jari.ingest.interaction_names import Names
        from jari.ingest.interaction_reading import built_from

        if duplicates not in ("sum", "last"):
            raise BadInput(f"duplicates={duplicates!r} is not known: 'sum' or 'last'.")
        built = built_from(
            X,
            Names(user, item, weight, time),
            keep_last=duplicates == "last",
            header=header,
            delimiter=delimiter,
            callback=callback,
        )
        return cls(built.users, built.items, built.matrix, times=built.times, statistics=built.statistics)

    @property
    def users(self) -> Vocabulary:
        """The keys of the rows, with how many items each has where the interactions were counted."""
        return self._users

    @property
    def items(self) -> Vocabulary:
        """The keys of the columns, with how many users each has where the interactions were counted."""
        return self._items

    @property
    def matrix(self) -> csr_array[Any]:
        """Shape (users, items): float32 above 0, int32 indices that rise in each row. Do not write to it."""
        return self._matrix

    @property
    def times(self) -> Times | None:
        """When each entry was made, in the order of ``matrix.data``; or None."""
        return self._times

    @property
    def statistics(self) -> dict[str, Any]:
        """What was read, and what was left out."""
        return dict(self._statistics)

    @property
    def shape(self) -> tuple[int, int]:
        """(users, items)."""
        return len(self._users), len(self._items)

    def __len__(self) -> int:
        return int(self._matrix.nnz)

    def __repr__(self) -> str:
        users, items = self.shape
        return f"Interactions({users:,} users × {items:,} items, {len(self):,} entries)"

    def rows_of(self, user: str) -> Rows:
        """A user as a sparse vector: the columns of the items that the user has, rising, int64."""
        row = self._users.row(user)
        start, stop = self._matrix.indptr[row : row + 2]
        return np.asarray(self._matrix.indices[start:stop], dtype=np.int64)

    def users_of_items(self) -> Counts:
        """How many users have each item, counted anew, shape (items,), int64."""
        counts: Counts = np.bincount(self._matrix.indices, minlength=len(self._items))
        return counts

    def history(self, user: str) -> dict[str, float]:
        """What a user has, with the weights, in the order of the items."""
        row = self._users.row(user)
        start, stop = self._matrix.indptr[row : row + 2]
        keys = self._items.keys[self._matrix.indices[start:stop]]
        return dict(zip(keys, self._matrix.data[start:stop].tolist(), strict=True))

    def save(self, folder: Path, *, force: bool = False) -> None:
        """Keep the interactions in a folder of their own: all of it or nothing.

        Raises
        ------
        FileIsThere
            Something is there already and `force` is not given, or it is a folder with other things in it.
        """
        from jari.ingest import interactions_folder

        parts = self._users, self._items, self._matrix, self._times, self._statistics
        interactions_folder.write(pathlib.Path(folder), parts, force=force)

    @classmethod
    def open(cls, folder: Path, *, verify: bool = False) -> Self:
        """Map interactions from their folder.

        Parameters
        ----------
        verify
            Compare the checksums of all files, rather than only sizes and whether the numbers can be right.

        Raises
        ------
        NoSuchFile
            Nothing is there.
        BadFile
            Something is, but no whole folder of a version that this library reads.
        """
        from jari.ingest import interactions_folder

        users, items, matrix, times, statistics = interactions_folder.read(pathlib.Path(folder), verify=verify)
        return cls(users, items, matrix, times=times, statistics=statistics)

    def take_users(self, rows: npt.ArrayLike) -> Interactions:
        """The interactions of some users, in the order of `rows`; all items stay, and are counted anew.

        Parameters
        ----------
        rows
            Row numbers, shape (k,), no two alike.

        Raises
        ------
        BadInput
            A row stands twice, or there is no such row.

        Examples
        --------
        >>> films = Interactions(["ann", "bob"], ["Up", "Heat", "Jaws"], [[1, 0, 2], [0, 1, 0]])
        >>> films.take_users([1]).history("bob")
        {'Heat': 1.0}
        """
        chosen = np.atleast_1d(np.asarray(rows))
        if chosen.ndim != 1 or (chosen.size and chosen.dtype.kind not in "iu"):
            raise BadInput(f"Rows are whole numbers in one dimension, not {chosen.dtype} of shape {chosen.shape}.")
        chosen = chosen.astype(np.int64)
        wrong = (chosen < 0) | (chosen >= len(self._users))
        if wrong.any():
            raise BadInput(f"There is no row {chosen[wrong][0]}: rows are from 0 to {len(self._users) - 1:,}.")
        part = self._matrix[chosen]
        times = self._times
        if times is not None:
            beside = csr_array((times, self._matrix.indices, self._matrix.indptr), shape=self._matrix.shape)
            times = beside[chosen].data
        counts = np.bincount(part.indices, minlength=len(self._items))
        items = Vocabulary._trusted(self._items.arrow, counts)
        return Interactions(self._users.take(chosen), items, part, times=times, statistics=self._statistics)


def _canonical(matrix: csr_array[Any]) -> csr_array[Any]:
    """float32, indices of one type that rise in each row, each entry once."""
    if matrix.dtype != np.float32:
        matrix = matrix.astype(np.float32)
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    kind = np.int32 if matrix.nnz < 2**31 and matrix.shape[1] < 2**31 else np.int64
    if matrix.indices.dtype != kind or matrix.indptr.dtype != kind:
        parts = matrix.data, matrix.indices.astype(kind, copy=False), matrix.indptr.astype(kind, copy=False)
        matrix = csr_array(parts, shape=matrix.shape)
        matrix.has_canonical_format = True
    return matrix
