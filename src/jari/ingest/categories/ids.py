"""`IdEncoder`: what encoders that make one number of a category have in common."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from jari.errors import BadInput
from jari.ingest.categories.encoder import CategoryEncoder
from jari.types import Rows


class IdEncoder(CategoryEncoder):
    """Each value of a column to its row in the column's vocabulary."""

    def transform(self, X: Any) -> npt.NDArray[Any]:
        """Give the id of each value.

        Parameters
        ----------
        X
            As for `fit`. Columns are found by name where both tables have names, else by place.

        Returns
        -------
        ids
            Shape (rows, columns), int64; float64 where ``"nan"`` was asked for. `set_output` makes it a data frame.

        Raises
        ------
        BadInput
            A column is not there; a value is refused by `unknown` or `missing`.
        NotLearntYet
            Before `fit`.
        """
        columns = [self._coded(name, self._ids(name, values)[0]) for name, values in self._lined_up(X).items()]
        return np.column_stack(columns)

    def inverse_transform(self, X: Any) -> npt.NDArray[np.object_]:
        """Give the value of each id.

        Parameters
        ----------
        X
            Shape (rows, columns), ids as `transform` gives them.

        Returns
        -------
        values
            Shape (rows, columns), in the types of the columns; ``"<unknown>"`` for the row of unknown categories, None
            for what was missing. NaN comes back as None.

        Raises
        ------
        BadInput
            The shape is another, or a number is no id.
        """
        names = list(self._learnt())
        try:
            ids = np.asarray(X, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise BadInput(f"Ids are whole numbers, as transform gives them: {error}.") from error
        if ids.ndim != 2 or ids.shape[1] != len(names):
            raise BadInput(f"Ids of shape {ids.shape}: give (rows, {len(names)}), as transform does.")
        values = np.empty(ids.shape, dtype=object)
        for at, name in enumerate(names):
            column = ids[:, at]
            if "nan" in (self.unknown, self.missing):
                column = np.where(np.isnan(column), self._missing_row(name), column)
            whole = (column >= 0) & (column <= self._missing_row(name)) & (column % 1 == 0)
            if not whole.all():
                row = int(np.argmin(whole))
                raise BadInput(
                    f"Column {name!r}, row {row} holds {column[row]:g}: its ids are the whole numbers from 0 to "
                    f"{self._missing_row(name)}."
                )
            values[:, at] = self._given_back(name)[column.astype(np.int64)]
        return values

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """The names of the columns: each stays one."""
        self._refuse_other_names(input_features)
        return np.array(list(self._learnt()), dtype=object)

    def _coded(self, name: str, ids: Rows) -> npt.NDArray[Any]:
        if "nan" not in (self.unknown, self.missing):
            return ids
        coded = ids.astype(np.float64)
        for policy, row in ((self.unknown, self._unknown_row(name)), (self.missing, self._missing_row(name))):
            if policy == "nan":
                coded[ids == row] = np.nan
        return coded
