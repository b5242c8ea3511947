"""`encode`: text in, `Corpus` out."""

from __future__ import annotations

import pathlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.ingest import counting
from jari.ingest.choosing import Choice, buckets_for, choose, choose_from
from jari.ingest.corpus import Corpus
from jari.ingest.counting import Counting, Limits
from jari.ingest.joining import Joining, Settings, Text
from jari.ingest.resources import Report, memory_size
from jari.ingest.sentences import TokenLists
from jari.ingest.sources import Found, find
from jari.ingest.splitters import SPLITTERS
from jari.ingest.spool import Piece, Spool
from jari.ingest.tokenised import TokenisedText
from jari.ingest.tokenizers import Tokenizer, name_of, tokenizer_named
from jari.ingest.writing import SentenceFiles, in_order, written_corpus
from jari.kernels.renumber import renumber
from jari.threads import thread_count
from jari.types import Callback, Ids, Path

_TOKENS_AT_ONCE = 1 << 20  # renumbered by one thread before the next is asked
_LARGEST_SHEET = 16 << 20

_Renumbered = tuple[Ids, Ids, int]  # what is kept of a piece, where its lines end in that, and how much it was


def encode(
    source: Any,
    *,
    tokenizer: str | Tokenizer = "words",
    min_count: int = 5,
    max_vocabulary: int | None = None,
    threads: int | None = None,
    errors: Literal["strict", "replace"] = "strict",
    column: str | None = None,
    out: Path | None = None,
    force: bool = False,
    memory: str | int = "1GB",
    callback: Callback | None = None,
    vocabulary: Vocabulary | None = None,
    phrases: int = 0,
) -> Corpus:
    """Tokenise text, count its words, and turn it into numbers; in one pass over the text, on all cores.

    Parameters
    ----------
    source
        A path, a glob, a folder (all text files in it, sorted), ``"-"`` for standard input, or a list of those; or any
        iterable of strings (one sentence each) or of lists of tokens. In files one line is one sentence, however long.
        Files may be compressed: ``.gz .bz2 .zst .xz .lz4``. To be sure that a list is read as paths, give
        `pathlib.Path`.
    tokenizer
        ``"words"``: Unicode words in lower case and Normalization Form C; ``"whitespace"``: what stands between
        whitespace, unchanged; ``"chars"``: characters; ``"jamo"``: characters, and the letters of Hangul; ``"kiwi"`` or
        ``"kiwi:NNG,VV"``: Korean morphemes, of some parts of speech (`jari.ingest.kiwi.Kiwi`); the path of a Hugging
        Face ``tokenizer.json``; or a function from a string to a list of strings, which is called in this thread.
    min_count
        Words that occur less often are left out. Lower it for small texts.
    max_vocabulary
        Keep so many words, the most frequent.
    threads
        As many as there are cores, unless said. The result is the same with any number.
    errors
        ``"strict"``: text that is not UTF-8 is an error; ``"replace"``: broken bytes part tokens, and are counted.
    column
        Of a csv, tsv, jsonl or parquet file, the column that holds the text.
    out
        A folder to keep the corpus in. Without it the corpus is on disk while it is in use.
    force
        Replace an encoded corpus that is at `out`.
    memory
        Bytes to work in, as a number or as ``"500MB"``; more goes to disk. The vocabulary that results comes on top.
    callback
        Told about every tenth of a second how many bytes were read (``"counting"``) and written (``"encoding"``).
    vocabulary
        Encode with these words rather than the text's own; `min_count` and `max_vocabulary` are not looked at then.
        The corpus has the same words in the same rows, counted in this text (0 for those that do not occur).
    phrases
        Join words that belong together, so many times over: 1 makes new_york, 2 phrases of up to four words, as
        `jari.ingest.phrases.phrases` does it. Words that are left out here part their neighbours, so that the phrases
        are those of the whole text. `max_vocabulary` counts words and phrases.

    Returns
    -------
    corpus
        Words that are left out are left out of `ids`; sentences of which nothing is left have no place in `offsets`.
        All of it is counted in `statistics`: ``sentences_read``, ``sentences`` (kept), ``sentences_empty``;
        ``tokens_read``, ``tokens_kept``, ``tokens_dropped`` and ``words_read`` (different ones), ``words_kept``,
        ``words_dropped``, by the rule that dropped them; ``bytes_read``, ``bytes_replaced``; ``sources``,
        ``files_skipped``; and the parameters.

    Raises
    ------
    BadInput
        There is no word, no word is frequent enough, a file is binary, a glob or a folder has nothing to read.
    BadEncoding
        Text is not UTF-8; file, line and byte are said.
    BadFile
        A compressed file or a table is damaged.
    NoSuchFile, FileIsThere
        An input is not there; an output is.

    Examples
    --------
    >>> corpus = encode(["The cat purrs.", "The cat sleeps; the dog doesn’t."], min_count=2)
    >>> corpus.vocabulary.keys, corpus.vocabulary.counts.tolist(), corpus.ids.tolist()
    (['the', 'cat'], [3, 2], [0, 1, 0, 1, 0])
    >>> corpus.statistics["tokens_dropped"]
    {'min_count': 4, 'max_vocabulary': 0}
    """
    _check(min_count, max_vocabulary, errors)
    tokenizer_named(tokenizer)  # now, not once a source has been opened
    plan = _Plan(
        tokenizer=tokenizer,
        min_count=min_count,
        max_vocabulary=max_vocabulary,
        threads=thread_count(threads),
        errors=errors,
        memory=memory_size(memory),
        callback=callback,
        vocabulary=vocabulary,
        phrases=_settings(phrases, min_count, vocabulary),
    )

    def fill(folder: pathlib.Path) -> tuple[Vocabulary, dict[str, Any]]:
        return plan.carry_out(find(source, column=column, errors=errors), folder)

    return written_corpus(fill, out, force=force)


