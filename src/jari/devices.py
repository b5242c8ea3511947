"""Where PyTorch computes, and with how many threads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jari.errors import BadInput
from jari.extras import require


def device_named(name: str) -> Any:
    """A device of PyTorch; ``"auto"`` is the GPU where there is one.

    Raises
    ------
    BadInput
        There is none of this name here.
    """
    torch = require("torch", extra="torch")
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError) as error:  # the second is how PyTorch says that it was built without CUDA
        said = str(error).partition("\n")[0]
        raise BadInput(f"device={name!r} cannot be used ({said}). Give 'auto' or 'cpu'.") from error


@contextmanager
def threads_of_torch(count: int) -> Iterator[None]:
    """PyTorch's threads belong to the process: they are set for a while, and then as before."""
    torch = require("torch", extra="torch")
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
