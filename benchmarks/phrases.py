"""How fast words are joined into phrases, and which, against gensim: ``python -m benchmarks.phrases``.

Both begin with sentences: gensim's `Phrases` with a file of tokens, as it is commonly given one, then `freeze()`, then
every sentence through the result; Jari with the same file encoded (``jari encode``, said beside), or both steps in one.
gensim's own scorer multiplies by the number of words in its vocabulary where Mikolov's word2phrase has the number of
tokens; it is given the latter here, as a scorer of one's own, so that both have the same rule. Underscores are taken
out of the text: gensim takes a word that holds one for a phrase. Runs are made by turns.

Data: text/enwiki.txt.gz in the folder that JARI_DATA names (default: ../shared/data).
"""

from __future__ import annotations

import argparse
import collections
import gzip
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import jari
from jari.ingest.phrases import phrases
from jari.ingest.tokenizers import words

DELTA, THRESHOLD, MIN_COUNT = 5, 100.0, 5


def score(
    worda_count: int, wordb_count: int, bigram_count: int, len_vocab: int, min_count: int, corpus_word_count: int
) -> float:
    """word2phrase's, by the names that gensim asks for."""
    if bigram_count < MIN_COUNT:
        return -1.0
    return (bigram_count - DELTA) * corpus_word_count / (worda_count * wordb_count)


class Sentences:
    """Lines of a file, of tokens that spaces part, each time they are asked for."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __iter__(self) -> Iterator[list[str]]:
        with self._file.open(encoding="utf-8") as lines:
            for line in lines:
                yield line.split()


def by_gensim(file: Path, *, sets: bool) -> tuple[float, set[str]]:
    """Seconds to find phrases and to join them; and those that are there in the end, if `sets`."""
    from gensim.models.phrases import Phrases

    began = time.perf_counter()
    found = Phrases(Sentences(file), min_count=MIN_COUNT, threshold=THRESHOLD, scoring=score).freeze()
    finding = time.perf_counter() - began
    began = time.perf_counter()
    tokens = sum(len(found[sentence]) for sentence in Sentences(file))
    joining = time.perf_counter() - began
    print(
        f"gensim: find {finding:.1f} s, join {joining:.1f} s: {len(found.phrasegrams):,} phrases, {tokens:,} tokens",
        flush=True,
    )
    if not sets:
        return finding + joining, set()
    counts = collections.Counter(
        token for sentence in Sentences(file) for token in found[sentence] if token in found.phrasegrams
    )
    return finding + joining, {phrase for phrase, count in counts.items() if count >= MIN_COUNT}


def by_jari(file: Path, threads: int, passes: int, min_count: int) -> tuple[float, set[str]]:
    """Seconds, and the phrases."""
    began = time.perf_counter()
    with jari.encode(file, tokenizer="whitespace", min_count=min_count, threads=threads) as corpus:
        encoding, singles = time.perf_counter() - began, set(corpus.vocabulary)
        options = {"delta": DELTA, "threshold": THRESHOLD, "min_count": MIN_COUNT, "threads": threads}
        began = time.perf_counter()
        with phrases(corpus, passes, **options) as joined:
            seconds = time.perf_counter() - began
            found, told = set(joined.vocabulary) - singles, joined.statistics["phrases"]["found"]
            print(
                f"jari:   {seconds:.2f} s, {threads} threads, passes found {told}, {len(joined):,} tokens "
                f"(encoded in {encoding:.2f} s with min_count={min_count})",
                flush=True,
            )
    return seconds, found


def by_jari_at_once(file: Path, threads: int) -> set[str]:
    """Phrases while encoding, which knows where rare words were left out."""
    began = time.perf_counter()
    with jari.encode(file, tokenizer="whitespace", min_count=MIN_COUNT, threads=threads, phrases=1) as joined:
        seconds, found = time.perf_counter() - began, joined.statistics["phrases"]["found"]
        print(f"jari:   {seconds:.2f} s, {threads} threads, encode(phrases=1) from the file on, {found} phrases")
        return set(joined.vocabulary)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lines", type=int, default=None, help="of the text; all unless said")
    parser.add_argument("--runs", type=int, default=2)
    options = parser.parse_args()
    text = Path(os.environ.get("JARI_DATA", "../shared/data")) / "text" / "enwiki.txt.gz"
    if not text.exists():
        sys.exit(f"There is no {text}: set JARI_DATA to the folder that holds text/enwiki.txt.gz.")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tokens.txt"
        with gzip.open(text, "rt", encoding="utf-8") as lines, file.open("w", encoding="utf-8") as out:
            some = itertools.islice(lines, options.lines)
            out.writelines(" ".join(words(line.replace("_", " "))) + "\n" for line in some)
        by_jari(file, 2, 1, 1)  # compiles the kernels
        theirs: set[str] = set()
        for run in range(options.runs):
            seconds, phrases_of_gensim = by_gensim(file, sets=run == 0)
            theirs |= phrases_of_gensim
            ours, found = by_jari(file, 2, 1, 1)
            print(f"        gensim takes {seconds / ours:.0f} times as long")
            by_jari(file, 1, 1, 1)
            by_jari(file, 2, 2, 1)
            at_once = by_jari_at_once(file, 2)
        _, gapless = by_jari(file, 2, 1, MIN_COUNT)
    _compare("gensim", theirs, found)
    _compare("encode(phrases=1)", at_once & found, found)
    _compare("a corpus without gaps", gapless, found)


def _compare(name: str, theirs: set[str], ours: set[str]) -> None:
    only = [
        f"only in {whose}: {len(some):,} {sorted(some)[:5]}"
        for whose, some in ((name, theirs - ours), ("a corpus of all words", ours - theirs))
    ]
    print(f"phrases in both: {len(ours & theirs):,};", "; ".join(only))


if __name__ == "__main__":
    main()
