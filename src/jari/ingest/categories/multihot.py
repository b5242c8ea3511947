"""`MultiHotCategories`: many categories a cell to a one in the column of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, hstack

from jari.errors import BadInput
from jari.ingest.categories.hot import HotEncoder
from jari.ingest.categories.names import Names, members_of
from jari.types import Rows


class MultiHotCategories(HotEncoder):
    """Many categories a cell to a one in the column of each: "user → films seen"; always sparse.

    Parameters
    ----------
    separator
        What stands between the names where cells are text, such as ``"|"`` in ``"Action|Comedy"``; None takes cells
        that are lists, tuples, sets or arrays. Spaces around a name belong to it.
    columns, min_count, unknown, missing
        As for `OneHotCategories`. An empty list is no missing value but a row of zeros. A cell that is missing or an
        empty string is missing, and so are None and ``""`` among its names.

    Attributes
    ----------
    vocabularies_ : dict of str to Vocabulary
        One a column of the table, n + 2 keys in the order of the matrix's columns: categories, the most frequent first,
        ties by name; then ``"<unknown>"``; then ``"<missing>"``.
    encoders_ : dict of str to sklearn.preprocessing.OrdinalEncoder
        What finds the rows, one a column.

    Notes
    -----
    scikit-learn's `MultiLabelBinarizer` makes the same matrix of names that it has seen; others it leaves out.

    Examples
    --------
    >>> from jari.ingest.categories import MultiHotCategories
    >>> encoder = MultiHotCategories().fit([["Up", "Heat"], ["Up"], []])
    >>> matrix = encoder.transform([["Up", "Heat", "Up"], ["Jaws"], [], None])
    >>> matrix.toarray().astype(int).tolist()
    [[1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0], [0, 0, 0, 1]]
    >>> encoder.inverse_transform(matrix)[:, 0].tolist()
    [['Up', 'Heat'], ['<unknown>'], [], None]
    >>> MultiHotCategories(separator="|").fit(["Action|Comedy", "Drama"]).vocabulary_.keys[:3]
    ['Action', 'Comedy', 'Drama']
    """

    _many = True

    def __init__(
        self,
        *,
        separator: str | None = None,
        columns: Sequence[str] | None = None,
        min_count: int = 1,
        unknown: Literal["row", "raise"] = "row",
        missing: Literal["row", "raise"] = "row",
    ) -> None:
        self.separator = separator
        self.columns = columns
        self.min_count = min_count
        self.unknown = unknown
        self.missing = missing

    def check(self) -> None:
        """Look at every parameter, as `fit` does before it reads the table.

        Raises
        ------
        BadInput
            A parameter out of its range.
        """
        super().check()
        if self.separator is not None and (not isinstance(self.separator, str) or not self.separator):
            raise BadInput(f"separator={self.separator!r}: give the text between names, such as '|', or None.")

    def transform(self, X: Any) -> csr_array[Any]:
        """Give a one for each name in a cell, however often it is there.

        Returns
        -------
        matrix
            Shape (rows, Σ (n + 2)), float32.

        Raises
        ------
        BadInput
            A column is not there; a value is refused by `unknown` or `missing`; a data frame is asked for.
        NotLearntYet
            Before `fit`.
        """
        self._refuse_configured_frames()
        blocks = []
        for name, values in self._lined_up(X).items():
            ids, rows = self._ids(name, values)
            shape = len(values), len(self.vocabularies_[name])
            block = csr_array((np.ones(len(ids), np.float32), (rows, ids)), shape=shape)
            block.sum_duplicates()
            block.data[:] = 1
            blocks.append(block)
        return blocks[0] if len(blocks) == 1 else csr_array(hstack(blocks, format="csr"))

    def inverse_transform(self, X: Any) -> npt.NDArray[np.object_]:
        """Give the names in each cell.

        Returns
        -------
        cells
            Shape (rows, columns): lists, in the order of the vocabulary, with ``"<unknown>"`` once for all unknown
            categories and None for a missing name among others; None where the cell was missing.

        Raises
        ------
        BadInput
            The shape is another.
        """
        matrix = self._checked(X)
        cells = np.empty((matrix.shape[0], len(self.vocabularies_)), dtype=object)
        start = 0
        for at, (name, vocabulary) in enumerate(self.vocabularies_.items()):
            block = matrix[:, start : start + len(vocabulary)].tocsr()
            start += len(vocabulary)
            values = self._given_back(name)[block.indices]
            for row, (low, high) in enumerate(zip(block.indptr, block.indptr[1:], strict=False)):
                cell = values[low:high].tolist()
                cells[row, at] = None if cell == [None] else cell
        return cells

    def _names(self, name: str, values: Any) -> tuple[Names, Rows]:
        return members_of(name, values, self.separator)
