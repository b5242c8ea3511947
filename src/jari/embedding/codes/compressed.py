"""`CompressedEmbedding`: keys and codes, searched as they are."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from jari.embedding.codes.code import Codes
from jari.embedding.codes.decoded import Decoded
from jari.embedding.codes.search import nearest, scored, sorted_best
from jari.embedding.lookup import look_up
from jari.embedding.metrics import check_metric
from jari.embedding.neighbours import Neighbours, whole_k
from jari.embedding.parts import as_json
from jari.embedding.queries import Query, read_queries, rows_among
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.types import Matrix, Metadata, Metric, Path, Rows, Unknown

if TYPE_CHECKING:
    from jari.embedding.embedding import Embedding

_SHORTLIST = 10  # times k


class CompressedEmbedding:
    """Keys and their vectors in fewer bytes; immutable.

    It answers what an `Embedding` answers of single keys and of neighbours, from codes that stay small. For everything
    else, `embedding` decodes it into an ordinary `Embedding`. Made by `jari.embedding.compression.compress`.

    Parameters
    ----------
    keys
        A `Vocabulary`, or strings, no two alike: one a row.
    codes
        What is searched.
    finer
        Codes of the same vectors that take more bytes, from which a shortlist is scored again; or None. Where they
        come from a file they are mapped, and only the rows on a shortlist are read.
    metadata
        Anything that JSON can hold.

    Raises
    ------
    BadInput
        There are not as many keys as rows, or the two codes are not of the same shape.

    Examples
    --------
    >>> from jari.embedding import Embedding
    >>> from jari.embedding.compression import compress
    >>> places = compress(Embedding(["here", "there", "nowhere"], [[1, 0], [1, 1], [0, -1]]), "int8")
    >>> places.similar("here", k=1).keys[0], places.bytes_per_key
    ('there', 6.0)
    """

    __slots__ = ("_codes", "_finer", "_metadata", "_vocabulary")

    def __init__(
        self,
        keys: Vocabulary | Iterable[str],
        codes: Codes,
        finer: Codes | None = None,
        *,
        metadata: Metadata | None = None,
    ) -> None:
        vocabulary = keys if isinstance(keys, Vocabulary) else Vocabulary(keys)
        if len(codes) != len(vocabulary):
            raise BadInput(f"{len(vocabulary)} keys but {len(codes)} rows of codes: give one a key.")
        if finer is not None and finer.shape != codes.shape:
            raise BadInput(f"The finer codes have shape {finer.shape} and the codes {codes.shape}: they must agree.")
        self._vocabulary, self._codes, self._finer = vocabulary, codes, finer
        self._metadata = as_json(metadata or {})

    @property
    def vocabulary(self) -> Vocabulary:
        """Keys, rows and counts."""
        return self._vocabulary

    @property
    def keys(self) -> Sequence[str]:
        """The keys in the order of their rows."""
        return self._vocabulary.keys

    @property
    def codes(self) -> Codes:
        """What is searched."""
        return self._codes

    @property
    def finer(self) -> Codes | None:
        """What a shortlist is scored with, or None."""
        return self._finer

    @property
    def metadata(self) -> dict[str, Any]:
        """How it was learnt and compressed; a copy."""
        return copy.deepcopy(self._metadata)

    @property
    def vectors(self) -> Decoded:
        """The vectors, decoded where they are asked for: ``vectors[rows]``, or ``np.asarray(vectors)`` for all."""
        return Decoded(self._codes if self._finer is None else self._finer)

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return self._codes.shape[1]

    @property
    def shape(self) -> tuple[int, int]:
        """(n, d)."""
        return self._codes.shape

    @property
    def subwords(self) -> None:
        """None: they are not kept."""

    @property
    def bytes_per_key(self) -> float:
        """What codes take, the finer ones too; keys themselves not counted. An `Embedding` takes 4·d."""
        return self._codes.bytes_per_key + (0.0 if self._finer is None else self._finer.bytes_per_key)

    def __len__(self) -> int:
        return len(self._vocabulary)

    def __contains__(self, key: object) -> bool:
        return key in self._vocabulary

    def __iter__(self) -> Iterator[str]:
        return iter(self._vocabulary)

    def __repr__(self) -> str:
        finer = "" if self._finer is None else f" + {self._finer.name}"
        return (
            f"CompressedEmbedding({len(self):,} keys × {self.dim}, {self._codes.name}{finer}: "
            f"{self.bytes_per_key:.4g} bytes a key)"
        )

    def __getitem__(self, at: Any) -> Any:
        """The vector of a key, (d,); the vectors of a list of keys, (k, d)."""
        if isinstance(at, str):
            return self.vectors[np.array([self._vocabulary.row(at)])][0]
        if isinstance(at, list | tuple):
            return self.vectors_of(at)
        if isinstance(at, np.ndarray) and at.dtype.kind in "UOT":
            return self.vectors_of(at.tolist())
        raise BadInput(f"compressed[{at!r}]: ask for a key or a list of keys; rows are in compressed.vectors.")

    def vectors_of(self, keys: Iterable[str], unknown: Unknown = "raise") -> Matrix:
        """The vectors of many keys, shape (k, d): as `Embedding.vectors_of`."""
        if isinstance(keys, str):
            raise BadInput(f"Give a list of keys, not one string ({keys[:40]!r}): compressed[key] looks one up.")
        return look_up(self._as_embedding(), keys, unknown).vectors

    def similar(
        self,
        query: Query | Sequence[Query],
        k: int = 10,
        metric: Metric = "cosine",
        *,
        include_inputs: bool = False,
        rows: npt.ArrayLike | None = None,
        unknown: Unknown = "raise",
        rescore: int | None = None,
    ) -> Neighbours:
        """The k nearest keys, as `Embedding.similar`: exactly, among the vectors as they are decoded.

        Parameters
        ----------
        query, k, metric, include_inputs, rows, unknown
            As for `Embedding.similar`. Binary codes know only ``metric="cosine"``.
        rescore
            Where there are finer codes: how many keys they score again, at least k; 10·k if not given, 0 for none.

        Returns
        -------
        neighbours
            Of shape (k,) for one query and (m, k) for many.

        Raises
        ------
        BadInput
            These codes do not know the metric; or `rescore` is given where there are no finer codes.
        """
        whole_k(k)
        check_metric(metric)
        if metric not in self._codes.metrics:
            raise BadInput(
                f"metric={metric!r} cannot be asked of {self._codes.name} codes, which keep directions only: ask for "
                f"{' or '.join(map(repr, self._codes.metrics))}, or compress in another way."
            )
        shortlist = self._shortlist(rescore, k)
        vectors, of_rows, many = read_queries(self._as_embedding(), query, unknown)
        allowed = None if rows is None else _mask(rows_among(self._as_embedding(), rows), len(self))
        left_out = [] if include_inputs else [each if allowed is None else each[allowed[each]] for each in of_rows]
        most_out = max(map(len, left_out), default=0)
        found, scores = nearest(self._codes, vectors, max(k + most_out, shortlist), metric, allowed)
        if shortlist and self._finer is not None:
            found, scores = sorted_best(found, scored(self._finer, vectors, found, metric), k + most_out)
        places = len(self) if allowed is None else int(np.count_nonzero(allowed))
        for line, out in enumerate(left_out):
            scores[line, np.isin(found[line], out)] = -np.inf
        found, scores = sorted_best(found, scores, min(k, max(0, places - most_out)))
        shown = -scores if metric == "euclidean" else scores
        if many:
            return Neighbours.of(self._vocabulary, found, shown)
        return Neighbours.of(self._vocabulary, found[0], shown[0])

    def embedding(self) -> Embedding:
        """An ordinary `Embedding` of the decoded vectors: 4·d bytes a key, and everything can be asked of it."""
        from jari.embedding.embedding import Embedding

        return Embedding(self._vocabulary, np.asarray(self.vectors), metadata=self._metadata)

    def save(self, path: Path, *, force: bool = False) -> None:
        """Write a folder: all of it or nothing.

        Parameters
        ----------
        path
            Where; the name ends in ``.jari`` as those of other embeddings do.
        force
            Replace what is there.

        Raises
        ------
        FileIsThere
            Something is at `path` and `force` is not given.
        """
        from jari.embedding.codes import files

        files.write(self, path, force=force)

    @classmethod
    def load(cls, path: Path, *, verify: bool = False) -> CompressedEmbedding:
        """Open what `save` wrote; codes are mapped, and read when they are asked for.

        Parameters
        ----------
        path
            The folder.
        verify
            Read everything now and compare checksums; small files are always compared.

        Raises
        ------
        NoSuchFile
            Nothing is there.
        BadFile
            Something is, but not a whole compressed embedding of a version that this library reads.
        """
        from jari.embedding.codes import files

        return files.read(path, verify=verify)

    def _shortlist(self, rescore: int | None, k: int) -> int:
        if self._finer is None:
            if rescore:
                raise BadInput(
                    f"rescore={rescore} needs finer codes, and there are {self._codes.name} codes only: compress with "
                    f'"{self._codes.name}+int8".'
                )
            return 0
        if rescore is None:
            return _SHORTLIST * k
        if isinstance(rescore, bool) or not isinstance(rescore, int | np.integer) or (rescore < k and rescore != 0):
            raise BadInput(f"rescore={rescore!r}: give a whole number, at least k={k}, or 0 for none.")
        return int(rescore)

    def _as_embedding(self) -> Embedding:
        """Itself, for functions that look up keys and rows: it has what they ask for."""
        return cast("Embedding", self)


def _mask(rows: Rows, n: int) -> npt.NDArray[np.bool_]:
    mask = np.zeros(n, dtype=bool)
    mask[rows] = True
    return mask
