import itertools
import threading

import numpy as np
import pytest
from scipy.sparse import csr_array

from contracts.learner import CHECKERBOARD, LearnerContract
from jari.embedding import Vocabulary
from jari.errors import BadInput, Interrupted
from jari.ingest.cooccurrence import Cooccurrence
from jari.learn.glove import GloVe
from jari.learn.glove_chance import Chance
from jari.learn.glove_tiles import Tiles


def quick(**parameters):
    # In a text of a few words all pairs that never met are learnt: `sum` brings those together that do meet.
    return GloVe(
        **({"dim": 16, "epochs": 30, "vectors": "input", "unseen": 30, "threads": 1, "min_count": 1} | parameters)
    )


class TestGloVe(LearnerContract):
    unit = "pairs"

    def make(self, **parameters):
        return quick(**parameters)


class TestOneSided(LearnerContract):
    unit = "pairs"

    def make(self, **parameters):
        return quick(symmetric=False, **parameters)


class TestDeterministic(LearnerContract):
    unit = "pairs"

    def make(self, **parameters):
        return quick(deterministic=True, **({"threads": 2} | parameters))


@pytest.fixture(scope="module")
def long_text():
    """Enough for several tiles: sentences from two topics, words by Zipf's law."""
    generator = np.random.default_rng(0)
    words = np.array([[f"{topic}{i}" for i in range(400)] for topic in "ab"])
    weights = 1 / np.arange(1, 401)
    return [
        " ".join(words[generator.integers(2)][generator.choice(400, size=12, p=weights / weights.sum())])
        for _ in range(3000)
    ]


@pytest.fixture(scope="module")
def counts(long_text):
    return Cooccurrence.of(long_text, window=10, weighting="distance", min_count=1, threads=1)


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch):
    monkeypatch.setattr("jari.learn.glove_tiles._TILE", 512)


@pytest.mark.parametrize("threads", [1, 3])
def test_the_loss_falls_with_every_epoch(threads, counts):
    losses = quick(random_state=1, epochs=8, threads=threads).fit(counts).losses_
    assert len(losses) == 8
    assert all(after < before for before, after in itertools.pairwise(losses))
    assert losses[-1] < 0.9 * losses[0]


@pytest.mark.parametrize("symmetric", [True, False])
def test_the_loss_begins_where_words_stand_together_by_chance(symmetric, long_text):
    counts = Cooccurrence.of(long_text, window=3, symmetric=symmetric, min_count=1)
    still = quick(random_state=1, epochs=1, learning_rate=1e-9, unseen=0).fit(counts)
    X = counts.matrix.toarray().astype(np.float64)
    chance = X.sum(1)[:, None] * X.sum(0) / X.sum()
    x, expected = X[X > 0], chance[X > 0]
    loss = np.sum(np.minimum(1, (x / 10) ** 0.75) * (np.log(x) - np.log(expected)) ** 2) / np.count_nonzero(X)
    assert still.losses_[0] == pytest.approx(loss, rel=0.02)  # the vectors add a little


@pytest.mark.parametrize("symmetric", [True, False])
def test_products_and_biases_come_to_the_logarithms(symmetric):
    generator = np.random.default_rng(0)
    left = generator.normal(size=(12, 3))
    right = left if symmetric else generator.normal(size=(12, 3))
    matrix = csr_array(np.exp(left @ right.T).astype(np.float32))
    words = Vocabulary([f"w{i}" for i in range(12)], np.full(12, 9))
    given = Cooccurrence(matrix, words, window=1, symmetric=symmetric)
    learner = quick(dim=4, epochs=1000, random_state=1, x_max=1, alpha=0).fit(given)
    assert learner.losses_[-1] < 1e-3 < learner.losses_[0]


def test_threads_learn_as_well_as_one(counts):
    alone, together = (quick(random_state=1, epochs=6, threads=threads).fit(counts).losses_ for threads in (1, 3))
    assert together[-1] == pytest.approx(alone[-1], rel=0.02)


def test_deterministic_gives_the_same_bits_with_any_number_of_threads(counts):
    results = [
        quick(deterministic=True, random_state=1, epochs=2, threads=threads).fit(counts) for threads in (1, 2, 3)
    ]
    for other in results[1:]:
        np.testing.assert_array_equal(other.embedding_.vectors, results[0].embedding_.vectors)
        assert other.losses_ == results[0].losses_


def test_counts_and_text_give_the_same(long_text, counts):
    from_counts = quick(random_state=1, epochs=2, window=3).fit(counts)  # counted with 10: taken as it was counted
    from_text = quick(random_state=1, epochs=2, window=10).fit(long_text)
    np.testing.assert_array_equal(from_counts.embedding_.vectors, from_text.embedding_.vectors)


def test_the_two_topics_part(counts):
    embedding = quick(random_state=1).fit(counts).embedding_
    assert all(key.startswith("a") for key in embedding.similar("a3", k=10).keys)


