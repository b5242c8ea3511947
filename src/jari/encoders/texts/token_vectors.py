"""`TokenVectors`: each token of a text, with its vector in that text."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from jari.embedding import Embedding
from jari.errors import BadInput, UnknownKey
from jari.types import Matrix, Vector


@dataclass(frozen=True, slots=True, eq=False)
class TokenVectors:
    """What `TextEncoder.encode_tokens` gives.

    Parameters
    ----------
    text
        As it was given.
    tokens
        The pieces of its words, as the model spells them: ``"em"``, ``"##bed"``.
    spans
        Where each stands in `text`: the characters from a first one to before a last one.
    words
        Which word each belongs to, counted from 0; -1 for one that belongs to none.
    vectors
        Shape (tokens, d).

    Examples
    --------
    >>> found = TokenVectors("a bank", ("a", "bank"), ((0, 1), (2, 6)), (0, 1), np.eye(2, dtype=np.float32))
    >>> found.of("bank")
    array([0., 1.], dtype=float32)
    """

    text: str
    tokens: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    words: tuple[int, ...]
    vectors: Matrix

    def __len__(self) -> int:
        return len(self.tokens)

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self.tokens[:8]))
        return f"TokenVectors({len(self)} tokens × {self.vectors.shape[1]}: {shown}{', …' if len(self) > 8 else ''})"

    def of(self, word: str, occurrence: int = 0) -> Vector:
        """The vector of a word, (d,): the mean of its pieces.

        Parameters
        ----------
        word
            As it is written in the text, or in other letters of the same word (``"bank"`` finds ``"Bank"``). What is
            no word of the text, but stands in it (``"river bank"``, the ``"은행"`` of ``"은행에서"``), is found too:
            its pieces are those that it touches.
        occurrence
            Which one, counted from 0; -1 is the last.

        Raises
        ------
        UnknownKey
            It does not occur, or not so often.
        BadInput
            An empty word.
        """
        if not isinstance(word, str) or not word.strip():
            raise BadInput(f"word={word!r}: give a word of the text.")
        found = self._pieces(word)
        if not found:
            raise UnknownKey(f"{word!r} does not occur in {self._shown()}. Its words are: {self._spelt()}.")
        if not -len(found) <= occurrence < len(found):
            raise UnknownKey(f"{word!r} occurs {len(found)} times in {self._shown()}: there is no {occurrence}.")
        mean: Vector = self.vectors[found[occurrence]].mean(0)
        return mean

    def embedding(self) -> Embedding:
        """An `Embedding` with a key for each word: its spelling, ``#``, and which of its occurrences it is, from 1."""
        rows = self._by_word()
        seen: Counter[str] = Counter()
        keys = []
        for pieces in rows:
            spelling = self.text[self.spans[pieces[0]][0] : self.spans[pieces[-1]][1]]
            seen[spelling] += 1
            keys.append(f"{spelling}#{seen[spelling]}")
        if not keys:
            raise BadInput(f"{self._shown()} has no words: there is nothing to make an embedding of.")
        return Embedding(keys, np.stack([self.vectors[pieces].mean(0) for pieces in rows]))

    def _pieces(self, word: str) -> list[list[int]]:
        """The tokens of each occurrence."""
        spelt = [
            (pieces, self.text[self.spans[pieces[0]][0] : self.spans[pieces[-1]][1]]) for pieces in self._by_word()
        ]
        alike = [(pieces, other) for pieces, other in spelt if other.casefold() == word.casefold()]
        if alike:
            same = [pieces for pieces, other in alike if other == word]
            return same or [pieces for pieces, _ in alike]
        found, begin = [], self.text.find(word)
        while begin >= 0:
            end = begin + len(word)
            pieces = [at for at, (first, last) in enumerate(self.spans) if first < end and last > begin]
            if pieces:
                found.append(pieces)
            begin = self.text.find(word, end)
        return found

    def _by_word(self) -> list[list[int]]:
        """The tokens of each word, in order."""
        groups: dict[int, list[int]] = {}
        for at, word in enumerate(self.words):
            if word >= 0 and self.spans[at][1] > self.spans[at][0]:
                groups.setdefault(word, []).append(at)
        return list(groups.values())

    def _shown(self) -> str:
        return repr(self.text if len(self.text) <= 60 else f"{self.text[:57]}…")

    def _spelt(self) -> str:
        words = [self.text[self.spans[one[0]][0] : self.spans[one[-1]][1]] for one in self._by_word()]
        return ", ".join(words[:10]) + (", …" if len(words) > 10 else "")
