"""What is given to an estimator as X, as columns; scikit-learn's own rules for arrays."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from scipy.sparse import issparse

from jari.errors import BadInput
from jari.ingest.categories.columns import columns_of

_TAKEN: Final = "a table of pandas, polars or Arrow, a dict of columns, or an array of shape (rows, columns)"
_LIBRARIES: Final = ("pandas", "polars", "pyarrow")  # whose tables can be arrays, but are more


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A table.

    Parameters
    ----------
    arrays
        Its columns.
    named
        Whether they have names of their own; else they are x0, x1, …
    rows
        How many.
    """

    arrays: dict[str, pa.Array]
    named: bool
    rows: int

    def lined_up(self, estimator: str, names: Sequence[str], *, named: bool) -> Mapping[str, pa.Array]:
        """The columns by the names that they were learnt under.

        Where only one of the two tables has names, columns go by their places, and a warning says so, as everywhere in
        scikit-learn.

        Parameters
        ----------
        estimator
            What to call it.
        names
            All columns of the table that was learnt from.
        named
            Whether they were names of its own.

        Raises
        ------
        BadInput
            Columns go by their places, and there are more or fewer.
        """
        if self.named and named:
            return self.arrays
        if len(self.arrays) != len(names):
            raise BadInput(
                f"X has {len(self.arrays)} features, but {estimator} is expecting {len(names)} features as input: "
                f"{', '.join(names[:5])}{', …' if len(names) > 5 else ''}. Give these columns, in this order."
            )
        if self.named:
            warnings.warn(f"X has feature names, but {estimator} was fitted without feature names", stacklevel=4)
        if named:
            warnings.warn(
                f"X does not have valid feature names, but {estimator} was fitted with feature names", stacklevel=4
            )
        return dict(zip(names, self.arrays.values(), strict=True))


def table_of(X: Any) -> Given:
    """The columns of X.

    Raises
    ------
    BadInput
        It is no table, or has no rows or no columns; two columns have one name, or differ in length.

    Examples
    --------
    >>> table_of({"store": ["a", "b"], "size": [1, 2]}).rows
    2
    """
    if issparse(X):
        raise BadInput(f"Sparse data was passed, and a table is due: give {_TAKEN}.")
    if isinstance(X, str | bytes):
        raise BadInput(f"Give {_TAKEN}, not one string ({X[:40]!r}).")
    if type(X).__module__.partition(".")[0] not in _LIBRARIES and (isinstance(X, list) or hasattr(X, "__array__")):
        X = _array(X)
    if isinstance(X, pa.Array | pa.ChunkedArray) or len(getattr(X, "shape", (0, 0))) == 1:
        raise BadInput(_flat(f"1D {type(X).__name__}"))
    columns = columns_of(X)
    arrays = columns.arrays()
    rows = len(next(iter(arrays.values())))
    if not rows:
        raise BadInput("Found array with 0 sample(s), while a minimum of 1 is required: the table has no rows.")
    return Given(arrays, columns.named, rows)


def _array(X: Any) -> np.ndarray[Any, Any]:
    try:
        array = np.array(X, dtype=object) if isinstance(X, list) else np.asarray(X)
    except ValueError as error:
        raise BadInput(f"The rows of X are not of one length ({error}). Give {_TAKEN}.") from error
    if array.ndim != 2:
        raise BadInput(_flat(f"{array.ndim}D array"))
    if array.dtype.kind == "c" or (array.dtype == object and any(isinstance(one, complex) for one in array.flat)):
        raise BadInput("Complex data not supported: X holds complex numbers. Give their parts as columns.")
    if not array.shape[1]:
        raise BadInput(f"Found array with 0 feature(s) (shape={array.shape}) while a minimum of 1 is required.")
    return array


def _flat(what: str) -> str:
    return (
        f"Expected 2D array, got {what} instead. Give {_TAKEN}. Reshape your data: one column is X.reshape(-1, 1) or "
        "X.to_frame(), one row X.reshape(1, -1) or X.to_frame().T."
    )
