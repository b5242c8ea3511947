"""The learners of users and items, by the names of their methods."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from jari.errors import BadInput

if TYPE_CHECKING:
    from jari.learn.recommender import Recommender


@dataclass(frozen=True, slots=True)
class Method:
    """A way of learning to recommend.

    Parameters
    ----------
    name
        As ``jari learn-items --method`` takes it.
    home
        Its module and its class.
    says
        What the method does, in a few words.
    """

    name: str
    home: str
    says: str

    @property
    def class_name(self) -> str:
        """The name of the class, without importing it."""
        return self.home.partition(":")[2]

    @property
    def learner(self) -> type[Recommender]:
        """The class.

        Examples
        --------
        >>> METHODS["popularity"].learner()
        Popularity()
        """
        module, name = self.home.split(":")
        found: type[Recommender] = getattr(importlib.import_module(f"jari.learn.{module}"), name)
        return found

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters and their defaults."""
        return {name: one.default for name, one in inspect.signature(self.learner).parameters.items()}


METHODS: Final[dict[str, Method]] = {
    method.name: method
    for method in (
        Method("als", "als:ImplicitALS", "vectors whose products are 1 for what was chosen and 0 for all else"),
        Method("bpr", "bpr:BPR", "what was chosen scores above what was not"),
        Method("ease", "ease:EASE", "how much each item says of each other; exact, for some ten thousand items"),
        Method("item2vec", "item2vec:Item2Vec", "items of one basket foretell each other, as words of a line do"),
        Method("softmax", "neural.softmax_recommender:SoftmaxRecommender", "a network foretells what was held out"),
        Method("popularity", "popularity:Popularity", "what most chose, the same for all: what all others must beat"),
    )
}  # fmt: skip


def method_named(name: str) -> Method:
    """The method of a name.

    Raises
    ------
    BadInput
        There is none.
    """
    if name not in METHODS:
        raise BadInput(f"There is no method {name!r}. Choose one of {', '.join(METHODS)}.")
    return METHODS[name]


def method_of(learner: Recommender | str) -> Method:
    """The method of a recommender, or of the name of its class.

    Raises
    ------
    BadInput
        It is none of those here.

    Examples
    --------
    >>> method_of("BPR").name
    'bpr'
    """
    asked = learner if isinstance(learner, str) else type(learner).__name__
    for method in METHODS.values():
        if method.class_name == asked and (isinstance(learner, str) or type(learner) is method.learner):
            return method
    known = ", ".join(method.class_name for method in METHODS.values())
    raise BadInput(f"{asked!r} is none of Jari's recommenders, which are {known}.")
