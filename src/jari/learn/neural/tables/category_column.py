"""`CategoryColumn`: a column of categories, each the row of an embedding layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.ingest.categories.names import MISSING, UNKNOWN, Names, names_of
from jari.types import Counts, Ids


@dataclass(frozen=True, slots=True, eq=False)
class CategoryColumn:
    """How the categories of a column are numbered.

    Parameters
    ----------
    name
        As the table has it.
    vocabulary
        The categories, the most frequent first, ties by name; then ``"<unknown>"``, for those that come later; then
        ``"<missing>"`` where some were missing. What is missing where nothing was, is unknown.
    dim
        How many numbers the vector of each has.
    """

    name: str
    vocabulary: Vocabulary
    dim: int

    @classmethod
    def fit(cls, name: str, values: pa.Array, *, min_count: int, dim: int | None) -> tuple[CategoryColumn, Ids]:
        """Number the categories, and the rows by them.

        Parameters
        ----------
        min_count
            Categories that are there less often are unknown ones.
        dim
            None is by how many there are: `dim_for`.

        Raises
        ------
        BadInput
            All rows are missing; no category is there often enough.
        """
        encoded = names_of(name, values).dictionary_encode()
        codes = encoded.indices.to_numpy()
        kept, of_kept, of_others = _counted(name, encoded.dictionary, np.bincount(codes), min_count)
        keys = [encoded.dictionary.take(pa.array(kept)), pa.array([UNKNOWN], pa.large_string())]
        counts = [of_kept, of_others[:1]]
        if of_others[1]:
            keys.append(pa.array([MISSING], pa.large_string()))
            counts.append(of_others[1:])
        vocabulary = Vocabulary._trusted(pa.concat_arrays(keys), np.concatenate(counts))
        rows = np.full(len(encoded.dictionary), len(kept), np.int32)
        rows[kept] = np.arange(len(kept))
        rows[_places(encoded.dictionary, MISSING)] = len(vocabulary) - 1
        return cls(name, vocabulary, dim_for(len(kept)) if dim is None else dim), rows[codes]

    @property
    def unknown(self) -> int:
        """The row of categories that were not learnt."""
        return len(self.vocabulary) - (2 if self.has_missing else 1)

    @property
    def has_missing(self) -> bool:
        """Whether what is missing has a row of its own."""
        return bool(self.vocabulary.keys[len(self.vocabulary) - 1] == MISSING)

    def encode(self, values: pa.Array) -> Ids:
        """The row of each value, shape (rows,)."""
        found = pc.index_in(names_of(self.name, values), self.vocabulary.arrow)
        rows: Ids = found.fill_null(self.unknown).to_numpy(zero_copy_only=False).astype(np.int32)
        return rows

    def described(self) -> dict[str, Any]:
        """As JSON; the vocabulary is kept with the vectors."""
        return {"kind": "categorical", "name": self.name, "dim": self.dim}


def dim_for(categories: int) -> int:
    """How many numbers a vector has where nobody says: ``1.6 n^0.56``, at most 50.

    The rule of thumb of fastai, found by trials on many tables.

    Examples
    --------
    >>> [dim_for(n) for n in (2, 12, 365, 1_000_000)]
    [2, 6, 44, 50]
    """
    return int(min(50, max(1, round(1.6 * categories**0.56))))


def _counted(name: str, names: Names, counts: Counts, min_count: int) -> tuple[Counts, Counts, Counts]:
    """Which names are categories, how often each is there, and how many rows are unknown and missing."""
    special = [_places(names, UNKNOWN), _places(names, MISSING)]
    unknown, missing = (int(counts[places].sum()) for places in special)
    counts = counts.copy()
    counts[np.concatenate(special)] = 0
    if not counts.any():
        raise BadInput(f"Column {name!r} holds no category: its {missing + unknown:,} rows are missing. Leave it out.")
    table = pa.table({"count": counts, "name": names})
    order = pc.sort_indices(table, [("count", "descending"), ("name", "ascending")]).to_numpy().astype(np.int64)
    kept = order[: int(np.count_nonzero(counts >= min_count))]
    if not len(kept):
        raise BadInput(
            f"Column {name!r}: no category is there min_count={min_count} times or more (most frequent: "
            f"{names[int(order[0])].as_py()!r}, {counts[order[0]]:,}). Lower min_count."
        )
    return kept, counts[kept], np.array([unknown + int(counts.sum() - counts[kept].sum()), missing])


def _places(names: Names, name: str) -> Counts:
    found: Counts = np.flatnonzero(pc.equal(names, name).to_numpy(zero_copy_only=False))
    return found
