"""Bags of words: texts as the rows of a sparse matrix that says how often each holds each word.

A row times the vectors of the words is the sum of the vectors of a text's words: ``bags.matrix @ embedding.vectors``
is pooling (see `jari.embedding.pooling`), and a one-hot row picks the one vector.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.ingest.choosing import choose
from jari.ingest.corpus import Corpus
from jari.ingest.counting import BLOCK_BYTES
from jari.ingest.sentences import TokenLists
from jari.ingest.sources import Found, Source, find
from jari.ingest.splitters import SPLITTERS, Splitting
from jari.ingest.tokenised import tokenised
from jari.ingest.tokenizers import Tokenizer, tokenizer_named
from jari.ingest.tokens import Block, Tokens
from jari.ingest.utf8 import broken_text, first_broken
from jari.ingest.wordtable import WordTable
from jari.kernels.renumber import renumber
from jari.types import Callback, Ids, Offsets, Progress

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from jari.ingest.tables import TableFile

    Sparse: TypeAlias = csr_array[np.float32, tuple[int, int]]

_BETWEEN_REPORTS = 0.1  # seconds


@dataclass(frozen=True, slots=True, eq=False)
class Bags:
    """Documents × words.

    Parameters
    ----------
    matrix
        Shape (documents, words), CSR, float32, the words of a row in rising order: how often each stands in it. Counts
        are exact up to 2²⁴.
    documents
        A key for each row.
    vocabulary
        The words, one a column.
    statistics
        What was read, kept and dropped, as `jari.encode` names it; and how many ``documents`` there are, of which
        ``documents_empty`` hold none of the words. Their rows are empty, and stay.
    """

    matrix: Sparse
    documents: Vocabulary
    vocabulary: Vocabulary
    statistics: dict[str, Any]

    def __len__(self) -> int:
        return len(self.documents)

    def __repr__(self) -> str:
        return f"Bags({len(self):,} documents × {len(self.vocabulary):,} words, {self.matrix.nnz:,} of them in use)"


def bag_of_words(
    source: Corpus | Any,
    *,
    vocabulary: Vocabulary | None = None,
    tokenizer: str | Tokenizer = "words",
    min_count: int = 5,
    max_vocabulary: int | None = None,
    binary: bool = False,
    keys: Iterable[str] | None = None,
    column: str | None = None,
    callback: Callback | None = None,
) -> Bags:
    """Count the words of each document.

    Parameters
    ----------
    source
        A `Corpus`, each sentence of which is a document; or anything that `jari.encode` takes: each string, list of
        tokens, line of a file or row of a table is one. A corpus knows nothing of documents in which no word is left;
        of other sources they stay, with an empty row.
    vocabulary
        Count these words, in these columns, and leave out all others; `min_count` and `max_vocabulary` are not looked
        at then. Otherwise the words are the text's own, the most frequent first.
    tokenizer, min_count, max_vocabulary, column
        As for `jari.encode`. A corpus is taken as it was encoded.
    binary
        1 for a word that is there, however often.
    keys
        What to call the documents, no two alike; ``"0"``, ``"1"``, … if not given.
    callback
        Told about every tenth of a second how many bytes were read (``"counting"``).

    Raises
    ------
    BadInput
        There is no word, no word is frequent enough; keys are not as many as documents, or one stands twice.
    BadEncoding, BadFile, NoSuchFile
        As for `jari.encode`.

    Examples
    --------
    >>> bags = bag_of_words(["to be or not to be", "Not to me!", "?"], min_count=2)
    >>> bags.vocabulary.keys, bags.matrix.toarray().astype(int).tolist()
    (['to', 'be', 'not'], [[2, 2, 1], [1, 0, 1], [0, 0, 0]])
    """
    if isinstance(source, Corpus):
        made = _of_corpus(source, vocabulary)
    else:
        if isinstance(tokenizer, Splitting):
            tokenizer = tokenizer.name
        if tokenizer not in SPLITTERS:
            tokenizer = tokenizer_named(tokenizer)
        _check(min_count, max_vocabulary)
        read = _read(find(source, column=column, errors="strict"), tokenizer, callback)
        made = _chosen(read, min_count, max_vocabulary) if vocabulary is None else _known(read, vocabulary)
    matrix = _matrix(made, binary=binary)
    empty = int(np.count_nonzero(np.diff(matrix.indptr) == 0))
    statistics = made.statistics | {"documents": matrix.shape[0], "documents_empty": empty}
    return Bags(matrix, _named(keys, matrix.shape[0], statistics), made.vocabulary, statistics)


def one_hot(keys: Iterable[str], vocabulary: Vocabulary, *, unknown: Literal["raise", "skip"] = "raise") -> Sparse:
    """A matrix (keys, words) with a single 1 in each row: in the column of the key.

    Parameters
    ----------
    keys
        Any strings; the same one may stand more than once.
    vocabulary
        One column a key.
    unknown
        ``"raise"``, or ``"skip"``: the row of a key that is not in the vocabulary stays empty.

    Raises
    ------
    UnknownKey
        With the nearest spellings.

    Examples
    --------
    >>> one_hot(["be", "to", "be"], Vocabulary(["to", "be"])).toarray().astype(int).tolist()
    [[0, 1], [1, 0], [0, 1]]
    """
    if unknown not in ("raise", "skip"):
        raise BadInput(f"unknown={unknown!r}: choose 'raise' or 'skip'. Only pooling knows vectors of subwords.")
    if isinstance(keys, str):
        raise BadInput(f"Give a list of keys, not one string ({keys[:40]!r}).")
    rows = vocabulary.rows(keys, unknown="raise" if unknown == "raise" else "mark")
    ends = np.concatenate([[0], np.cumsum(rows >= 0)])
    made: Sparse = _sparse(np.ones(int(ends[-1]), np.float32), rows[rows >= 0].astype(np.int32), ends, len(vocabulary))
    return made


@dataclass(frozen=True, slots=True)
class _Read:
    """A text as numbers of one table: pieces of ids, and where in each piece documents end."""

    found: Found
    table: WordTable
    pieces: list[tuple[Ids, Ids]]

    def renumbered(self, rows: Ids) -> tuple[Ids, Offsets]:
        """Rows of a vocabulary for the table's numbers, without those of -1; and the documents' offsets."""
        ids, offsets, base = [], [np.zeros(1, np.int64)], 0
        self.pieces.reverse()
        while self.pieces:  # let go of as they are taken
            piece, ends = self.pieces.pop()
            out, out_ends = np.empty(len(piece) + 1, np.int32), np.empty(len(ends), np.int32)
            n = renumber(piece, ends, rows, out, out_ends)
            ids.append(out[:n])
            offsets.append(out_ends + np.int64(base))
            base += n
        return np.concatenate([np.empty(0, np.int32), *ids]), np.concatenate(offsets)


@dataclass(frozen=True, slots=True)
class _Counted:
    ids: Ids
    offsets: Offsets
    vocabulary: Vocabulary
    statistics: dict[str, Any]


def _read(found: Found, tokenizer: str | Tokenizer, callback: Callback | None) -> _Read:
    """One pass over the text in this thread, at some 60 MB/s: what is made of bags takes longer by far."""
    read = _Read(found, WordTable(), [])
    before, next_report = 0, 0.0
    for source in found.sources:
        for tokens in _tokens(source, tokenizer):
            read.pieces.append((read.table.number(tokens), tokens.ends.copy()))
            if callback is not None and time.monotonic() >= next_report:
                next_report = time.monotonic() + _BETWEEN_REPORTS
                callback(Progress("counting", before + tokens.done, found.size, "bytes", {}))
        before += source.size or 0
    if callback is not None and found.size is not None:
        callback(Progress("counting", found.size, found.size, "bytes", {}))
    return read


def _tokens(source: Source | TableFile, tokenizer: str | Tokenizer) -> Iterator[Tokens]:
    if isinstance(source, TokenLists):
        yield from source.tokens()
    elif callable(tokenizer):
        yield from tokenised(tokenizer, source.blocks(BLOCK_BYTES, whole_lines=True), _refuse_broken)
    else:
        splitter = SPLITTERS[tokenizer]()
        lines = 0
        for block in source.blocks(BLOCK_BYTES, whole_lines=False):
            _refuse_broken(block, lines)
            tokens = splitter.split(block)
            lines += len(tokens.ends)
            yield tokens


def _refuse_broken(block: Block, lines: int) -> None:
    broken = first_broken(block) if block.place is not None else -1
    if broken >= 0:
        raise broken_text(block, broken, lines)


def _chosen(read: _Read, min_count: int, max_vocabulary: int | None) -> _Counted:
    """The frequent words of the text itself."""
    if not read.table.words:
        names = ", ".join(itertools.islice((source.name for source in read.found.sources), 3))
        documents = sum(len(ends) for _, ends in read.pieces)
        raise BadInput(f"There is not one word in {names} ({documents:,} documents).")
    choice = choose([read.table], min_count, max_vocabulary, 1, lambda function, items: list(map(function, items)))
    ids, offsets = read.renumbered(choice.rows[0])
    statistics = {
        "tokens_read": choice.tokens_read,
        "tokens_kept": choice.tokens_kept,
        "words_read": choice.words_read,
        "words_kept": len(choice.vocabulary),
    }
    return _Counted(ids, offsets, choice.vocabulary, statistics)


def _known(read: _Read, vocabulary: Vocabulary) -> _Counted:
    """The words of a vocabulary; it is asked once for every different word of the text."""
    words = read.table.pick(1)
    text = [None, pa.py_buffer(words.offsets), pa.py_buffer(words.text)]
    keys = pa.Array.from_buffers(pa.large_string(), len(words.counts), text)
    rows = vocabulary.rows(keys.to_pylist(), unknown="mark").astype(np.int32)
    ids, offsets = read.renumbered(rows[words.places])
    kept = int(np.count_nonzero(rows >= 0))
    statistics = {
        "tokens_read": words.tokens,
        "tokens_kept": len(ids),
        "words_read": len(rows),
        "words_kept": kept,
    }
    return _Counted(ids, offsets, vocabulary, statistics)


def _of_corpus(corpus: Corpus, vocabulary: Vocabulary | None) -> _Counted:
    if vocabulary is None:
        return _Counted(corpus.ids, corpus.offsets, corpus.vocabulary, corpus.statistics)
    rows = vocabulary.rows(corpus.vocabulary, unknown="mark").astype(np.int32)[corpus.ids]
    ends = np.concatenate([[0], np.cumsum(rows >= 0)])[corpus.offsets]
    ids = rows[rows >= 0]
    return _Counted(ids, ends, vocabulary, corpus.statistics | {"tokens_kept": len(ids)})


def _matrix(counted: _Counted, *, binary: bool) -> Sparse:
    # Added up as integers: 1 + 1 + … in float32 ends at 16,777,216, however many more there are.
    ones = np.ones(len(counted.ids), np.int32)
    summed = _sparse(ones, np.array(counted.ids), counted.offsets, len(counted.vocabulary))  # a copy: sorted in place
    summed.sum_duplicates()
    data = np.ones(summed.nnz, np.float32) if binary else summed.data.astype(np.float32)
    made: Sparse = _sparse(data, summed.indices, summed.indptr, len(counted.vocabulary))
    return made


def _sparse(data: npt.NDArray[Any], columns: Ids, offsets: npt.NDArray[Any], width: int) -> Any:
    from scipy.sparse import csr_array  # a tenth of a second, and encoding does without

    # SciPy makes all indices as wide as the widest: 32 bits serve up to 2³¹ entries, in half the memory.
    offsets = offsets.astype(np.int32 if offsets[-1] < 2**31 else np.int64)
    return csr_array((data, columns, offsets), shape=(len(offsets) - 1, width))


def _named(keys: Iterable[str] | None, n: int, statistics: dict[str, Any]) -> Vocabulary:
    if keys is None:
        numbers = pa.Array.from_buffers(pa.int64(), n, [None, pa.py_buffer(np.arange(n))])
        return Vocabulary._trusted(numbers.cast(pa.large_string()), None)
    documents = Vocabulary(keys)
    if len(documents) != n:
        left_out = statistics.get("sentences_empty", 0)
        hint = (
            f" The corpus left out {left_out:,} without a word; give the text itself to keep them." if left_out else ""
        )
        raise BadInput(f"{len(documents):,} keys but {n:,} documents: give one key a document.{hint}")
    return documents


def _check(min_count: int, max_vocabulary: int | None) -> None:
    for name, value in {"min_count": min_count, "max_vocabulary": max_vocabulary}.items():
        if name == "max_vocabulary" and value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise BadInput(f"{name}={value!r} must be a whole number, 1 or more.")
