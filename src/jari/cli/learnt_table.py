"""What `jari learn-table` says of what it has learnt."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from jari.cli.console import plain
from jari.cli.progress import duration

if TYPE_CHECKING:
    from pathlib import Path

    from jari.learn.neural.entity_embedder import EntityEmbedder
    from jari.learn.neural.tables.judgement import Judgement
    from jari.learn.neural.tables.target_column import TargetColumn

_WHY: Final = {
    "identifier": "an identifier",
    "constant": "the same in every row",
    "nothing": "empty",
    "other": "neither numbers nor text",
    "not named": "not named",
}


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """A model, what it was learnt from, how well, where it is and how long it took."""

    learner: EntityEmbedder
    chosen: TargetColumn
    judgement: Judgement | None
    place: Path
    seconds: float

    def lines(self, *, asked: bool) -> Iterator[str]:
        """For a person; `asked` where the line has said the task."""
        name = plain(self.chosen.name)
        if self.chosen.left_out:
            yield f"Left out: {_count(self.chosen.left_out, 'row')} where {name} is missing."
        if not asked:
            yield self._task(name)
        encoding = self.learner._model().encoding
        columns = {
            "Categorical": [f"{plain(column.name)} ({column.unknown:,})" for column in encoding.categories],
            "Numeric": [plain(column.name) for column in encoding.numbers],
            "Text": [f"{plain(column.name)} ({len(column.vocabulary):,} words)" for column in encoding.texts],
            "Not learnt from": [f"{plain(name)} ({_WHY.get(why, why)})" for name, why in encoding.unused.items()],
        }
        yield from (f"{kind}: {', '.join(names)}." for kind, names in columns.items() if names)
        yield from self._judgement(name)
        epochs = f"{_count(len(self.learner.losses_), 'epoch')} of which the {_th(self._best)} is kept"
        rows = _count(len(self.chosen.values), "row")
        yield f"{plain(str(self.place))}: {rows}, {epochs}, {duration(self.seconds)}"
        yield from self._to_ask()

    def figures(self) -> dict[str, Any]:
        """For a program."""
        from jari.learn.neural.entity_folder import embedding_of

        held = None
        if self.judgement is not None:
            one = dict(self.judgement.of_one)
            held = {"rows": self.judgement.rows, **self.judgement.figures, "of_one_answer": one}
        return {
            "folder": str(self.place),
            "target": self.chosen.name,
            "task": self.chosen.task,
            "rows": len(self.chosen.values),
            "left_out": self.chosen.left_out,
            "columns": self.learner.columns_,
            "embeddings": {name: str(embedding_of(self.place, name)) for name in self.learner.embeddings_},
            "validation": held,
            "epochs": len(self.learner.losses_),
            "best_epoch": self._best,
            "seconds": round(self.seconds, 3),
        }

    @property
    def _best(self) -> int:
        """The epoch that is kept, from 1 on."""
        judged = self.learner.judged_
        return judged.index(min(judged)) + 1 if judged else len(self.learner.losses_)

    def _task(self, name: str) -> str:
        learner = self.learner
        if learner.task == "regression":
            return f"Task: regression, as {name} holds numbers."
        classes = [plain(str(one)) for one in learner.classes_.tolist()]
        said = f"Task: {learner.task}, as {name} is one of {', '.join(classes[:5])}"
        said += f", … ({len(classes):,} classes)." if len(classes) > 5 else "."
        is_number = all(one.replace(".", "", 1).isdecimal() for one in classes)
        return f"{said} Pass --task regression to foretell a number." if is_number else said

    def _judgement(self, name: str) -> Iterator[str]:
        if self.judgement is None:
            yield "No rows were held back (too few, or --validation says so): nothing tells how good it is."
            return
        said, one = self.judgement.figures, self.judgement.of_one
        held = f"On {_count(self.judgement.rows, 'row')} held back, by which the epoch was chosen:"
        if self.learner.task == "regression":
            transform = self.learner.target_transform
            scale = f" of the logarithm ({transform})" if transform else ""
            yield f"{held} R² {_r2(said)}{scale}, off by {_amount(said['mae'])} on average."
            yield f"One number for all rows would have R² {_r2(one)}, off by {_amount(one['mae'])}."
        else:
            yield f"{held} {said['accuracy']:.1%} right, log loss {said['log_loss']:.3f}."
            yield f"The most frequent class for all would have {one['accuracy']:.1%} right, {one['log_loss']:.3f}."
        if not self.judgement.better:
            yield f"That is no better: these columns say nothing of {name}, or the rows are too few to learn it."

    def _to_ask(self) -> Iterator[str]:
        from jari.learn.neural.entity_folder import embedding_of

        encoding = self.learner._model().encoding
        named = max(encoding.categories, key=lambda column: column.unknown, default=None)
        column = named or next(iter(encoding.texts), None)
        if column is not None:
            path = shlex.quote(str(embedding_of(self.place, column.name)))
            yield f"Ask it: jari similar {path} {shlex.quote(plain(column.vocabulary.keys[0]))}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _th(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _amount(number: float) -> str:
    return f"{number:,.0f}" if 1000 <= number < 1e15 else f"{number:.4g}"


def _r2(figures: Mapping[str, float]) -> str:
    return f"{figures['r2']:.3f}".replace("-0.000", "0.000")
