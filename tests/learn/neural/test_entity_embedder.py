"""How `EntityEmbedder` behaves: what it learns, what it refuses, what is left when it is stopped."""

import copy
import pickle
import signal
import sys
import time

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info

from jari.errors import BadInput, ExtraMissing, NotLearntYet
from jari.ingest import resources
from jari.learn.neural.entity_embedder import EntityEmbedder
from jari.types import Progress

QUICK = {
    "epochs": 10,
    "batch": 32,
    "learning_rate": 0.03,
    "hidden": (8,),
    "device": "cpu",
    "threads": 1,
    "random_state": 1,
}


ENGINES = pytest.mark.parametrize("device", ["cpu", "cpu:0"])  # kernels, and PyTorch, which else has the GPU


def learner(task="regression", **parameters):
    if parameters.get("device") == "cpu:0":
        pytest.importorskip("torch", reason="PyTorch is not installed")
    return EntityEmbedder(task=task, **{**QUICK, **parameters})


@pytest.fixture
def shops():
    generator = np.random.default_rng(1)
    return pd.DataFrame({"store": generator.choice(list("abcd"), 240), "size": generator.normal(100, 10, 240)})


@pytest.fixture
def sales(shops):
    return shops["store"].map({"a": 1.0, "b": 1.1, "c": 8.0, "d": 8.1}) + shops["size"] / 100


def bits(made):
    return b"".join(made.embeddings_[name].vectors.tobytes() for name in made.embeddings_)


# ── what it learns


@ENGINES
def test_categories_are_near_each_other_when_they_say_the_same_of_the_target(device, shops, sales):
    made = learner(device=device).fit(shops, sales)
    stores = made.embeddings_["store"]
    assert [stores.similar(one, k=1).keys[0] for one in "abcd"] == ["b", "a", "d", "c"]
    assert made.score(shops, sales) > 0.95
    assert made.statistics_ == {"learnt from": 216, "judged by": 24}
    assert len(made.losses_) == len(made.judged_) <= 10
    about = stores.metadata
    assert (about["learner"], about["column"], about["kind"]) == ("EntityEmbedder", "store", "categorical")
    assert about["parameters"]["learning_rate"] == 0.03


@pytest.mark.parametrize("transform", ["log", "log1p"])
def test_logarithms_are_taken_back(transform, shops, sales):
    made = learner(target_transform=transform).fit(shops, np.exp(sales))
    assert np.corrcoef(np.log(made.predict(shops)), sales)[0, 1] > 0.95


def test_a_linear_model_and_two_hidden_layers(shops, sales):
    assert learner(hidden=()).fit(shops, sales).score(shops, sales) > 0.9
    assert learner(hidden=[8, 4], activation="tanh").fit(shops, sales).score(shops, sales) > 0.9


def test_without_pytorch_it_learns_on_the_cpu_and_names_the_extra_for_more(monkeypatch, shops, sales):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert learner(device="auto").fit(shops, sales).score(shops, sales) > 0.95
    with pytest.raises(ExtraMissing, match=r"'torch', which is not installed.*pip install 'jari\[torch\]'"):
        learner(device="cuda").fit(shops, sales)


# ── the same again


@pytest.mark.parametrize("validation", [0.0, 0.1])  # with none, the seed does not part the rows either
@ENGINES
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(device, validation, shops, sales):
    first, again, other = (
        learner(random_state=seed, validation=validation, device=device).fit(shops, sales) for seed in (1, 1, 2)
    )
    assert bits(first) == bits(again) != bits(other)
    np.testing.assert_array_equal(first.predict(shops), again.predict(shops))


def test_without_a_seed_it_is_another_time_each_time(shops, sales):
    first, second = (learner(random_state=None, epochs=1).fit(shops, sales) for _ in range(2))
    assert first.seed_ != second.seed_
    again = learner(random_state=first.seed_, epochs=1).fit(shops, sales)
    assert bits(again) == bits(first) != bits(second)


def test_global_generators_threads_and_screens_are_left_alone(shops, sales, capsys):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002  # it is the global one that is looked at
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    threads = threadpool_info()
    learner(random_state=None, threads=2, epochs=1).fit(shops, sales)
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    assert threadpool_info() == threads
    assert capsys.readouterr() == ("", "")


def test_what_is_given_stays_as_it_was(shops, sales):
    table, target = shops.copy(), sales.copy()
    made = learner(dims={"store": 3}, hidden=[8], categorical=["store"])
    given = copy.deepcopy(made.get_params())
    made.fit(table, target).transform(table)
    pd.testing.assert_frame_equal(table, shops)
    pd.testing.assert_series_equal(target, sales)
    assert made.get_params() == given


