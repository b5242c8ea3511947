"""`Titles`: what items are called, for people."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput, UnknownKey

_SHOWN = 5  # ids of one title, in an error


class Titles:
    """The titles of items, and which item is meant by what somebody typed.

    Parameters
    ----------
    items
        The keys.
    titles
        By key; an item that is not among them, or whose title is empty, goes by its key. Those of other keys are not
        looked at.

    Attributes
    ----------
    untitled
        How many items go by their keys.

    Examples
    --------
    >>> films = Titles(Vocabulary(["1", "2", "3"]), {"1": "Up", "2": "Hamlet", "3": "Hamlet"})
    >>> films.row("up"), films.row("3"), films.names
    (0, 2, ['Up', 'Hamlet (2)', 'Hamlet (3)'])
    """

    def __init__(self, items: Vocabulary, titles: Mapping[str, str]) -> None:
        self._items = items
        self._titles = [_known(titles, key) or key for key in items]
        self.untitled = sum(title == key for title, key in zip(self._titles, items, strict=True))
        self._names: list[str] | None = None
        self._folded: dict[str, list[int]] | None = None

    @classmethod
    def aligned(cls, items: Vocabulary, titles: Sequence[str]) -> Titles:
        """Titles that stand in the order of the items."""
        return cls(items, dict(zip(items, titles, strict=True)))

    def __len__(self) -> int:
        return len(self._titles)

    def __iter__(self) -> Iterator[str]:
        return iter(self._titles)

    def __getitem__(self, row: int) -> str:
        return self._titles[row]

    @property
    def names(self) -> list[str]:
        """The titles, no two alike: those that several items share have the key behind them."""
        if self._names is None:
            names = list(self._titles)
            while doubled := {name for name, times in Counter(names).items() if times > 1}:
                names = [
                    f"{name} ({key})" if name in doubled else name for name, key in zip(names, self._items, strict=True)
                ]
            self._names = names
        return self._names

    def row(self, said: str) -> int:
        """The item that is meant: by its key, its title, or either in other letters (upper, lower), if only one fits.

        Raises
        ------
        BadInput
            Several items have that title; their keys are said.
        UnknownKey
            No item has it; titles that look like it are said.
        """
        if said in self._items:
            return self._items.row(said)
        rows = self._by_fold.get(_folded(said), [])
        exact = [row for row in rows if said in (self._titles[row], self.names[row])]
        meant = exact or rows
        if len(meant) == 1:
            return meant[0]
        if meant:
            keys = [repr(self._items.keys[row]) for row in meant]
            more = f" and {len(keys) - _SHOWN:,} more" if len(keys) > _SHOWN else ""
            raise BadInput(
                f"{said!r} is the title of {len(keys):,} items: {', '.join(keys[:_SHOWN])}{more}. Give the id of one."
            )
        alike = self.alike(said)
        hint = f" Did you mean {' or '.join(map(repr, alike))}?" if alike else ""
        raise UnknownKey(f"{said!r} is neither an id nor a title of the {len(self):,} items that were learnt.{hint}")

    @property
    def _by_fold(self) -> dict[str, list[int]]:
        """Rows by title, name and key, in letters that do not tell upper from lower."""
        if self._folded is None:
            self._folded = {}
            for row, forms in enumerate(zip(self._titles, self.names, self._items, strict=True)):
                for form in {_folded(form) for form in forms}:
                    self._folded.setdefault(form, []).append(row)
        return self._folded

    def alike(self, said: str) -> list[str]:
        """Names and keys that are spelt like it, or that hold it, whatever blanks there are."""
        known = Vocabulary(dict.fromkeys([*self.names, *self._items]))
        found = known.nearest_spellings(said)
        asked = _without_blanks(said)
        if asked and len(found) < 3:
            forms = self._by_fold.items()
            holding = sorted({row for form, rows in forms if asked in _without_blanks(form) for row in rows})
            found += [name for name in (self.names[row] for row in holding) if name not in found]
        return found[:3]


def _known(titles: Mapping[str, str], key: str) -> str:
    return titles.get(key, "").strip()


def _without_blanks(text: str) -> str:
    return "".join(_folded(text).split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().strip()
