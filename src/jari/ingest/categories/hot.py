"""`HotEncoder`: what one-hot and multi-hot have in common."""

from __future__ import annotations

from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, issparse
from sklearn import get_config

from jari.errors import BadInput
from jari.ingest.categories.encoder import CategoryEncoder


class HotEncoder(CategoryEncoder, auto_wrap_output_keys=None):  # type: ignore[call-arg]  # scikit-learn's
    """A column of zeros and ones for each category; always sparse."""

    def set_output(self, *, transform: Literal["default", "pandas", "polars"] | None = None) -> Self:
        """Nothing but sparse matrices: a data frame of a million columns fits in no memory.

        Raises
        ------
        BadInput
            A data frame is asked for.
        """
        if transform not in (None, "default"):
            self._refuse_frames(transform)
        return self

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """The names of the columns: ``"genre=Action"``, …, ``"genre=<unknown>"``, ``"genre=<missing>"``."""
        self._refuse_other_names(input_features)
        return np.array([f"{name}={key}" for name, keys in self._learnt().items() for key in keys], dtype=object)

    def _refuse_frames(self, asked: str) -> None:
        raise BadInput(
            f"{type(self).__name__} answers with a sparse matrix, and {asked} has none: leave its output as it is "
            "(transform='default'), and take the names from get_feature_names_out. For a data frame of one number a "
            "column see LabelCategories."
        )

    def _refuse_configured_frames(self) -> None:
        asked = get_config()["transform_output"]
        if asked != "default":
            self._refuse_frames(asked)

    def _width(self) -> int:
        return sum(map(len, self._learnt().values()))

    def _checked(self, X: Any) -> csr_array[Any]:
        width = self._width()
        matrix: Any = X if issparse(X) else np.asarray(X)
        if matrix.ndim != 2 or matrix.shape[1] != width:
            raise BadInput(f"A matrix of shape {matrix.shape}: give (rows, {width:,}), as transform does.")
        made = csr_array(matrix, copy=True)
        made.eliminate_zeros()
        made.sort_indices()
        return made
