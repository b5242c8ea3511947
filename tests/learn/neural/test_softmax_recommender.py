"""SoftmaxRecommender: the promises of all recommenders, planted answers, features, and what goes wrong."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy.sparse import csr_array

from contracts.recommender import RecommenderContract, checkerboard, odd
from jari.errors import BadFile, BadInput, ExtraMissing, NotLearntYet
from jari.ingest.interactions import Interactions
from jari.learn.neural import softmax_recommender
from jari.learn.neural.softmax_recommender import SoftmaxRecommender
from jari.learn.recommender import Recommender


def test_without_pytorch_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ExtraMissing, match=r"'torch', which is not installed.*pip install 'jari\[torch\]'"):
        SoftmaxRecommender().fit(checkerboard())


torch = pytest.importorskip("torch", reason="PyTorch is not installed")

QUICK = {
    "dropout": 0.0,
    "dim": 16,
    "hidden": (8,),
    "epochs": 25,
    "batch": 16,
    "learning_rate": 0.02,
    "threads": 1,
    "device": "cpu",
}


def quick(**parameters):
    return SoftmaxRecommender(**(QUICK | {"random_state": 1} | parameters))


def numbered(matrix):
    users, items = matrix.shape
    return Interactions([f"u{row}" for row in range(users)], [f"i{row}" for row in range(items)], matrix)


class TestSoftmaxRecommender(RecommenderContract):
    def make(self, **parameters):
        return SoftmaxRecommender(**(QUICK | parameters))


class TestSampled(RecommenderContract):
    def make(self, **parameters):
        return SoftmaxRecommender(**(QUICK | {"softmax": "sampled", "samples": 30, "hidden": ()} | parameters))


# ── What is learnt


def _found(films, learner, wanted):
    """The share of users to whom one of the two items that they want is recommended first."""
    rows = learner.recommend_many(films.users.keys, k=1).rows[:, 0]
    return np.mean([row in want for row, want in zip(rows, wanted, strict=True)])


@pytest.mark.parametrize("sampled", [False, True])
def test_blocks_come_back_and_shuffled_ones_do_not(sampled):
    """A check that can fail: without blocks nothing is found but by chance."""
    films = checkerboard()
    block = [set(range(8 * (row // 20), 8 * (row // 20) + 8)) for row in range(60)]
    wanted = [block[row] - set(films.rows_of(f"u{row}")) for row in range(60)]
    choices = {"softmax": "sampled", "samples": 20} if sampled else {}
    assert _found(films, quick(**choices).fit(films), wanted) == 1
    shuffled = films.matrix.toarray()
    draw = np.random.default_rng(3)
    for row in shuffled:
        draw.shuffle(row)
    mixed = Interactions(films.users, films.items, shuffled)
    assert _found(mixed, quick(**choices).fit(mixed), wanted) < 0.5


def test_popularity_is_all_that_chance_has():
    """Items that are drawn one by one: the best answer is the most popular one that is not seen."""
    draw = np.random.default_rng(5)
    odds = np.linspace(0.05, 0.6, 20)
    train, test = (draw.random((400, 20)) < odds for _ in range(2))
    learner = quick(epochs=20, learning_rate=0.003, batch=64).fit(numbered(train.astype(np.float32)))
    scores = learner.transform(numbered(test.astype(np.float32))) @ learner.item_embedding_.vectors.T
    scores += learner.item_biases_
    order = np.argsort(-scores.mean(0))
    assert np.corrcoef(np.argsort(order), np.argsort(np.argsort(-odds)))[0, 1] > 0.9


@pytest.mark.parametrize("hidden", [(), (8,), (12, 6)])
@pytest.mark.parametrize("pooling", ["sqrt", "mean", "sum"])
@pytest.mark.parametrize("activation", ["gelu", "relu", "tanh"])
def test_asked_without_pytorch_it_says_what_pytorch_said(hidden, pooling, activation):
    from jari.learn.neural.batches import SparseRows
    from jari.learn.neural.network import Network

    films = odd()
    counts = np.bincount(films.matrix.indices, minlength=len(films.items))
    network = Network.drawn(
        counts,
        dim=5,
        sizes=hidden,
        columns=None,
        activation=activation,
        pooling=pooling,
        dropout=0.5,
        sparse=False,
        generator=torch.Generator().manual_seed(1),
    )
    with torch.no_grad():
        for tensor in network.dense.values():
            tensor += torch.randn(tensor.shape, generator=network.generator)
        histories = SparseRows(films.matrix, weighted=True, device="cpu").take(torch.arange(len(films.users)))
        expected = network.users(histories, None, learning=False).numpy()
    found = network.layers(network.copied()).users(films.matrix, None, threads=1)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_the_linear_one_is_a_sum_of_vectors():
    learner = quick(hidden=()).fit(checkerboard())
    one = learner.fold_in(["a1"])
    np.testing.assert_allclose(
        learner.fold_in(["a1", "b2"]) - learner._hidden["bias"],
        (one + learner.fold_in(["b2"]) - 2 * learner._hidden["bias"]) / np.sqrt(2),
        atol=1e-5,
    )
    np.testing.assert_allclose(one - learner._hidden["bias"], learner.item_embedding_.context[1], atol=1e-6)


def test_weights_count_only_where_asked():
    films = checkerboard()
    heavy = Interactions(films.users, films.items, films.matrix * np.float32(1) + films.matrix * _rising(films))
    plain = quick(epochs=2).fit(films).item_embedding_.vectors
    np.testing.assert_array_equal(quick(epochs=2).fit(heavy).item_embedding_.vectors, plain)
    weighted = quick(epochs=2, weighted=True).fit(heavy)
    assert np.abs(weighted.item_embedding_.vectors - plain).max() > 1e-3
    assert np.abs(weighted.fold_in({"a1": 1, "b1": 9}) - weighted.fold_in({"a1": 9, "b1": 1})).max() > 1e-3


def _rising(films):
    return np.linspace(0, 4, len(films.items), dtype=np.float32)


def test_a_user_with_one_item_teaches_what_to_say_to_strangers():
    matrix = np.eye(3, dtype=np.float32)[[0] * 30 + [1] * 10 + [2] * 2]
    learner = quick(epochs=30).fit(numbered(matrix))
    stranger = learner._fold_in(csr_array((1, 3), dtype=np.float32))[0] @ learner.item_embedding_.vectors.T
    assert list(np.argsort(-(stranger + learner.item_biases_))) == [0, 1, 2]


def test_two_items_and_a_batch_larger_than_all():
    learner = quick(batch=10_000).fit(numbered(np.array([[1, 1], [1, 0], [0, 1]], np.float32)))
    assert learner.recommend("u1", k=5).keys.tolist() == ["i1"]
    sampled = quick(softmax="sampled", samples=1).fit(numbered(np.array([[1, 1], [1, 0], [0, 1]], np.float32)))
    assert np.isfinite(sampled.item_embedding_.vectors).all()


def test_nothing_to_learn_from():
    empty = numbered(np.zeros((3, 3), np.float32))
    learner = quick().fit(empty)
    assert np.isfinite(learner.user_embedding_.vectors).all()
    assert learner.losses_[-1] == 0


def test_judges_keep_the_best_epoch_and_end_what_grows_no_better(monkeypatch):
    monkeypatch.setattr(softmax_recommender, "_LEAST_JUDGES", 20)
    films = checkerboard()
    learner = quick(validation=0.4, epochs=200, patience=4).fit(films)
    assert learner.statistics_ == {"learnt from": 36, "judged by": 24}
    best = int(np.argmax(learner.judged_))
    assert len(learner.losses_) == len(learner.judged_) == best + 5 < 200
    assert learner.judged_[best] > 0.8
    again = quick(validation=0.4, epochs=best + 1, patience=4).fit(films)
    np.testing.assert_array_equal(again.item_embedding_.vectors, learner.item_embedding_.vectors)
    assert quick(validation=0.1, epochs=1).fit(films).statistics_["judged by"] == 0  # six would be too few


def test_pytorch_is_left_as_it_was():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    threads = torch.get_num_threads()
    quick(epochs=2, dropout=0.5, threads=threads + 1).fit(checkerboard())
    assert torch.rand(1) == expected
    assert torch.get_num_threads() == threads


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("softmax", ["full", "sampled"])
def test_on_the_gpu(softmax):
    learner = quick(device="auto", softmax=softmax).fit(checkerboard())
    assert {key[0] for key in learner.recommend("u25", k=2).keys} == {"b"}


# ── What goes wrong


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"dim": 0}, r"dim=0: a vector needs at least one number"),
        ({"hidden": 64}, r"hidden=64: give the sizes of the hidden layers, such as \(64,\), or \(\)"),
        ({"hidden": (8, 0)}, r"a size in hidden=0: a layer needs"),
        ({"activation": "swish"}, r"activation='swish': choose 'gelu' or 'relu' or 'tanh'"),
        ({"pooling": "max"}, r"pooling='max': choose"),
        ({"softmax": "hierarchical"}, r"softmax='hierarchical': choose 'auto' or 'full' or 'sampled'"),
        ({"dropout": 1.0}, r"dropout=1\.0: .* Give a number below 1"),
        ({"holdout": 0}, r"holdout=0: some of a history is held out.* above 0"),
        ({"holdout": 1}, r"holdout=1: .* below 1"),
        ({"validation": 1}, r"validation=1: .* below 1"),
        ({"samples": 0}, r"samples=0: "),
        ({"epochs": 0}, r"epochs=0: "),
        ({"batch": 0}, r"batch=0: a batch has users"),
        ({"learning_rate": 0}, r"learning_rate=0: steps have a size"),
        ({"l2": -1}, r"l2=-1: "),
        ({"patience": 0}, r"patience=0: "),
        ({"weighted": "yes"}, r"weighted='yes': give True or False"),
        ({"device": 0}, r"device=0: give 'auto', 'cpu'"),
        ({"device": "abacus"}, r"device='abacus' cannot be used \(.*\)\. Give 'auto' or 'cpu'"),
    ],
)
def test_parameters_out_of_range(wrong, said):
    with pytest.raises(BadInput, match=said):
        quick(**wrong).fit(checkerboard())


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_gpu_that_is_not_there():
    with pytest.raises(BadInput, match=r"device='cuda' cannot be used"):
        quick(device="cuda").fit(checkerboard())


@pytest.mark.parametrize("softmax", ["full", "sampled"])
def test_a_loss_that_is_no_number(softmax):
    learner = quick(learning_rate=1e30, l2=0, softmax=softmax)
    with pytest.raises(
        BadInput, match=r"(loss is (nan|inf) in batch 1 of epoch 0|after epoch 0): learning_rate=1e\+30 .*Lower it"
    ):
        learner.fit(checkerboard())
    with pytest.raises(NotLearntYet, match="Call fit first"):
        learner.recommend("u1")


def test_a_loss_that_is_no_number_later_on(monkeypatch):
    from jari.learn.neural import training

    asked = iter(range(1000))
    honest = training.full_softmax

    def breaks(*arguments):
        return honest(*arguments) * (np.nan if next(asked) == 9 else 1)

    expected = quick(epochs=2).fit(checkerboard())
    monkeypatch.setattr(training, "full_softmax", breaks)
    learner = quick()
    with pytest.raises(BadInput, match=r"loss is nan in batch 1 of epoch 2: .* What was learnt .* before is kept"):
        learner.fit(checkerboard())
    np.testing.assert_array_equal(learner.item_embedding_.vectors, expected.item_embedding_.vectors)
    assert len(learner.losses_) == 2


# ── Features


def people(films, **columns):
    """Whom blocks can be told by: the users of a block are of one region and of one age."""
    rows = range(len(films.users))
    return {"user": list(films.users), "region": [["north", "south", "west"][row // 20] for row in rows]} | {
        name: [value(row) for row in rows] for name, value in columns.items()
    }


@pytest.fixture(scope="module")
def featured():
    films = checkerboard()
    table = people(films, age=lambda row: None if row % 7 == 0 else 20.0 + row // 20)
    return quick(hidden=(16,)).fit(films, features=table)


@pytest.mark.parametrize("region", ["north", "south", "west"])
def test_a_feature_tells_what_a_history_does_not(featured, region):
    nobody = numbered(np.zeros((2, 24), np.float32))
    nobody = Interactions(nobody.users, featured.interactions_.items, nobody.matrix)
    vectors = featured.transform(nobody, features={"who": ["u0"], "region": [region], "age": [None]})
    scores = vectors @ featured.item_embedding_.vectors.T + featured.item_biases_
    best = {featured.interactions_.items.keys[row][0] for row in np.argsort(-scores[0])[:5]}
    assert best == {"abc"[["north", "south", "west"].index(region)]}
    np.testing.assert_array_equal(vectors[1], featured._fold_in(nobody.matrix)[1])  # u1 is not in the table


def test_features_of_somebody_new(featured):
    plain, known = featured.fold_in(["a1"]), featured.fold_in(["a1"], features={"region": "north", "age": 20})
    assert np.abs(plain - known).max() > 1e-3
    mars = featured.fold_in(["a1"], features={"region": "Mars", "age": 20})
    np.testing.assert_array_equal(mars, featured.fold_in(["a1"], features={"region": None, "age": 20}))
    with pytest.raises(BadInput, match=r"lack the column 'age', which was learnt\. Give 'region', 'age'"):
        featured.fold_in(["a1"], features={"region": "north"})
    with pytest.raises(BadInput, match=r"No features were learnt.*fit\(…, features=…\)"):
        quick(epochs=1).fit(checkerboard()).fold_in(["a1"], features={"age": 3})


def test_features_are_kept(featured, tmp_path):
    featured.save(tmp_path / "it")
    loaded = Recommender.load(tmp_path / "it")
    asked = {"region": "west", "age": 22}
    np.testing.assert_array_equal(loaded.fold_in(["b1"], features=asked), featured.fold_in(["b1"], features=asked))
    assert loaded.judged_ == featured.judged_
    assert loaded.statistics_ == featured.statistics_


def test_what_does_not_fit_is_not_taken_back(featured):
    broken = featured._arrays() | {"bias": np.zeros(3, np.float32)}
    with pytest.raises((BadInput, BadFile), match=r"arrays of shapes .*'bias': \(3,\).* are due"):
        featured._restore(broken)


def test_users_who_are_not_in_the_table_are_counted():
    films = checkerboard()
    table = {name: values[5:] for name, values in people(films).items()}
    learner = quick(epochs=1).fit(films, features=table)
    assert learner.statistics_["without features"] == 5


def test_features_as_tables_and_matrices():
    films = checkerboard()
    table = people(films)
    expected = quick(epochs=2).fit(films, features=table).user_embedding_.vectors
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame(table).sample(frac=1, random_state=2)
    np.testing.assert_array_equal(quick(epochs=2).fit(films, features=frame).user_embedding_.vectors, expected)
    hot = np.repeat(np.eye(3, dtype=np.float32), 20, axis=0)
    for matrix in (hot, csr_array(hot)):
        learner = quick(epochs=30).fit(films, features=matrix)
        stranger = Interactions(["x", "y"], films.items, np.zeros((2, 24), np.float32))
        vectors = learner.transform(
            stranger, features=type(matrix)(hot[[0, 59]]) if matrix is not hot else hot[[0, 59]]
        )
        scores = vectors @ learner.item_embedding_.vectors.T + learner.item_biases_
        assert [films.items.keys[row][0] for row in scores.argmax(1)] == ["a", "c"]


@pytest.mark.parametrize(
    ("features", "said"),
    [
        (np.zeros((59, 2)), r"Features of 59 rows: give one row for each of the 60 users"),
        (csr_array((59, 2)), r"Features of shape \(59, 2\): give one row for each of the 60 users"),
        ({"user": ["u1", "u2"]}, r"have one column, 'user', which holds the users' keys"),
        ({"user": ["u1", "u1"], "age": [1, 2]}, r"have the user 'u1' twice, in column 'user'"),
        ({"age": [1, 2], "user": ["u1", "u2"]}, r"of none of the 60 users: .* such as 'u0', and begins with '1'"),
        ({"user": ["u1", "u2"], "age": [1.0, np.inf]}, r"infinite number in column 'age'"),
        ({"user": ["u1", "u2"], "town": [None, None]}, r"Column 'town' of the features holds nothing"),
        ({"user": ["u1", "u2"], "age": [1.0]}, r"all columns of a table are of one length"),
        ({"user": ["u1", "u2"], "tags": [["a"], ["b"]]}, r"'tags', row 0 holds \['a'\], a list"),
    ],
)
def test_features_that_do_not_fit(features, said):
    with pytest.raises(BadInput, match=said):
        quick(epochs=1).fit(checkerboard(), features=features)
