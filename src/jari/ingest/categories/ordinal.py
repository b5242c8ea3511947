"""`OrdinalCategories`: categories with an order, ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.ingest.categories.columns import columns_of
from jari.ingest.categories.ids import IdEncoder
from jari.ingest.categories.names import MISSING, UNKNOWN, Names, names_of
from jari.types import Rows


class OrdinalCategories(IdEncoder):
    """Categories with an order (순서형) to their ranks: 0 is the lowest.

    Only the order is told, not the distances: to ranks 0, 1, 2, 3 the step from 고졸 to 대졸 is as long as that from
    초졸 to 중졸. Where that is wrong, a model that multiplies is misled; one that only compares (trees) is not. For
    columns that have no order see `LabelCategories`.

    Parameters
    ----------
    order
        All categories of a column from the lowest to the highest: a dict of column to list, which also chooses the
        columns; or one list for every column, as for questions with the same answers. None takes it from the columns,
        where they are ordered categoricals of pandas, enums of polars or ordered dictionaries of Arrow.
    columns
        Which columns of a table; None is all, or those that `order` names.
    unknown
        What `transform` does with a category that is not in the order: ``"row"`` gives it row n, ``"nan"`` NaN;
        ``"raise"``. `fit` refuses such a category always: it is a slip in the data or in the order.
    missing
        What to do where a value is missing: ``"row"`` gives it row n + 1, ``"nan"`` NaN; ``"raise"``. Rows n and n + 1
        are no ranks: above the highest, they would be the best of all to a model that multiplies. Choose ``"nan"`` for
        such, and fill it in (`SimpleImputer`); gradient boosting takes NaN as it is.

    Attributes
    ----------
    vocabularies_ : dict of str to Vocabulary
        One a column, n + 2 keys: the categories in their order; then ``"<unknown>"``; then ``"<missing>"``.
    encoders_ : dict of str to sklearn.preprocessing.OrdinalEncoder
        What finds the rows, one a column.

    Examples
    --------
    >>> from jari.ingest.categories import OrdinalCategories
    >>> encoder = OrdinalCategories(["초졸", "중졸", "고졸", "대졸"], missing="nan")
    >>> encoder.fit_transform(["고졸", "초졸", None, "대졸"])[:, 0].tolist()
    [2.0, 0.0, nan, 3.0]
    >>> encoder.inverse_transform([[1], [3]])[:, 0].tolist()
    ['중졸', '대졸']
    """

    _policies = ("row", "nan", "raise")

    def __init__(
        self,
        order: Sequence[Any] | Mapping[str, Sequence[Any]] | None = None,
        *,
        columns: Sequence[str] | None = None,
        unknown: Literal["row", "nan", "raise"] = "row",
        missing: Literal["row", "nan", "raise"] = "row",
    ) -> None:
        self.order = order
        self.columns = columns
        self.unknown = unknown
        self.missing = missing

    def check(self) -> None:
        """Look at every parameter, as `fit` does before it reads the table.

        Raises
        ------
        BadInput
            A parameter out of its range; an order that is none.
        """
        super().check()
        for name, order in self.order.items() if isinstance(self.order, Mapping) else [("", self.order)]:
            if order is not None:
                _ranked(name, order)

    def _chosen(self) -> Sequence[str] | None:
        return list(self.order) if self.columns is None and isinstance(self.order, Mapping) else self.columns

    def _categories(self, name: str, values: Any, counts: dict[str, int]) -> list[str]:
        order = self.order.get(name) if isinstance(self.order, Mapping) else self.order
        if order is not None:
            return _ranked(name, order)
        if pa.types.is_dictionary(values.type) and values.type.ordered:
            return list(names_of(name, values.dictionary).to_pylist())
        raise BadInput(
            f"Column {name!r} has no order. Give one, such as order={{{name!r}: [LOWEST, …, HIGHEST]}}; "
            "LabelCategories and OneHotCategories are for categories without an order."
        )

    def _refuse_strangers(self, name: str, names: Names, rows: Rows, categories: list[str]) -> None:
        allowed = {*categories, UNKNOWN, MISSING}
        for at, one in enumerate(names.to_pylist()):
            if one not in allowed:
                meant = Vocabulary(categories).nearest_spellings(one, k=1)
                hint = f" Did you mean {meant[0]!r}?" if meant else ""
                raise BadInput(
                    f"Column {name!r}, row {rows[at]} holds {one!r}, not in its order ({', '.join(categories)}; "
                    f"the first row is 0).{hint} Add it to the order, or make it None."
                )


def _ranked(name: str, order: Any) -> list[str]:
    """The names of an order, from the lowest."""
    which = f"The order of {name!r}" if name else "The order"
    if isinstance(order, str) or not isinstance(order, Sequence | np.ndarray) or not len(order):
        raise BadInput(f"{which} is {order!r}: give a list of its categories, from the lowest to the highest.")
    names = list(names_of(name or "order", columns_of({name or "order": order}).arrays()[name or "order"]).to_pylist())
    for place, one in enumerate(names):
        if one in (UNKNOWN, MISSING):
            raise BadInput(f"{which} holds {order[place]!r} in place {place}: what is missing or unknown has no rank.")
        if one in names[:place]:
            raise BadInput(f"{which} holds {one!r} twice, in places {names.index(one)} and {place}: give it once.")
    return names
