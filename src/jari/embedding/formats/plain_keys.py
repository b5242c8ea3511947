"""Keys that a format without quoting can hold."""

from __future__ import annotations

import re

import pyarrow.compute as pc

from jari.embedding.vocabulary import Vocabulary
from jari.errors import BadInput

_NAMES = {" ": "a space", "\n": "a line break", "\t": "a tab", "\r": "a carriage return", "\0": "a NUL"}


def refuse_unwritable(
    vocabulary: Vocabulary, format_name: str, *, characters: str, ends: str = "", starts: str = "", empty: bool = False
) -> None:
    """Raise `BadInput` for the first key that would not be read back as it is.

    Parameters
    ----------
    vocabulary
        The keys to be written.
    format_name
        For the error.
    characters
        What no key may hold; `starts` and `ends` what none may begin or end with.
    empty
        Whether the empty key can be written.
    """
    patterns = [f"[{re.escape(characters)}]"]
    patterns += [f"^[{re.escape(starts)}]"] if starts else []
    patterns += [f"[{re.escape(ends)}]\\z"] if ends else []
    patterns += [] if empty else ["^\\z"]
    row = pc.index(pc.match_substring_regex(vocabulary.arrow, f"(?s){'|'.join(patterns)}"), True).as_py()
    if row >= 0:
        key = vocabulary.keys[row]
        refuse_key(key, row, format_name, _reason(key, characters + starts + ends))


def refuse_key(key: str, row: int, format_name: str, reason: str) -> None:
    """Raise `BadInput` for one key."""
    raise BadInput(
        f"The key {key!r} (row {row}) {reason}, which {format_name} cannot hold. Rename the key, or write a .jari, "
        f"which holds any."
    )


def _reason(key: str, characters: str) -> str:
    if not key:
        return "is empty"
    return next(f"has {_NAMES.get(c, repr(c))}" for c in characters if c in key)
