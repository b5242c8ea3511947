"""With how many bits a network computes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final, Literal, TypeAlias

from jari import parameters
from jari.extras import require

Precision: TypeAlias = Literal["auto", "float32", "bfloat16", "float16"]

PRECISIONS: Final = ("auto", "float32", "bfloat16", "float16")


def settled(precision: str, device: Any) -> str:
    """What ``"auto"`` is on a device: float32 on the CPU, bfloat16 on a GPU, float16 on one that knows no bfloat16.

    Raises
    ------
    BadInput
        There is no such precision.
    """
    parameters.choice("precision", precision, PRECISIONS)
    if precision != "auto":
        return precision
    if device.type != "cuda":
        return "float32"
    torch = require("torch", extra="torch")
    # Cards before Ampere only emulate bfloat16, at a fraction of float16's speed.
    return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"


@contextmanager
def computing(precision: str, device: Any) -> Iterator[None]:
    """What a network computes inside is of this precision; its weights stay as they are.

    With ``"float32"``, convolutions and products on a GPU are true float32: PyTorch's own default cuts the numbers that
    go into convolutions to ten bits (TF32), which shows in the fourth digit of a vector.
    """
    torch = require("torch", extra="torch")
    name = settled(precision, device)
    with ExitStack() as stack:
        half = torch.bfloat16 if name == "float32" else getattr(torch, name)
        stack.enter_context(torch.autocast(device.type, dtype=half, enabled=name != "float32"))
        if name == "float32" and device.type == "cuda":
            stack.enter_context(_without_tf32(torch))
        yield


@contextmanager
def _without_tf32(torch: Any) -> Iterator[None]:
    products, convolutions = torch.backends.cuda.matmul, torch.backends.cudnn.conv
    before = products.fp32_precision, convolutions.fp32_precision
    products.fp32_precision = convolutions.fp32_precision = "ieee"
    try:
        yield
    finally:
        products.fp32_precision, convolutions.fp32_precision = before
