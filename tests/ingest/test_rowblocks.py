import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.ingest.rowblocks import csr_of, over_blocks, row_blocks


@given(entries=st.lists(st.integers(0, 90), max_size=60), size=st.integers(1, 200))
def test_blocks_are_all_rows_in_order(entries, size):
    indptr = np.concatenate([[0], np.cumsum(entries, dtype=np.int64)])
    blocks = row_blocks(indptr, size)
    assert [row for begin, end in blocks for row in range(begin, end)] == list(range(len(entries)))
    assert all(begin < end for begin, end in blocks)


def test_blocks_are_of_about_equal_work():
    indptr = np.concatenate([[0], np.cumsum(np.random.default_rng(0).integers(0, 50, 10_000))])
    entries = [indptr[end] - indptr[begin] for begin, end in row_blocks(indptr, 5000)]
    assert len(entries) > 40
    assert max(entries) < 1.2 * min(entries)


def test_rows_without_entries_are_work_too():
    assert len(row_blocks(np.zeros(100_001, np.int64), 1000)) > 100


def test_every_block_is_done_once():
    done = []
    with ThreadPoolExecutor(3) as pool:
        blocks = [(i, i + 1) for i in range(50)]
        assert sorted(over_blocks(pool, blocks, lambda begin, end: done.append((begin, end)))) == blocks
    assert sorted(done) == blocks


def test_what_goes_wrong_in_a_thread_is_raised_and_ends_it():
    begun = []

    def work(begin, end):
        begun.append(begin)
        time.sleep(0.001)
        raise ValueError("this block")

    with ThreadPoolExecutor(1) as pool, pytest.raises(ValueError, match="this block"):
        list(over_blocks(pool, [(i, i + 1) for i in range(1000)], work))
    assert len(begun) < 1000


def test_whoever_stops_listening_ends_it():
    begun, go_on = [], threading.Event()

    def work(begin, end):
        begun.append(begin)
        if begin:
            go_on.wait(10)

    with ThreadPoolExecutor(1) as pool:
        running = over_blocks(pool, [(i, i + 1) for i in range(1000)], work)
        next(running)
        running.close()
        go_on.set()
    assert len(begun) < 1000


def test_csr_keeps_its_indices_narrow():
    data, indices, indptr = np.ones(3, np.float32), np.array([1, 0, 1], np.int32), np.array([0, 2, 3], np.int64)
    made = csr_of(data, indices, indptr, (2, 2))
    assert made.indices.dtype == made.indptr.dtype == np.int32
    np.testing.assert_array_equal(made.toarray(), [[1, 1], [0, 1]])
    assert np.shares_memory(made.data, data)
