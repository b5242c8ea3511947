"""`thinned`: a corpus without most of its most frequent words, so that rarer ones stand next to each other."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from jari.errors import BadInput
from jari.ingest import Corpus
from jari.learn.sampling import keep_thresholds
from jari.learn.textlearner import counts_of

_AT_ONCE = 1 << 20  # tokens


@contextmanager
def thinned(corpus: Corpus, sample: float, generator: np.random.Generator) -> Iterator[Corpus]:
    """The corpus with each word kept as `keep_thresholds` says, for as long as the block lasts.

    word2vec thins out the text anew for each epoch; counting reads it once. What is kept closes ranks, so that windows
    reach further. It is written to a temporary file: the text may be larger than memory.

    Parameters
    ----------
    sample
        Words more frequent than this share of the text are thinned out; 0 gives the corpus itself.
    generator
        Draws for each token, in the order of the text.

    Raises
    ------
    BadInput
        No word is left, or the vocabulary has no counts.

    Examples
    --------
    >>> import jari
    >>> with jari.encode(["the cat and the dog and the cow"] * 9, min_count=1) as corpus:
    ...     with thinned(corpus, 0.05, np.random.default_rng(0)) as rarer:
    ...         len(corpus), len(rarer)
    (72, 50)
    """
    if sample == 0:
        yield corpus
        return
    keep = keep_thresholds(counts_of(corpus.vocabulary), sample)
    kept = 0
    ends = []
    with tempfile.TemporaryFile(prefix="jari-thinned-") as file:
        for begin in range(0, len(corpus), _AT_ONCE):
            ids = np.asarray(corpus.ids[begin : begin + _AT_ONCE])
            stays = generator.integers(0, 1 << 32, len(ids), np.uint32) <= keep[ids]
            file.write(ids[stays].data)
            first, after = np.searchsorted(corpus.offsets, [begin, begin + len(ids)], side="right")
            sums = np.cumsum(stays)
            ends.append(kept + sums[corpus.offsets[first:after] - begin - 1])
            kept += int(sums[-1])
        if not kept:
            raise BadInput(f"sample={sample:g} leaves no word of this text. Raise it, or give 0 to keep all.")
        file.flush()
        offsets = np.unique(np.concatenate([np.zeros(1, np.int64), *ends]))  # sentences that are now empty fall out
        ids = np.memmap(file, np.int32, "r", shape=(kept,))
        yield Corpus(ids, offsets, corpus.vocabulary, {**corpus.statistics, "tokens_after_thinning": kept})
