"""Precision: what auto is, and that nothing of it stays."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from jari.encoders.precision import computing, settled
from jari.errors import BadInput

torch = pytest.importorskip("torch")
CPU = torch.device("cpu")


def test_auto_is_float32_on_the_cpu() -> None:
    assert settled("auto", CPU) == "float32"


@pytest.mark.parametrize(("native", "wanted"), [(True, "bfloat16"), (False, "float16")])
def test_auto_on_a_gpu_is_what_it_is_fast_with(monkeypatch: pytest.MonkeyPatch, native: bool, wanted: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: native or including_emulation)
    assert settled("auto", SimpleNamespace(type="cuda")) == wanted


def test_what_is_asked_for_is_done() -> None:
    assert settled("float16", CPU) == "float16"
    with pytest.raises(BadInput, match=r"precision='half': choose 'auto' or 'float32'"):
        settled("half", CPU)


@pytest.mark.parametrize(
    ("precision", "wanted"), [("auto", torch.float32), ("bfloat16", torch.bfloat16), ("float16", torch.float16)]
)
def test_products_are_of_it_within_and_as_before_afterwards(precision: str, wanted: torch.dtype) -> None:
    square = torch.ones(2, 2)
    with computing(precision, CPU):
        assert (square @ square).dtype == wanted
    assert (square @ square).dtype == torch.float32


def test_float32_holds_within_a_callers_autocast() -> None:
    square = torch.ones(2, 2)
    with torch.autocast("cpu", dtype=torch.bfloat16), computing("float32", CPU):
        assert (square @ square).dtype == torch.float32


def test_a_gpu_computes_true_float32_within_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "autocast", lambda *given, **named: torch.no_grad())  # there may be no GPU
    before = torch.backends.cudnn.conv.fp32_precision, torch.backends.cuda.matmul.fp32_precision
    with computing("float32", SimpleNamespace(type="cuda")):
        assert torch.backends.cudnn.conv.fp32_precision == "ieee"
    assert (torch.backends.cudnn.conv.fp32_precision, torch.backends.cuda.matmul.fp32_precision) == before
