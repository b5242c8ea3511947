"""The corpus of whatever a learner is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from jari.ingest import Corpus, encode
from jari.types import Callback, Progress

ENCODING_MEMORY = "64MB"  # a text of 112 MB is encoded no slower with it than with 1 GB, and peaks 85 MB lower


@contextmanager
def corpus_of(
    X: Any, *, tokenizer: Any, min_count: int, max_vocabulary: int | None, threads: int, callbacks: Sequence[Callback]
) -> Iterator[Corpus]:
    """`X` itself where it is a corpus; else `X` encoded, for as long as the block lasts.

    Parameters
    ----------
    X
        A `Corpus`, which stays open, or anything that `jari.encode` takes.
    tokenizer, min_count, max_vocabulary, threads
        As for `jari.encode`; a corpus is taken as it was encoded.
    callbacks
        Told of the encoding.
    """
    if isinstance(X, Corpus):
        yield X
        return

    def tell(progress: Progress) -> None:
        for callback in callbacks:
            callback(progress)

    corpus = encode(
        X,
        tokenizer=tokenizer,
        min_count=min_count,
        max_vocabulary=max_vocabulary,
        threads=threads,
        memory=ENCODING_MEMORY,
        callback=tell,
    )
    try:
        yield corpus
    finally:
        corpus.close()
