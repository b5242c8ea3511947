import threading
from pathlib import Path

import numpy as np
import pytest

from jari.kernels.windows import keep_and_window
from jari.learn.negative import NegativeSampling, shared_noise
from jari.learn.pages import release
from jari.learn.sampling import Noise, keep_thresholds, largest_kept
from jari.learn.walk import Position, Walk


def walk(n_tokens=5000, threads=1, is_cbow=False, **changed):
    generator = np.random.default_rng(0)
    ids = np.minimum(generator.zipf(1.5, n_tokens) - 1, 49).astype(np.int32)
    counts = np.bincount(ids, minlength=50)
    keep = keep_thresholds(counts, 0)
    W = np.zeros((50, 16), np.float32)
    W[:] = generator.normal(size=W.shape) / 16
    C = np.zeros_like(W)
    model = NegativeSampling(
        {"vectors": W, "context": C},
        W,
        C,
        dim=16,
        is_cbow=is_cbow,
        window=3,
        shrink=True,
        bias=False,
        false_contexts=False,
        negative=5,
        noise=Noise.of(counts, 0.75),
        largest=largest_kept(counts, keep),
        rate=0.05,
    )
    given = {"epochs": 2, "rates": (0.05, 0.001), "seed": 1, "offsets": np.arange(0, n_tokens + 1, 10)}
    return Walk(**({"ids": ids, "keep": keep, "model": model, "threads": threads} | given | changed))


def never(position, words):
    return False


def test_the_rate_falls_in_a_straight_line():
    one = walk()
    rates = [one.rate(epoch, block) for epoch in range(2) for block in range(one.blocks)]
    np.testing.assert_allclose(rates, np.linspace(0.05, 0.001, 2 * one.blocks + 1)[:-1])


def test_stopping_after_every_look_changes_nothing(monkeypatch):
    unbroken, broken = walk(), walk()
    assert unbroken.run(never)
    monkeypatch.setattr("jari.learn.walk._LOOK", 0.0)
    stops = 0
    while not broken.run(lambda position, words: True):
        stops += 1
        assert 0 <= broken.position.block <= broken.blocks
        assert stops < 50
    np.testing.assert_array_equal(broken.model.W, unbroken.model.W)
    assert broken.losses == pytest.approx(unbroken.losses)
    assert broken.position == Position(epoch=2)


def test_every_piece_is_walked_over_once_an_epoch_in_an_order_of_its_own(monkeypatch):
    walked = []

    def spy(ids, offsets, pieces, *rest):
        walked.append(pieces.tolist())
        return keep_and_window(ids, offsets, pieces, *rest)

    monkeypatch.setattr("jari.learn.walk.keep_and_window", spy)
    one = walk()
    one.run(never)
    flat = [piece for block in walked for piece in block]
    first, second = flat[: one.pieces], flat[one.pieces :]
    assert sorted(first) == sorted(second) == list(range(one.pieces))
    assert first != second


def test_an_error_in_a_callback_leaves_no_thread_running(monkeypatch):
    monkeypatch.setattr("jari.learn.walk._LOOK", 0.0)

    def fail(position, words):
        raise RuntimeError("from the callback")

    one = walk(n_tokens=200_000, threads=2)
    with pytest.raises(RuntimeError, match="from the callback"):
        one.run(fail)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("jari-learn")]


def test_thresholds_are_the_probabilities():
    counts = np.array([9000, 900, 90, 10])
    share = counts / counts.sum()
    expected = np.minimum(1, np.sqrt(0.01 / share) + 0.01 / share)
    np.testing.assert_allclose(keep_thresholds(counts, 0.01) / 2**32, expected, rtol=1e-6)
    assert (keep_thresholds(counts, 0) == 2**32 - 1).all()


def test_noise_with_a_negative_exponent_prefers_the_rare():
    noise = Noise.of(np.array([100, 1, 0]), -0.5)
    held = np.bincount(np.arange(3), noise.limits / 2**32, 3) + np.bincount(noise.others, 1 - noise.limits / 2**32, 3)
    np.testing.assert_allclose(held / 3, np.array([0.1, 1, 1]) / 2.1, rtol=1e-6)


@pytest.mark.parametrize("is_cbow", [False, True])
@pytest.mark.parametrize("negative", range(1, 40))
def test_shared_noise_comes_in_fours(negative, is_cbow):
    assert shared_noise(negative, is_cbow) % 4 == 0
    assert shared_noise(negative, is_cbow) >= negative


@pytest.mark.parametrize("is_cbow", [False, True])
def test_one_word_in_every_second_place_is_learnt_without_overshooting(is_cbow):
    one = walk(is_cbow=is_cbow, epochs=20)
    assert one.model.largest > 0.35
    assert one.model.group < 32
    one.run(never)
    assert one.losses[-1] < one.losses[0] < 5


def test_pages_let_go_of_are_read_again(tmp_path):
    np.arange(100_000, dtype=np.int32).tofile(tmp_path / "ids")
    mapped = np.memmap(tmp_path / "ids", np.int32, mode="r")
    for array in (mapped, mapped[7:], mapped.view(np.ndarray), np.arange(100_000, dtype=np.int32)):
        before = array.copy()
        release(array)
        np.testing.assert_array_equal(array, before)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_walk_over_a_mapped_corpus_holds_little_of_it(tmp_path):
    (np.arange(4_000_000, dtype=np.int32) % 50).tofile(tmp_path / "ids")
    ids = np.memmap(tmp_path / "ids", np.int32, mode="r")
    one = walk(ids=ids, offsets=np.array([0, len(ids)]), keep=np.zeros(50, np.uint32), epochs=1)
    one.run(never)
    before = file_pages()
    one.position, one.epochs = Position(), 2
    one.run(never)
    assert file_pages() - before < 2_000  # kB, of 16,000


def file_pages():
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssFile"))
    return int(line.split()[1])
