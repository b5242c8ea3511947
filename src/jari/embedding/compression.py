"""`compress`: an embedding in fewer bytes, by steps that are named in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from jari.embedding.codes import CODES, Codes, CompressedEmbedding, ProductQuantised
from jari.embedding.embedding import Embedding
from jari.embedding.reduction import all_but_the_top, pca, processed_pca, truncated
from jari.errors import BadInput
from jari.types import Callback

REDUCTIONS: Final[Mapping[str, Callable[[Embedding, int | None], Embedding]]] = MappingProxyType(
    {
        "truncate": truncated,
        "pca": pca,
        "all-but-the-top": all_but_the_top,
        "processed-pca": processed_pca,
    }
)
"""Fewer or other dimensions; the number is how many are left, or for ``all-but-the-top`` how many are taken away."""

_FINER = ("float32", "float16", "int8")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a method: its name and its number, as in ``pca:50``; None where there is no number."""

    name: str
    number: int | None = None

    def __str__(self) -> str:
        return self.name if self.number is None else f"{self.name}:{self.number}"


@dataclass(frozen=True, slots=True)
class Method:
    """Reductions one after another, then perhaps codes, then perhaps finer codes to rescore from.

    Examples
    --------
    >>> Method.of("pca:50+pq:25+float16")
    Method(reductions=(Step(name='pca', number=50),), codes=Step(name='pq', number=25), finer='float16')
    """

    reductions: tuple[Step, ...] = ()
    codes: Step | None = None
    finer: str | None = None

    @classmethod
    def of(cls, text: str) -> Method:
        """Read a method.

        Raises
        ------
        BadInput
            A step is not known, or stands where it cannot.
        """
        steps = [_step(part, text) for part in text.split("+")]
        reductions = []
        while steps and steps[0].name in REDUCTIONS:
            reductions.append(steps.pop(0))
        if any(step.name in REDUCTIONS for step in steps):
            raise BadInput(f"method={text!r}: dimensions are reduced before values are coded: put {steps[-1]} first.")
        if len(steps) == 2 and (steps[0].name not in ("binary", "pq") or steps[1].name not in _FINER):
            raise BadInput(
                f"method={text!r}: a second code is there to rescore what 'binary' or 'pq' finds, and is one of "
                f"{', '.join(_FINER)}."
            )
        if len(steps) > 2:
            raise BadInput(f"method={text!r}: there can be one code, and one to rescore from.")
        codes = steps[0] if steps else None
        return cls(tuple(reductions), codes, steps[1].name if len(steps) == 2 else None)

    def __str__(self) -> str:
        return "+".join(map(str, (*self.reductions, *(step for step in (self.codes, self.finer) if step is not None))))

    def reduced(self, embedding: Embedding) -> Embedding:
        """The embedding after the reductions, before the codes."""
        for step in self.reductions:
            embedding = REDUCTIONS[step.name](embedding, step.number)
        return embedding


def compress(
    embedding: Embedding, method: str, *, random_state: int | None = 0, callback: Callback | None = None
) -> Embedding | CompressedEmbedding:
    """An embedding in fewer bytes.

    Parameters
    ----------
    embedding
        What to compress.
    method
        Steps with ``+`` between them, each with a number after a colon where one is wanted:

        - ``truncate:50``, ``pca:50``, ``processed-pca:50`` (to 50 dimensions; half of them without a number),
          ``all-but-the-top:2`` (less 2 components): see `jari.embedding.reduction`;
        - then ``float16``, ``int8``, ``binary`` or ``pq:25`` (25 bytes a key and 4 for its length; d/4 without a
          number): see `jari.embedding.codes`;
        - after ``binary`` or ``pq``, ``float32``, ``float16`` or ``int8``, from which a shortlist is rescored.
    random_state
        Where k-means begins, for ``pq``.
    callback
        Told how far k-means is.

    Returns
    -------
    compressed
        An `Embedding` where there are reductions only, otherwise a `CompressedEmbedding`. Output vectors and, with
        codes, vectors of subwords are dropped; ``metadata["compression"]`` tells what was done and dropped.

    Raises
    ------
    BadInput
        The method cannot be read, or a number does not fit the embedding.

    Examples
    --------
    >>> places = Embedding(["here", "there", "nowhere"], [[1, 0, 3, 0], [1, 1, 2, 0], [0, -1, 0, 1]])
    >>> compress(places, "truncate:2")
    Embedding(3 keys × 2: 'here', 'there', 'nowhere')
    >>> compress(places, "float16")
    CompressedEmbedding(3 keys × 4, float16: 8 bytes a key)
    """
    steps = Method.of(method)
    embedding = steps.reduced(embedding)
    if steps.codes is None:
        return embedding
    codes: Codes
    made: dict[str, Any] = {"method": steps.codes.name}
    if steps.codes.name == "pq":
        codes = quantised = ProductQuantised.encode(
            embedding.vectors, parts=steps.codes.number, random_state=random_state, callback=callback
        )
        made |= {"parts": quantised.parts, "random_state": random_state}
    else:
        codes = CODES[steps.codes.name].encode(embedding.vectors)
    finer = None if steps.finer is None else CODES[steps.finer].encode(embedding.vectors)
    dropped = [name for name in ("context", "subwords") if getattr(embedding, name) is not None]
    if finer is not None:
        made |= {"rescored_from": finer.name}
    if dropped:
        made |= {"dropped": dropped}
    metadata = embedding.metadata
    metadata |= {"compression": [*metadata.get("compression", []), made]}
    return CompressedEmbedding(embedding.vocabulary, codes, finer, metadata=metadata)


def _step(part: str, text: str) -> Step:
    name, colon, number = part.strip().partition(":")
    if name not in REDUCTIONS and name not in CODES:
        known = ", ".join([*REDUCTIONS, *CODES])
        raise BadInput(f"method={text!r}: {name!r} is not known; choose from {known}, with + between them.")
    if not colon:
        return Step(name)
    if name in CODES and name != "pq":
        raise BadInput(f"method={text!r}: {name} takes no number.")
    if not (number.isascii() and number.isdigit()) or len(number) > 9:
        raise BadInput(f"method={text!r}: {number!r} after {name}: is no whole number.")
    return Step(name, int(number))
