"""What somebody means who types into one box: a key, an expression, or words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from jari.embedding import Embedding
from jari.embedding.expression import Term, parse
from jari.embedding.lookup import look_up
from jari.embedding.pooling import Pooling
from jari.errors import BadInput, UnknownKey
from jari.ingest.recorded import tokenizer_of
from jari.ingest.tokenizers import Tokenizer, tokenizer_named
from jari.types import Unknown, Vector

Kind: TypeAlias = Literal["key", "expression", "text"]
OPERATORS = frozenset("+-−–－＋*×")


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What was meant.

    Parameters
    ----------
    kind
        ``"key"``: what is near it is asked for. ``"expression"``: where it leads. ``"text"``: what is near its words.
    text
        The key, the expression or the text.
    terms
        The keys that count, with their weights.
    unknown
        Words of a text that do not count, since the embedding does not hold them.
    vector
        Of a text, shape (d,).
    """

    kind: Kind
    text: str
    terms: tuple[Term, ...]
    unknown: tuple[str, ...] = ()
    vector: Vector | None = None


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads questions to one embedding.

    Parameters
    ----------
    embedding
        What is asked.

    Examples
    --------
    >>> reader = Reader(Embedding(["king", "man", "New York"], [[1, 0], [0, 1], [1, 1]]))
    >>> reader.read("New York").kind, reader.read("king - man").kind, reader.read("a king, a man").kind
    ('key', 'expression', 'text')
    >>> reader.read("the King").unknown
    ('the',)
    """

    embedding: Embedding

    @property
    def unknown(self) -> Unknown:
        """What is done about keys that are not there: their vectors come from subwords where there are any."""
        return "raise" if self.embedding.subwords is None else "subword"

    def read(self, text: str) -> Question:
        """A key, as it stands; else an expression, where an operator stands alone; else a text.

        Raises
        ------
        BadInput
            The expression cannot be read; or nothing was asked.
        UnknownKey
            A term of the expression is not in the embedding, or no word of the text.
        """
        if text in self.embedding:
            return Question("key", text, (Term(text),))
        if OPERATORS.intersection(text.split()):
            return self.read_expression(text)
        return self.read_text(text)

    def read_expression(self, text: str) -> Question:
        """An expression whose terms are all known."""
        terms = parse(text)
        look_up(self.embedding, [term.key for term in terms], self.unknown)
        return Question("expression", text, terms)

    def read_text(self, text: str) -> Question:
        """A text: its words, pooled as documents are that are searched with this embedding.

        One word that the embedding holds, in other letters or with marks around it, is that key.
        """
        words = list(dict.fromkeys(self._tokenizer(text)))
        known = [word for word in words if word in self.embedding]
        unknown = tuple(word for word in words if word not in self.embedding)
        if len(known) == 1 and not unknown:
            return Question("key", known[0], (Term(known[0]),))
        if self.embedding.subwords is not None:
            known, unknown = words, ()
        if not known:
            if not text.strip():
                raise BadInput("Nothing is asked: give a key, an expression or a text.")
            raise self.embedding.vocabulary.unknown(text.strip())
        vector = self._pooling([text])[0]
        if not np.any(vector):
            raise UnknownKey(f"Nothing is known of {text!r} in this embedding ({len(self.embedding):,} keys).")
        return Question("text", text, tuple(map(Term, known)), unknown, vector)

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        corpus = self.embedding.metadata.get("corpus", {})
        try:
            return tokenizer_of(corpus if isinstance(corpus, dict) else {}, self.embedding.vocabulary)
        except BadInput:  # a function of somebody's own, which no file holds
            return tokenizer_named("words")

    @cached_property
    def _pooling(self) -> Pooling:
        make = Pooling if self.embedding.vocabulary.counts is None else Pooling.expected
        unknown: Unknown = "skip" if self.embedding.subwords is None else "subword"
        return make(embedding=self.embedding, tokenizer=self._tokenizer, unknown=unknown)