def test_which_vectors_are_the_answer(counts):
    answers = {
        answer: quick(random_state=1, epochs=1, vectors=answer).fit(counts).embedding_
        for answer in ("sum", "input", "output", "mean")
    }
    words, contexts = answers["input"].vectors, answers["output"].vectors
    np.testing.assert_array_equal(answers["sum"].vectors, words + contexts)
    np.testing.assert_array_equal(answers["mean"].vectors, (words + contexts) / 2)
    np.testing.assert_array_equal(answers["sum"].context, contexts)
    np.testing.assert_array_equal(answers["input"].context, contexts)
    np.testing.assert_array_equal(answers["output"].context, words)
    assert np.abs(words - contexts).max() > 1e-3


class StopAt:
    """Ctrl-C, once so many pairs are done."""

    def __init__(self, pairs):
        self.pairs = pairs

    def __call__(self, progress):
        if progress.stage == "learning" and progress.done >= self.pairs:
            self.pairs = float("inf")
            raise KeyboardInterrupt


@pytest.mark.parametrize("from_counts", [False, True])
def test_interrupted_and_resumed_it_ends_in_the_same_bits(from_counts, long_text, counts, tmp_path, monkeypatch):
    monkeypatch.setattr("jari.learn.glove_descent._LOOK", 0.0)
    text = counts if from_counts else long_text
    whole = quick(random_state=4, epochs=3).fit(text)
    stopped = quick(random_state=4, epochs=3, callbacks=[StopAt(20_000)])
    with pytest.raises(Interrupted, match=r"Stopped at \d+%. What was learnt is in .*it.checkpoint"):
        stopped.fit(text, checkpoint=tmp_path / "it.checkpoint")
    # The seed is in the checkpoint; so are the counts, unless they were given.
    given = counts if from_counts else ["not read"]
    resumed = quick(epochs=3).fit(given, checkpoint=tmp_path / "it.checkpoint", resume=True)
    np.testing.assert_array_equal(resumed.embedding_.vectors, whole.embedding_.vectors)
    assert resumed.losses_ == pytest.approx(whole.losses_)
    assert resumed.seed_ == 4


def test_it_saves_on_the_way(counts, tmp_path, monkeypatch):
    monkeypatch.setattr("jari.learn.glove_descent._LOOK", 0.0)
    whole = quick(random_state=4, epochs=3).fit(counts)
    saving = quick(random_state=4, epochs=3).fit(counts, checkpoint=tmp_path / "c", checkpoint_minutes=0.0)
    np.testing.assert_array_equal(saving.embedding_.vectors, whole.embedding_.vectors)
    resumed = quick(epochs=3).fit(counts, checkpoint=tmp_path / "c", resume=True)
    np.testing.assert_array_equal(resumed.embedding_.vectors, whole.embedding_.vectors)


def test_counts_of_an_earlier_learning_are_not_resumed_with(counts, tmp_path, monkeypatch):
    monkeypatch.setattr("jari.learn.glove_descent._LOOK", 0.0)
    with pytest.raises(Interrupted):
        quick(callbacks=[StopAt(1)]).fit(CHECKERBOARD, checkpoint=tmp_path / "c")
    with pytest.raises(Interrupted):
        quick(callbacks=[StopAt(1)], epochs=2, random_state=4).fit(counts, checkpoint=tmp_path / "c")
    resumed = quick(epochs=2).fit(counts, checkpoint=tmp_path / "c", resume=True)
    whole = quick(epochs=2, random_state=4).fit(counts)
    np.testing.assert_array_equal(resumed.embedding_.vectors, whole.embedding_.vectors)


def test_resume_refuses_other_parameters_and_another_text(counts, tmp_path, monkeypatch):
    monkeypatch.setattr("jari.learn.glove_descent._LOOK", 0.0)
    with pytest.raises(Interrupted):
        quick(callbacks=[StopAt(1)]).fit(counts, checkpoint=tmp_path / "c")
    with pytest.raises(BadInput, match=r"was learning with dim=16 \(now 8\).*Resume with the same parameters"):
        quick(dim=8).fit(counts, checkpoint=tmp_path / "c", resume=True)
    with pytest.raises(BadInput, match=r"The checkpoint holds \d+ words and this text 8: it is another text"):
        quick().fit(Cooccurrence.of(CHECKERBOARD, min_count=1), checkpoint=tmp_path / "c", resume=True)


def test_without_checkpoint_an_interruption_is_only_that(counts, monkeypatch):
    monkeypatch.setattr("jari.learn.glove_descent._LOOK", 0.0)
    with pytest.raises(KeyboardInterrupt):
        quick(callbacks=[StopAt(1)], threads=3, epochs=1000).fit(counts)
    assert not [one for one in threading.enumerate() if one.name.startswith("jari-learn")]


