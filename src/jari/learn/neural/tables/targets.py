"""What a network foretells: a number, or one of some classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jari.errors import BadInput
from jari.ingest.categories.columns import columns_of
from jari.ingest.table_numbers import numbers_of
from jari.types import Matrix, Vector

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Amounts:
    """A target that is a number: standardised, of its logarithm where that is wanted.

    Parameters
    ----------
    mean, scale
        Of what is learnt from.
    transform
        None; ``"log"``; ``"log1p"``.
    """

    mean: float
    scale: float
    transform: Literal["log", "log1p"] | None

    outputs = 1

    @classmethod
    def fit(cls, y: Any, transform: Literal["log", "log1p"] | None) -> tuple[Amounts, Vector]:
        """Read the numbers.

        Raises
        ------
        BadInput
            One is missing, infinite or no number; one has no logarithm; all are the same.
        """
        numbers = _transformed(_finite(_given(y)), transform)
        with np.errstate(over="ignore"):
            scale = float(numbers.std())
        if not np.isfinite(scale):
            raise BadInput(
                f"The target holds numbers up to {np.abs(numbers).max():g}, whose squares are no numbers any more. "
                "Give it in larger units, or its logarithm (target_transform='log')."
            )
        if not scale > 0 or np.ptp(numbers) == 0:
            raise _constant(_given(y), "a constant")
        made = cls(float(numbers.mean()), scale, transform)
        return made, ((numbers - made.mean) / made.scale).astype(np.float32)

    @property
    def statistics(self) -> dict[str, int]:
        """Nothing: numbers are not counted."""
        return {}

    def predicted(self, outputs: Matrix) -> Floats:
        """What outputs, shape (rows, 1), say."""
        numbers: Floats = outputs[:, 0].astype(np.float64) * self.scale + self.mean
        if self.transform is None:
            return numbers
        grown: Floats = np.exp(numbers) if self.transform == "log" else np.expm1(numbers)
        return grown

    def described(self) -> dict[str, Any]:
        """As JSON."""
        return {"mean": self.mean, "scale": self.scale, "transform": self.transform}


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """A target that is one of some classes.

    Parameters
    ----------
    classes
        Sorted, in the type that they came in; shape (k,).
    outputs
        1 for two classes, else k.
    once
        How many classes are there once.
    """

    classes: npt.NDArray[Any]
    outputs: int
    once: int = 0

    @classmethod
    def fit(cls, y: Any, task: str) -> tuple[Classes, npt.NDArray[np.int64]]:
        """Number the classes.

        Raises
        ------
        BadInput
            A value is missing; there is one class only, or more than two where two are due.
        """
        given = _given(y)
        missing = next((row for row, value in enumerate(given.tolist()) if _is_missing(value)), None)
        if missing is not None:
            raise BadInput(f"Input y contains NaN: the target of row {missing:,} is missing. Leave such rows out.")
        if given.dtype.kind == "f" and np.isinf(given).any():
            raise BadInput(
                f"Input y contains infinity: the target of row {int(np.argmax(np.isinf(given))):,} is no class. Leave "
                "such rows out."
            )
        if given.dtype.kind == "f" and (given != np.floor(given)).any():
            raise BadInput(
                f"Unknown label type: continuous. task={task!r} foretells classes, and the target holds numbers such "
                f"as {given[given != np.floor(given)][0].item()!r}: choose task='regression'."
            )
        try:
            classes, codes, counts = np.unique(given, return_inverse=True, return_counts=True)
        except TypeError as error:
            raise BadInput("The target mixes types, such as text and numbers: give all of it as text.") from error
        if len(classes) < 2:
            raise _constant(given, "one class")
        if task == "binary" and len(classes) > 2:
            raise BadInput(
                f"task='binary' is for two classes, and the target has {len(classes)}: {_few(classes)}. Choose "
                "task='multiclass'. Only binary classification is supported here."
            )
        outputs, once = 1 if len(classes) == 2 else len(classes), int(np.count_nonzero(counts == 1))
        return cls(classes, outputs, once), codes.reshape(-1).astype(np.int64)

    @property
    def statistics(self) -> dict[str, int]:
        """How many classes can be learnt, but not judged."""
        return {"classes seen once": self.once}

    def probabilities(self, outputs: Matrix) -> Floats:
        """Of outputs, shape (rows, outputs), those of the classes, shape (rows, k)."""
        scores = outputs.astype(np.float64)
        if self.outputs == 1:
            scores = np.hstack([np.zeros_like(scores), scores])
        scores -= scores.max(axis=1, keepdims=True)
        odds: Floats = np.exp(scores)
        odds /= odds.sum(axis=1, keepdims=True)
        return odds

    def described(self) -> dict[str, Any]:
        """As JSON."""
        return {"classes": self.classes.tolist()}


Target = Amounts | Classes


def target_learnt(y: Any, task: str, transform: Literal["log", "log1p"] | None) -> tuple[Target, npt.NDArray[Any]]:
    """Numbers or classes by the task, and what is learnt of each row, shape (rows,).

    Raises
    ------
    BadInput
        As `Amounts.fit` and `Classes.fit`.
    """
    return Amounts.fit(y, transform) if task == "regression" else Classes.fit(y, task)


def target_of(said: Mapping[str, Any], task: str) -> Target:
    """Take back what `described` gave."""
    if task == "regression":
        return Amounts(float(said["mean"]), float(said["scale"]), said["transform"])
    classes = np.array(said["classes"])
    return Classes(classes, 1 if len(classes) == 2 else len(classes))


def _given(y: Any) -> npt.NDArray[Any]:
    """The values, shape (rows,)."""
    if y is None:
        raise BadInput("requires y to be passed, but the target y is None. Give one value a row.")
    if isinstance(y, pa.Array):
        y = y.to_numpy(zero_copy_only=False)
    elif hasattr(y, "to_numpy"):
        y = y.to_numpy()
    values = np.asarray(y)
    if values.ndim == 2 and values.shape[1] == 1:
        from sklearn.utils.validation import column_or_1d

        values = column_or_1d(values, warn=True)
    if not values.ndim:
        raise BadInput(f"The target is one {type(y).__name__}: give one value a row, such as a column of the table.")
    if values.ndim != 1:
        raise BadInput(f"The target has shape {values.shape}: give one value a row.")
    if values.dtype.kind == "c":
        raise BadInput("Complex data not supported: the target holds complex numbers.")
    return values


def _finite(given: npt.NDArray[Any]) -> Floats:
    if given.dtype.kind in "fiub":
        numbers = given.astype(np.float64)
    else:
        try:
            numbers = numbers_of("y", columns_of({"y": given}).arrays()["y"])
        except BadInput as error:
            reason = str(error).partition(" (")[0].replace("Column 'y'", "the target").rstrip(".")
            raise BadInput(
                f"task='regression' foretells numbers: {reason}. Correct it, or choose task='multiclass' to foretell "
                "classes."
            ) from error
    wrong = ~np.isfinite(numbers)
    if wrong.any():
        row = int(np.argmax(wrong))
        said = "infinity" if np.isinf(numbers[row]) else "NaN"
        raise BadInput(
            f"Input y contains {said}: the target of row {row:,} is missing or no finite number. Leave such rows out."
        )
    return numbers


def _constant(given: npt.NDArray[Any], what: str) -> BadInput:
    value = given.tolist()[0]
    if len(given) == 1:
        return BadInput(f"The table has 1 sample (n_samples = 1): from the target {value!r} alone nothing is learnt.")
    return BadInput(
        f"The target is {value!r} in every row, {what}: there is nothing to foretell. Give the column that is meant."
    )


def _is_missing(value: Any) -> bool:
    return value is None or type(value).__name__ == "NAType" or value != value


def _transformed(numbers: Floats, transform: str | None) -> Floats:
    if transform is None:
        return numbers
    low = 0 if transform == "log" else -1
    if numbers.min() <= low:
        row = int(np.argmin(numbers))
        other = " or target_transform='log1p'" if transform == "log" and numbers.min() > -1 else ""
        raise BadInput(
            f"target_transform={transform!r}: the target of row {row:,} is {numbers[row]:g}, and only numbers above "
            f"{low} have such a logarithm. Leave the row out, or choose target_transform=None{other}."
        )
    made: Floats = np.log(numbers) if transform == "log" else np.log1p(numbers)
    return made


def _few(classes: npt.NDArray[Any]) -> str:
    return ", ".join(repr(one) for one in classes[:3].tolist()) + (", …" if len(classes) > 3 else "")
