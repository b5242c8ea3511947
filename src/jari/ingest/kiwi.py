"""`Kiwi`: Korean morphemes, found by kiwipiepy (the extra ``korean``)."""

from __future__ import annotations

import threading
import unicodedata
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, Final

from jari.errors import BadInput
from jari.extras import require

# https://bab2min.github.io/kiwipiepy lists what they mean. Irregular verbs and adjectives have "-I" behind their tag.
TAGS: Final = (
    *("NNG", "NNP", "NNB", "NR", "NP"),  # nouns, numerals, pronouns
    *("VV", "VA", "VX", "VCP", "VCN"),  # verbs, adjectives, auxiliaries, copulas
    *("MM", "MAG", "MAJ", "IC"),  # determiners, adverbs, interjections
    *("JKS", "JKC", "JKG", "JKO", "JKB", "JKV", "JKQ", "JX", "JC"),  # particles
    *("EP", "EF", "EC", "ETN", "ETM"),  # endings
    *("XPN", "XSN", "XSV", "XSA", "XSM", "XR"),  # affixes, roots
    *("SF", "SP", "SS", "SSO", "SSC", "SE", "SO", "SW", "SB"),  # punctuation and other signs
    *("SL", "SH", "SN"),  # foreign letters, Chinese characters, numbers
    *("W_URL", "W_EMAIL", "W_HASHTAG", "W_MENTION", "W_SERIAL", "W_EMOJI"),
    *("Z_CODA", "Z_SIOT", "UN", "USER0", "USER1", "USER2", "USER3", "USER4"),
)
_LONGEST: Final = 8192  # characters
_WORDS: Final = tuple(tag for tag in TAGS if tag[0] != "S" or tag in ("SL", "SH", "SN"))


class Kiwi:
    """Morphemes as they stand in the text: 지었다 is 짓, 었, 다.

    The text is brought into Normalization Form C first; letters are not lower-cased. Endings without a vowel of their
    own are compatibility jamo, as people type them: ㄴ다.

    Parameters
    ----------
    pos
        Parts of speech to keep, by Kiwi's tags (of Sejong) or their beginnings: ``["NNG", "NNP"]`` are common and
        proper nouns, ``["N", "VV", "VA"]`` all nouns, verbs and adjectives. All but punctuation and other signs, unless
        said. What is left out leaves no gap behind.

    Raises
    ------
    BadInput
        No part of speech begins so.
    ExtraMissing
        kiwipiepy is not installed.

    Notes
    -----
    The analyser and its dictionaries, half a gigabyte, are loaded at the first use and stay; all objects of this class
    share them. A text of more than 8,192 characters is analysed in parts, cut between sentences: for one of 400,000 the
    analyser would need 16 s, for its parts 3 s.

    Examples
    --------
    >>> nouns = Kiwi(["NNG", "NNP"])  # doctest: +SKIP
    >>> nouns("서울에서 집을 지었다.")  # doctest: +SKIP
    ['서울', '집']
    """

    __slots__ = ("_kept", "pos")

    def __init__(self, pos: Iterable[str] | None = None) -> None:
        if isinstance(pos, str):
            raise BadInput(f"pos={pos!r} is one string: give a list of parts of speech, {pos.split(',')!r}.")
        self.pos: tuple[str, ...] | None = None if pos is None else tuple(tag.strip() for tag in pos)
        for given in self.pos if self.pos is not None else ():
            if not given or not any(tag.startswith(given) for tag in TAGS):
                raise BadInput(
                    f"Kiwi has no part of speech {given!r}. It has: {', '.join(TAGS)}. The beginning of some will do: "
                    "'N' for all nouns."
                )
        if self.pos == ():
            raise BadInput("pos=() keeps nothing: give parts of speech, or None for all words.")
        self._kept = frozenset(_WORDS if self.pos is None else (t for t in TAGS if t.startswith(self.pos)))
        require("kiwipiepy", extra="korean")

    @property
    def __name__(self) -> str:
        """As `jari.ingest.tokenizers.tokenizer_named` knows it."""
        return "kiwi" if self.pos is None else f"kiwi:{','.join(self.pos)}"

    def __repr__(self) -> str:
        return "Kiwi()" if self.pos is None else f"Kiwi({list(self.pos)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Kiwi) and self.pos == other.pos

    def __hash__(self) -> int:
        return hash((Kiwi, self.pos))

    def __reduce__(self) -> tuple[type[Kiwi], tuple[tuple[str, ...] | None]]:
        return Kiwi, (self.pos,)

    def __call__(self, text: str) -> list[str]:
        """The morphemes of one text."""
        return next(self.many([text]))

    def many(self, texts: Iterable[str], threads: int | None = None) -> Iterator[list[str]]:
        """The morphemes of each text.

        Parameters
        ----------
        texts
            Read ahead by a few for each thread.
        threads
            How many of Kiwi's own to analyse on; as many as it has already, or all cores, unless said.
        """
        parts_of: deque[int] = deque()

        def parts() -> Iterator[str]:
            for text in texts:
                found = _parts(unicodedata.normalize("NFC", text))
                parts_of.append(len(found))
                yield from found

        analysed = _shared.analyser(threads).tokenize(parts(), compatible_jamo=True)
        for first in analysed:
            rest = islice(analysed, parts_of.popleft() - 1)
            yield self._chosen(chain(first, *rest))

    def _chosen(self, morphemes: Iterable[Any]) -> list[str]:
        kept = self._kept
        return [one.form for one in morphemes if one.tag.partition("-")[0] in kept]


def _parts(text: str) -> list[str]:
    """A text cut where a sentence ends, or else at a space."""
    parts = []
    at = 0
    while len(text) - at > _LONGEST:
        near, far = at + _LONGEST // 2, at + _LONGEST
        stop = max(text.rfind(end, near, far) for end in (". ", "? ", "! ")) + 2
        if stop < near:
            stop = text.rfind(" ", near, far) + 1 or far
        parts.append(text[at:stop])
        at = stop
    return [*parts, text[at:]]


class _Shared:
    """One analyser for the whole process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._analyser: Any = None
        self._threads: int | None = None

    def analyser(self, threads: int | None = None) -> Any:
        """With so many threads; with as many as it happens to have, where that is no matter."""
        with self._lock:
            if self._analyser is None or (threads is not None and threads != self._threads):
                self._analyser = None  # first, so that there are never two
                self._analyser = require("kiwipiepy", extra="korean").Kiwi(num_workers=threads or -1)
                self._threads = threads
            return self._analyser


_shared = _Shared()
