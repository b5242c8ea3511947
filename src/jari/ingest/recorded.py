"""Other text, tokenised as a corpus was: by what its statistics record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pyarrow.compute as pc

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.ingest.splitters import SPLITTERS, Splitting
from jari.ingest.tokenised import Batched
from jari.ingest.tokenizers import Tokenizer, name_of, tokenizer_named


def tokenizer_of(statistics: Mapping[str, Any], vocabulary: Vocabulary, given: str | Tokenizer = "words") -> Tokenizer:
    """What to tokenise text with that is to be looked up in the words of a corpus.

    Parameters
    ----------
    statistics
        Of the corpus; where they record no tokenizer, it is `given`.
    vocabulary
        Of the corpus, or of what was learnt from it. Where the corpus has phrases, they are looked for in here.
    given
        The tokenizer itself, where the corpus knows a user's function by name only.

    Raises
    ------
    BadInput
        The corpus was made with a function, and that is not given.

    Examples
    --------
    >>> recorded = {"tokenizer": "words", "phrases": {"passes": 1, "joiner": "_"}}
    >>> tokenizer_of(recorded, Vocabulary(["new_york", "in"]))("Once, in New York")
    ['once', 'in', 'new_york']
    """
    name = statistics.get("tokenizer", name_of(given))
    wanted = given if name == name_of(given) else name
    try:
        tokenizer = Splitting(wanted) if isinstance(wanted, str) and wanted in SPLITTERS else tokenizer_named(wanted)
    except BadInput as error:
        raise BadInput(
            f"The corpus was tokenised by {name!r}, which is no tokenizer that has a name: give it as tokenizer=."
        ) from error
    joined = statistics.get("phrases")
    return tokenizer if joined is None else Phrasing(tokenizer, vocabulary, joined["joiner"], 2 ** joined["passes"])


class Phrasing:
    """A tokenizer that joins words into the phrases of a vocabulary, the longest that begins at each word first.

    Parameters
    ----------
    tokenizer
        What the words come from.
    vocabulary
        Words and phrases.
    joiner
        What stands between the words of a phrase.
    longest
        How many words a phrase has at most.

    Examples
    --------
    >>> Phrasing(str.split, Vocabulary(["san_jose", "san_jose_airport"]), "_", 4)("to san jose airport")
    ['to', 'san_jose_airport']
    """

    def __init__(self, tokenizer: Tokenizer, vocabulary: Vocabulary, joiner: str, longest: int) -> None:
        self._tokenizer, self._joiner, self._longest = tokenizer, joiner, longest
        self._phrases = set(vocabulary.arrow.filter(pc.match_substring(vocabulary.arrow, joiner)).to_pylist())
        self.__name__ = f"{name_of(tokenizer)} with phrases"

    def __call__(self, text: str) -> list[str]:
        """The words and phrases of one text."""
        return self._joined(list(self._tokenizer(text)))

    def many(self, texts: Iterable[str], threads: int | None = None) -> Iterator[list[str]]:
        """The words and phrases of each text."""
        many = self._tokenizer.many(texts, threads) if isinstance(self._tokenizer, Batched) else None
        return map(self._joined, map(list, map(self._tokenizer, texts)) if many is None else many)

    def _joined(self, words: list[str]) -> list[str]:
        found, at = [], 0
        while at < len(words):
            for width in range(min(self._longest, len(words) - at), 0, -1):
                phrase = self._joiner.join(words[at : at + width])
                if width == 1 or phrase in self._phrases:
                    break
            found.append(phrase)
            at += width
        return found
