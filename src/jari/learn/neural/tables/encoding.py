"""`TableEncoding`: a table as arrays, each column in the way that suits it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import csr_array

from jari.embedding import Embedding
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.ingest.column_kinds import kind_of
from jari.ingest.tokenizers import Tokenizer
from jari.learn.neural.tables.category_column import CategoryColumn
from jari.learn.neural.tables.number_columns import NumberColumn
from jari.learn.neural.tables.text_column import TextColumn
from jari.types import Matrix

KINDS = ("categorical", "numeric", "text")

Arrays: TypeAlias = Mapping[str, pa.Array]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a user says of the columns; the names are those of `EntityEmbedder`'s parameters.

    Parameters
    ----------
    kinds
        The kind of each column that is named.
    closed
        Kinds whose columns are all named: none is found by looking.
    """

    kinds: Mapping[str, str]
    closed: tuple[str, ...]
    dims: int | Mapping[str, int] | None
    text_dim: int
    pretrained: Mapping[str, Embedding]
    min_count: int
    tokenizer: str | Tokenizer
    max_vocabulary: int | None
    bins: int

    def dim(self, name: str, kind: str) -> int | None:
        """How many numbers a vector of this column has; None is by rule."""
        if name in self.pretrained:
            return self.pretrained[name].dim
        named, others = (self.dims, None) if isinstance(self.dims, Mapping) else ({}, self.dims)
        dim = named.get(name, self.text_dim if kind == "text" else others)
        return None if dim is None else int(dim)

    def vectors_of(self) -> dict[str, str]:
        """The columns of whose vectors something is said, and in which parameter."""
        dims = dict.fromkeys(self.dims, "dims") if isinstance(self.dims, Mapping) else {}
        return dims | dict.fromkeys(self.pretrained, "pretrained")


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """The rows of a table as arrays.

    Parameters
    ----------
    ids
        Shape (rows, categorical columns), int32.
    numbers
        Shape (rows, numeric columns), NaN where one is missing.
    bags
        One a text column, shape (rows, words).
    """

    ids: npt.NDArray[np.int32]
    numbers: Matrix
    bags: tuple[csr_array[Any], ...]

    def __len__(self) -> int:
        return len(self.ids)

    def slice(self, start: int, stop: int) -> Encoded:
        """Some rows."""
        return Encoded(self.ids[start:stop], self.numbers[start:stop], tuple(bag[start:stop] for bag in self.bags))


