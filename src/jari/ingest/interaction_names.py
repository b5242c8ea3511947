"""Which columns of a table are the users, the items, the weights and the times."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jari.errors import BadInput
from jari.ingest.interaction_columns import ROLES, Role

# As `_folded` writes them, likelier ones first. Weights and times are never guessed: they change what is learnt
_USUAL: Final[dict[Role, tuple[str, ...]]] = {
    "user": ("userid", "user", "uid", "customerid", "customer", "memberid", "visitorid", "sessionid", "session"),
    "item": (
        *("itemid", "item", "iid", "movieid", "movie", "filmid", "film", "productid", "product", "bookid", "book"),
        *("trackid", "track", "songid", "song", "artistid", "artist", "articleid", "article"),
    ),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What a person said of the columns: a name, a number from 1 on, or nothing: it is guessed or not there."""

    user: str | int | None = None
    item: str | int | None = None
    weight: str | int | None = None
    time: str | int | None = None

    def given(self) -> dict[Role, str | int]:
        """Those that were said."""
        return {role: said for role in ROLES if (said := getattr(self, role)) is not None}

    def are_numbers(self) -> bool:
        """Whether some are said and all of them are numbers."""
        given = self.given().values()
        return bool(given) and all(isinstance(said, int) for said in given)

    def places(self, columns: Sequence[str], source: str) -> dict[Role, int]:
        """The place of each column that is to be read, from 0 on.

        Parameters
        ----------
        columns
            What the columns of the table are called.
        source
            What to call the table in errors.

        Raises
        ------
        BadInput
            A column is not there, or two have one name, or one would be used twice.

        Examples
        --------
        >>> Names(weight="stars").places(["userId", "movieId", "stars"], "ratings.csv")
        {'user': 0, 'item': 1, 'weight': 2}
        """
        _refuse_twins(columns, source)
        places = {role: _place(said, columns, source) for role, said in self.given().items()}
        for role in ("user", "item"):
            if role not in places:
                places[role] = _guess(role, columns, source, set(places.values()))
        for role, place in places.items():
            other = next((other for other, there in places.items() if there == place), role)
            if other != role:
                raise BadInput(f"{source}: column {columns[place]!r} cannot be both {other} and {role}.")
        return {role: places[role] for role in ROLES if role in places}


def guessed(columns: Sequence[str]) -> bool:
    """Whether columns are called so that users and items are found by their names."""
    folded = set(map(_folded, columns))
    return all(folded & set(usual) for usual in _USUAL.values())


def _place(said: str | int, columns: Sequence[str], source: str) -> int:
    if said in columns:
        return columns.index(said)  # a column of pandas can be called 7
    if isinstance(said, int):
        if 1 <= said <= len(columns):
            return said - 1
        raise BadInput(f"{source} has no column {said}: it has {len(columns)}, numbered from 1 on.")
    meant = difflib.get_close_matches(said.casefold(), {name.casefold(): name for name in columns}, n=1, cutoff=0.7)
    hint = f" Did you mean {next(name for name in columns if name.casefold() == meant[0])!r}?" if meant else ""
    raise BadInput(f"{source} has no column {said!r}.{hint} {_there(columns)}")


def _guess(role: Role, columns: Sequence[str], source: str, taken: set[int]) -> int:
    folded = [None if at in taken else _folded(name) for at, name in enumerate(columns)]
    found = next((usual for usual in _USUAL[role] if usual in folded), None)
    if found is None:
        raise BadInput(
            f"{source} has no column that is called like {role}s. Name it ({role}=…), or give its number, from 1 on, "
            f"where there is no header. {_there(columns)}"
        )
    return folded.index(found)


def _refuse_twins(columns: Sequence[str], source: str) -> None:
    for at, name in enumerate(columns):
        first = columns.index(name)
        if first != at and name != "":
            raise BadInput(f"{source} has two columns {name!r} ({first + 1} and {at + 1}): rename one of them.")


def _there(columns: Sequence[str]) -> str:
    shown = ", ".join(map(repr, columns[:20])) or "none"
    return f"The columns that are there: {shown}{', …' if len(columns) > 20 else ''}."


def _folded(name: object) -> str:
    return re.sub(r"[\W_]", "", str(name)).casefold()
