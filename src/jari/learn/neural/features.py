"""`UserFeatures`: what is known of users besides what they chose, as sparse rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array, hstack, issparse, vstack

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.ingest.categories.columns import columns_of
from jari.ingest.categories.names import MISSING, counted, names_of
from jari.types import Rows


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of a table.

    Parameters
    ----------
    name
        As the table has it.
    categories
        The most frequent first; empty for numbers. Each gets a column; what is missing or new is in one more.
    mean, scale
        Of numbers: they are taken less their mean, in units of their standard deviation. What is missing is in one more
        column.
    """

    name: str
    categories: tuple[str, ...] = ()
    mean: float = 0.0
    scale: float = 1.0

    @property
    def width(self) -> int:
        """How many columns it gets."""
        return len(self.categories) + 1 if self.categories else 2

    def encode(self, values: Any) -> csr_array[Any]:
        """Shape (rows, width)."""
        if self.categories:
            names = names_of(self.name, values)
            found = pc.index_in(names, pa.array(self.categories, pa.large_string())).to_numpy(zero_copy_only=False)
            columns = np.where(np.isnan(found), len(self.categories), found).astype(np.int32)
            data = np.ones(len(columns), np.float32)
        else:
            numbers = _numbers(self.name, values)
            missing = np.isnan(numbers)
            columns = missing.astype(np.int32)
            data = np.where(missing, 1, (numbers - self.mean) / self.scale).astype(np.float32)
        return csr_array((data, columns, np.arange(len(columns) + 1)), shape=(len(columns), self.width))


@dataclass(frozen=True, slots=True)
class UserFeatures:
    """How features become sparse rows.

    Parameters
    ----------
    columns
        Of a table; None for a sparse matrix, whose columns are taken as they are.
    width
        How many columns the rows have, the last of which is a one for users of whom nothing is known.
    """

    columns: tuple[Feature, ...] | None
    width: int

    @classmethod
    def fit(cls, given: Any, users: Vocabulary) -> tuple[UserFeatures, csr_array[Any], int]:
        """How to encode, the rows of `users`, and how many of them have none.

        Raises
        ------
        BadInput
            A table without a column besides its keys, with a key twice or with the keys of nobody; a matrix that has
            not one row a user; numbers that are infinite.
        """
        if issparse(given):
            made = cls(None, _sparse(given).shape[1] + 1)
            return made, made.encode(given, users), 0
        keys, table = _keyed(given, users)
        made = cls(*_described(table))
        rows = _rows_of(keys, users)
        if (rows < 0).all():
            raise BadInput(
                f"The features are of none of the {len(users):,} users: the first column of the table must hold their "
                f"keys, such as {users.keys[0]!r}, and begins with {keys[0]!r}."
            )
        return made, made._placed(table, rows), int((rows < 0).sum())

    def encode(self, given: Any, users: Vocabulary) -> csr_array[Any]:
        """The rows of some users, shape (users, width); those who have none get a one in the last column."""
        if self.columns is None:
            if not issparse(given):
                raise BadInput(f"Features were learnt of a sparse matrix: give one of {self.width - 1} columns.")
            matrix = _sparse(given)
            if matrix.shape != (len(users), self.width - 1):
                raise BadInput(
                    f"Features of shape {matrix.shape}: give one row for each of the {len(users):,} users, in their "
                    f"order, and {self.width - 1} columns; or a table with their keys in its first column."
                )
            _refuse_infinite(matrix.data)
            return _beside([matrix, _sparse(np.zeros((len(users), 1)))])
        keys, table = _keyed(given, users)
        lacking = [column.name for column in self.columns if column.name not in table]
        if lacking:
            raise BadInput(f"The features lack the column {lacking[0]!r}, which was learnt. Give {self._names()}.")
        return self._placed(table, _rows_of(keys, users))

    def described(self) -> dict[str, Any]:
        """As JSON."""
        columns = None
        if self.columns is not None:
            columns = [
                {"name": one.name, "categories": list(one.categories)}
                if one.categories
                else {"name": one.name, "mean": one.mean, "scale": one.scale}
                for one in self.columns
            ]
        return {"columns": columns, "width": self.width}

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> UserFeatures:
        """Take back what `described` gave."""
        if described["columns"] is None:
            return cls(None, int(described["width"]))
        columns = tuple(
            Feature(str(one["name"]), tuple(map(str, one["categories"])))
            if "categories" in one
            else Feature(str(one["name"]), (), float(one["mean"]), float(one["scale"]))
            for one in described["columns"]
        )
        return cls(columns, sum(column.width for column in columns) + 1)

    def _names(self) -> str:
        return ", ".join(repr(column.name) for column in self.columns or ())

    def _placed(self, table: Mapping[str, Any], rows: Rows) -> csr_array[Any]:
        """The rows of a table in the order of the users: `rows` says which row is whose, -1 for none."""
        encoded = _beside([column.encode(table[column.name]) for column in self.columns or ()])
        known = rows >= 0
        # A row of zeros stands below the table's, for those who are not in it.
        padded = csr_array(vstack([encoded, csr_array((1, encoded.shape[1]), dtype=np.float32)], format="csr"))
        return _beside([padded[np.where(known, rows, encoded.shape[0])], _sparse((~known).reshape(-1, 1))])