@dataclass(frozen=True, slots=True, eq=False)
class TableEncoding:
    """How the columns of a table become arrays.

    Parameters
    ----------
    categories, numbers, texts
        The columns of each kind, in the order of the table.
    unused
        Columns that were there and are not learnt from, and why: ``"identifier"``, ``"constant"``, ``"nothing"``.
    """

    categories: tuple[CategoryColumn, ...]
    numbers: tuple[NumberColumn, ...]
    texts: tuple[TextColumn, ...]
    unused: Mapping[str, str]

    @classmethod
    def fit(cls, table: Arrays, choices: Choices, *, named: bool) -> tuple[TableEncoding, Encoded]:
        """Find out what each column is, and encode it.

        Parameters
        ----------
        named
            Whether the columns have names of their own. A column without one is taken as its type says.

        Raises
        ------
        BadInput
            A column that was named is not there; one cannot be what it was said to be, or has no vectors where some are
            given or sized; nothing is left to learn from.
        """
        kinds = _kinds(table, choices, named=named)
        categories, ids, numbers, values, texts, bags = [], [], [], [], [], []
        for name, kind in kinds.items():
            if kind == "categorical":
                known = CategoryColumn.fit(name, table[name], min_count=choices.min_count, dim=choices.dim(name, kind))
                categories.append(known[0])
                ids.append(known[1])
            elif kind == "numeric":
                scaled = NumberColumn.fit(name, table[name], choices.bins)
                numbers.append(scaled[0])
                values.append(scaled[1])
            elif kind == "text":
                text = TextColumn.fit(
                    name,
                    table[name],
                    vocabulary=choices.pretrained[name].vocabulary if name in choices.pretrained else None,
                    dim=choices.dim(name, kind) or choices.text_dim,
                    tokenizer=choices.tokenizer,
                    min_count=max(2, choices.min_count),
                    max_vocabulary=choices.max_vocabulary,
                )
                texts.append(text[0])
                bags.append(text[1])
        unused = {name: kind for name, kind in kinds.items() if kind not in KINDS}
        if not (categories or numbers or texts):
            raise BadInput(
                f"No column is left to learn from ({_said(unused)}). Name some: categorical=, numeric=, text=."
            )
        made = cls(tuple(categories), tuple(numbers), tuple(texts), unused)
        pa.default_memory_pool().release_unused()  # what numbering took, before large layers are made
        return made, _encoded(len(next(iter(table.values()))), ids, values, bags)

    @property
    def columns(self) -> list[CategoryColumn | NumberColumn | TextColumn]:
        """Those that are learnt from, by kind."""
        return [*self.categories, *self.numbers, *self.texts]

    @property
    def embedded(self) -> list[CategoryColumn | TextColumn]:
        """The columns that have vectors: of categories, then of words."""
        return [*self.categories, *self.texts]

    @property
    def names(self) -> list[str]:
        """The columns that are learnt from."""
        return [column.name for column in self.columns]

    def encode(self, table: Arrays) -> Encoded:
        """The rows of another table.

        Raises
        ------
        BadInput
            A column is missing, or there is one that was not there when it was learnt.
        """
        self._refuse_others(table)
        return _encoded(
            len(next(iter(table.values()))),
            [column.encode(table[column.name]) for column in self.categories],
            [column.encode(table[column.name]) for column in self.numbers],
            [column.encode(table[column.name]) for column in self.texts],
        )

    def _refuse_others(self, table: Arrays) -> None:
        lacking = [name for name in self.names if name not in table]
        if lacking:
            raise BadInput(
                f"The table has no column {lacking[0]!r}, which was learnt from"
                f"{_and_others(lacking)}. The columns that are there: {', '.join(map(repr, table))}."
            )
        known = {*self.names, *self.unused}
        others = [name for name in table if name not in known]
        if others:
            raise BadInput(
                f"The table has a column {others[0]!r}, which was not there when it was learnt{_and_others(others)}. "
                "Leave it out: what it says would not be looked at."
            )

    def described(self) -> dict[str, Any]:
        """As JSON, without vocabularies and weights of words."""
        return {
            "columns": [column.described() for column in self.columns],
            "unused": dict(self.unused),
        }

    @classmethod
    def of(
        cls,
        said: Mapping[str, Any],
        vocabularies: Mapping[str, Vocabulary],
        idf: Mapping[str, npt.NDArray[np.float32]],
    ) -> TableEncoding:
        """Take back what `described` gave.

        Parameters
        ----------
        vocabularies
            Of categories and words, by column.
        idf
            Of words, by column.
        """
        parts: dict[str, list[Any]] = {kind: [] for kind in KINDS}
        for one in said["columns"]:
            name = str(one["name"])
            if one["kind"] == "numeric":
                made: Any = NumberColumn.of(one)
            elif one["kind"] == "categorical":
                made = CategoryColumn(name, vocabularies[name], int(one["dim"]))
            else:
                made = TextColumn(name, vocabularies[name], idf[name], int(one["dim"]), one["tokenizer"])
            parts[one["kind"]].append(made)
        categories, numbers, texts = (tuple(parts[kind]) for kind in KINDS)
        return cls(categories, numbers, texts, {str(name): str(why) for name, why in said["unused"].items()})


def _kinds(table: Arrays, choices: Choices, *, named: bool) -> dict[str, str]:
    for name in (*choices.kinds, *choices.vectors_of()):
        if name not in table:
            meant = Vocabulary(list(table)).nearest_spellings(name, k=1)
            hint = f" Did you mean {meant[0]!r}?" if meant else ""
            raise BadInput(
                f"There is no column {name!r}.{hint} The columns that are there: {', '.join(map(repr, table))}."
            )
    found = {}
    for name, values in table.items():
        if name in choices.kinds:
            found[name] = choices.kinds[name]
            continue
        kind = str(kind_of(name, values))
        if not named and kind in ("identifier", "constant", "nothing"):
            kind = "numeric" if pa.types.is_integer(values.type) or pa.types.is_floating(values.type) else "categorical"
        found[name] = "not named" if kind in choices.closed else kind
    for name, parameter in choices.vectors_of().items():
        if found[name] not in ("categorical", "text", "constant", "nothing"):
            raise BadInput(
                f"{parameter}= is for the vectors of column {name!r}, and it has none ({found[name]}): name it in "
                "categorical= or text=."
            )
    return found


def _encoded(rows: int, ids: Sequence[Any], numbers: Sequence[Any], bags: Sequence[Any]) -> Encoded:
    return Encoded(
        np.column_stack(ids) if ids else np.empty((rows, 0), np.int32),
        np.column_stack(numbers) if numbers else np.empty((rows, 0), np.float32),
        tuple(bags),
    )


def _and_others(names: Sequence[str]) -> str:
    return f", nor {len(names) - 1} more" if len(names) > 1 else ""


def _said(unused: Mapping[str, str]) -> str:
    return ", ".join(f"{name!r}: {why}" for name, why in unused.items()) or "there is none"
