"""Half the batch where the GPU has too little memory for it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from jari.errors import BadInput
from jari.extras import require

Part = TypeVar("Part")

_SAID: Final = ("out of memory", "CUBLAS_STATUS_ALLOC_FAILED", "can't allocate memory", "not enough memory")


@dataclass(slots=True)
class Halving:
    """Runs a function over batches, and over parts of them once a batch was too large.

    One for each call of the user: what it has found out of the device's memory serves all batches of the call.

    Parameters
    ----------
    unit
        What a batch is of, for the message: ``"pictures"``, ``"texts"``.
    remedy
        What helps where not even a batch of one fits, for the message.
    halvings
        How many times batches have been halved so far.
    stacklevel
        Of the warning, seen from `parts`.

    Examples
    --------
    >>> halving = Halving("texts")
    >>> [(begin, end, lengths) for begin, end, lengths in halving.parts(lambda begin, end: "abc"[begin:end], 3)]
    [(0, 3, 'abc')]
    """

    unit: str
    remedy: str = "Give device='cpu'"
    halvings: int = 0
    stacklevel: int = 3

    def parts(self, function: Callable[[int, int], Part], count: int) -> Iterator[tuple[int, int, Part]]:
        """``function(begin, end)`` for parts of a batch of `count`, in order: the whole batch, where it fits.

        Yields ``(begin, end, what the function answered)``. A part that does not fit is tried again at half the size,
        and later batches are cut into as many parts from the start. A warning says so once it has gone well.

        Raises
        ------
        BadInput
            There is too little memory for a batch of one.
        """
        before, failed = self.halvings, 0
        begin = 0
        while begin < count:
            end = min(begin + max(1, -(-count >> self.halvings)), count)
            answers = _tried(function, begin, end)
            if not answers:
                failed = failed or end - begin
                if end - begin == 1:
                    raise BadInput(
                        f"The device has too little memory even for a batch of 1 of the {self.unit}. {self.remedy}, "
                        "or end other programs that use the GPU."
                    )
                self.halvings += 1
                continue
            if self.halvings > before:
                before = self.halvings
                warnings.warn(
                    f"The device ran out of memory with a batch of {failed:,} {self.unit}: it goes on with batches of "
                    f"{end - begin:,}.",
                    UserWarning,
                    stacklevel=self.stacklevel,
                )
            yield begin, end, answers[0]
            begin = end


def _tried(function: Callable[[int, int], Part], begin: int, end: int) -> tuple[Part, ...]:
    """The answer; nothing where it does not fit: the error is gone then, and with it the tensors that it held."""
    try:
        return (function(begin, end),)
    except (RuntimeError, MemoryError) as error:  # torch.OutOfMemoryError is a RuntimeError
        if not _of_memory(error):
            raise
    torch = require("torch", extra="torch")
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return ()


def _of_memory(error: Exception) -> bool:
    torch = require("torch", extra="torch")
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return any(said in str(error) for said in _SAID)
