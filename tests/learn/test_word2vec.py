import itertools
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import jari
from contracts.learner import CHECKERBOARD, LearnerContract
from jari import Word2Vec
from jari.errors import BadInput, Interrupted
from jari.kernels._jit import LANES


def quick(**parameters):
    return Word2Vec(**({"dim": 16, "epochs": 10, "sample": 0, "threads": 1, "min_count": 1} | parameters))


class TestSkipgram(LearnerContract):
    def make(self, **parameters):
        return quick(**parameters)


class TestCbow(LearnerContract):
    def make(self, **parameters):
        return quick(architecture="cbow", **parameters)


class TestNoiseOnTheOtherSide(LearnerContract):
    def make(self, **parameters):
        return quick(noise="target", **parameters)


class TestCbowFalseContexts(LearnerContract):
    def make(self, **parameters):
        return quick(architecture="cbow", noise="context", **parameters)


class TestBias(LearnerContract):
    def make(self, **parameters):
        return quick(bias=True, **parameters)


class TestDeterministic(LearnerContract):
    def make(self, **parameters):
        return quick(deterministic=True, **({"threads": 2} | parameters))


both = pytest.mark.parametrize("architecture", ["skipgram", "cbow"])


@pytest.fixture(scope="module")
def long_text():
    """Enough for several blocks: sentences from two topics, words by Zipf's law."""
    generator = np.random.default_rng(0)
    words = np.array([[f"{topic}{i}" for i in range(60)] for topic in "ab"])
    weights = 1 / np.arange(1, 61)
    return [
        " ".join(words[generator.integers(2)][generator.choice(60, size=12, p=weights / weights.sum())])
        for _ in range(1500)
    ]


@both
@pytest.mark.parametrize("threads", [1, 3])
def test_the_loss_falls_with_every_epoch(architecture, threads, long_text):
    # Long enough for an epoch to outlast a thread's turn on a busy machine: blocks then come in their order, nearly.
    losses = quick(architecture=architecture, random_state=1, epochs=4, threads=threads).fit(long_text * 10).losses_
    assert len(losses) == 4
    assert all(after < 0.99 * before for before, after in itertools.pairwise(losses))


@both
def test_the_loss_begins_at_chance(architecture):
    still = quick(architecture=architecture, random_state=1, epochs=1, learning_rate=1e-6).fit(CHECKERBOARD)
    assert still.losses_[0] == pytest.approx(6 * np.log(2), rel=1e-3)  # one true pair and five false ones, all at 1/2


@both
def test_the_loss_is_the_same_sum_on_any_number_of_threads(architecture, long_text):
    learnt = quick(architecture=architecture, random_state=1, epochs=2).fit(long_text)
    sums = []
    for threads in (1, 3):  # a walk without steps over a model that has learnt something
        learner = Word2Vec.from_embedding(learnt.embedding_)
        learner.set_params(learning_rate=1e-12, epochs=1, threads=threads, random_state=2, sample=0, min_count=1)
        sums.append(learner.partial_fit(long_text).losses_[-1])
    assert sums[1] == pytest.approx(sums[0], rel=1e-6)
    assert sums[0] < 0.97 * 6 * np.log(2)


@both
def test_threads_learn_as_well_as_one(architecture, long_text):
    alone, together = (
        quick(architecture=architecture, random_state=1, epochs=6, threads=threads).fit(long_text).losses_
        for threads in (1, 3)
    )
    assert together[-1] == pytest.approx(alone[-1], rel=0.02)


@both
def test_deterministic_gives_the_same_bits_with_any_number_of_threads(architecture, long_text):
    results = [
        quick(architecture=architecture, deterministic=True, random_state=1, epochs=2, threads=threads).fit(long_text)
        for threads in (1, 2, 3)
    ]
    for other in results[1:]:
        np.testing.assert_array_equal(other.embedding_.vectors, results[0].embedding_.vectors)
        assert other.losses_ == results[0].losses_


def test_the_two_topics_part(long_text):
    embedding = quick(random_state=1, epochs=5).fit(long_text).embedding_
    assert all(key.startswith("a") for key in embedding.similar("a3", k=10).keys)


