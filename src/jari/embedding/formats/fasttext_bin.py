"""fastText's models of words: ``.bin``, read only.

::

    int32      793712314, then the version: 11 or 12
    12 int32   dim, window, epochs, least count, negative, word n-grams, loss, model, buckets, shortest and longest
               n-gram, update rate; then a float64, the sampling threshold
    3 int32    entries, words, labels; then 2 int64, tokens and pruned n-grams (-1 for none)
    entries    key in UTF-8, 0, int64 count, int8 kind (0 a word)
    uint8      whether what follows is quantised
    matrix     int64 rows, int64 columns, float32 numbers: words, then buckets
    uint8      and once more
    matrix     the output vectors

Little-endian throughout. A word's vector is not in the file: it is the mean of its own row and those of its n-grams.
"""

from __future__ import annotations

import mmap
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path as FilePath
from typing import Any, Final, NoReturn

import numpy as np
import pyarrow as pa

from jari.embedding.embedding import Embedding
from jari.embedding.formats.source import refuse_absent
from jari.embedding.subwords import Subwords, hashed
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadEncoding, BadFile, BadInput
from jari.threads import thread_count
from jari.types import Matrix, Path, Rows

MAGIC: Final = struct.pack("<i", 793712314)
VERSIONS: Final = (11, 12)
_END_OF_SENTENCE = "</s>"  # fastText's own token: it has no n-grams
_CBOW, _SKIPGRAM, _SUPERVISED = 1, 2, 3
_HIERARCHICAL = 1
_LONGEST_KEY = 1 << 20
_LEAST_ENTRY = 10  # bytes: an empty key, a count and a kind
_AT_ONCE = 8192  # words to a thread


@dataclass(frozen=True, slots=True)
class _Arguments:
    dim: int
    window: int
    epochs: int
    min_count: int
    negative: int
    word_ngrams: int
    loss: int
    model: int
    buckets: int
    min_ngram: int
    max_ngram: int
    update_rate: int
    sample: float

    @property
    def lengths(self) -> tuple[int, int] | None:
        """Of the n-grams, or None where words have none."""
        shortest = max(1, self.min_ngram)
        return (shortest, self.max_ngram) if self.buckets and self.max_ngram >= shortest else None


def read(path: Path) -> Embedding:
    """Read a skip-gram or CBOW model; its tables stay mapped to the file.

    Raises
    ------
    NoSuchFile
        Nothing is there.
    BadFile
        It is no such model, one that classifies texts (supervised) or is quantised, of a version that is not known,
        cut short or damaged.
    BadEncoding
        A word is not UTF-8.
    """
    reader = _Reader(FilePath(path))
    arguments = _arguments(reader)
    vocabulary, tokens = _dictionary(reader)
    words = len(vocabulary)
    inputs = _matrix(reader, "input", words + arguments.buckets, arguments.dim)
    has_context = arguments.loss != _HIERARCHICAL
    outputs = _matrix(reader, "output", words if has_context else None, arguments.dim)
    if reader.left:
        raise BadFile(f"{reader.path}: {reader.left:,} bytes follow the matrices, at byte {reader.at}: it is damaged.")
    subwords = None
    if arguments.lengths is not None:
        subwords = Subwords(inputs[words:], *arguments.lengths)
    try:
        return Embedding(
            vocabulary,
            _composed(vocabulary, inputs, subwords),
            context=outputs if has_context else None,
            subwords=subwords,
            metadata={
                "learner": "fastText",
                "parameters": {"architecture": {_CBOW: "cbow"}.get(arguments.model, "skipgram"), **asdict(arguments)},
                "corpus": {"tokens_read": tokens},
            },
        )
    except BadInput as error:
        raise BadFile(f"{reader.path}: {error}") from error


class _Reader:
    """A mapped file, read in order; where it ends too early, what was being read is said."""

    def __init__(self, path: FilePath) -> None:
        refuse_absent(path)
        self.path, self.at = path, 0
        with path.open("rb") as file:
            if file.read(2) == b"\x1f\x8b":
                raise BadFile(f"{path} is packed with gzip, and models are mapped into memory: unpack it with gunzip.")
            if not file.seek(0, 2):
                raise BadFile(f"{path} is empty.")
            self._content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    @property
    def left(self) -> int:
        """How many bytes are still to come."""
        return len(self._content) - self.at

    def take(self, form: str, what: str) -> tuple[Any, ...]:
        """The next numbers, as `struct` names them."""
        size = struct.calcsize(form)
        if self.left < size:
            self.refuse_end(what)
        self.at += size
        return struct.unpack_from(form, self._content, self.at - size)

    def until_zero(self, what: str) -> bytes:
        """The next bytes before a 0."""
        begin, end = self.at, self._content.find(b"\0", self.at, self.at + _LONGEST_KEY)
        if end < 0:
            if self.left <= _LONGEST_KEY:
                self.refuse_end(what)
            raise BadFile(f"{self.path}: {what} (byte {begin}) does not end: the file is damaged.")
        self.at = end + 1
        return self._content[begin:end]

    def floats(self, rows: int, columns: int) -> Matrix:
        """The next matrix, still mapped. It need not begin at a multiple of four: nothing in the file sees to that."""
        begin, size = self.at, 4 * rows * columns
        if size > self.left:
            raise BadFile(
                f"{self.path}: at byte {begin}, {rows:,} × {columns:,} numbers should follow, {size:,} bytes, and "
                f"there are {self.left:,}. It is cut short or damaged."
            )
        self.at += size
        if not size:
            return np.empty((rows, columns), np.float32)
        return np.frombuffer(self._content, "<f4", rows * columns, begin).reshape(rows, columns)

    def refuse_end(self, what: str) -> NoReturn:
        """Raise `BadFile`: the file ends in the middle of something."""
        raise BadFile(
            f"{self.path} is cut short after {len(self._content):,} bytes, within {what} (from byte {self.at:,} on)."
        )


