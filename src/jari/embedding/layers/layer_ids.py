"""`LayerIds`: which id of an embedding layer is which key; of keys, lists and texts the arrays that layers take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np

from jari.embedding.bags import Bag, Tokenizer, bag_of, bag_of_matrix
from jari.embedding.layers.arrangement import UnknownRow, has_padding, has_unknown
from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput
from jari.types import Rows, Vector

Policy: TypeAlias = Literal["raise", "skip", "row"]
Longer: TypeAlias = Literal["raise", "first", "last"]

_AT_ONCE: Final = 1 << 16  # texts whose tokens are held at a time


@dataclass(frozen=True, slots=True, eq=False)
class PaddedIds:
    """Lists of ids as one matrix, filled up with padding at their ends.

    Parameters
    ----------
    ids
        Shape (m, length), int64; 0 is padding.
    lengths
        How many ids of each list are there, shape (m,).
    shortened
        How many lists were longer than the matrix is wide and lost ids.
    cut
        How many ids they lost.
    skipped
        How many keys were left out because they are unknown.
    """

    ids: Rows
    lengths: Rows
    shortened: int
    cut: int
    skipped: int

    @property
    def empty(self) -> int:
        """How many lists hold nothing but padding: a mean over them is a division by 0 for layers that don't look."""
        return int(np.count_nonzero(self.lengths == 0))


@dataclass(frozen=True, slots=True, eq=False)
class IdBags:
    """Lists of ids one behind the other, as ``torch.nn.EmbeddingBag`` takes them.

    Parameters
    ----------
    ids
        Of all lists, shape (tokens,), int64.
    offsets
        Where each list begins, shape (m,).
    weights
        How often each id counts, shape (tokens,), where mappings or a sparse matrix said it: ``per_sample_weights`` of
        a layer with ``pooling="sum"``. None where each counts once.
    skipped
        How many keys were left out because they are unknown.
    """

    ids: Rows
    offsets: Rows
    weights: Vector | None
    skipped: int