def test_what_is_learnt_in_over_a_minute_is_kept(monkeypatch, tmp_path):
    monkeypatch.setattr("jari.learn.glove._WORTH_KEEPING", -1.0)
    done = quick(random_state=1).fit(CHECKERBOARD, checkpoint=tmp_path / "c")
    again = quick().fit(["not read"], checkpoint=tmp_path / "c", resume=True)
    np.testing.assert_array_equal(again.embedding_.vectors, done.embedding_.vectors)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"dim": 0}, "dim=0: a vector needs at least one number. Give a whole number, 1 or more."),
        ({"window": 0}, "window=0: a word learns from its neighbours"),
        ({"window_weighting": "far"}, "window_weighting='far': choose 'distance' or 'shrink' or 'flat'"),
        ({"x_max": 0}, "x_max=0: counts are compared with it. Give a number above 0"),
        ({"alpha": -1}, "alpha=-1: it is a power. Give a number not below 0"),
        ({"unseen": -1}, "unseen=-1: it is a number of pairs. Give a number not below 0"),
        ({"learning_rate": 0}, "learning_rate=0: .* Give a number above 0"),
        ({"epochs": 0}, "epochs=0: "),
        ({"vectors": "both"}, "vectors='both': choose 'sum' or 'input' or 'output' or 'mean'"),
        ({"symmetric": "yes"}, "symmetric='yes': choose True or False"),
        ({"threads": 0}, "threads=0 must be"),
        ({"random_state": -1}, "random_state=-1: a seed is not negative"),
        ({"min_count": 999}, "No word occurs min_count=999 times or more"),
        ({"memory": "much"}, "memory='much'"),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(BadInput, match=message):
        quick(**parameters).fit(CHECKERBOARD)


def test_one_word_has_no_other_to_differ_from():
    with pytest.raises(BadInput, match="The only word that occurs min_count=1 times or more is 'alone'"):
        quick().fit(["alone alone", "alone"])


def test_no_pair_was_counted():
    with pytest.raises(BadInput, match="No pair of words was counted: no sentence has two words that are kept"):
        quick().fit(iter(["a", "b"] * 9))


@pytest.mark.parametrize("count", [0.0, -1.0, float("inf"), float("nan")])
def test_counts_without_a_logarithm(count):
    matrix = csr_array(np.array([[count, 2], [2, 1]], np.float32))
    matrix.data[:] = [count, 2, 2, 1][-matrix.nnz :]
    if matrix.nnz == 3:  # SciPy does not store a zero unless told
        matrix = csr_array((np.array([0, 2, 2], np.float32), ([0, 0, 1], [0, 1, 0])), shape=(2, 2))
    with pytest.raises(BadInput, match=rf"A pair was counted {count:g} times, which has no logarithm"):
        quick().fit(Cooccurrence(matrix, Vocabulary(["a", "b"], np.array([5, 4])), window=1))


def test_steps_too_long_are_noticed():
    with (
        np.errstate(all="ignore"),
        pytest.raises(BadInput, match=r"no longer a number \(learning_rate=1e\+30\).* Lower learning_rate"),
    ):
        quick(learning_rate=1e30).fit(CHECKERBOARD)


def test_two_words_are_enough():
    assert len(quick(dim=3).fit(["a b"] * 50).embedding_) == 2


@pytest.mark.parametrize("dim", [1, 6, 7, 14, 15, 100])
def test_any_dimension(dim):
    learner = quick(dim=dim, epochs=5, random_state=1).fit(CHECKERBOARD)
    assert learner.embedding_.dim == dim
    assert learner.losses_[-1] < learner.losses_[0]


@pytest.mark.parametrize("symmetric", [True, False])
def test_tiles_cover_the_matrix_and_some_of_what_it_lacks(symmetric, long_text):
    counts = Cooccurrence.of(long_text, window=10, symmetric=symmetric, min_count=1)
    chance = Chance.of(counts.matrix, counts.sums, symmetric=symmetric)
    generator = np.random.default_rng(0)
    tiles = Tiles.of(
        counts.matrix, chance, symmetric=symmetric, x_max=10, alpha=0.75, unseen=1, row=4096, generator=generator
    )
    assert len(tiles.borders) > 20
    assert tiles.sizes().sum() == len(tiles.columns)
    assert tiles.sizes().max() < 1500
    X = counts.matrix.toarray()
    kept = np.triu(X) if symmetric else X
    row = np.repeat(tiles.rows, np.diff(tiles.starts))
    column = tiles.columns + np.repeat(tiles.firsts, tiles.sizes())
    x, logs, weights = X[row, column], tiles.logs / 1024, tiles.weights / 65535
    seen = x > 0
    found = csr_array((np.exp(logs[seen]), (row[seen], column[seen])), shape=X.shape)
    np.testing.assert_allclose(found.toarray(), kept, rtol=1e-3)
    expected = np.where(seen, np.minimum(1, (x / 10) ** 0.75), 0.1) * np.where((row == column) & symmetric, 0.5, 1)
    np.testing.assert_allclose(weights, expected, atol=1e-5)
    by_chance = (X.sum(1)[:, None] * X.sum(0) / X.sum())[row, column][~seen]
    np.testing.assert_allclose(np.exp(logs[~seen]), 0.1 * by_chance / (0.1 + by_chance), rtol=1e-3)
    assert 0.1 < np.count_nonzero(~seen) / np.count_nonzero(seen) < 1
