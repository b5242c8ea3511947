"""What is given to an estimator as X, as columns; scikit-learn's own rules for arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import issparse

from jari.errors import BadInput
from jari.ingest.categories.columns import columns_of


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A table.

    Parameters
    ----------
    arrays
        Its columns.
    named
        Whether they have names of their own.
    rows
        How many.
    """

    arrays: dict[str, pa.Array]
    named: bool
    rows: int


def table_of(estimator: Any, X: Any, *, reset: bool) -> Given:
    """The columns of X, and on the estimator how many there are and what they are called.

    Parameters
    ----------
    reset
        True in `fit`; otherwise they must be as many as then.

    Raises
    ------
    BadInput
        It is no table, or has no rows or no columns; an array has another number of columns than was learnt.
    """
    if issparse(X):
        raise BadInput("Sparse data was passed, and a table is due: give a data frame, a dict of columns or an array.")
    if isinstance(X, np.ndarray) or (isinstance(X, list) and X and isinstance(X[0], list | tuple | np.ndarray)):
        X = _array(estimator, X, reset=reset)
    columns = columns_of(X)
    if not columns.named and isinstance(X, list):
        raise BadInput(
            "Expected 2D array, got 1D array instead. Give a table, a dict of columns or an array of shape "
            "(rows, columns)."
        )
    arrays = columns.arrays()
    rows = len(next(iter(arrays.values())))
    if not rows:
        raise BadInput("Found array with 0 sample(s), while a minimum of 1 is required: the table has no rows.")
    if reset:
        estimator.n_features_in_ = len(arrays)
        estimator.__dict__.pop("feature_names_in_", None)
        if columns.named:
            estimator.feature_names_in_ = np.array(list(arrays), dtype=object)
    return Given(arrays, columns.named, rows)


def _array(estimator: Any, X: Any, *, reset: bool) -> np.ndarray[Any, Any]:
    from sklearn.utils.validation import validate_data

    try:
        made: np.ndarray[Any, Any] = validate_data(
            estimator, X, reset=reset, dtype=None, ensure_all_finite="allow-nan", skip_check_array=False
        )
    except ValueError as error:
        raise BadInput(str(error)) from error
    return made