def _arguments(reader: _Reader) -> _Arguments:
    path = reader.path
    (begin,) = reader.take("4s", "its mark")
    if begin != MAGIC:
        raise BadFile(
            f"{path} begins with {begin!r} and not with fastText's mark: it is no model of fastText, or one of before "
            "2017. Write it again with a newer fastText."
        )
    (version,) = reader.take("<i", "its version")
    if version not in VERSIONS:
        raise BadFile(f"{path} is of fastText's version {version}; versions 11 and 12 are read.")
    found = _Arguments(*reader.take("<12id", "its arguments"))
    if found.model == _SUPERVISED:
        raise BadFile(
            f"{path} is a supervised model: it classifies texts, and its vectors are not of words in their contexts. "
            "Give a model of skip-gram or CBOW."
        )
    if found.model not in (_CBOW, _SKIPGRAM):
        raise BadFile(f"{path} is of model {found.model}, which is none of fastText's: it is damaged.")
    if found.dim < 1 or found.buckets < 0:
        raise BadFile(
            f"{path} says vectors of {found.dim} dimensions and {found.buckets} buckets: there is no such model. It is "
            "damaged."
        )
    return found


def _dictionary(reader: _Reader) -> tuple[Vocabulary, int]:
    """The words with their counts, and how many tokens there were."""
    path = reader.path
    entries, words, labels, tokens, pruned = reader.take("<3i2q", "its dictionary")
    if labels > 0:
        raise BadFile(f"{path} has {labels:,} labels: it is a supervised model, of texts and not of words.")
    if words < 0 or entries != words + labels:
        raise BadFile(f"{path} says {entries} entries, of which {words} words: its dictionary is damaged.")
    if pruned >= 0:
        raise BadFile(f"{path} is a pruned model (.ftz): n-grams were left out of it. Give the .bin that it came from.")
    if words * _LEAST_ENTRY > reader.left:
        raise BadFile(
            f"{path} says {words:,} words, which need {words * _LEAST_ENTRY:,} bytes or more, and there is room for "
            f"{reader.left:,}. It is cut short or damaged."
        )
    keys: list[bytes] = []
    counts = np.empty(words, np.int64)
    begins = np.empty(words, np.int64)
    for row in range(words):
        begins[row] = reader.at
        keys.append(reader.until_zero(f"word {row}"))
        counts[row], kind = reader.take("<qb", f"word {row}")
        if kind != 0:
            raise BadFile(f"{path}: word {row} (byte {begins[row]}) is of kind {kind}, which is no word: damaged.")
    strings = _strings(keys, path, begins)
    try:
        return Vocabulary(strings, counts), tokens
    except BadInput as error:
        raise BadFile(f"{path}: {error}") from error


def _strings(keys: list[bytes], path: FilePath, begins: Rows) -> pa.Array:
    """Keys as Arrow holds them, without `pa.array`, which imports pandas where that is installed."""
    ends = np.cumsum([0, *map(len, keys)], dtype=np.int64)
    strings = pa.Array.from_buffers(
        pa.large_string(), len(keys), [None, pa.py_buffer(ends), pa.py_buffer(b"".join(keys))]
    )
    try:
        strings.validate(full=True)
    except pa.ArrowInvalid:
        for row, key in enumerate(keys):
            try:
                key.decode("utf-8")
            except UnicodeDecodeError as error:
                raise BadEncoding(
                    f"{path}: word {row}, {key[:40]!r}, is not UTF-8 (byte {begins[row] + error.start} of the file)."
                ) from error
        raise
    return strings


def _matrix(reader: _Reader, name: str, rows: int | None, columns: int) -> Matrix:
    """The next matrix; `rows` None for any."""
    (quantised,) = reader.take("<B", f"its {name} matrix")
    if quantised:
        raise BadFile(f"{reader.path} is a quantised model (.ftz): its vectors are rounded. Give the .bin.")
    begin = reader.at
    found = reader.take("<2q", f"its {name} matrix")
    if found[1] != columns or (rows is not None and found[0] != rows) or found[0] < 0:
        wanted = "" if rows is None else f"{rows:,} × "
        raise BadFile(
            f"{reader.path}: the {name} matrix (byte {begin}) is of {found[0]} × {found[1]} numbers, and the words and "
            f"arguments say {wanted}{columns:,}. It is damaged."
        )
    return reader.floats(*found)


def _composed(vocabulary: Vocabulary, inputs: Matrix, subwords: Subwords | None) -> Matrix:
    """The vectors of the words."""
    words = len(vocabulary)
    if subwords is None or not words:
        return np.array(inputs[:words])
    from jari.kernels.subwords import means  # half a second that other formats do not need

    found = hashed(vocabulary.arrow, subwords.shortest, subwords.longest, subwords.modulus)
    if _END_OF_SENTENCE in vocabulary:
        found = found.without(vocabulary.row(_END_OF_SENTENCE))
    rows, starts = found.with_own(found.buckets + words)
    vectors = np.empty((words, inputs.shape[1]), np.float32)
    with ThreadPoolExecutor(thread_count()) as pool:
        for done in [
            pool.submit(means, inputs, rows, starts, begin, min(begin + _AT_ONCE, words), vectors)
            for begin in range(0, words, _AT_ONCE)
        ]:
            done.result()
    return vectors
