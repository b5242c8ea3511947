"""`Joining`: the passes over an encoded text that make one word of two, and the vocabulary that comes of them."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jari.embedding.formats.keys import int64_column
from jari.embedding.vocabulary import Vocabulary, _as_scalar
from jari.errors import BadFile, BadInput
from jari.ingest.bigrams import Bigrams, BigramSearch, Rule
from jari.ingest.corpus import IDS, OFFSETS
from jari.ingest.resources import Report
from jari.ingest.sealed import mapped
from jari.ingest.writing import SentenceFiles, in_order
from jari.kernels.phrases import join_pairs
from jari.kernels.renumber import renumber
from jari.types import Callback, Counts, Ids, Offsets

_AT_ONCE = 1 << 20  # tokens
_Chunk = tuple[Ids, Ids]  # tokens, and where in them sentences end


@dataclass(frozen=True, slots=True)
class Settings:
    """The parameters of `jari.ingest.phrases.phrases`."""

    passes: int
    delta: float = 5.0
    threshold: float = 100.0
    min_count: int = 5
    joiner: str = "_"

    def check(self) -> None:
        """Raise `BadInput` where one is out of its range."""
        for name, least in (("passes", 1), ("min_count", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
                raise BadInput(f"{name}={value!r} must be a whole number, {least} or more.")
        for name in ("delta", "threshold"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not 0 <= value < math.inf:
                raise BadInput(f"{name}={value!r} must be a number, 0 or more.")
        if not isinstance(self.joiner, str):
            raise BadInput(f"joiner={self.joiner!r} must be a string: it goes between the words of a phrase.")


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """Sentences of numbers, and the words behind them.

    Parameters
    ----------
    ids, offsets
        As in a `Corpus`, read-only.
    keys
        Arrow's ``large_string``, one a number; null where the number marks a gap.
    counts
        How often each stands in the text; 0 for a gap.
    """

    ids: Ids
    offsets: Offsets
    keys: pa.Array
    counts: Counts

    @classmethod
    def of(cls, ids: Ids, offsets: Offsets, keys: pa.Array) -> Text:
        """Counted.

        Raises
        ------
        BadFile
            There are numbers that no word has.
        """
        still, counts = _still(ids, np.int32), np.zeros(len(keys), np.int64)
        for start in range(0, len(still), _AT_ONCE):
            part = still[start : start + _AT_ONCE]
            if part.min() < 0 or part.max() >= len(keys):
                raise BadFile(f"The corpus holds numbers that none of its {len(keys):,} words has: it is damaged.")
            counts += np.bincount(part, minlength=len(keys))
        counts[keys.is_null().to_numpy(zero_copy_only=False)] = 0
        return cls(still, _still(offsets, np.int64), keys, counts)

    @classmethod
    def with_gaps(cls, folder: Path, vocabulary: Vocabulary) -> Text:
        """Of a folder that holds ids and offsets; the number after the last of the vocabulary marks a gap."""
        counts = np.append(np.asarray(vocabulary.counts, np.int64), 0)
        return cls(*_mapped(folder), pa.concat_arrays([vocabulary.arrow, pa.nulls(1, pa.large_string())]), counts)

    def chunks(self, bigrams: Bigrams | None = None) -> Iterator[_Chunk]:
        """All of it, a million tokens at a time or a few more: no pair of `bigrams` is cut."""
        begin, tokens = 0, len(self.ids)
        while begin < tokens:
            end = min(begin + _AT_ONCE, tokens)
            while bigrams is not None and end < tokens and bigrams.holds(self.ids[end - 1], self.ids[end]):
                end += 1
            first, last = np.searchsorted(self.offsets, (begin, end), side="right")
            yield self.ids[begin:end].copy(), (self.offsets[first:last] - begin).astype(np.int32)
            begin = end


@dataclass(frozen=True, slots=True)
class Joined:
    """What came of a text.

    Parameters
    ----------
    vocabulary
        Words and phrases, the most frequent first, ties by key.
    found
        How many phrases each pass found.
    tokens_joined
        How many tokens there are fewer for being parts of phrases.
    tokens_dropped, words_dropped
        What was left out afterwards, by rule.
    """

    vocabulary: Vocabulary
    sentences: int
    tokens: int
    found: tuple[int, ...]
    tokens_joined: int
    tokens_dropped: dict[str, int]
    words_dropped: dict[str, int]

    def told(self, statistics: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
        """The statistics of the text, brought up to date."""
        told = {
            **statistics,
            "sentences": self.sentences,
            "tokens_kept": self.tokens,
            "words_kept": len(self.vocabulary),
            "phrases": {**asdict(settings), "found": list(self.found), "tokens_joined": self.tokens_joined},
        }
        if "sentences_read" in statistics:
            told["sentences_empty"] = statistics["sentences_read"] - self.sentences
        for name in ("tokens_dropped", "words_dropped"):
            dropped = dict(statistics.get(name, {}))
            for rule, number in getattr(self, name).items():
                dropped[rule] = dropped.get(rule, 0) + number
            told[name] = dropped
        return told


@dataclass(frozen=True, slots=True)
class Joining:
    """Passes over a text, as `settings` has them, and in the end `max_vocabulary` words at most."""

    settings: Settings
    threads: int
    memory: int
    callback: Callback | None
    max_vocabulary: int | None = None

    def join(self, text: Text, folder: Path) -> Joined:
        """Put ids and offsets into a folder, which must hold neither of them yet.

        Raises
        ------
        BadInput
            No word is frequent enough.
        """
        before, found = len(text.ids), list[int]()
        with ThreadPoolExecutor(self.threads, thread_name_prefix="jari-phrases") as pool:
            try:
                for number in range(1, self.settings.passes + 1):
                    scratch = folder / f"pass-{number}"
                    text, phrases = self._pass(text, number, scratch, pool)
                    found.append(phrases)
                    if not phrases:
                        break
                joined = self._written(text, folder, pool)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        for scratch in folder.glob("pass-*"):
            shutil.rmtree(scratch, ignore_errors=True)
        return replace(joined, found=tuple(found), tokens_joined=before - len(text.ids))

    def _pass(self, text: Text, number: int, scratch: Path, pool: Executor) -> tuple[Text, int]:
        """The text with its phrases joined, in a folder of its own, and how many phrases it has."""
        rule = Rule(self.settings.delta, self.settings.threshold, self.settings.min_count)
        which = f" ({number} of {self.settings.passes})" if self.settings.passes > 1 else ""
        report = Report(self.callback, f"finding phrases{which}", len(text.ids), "words")
        search = BigramSearch(text.ids, text.offsets, text.counts, rule, self.threads, self.memory)
        bigrams = search.run(pool, report)
        report.end()
        if not len(bigrams):
            return text, 0
        report = Report(self.callback, f"joining phrases{which}", len(text.ids), "words")
        scratch.mkdir()
        joined = self._joined(text, bigrams, scratch, pool, report)
        report.end()
        return joined, len(bigrams)

    def _joined(self, text: Text, bigrams: Bigrams, folder: Path, pool: Executor, report: Report) -> Text:
        """The text with these pairs as words, numbered after those that it has."""
        first, second = (
            text.keys.take(int64_column(words.astype(np.int64))) for words in (bigrams.first, bigrams.second)
        )
        names = pc.binary_join_element_wise(first, second, _as_scalar(self.settings.joiner))
        keys = pa.concat_arrays([text.keys, names]).dictionary_encode(null_encoding="encode")
        rows = keys.indices.to_numpy()[len(text.keys) :].astype(np.int32)  # of words alike the row of the first
        starts = np.searchsorted(bigrams.first, np.arange(len(text.keys) + 1)).astype(np.int32)

        def work(chunk: _Chunk) -> tuple[Ids, Ids, Counts, int]:
            ids, ends = chunk
            out, out_ends, times = np.empty_like(ids), np.empty_like(ends), np.zeros(len(rows), np.int64)
            n = join_pairs(ids, ends, starts, bigrams.second, rows, out, out_ends, times)
            return out[:n], out_ends, times, len(ids)

        times, done = np.zeros(len(rows), np.int64), 0
        with SentenceFiles(folder) as files:
            for ids, ends, added, read in in_order(pool, work, text.chunks(bigrams), self.threads):
                files.append(ids, ends)
                times += added
                done += read
                report(done)
        counts = np.zeros(len(keys.dictionary), np.int64)
        counts[: len(text.counts)] = text.counts
        np.subtract.at(counts, bigrams.first, times)
        np.subtract.at(counts, bigrams.second, times)
        np.add.at(counts, rows, times)
        return Text(*_mapped(folder), keys.dictionary, counts)

    def _written(self, text: Text, folder: Path, pool: Executor) -> Joined:
        """The text with the numbers of its vocabulary."""
        often = np.flatnonzero(text.counts >= self.settings.min_count)
        if not len(often):
            raise BadInput(
                f"No word occurs min_count={self.settings.min_count} times or more once phrases are joined. "
                "Lower min_count or give more text."
            )
        table = pa.table({"count": int64_column(text.counts[often]), "key": text.keys.take(int64_column(often))})
        order = pc.sort_indices(table, sort_keys=[("count", "descending"), ("key", "ascending")]).to_numpy()
        kept = often[order[: self.max_vocabulary]]
        rows = np.full(len(text.keys), -1, np.int32)
        rows[kept] = np.arange(len(kept), dtype=np.int32)

        def work(chunk: _Chunk) -> tuple[Ids, Ids]:
            ids, ends = chunk
            out, out_ends = np.empty(len(ids) + 1, np.int32), np.empty_like(ends)
            n = renumber(ids, ends, rows, out, out_ends)
            return out[:n], out_ends

        with SentenceFiles(folder) as files:
            for ids, ends in in_order(pool, work, text.chunks(), self.threads):
                files.append(ids, ends)
        counts = text.counts[kept]
        vocabulary = Vocabulary._trusted(text.keys.take(int64_column(kept)), _frozen(counts))
        total, frequent, words = (int(of.sum()) for of in (text.counts, text.counts[often], text.counts > 0))
        tokens_dropped, words_dropped = {"phrases": total - frequent}, {"phrases": words - len(often)}
        if self.max_vocabulary is not None:
            tokens_dropped["max_vocabulary"] = frequent - int(counts.sum())
            words_dropped["max_vocabulary"] = len(often) - len(kept)
        return Joined(vocabulary, files.sentences, files.tokens, (), 0, tokens_dropped, words_dropped)


def _mapped(folder: Path) -> tuple[Ids, Offsets]:
    return _still(mapped(folder / IDS, np.int32), np.int32), _still(mapped(folder / OFFSETS, np.int64), np.int64)


def _still(array: npt.NDArray[Any], dtype: type[np.generic]) -> npt.NDArray[Any]:
    """Mapped or in memory, one type for the kernels, which are compiled for each."""
    view = np.ascontiguousarray(array, dtype).view(np.ndarray)
    view.flags.writeable = False
    return view


def _frozen(counts: Counts) -> Counts:
    counts.flags.writeable = False
    return counts
