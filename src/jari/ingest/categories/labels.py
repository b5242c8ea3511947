"""`LabelCategories`: categories without an order, numbered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from jari.ingest.categories.ids import IdEncoder


class LabelCategories(IdEncoder):
    """Categories without an order (명목형) to row numbers, such as those of an embedding.

    The numbers are names, not amounts. A model that adds and multiplies (linear regression, a neural network without an
    embedding layer, k nearest neighbours, k-means) takes 3 for more than 1 and 2 for the mean of both: it learns an
    order that is not there. Give ids to an embedding layer; give such models `OneHotCategories`, or vectors. Trees
    suffer less, and need more splits.

    Parameters
    ----------
    columns
        Which columns of a table; None is all of them.
    min_count
        Categories that are there less often get no row: they are unknown ones. With 2 or more, the row of unknown
        categories is learnt from something, where it else meets its first example after learning.
    unknown
        What `transform` does with a category that `fit` has not seen: ``"row"`` gives it row n; ``"raise"``.
    missing
        What to do where a value is missing: ``"row"`` gives it row n + 1; ``"raise"``.

    Attributes
    ----------
    vocabularies_ : dict of str to Vocabulary
        One a column, n + 2 keys: categories, the most frequent first, ties by name; then ``"<unknown>"``; then
        ``"<missing>"``. These two names mean the same where they stand in data.
    encoders_ : dict of str to sklearn.preprocessing.OrdinalEncoder
        What finds the rows, one a column.

    Notes
    -----
    Numbers are named by their text, so that 12 and 12.0 are one category, and come back as numbers. scikit-learn's
    `LabelEncoder` is for targets, and refuses what it has not seen.

    Examples
    --------
    >>> from jari.ingest.categories import LabelCategories
    >>> encoder = LabelCategories().fit({"colour": ["red", "blue", "red", None]})
    >>> encoder.vocabularies_["colour"].keys
    ['red', 'blue', '<unknown>', '<missing>']
    >>> ids = encoder.transform({"colour": ["blue", "green", None]})
    >>> ids[:, 0].tolist(), encoder.inverse_transform(ids)[:, 0].tolist()
    ([1, 2, 3], ['blue', '<unknown>', None])
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
