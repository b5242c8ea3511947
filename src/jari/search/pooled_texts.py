"""How the words of a text are found and averaged, as an embedding of words remembers it."""

from __future__ import annotations

from collections.abc import Sequence

from jari.embedding.bags import Tokenizer
from jari.embedding.embedding import Embedding
from jari.embedding.pooling import Pooling
from jari.embedding.spans import Spanning
from jari.ingest.recorded import tokenizer_of
from jari.types import Unknown


def pooling_of(embedding: Embedding) -> Pooling:
    """The words of a text, averaged, by the tokenizer that the embedding was learnt with.

    Where the embedding knows how frequent its words are, frequent ones count little, and what all texts have in common
    is taken away: `Pooling.expected`. Where it has subwords, no word is unknown.

    Raises
    ------
    BadInput
        Its words were made by a function of somebody's own.
    """
    vocabulary = embedding.vocabulary
    make = Pooling if vocabulary.counts is None else Pooling.expected
    unknown: Unknown = "skip" if embedding.subwords is None else "subword"
    tokenizer = tokenizer_of(embedding.metadata.get("corpus", {}), vocabulary)
    return make(embedding=embedding, tokenizer=tokenizer, unknown=unknown)


def terms_of(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[str]]:
    """The words of each text.

    Examples
    --------
    >>> terms_of(str.split, ["to be", ""])
    [['to', 'be'], []]
    """
    if isinstance(tokenizer, Spanning):
        return tokenizer.spans(texts).by_text()
    many = getattr(tokenizer, "many", None)
    found = map(tokenizer, texts) if many is None else many(texts)
    return [list(words) for words in found]
