"""`OneHotCategories`: one category a row to a one in its own column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from sklearn.preprocessing import OneHotEncoder

from jari.errors import BadInput
from jari.ingest.categories.hot import HotEncoder


class OneHotCategories(HotEncoder):
    """One category a row to a one in its own column; always sparse.

    All categories are equally far from each other (√2) and at right angles (cosine 0): nothing is said of which are
    alike. For columns of few categories and models that add, it is the plain and right way. What it costs with many:
    docs/categories.md.

    Parameters
    ----------
    columns
        Which columns of a table; None is all of them.
    min_count
        Categories that are there less often get no column: they are unknown ones.
    unknown
        What `transform` does with a category that `fit` has not seen: ``"row"`` puts the one into the column
        ``"<unknown>"``; ``"raise"``.
    missing
        What to do where a value is missing: ``"row"`` puts the one into the column ``"<missing>"``; ``"raise"``.

    Attributes
    ----------
    vocabularies_ : dict of str to Vocabulary
        One a column of the table, n + 2 keys in the order of the matrix's columns: categories, the most frequent first,
        ties by name; then ``"<unknown>"``; then ``"<missing>"``.
    encoders_ : dict of str to sklearn.preprocessing.OrdinalEncoder
        What finds the rows, one a column.
    one_hot_ : sklearn.preprocessing.OneHotEncoder
        What makes the matrix of the rows.

    Examples
    --------
    >>> from jari.ingest.categories import OneHotCategories
    >>> encoder = OneHotCategories().fit({"colour": ["red", "blue", "red"]})
    >>> encoder.transform({"colour": ["blue", "green", None]}).toarray().tolist()
    [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]]
    >>> encoder.get_feature_names_out().tolist()
    ['colour=red', 'colour=blue', 'colour=<unknown>', 'colour=<missing>']
    """

    def __init__(
        self,
        *,
        columns: Sequence[str] | None = None,
        min_count: int = 1,
        unknown: Literal["row", "raise"] = "row",
        missing: Literal["row", "raise"] = "row",
    ) -> None:
        self.columns = columns
        self.min_count = min_count
        self.unknown = unknown
        self.missing = missing

    def fit(self, X: Any, y: Any = None) -> Self:
        """As `LabelCategories.fit`."""
        super().fit(X, y)
        ids = [np.arange(len(vocabulary)) for vocabulary in self.vocabularies_.values()]
        self.one_hot_ = OneHotEncoder(categories=ids, dtype=np.float32)
        self.one_hot_.fit(np.zeros((1, len(ids)), np.int64))
        return self

    def transform(self, X: Any) -> csr_array[Any]:
        """Give a one for each value.

        Returns
        -------
        matrix
            Shape (rows, Σ (n + 2)), float32, as many ones a row as the table has columns.

        Raises
        ------
        BadInput
            A column is not there; a value is refused by `unknown` or `missing`; a data frame is asked for.
        NotLearntYet
            Before `fit`.
        """
        self._refuse_configured_frames()
        ids = np.column_stack([self._ids(name, values)[0] for name, values in self._lined_up(X).items()])
        if not len(ids):
            return csr_array(np.zeros((0, self._width()), np.float32))
        return csr_array(self.one_hot_.transform(ids))

    def inverse_transform(self, X: Any) -> npt.NDArray[np.object_]:
        """Give the value of each row.

        Returns
        -------
        values
            Shape (rows, columns), in the types of the columns; ``"<unknown>"`` for an unknown category, None for what
            was missing.

        Raises
        ------
        BadInput
            The shape is another, or a row has not one 1 for each column.
        """
        matrix = self._checked(X)
        values = np.empty((matrix.shape[0], len(self.vocabularies_)), dtype=object)
        start = 0
        for at, (name, vocabulary) in enumerate(self.vocabularies_.items()):
            block = matrix[:, start : start + len(vocabulary)]
            start += len(vocabulary)
            held = np.diff(block.indptr)
            if (held != 1).any():
                row = int(np.argmax(held != 1))
                raise BadInput(f"Column {name!r}, row {row} has {held[row]} ones, and one-hot is one 1.")
            values[:, at] = self._given_back(name)[block.indices]
        return values