def test_a_refit_forgets(shops, sales):
    made = learner("multiclass").fit(shops, shops["store"])
    made.set_params(task="regression").fit(shops[["size"]].to_numpy(), sales)
    assert not {"classes_", "feature_names_in_"} & set(vars(made))
    assert (made.n_features_in_, made.embeddings_) == (1, {})
    fresh = learner().fit(shops[["size"]].to_numpy(), sales)
    np.testing.assert_array_equal(made.predict(shops[["size"]].to_numpy()), fresh.predict(shops[["size"]].to_numpy()))


def test_a_refit_that_is_refused_leaves_what_was_learnt(shops, sales):
    made = learner().fit(shops, sales)
    before = made.predict(shops)
    with pytest.raises(BadInput, match="The target is 1 in every row"):
        made.fit(shops[["size"]], np.ones(240, np.int64))
    np.testing.assert_array_equal(made.predict(shops), before)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda made: pickle.loads(pickle.dumps(made))])
def test_copies_foretell_the_same(copied, shops, sales):
    made = learner().fit(shops, sales)
    again = copied(made)
    np.testing.assert_array_equal(again.predict(shops), made.predict(shops))
    assert again.columns_ == made.columns_
    again.fit(shops, -sales)
    assert np.corrcoef(made.predict(shops), sales)[0, 1] > 0.9


# ── rows


def test_rows_are_foretold_one_by_one_as_together(shops, sales):
    made = learner().fit(shops, sales)
    together = made.predict(shops)
    backwards = made.predict(shops.iloc[::-1])[::-1]
    alone = np.concatenate([made.predict(shops.iloc[at : at + 1]) for at in range(20)])
    np.testing.assert_allclose(backwards, together, atol=1e-5)
    np.testing.assert_allclose(alone, together[:20], atol=1e-5)


def test_categories_that_come_later_are_the_unknown_row_and_missing_ones_the_missing(shops, sales):
    shops.loc[::10, "store"] = None
    made = learner().fit(shops, sales)
    stores = made.embeddings_["store"]
    assert list(stores.vocabulary.keys)[-2:] == ["<unknown>", "<missing>"]
    rows = {"store": ["never seen", None, "a"], "size": [100.0] * 3}
    vectors = made.transform(rows)[:, : stores.dim]
    np.testing.assert_array_equal(vectors, [stores["<unknown>"], stores["<missing>"], stores["a"]])
    assert len(set(made.predict(rows).tolist())) == 3
    assert np.abs(stores["<unknown>"]).max() > 0


def test_what_is_missing_for_the_first_time_is_unknown(shops, sales):
    made = learner().fit(shops, sales)
    rows = {"store": ["never seen", None, float("nan")], "size": [100.0, 100.0, None]}
    foretold = made.predict(rows)
    assert foretold[0] == pytest.approx(foretold[1], abs=1e-6)
    assert np.isfinite(foretold).all()
    assert made.transform(rows)[2, -1] == np.float32(shops["size"].median())  # a number that is missing


# ── progress, and being stopped


def test_callbacks_are_told_how_far_it_is(shops, sales):
    told = []
    learner(callbacks=[told.append]).fit(shops, sales)
    assert all(isinstance(one, Progress) for one in told)
    assert (told[0].stage, told[0].unit, told[0].done) == ("learning", "rows", 32)
    assert told[-1].done == told[-1].total
    assert {"loss", "epoch", "validation"} <= set(told[-1].figures)
    assert [one.done for one in told] == sorted(one.done for one in told)


def stopping(after, how):
    def told(progress):
        time.sleep(0.11)  # so that every batch is told of
        if progress.done > after:
            how()

    return told


@ENGINES
def test_ctrl_c_keeps_the_epochs_that_were_over(device, shops, sales):
    two = learner(callbacks=[stopping(2 * 216, lambda: signal.raise_signal(signal.SIGINT))], batch=108, device=device)
    with pytest.raises(KeyboardInterrupt):
        two.fit(shops, sales)
    assert len(two.judged_) == 2
    assert np.isfinite(two.predict(shops)).all()
    assert two.embeddings_["store"].vectors.any()


def test_ctrl_c_in_the_first_epoch_leaves_nothing(shops, sales):
    made = learner().fit(shops, sales)
    made.set_params(callbacks=[stopping(0, lambda: signal.raise_signal(signal.SIGINT))])
    with pytest.raises(KeyboardInterrupt):
        made.fit(shops, sales)
    with pytest.raises(NotLearntYet, match="Call fit first"):
        made.predict(shops)


def test_an_error_of_a_callback_keeps_the_epochs_before_it_too(shops, sales):
    def fail():
        raise RuntimeError("the disk is full")

    made = learner(callbacks=[stopping(216, fail)], batch=108)
    with pytest.raises(RuntimeError, match="the disk is full"):
        made.fit(shops, sales)
    assert len(made.losses_) == 1
    assert np.isfinite(made.predict(shops)).all()


