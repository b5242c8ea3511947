"""`TableEstimator`: what scikit-learn's tools ask of a table that is learnt."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError
from sklearn.utils.metaestimators import available_if

from jari.embedding import Embedding
from jari.errors import BadInput, NotLearntYet
from jari.learn.neural.tables.encoding import Encoded
from jari.learn.neural.tables.given import Given, table_of
from jari.learn.neural.tables.learnt_table import LearntTable
from jari.learn.neural.tables.targets import Amounts, Classes, Target
from jari.types import Matrix


class NotFitted(NotLearntYet, NotFittedError):  # type: ignore[misc]  # mypy knows nothing of scikit-learn
    """`NotLearntYet` as scikit-learn's tools know it."""


def _foretells_classes(estimator: Any) -> bool:
    return bool(estimator.task != "regression")


class TableEstimator(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Foretells, transforms and scores with a `LearntTable`; the base of `EntityEmbedder`, which learns it."""

    task: str
    losses_: list[float]
    seed_: int

    def _forget(self) -> None:
        for name in [name for name in vars(self) if name.endswith("_") and not name.startswith("__")]:
            delattr(self, name)

    def _look_at(self, given: Given) -> None:
        """Remember what columns there are."""
        self.n_features_in_ = len(given.arrays)
        if given.named:
            self.feature_names_in_ = np.array(list(given.arrays), dtype=object)

    def _hold(self, learnt: LearntTable, target: Target) -> None:
        """Take what is learnt."""
        encoding = learnt.encoding
        self._target_ = target
        if isinstance(target, Classes):
            self.classes_ = target.classes
        self.columns_ = {
            **{column.name: "categorical" for column in encoding.categories},
            **{column.name: "numeric" for column in encoding.numbers},
            **{column.name: "text" for column in encoding.texts},
            **encoding.unused,
        }
        self.embeddings_ = {
            column.name: Embedding(column.vocabulary, learnt.vectors[column.name], metadata=self._metadata(column.name))
            for column in encoding.embedded
        }
        self._learnt_ = learnt

    def _metadata(self, column: str) -> dict[str, Any]:
        given = {name: value for name, value in self.get_params(deep=False).items() if _is_plain(value)}
        return {
            "learner": type(self).__name__,
            "column": column,
            "kind": self.columns_[column],
            "parameters": given,
            "seed": self.seed_,
            "losses": [float(loss) for loss in self.losses_],
        }

    def _model(self) -> LearntTable:
        try:
            model: LearntTable = self.__dict__["_learnt_"]
        except KeyError:
            raise NotFitted(f"This {type(self).__name__} instance is not fitted yet. Call fit first.") from None
        return model

    def _names(self) -> tuple[list[str], bool]:
        """All columns of the table that was learnt from, and whether these were names of its own."""
        named = "feature_names_in_" in self.__dict__
        return list(self.feature_names_in_) if named else [f"x{at}" for at in range(self.n_features_in_)], named

    def _rows(self, X: Any) -> Encoded:
        model = self._model()
        names, named = self._names()
        return model.encoding.encode(table_of(X).lined_up(type(self).__name__, names, named=named))

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """What is foretold of each row, shape (rows,): a number, or the likeliest class.

        Raises
        ------
        BadInput
            A column is missing, or there is one that was not there when it was learnt.
        NotLearntYet
            Before `fit`.
        """
        outputs = self._model().outputs(self._rows(X))
        if isinstance(self._target_, Amounts):
            return self._target_.predicted(outputs)
        classes: npt.NDArray[Any] = self.classes_[self._target_.probabilities(outputs).argmax(axis=1)]
        return classes

    @available_if(_foretells_classes)  # type: ignore[untyped-decorator]
    def predict_proba(self, X: Any) -> npt.NDArray[np.float64]:
        """How likely each class is, shape (rows, classes), in the order of ``classes_``. There is none for regression.

        Raises
        ------
        BadInput, NotLearntYet
            As `predict`.
        """
        outputs = self._model().outputs(self._rows(X))
        if isinstance(self._target_, Amounts):
            raise BadInput(f"task={self.task!r} was set after numbers were learnt. Call fit again.")
        return self._target_.probabilities(outputs)

    def score(self, X: Any, y: Any) -> float:
        """R² of the numbers as they are, or the share of rows whose class is right."""
        from sklearn.metrics import accuracy_score, r2_score

        foretold = self.predict(X)
        return float((r2_score if isinstance(self._target_, Amounts) else accuracy_score)(y, foretold))

    def transform(self, X: Any) -> Matrix:
        """The vectors in the place of categories and texts, and numbers as they are; shape (rows, outputs), float32.

        A number that is missing is the median, and whether it is, is a column more where some were missing when it was
        learnt. `get_feature_names_out` names the columns.
        """
        model, rows = self._model(), self._rows(X)
        categories = [
            model.vectors[column.name][rows.ids[:, at]] for at, column in enumerate(model.encoding.categories)
        ]
        columns = model.encoding.numbers
        missing = np.isnan(rows.numbers)
        numbers = np.where(missing, np.float32(0), rows.numbers)
        scales, centers = (np.array([getattr(column, name) for column in columns]) for name in ("scale", "center"))
        flags = missing[:, [column.has_missing for column in columns]]
        parts = [*categories, numbers * scales + centers, flags, *model.texts(rows)]
        return np.hstack([np.asarray(part, np.float32).reshape(len(rows), -1) for part in parts])

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """``store_0``, ``store_1``, … of a column of categories or texts; ``age``, and ``age_missing``, of numbers.

        Parameters
        ----------
        input_features
            What to call the columns where the table had no names; otherwise those that it had.

        Raises
        ------
        BadInput
            They are others, or more or fewer.
        """
        encoding = self._model().encoding
        names, named = self._names()
        called = names if input_features is None else list(map(str, input_features))
        if named and called != names:
            raise BadInput(f"input_features is not equal to feature_names_in_: give {names[:5]!r}, or None.")
        if len(called) != len(names):
            raise BadInput(f"input_features should have length equal to number of features ({len(names)}).")
        of = dict(zip(names, called, strict=True))
        made = [f"{of[column.name]}_{at}" for column in encoding.categories for at in range(column.dim)]
        made += [of[column.name] for column in encoding.numbers]
        made += [f"{of[column.name]}_missing" for column in encoding.numbers if column.has_missing]
        made += [f"{of[column.name]}_{at}" for column in encoding.texts for at in range(column.dim)]
        return np.array(made, dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return "_learnt_" in self.__dict__

    @property
    def _estimator_type(self) -> str:  # what scikit-learn 1.5 asks; those after it ask for tags
        return "classifier" if _foretells_classes(self) else "regressor"

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, RegressorTags

        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = tags.input_tags.categorical = tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        if self.task == "regression":
            tags.estimator_type, tags.regressor_tags = "regressor", RegressorTags()
        else:
            tags.estimator_type = "classifier"
            tags.classifier_tags = ClassifierTags(multi_class=self.task == "multiclass")
        return tags


def _is_plain(value: Any) -> bool:
    """Whether JSON can hold a parameter."""
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is not None and isinstance(value, bool | int | float | str)
