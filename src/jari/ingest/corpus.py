"""`Corpus`: text as numbers, tokenised and encoded once, mapped from disk ever after."""

from __future__ import annotations

import pathlib
import shutil
import weakref
from collections.abc import Mapping
from typing import Any, Final, Self

import numpy as np

from jari.embedding.formats.atomic import new_folder
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadFile, BadInput
from jari.ingest.sealed import KEYS, Seal, Sealing, mapped
from jari.types import Ids, Offsets, Path

VERSION: Final = 1
ABOUT, IDS, OFFSETS = "corpus.json", "ids.npy", "offsets.npy"
FILES: Final = (ABOUT, IDS, OFFSETS, KEYS)
_FORMAT, _NOUN = "jari.corpus", "an encoded corpus"


class Corpus:
    """Sentences of numbers, and the words that the numbers stand for.

    Parameters
    ----------
    ids
        Shape (tokens,), int32: rows of `vocabulary`.
    offsets
        Shape (sentences + 1,), int64, from 0 to the number of tokens and rising: sentence i is
        ``ids[offsets[i] : offsets[i + 1]]``. No sentence is empty.
    vocabulary
        With counts.
    statistics
        What was read, kept and dropped; JSON-able. See `jari.encode`.

    Raises
    ------
    BadInput
        The offsets do not fit the ids.

    Examples
    --------
    >>> import jari
    >>> with jari.encode(["to be or not to be", "that is"], min_count=1) as corpus:
    ...     print(len(corpus), corpus.offsets.tolist(), corpus.vocabulary.keys[:2])
    8 [0, 6, 8] ['be', 'to']
    """

    def __init__(
        self, ids: Ids, offsets: Offsets, vocabulary: Vocabulary, statistics: Mapping[str, Any] | None = None
    ) -> None:
        if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(ids):
            raise BadInput(f"The offsets must begin with 0 and end with {len(ids)}, the number of tokens.")
        self._ids, self._offsets, self._vocabulary = ids, offsets, vocabulary
        self._statistics = dict(statistics or {})
        self._delete: weakref.finalize[..., Any] | None = None

    @property
    def ids(self) -> Ids:
        """Rows of the vocabulary, one a token, shape (tokens,)."""
        return self._ids

    @property
    def offsets(self) -> Offsets:
        """Where the sentences begin and end, shape (sentences + 1,)."""
        return self._offsets

    @property
    def vocabulary(self) -> Vocabulary:
        """The words, with their counts."""
        return self._vocabulary

    @property
    def statistics(self) -> dict[str, Any]:
        """What was read, kept and dropped."""
        return self._statistics

    @property
    def is_temporary(self) -> bool:
        """Whether its files go when it is closed."""
        return self._delete is not None

    def __len__(self) -> int:
        return len(self._ids)

    def __repr__(self) -> str:
        return f"Corpus({len(self):,} tokens, {len(self._offsets) - 1:,} sentences, {len(self._vocabulary):,} keys)"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files, and delete them where nobody asked to keep them. The corpus is empty afterwards."""
        self._ids, self._offsets = np.empty(0, np.int32), np.zeros(1, np.int64)
        if self._delete is not None:
            self._delete()

    def save(self, folder: Path, *, force: bool = False) -> None:
        """Keep the corpus in a folder of its own: all of it or nothing. The files are described in ``docs/corpus.md``.

        Raises
        ------
        FileIsThere
            Something is there already and `force` is not given, or it is a folder with other things in it.
        """
        with new_folder(pathlib.Path(folder), force=force, ours=FILES) as place:
            sealing = Sealing(place)
            sealing.array(IDS, self._ids)
            sealing.array(OFFSETS, self._offsets)
            _seal(sealing, self._vocabulary, self._statistics)

    @classmethod
    def open(cls, folder: Path, *, verify: bool = False) -> Self:
        """Map a corpus from its folder.

        Parameters
        ----------
        verify
            Read all of it and compare checksums, rather than only sizes.

        Raises
        ------
        NoSuchFile
            Nothing is there.
        BadFile
            Something is, but not a whole corpus of a version that this library reads.
        """
        place = pathlib.Path(folder)
        seal = Seal.read(place, ABOUT, _FORMAT, VERSION, (IDS, OFFSETS, KEYS), _NOUN, " Make one with: jari encode")
        seal.need(isinstance(seal.about.get("statistics"), dict), "statistics")
        seal.check(verify=verify)
        vocabulary = seal.vocabulary()
        ids, offsets = mapped(place / IDS, np.int32), mapped(place / OFFSETS, np.int64)
        if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(ids):
            raise BadFile(f"{place}: {OFFSETS} and {IDS} do not belong together.")
        if verify and len(ids) and (int(ids.min()) < 0 or int(ids.max()) >= len(vocabulary)):
            raise BadFile(f"{place / IDS} holds numbers that no key has: it is damaged.")
        return cls(ids, offsets, vocabulary, seal.about["statistics"])

    def _deleted_with(self, folder: pathlib.Path) -> Self:
        """Delete the folder when the corpus is closed, or nobody holds it any more, or Python ends."""
        self._delete = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return self


def seal_files(place: pathlib.Path, vocabulary: Vocabulary, statistics: Mapping[str, Any]) -> None:
    """Add to a folder that holds ids and offsets the keys, and last of all what it is."""
    sealing = Sealing(place)
    sealing.found(IDS)
    sealing.found(OFFSETS)
    _seal(sealing, vocabulary, statistics)


def _seal(sealing: Sealing, vocabulary: Vocabulary, statistics: Mapping[str, Any]) -> None:
    sealing.keys(vocabulary)
    sealing.seal(ABOUT, _FORMAT, VERSION, {"statistics": dict(statistics)})
