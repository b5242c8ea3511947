"""What to say when a network has lost its way."""

from __future__ import annotations

from jari.errors import BadInput


def diverged(what: str, *, learning_rate: float, kept: bool) -> BadInput:
    """An error that names the parameter to lower, and by how much.

    Parameters
    ----------
    what
        Which number is none any more, and in which batch.
    kept
        Whether there is an epoch before to go back to.
    """
    before = " What was learnt in the epochs before is kept." if kept else ""
    return BadInput(
        f"{what}: learning_rate={learning_rate:g} takes too long steps for these data. Lower it, "
        f"to {learning_rate / 10:g} at first.{before}"
    )
