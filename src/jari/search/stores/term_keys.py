"""What a term is kept under, where a database cannot hold any string in an index."""

from __future__ import annotations

import hashlib
from typing import Final

_LONGEST: Final = 256  # bytes of a term that is kept as it is; an index entry of PostgreSQL holds some 2,700


def text_key(term: str) -> str:
    """The term itself, or a digest (SHA-256) of one that is too long for an index.

    Examples
    --------
    >>> text_key("cat"), len(text_key("x" * 5000))
    ('cat', 71)
    """
    if 4 * len(term) <= _LONGEST:
        return term
    data = term.encode()
    return term if len(data) <= _LONGEST else f"sha256:{hashlib.sha256(data).hexdigest()}"


def number_key(term: str) -> int:
    """A number of 32 bits, the same everywhere and always.

    Two terms share a number with odds of 1 to 2³². So with 100,000 other terms in a collection, one of them is mistaken
    for a term of a query with odds of 1 to 43,000.

    Examples
    --------
    >>> number_key("cat")
    3138554730
    """
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=4).digest(), "little")