@dataclass(frozen=True, slots=True, eq=False)
class LayerIds:
    """Which id is which key. `Embedding.layer_ids` makes it; it needs neither PyTorch nor Keras.

    Parameters
    ----------
    vocabulary
        The keys.
    padding
        Whether id 0 is padding, and keys begin at 1.
    unknown
        Whether the last id is for keys that are not there; how its row begins is of no matter here.

    Raises
    ------
    BadInput
        `padding` or `unknown` is something else.

    Examples
    --------
    >>> ids = LayerIds(Vocabulary(["the", "king", "rules"]), padding=True, unknown=True)
    >>> ids.of(["king", "queen"])
    array([2, 4])
    >>> ids.padded(["the king rules", "king"]).ids
    array([[1, 2, 3],
           [2, 0, 0]])
    >>> bags = ids.bags(["the king rules", "king"])
    >>> bags.ids, bags.offsets
    (array([1, 2, 3, 2]), array([0, 3]))
    """

    vocabulary: Vocabulary
    padding: bool = False
    unknown: UnknownRow = False

    def __post_init__(self) -> None:
        has_padding(self.padding)
        has_unknown(self.unknown)

    def __len__(self) -> int:
        """How many rows the layer has."""
        return self.first + len(self.vocabulary) + has_unknown(self.unknown)

    @property
    def first(self) -> int:
        """The id of the first key."""
        return int(self.padding)

    @property
    def padding_id(self) -> int | None:
        """0, or None where there is no padding."""
        return 0 if self.padding else None

    @property
    def unknown_id(self) -> int | None:
        """The id for keys that are not there, or None."""
        return len(self) - 1 if self.unknown else None

    def of(self, keys: Iterable[str], unknown: Policy | None = None) -> Rows:
        """The ids of keys, shape (k,), int64.

        Parameters
        ----------
        keys
            Any strings; the same one may stand more than once.
        unknown
            What to do about keys that are not there: ``"raise"``; ``"skip"`` leaves them out; ``"row"`` gives all of
            them the id of the unknown. By default ``"row"`` where the layer has that row, and ``"raise"`` where not.

        Raises
        ------
        UnknownKey
            A key is not there, and no row is for it; or it is no string.
        BadInput
            One string instead of a list; ``"row"`` of a layer that has none.
        """
        if isinstance(keys, str):
            raise BadInput(f"Give a list of keys, not one string ({keys[:40]!r}): of([key])[0] is the id of one.")
        asked = list(keys)
        strings: list[Any] = [key if isinstance(key, str) else None for key in asked]
        rows = self.vocabulary.rows(strings, unknown="mark")
        return self._resolved(rows, asked.__getitem__, self._policy(unknown))[0]

    def padded(
        self,
        texts: Any,
        *,
        length: int | None = None,
        longer: Longer = "raise",
        unknown: Policy | None = None,
        tokenizer: Tokenizer | None = None,
    ) -> PaddedIds:
        """Many lists as one matrix, filled up with padding.

        Parameters
        ----------
        texts
            Strings, split by `tokenizer`, or lists of keys.
        length
            How wide the matrix is; as wide as the longest list by default.
        longer
            What to do about a list longer than `length`: ``"raise"``; keep its ``"first"`` ids, or its ``"last"``. What
            was cut is counted in the result.
        unknown
            As for `of`.
        tokenizer
            From a string to tokens; at white space by default. Use the one that the embedding was learnt with.

        Raises
        ------
        UnknownKey
            As for `of`.
        BadInput
            There is no padding; a list is too long; a text is neither a string nor a list.
        """
        if not self.padding:
            raise BadInput(
                "Lists of several lengths are filled up with padding, and this layer has none: pass padding=True to "
                "layer_ids() and to the layer, or take bags()."
            )
        if length is not None and (isinstance(length, bool) or not isinstance(length, int | np.integer) or length < 1):
            raise BadInput(f"length={length!r} must be a whole number, 1 or more.")
        if longer not in ("raise", "first", "last"):
            raise BadInput(f"longer={longer!r} is not known: choose 'raise', 'first' or 'last'.")
        ids, lengths, weights, skipped = self._read(texts, unknown, tokenizer)
        if weights is not None:
            raise BadInput(
                "Counts have no place in a matrix of ids: take bags(), or give lists of keys in their order."
            )
        width = int(lengths.max(initial=0)) if length is None else int(length)
        over = lengths > width
        if longer == "raise" and over.any():
            first = int(np.argmax(over))
            raise BadInput(
                f"Text {first} holds {lengths[first]} keys, more than length={width} ({np.count_nonzero(over)} of "
                f"{len(lengths)} texts do): give a larger length, or longer='first' or 'last' to cut."
            )
        kept = np.minimum(lengths, width)
        if over.any():
            place = np.arange(len(ids)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
            begin = lengths - kept if longer == "last" else np.zeros_like(lengths)
            ids = ids[(place >= np.repeat(begin, lengths)) & (place < np.repeat(begin + kept, lengths))]
        matrix = np.zeros((len(kept), width), np.int64)
        matrix[np.arange(width) < kept[:, None]] = ids
        return PaddedIds(matrix, kept, int(np.count_nonzero(over)), int((lengths - kept).sum()), skipped)

    def bags(self, texts: Any, *, unknown: Policy | None = None, tokenizer: Tokenizer | None = None) -> IdBags:
        """Many lists one behind the other, for ``torch.nn.EmbeddingBag``: no padding, no width.

        Parameters
        ----------
        texts
            Strings, lists of keys, mappings from keys to how often they count, or a sparse matrix (m, n) of counts: as
            for `Embedding.pool`.
        unknown, tokenizer
            As for `padded`.

        Raises
        ------
        UnknownKey, BadInput
            As for `padded`.
        """
        ids, lengths, weights, skipped = self._read(texts, unknown, tokenizer)
        return IdBags(ids, np.cumsum(lengths) - lengths, weights, skipped)

    def _read(
        self, texts: Any, unknown: Policy | None, tokenizer: Tokenizer | None
    ) -> tuple[Rows, Rows, Vector | None, int]:
        """The ids of all texts, how many each has, their weights, and how many keys were skipped."""
        policy = self._policy(unknown)
        if isinstance(texts, str):
            raise BadInput(f"Give a list of texts, not one text ({texts[:40]!r}).")
        if hasattr(texts, "tocsr"):
            bags = [bag_of_matrix(self.vocabulary, texts)]
        else:
            given = list(texts)
            starts = range(0, max(len(given), 1), _AT_ONCE)
            bags = [bag_of(self.vocabulary, given[start : start + _AT_ONCE], tokenizer) for start in starts]
        weighed = any(bag.counts is not None for bag in bags)
        parts = [self._of_bag(bag, policy, weighed) for bag in bags]
        ids, lengths, weights, skipped = zip(*parts, strict=True)
        return np.concatenate(ids), np.concatenate(lengths), np.concatenate(weights) if weighed else None, sum(skipped)

    def _of_bag(self, bag: Bag, policy: Policy, weighed: bool) -> tuple[Rows, Rows, Vector, int]:
        ids, kept = self._resolved(bag.rows.astype(np.int64), bag.token, policy)
        before = np.append(0, np.cumsum(kept))
        lengths = np.diff(before[bag.ends])
        counts = np.ones(len(kept) if weighed else 0, np.float32) if bag.counts is None else bag.counts
        return ids, lengths, counts[kept] if weighed else counts, int(len(kept) - before[-1])

    def _resolved(self, rows: Rows, token: Any, policy: Policy) -> tuple[Rows, Any]:
        """Rows of the vocabulary, -1 for the unknown, as ids; and which of them are still there, booleans (rows,)."""
        known = rows >= 0
        if not known.all():
            strange = np.flatnonzero(~known).tolist()
            told = strange[:1] if policy == "raise" else (at for at in strange if not isinstance(token(at), str))
            if policy != "skip" and (at := next(iter(told), None)) is not None:
                raise self.vocabulary.unknown(token(at))
        if policy == "skip":
            return rows[known] + self.first, known
        return np.where(known, rows + self.first, len(self) - 1), np.ones(len(rows), dtype=bool)

    def _policy(self, unknown: Policy | None) -> Policy:
        if unknown is None:
            return "row" if self.unknown else "raise"
        if unknown not in ("raise", "skip", "row"):
            raise BadInput(f"unknown={unknown!r} is not known: choose 'raise', 'skip' or 'row'.")
        if unknown == "row" and not self.unknown:
            raise BadInput(
                "unknown='row' needs a row for unknown keys, and this layer has none: pass unknown=True to layer_ids() "
                "and to the layer, or choose 'raise' or 'skip'."
            )
        return unknown
