"""Several ways to learn from one text, side by side: time, memory, quality, neighbours."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jari.embedding import Embedding, load
from jari.errors import BadInput
from jari.evaluate.analogy import Analogies, AnalogyResult, analogies
from jari.evaluate.similarity import SimilarityResult, WordPairs, similarity
from jari.ingest import Corpus
from jari.learn.methods import METHODS, method_named
from jari.types import Callback, Progress
from jari.types import Path as PathLike


@dataclass(frozen=True, slots=True)
class MethodResult:
    """What one method made of a corpus.

    Parameters
    ----------
    method
        Its name, as in `jari.learn.methods.METHODS`.
    seconds
        That its `fit` took; the corpus was encoded before. None where it failed.
    peak_mb
        The most memory that its process held, in megabytes; None where that cannot be known.
    similarity, analogies
        One a test set, in the order given.
    neighbours
        For each word asked about its nearest keys; None for a word that is not known.
    error
        Why it failed; None where it did not.
    """

    method: str
    seconds: float | None = None
    peak_mb: float | None = None
    similarity: tuple[SimilarityResult, ...] = ()
    analogies: tuple[AnalogyResult, ...] = ()
    neighbours: Mapping[str, tuple[str, ...] | None] | None = None
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as a dictionary that `json.dumps` takes."""
        return {
            "method": self.method,
            "seconds": self.seconds,
            "peak_mb": self.peak_mb,
            "similarity": [result.to_dict() for result in self.similarity],
            "analogies": [result.to_dict() for result in self.analogies],
            "neighbours": {
                word: None if keys is None else list(keys) for word, keys in (self.neighbours or {}).items()
            },
            "error": self.error,
        }


def compare_methods(
    corpus: Corpus,
    methods: Iterable[str] = tuple(METHODS),
    *,
    parameters: Mapping[str, Any] | None = None,
    pairs: Sequence[WordPairs] = (),
    questions: Sequence[Analogies] = (),
    words: Sequence[str] = (),
    k: int = 5,
    keep: PathLike | None = None,
    callback: Callback | None = None,
) -> Iterator[MethodResult]:
    """Learn from a corpus by one method after the other, each in a process of its own; yield what each made of it.

    Parameters
    ----------
    corpus
        Encoded text.
    methods
        Names from `METHODS`.
    parameters
        Of the learners: each method takes those that it has.
    pairs, questions
        Test sets of word similarity and of analogies (among the first 30,000 keys, by 3CosAdd).
    words
        Whose neighbours to look up.
    k
        How many neighbours.
    keep
        A folder to leave the embeddings in, as ``METHOD.jari``; none are kept if not given.
    callback
        Told of each learner's progress.

    Raises
    ------
    BadInput
        There is no such method; a parameter that no method has, or that is out of its range.

    Examples
    --------
    >>> import jari
    >>> with jari.encode(["king rules", "queen rules", "cat purrs"] * 50, min_count=1) as corpus:
    ...     found = list(compare_methods(corpus, ["cbow"], parameters={"dim": 8, "sample": 0}, words=["king"], k=1))
    >>> found[0].method, len(found[0].neighbours["king"])
    ('cbow', 1)
    """
    chosen = [method_named(name) for name in dict.fromkeys(methods)]
    given = dict(parameters or {})
    for name in given:
        if not any(name in method.parameters for method in chosen):
            raise BadInput(f"None of {', '.join(method.name for method in chosen)} has a parameter {name!r}.")
    own = {
        method.name: {name: value for name, value in given.items() if name in method.parameters} for method in chosen
    }
    for method in chosen:
        method.make(**own[method.name]).check()
    if keep is not None:
        Path(keep).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="jari-compare-") as made:
        encoded = Path(made) / "corpus"
        corpus.save(encoded)
        for method in chosen:
            place = Path(made if keep is None else keep) / f"{method.name}.jari"
            ended = _learnt(method.name, encoded, place, own[method.name], callback)
            if "error" in ended:
                yield MethodResult(method.name, peak_mb=ended.get("peak_mb"), error=ended["error"])
                continue
            embedding = load(place)
            yield MethodResult(
                method.name,
                ended["seconds"],
                ended["peak_mb"],
                tuple(similarity(embedding, each) for each in pairs),
                tuple(analogies(embedding, each) for each in questions),
                {word: _nearest(embedding, word, k) for word in words},
            )


def words_to_show(corpus: Corpus, many: int = 3) -> list[str]:
    """Some words that are neither too frequent to have a meaning nor too rare to have been learnt.

    Examples
    --------
    >>> import jari
    >>> with jari.encode(["king rules", "queen rules", "cat purrs"] * 50, min_count=1) as corpus:
    ...     words_to_show(corpus, 2)
    ['cat', 'king']
    """
    keys = corpus.vocabulary.keys
    ranks = [int(min(1000, len(keys) // 4) * (1 + 2 * i / many)) for i in range(many)]
    return [keys[rank] for rank in ranks if 0 < rank < len(keys)] or list(keys[:many])


def _nearest(embedding: Embedding, word: str, k: int) -> tuple[str, ...] | None:
    return tuple(embedding.similar(word, k=k).keys) if word in embedding else None


def _learnt(
    method: str, corpus: Path, out: Path, parameters: Mapping[str, Any], callback: Callback | None
) -> dict[str, Any]:
    """Run the worker; what it said at its end."""
    line = [sys.executable, "-m", "jari.evaluate.worker", method, str(corpus), str(out), json.dumps(dict(parameters))]
    last: dict[str, Any] = {"error": "its process ended without a word: it was killed, perhaps for want of memory"}
    with _running(line) as process:
        assert process.stdout is not None
        for said in process.stdout:
            read = json.loads(said)
            if "stage" not in read:
                last = read
            elif callback is not None:
                callback(Progress(f"{method}: {read.pop('stage')}", **read))
    return last


@contextmanager
def _running(line: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A process that does not outlive the block."""
    with subprocess.Popen(line, stdout=subprocess.PIPE, encoding="utf-8") as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