@ENGINES
def test_steps_that_are_far_too_long_are_said(device, shops, sales):
    made = learner(learning_rate=1e9, device=device)
    message = r"in batch \d+ of epoch 0: learning_rate=1e\+09 takes too long steps .* Lower it, to 1e\+08 at first\.$"
    with pytest.raises(BadInput, match=message):
        made.fit(shops, sales)
    with pytest.raises(NotLearntYet, match="Call fit first"):
        made.predict(shops)


@ENGINES
def test_what_was_learnt_before_the_loss_was_lost_is_kept(device, shops, sales):
    made = learner(learning_rate=1000, epochs=200, batch=240, l2=0.01, device=device)
    with pytest.raises(BadInput, match=r"epoch \d+: learning_rate=1000 .* in the epochs before is kept\."):
        made.fit(shops, sales)
    assert len(made.losses_) > 1
    assert np.isfinite(made.predict(shops)).all()


# ── columns that say little, or nothing


def test_a_column_of_one_category_has_a_vector_where_it_is_named(shops, sales):
    shops["town"] = "Dublin"
    assert learner().fit(shops, sales).columns_["town"] == "constant"
    made = learner(categorical=["store", "town"]).fit(shops, sales)
    assert list(made.embeddings_["town"].vocabulary.keys) == ["Dublin", "<unknown>"]
    at = list(made.get_feature_names_out()).index("town_0")
    assert np.isfinite(made.transform(shops)[:, at]).all()
    assert np.isfinite(made.predict(shops.assign(town="Cork"))).all()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("categorical", r"Column 'empty' holds no category: its 240 rows are missing\. Leave it out\."),
        ("numeric", r"Column 'empty' holds no number: its 240 rows are missing\. Leave it out\."),
        ("text", r"Column 'empty'.*"),
    ],
)
def test_a_column_of_nothing(kind, message, shops, sales):
    shops["empty"] = None
    assert learner().fit(shops, sales).columns_["empty"] == "nothing"
    with pytest.raises(BadInput, match=message):
        learner(**{kind: ["empty"]}).fit(shops, sales)


def test_a_class_that_is_seen_once_is_learnt_from(shops):
    y = shops["store"].to_numpy(dtype=object)
    y[7] = "rare"
    made = learner("multiclass").fit(shops, y)
    assert made.statistics_["classes seen once"] == 1
    assert made.predict_proba(shops).shape == (240, 5)
    assert list(made.classes_) == ["a", "b", "c", "d", "rare"]


@pytest.mark.parametrize(
    ("change", "parameters", "message"),
    [
        (
            lambda X: X.assign(size=["large" if at == 3 else str(at) for at in range(240)]),
            {"numeric": ["size"]},
            r"Column 'size', row 3 holds 'large', which is no number .* Name the column in categorical=, or correct",
        ),
        (lambda X: X, {"categorical": ["stor"]}, r"There is no column 'stor'\. Did you mean 'store'\?"),
        (lambda X: X[[]].assign(same=1), {}, r"No column is left to learn from \('same': constant\)\. Name some"),
        (lambda X: X.iloc[:0], {}, r"the table has no rows"),
        (lambda X: X["store"], {}, r"Expected 2D array, got 1D Series instead"),
        (
            lambda X: X.iloc[:-1],
            {},
            r"inconsistent numbers of samples: 239 rows, and 240 targets\. Give one target a row",
        ),
        (lambda X: X.assign(size=np.inf), {"numeric": ["size"]}, r"Column 'size', row 0 holds inf, an infinite number"),
        (lambda X: X, {"min_count": 200}, r"no category is there min_count=200 times or more .* Lower min_count\."),
    ],
)
def test_tables_that_cannot_be_learnt_from(change, parameters, message, shops, sales):
    with pytest.raises(BadInput, match=message):
        learner(**parameters).fit(change(shops), sales)


def test_devices_that_are_not_there(shops, sales):
    pytest.importorskip("torch", reason="PyTorch is not installed")
    with pytest.raises(BadInput, match=r"device='gpu9' cannot be used .* Give 'auto' or 'cpu'\."):
        learner(device="gpu9").fit(shops, sales)


def test_more_categories_than_memory(monkeypatch, shops, sales):
    monkeypatch.setattr(resources, "free_memory", lambda: 100)
    with pytest.raises(
        BadInput, match=r"'store' with 5 categories .* take .* GB, and .* GB of memory are free\. Give a larger min_c"
    ):
        learner().fit(shops, sales)
    monkeypatch.setattr(resources, "free_memory", lambda: None)  # nobody says
    learner(epochs=1).fit(shops, sales)