class StopAt:
    """Ctrl-C, once so many words are done."""

    def __init__(self, words):
        self.words = words

    def __call__(self, progress):
        if progress.stage == "learning" and progress.done >= self.words:
            self.words = float("inf")
            raise KeyboardInterrupt


@pytest.mark.parametrize("deterministic", [False, True])
@both
def test_interrupted_and_resumed_it_ends_in_the_same_bits(
    architecture, deterministic, long_text, tmp_path, monkeypatch
):
    monkeypatch.setattr("jari.learn.walk._LOOK", 0.0)
    parameters = {"architecture": architecture, "deterministic": deterministic, "epochs": 3}
    whole = quick(random_state=4, **parameters).fit(long_text)
    stopped = quick(random_state=4, callbacks=[StopAt(20_000)], **parameters)
    with pytest.raises(Interrupted, match=r"Stopped at \d+%. What was learnt is in .*it.checkpoint"):
        stopped.fit(long_text, checkpoint=tmp_path / "it.checkpoint")
    # Neither the text nor the seed is needed again: both are in the checkpoint.
    resumed = quick(**parameters).fit(["not read"], checkpoint=tmp_path / "it.checkpoint", resume=True)
    np.testing.assert_array_equal(resumed.embedding_.vectors, whole.embedding_.vectors)
    assert resumed.losses_ == pytest.approx(whole.losses_)
    assert resumed.seed_ == 4


