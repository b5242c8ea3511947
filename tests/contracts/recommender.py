"""What every recommender promises: a test subclasses `RecommenderContract` and says how the recommender is made."""

import inspect
import itertools
import pickle

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone

import jari
from jari.errors import BadInput, FileIsThere, NotLearntYet, UnknownKey
from jari.ingest.interactions import Interactions
from jari.learn.recommender import Recommender

BLOCKS, BLOCK_USERS, BLOCK_ITEMS = 3, 20, 8


def checkerboard() -> Interactions:
    """Users of a block have most items of the block, and none of another: what they lack is what they want."""
    draw = np.random.default_rng(4)
    matrix = np.zeros((BLOCKS * BLOCK_USERS, BLOCKS * BLOCK_ITEMS), np.float32)
    for block in range(BLOCKS):
        square = np.ix_(
            np.arange(block * BLOCK_USERS, (block + 1) * BLOCK_USERS),
            np.arange(block * BLOCK_ITEMS, (block + 1) * BLOCK_ITEMS),
        )
        chosen = np.ones((BLOCK_USERS, BLOCK_ITEMS), np.float32)
        for user in range(BLOCK_USERS):
            chosen[user, draw.choice(BLOCK_ITEMS, 2, replace=False)] = 0
        matrix[square] = chosen
    users = [f"u{row}" for row in range(len(matrix))]
    items = [f"{'abc'[row // BLOCK_ITEMS]}{row % BLOCK_ITEMS}" for row in range(matrix.shape[1])]
    return Interactions(users, items, matrix)


def odd() -> Interactions:
    """As the checkerboard, with an item that all have, an item that nobody has, and a user who has nothing."""
    plain = checkerboard()
    dense = plain.matrix.toarray()
    dense = np.hstack([dense, np.ones((len(dense), 1)), np.zeros((len(dense), 1))])
    dense = np.vstack([dense, np.zeros((1, dense.shape[1]))])
    return Interactions([*plain.users, "nobody"], [*plain.items, "everybody's", "nobody's"], dense)