def _sparse(given: Any) -> csr_array[Any]:
    matrix: csr_array[Any] = csr_array(given).astype(np.float32)
    return matrix


def _beside(blocks: Sequence[csr_array[Any]]) -> csr_array[Any]:
    joined: csr_array[Any] = hstack([block.astype(np.float32) for block in blocks], format="csr")
    return joined


def _keyed(given: Any, users: Vocabulary) -> tuple[Any, dict[str, Any]]:
    """The keys of a table and its columns; of a matrix, the users themselves."""
    columns = columns_of(given)
    arrays = columns.arrays()
    if not columns.named:
        rows = len(next(iter(arrays.values())))
        if rows != len(users):
            raise BadInput(
                f"Features of {rows:,} rows: give one row for each of the {len(users):,} users, in order, "
                "or a table with their keys in its first column."
            )
        return users.keys, arrays
    first, *others = arrays
    if not others:
        raise BadInput(f"The features have one column, {first!r}, which holds the users' keys. Give more columns.")
    keys = names_of(first, arrays[first])
    twice = [key for key, count in counted(keys).items() if count > 1 and key != MISSING]
    if twice:
        raise BadInput(f"The features have the user {twice[0]!r} twice, in column {first!r}. Give one row a user.")
    return keys.to_pylist(), {name: arrays[name] for name in others}


def _rows_of(keys: Any, users: Vocabulary) -> Rows:
    """Which row of the table each user has; -1 for none."""
    at = users.rows(keys, unknown="mark")
    rows = np.full(len(users), -1, np.int64)
    rows[at[at >= 0]] = np.flatnonzero(at >= 0)
    return rows


def _described(table: Mapping[str, Any]) -> tuple[tuple[Feature, ...], int]:
    features = []
    for name, values in table.items():
        if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
            numbers = _numbers(name, values)
            there = numbers[~np.isnan(numbers)]
            mean, scale = (float(there.mean()), float(there.std())) if len(there) else (0.0, 1.0)
            features.append(Feature(name, (), mean, scale if scale > 0 else 1.0))
            continue
        counts = counted(names_of(name, values))
        counts.pop(MISSING, None)
        if not counts:
            raise BadInput(f"Column {name!r} of the features holds nothing. Leave it out.")
        features.append(Feature(name, tuple(sorted(counts, key=lambda one: (-counts[one], one)))))
    return tuple(features), sum(feature.width for feature in features) + 1


def _numbers(name: str, values: Any) -> npt.NDArray[np.float64]:
    try:
        numbers: npt.NDArray[np.float64] = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowException as error:
        raise BadInput(f"Column {name!r} of the features held numbers when it was learnt: {error}.") from error
    _refuse_infinite(numbers, f" in column {name!r}")
    return numbers


def _refuse_infinite(numbers: npt.NDArray[Any], where: str = "") -> None:
    if np.isinf(numbers).any():
        raise BadInput(f"The features hold an infinite number{where}: give finite ones, and NaN where one is missing.")
