"""BM25: how well the terms of a record answer the terms of a query.

A record's score is the sum, over the terms of the query, of ``rarity · share``:

- ``rarity = ln(1 + (N - n + 1/2) / (n + 1/2))``, where n of N records hold the term. The 1 inside is Lucene's; without
  it a term in more than half of the records would count against them;
- ``share = c · (k1 + 1) / (c + k1 · (1 - b + b · length / mean))``, where a record of ``length`` terms holds it c
  times, and ``mean`` is the mean length.

Robertson and Zaragoza (2009), The Probabilistic Relevance Framework, equations 3.15 and 3.3.
"""

from __future__ import annotations

import hashlib
from typing import Final

K1: Final = 1.2
B: Final = 0.75
_LONGEST: Final = 256  # bytes of a term that is kept as it is; an index entry of PostgreSQL holds some 2,700


def share(count: int, length: int, mean: float) -> float:
    """What a term counts in a record that holds it `count` times, before it is weighed by its rarity.

    Examples
    --------
    >>> share(1, 10, mean=10.0)
    1.0
    >>> share(2, 10, mean=10.0), round(share(2, 30, mean=10.0), 3)
    (1.375, 0.88)
    """
    return count * (K1 + 1) / (count + K1 * (1 - B + B * length / mean))


def key(term: str) -> str:
    """What a term is kept under: itself, or a digest (SHA-256) of one that is too long for an index.

    Examples
    --------
    >>> key("cat"), len(key("x" * 5000))
    ('cat', 71)
    """
    data = term.encode()
    return term if len(data) <= _LONGEST else f"sha256:{hashlib.sha256(data).hexdigest()}"


def number(term: str) -> int:
    """A number of 32 bits for a term, the same everywhere and always.

    Two terms share a number with odds of 1 to 2³²: among 100,000 other terms, a term of a query has one that is
    mistaken for it with odds of 1 to 43,000.

    Examples
    --------
    >>> number("cat")
    3138554730
    """
    return int.from_bytes(hashlib.blake2b(term.encode(), digest_size=4).digest(), "little")
