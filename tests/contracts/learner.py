"""What every learner promises: a learner's test subclasses `LearnerContract` and says how the learner is made."""

import inspect
import itertools
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer

import jari
from jari.errors import BadInput, NotLearntYet

# Words of one line stand for each other; words of different lines never meet.
CHECKERBOARD = ["king rules land", "queen rules land", "cat purrs softly", "kitten purrs softly"] * 150


class LearnerContract:
    """Subclass with `make(**parameters)`, a small and quick learner, and `text`, what it learns from."""

    text = CHECKERBOARD
    unit = "words"  # of progress
    seeded = True  # whether another seed gives other vectors
    other_text = ["sun shines bright", "moon shines bright"] * 300

    def make(self, **parameters):
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def learnt(cls):
        return cls().make(random_state=1).fit(cls.text)

    def test_init_only_stores(self):
        learner = self.make()
        for name in inspect.signature(type(learner).__init__).parameters:
            if name != "self":
                assert hasattr(learner, name)
        odd = object()
        for name in learner.get_params():
            assert getattr(type(learner)(**{name: odd}), name) is odd

    def test_all_parameters_but_the_first_are_keywords(self):
        kinds = [one.kind for one in inspect.signature(type(self.make()).__init__).parameters.values()]
        assert all(kind == inspect.Parameter.KEYWORD_ONLY for kind in kinds[2:])

    def test_fit_returns_self(self):
        learner = self.make()
        assert learner.fit(self.text) is learner

    def test_asked_before_fit(self):
        with pytest.raises(NotLearntYet, match=r"learnt nothing yet\. Call fit first"):
            self.make().transform(["king"])

    def test_vectors_are_finite_float32(self, learnt):
        vectors = learnt.embedding_.vectors
        assert vectors.dtype == np.float32
        assert np.isfinite(vectors).all()
        assert vectors.shape == (len(learnt.embedding_.vocabulary), learnt.embedding_.dim)
        assert not vectors.flags.writeable

    def test_what_stands_in_the_same_places_is_near(self, learnt):
        assert list(learnt.embedding_.similar("king", k=1).keys) == ["queen"]
        assert list(learnt.embedding_.similar("kitten", k=1).keys) == ["cat"]

    def test_same_seed_same_bits(self, learnt):
        again = self.make(random_state=1).fit(self.text)
        np.testing.assert_array_equal(again.embedding_.vectors, learnt.embedding_.vectors)

    def test_other_seed_other_vectors(self, learnt):
        other = self.make(random_state=2).fit(self.text)
        apart = np.abs(other.embedding_.vectors - learnt.embedding_.vectors).max()
        assert apart > 1e-3 if self.seeded else apart < 1e-2

    def test_the_global_generators_are_left_alone(self):
        np.random.seed(5)  # noqa: NPY002
        expected = np.random.random()  # noqa: NPY002
        np.random.seed(5)  # noqa: NPY002
        self.make(random_state=1).fit(self.text)
        assert np.random.random() == expected  # noqa: NPY002

    def test_fit_again_forgets(self, learnt):
        learner = self.make(random_state=1).fit(self.other_text)
        assert "sun" in learner.embedding_
        learner.fit(self.text)
        assert "sun" not in learner.embedding_
        np.testing.assert_array_equal(learner.embedding_.vectors, learnt.embedding_.vectors)

    def test_saved_and_loaded_it_is_the_same(self, learnt, tmp_path):
        learnt.embedding_.save(tmp_path / "it.jari")
        loaded = jari.load(tmp_path / "it.jari")
        np.testing.assert_array_equal(loaded.vectors, learnt.embedding_.vectors)
        assert loaded.vocabulary == learnt.embedding_.vocabulary
        assert loaded.metadata["parameters"] == learnt.embedding_.metadata["parameters"]
        assert loaded.metadata["losses"] == learnt.losses_

    def test_the_embedding_says_how_it_came_to_be(self, learnt):
        metadata = learnt.embedding_.metadata
        assert metadata["learner"] == type(learnt).__name__
        assert metadata["seed"] == 1
        assert set(metadata["corpus"]) >= {"tokens_read", "tokens_kept"}

    def test_scikit_learn_clones_it(self):
        learner = self.make(random_state=7)
        twin = clone(learner)
        assert twin is not learner
        assert twin.get_params() == learner.get_params()

    def test_it_works_in_a_pipeline_and_a_grid(self):
        pipeline = make_pipeline(self.make(random_state=1), Normalizer())
        vectors = pipeline.fit_transform(self.text)
        assert vectors.shape[0] == len(self.text)
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)
        name = pipeline.steps[0][0]
        pipeline.set_params(**{f"{name}__random_state": 3})
        assert pipeline[0].random_state == 3

    def test_unknown_parameter(self):
        with pytest.raises(BadInput, match=r"has no parameter 'dims'\. It has: "):
            self.make().set_params(dims=3)

    def test_output_as_data_frame(self, learnt):
        pandas = pytest.importorskip("pandas", reason="pandas is not installed")
        learner = self.make(random_state=1).fit(self.text).set_output(transform="pandas")
        frame = learner.transform(["king rules", "cat"])
        assert isinstance(frame, pandas.DataFrame)
        assert list(frame.columns) == list(learner.get_feature_names_out())

    def test_its_repr_shows_what_was_changed(self):
        assert "random_state=3" in repr(self.make(random_state=3))
        assert "callbacks" not in repr(self.make())

    def test_it_can_be_sent_to_another_process(self, learnt):
        sent = pickle.loads(pickle.dumps(learnt))
        np.testing.assert_array_equal(sent.embedding_.vectors, learnt.embedding_.vectors)

    def test_progress_is_told(self):
        told = []
        self.make(callbacks=[told.append]).fit(self.text)
        learning = [one for one in told if one.stage == "learning"]
        assert learning[-1].done == learning[-1].total
        assert learning[-1].unit == self.unit
        assert all(a.done <= b.done for a, b in itertools.pairwise(learning))
