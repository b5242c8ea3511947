"""Analogies: athens is to greece as baghdad is to …?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from jari.embedding import Embedding
from jari.errors import BadFile, BadInput
from jari.evaluate.answers import answers
from jari.evaluate.casing import Case, CaseIndex
from jari.evaluate.text import read_lines, set_name
from jari.types import Callback, Path

Method: TypeAlias = Literal["add", "mul"]
Question: TypeAlias = tuple[str, str, str, str]  # a is to b as c is to d


@dataclass(frozen=True, slots=True)
class AnalogySection:
    """Questions of one kind: `name`, and `questions` of four words each: a is to b as c is to d."""

    name: str
    questions: tuple[Question, ...]

    def __len__(self) -> int:
        return len(self.questions)


@dataclass(frozen=True, slots=True)
class Analogies:
    """A test set of analogies: its `name` and its `sections`."""

    name: str
    sections: tuple[AnalogySection, ...]

    def __len__(self) -> int:
        return sum(len(section) for section in self.sections)


@dataclass(frozen=True, slots=True)
class SectionResult:
    """How many questions of one section were answered rightly.

    Parameters
    ----------
    name
        Of the section.
    correct, used, total
        Questions answered rightly; asked, as all four words are known; and all.
    """

    name: str
    correct: int
    used: int
    total: int

    @property
    def accuracy(self) -> float | None:
        """Correct ÷ used; None where no question could be asked."""
        return self.correct / self.used if self.used else None

    def to_dict(self) -> dict[str, Any]:
        """The same as a dictionary that `json.dumps` takes."""
        return {
            "name": self.name,
            "accuracy": self.accuracy,
            "correct": self.correct,
            "used": self.used,
            "total": self.total,
        }


@dataclass(frozen=True, slots=True)
class AnalogyResult:
    """How many analogies an embedding solves.

    Parameters
    ----------
    name
        Of the test set.
    method
        ``"add"`` or ``"mul"``.
    restrict
        Answers and questions were of the first so many rows; None for all.
    sections
        One result a section, in the order of the file.
    """

    name: str
    method: Method
    restrict: int | None
    sections: tuple[SectionResult, ...]

    @property
    def correct(self) -> int:
        """Questions answered rightly."""
        return sum(section.correct for section in self.sections)

    @property
    def used(self) -> int:
        """Questions whose four words are all known."""
        return sum(section.used for section in self.sections)

    @property
    def total(self) -> int:
        """All questions."""
        return sum(section.total for section in self.sections)

    @property
    def accuracy(self) -> float | None:
        """Correct ÷ used over all questions (not the mean of the sections); None where none could be asked."""
        return self.correct / self.used if self.used else None

    def to_dict(self) -> dict[str, Any]:
        """The same as a dictionary that `json.dumps` takes."""
        return {
            "name": self.name,
            "method": self.method,
            "restrict": self.restrict,
            "accuracy": self.accuracy,
            "correct": self.correct,
            "used": self.used,
            "total": self.total,
            "sections": [section.to_dict() for section in self.sections],
        }


def read_analogies(path: Path) -> Analogies:
    """Read analogies in the format of word2vec's ``questions-words.txt``.

    A line ``: name`` begins a section; every other line holds four words. Empty lines are passed over. Questions
    before the first section are a section called after the file. UTF-8, plain or gzipped.

    Raises
    ------
    NoSuchFile
        Nothing is there.
    BadEncoding
        The bytes are not UTF-8.
    BadFile
        A line without exactly four words (the message says which), or no question at all.
    """
    name = set_name(path)
    sections: list[tuple[str, list[Question]]] = []
    for number, line in enumerate(read_lines(path), 1):
        words = line.split()
        if not words:
            continue
        # ": family" begins a section; a question can begin with a word such as ":-)".
        if words[0] == ":" or (words[0].startswith(":") and len(words) != 4):
            sections.append((line.strip().removeprefix(":").strip(), []))
            continue
        if len(words) != 4:
            raise BadFile(
                f"{path}, line {number}: {len(words)} word{'s' * (len(words) != 1)} ({line.strip()[:60]!r}), "
                f"where four belong: a is to b as c is to d."
            )
        if not sections:
            sections.append((name, []))
        a, b, c, d = words
        sections[-1][1].append((a, b, c, d))
    if not any(questions for _, questions in sections):
        raise BadFile(f"{path} holds no questions: each line needs four words, a is to b as c is to d.")
    return Analogies(name, tuple(AnalogySection(title, tuple(questions)) for title, questions in sections))


def analogies(
    embedding: Embedding,
    questions: Analogies,
    *,
    method: Method = "add",
    restrict: int | None = 30_000,
    case: Case = "fold",
    callback: Callback | None = None,
) -> AnalogyResult:
    """How many questions *a is to b as c is to …?* are answered with *d*.

    The answer is the row with the highest score, the three words of the question left out (and, with
    ``case="fold"``, their other spellings). Vectors are taken at unit length.

    ``method="add"``, 3CosAdd: :math:`\\cos(x, b - a + c)` [1]_.
    ``method="mul"``, 3CosMul: :math:`\\cos'(x, b)\\,\\cos'(x, c) / (\\cos'(x, a) + 0.001)` with
    :math:`\\cos' = (\\cos + 1) / 2` [2]_: no single large cosine outweighs the others.

    Parameters
    ----------
    embedding
        With its keys ordered by frequency, as learners give them.
    questions
        From `read_analogies`, or made by hand.
    method
        ``"add"`` or ``"mul"``.
    restrict
        Only the first so many rows count: a question with a word beyond them is not asked, and none is answered
        with one. 30,000 is what word2vec's own script takes; None takes all and gives lower figures.
    case
        ``"fold"``: *Athens* finds *athens*, and of keys that differ only in case the first is taken.
        ``"exact"``: a word finds the very same key only.
    callback
        Told how many scores have been computed.

    Returns
    -------
    result
        Per section and in all; what could not be asked is counted, not taken as wrong.

    Raises
    ------
    BadInput
        `method` or `case` is unknown, or `restrict` is less than 1.

    References
    ----------
    .. [1] Mikolov, Yih, Zweig, "Linguistic Regularities in Continuous Space Word Representations", 2013.
    .. [2] Levy, Goldberg, "Linguistic Regularities in Sparse and Explicit Word Representations", 2014, equation 4.

    Examples
    --------
    >>> from jari.embedding import Embedding
    >>> royal = Embedding(["man", "woman", "king", "queen"], [[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1]])
    >>> family = AnalogySection("family", (("man", "woman", "king", "queen"), ("Man", "King", "Woman", "Empress")))
    >>> result = analogies(royal, Analogies("tiny", (family,)))
    >>> result.correct, result.used, result.total, result.accuracy
    (1, 1, 2, 1.0)
    """
    if method not in get_args(Method):
        raise BadInput(f"method={method!r} is not known: give one of {', '.join(map(repr, get_args(Method)))}.")
    if restrict is not None and restrict < 1:
        raise BadInput(f"restrict={restrict} leaves no rows: give 1 or more, or None for all.")
    n = len(embedding) if restrict is None else min(restrict, len(embedding))
    index = CaseIndex(embedding.keys[:n] if n < len(embedding) else embedding.keys, case)

    asked = [question for section in questions.sections for question in section.questions]
    rows = index.rows(word for question in asked for word in question).reshape(-1, 4)
    known: npt.NDArray[np.bool_] = np.all(rows >= 0, axis=1)
    found = answers(embedding.vectors[:n], rows[known, :3], index.classes, method=method, callback=callback)
    right = np.zeros(len(asked), dtype=bool)
    right[known] = index.classes[found] == rows[known, 3]

    results, start = [], 0
    for section in questions.sections:
        of = slice(start, start := start + len(section))
        results.append(SectionResult(section.name, int(right[of].sum()), int(known[of].sum()), len(section)))
    return AnalogyResult(questions.name, method, restrict, tuple(results))
