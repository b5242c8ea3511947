"""scikit-learn's conventions, kept without importing scikit-learn.

Importing it takes a second, a tenth of what `jari learn` needs for a corpus of 18 M words. So what its tools look for
is written out here (`get_params`, `set_params`, `set_output`, `fit_transform`, tags), and `clone`, `Pipeline` and
`GridSearchCV` find it: tests/contracts/learner.py asks them.
"""

from __future__ import annotations

import inspect
from typing import Any, Literal, Self

import numpy as np

from jari.errors import BadInput, NotLearntYet
from jari.extras import require


class Estimator:
    """A learner: `__init__` only stores, `fit` checks and learns, what was learnt ends in ``_``."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters as given, by name."""
        return {name: getattr(self, name) for name in self._parameters()}

    def set_params(self, **parameters: Any) -> Self:
        """Change parameters by name.

        Raises
        ------
        BadInput
            A name that is no parameter.
        """
        known = self._parameters()
        for name, value in parameters.items():
            if name not in known:
                raise BadInput(f"{type(self).__name__} has no parameter {name!r}. It has: {', '.join(known)}.")
            setattr(self, name, value)
        return self

    @classmethod
    def _parameters(cls) -> dict[str, Any]:
        """Names and defaults, in the order of `__init__`."""
        signature = inspect.signature(cls.__init__).parameters
        return {name: one.default for name, one in signature.items() if name != "self"}

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn from `X`."""
        raise NotImplementedError

    def transform(self, X: Any) -> Any:
        """Give a vector for each of `X`."""
        raise NotImplementedError

    def fit_transform(self, X: Any, y: Any = None, **fit_parameters: Any) -> Any:
        """`fit`, then `transform` the same."""
        return self.fit(X, y, **fit_parameters).transform(X)

    def set_output(self, *, transform: Literal["default", "pandas", "polars"] | None = None) -> Self:
        """What `transform` answers with: an array, or a data frame whose columns are `get_feature_names_out`."""
        if transform not in (None, "default", "pandas", "polars"):
            raise BadInput(f"transform={transform!r}: choose 'default', 'pandas' or 'polars'.")
        if transform is not None:
            self._sklearn_output_config = {"transform": transform}
        return self

    def _output(self, matrix: np.ndarray[Any, Any], names: np.ndarray[Any, Any]) -> Any:
        wanted = getattr(self, "_sklearn_output_config", {}).get("transform", "default")
        if wanted == "pandas":
            return require("pandas", extra="tables").DataFrame(matrix, columns=names)
        if wanted == "polars":
            return require("polars", extra="polars").DataFrame(matrix, schema=list(names))
        return matrix

    def _learnt(self, attribute: str) -> Any:
        """An attribute that `fit` makes."""
        try:
            return self.__dict__[attribute]
        except KeyError:
            raise NotLearntYet(f"This {type(self).__name__} has learnt nothing yet. Call fit first.") from None

    def __sklearn_is_fitted__(self) -> bool:
        return any(name.endswith("_") and not name.startswith("_") for name in vars(self))

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=[]),
            input_tags=InputTags(one_d_array=True, two_d_array=False, string=True),
            requires_fit=True,
        )

    def __repr__(self) -> str:
        changed = [
            f"{name}={getattr(self, name)!r}"
            for name, default in self._parameters().items()
            if getattr(self, name) is not default and repr(getattr(self, name)) != repr(default)
        ]
        return f"{type(self).__name__}({', '.join(changed)})"
