"""`phrases`: words that belong together become one word, in text that is encoded already."""

from __future__ import annotations

import pathlib
from typing import Any

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.ingest.corpus import Corpus
from jari.ingest.joining import Joining, Settings, Text
from jari.ingest.resources import memory_size
from jari.ingest.writing import written_corpus
from jari.threads import thread_count
from jari.types import Callback, Path


def phrases(
    corpus: Corpus,
    passes: int = 1,
    *,
    delta: float = 5.0,
    threshold: float = 100.0,
    min_count: int = 5,
    joiner: str = "_",
    out: Path | None = None,
    force: bool = False,
    threads: int | None = None,
    memory: str | int = "1GB",
    callback: Callback | None = None,
) -> Corpus:
    """Join words that stand side by side more often than by chance: new york → new_york.

    Words a and b become one where (count(ab) - delta) · N / (count(a) · count(b)) > threshold, N being the number of
    tokens: equation 6 of Mikolov et al., "Distributed Representations of Words and Phrases and their Compositionality"
    (2013), times N as in their word2phrase. All pairs within sentences are counted exactly; then each sentence is
    joined from left to right, so that no word is in two phrases at once.

    Parameters
    ----------
    corpus
        Stays as it is. Words that it left out have no place in it, so that those on either side of one count as
        neighbours here, and N is of the words that are left. ``jari.encode(…, phrases=1)`` knows of the gaps.
    passes
        Each joins what the one before made: two make phrases of up to four words.
    delta
        Keeps out phrases of rare words.
    threshold
        How many times more often than by chance, roughly. Lower it for more phrases, in small texts above all.
    min_count
        Phrases must occur so often. Words that occur less often once some of them are part of phrases are left out, as
        if the joined text had been encoded with this `min_count`.
    joiner
        What to put between the words of a phrase. Where that makes a word that is there already, they are the same.
    out, force
        A folder to keep the new corpus in, as for `jari.encode`. Without it the corpus is on disk while it is in use.
    threads, memory, callback
        As for `jari.encode`. The result is the same with any number of threads and any memory.

    Returns
    -------
    corpus
        With a vocabulary of its own: words and phrases, counted in the joined text. Its `statistics` are those of the
        text, with ``phrases``: the parameters, how many were ``found`` in each pass, how many ``tokens_joined`` to the
        one before; and what was left out at the end under ``tokens_dropped`` and ``words_dropped``.

    Raises
    ------
    BadInput
        A parameter is out of its range, the corpus is empty, or no word is frequent enough.
    BadFile
        The corpus is damaged.
    FileIsThere
        Something is at `out`.

    Examples
    --------
    >>> import jari
    >>> text = ["a new york day", "a new day", "one day in new york", "in a day", "in one new year"] * 10
    >>> with jari.encode(text) as corpus, phrases(corpus, threshold=2.5) as joined:
    ...     joined.vocabulary.keys[:6], joined.statistics["phrases"]["found"]
    (['day', 'a', 'in', 'new', 'new_york', 'one'], [1])
    """
    settings = Settings(passes, delta, threshold, min_count, joiner)
    settings.check()
    joining = Joining(settings, thread_count(threads), memory_size(memory), callback)
    if not len(corpus):
        raise BadInput("The corpus holds no word: was it closed?")

    def fill(folder: pathlib.Path) -> tuple[Vocabulary, dict[str, Any]]:
        joined = joining.join(Text.of(corpus.ids, corpus.offsets, corpus.vocabulary.arrow), folder)
        return joined.vocabulary, joined.told(corpus.statistics, settings)

    return written_corpus(fill, out, force=force)
