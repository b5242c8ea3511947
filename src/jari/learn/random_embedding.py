"""`RandomEmbedding`: a random vector for each key, the baseline that everything that learns must beat."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Literal, Self

import numpy as np
import numpy.typing as npt

from jari import parameters
from jari.embedding import Embedding, Vocabulary
from jari.ingest import Corpus
from jari.learn.textlearner import TextLearner
from jari.types import Callback, Matrix, Progress

Bits = npt.NDArray[np.uint64]

_KINDS = ("gaussian", "sign")
_NUMBERS_AT_ONCE = 1 << 16  # what is worked on stays in a core's cache
_BETWEEN_REPORTS = 0.1  # seconds

# splitmix64, as in `jari.kernels.random`; here for many states at once.
_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = ((np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB)))
_LAST: Final = np.uint64(31)


class RandomEmbedding(TextLearner):
    """Words to vectors that know nothing of the text: the vector of a key depends on the key and the seed alone.

    Two different keys are near each other by chance only, their cosine some 1/√dim. What another learner gets beyond
    these vectors in an evaluation, it has learnt.

    Parameters
    ----------
    kind
        ``"gaussian"``: numbers from the normal distribution; ``"sign"``: two numbers, one the negative of the other.
    dim
        Numbers in a vector.
    min_count
        Words seen less often are left out.
    max_vocabulary
        Keep at most so many words, the most frequent ones.
    tokenizer
        ``"words"``, ``"whitespace"`` or a function from a string to a list of words.
    threads
        To read text with; None uses every core.
    random_state
        A seed, or None for another one each time.
    callbacks
        Called with a `Progress` some ten times a second.

    Attributes
    ----------
    embedding_ : Embedding
        Vectors of expected length 1.
    seed_ : int
        The seed that was used.

    Examples
    --------
    >>> learner = RandomEmbedding("sign", dim=4, min_count=1, random_state=1).fit(["to be or not to be"])
    >>> learner.embedding_["be"]
    array([ 0.5,  0.5, -0.5,  0.5], dtype=float32)
    """

    def __init__(
        self,
        kind: Literal["gaussian", "sign"] = "gaussian",
        *,
        dim: int = 100,
        min_count: int = 5,
        max_vocabulary: int | None = None,
        tokenizer: Any = "words",
        threads: int | None = None,
        random_state: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.kind = kind
        self.dim = dim
        self.min_count = min_count
        self.max_vocabulary = max_vocabulary
        self.tokenizer = tokenizer
        self.threads = threads
        self.random_state = random_state
        self.callbacks = callbacks

    @classmethod
    def of(
        cls,
        keys: Vocabulary | Iterable[str],
        *,
        kind: Literal["gaussian", "sign"] = "gaussian",
        dim: int = 100,
        random_state: Any = None,
    ) -> Embedding:
        """Vectors for keys of any kind: the same that `fit` would give them.

        Parameters
        ----------
        keys
            A `Vocabulary`, or strings, no two alike.

        Examples
        --------
        >>> alone = RandomEmbedding.of(["be"], random_state=7)
        >>> bool((RandomEmbedding.of(["to", "be"], random_state=7)["be"] == alone["be"]).all())
        True
        """
        learner = cls(kind, dim=dim, random_state=random_state)
        learner.check()
        return learner._made(keys if isinstance(keys, Vocabulary) else Vocabulary(keys), {})

    def check(self) -> None:
        """Look at every parameter, as `fit` does before it reads any text.

        Raises
        ------
        BadInput
            A parameter out of its range.

        Examples
        --------
        >>> RandomEmbedding("uniform").check()
        Traceback (most recent call last):
        jari.errors.BadInput: kind='uniform': choose 'gaussian' or 'sign'.
        """
        parameters.choice("kind", self.kind, _KINDS)
        super().check()
        parameters.whole("dim", self.dim, 1, "a vector needs at least one number")

    def fit(self, X: Corpus | Any, y: Any = None) -> Self:
        """Give each word of a text its vector.

        Parameters
        ----------
        X
            A `Corpus`, or anything that `jari.encode` takes: paths, strings, lists of words.
        y
            Not used.

        Raises
        ------
        BadInput
            A parameter out of its range, or a text in which no word is frequent enough.
        """
        self.check()
        with self._corpus(X) as corpus:
            self.embedding_ = self._made(corpus.vocabulary, corpus.statistics)
        return self

    def _made(self, vocabulary: Vocabulary, statistics: dict[str, Any]) -> Embedding:
        self.seed_ = parameters.seed_of(self.random_state)
        self.losses_ = []
        due = 0.0

        def tell(done: int) -> None:
            nonlocal due
            if done == len(vocabulary) or time.monotonic() >= due:
                due = time.monotonic() + _BETWEEN_REPORTS
                for callback in self.callbacks:
                    callback(Progress("learning", done, len(vocabulary), "words"))

        vectors = random_vectors(vocabulary, int(self.dim), str(self.kind), self.seed_, tell)
        return Embedding(vocabulary, vectors, metadata=self._metadata(statistics))


def random_vectors(
    keys: Iterable[str], dim: int, kind: str, seed: int, tell: Callable[[int], None] = lambda done: None
) -> Matrix:
    """A vector a key, shape (keys, dim), of expected length 1.

    A key and the seed are hashed by BLAKE2b into the state of a splitmix64 (see `jari.kernels.random`), whose numbers
    become signs, or by Box and Muller's transform normal. 100,000 vectors of 100 numbers take 0.2 s.

    Parameters
    ----------
    kind
        ``"gaussian"`` or ``"sign"``.
    seed
        In [0, 2⁶⁴).
    tell
        Told how many keys are done.

    Examples
    --------
    >>> random_vectors(["be"], 2, "sign", seed=1).round(3).tolist() == [[0.707, 0.707]]
    False
    """
    secret = seed.to_bytes(8, "little")
    digests = b"".join([hashlib.blake2b(key.encode(), digest_size=8, key=secret).digest() for key in keys])
    states = np.frombuffer(digests, "<u8").astype(np.uint64)
    out = np.empty((len(states), dim), np.float32)
    fill = _normal if kind == "gaussian" else _signs
    step = max(1, _NUMBERS_AT_ONCE // dim)
    for begin in range(0, len(states), step):
        fill(states[begin : begin + step], out[begin : begin + step])
        tell(min(begin + step, len(states)))
    return out


def _random_bits(states: Bits, n: int) -> Bits:
    """Shape (states, n): the n numbers that follow each state."""
    bits = states[:, None] + np.arange(1, n + 1, dtype=np.uint64) * _STEP
    for shift, factor in _MIX:
        bits ^= bits >> shift
        bits *= factor
    bits ^= bits >> _LAST
    return bits


def _signs(states: Bits, out: Matrix) -> None:
    dim = out.shape[1]
    bits = _random_bits(states, -(-dim // 64)).astype("<u8", copy=False)
    ones = np.unpackbits(bits.view(np.uint8), axis=1, count=dim, bitorder="little")
    length = np.float32(1 / math.sqrt(dim))
    np.multiply(ones, 2 * length, out=out)
    out -= length


def _normal(states: Bits, out: Matrix) -> None:
    dim = out.shape[1]
    pairs = -(-dim // 2)
    halves = _random_bits(states, pairs).view(np.uint32).reshape(len(states), pairs, 2).astype(np.float32)
    radius = (halves[:, :, 0] + np.float32(0.5)) * np.float32(2**-32)  # in (0, 1]: its logarithm is finite
    np.log(radius, out=radius)
    radius *= np.float32(-2 * _scale(dim) ** 2)
    np.sqrt(radius, out=radius)
    angle = halves[:, :, 1] * np.float32(2 * math.pi * 2**-32)
    out[:, :pairs] = radius * np.cos(angle)
    out[:, pairs:] = (radius * np.sin(angle))[:, : dim - pairs]


def _scale(dim: int) -> float:
    """The deviation with which a normal vector has the expected length 1: ``Γ(d/2) / (√2 Γ((d+1)/2))``, some 1/√d."""
    return math.exp(math.lgamma(dim / 2) - math.lgamma((dim + 1) / 2)) / math.sqrt(2)