KILLED = """
import sys, jari
from jari.types import Progress
class Slow:
    def __call__(self, progress):
        print(progress.stage, progress.done, flush=True)
text = [line.split() for line in open(sys.argv[1], encoding="utf-8")]
import jari.learn.walk
jari.learn.walk._LOOK = 0.0
jari.Word2Vec(dim=16, sample=0, min_count=1, threads=1, random_state=4, epochs=300, callbacks=[Slow()]).fit(
    text, checkpoint=sys.argv[2], checkpoint_minutes=0.0)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_killed_and_resumed_it_ends_in_the_same_bits(long_text, tmp_path):
    text, checkpoint = tmp_path / "text", tmp_path / "it.checkpoint"
    text.write_text("\n".join(long_text), encoding="utf-8")
    command = [sys.executable, "-c", KILLED, str(text), str(checkpoint)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ)
    deadline = time.monotonic() + 60
    while not (checkpoint / "state.json").exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it ended before it was killed"
    tokens = [line.split() for line in long_text]
    resumed = quick(epochs=300).fit(tokens, checkpoint=checkpoint, resume=True)
    whole = quick(epochs=300, random_state=4).fit(tokens)
    np.testing.assert_array_equal(resumed.embedding_.vectors, whole.embedding_.vectors)


def test_resume_refuses_other_parameters(long_text, tmp_path, monkeypatch):
    monkeypatch.setattr("jari.learn.walk._LOOK", 0.0)
    with pytest.raises(Interrupted):
        quick(epochs=1, callbacks=[StopAt(1)]).fit(long_text, checkpoint=tmp_path / "c")
    with pytest.raises(BadInput, match=r"was learning with dim=16 \(now 8\).*Resume with the same parameters"):
        quick(epochs=1, dim=8).fit(long_text, checkpoint=tmp_path / "c", resume=True)


def test_without_checkpoint_an_interruption_is_only_that(long_text, monkeypatch):
    monkeypatch.setattr("jari.learn.walk._LOOK", 0.0)
    with pytest.raises(KeyboardInterrupt):
        quick(callbacks=[StopAt(1)]).fit(long_text)


def test_going_on_with_another_text_keeps_what_was_known_and_adds_what_is_new():
    learner = quick(random_state=1, min_count=2).fit(CHECKERBOARD)
    before = learner.embedding_
    learner.partial_fit(["sun shines bright", "moon shines bright"] * 300 + ["rare"])
    after = learner.embedding_
    assert set(after.vocabulary) == set(before.vocabulary) | {"sun", "moon", "shines", "bright"}
    assert list(after.similar("sun", k=1).keys) == ["moon"]
    assert list(after.similar("king", k=1).keys) == ["queen"]
    assert len(learner.losses_) == 20
    counts = dict(zip(after.vocabulary, after.vocabulary.counts.tolist(), strict=True))
    assert counts["king"] == 150
    assert counts["shines"] == 600
    assert list(after.vocabulary.counts) == sorted(after.vocabulary.counts, reverse=True)


def test_going_on_from_a_file(tmp_path):
    quick(random_state=1).fit(CHECKERBOARD).embedding_.save(tmp_path / "it.jari")
    learner = Word2Vec.from_embedding(jari.load(tmp_path / "it.jari"), threads=1)
    assert (learner.dim, learner.epochs) == (16, 10)
    learner.partial_fit(["sun shines bright", "moon shines bright"] * 300)
    assert list(learner.embedding_.similar("cat", k=1).keys) == ["kitten"]
    assert "moon" in learner.embedding_


def test_partial_fit_at_first_is_fit():
    one, other = quick(random_state=1).partial_fit(CHECKERBOARD), quick(random_state=1).fit(CHECKERBOARD)
    np.testing.assert_array_equal(one.embedding_.vectors, other.embedding_.vectors)


def test_transform_is_the_mean_of_the_words():
    learner = quick(random_state=1).fit(CHECKERBOARD)
    vectors = learner.transform(["King rules, unheard-of", "nothing known"])
    expected = (learner.embedding_["king"] + learner.embedding_["rules"]) / 2
    np.testing.assert_allclose(vectors[0], expected, rtol=1e-5)
    assert not vectors[1].any()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"dim": 0}, "dim=0: a vector needs at least one number. Give a whole number, 1 or more."),
        ({"dim": 2.5}, "dim=2.5: "),
        ({"window": -1}, "window=-1: "),
        ({"negative": 0}, "negative=0: "),
        ({"epochs": 0}, "epochs=0: "),
        ({"min_count": -3}, "min_count=-3: "),
        ({"sample": -1e-4}, "sample=-0.0001: .* Give a number not below 0"),
        ({"sample": float("nan")}, "sample=nan: "),
        ({"learning_rate": 0}, "learning_rate=0: .* Give a number above 0"),
        ({"threads": 0}, "threads=0 must be"),
        ({"architecture": "glove"}, "architecture='glove': choose 'skipgram' or 'cbow'"),
        ({"loss": "hinge"}, "loss='hinge': choose 'negative' or 'softmax' or 'hierarchical'"),
        ({"noise": "both"}, "noise='both': choose 'context' or 'target'"),
        ({"noise": "target", "loss": "softmax"}, "noise='target': loss='softmax' draws no noise. Leave it out"),
        ({"vectors": "both"}, "vectors='both': choose 'input' or 'output' or 'mean' or 'sum'"),
        ({"vectors": "sum", "loss": "hierarchical"}, "vectors='sum': .* only tree nodes have output vectors"),
        ({"random_state": -1}, "random_state=-1: a seed is not negative"),
        ({"min_count": 999}, "No word occurs min_count=999 times or more"),
        ({"max_vocabulary": 1}, "max_vocabulary=1: "),
    ],
)
def test_bad_parameters(parameters, message):
    with pytest.raises(BadInput, match=message):
        quick(**parameters).fit(CHECKERBOARD)


def test_one_word_has_no_other_to_differ_from():
    with pytest.raises(BadInput, match="The only word that occurs min_count=1 times or more is 'alone'"):
        quick().fit(["alone alone", "alone"])


def test_steps_too_long_are_noticed():
    with (
        np.errstate(all="ignore"),
        pytest.raises(BadInput, match=r"no longer a number \(learning_rate=1e\+30\).* Lower learning_rate"),
    ):
        quick(learning_rate=1e30).fit(CHECKERBOARD)


def test_a_window_wider_than_every_sentence_is_fine():
    assert list(quick(window=50, random_state=1).fit(CHECKERBOARD).embedding_.similar("king", k=1).keys) == ["queen"]


def test_two_words_are_enough():
    assert len(quick(dim=3).fit(["a b"] * 50).embedding_) == 2


def test_what_is_learnt_in_over_a_minute_is_kept(monkeypatch, tmp_path):
    monkeypatch.setattr("jari.learn.walking._WORTH_KEEPING", -1.0)
    done = quick(random_state=1).fit(CHECKERBOARD, checkpoint=tmp_path / "c")
    again = quick().fit(["not read"], checkpoint=tmp_path / "c", resume=True)
    np.testing.assert_array_equal(again.embedding_.vectors, done.embedding_.vectors)


def test_a_sentence_longer_than_a_block_is_learnt_from_whole(long_text):
    topics = [" ".join(line for line in long_text if line.startswith(topic)) for topic in "ab"]
    learner = quick(random_state=1, epochs=5).fit([" ".join(topics)])
    assert learner.embedding_.metadata["corpus"]["sentences"] == 1
    assert all(key.startswith("a") for key in learner.embedding_.similar("a3", k=10).keys)


@pytest.mark.parametrize("dim", [1, 15, 16, 17, 100])
def test_any_dimension(dim):
    assert quick(dim=dim, epochs=1).fit(CHECKERBOARD).embedding_.dim == dim


losses = pytest.mark.parametrize("loss", ["negative", "softmax", "hierarchical"])


def corpus_of_a_kingdom(sentences=1500):
    """Sentences of a small grammar: who rules, who lives with whom, and what they do with it."""
    generator = np.random.default_rng(5)
    people = {"royal": [("king", "he"), ("queen", "she")], "common": [("man", "he"), ("woman", "she")]}
    things = {"royal": ["crown", "throne", "palace", "realm"], "common": ["bread", "field", "cottage", "market"]}
    animals = [
        ("cat", "purrs", "milk"),
        ("kitten", "purrs", "milk"),
        ("dog", "barks", "bone"),
        ("puppy", "barks", "bone"),
    ]

    def sentence():
        if generator.random() < 0.3:
            animal, says, food = animals[generator.integers(4)]
            return f"the {animal} {says} for {food}"
        rank = ("royal", "common")[generator.integers(2)]
        person, pronoun = people[rank][generator.integers(2)]
        one, other = generator.choice(things[rank], 2, replace=False)
        return f"the {person} loves the {one} and {pronoun} keeps the {other}"

    return [sentence() for _ in range(sentences)]


@both
@losses
@pytest.mark.parametrize("bias", [False, True])
def test_every_loss_puts_the_queen_next_to_the_king(architecture, loss, bias):
    embedding = (
        quick(architecture=architecture, loss=loss, bias=bias, random_state=1, epochs=8)
        .fit(corpus_of_a_kingdom())
        .embedding_
    )
    assert list(embedding.similar("king", k=1).keys) == ["queen"]
    assert list(embedding.similar("man", k=1).keys) == ["woman"]
    assert list(embedding.similar("kitten", k=1).keys) == ["cat"]


@pytest.mark.parametrize("noise", ["context", "target"])
@both
def test_noise_falls_on_the_side_that_is_asked_for(architecture, noise):
    """Words that are drawn nearly always and seen once are moved by noise alone, and on one side alone."""
    text = ["here we go"] * 300 + ["there they went"]
    parameters = {"dim": 8, "epochs": 1, "noise_exponent": -8.0, "noise": noise, "random_state": 1}
    embedding = quick(architecture=architecture, **parameters).fit(text).embedding_
    start = quick(architecture=architecture, learning_rate=1e-12, **parameters).fit(text).embedding_
    rows = embedding.vocabulary.rows(["there", "they", "went"])
    of_vectors, of_context = (
        np.abs(after - before)[rows].max()
        for after, before in ((embedding.vectors, start.vectors), (embedding.context, start.context))
    )
    # Skip-gram's `vectors` are those of the words that foretell, CBOW's those of the contexts.
    if (architecture == "skipgram") == (noise == "target"):
        assert of_vectors > 4 * of_context
    else:
        assert of_context > 4 * of_vectors


def test_which_matrix_is_the_answer():
    made = {
        vectors: quick(vectors=vectors, random_state=1).fit(CHECKERBOARD).embedding_
        for vectors in ("input", "output", "mean", "sum")
    }
    W, C = made["input"].vectors, made["input"].context
    np.testing.assert_array_equal(made["output"].vectors, C)
    np.testing.assert_array_equal(made["output"].context, W)
    np.testing.assert_array_equal(made["sum"].vectors, W + C)
    np.testing.assert_array_equal(made["mean"].vectors, (W + C) * np.float32(0.5))
    np.testing.assert_array_equal(made["mean"].context, C)


@pytest.mark.parametrize("vectors", ["output", "mean", "sum"])
@pytest.mark.parametrize("bias", [False, True])
def test_going_on_begins_with_both_matrices_whichever_is_the_answer(vectors, bias):
    more = ["sun shines bright", "moon shines bright"] * 300
    plain, other = (
        quick(vectors=which, bias=bias, random_state=1).fit(CHECKERBOARD).partial_fit(more)
        for which in ("input", vectors)
    )
    W, C = plain.embedding_.vectors, plain.embedding_.context
    expected = {"output": C, "mean": (W + C) / 2, "sum": W + C}[vectors]
    np.testing.assert_allclose(other.embedding_.vectors, expected, atol=1e-4)


def test_biases_are_learnt_and_let_learning_go_on():
    learner = quick(bias=True, random_state=1).fit(CHECKERBOARD)
    hidden, output = learner.biases_.hidden, learner.biases_.output
    assert hidden.shape == (16,)
    assert output.shape == (len(learner.embedding_),)
    assert hidden.any()
    assert output.any()
    learner.set_params(learning_rate=1e-12, epochs=1).partial_fit(CHECKERBOARD)
    np.testing.assert_allclose(learner.biases_.hidden, hidden, atol=1e-6)
    np.testing.assert_allclose(learner.biases_.output, output, atol=1e-6)


def test_the_output_bias_takes_over_how_frequent_a_word_is():
    text = [f"{'often' if i % 8 else 'seldom'} {'here' if i % 2 else 'there'}" for i in range(2000)]
    learner = quick(loss="softmax", bias=True, random_state=1, learning_rate=0.05).fit(text)
    bias = dict(zip(learner.embedding_.keys, learner.biases_.output.tolist(), strict=True))
    assert bias["often"] > bias["seldom"] + 0.5


def test_without_bias_there_is_none():
    learner = quick(bias=True, random_state=1).fit(CHECKERBOARD)
    assert learner.set_params(bias=False).fit(CHECKERBOARD).biases_ is None


def test_learning_cannot_go_on_without_the_biases():
    embedding = quick(bias=True, random_state=1).fit(CHECKERBOARD).embedding_
    with pytest.raises(BadInput, match=r"bias=True: biases are not saved"):
        Word2Vec.from_embedding(embedding).partial_fit(CHECKERBOARD)


def test_with_a_bias_it_is_interrupted_and_resumed_to_the_same_bits(long_text, tmp_path, monkeypatch):
    monkeypatch.setattr("jari.learn.walk._LOOK", 0.0)
    parameters = {"bias": True, "dim": LANES, "epochs": 3}  # dim fills its row: the bias is in one more vector
    whole = quick(random_state=4, **parameters).fit(long_text)
    with pytest.raises(Interrupted):
        quick(random_state=4, callbacks=[StopAt(20_000)], **parameters).fit(long_text, checkpoint=tmp_path / "c")
    resumed = quick(**parameters).fit(["not read"], checkpoint=tmp_path / "c", resume=True)
    np.testing.assert_array_equal(resumed.embedding_.vectors, whole.embedding_.vectors)
    np.testing.assert_array_equal(resumed.biases_.output, whole.biases_.output)
    assert resumed.embedding_.metadata["loss_curve"] == whole.embedding_.metadata["loss_curve"]


def test_the_curve_of_the_loss_has_a_hundred_points_or_a_block_each(long_text):
    learner = quick(random_state=1, epochs=2).fit(long_text)
    curve = learner.embedding_.metadata["loss_curve"]
    where = [x for x, _ in curve]
    assert len(curve) > 10
    assert where == sorted(where)
    assert where[-1] == 2
    assert curve[0][1] > learner.losses_[0] > learner.losses_[1] > 0.99 * curve[-1][1]
    first = [loss for x, loss in curve if x <= 1]
    assert np.mean(first) == pytest.approx(learner.losses_[0], rel=0.01)  # stretches are nearly of one length
