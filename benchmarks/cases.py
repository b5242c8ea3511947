"""What `benchmarks.word2vec` measures: one table, for the runs, for --help and for the README."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """What is learnt, and how often."""

    name: str
    title: str
    repeats: int
    architecture: str = "skipgram"
    dim: int = 100
    epochs: int = 5


AGAINST_GENSIM = (
    Case("skipgram-5", "skip-gram, d=100, 5 epochs", 3),
    Case("skipgram-2", "skip-gram, d=100, 2 epochs", 3, epochs=2),
    Case("cbow-5", "CBOW, d=100, 5 epochs", 3, architecture="cbow"),
    Case("skipgram-300", "skip-gram, d=300, 2 epochs", 1, dim=300, epochs=2),
)
FIRST_RUN = Case("first-run", "the first run ever and the next, skip-gram, 20 MB, 1 epoch", 3, epochs=1)
SPEED_UP = Case("threads", "training on 1 and on 2 threads, skip-gram, 1 epoch", 3, epochs=1)
CASES = {case.name: case for case in (*AGAINST_GENSIM, FIRST_RUN, SPEED_UP)}
