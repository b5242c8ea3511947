"""Batches are halved where the device has no memory for them, and that is said."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest

from jari.encoders.halving import Halving
from jari.errors import BadInput

torch = pytest.importorskip("torch")

ERRORS = [
    lambda: torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB"),
    lambda: RuntimeError("CUDA error: out of memory"),
    lambda: RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    lambda: RuntimeError("MPS backend out of memory (MPS allocated: 1.00 GB)"),
    lambda: RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory"),
    lambda: MemoryError(),
]


def room_for(most: int, error: Callable[[], Exception] = ERRORS[0]) -> Callable[[int, int], list[int]]:
    """A function over a batch that does not fit where it is of more than `most`."""

    def run(begin: int, end: int) -> list[int]:
        if end - begin > most:
            raise error()
        return list(range(begin, end))

    return run


def all_of(halving: Halving, function: Callable[[int, int], list[int]], count: int) -> tuple[list[int], list[int]]:
    sizes, found = [], []
    for begin, end, part in halving.parts(function, count):
        assert part == list(range(begin, end))
        sizes.append(end - begin)
        found += part
    return sizes, found


def test_what_fits_is_one_part() -> None:
    assert all_of(Halving("pictures"), room_for(8), 8) == ([8], list(range(8)))
    assert list(Halving("pictures").parts(room_for(8), 0)) == []


@pytest.mark.parametrize("error", ERRORS)
def test_a_batch_is_halved_until_it_fits_and_that_is_said_once(error: Callable[[], Exception]) -> None:
    halving = Halving("pictures")
    said = "ran out of memory with a batch of 32 pictures: it goes on with batches of 8"
    with pytest.warns(UserWarning, match=said) as told:
        sizes, found = all_of(halving, room_for(10, error), 32)
    assert (sizes, found, len(told)) == ([8] * 4, list(range(32)), 1)


def test_later_batches_are_cut_from_the_start_without_a_word() -> None:
    halving, tried = Halving("texts"), []
    with pytest.warns(UserWarning, match="a batch of 16 texts"):
        all_of(halving, room_for(4), 16)

    def run(begin: int, end: int) -> list[int]:
        tried.append(end - begin)
        return room_for(4)(begin, end)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert all_of(halving, run, 9)[1] == list(range(9))
    assert tried == [3, 3, 3]


def test_a_dict_of_tensors_is_cut_by_whoever_runs_it() -> None:
    batch = {"input_ids": torch.arange(12).reshape(6, 2), "attention_mask": torch.ones(6, 2)}

    def run(begin: int, end: int) -> torch.Tensor:
        part = {name: tensor[begin:end] for name, tensor in batch.items()}
        if len(part["input_ids"]) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return (part["input_ids"] * part["attention_mask"]).sum(1)

    with pytest.warns(UserWarning, match="batches of 3"):
        parts = [part for _, _, part in Halving("texts").parts(run, 6)]
    assert torch.cat(parts).tolist() == [1, 5, 9, 13, 17, 21]


def test_a_batch_of_one_that_does_not_fit_is_an_error_with_a_remedy() -> None:
    with pytest.raises(BadInput, match=r"even for a batch of 1 of the pictures\. Give device='cpu'"):
        all_of(Halving("pictures"), room_for(0), 4)


def test_other_errors_are_not_ours() -> None:
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        all_of(Halving("pictures"), room_for(0, lambda: RuntimeError("shapes cannot be multiplied")), 4)