@dataclass(frozen=True, slots=True)
class _Plan:
    tokenizer: str | Tokenizer
    min_count: int
    max_vocabulary: int | None
    threads: int
    errors: str
    memory: int
    callback: Callback | None
    vocabulary: Vocabulary | None
    phrases: Settings | None

    def carry_out(self, found: Found, folder: pathlib.Path) -> tuple[Vocabulary, dict[str, Any]]:
        """Fill a folder with ids and offsets."""
        scratch = folder / "scratch"
        scratch.mkdir()
        limits = Limits(
            table=self.memory // 2 // self.threads,
            spool=self.memory // 4,
            sheet=min(_LARGEST_SHEET, self.memory // 16 // self.threads),
            block=max(1, min(counting.BLOCK_BYTES, self.memory // 256)),
        )
        with _pool(self.threads) as pool:
            report = Report(self.callback, "counting", found.size, "bytes")
            found = self._tokenised(found, limits.block)
            count = Counting(self._splitter or "whitespace", self.errors, pool, self.threads, limits, scratch, report)
            try:
                count.read(found.sources)
                choice = self._choose(count, pool)
                report.end()
                if self.phrases is not None:
                    _mark_gaps(choice)
                place = folder if self.phrases is None else scratch
                kept, sentences = _write(count.spool, choice.rows, place, pool, self.threads, self.callback)
            finally:
                count.spool.close()
        if not kept:
            raise BadInput("No word of this text is in the vocabulary given. Are both tokenised in the same way?")
        vocabulary, statistics = choice.vocabulary, self._statistics(found, count, choice, sentences)
        if self.phrases is not None:
            joining = Joining(self.phrases, self.threads, self.memory, self.callback, self.max_vocabulary)
            joined = joining.join(Text.with_gaps(scratch, vocabulary), folder)
            vocabulary, statistics = joined.vocabulary, joined.told(statistics, self.phrases)
        shutil.rmtree(scratch, ignore_errors=True)
        return vocabulary, statistics

    @property
    def _splitter(self) -> str | None:
        return self.tokenizer if isinstance(self.tokenizer, str) and self.tokenizer in SPLITTERS else None

    def _tokenised(self, found: Found, block: int) -> Found:
        """What the splitters cannot do is done to the text before it comes to them."""
        if self._splitter is not None:
            return found
        tokenizer = tokenizer_named(self.tokenizer)
        sources = [
            source
            if isinstance(source, TokenLists)
            else TokenisedText(
                source=source, tokenizer=tokenizer, threads=self.threads, errors=self.errors, block=block
            )
            for source in found.sources
        ]
        return replace(found, sources=sources)

    def _choose(self, count: Counting, pool: Executor) -> Choice:
        def run(function: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
            return list(pool.map(function, items))

        memory = self.memory // 4
        if self.vocabulary is not None:
            tables = [*count.tables, *count.tables[:1]]  # one more: the vocabulary's own
            return choose_from(self.vocabulary, count.tables, buckets_for(tables, self.threads, memory), run)
        most = self.max_vocabulary if self.phrases is None else None  # not before there are phrases among the words
        return choose(count.tables, self.min_count, most, buckets_for(count.tables, self.threads, memory), run)

    def _statistics(self, found: Found, count: Counting, choice: Choice, sentences: int) -> dict[str, Any]:
        words_kept = len(choice.vocabulary) if self.vocabulary is None else choice.words_frequent
        rare = "min_count" if self.vocabulary is None else "vocabulary"
        tokens_dropped = {rare: choice.tokens_read - choice.tokens_frequent}
        words_dropped = {rare: choice.words_read - choice.words_frequent}
        if self.vocabulary is None:
            tokens_dropped["max_vocabulary"] = choice.tokens_frequent - choice.tokens_kept
            words_dropped["max_vocabulary"] = choice.words_frequent - words_kept
        replaced = sum(sum(source.replaced) for source in found.sources if isinstance(source, TokenisedText))
        return {
            "sentences": sentences,
            "sentences_read": count.lines,
            "sentences_empty": count.lines - sentences,
            "tokens_read": choice.tokens_read,
            "tokens_kept": choice.tokens_kept,
            "tokens_dropped": tokens_dropped,
            "words_read": choice.words_read,
            "words_kept": words_kept,
            "words_dropped": words_dropped,
            "bytes_read": count.bytes_read,
            "bytes_replaced": count.bytes_replaced + replaced,
            "sources": [source.name for source in found.sources],
            "files_skipped": found.skipped,
            "tokenizer": name_of(self.tokenizer),
            "min_count": self.min_count if self.vocabulary is None else None,
            "max_vocabulary": self.max_vocabulary if self.vocabulary is None else None,
            "errors": self.errors,
        }


def _mark_gaps(choice: Choice) -> None:
    """Let words that are left out have one more row, in place of -1."""
    for rows in choice.rows:
        rows[rows < 0] = len(choice.vocabulary)


def _write(
    spool: Spool, rows: list[Ids], folder: pathlib.Path, pool: Executor, threads: int, callback: Callback | None
) -> tuple[int, int]:
    """From numbers of tables to rows of the vocabulary; gives how many tokens and sentences there are now."""
    report = Report(callback, "encoding", 4 * spool.tokens, "bytes")
    read = 0
    with SentenceFiles(folder) as files:
        for batch in in_order(pool, lambda pieces: _renumbered(pieces, rows), _batches(spool), threads):
            for kept, ends, before in batch:
                files.append(kept, ends)
                read += 4 * before
            report(read)
        report.end()
        return files.tokens, files.sentences


def _batches(spool: Spool) -> Iterator[list[Piece]]:
    batch: list[Piece] = []
    tokens = 0
    for piece in spool:
        batch.append(piece)
        tokens += len(piece.ids)
        if tokens >= _TOKENS_AT_ONCE:
            yield batch
            batch, tokens = [], 0
    if batch:
        yield batch


def _renumbered(batch: list[Piece], rows: list[Ids]) -> list[_Renumbered]:
    found = []
    for piece in batch:
        out, ends = np.empty(len(piece.ids) + 1, np.int32), np.empty(len(piece.ends), np.int32)
        n = renumber(piece.ids, piece.ends, rows[piece.table], out, ends)
        found.append((out[:n], ends, len(piece.ids)))
    return found


@contextmanager
def _pool(threads: int) -> Iterator[Executor]:
    """Threads that nobody waits for longer than a block takes, when the main one is interrupted."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="jari-ingest")
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _settings(phrases: int, min_count: int, vocabulary: Vocabulary | None) -> Settings | None:
    if isinstance(phrases, bool) or not isinstance(phrases, int | np.integer) or phrases < 0:
        raise BadInput(f"phrases={phrases!r} must be a whole number, 0 or more: how often words are joined.")
    if phrases == 0:
        return None
    if vocabulary is not None:
        raise BadInput(
            f"phrases={phrases} finds new words, and with vocabulary= there are none: leave out one of the two."
        )
    return Settings(int(phrases), min_count=int(min_count))


def _check(min_count: int, max_vocabulary: int | None, errors: str) -> None:
    for name, value in {"min_count": min_count, "max_vocabulary": max_vocabulary}.items():
        if name == "max_vocabulary" and value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise BadInput(f"{name}={value!r} must be a whole number, 1 or more.")
    if errors not in ("strict", "replace"):
        raise BadInput(f"errors={errors!r} must be 'strict' or 'replace'.")