class RecommenderContract:
    """Subclass with `make(**parameters)`, a small and quick recommender that learns on one thread."""

    personal = True  # whether users are told apart
    seeded = True  # whether another seed gives other vectors
    by_difference = True  # whether `explain` says by how much the score would be less without each item; else a share
    unit = "users"  # of progress; None where nothing is told
    rtol = 1e-4

    def make(self, **parameters):
        raise NotImplementedError

    def scores(self, learnt, vectors, histories):
        """The scores of all items, (m, items), in plain NumPy."""
        biases = 0 if learnt.item_biases_ is None else learnt.item_biases_
        return np.asarray(vectors) @ learnt.item_embedding_.vectors.T + biases

    @pytest.fixture(scope="class")
    @classmethod
    def films(cls):
        return checkerboard()

    @pytest.fixture(scope="class")
    @classmethod
    def learnt(cls, films):
        return cls().make(random_state=1).fit(films)

    def known_scores(self, learnt, users):
        at = [learnt.interactions_.users.row(user) for user in users]
        return self.scores(learnt, learnt.user_embedding_.vectors[at], learnt.interactions_.matrix[at])

    def folded_scores(self, learnt, histories):
        return self.scores(learnt, learnt._fold_in(histories), histories)

    def agrees(self, found, scores, allowed):
        """What was found are the best of the allowed; two that score the same may change places."""
        assert len(set(found.keys)) == len(found)
        np.testing.assert_allclose(found.scores, scores[found.rows], rtol=self.rtol, atol=1e-5)
        assert set(found.rows) <= set(allowed)
        best = np.sort(scores[allowed])[::-1][: len(found)]
        np.testing.assert_allclose(found.scores, best, rtol=self.rtol, atol=1e-5)
        assert all(a >= b for a, b in itertools.pairwise(found.scores))

    # ── A learner as any

    def test_init_only_stores(self):
        learner = self.make()
        odd = object()
        for name in learner.get_params():
            assert getattr(type(learner)(**{name: odd}), name) is odd

    def test_all_parameters_are_keywords_and_three_are_common(self):
        named = inspect.signature(type(self.make())).parameters
        assert {one.kind for one in named.values()} == {inspect.Parameter.KEYWORD_ONLY}
        assert {"threads", "random_state", "callbacks"} <= set(named)

    def test_scikit_learn_clones_it(self):
        learner = self.make(random_state=7)
        assert clone(learner).get_params() == learner.get_params()

    def test_unknown_parameter(self):
        with pytest.raises(BadInput, match=r"has no parameter 'dims'\. It has: "):
            self.make().set_params(dims=3)

    def test_its_repr_shows_what_was_changed(self):
        assert "random_state=3" in repr(self.make(random_state=3))
        assert "callbacks" not in repr(self.make())

    @pytest.mark.parametrize("threads", [0, -1, 1.5, True, "two"])
    def test_threads_that_are_none(self, films, threads):
        with pytest.raises(BadInput, match=r"threads=.* must be a whole number, 1 or more"):
            self.make().set_params(threads=threads).fit(films)

    def test_fit_returns_self(self, films):
        learner = self.make()
        assert learner.fit(films) is learner

    def test_asked_before_fit(self, films, tmp_path):
        learner = self.make()
        for ask in (
            lambda: learner.recommend("u1"),
            lambda: learner.recommend(items=["a1"]),
            lambda: learner.recommend_many(["u1"]),
            lambda: learner.recommend_many(films),
            lambda: learner.similar_items("a1"),
            lambda: learner.fold_in(["a1"]),
            lambda: learner.explain("a1", "u1"),
            lambda: learner.transform(films),
            lambda: learner.get_feature_names_out(),
            lambda: learner.save(tmp_path / "it"),
        ):
            with pytest.raises(NotLearntYet, match=r"learnt nothing yet\. Call fit first"):
                ask()
        assert not list(tmp_path.iterdir())

    def test_too_few_of_either(self):
        with pytest.raises(BadInput, match=r"have 1 user: .* Give two users or more"):
            self.make().fit(Interactions(["u"], ["a", "b"], [[1, 1]]))
        with pytest.raises(BadInput, match=r"have 1 item: .* Give two items or more"):
            self.make().fit(Interactions(["u", "v"], ["a"], [[1], [1]]))

    def test_same_seed_same_bits(self, films, learnt):
        again = self.make(random_state=1).fit(films)
        np.testing.assert_array_equal(again.item_embedding_.vectors, learnt.item_embedding_.vectors)
        np.testing.assert_array_equal(again.user_embedding_.vectors, learnt.user_embedding_.vectors)

    def test_other_seed_other_vectors(self, films, learnt):
        other = self.make(random_state=2).fit(films)
        same = np.array_equal(other.item_embedding_.vectors, learnt.item_embedding_.vectors)
        assert same != self.seeded

    def test_the_global_generators_are_left_alone(self, films):
        np.random.seed(5)  # noqa: NPY002
        expected = np.random.random()  # noqa: NPY002
        np.random.seed(5)  # noqa: NPY002
        self.make(random_state=1).fit(films)
        assert np.random.random() == expected  # noqa: NPY002

    def test_fit_again_forgets(self, films, learnt):
        learner = self.make(random_state=1).fit(odd())
        assert "nobody's" in learner.item_embedding_
        learner.fit(films)
        assert "nobody's" not in learner.item_embedding_
        np.testing.assert_array_equal(learner.item_embedding_.vectors, learnt.item_embedding_.vectors)

    def test_progress_is_told(self, films):
        told = []
        self.make(callbacks=[told.append]).fit(films)
        learning = [one for one in told if one.stage == "learning"]
        if self.unit is None:
            assert not learning
            return
        assert learning[-1].done == learning[-1].total
        assert {one.unit for one in learning} == {self.unit}
        assert all(a.done <= b.done for a, b in itertools.pairwise(learning))

    def test_a_callback_can_stop_it(self, films):
        if self.unit is None:
            pytest.skip("it tells nothing")

        def stop(progress):
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            self.make(callbacks=[stop]).fit(films)

    # ── What is learnt

    def test_two_embeddings_and_what_they_say_of_themselves(self, films, learnt):
        for embedding, keys, what in (
            (learnt.user_embedding_, films.users, "users"),
            (learnt.item_embedding_, films.items, "items"),
        ):
            assert list(embedding.keys) == list(keys)
            assert embedding.vectors.dtype == np.float32
            assert np.isfinite(embedding.vectors).all()
            assert not embedding.vectors.flags.writeable
            said = embedding.metadata
            assert said["learner"] == type(learnt).__name__
            assert said["of"] == what
            assert said["seed"] == 1
        assert learnt.user_embedding_.dim == learnt.item_embedding_.dim

    def test_what_a_block_lacks_comes_first(self, films, learnt):
        if not self.personal:
            pytest.skip("the same for all")
        for user in ("u0", "u25", "u59"):
            lacking = {key for key in films.items if key[0] == "abc"[int(user[1:]) // BLOCK_USERS]}
            lacking -= set(films.history(user))
            assert set(learnt.recommend(user, k=2).keys) == lacking

    def test_items_of_a_block_are_near(self, learnt):
        found = learnt.similar_items("b3", k=BLOCK_ITEMS - 1)
        assert "b3" not in found.keys
        if self.personal:
            assert {key[0] for key in found.keys} == {"b"}
        many = learnt.similar_items(["b3", "c1"], k=2)
        assert many.rows.shape == (2, 2)

    def test_it_can_be_sent_to_another_process(self, learnt):
        sent = pickle.loads(pickle.dumps(learnt))
        assert list(sent.recommend("u1")) == list(learnt.recommend("u1"))

    # ── Recommending

    def test_recommendations_are_the_greatest_scores(self, films, learnt):
        for user in ("u0", "u31", "u59"):
            scores = self.known_scores(learnt, [user])[0]
            unseen = np.setdiff1d(np.arange(len(films.items)), films.rows_of(user))
            self.agrees(learnt.recommend(user, k=5), scores, unseen)
            self.agrees(learnt.recommend(user, k=5, exclude_seen=False), scores, np.arange(len(films.items)))

    def test_of_many_users_as_of_each(self, films, learnt):
        users = [f"u{row}" for row in (7, 0, 59, 7)]
        many = learnt.recommend_many(users, k=4)
        assert many.rows.shape == many.keys.shape == many.scores.shape == (4, 4)
        scores = self.known_scores(learnt, users)
        for one, user, right in zip(many, users, scores, strict=True):
            self.agrees(one, right, np.setdiff1d(np.arange(len(films.items)), films.rows_of(user)))
            np.testing.assert_allclose(one.scores, learnt.recommend(user, k=4).scores, rtol=self.rtol, atol=1e-5)

    def test_somebody_new_is_folded_in(self, films, learnt):
        given = films.take_users([3, 40])
        folded = learnt.recommend_many(given, k=3)
        scores = self.folded_scores(learnt, given.matrix)
        for row, user in enumerate(given.users):
            unseen = np.setdiff1d(np.arange(len(films.items)), films.rows_of(user))
            self.agrees(folded[row], scores[row], unseen)
            self.agrees(learnt.recommend(items=films.history(user), k=3), scores[row], unseen)
            vector = learnt.fold_in(films.history(user))
            assert vector.shape == (learnt.item_embedding_.dim,)
            np.testing.assert_allclose(vector, learnt.transform(given)[row], rtol=self.rtol, atol=1e-5)
        if self.personal:
            assert {key[0] for key in learnt.recommend(items=["c0", "c1", "c2"], k=3).keys} == {"c"}

    def test_vectors_as_a_data_frame(self, films, learnt):
        pandas = pytest.importorskip("pandas", reason="pandas is not installed")
        try:
            frame = learnt.set_output(transform="pandas").transform(films)
        finally:
            learnt.set_output(transform="default")
        assert isinstance(frame, pandas.DataFrame)
        assert list(frame.columns) == list(learnt.get_feature_names_out())

    def test_a_filter_is_a_list_or_a_question(self, films, learnt):
        for given in (["a0", "b1", "c2", "b1"], lambda key: key in ("a0", "b1", "c2")):
            allowed = [films.items.row(key) for key in ("a0", "b1", "c2")]
            found = learnt.recommend("u1", k=9, filter=given, exclude_seen=False)
            assert len(found) == 3
            self.agrees(found, self.known_scores(learnt, ["u1"])[0], allowed)
            unseen = learnt.recommend("u1", k=9, filter=given)
            assert set(unseen.keys) == {"a0", "b1", "c2"} - set(films.history("u1"))
            many = learnt.recommend_many(["u1", "u50"], k=2, filter=given, exclude_seen=False)
            assert set(many.keys.ravel()) <= {"a0", "b1", "c2"}
        with pytest.raises(UnknownKey, match="'a9' is not among"):
            learnt.recommend("u1", filter=["a0", "a9"])
        with pytest.raises(BadInput, match="Give a list of items, not one string"):
            learnt.recommend("u1", filter="a0")

    def test_a_filter_that_leaves_nothing(self, films, learnt):
        seen = list(films.history("u1"))
        for nothing in (seen, [], lambda key: False):
            assert len(learnt.recommend("u1", filter=nothing)) == 0
        many = learnt.recommend_many(["u1"], k=2, filter=seen)
        assert (many.rows == -1).all()

    def test_more_than_there_are(self, films, learnt):
        left = len(films.items) - len(films.history("u1"))
        found = learnt.recommend("u1", k=1000)
        assert len(found) == left
        assert np.isfinite(found.scores).all()
        assert len(learnt.recommend("u1", k=1000, exclude_seen=False)) == len(films.items)
        many = learnt.recommend_many(["u1"], k=left + 2)
        assert many.rows.shape == (1, left + 2)
        assert list(many.rows[0, left:]) == [-1, -1]
        assert list(many.keys[0, left:]) == [None, None]
        assert (many.scores[0, left:] == -np.inf).all()
        assert list(many.keys[0, :left]) == list(found.keys)

    @pytest.mark.parametrize("k", [0, -1, 1.5, True, "3"])
    def test_a_k_that_is_none(self, learnt, k):
        for ask in (
            lambda: learnt.recommend("u1", k=k),
            lambda: learnt.recommend_many(["u1"], k=k),
            lambda: learnt.explain("a1", "u1", k=k),
        ):
            with pytest.raises(BadInput, match=r"k=.*Give a whole number, 1 or more"):
                ask()

    def test_a_user_who_is_not_known(self, learnt):
        for ask in (
            lambda: learnt.recommend("U1"),
            lambda: learnt.recommend_many(["u1", "U1"]),
            lambda: learnt.explain("a1", "U1"),
        ):
            with pytest.raises(UnknownKey, match=r"user 'U1' is not among the 60 .* Did you mean 'u1'.*give items="):
                ask()

    def test_an_item_that_is_not_known(self, learnt):
        for ask in (
            lambda: learnt.recommend(items=["a1", "B1"]),
            lambda: learnt.fold_in(["B1"]),
            lambda: learnt.explain("B1", "u1"),
            lambda: learnt.similar_items("B1"),
        ):
            with pytest.raises(UnknownKey, match=r"'B1' is not among .* Did you mean 'b1'"):
                ask()

    def test_who_asks_is_one_or_the_other(self, learnt):
        for ask in (
            lambda: learnt.recommend(),
            lambda: learnt.recommend("u1", items=["a1"]),
            lambda: learnt.explain("a1"),
        ):
            with pytest.raises(BadInput, match="Give either a user, or the items that somebody chose"):
                ask()
        with pytest.raises(BadInput, match="Give a list of items, not one string"):
            learnt.recommend(items="a1")
        with pytest.raises(BadInput, match="Nobody can be known by no item"):
            learnt.fold_in([])
        with pytest.raises(BadInput, match="Give a list of users, not one string"):
            learnt.recommend_many("u1")

    @pytest.mark.parametrize("weight", [-1.0, 0.0, np.nan, np.inf])
    def test_a_weight_that_is_none(self, learnt, weight):
        with pytest.raises(BadInput, match="a weight is a number above 0"):
            learnt.recommend(items={"a1": 1.0, "a2": weight})

    def test_interactions_of_other_items(self, learnt):
        others = Interactions(["x", "y"], ["a0", "zzz"], [[1, 0], [0, 1]])
        for ask in (lambda: learnt.recommend_many(others), lambda: learnt.transform(others)):
            with pytest.raises(BadInput, match="2 items, which are not the 24 that were learnt"):
                ask()

    def test_nobody_is_asked_about(self, films, learnt):
        assert learnt.recommend_many([], k=3).rows.shape == (0, 3)
        assert learnt.recommend_many(films.take_users(np.empty(0, int)), k=3).rows.shape == (0, 3)

    # ── Explaining

    def test_past_items_explain(self, films, learnt):
        found = learnt.explain("a1", "u2", k=3)
        assert len(found) == 3
        assert set(found.keys) <= set(films.history("u2"))
        assert all(a >= b for a, b in itertools.pairwise(found.scores))
        assert len(learnt.explain("a1", "u2", k=100)) == len(films.history("u2"))
        mixed = ["a0", "a2", "b4", "c1"]
        if self.personal:
            assert set(learnt.explain("a1", items=mixed, k=2).keys) == {"a0", "a2"}

    def test_an_explanation_is_what_the_score_would_lack_or_its_parts(self, films, learnt):
        past, target = ["a0", "a2", "b4"], films.items.row("a1")

        def score(items):
            row = np.zeros((1, len(films.items)), np.float32)
            row[0, [films.items.row(key) for key in items]] = 1
            return self.folded_scores(learnt, csr_array(row))[0, target]

        said = dict(list(learnt.explain("a1", items=past)))
        if not self.by_difference:
            np.testing.assert_allclose(sum(said.values()), score(past), rtol=1e-3)
            return
        for key in past:
            lacking = score(past) - score([other for other in past if other != key])
            np.testing.assert_allclose(said[key], lacking, rtol=1e-2, atol=1e-4)

    def test_one_item_explains_itself(self, learnt):
        found = learnt.explain("a1", items=["a0"])
        assert list(found.keys) == ["a0"]
        assert np.isfinite(found.scores).all()

    # ── What is odd

    def test_a_user_without_items_and_an_item_that_all_have(self):
        films = odd()
        learnt = self.make(random_state=1).fit(films)
        assert np.isfinite(learnt.user_embedding_.vectors).all()
        assert np.isfinite(learnt.item_embedding_.vectors).all()
        found = learnt.recommend("nobody", k=100)
        assert len(found) == len(films.items)
        assert np.isfinite(found.scores).all()
        assert "everybody's" not in learnt.recommend("u1", k=100).keys
        assert len(learnt.explain("a1", "nobody")) == 0
        folded = learnt.recommend_many(films.take_users([len(films.users) - 1]), k=3)
        assert np.isfinite(folded.scores).all()
        assert "everybody's" not in learnt.similar_items("everybody's", k=100).keys

    # ── Keeping

    def test_saved_and_loaded_it_recommends_the_same(self, films, learnt, tmp_path):
        learnt.save(tmp_path / "it")
        for loaded in (Recommender.load(tmp_path / "it"), type(learnt).load(tmp_path / "it", verify=True)):
            assert type(loaded) is type(learnt)
            mine, theirs = learnt.get_params(), loaded.get_params()
            for name in set(mine) - {"threads", "callbacks"}:
                assert theirs[name] == mine[name], name
            loaded.set_params(threads=learnt.threads)
            assert loaded.seed_ == learnt.seed_
            assert loaded.losses_ == learnt.losses_
            for ask in (
                lambda it: it.recommend_many(list(films.users), k=7),
                lambda it: it.recommend_many(films.take_users([5, 1]), k=7),
                lambda it: it.recommend("u3"),
                lambda it: it.recommend(items={"a1": 2.0, "b2": 1.0}),
                lambda it: it.explain("a1", "u3"),
                lambda it: it.similar_items("a1"),
            ):
                before, after = ask(learnt), ask(loaded)
                np.testing.assert_array_equal(after.rows, before.rows)
                np.testing.assert_array_equal(after.scores, before.scores)
                np.testing.assert_array_equal(after.keys, before.keys)
            np.testing.assert_array_equal(loaded.fold_in(["a1", "a2"]), learnt.fold_in(["a1", "a2"]))

    def test_its_parts_are_embeddings(self, learnt, tmp_path):
        learnt.save(tmp_path / "it", titles={"a0": "Amber"})
        items = jari.load(tmp_path / "it" / "items.jari")
        np.testing.assert_array_equal(items.vectors, learnt.item_embedding_.vectors)
        assert list(jari.load(tmp_path / "it" / "users.jari")) == list(learnt.user_embedding_)
        named = jari.load(tmp_path / "it" / "titles.jari")
        assert named.keys[:2] == ["Amber", "a1"]
        np.testing.assert_array_equal(named["Amber"], items["a0"])

    def test_it_replaces_only_what_it_is_told_to(self, learnt, tmp_path):
        learnt.save(tmp_path / "it")
        with pytest.raises(FileIsThere, match="exists already"):
            learnt.save(tmp_path / "it")
        learnt.save(tmp_path / "it", force=True)
        assert type(Recommender.load(tmp_path / "it")) is type(learnt)
