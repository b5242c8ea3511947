"""The learners of text, by the names of their methods."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from jari.errors import BadInput

if TYPE_CHECKING:
    from jari.learn.textlearner import TextLearner


@dataclass(frozen=True, slots=True)
class Method:
    """A learner with some of its parameters settled.

    Parameters
    ----------
    name
        As ``jari learn --method`` takes it.
    home
        Its module and its class.
    says
        What the method does, in a few words.
    settled
        Parameters that make it this method.
    """

    name: str
    home: str
    says: str
    settled: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters that are not settled, and their defaults."""
        signature = inspect.signature(self._class).parameters
        return {name: one.default for name, one in signature.items() if name not in self.settled}

    @property
    def keeps_checkpoints(self) -> bool:
        """Whether its `fit` can be stopped and resumed."""
        return "checkpoint" in inspect.signature(self._class.fit).parameters

    @property
    def _class(self) -> type[TextLearner]:
        module, name = self.home.split(":")
        learner: type[TextLearner] = getattr(importlib.import_module(f"jari.learn.{module}"), name)
        return learner

    def make(self, **given: Any) -> TextLearner:
        """A learner with these parameters.

        Raises
        ------
        BadInput
            The method has no such parameter.

        Examples
        --------
        >>> METHODS["cbow"].make(dim=50)
        Word2Vec(architecture='cbow', dim=50)
        """
        for name in given:
            if name not in self.parameters:
                having = [method.name for method in METHODS.values() if name in method.parameters]
                raise BadInput(
                    f"{self.name} has no parameter {name!r}"
                    + (f"; {', '.join(having)} have it." if having else f". It has: {', '.join(self.parameters)}.")
                )
        return self._class(**self.settled, **given)


METHODS: Final[dict[str, Method]] = {
    method.name: method
    for method in (
        Method("skipgram", "word2vec:Word2Vec", "a word foretells its neighbours", {"architecture": "skipgram"}),
        Method("cbow", "word2vec:Word2Vec", "the neighbours foretell the word; faster", {"architecture": "cbow"}),
        Method("fasttext", "fasttext:FastText", "words are made of their pieces; unseen words have vectors too"),
        Method("glove", "glove:GloVe", "vectors whose products are the logarithms of counts"),
        Method(
            "ppmi-svd",
            "spectral:SpectralEmbedding",
            "how much more often than by chance words meet",
            {"weighting": "ppmi"},
        ),
        Method("count-svd", "spectral:SpectralEmbedding", "how often words meet", {"weighting": "count"}),
        Method("lsa", "lsa:LSA", "which lines words stand in"),
        Method(
            "random", "random_embedding:RandomEmbedding", "a random vector for each word: what all others must beat"
        ),
    )
}


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
