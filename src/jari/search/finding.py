"""What somebody wants to see of a search: the best passage of each document, and the words to look for in it."""

from __future__ import annotations

from jari.embedding.neighbours import whole_k
from jari.ingest.tokenizers import words
from jari.search.collection import Collection, Mode
from jari.search.records import Hit
from jari.search.where import Where

_AT_FIRST = 3  # passages for each document that is wanted
_MORE = 4  # times as many, where those were too few


def best_of_each(
    library: Collection, query: str, k: int = 10, where: Where | None = None, mode: Mode = "hybrid"
) -> list[Hit]:
    """The best passage of each of the k best documents, the best first.

    Parameters
    ----------
    library
        What is searched.
    query, where, mode
        As for `Collection.search`.
    k
        How many documents.

    Raises
    ------
    BadInput
        As `Collection.search`.
    """
    many = _AT_FIRST * whole_k(k)
    while True:
        hits = library.search(query, k=many, where=where, mode=mode)
        best: dict[str, Hit] = {}
        for hit in hits:
            best.setdefault(hit.source, hit)
        if len(best) >= k or len(hits) < many:
            return list(best.values())[:k]
        many *= _MORE


def words_to_mark(query: str) -> list[str]:
    """What to look for in the texts that were found: not "of" and "a", if there is anything else.

    Examples
    --------
    >>> words_to_mark("The age of sail"), words_to_mark("to be")
    (['the', 'age', 'sail'], ['to', 'be'])
    """
    found = words(query)
    return [word for word in found if len(word) > 2 or not word.isascii()] or found
