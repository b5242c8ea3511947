"""`CategoryEncoder`: what all encoders of categories have in common.

Importing this imports scikit-learn, whose conventions and encoders these are; `import jari` does not.
"""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.preprocessing import OrdinalEncoder

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput, NotLearntYet
from jari.ingest.categories.columns import columns_of
from jari.ingest.categories.names import MISSING, UNKNOWN, Names, as_given, counted, names_of, original_type
from jari.types import Rows

_ABSENT = -1  # what scikit-learn answers for a name that is in no row


class CategoryEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # mypy knows nothing of scikit-learn
    """Columns of categories to numbers, by scikit-learn's encoders; the base of those that say how.

    Each column gets a `Vocabulary` of n + 2 keys: the n categories in rows 0 to n - 1, then `UNKNOWN` for categories
    that `fit` has not seen, then `MISSING`. An embedding with this vocabulary has a row for every id of the column.

    Attributes
    ----------
    vocabularies_ : dict of str to Vocabulary
        One a column, with how often each category was there.
    encoders_ : dict of str to sklearn.preprocessing.OrdinalEncoder
        What finds the rows, one a column.
    feature_names_in_ : ndarray of str
        The columns, where the table had names.
    n_features_in_ : int
        How many columns.
    """

    columns: Sequence[str] | None
    min_count: int
    unknown: str
    missing: str

    _policies: tuple[str, ...] = ("row", "raise")

    def check(self) -> None:
        """Look at every parameter, as `fit` does before it reads the table.

        Raises
        ------
        BadInput
            A parameter out of its range.
        """
        for name in ("unknown", "missing"):
            if getattr(self, name) not in self._policies:
                choices = " or ".join(map(repr, self._policies))
                raise BadInput(f"{name}={getattr(self, name)!r}: choose {choices}.")
        if isinstance(self.columns, str):
            raise BadInput(f"columns={self.columns!r}: give a list of names, such as [{self.columns!r}].")
        if self.columns is not None and (not len(self.columns) or len(set(self.columns)) < len(self.columns)):
            raise BadInput(f"columns={list(self.columns)!r}: name one column or more, each once; None is all of them.")
        least = getattr(self, "min_count", 1)
        if type(least) is bool or not isinstance(least, numbers.Integral) or int(least) < 1:
            raise BadInput(f"min_count={least!r}: a category is seen once or more. Give a whole number, 1 or more.")
        if int(least) > 1 and self.unknown == "raise":
            raise BadInput(
                f"min_count={least} puts rarer categories in the row of unknown ones, and unknown='raise' refuses "
                "them: choose one of the two."
            )

    def fit(self, X: Any, y: Any = None) -> Self:
        """Number the categories of each column, forgetting what was learnt before.

        Parameters
        ----------
        X
            A table of pandas, polars or Arrow, a dict of columns, a NumPy array of one or two dimensions, or a list:
            one column, one value a row. None, NaN, NA and null are missing, and so is an empty string, which in csv is
            the same; spaces are not.
        y
            Not used.

        Raises
        ------
        BadInput
            A parameter out of its range; a table without rows; a column without categories, or of mixed types.
        """
        self.check()
        table = columns_of(X)
        chosen = self._chosen()
        table = table if chosen is None else table.chosen(chosen)
        arrays = table.arrays()
        if not all(map(len, arrays.values())):
            raise BadInput("The table has no rows: there are no categories to number. Give one row or more.")
        self.vocabularies_: dict[str, Vocabulary] = {}
        self.encoders_: dict[str, OrdinalEncoder] = {}
        self._kinds = {}
        for name, values in arrays.items():
            names, rows = self._names(name, values)
            self._refuse_missing(name, names, rows)
            vocabulary = self._vocabulary(name, values, names, rows)
            self.vocabularies_[name] = vocabulary
            self.encoders_[name] = OrdinalEncoder(
                categories=[_objects(vocabulary.arrow)],
                dtype=np.int64,
                handle_unknown="use_encoded_value",
                unknown_value=_ABSENT,
            ).fit(np.array([[MISSING]], dtype=object))
            self._kinds[name] = original_type(values, many=self._many)
        self.n_features_in_ = len(arrays)
        self.__dict__.pop("feature_names_in_", None)
        if table.named:
            self.feature_names_in_ = np.array(list(arrays), dtype=object)
        return self

    @property
    def vocabulary_(self) -> Vocabulary:
        """The vocabulary of the only column.

        Raises
        ------
        BadInput
            There are several columns.
        """
        of_columns = self._learnt()
        if len(of_columns) > 1:
            raise BadInput(
                f"{len(of_columns)} columns: ask for vocabularies_[{next(iter(of_columns))!r}] and the like."
            )
        return next(iter(of_columns.values()))

    def unseen(self, X: Any) -> dict[str, dict[str, int]]:
        """Count what `transform` puts in the row of unknown categories, for each column, the most frequent first.

        Examples
        --------
        >>> from jari.ingest.categories import LabelCategories
        >>> LabelCategories().fit(["red", "blue"]).unseen(["red", "green", "green", None])
        {'x0': {'green': 2}}
        """
        found = {}
        for name, values in self._lined_up(X).items():
            counts = counted(self._names(name, values)[0])
            ids = self._found(name, list(counts))
            unknown = [one for one, row in zip(counts, ids, strict=True) if row == self._unknown_row(name)]
            found[name] = {one: counts[one] for one in sorted(unknown, key=lambda one: (-counts[one], one))}
        return found

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = tags.input_tags.string = tags.input_tags.allow_nan = True
        tags.input_tags.one_d_array = True
        return tags

    # ── what the encoders that say how may do otherwise

    _many = False  # whether a cell holds many categories

    def _names(self, name: str, values: Any) -> tuple[Names, Rows]:
        """The names in a column, and the row of each."""
        names = names_of(name, values)
        return names, np.arange(len(names))

    def _chosen(self) -> Sequence[str] | None:
        """The columns to encode; None for all."""
        return self.columns

    def _categories(self, name: str, values: Any, counts: dict[str, int]) -> list[str]:
        """The categories in the order of their rows: the most frequent first, ties by name."""
        kept = [(-count, one) for one, count in counts.items() if count >= self.min_count]
        return [one for _, one in sorted(kept)]

    def _refuse_strangers(self, name: str, names: Names, rows: Rows, categories: list[str]) -> None:
        """Whether `fit` takes categories that get no row of their own."""

    # ── what they share

    def _vocabulary(self, name: str, values: Any, names: Names, rows: Rows) -> Vocabulary:
        counts = counted(names)
        missing, unknown = counts.pop(MISSING, 0), counts.pop(UNKNOWN, 0)
        if not counts:
            raise BadInput(
                f"Column {name!r} holds no category: its {len(values):,} rows are missing or empty. Leave it out."
            )
        categories = self._categories(name, values, counts)
        if not categories:
            most = max(counts, key=lambda one: counts[one])
            raise BadInput(
                f"Column {name!r}: no category is there min_count={self.min_count} times or more (most frequent: "
                f"{most!r}, {counts[most]:,}). Lower min_count."
            )
        self._refuse_strangers(name, names, rows, categories)
        seen = [counts.pop(one, 0) for one in categories]
        return Vocabulary([*categories, UNKNOWN, MISSING], [*seen, unknown + sum(counts.values()), missing])

    def _learnt(self) -> dict[str, Vocabulary]:
        if "vocabularies_" not in self.__dict__:
            raise NotLearntYet(f"This {type(self).__name__} has learnt nothing yet. Call fit first.")
        return self.vocabularies_

    def _lined_up(self, X: Any) -> dict[str, Any]:
        """The columns that `fit` saw: by name where both tables have names, else by place."""
        names = list(self._learnt())
        table = columns_of(X)
        if table.named and hasattr(self, "feature_names_in_"):
            chosen = table.chosen(names).arrays()
            more = [name for name in table.given if name not in names]
            if more and self._chosen() is None:
                raise BadInput(
                    f"Column {more[0]!r} was not there when fit was called. Leave it out, or choose by columns=."
                )
            return chosen
        if len(table.given) != len(names):
            raise BadInput(
                f"{len(table.given)} columns, but fit was called with {len(names)} ({', '.join(map(repr, names))}): "
                "give as many, in the same order."
            )
        return dict(zip(names, table.arrays().values(), strict=True))

    def _ids(self, name: str, values: Any) -> tuple[Rows, Rows]:
        """The id of each name in a column, and the row of the table that holds it."""
        names, rows = self._names(name, values)
        self._refuse_missing(name, names, rows)
        encoded = names.dictionary_encode()  # so that each distinct name is looked up once
        distinct = self._found(name, encoded.dictionary)
        ids = distinct[encoded.indices.to_numpy(zero_copy_only=False)]
        if self.unknown == "raise" and (ids == self._unknown_row(name)).any():
            at = int(np.argmax(ids == self._unknown_row(name)))
            raise BadInput(
                f"Column {name!r}, row {rows[at]} holds {names[at].as_py()!r}, which was not there when fit was called "
                f"({self._unknown_row(name):,} categories; the first row is 0).{self._meant(name, names[at].as_py())} "
                "Pass unknown='row' to give such categories a row of their own."
            )
        return ids, rows

    def _found(self, name: str, names: Any) -> Rows:
        if not len(names):
            return np.zeros(0, np.int64)
        found: Rows = self.encoders_[name].transform(_objects(names)[:, None])[:, 0]
        found[found == _ABSENT] = self._unknown_row(name)
        return found

    def _unknown_row(self, name: str) -> int:
        return len(self.vocabularies_[name]) - 2

    def _missing_row(self, name: str) -> int:
        return len(self.vocabularies_[name]) - 1

    def _meant(self, name: str, asked: str) -> str:
        meant = self.vocabularies_[name].nearest_spellings(asked, k=1)
        return f" Did you mean {meant[0]!r}?" if meant else ""

    def _refuse_missing(self, name: str, names: Names, rows: Rows) -> None:
        if self.missing != "raise":
            return
        at = names.index(MISSING).as_py()
        if at >= 0:
            raise BadInput(
                f"Column {name!r}, row {rows[at]} is missing or empty (the first row is 0). Fill it in, leave the row "
                "out, or pass missing='row'."
            )

    def _given_back(self, name: str) -> npt.NDArray[np.object_]:
        """What each id stands for, in the type of the column: `UNKNOWN` and None in the last two places."""
        n = self._unknown_row(name)
        values = np.empty(n + 2, dtype=object)
        values[:n] = as_given(self.vocabularies_[name].arrow.slice(0, n), self._kinds[name])
        values[n:] = [UNKNOWN, None]
        return values

    def _refuse_other_names(self, input_features: Any) -> None:
        """scikit-learn may ask for names by giving those of the columns."""
        names = list(self._learnt())
        if input_features is not None and list(input_features) != names and hasattr(self, "feature_names_in_"):
            raise BadInput(f"input_features={list(input_features)!r}: the columns are {names!r}.")


def _objects(names: Any) -> npt.NDArray[np.object_]:
    listed = names.to_pylist() if hasattr(names, "to_pylist") else names
    made = np.empty(len(listed), dtype=object)
    made[:] = listed
    return made
