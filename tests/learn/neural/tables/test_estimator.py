"""What scikit-learn itself asks of `EntityEmbedder`."""

import pickle
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn import __version__, config_context
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV, cross_val_predict, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from jari.errors import BadInput, NotLearntYet
from jari.learn.neural.entity_embedder import EntityEmbedder

TASKS = ("regression", "binary", "multiclass")
QUICK = {
    "epochs": 6,
    "batch": 16,
    "learning_rate": 0.03,
    "hidden": (8,),
    "device": "cpu",
    "threads": 1,
    "random_state": 1,
}
TAGS = tuple(map(int, __version__.split(".")[:2])) >= (1, 6)  # 1.5 asks for them in another way


def learner(task="regression", **parameters):
    return EntityEmbedder(task=task, **{**QUICK, **parameters})


@pytest.fixture
def shops():
    generator = np.random.default_rng(1)
    return pd.DataFrame({"store": generator.choice(list("abcd"), 160), "size": generator.normal(100, 10, 160)})


@pytest.fixture
def sales(shops):
    return shops["store"].map({"a": 1.0, "b": 2.0, "c": 8.0, "d": 9.0}) + shops["size"] / 100


# ── its own checks: all of them pass, none is excused


@pytest.mark.skipif(not TAGS, reason="scikit-learn 1.5 does not know the tags by which checks choose their data")
@parametrize_with_checks([learner(task) for task in TASKS])
@pytest.mark.filterwarnings("ignore:A column-vector y was passed")
def test_scikit_learn_believes_in_it(estimator, check):
    check(estimator)


@pytest.mark.skipif(not TAGS, reason="as above")
@pytest.mark.parametrize("task", ["regression", "multiclass"])
@pytest.mark.parametrize(
    "check",
    [
        "check_transformer_get_feature_names_out",
        "check_transformer_get_feature_names_out_pandas",
        "check_set_output_transform",
        "check_set_output_transform_pandas",
        "check_set_output_transform_polars",
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")  # they go from frames to arrays
def test_checks_that_scikit_learn_keeps_for_its_own(check, task):
    getattr(estimator_checks, check)("EntityEmbedder", learner(task))


# ── within scikit-learn's tools


def test_its_vectors_go_into_other_models(shops, sales):
    boosted = make_pipeline(learner(), HistGradientBoostingRegressor(random_state=1))
    assert boosted.fit(shops, sales).score(shops, sales) > 0.95
    names = boosted[:-1].get_feature_names_out()
    assert list(names) == [f"store_{at}" for at in range(3)] + ["size"]


def test_it_stands_behind_other_steps_and_calls_columns_as_they_do(shops, sales):
    numbers = pd.DataFrame({"size": shops["size"], "half": shops["size"] / 2})
    model = Pipeline([("scale", StandardScaler()), ("embed", learner()), ("model", Ridge())]).fit(numbers, sales)
    assert list(model[:-1].get_feature_names_out()) == ["size", "half"]


def test_it_is_one_of_the_transformers_of_a_table(shops, sales):
    both = ColumnTransformer([("vectors", learner(), ["store"]), ("numbers", StandardScaler(), ["size"])])
    made = both.fit_transform(shops, sales)
    assert made.shape == (160, 4)
    assert list(both.get_feature_names_out()) == [*(f"vectors__store_{at}" for at in range(3)), "numbers__size"]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_transform_answers_with_a_frame(library, shops, sales):
    frames = pytest.importorskip(library)
    made = learner().set_output(transform=library).fit(shops, sales).transform(shops)
    assert isinstance(made, frames.DataFrame)
    assert list(made.columns) == ["store_0", "store_1", "store_2", "size"]
    assert {str(kind).lower() for kind in made.dtypes} == {"float32"}


def test_frames_keep_the_index_of_rows(shops, sales):
    shops.index = shops.index + 1000
    with config_context(transform_output="pandas"):
        assert list(learner().fit(shops, sales).transform(shops.iloc[:2]).index) == [1000, 1001]


def test_a_grid_over_dropout_and_folds_of_it(shops, sales):
    grid = GridSearchCV(learner(), {"dropout": [0.0, 0.5]}, cv=2).fit(shops, sales)
    assert set(grid.cv_results_["param_dropout"]) == {0.0, 0.5}
    assert np.isfinite(cross_val_score(learner(), shops, sales, cv=3)).all()


def test_classes_are_drawn_by_strata(shops):
    rare = np.where(np.arange(160) >= 156, "rare", "usual")  # the last four: without strata a fold would have one class
    odds = cross_val_predict(learner("binary"), shops, rare, cv=4, method="predict_proba")
    assert odds.shape == (160, 2)
    assert is_classifier(learner("binary"))
    assert is_regressor(learner())


def test_the_target_may_be_transformed_from_outside(shops, sales):
    model = TransformedTargetRegressor(learner(), func=np.log, inverse_func=np.exp).fit(shops, sales)
    assert model.score(shops, sales) > 0.9


def test_a_clone_has_learnt_nothing_and_a_pickle_all(shops, sales):
    made = learner(categorical=["store"], callbacks=[]).fit(shops, sales)
    with pytest.raises(NotLearntYet):
        clone(made).predict(shops)
    again = pickle.loads(pickle.dumps(made))
    np.testing.assert_array_equal(again.predict(shops), made.predict(shops))
    assert again.embeddings_["store"].similar("a", k=1) is not None


# ── tables of all kinds


@pytest.mark.parametrize(
    "make",
    [
        lambda shops: pytest.importorskip("polars").from_pandas(shops),
        lambda shops: pa.Table.from_pandas(shops, preserve_index=False),
        lambda shops: pa.RecordBatch.from_pandas(shops, preserve_index=False),
        lambda shops: shops.to_dict("list"),
        lambda shops: shops.astype({"store": "category"}),
        lambda shops: shops.astype({"store": "string", "size": "Float64"}),
        lambda shops: shops[["size", "store"]],  # columns go by their names
    ],
)
def test_a_table_is_a_table(make, shops, sales):
    want = learner().fit(shops, sales)
    asked = make(shops)
    np.testing.assert_array_equal(want.predict(asked), want.predict(shops))
    got = learner().fit(asked, list(sales))
    np.testing.assert_allclose(got.predict(asked), want.predict(shops), rtol=1e-6)
    assert got.transform(asked).dtype == np.float32


def test_arrays_of_objects_hold_what_they_hold(shops, sales):
    rows = shops.to_numpy(dtype=object)
    made = learner().fit(rows, sales)
    assert made.columns_ == {"x0": "categorical", "x1": "numeric"}
    assert list(made.get_feature_names_out()) == ["x0_0", "x0_1", "x0_2", "x1"]
    np.testing.assert_array_equal(learner().fit(rows.tolist(), sales).predict(rows.tolist()), made.predict(rows))


def test_missing_booleans_whole_numbers_and_dates(sales):
    table = pd.DataFrame(
        {
            "open": pd.array([True, False, None, True] * 40, "boolean"),
            "rooms": pd.array([1, 2, None, 4] * 40, "Int64"),
            "since": [date(2020, 1, 1) + timedelta(days=at % 50) for at in range(160)],
        }
    )
    made = learner().fit(table, sales)
    assert made.columns_ == {"open": "categorical", "rooms": "numeric", "since": "numeric"}
    assert made.embeddings_["open"].vocabulary.keys[-1] == "<missing>"
    assert list(made.get_feature_names_out())[-3:] == ["rooms", "since", "rooms_missing"]
    transformed = pd.DataFrame(made.transform(table), columns=made.get_feature_names_out())
    assert transformed["rooms_missing"].tolist() == [0, 0, 1, 0] * 40
    assert transformed["rooms"].iloc[:4].tolist() == [1, 2, 2, 4]  # the median of 1, 2, 4 stands for what is missing


def test_names_stay_apart_where_columns_end_in_digits(sales):
    generator = np.random.default_rng(1)
    table = {f"C{at}": generator.choice(list("abcdefghijklmnopqrstuvwxyz"), 160) for at in (1, 10, 11)}
    names = learner(dims=12).fit(table, sales).set_output(transform="polars").get_feature_names_out()
    assert len(set(names)) == len(names) == 36


# ── columns by name, and by place


def test_columns_without_names_go_by_their_places_and_a_warning_says_so(shops, sales):
    made = learner().fit(shops, sales)
    with pytest.warns(UserWarning, match="X does not have valid feature names, but EntityEmbedder was fitted with"):
        got = made.predict(shops.to_numpy(dtype=object))
    np.testing.assert_array_equal(got, made.predict(shops))
    nameless = learner().fit(shops.to_numpy(dtype=object), sales)
    with pytest.warns(UserWarning, match="X has feature names, but EntityEmbedder was fitted without feature names"):
        nameless.predict(shops)
    with pytest.raises(BadInput, match=r"X has 1 features, but EntityEmbedder is expecting 2 features .*: x0, x1\. "):
        nameless.predict(shops[["store"]].to_numpy())


def test_a_column_too_many_or_too_few(shops, sales):
    made = learner().fit(shops, sales)
    with pytest.raises(BadInput, match="no column 'size', which was learnt from"):
        made.predict(shops[["store"]])
    with pytest.raises(BadInput, match=r"a column 'price', which was not there when it was learnt\. Leave it out"):
        made.transform(shops.assign(price=sales))


def test_names_that_are_asked_for_must_be_those_learnt(shops, sales):
    made = learner().fit(shops, sales)
    assert list(made.get_feature_names_out(["store", "size"])) == list(made.get_feature_names_out())
    with pytest.raises(BadInput, match="input_features is not equal to feature_names_in_"):
        made.get_feature_names_out(["shop", "size"])
    with pytest.raises(BadInput, match=r"input_features should have length equal to number of features \(2\)"):
        learner().fit(shops.to_numpy(dtype=object), sales).get_feature_names_out(["store"])


# ── classes and scores


@pytest.mark.parametrize(
    ("classes", "kind"),
    [(["no", "yes"], "U"), ([False, True], "b"), ([3, 7], "i"), ([1.0, 2.0], "f"), (["c", "a", "b"], "U")],
)
def test_classes_are_sorted_and_come_back_as_they_were(classes, kind, shops):
    generator = np.random.default_rng(1)
    y = np.array(classes)[generator.integers(0, len(classes), 160)]
    made = learner("binary" if len(classes) == 2 else "multiclass").fit(shops, y)
    assert made.classes_.tolist() == sorted(classes)
    assert made.classes_.dtype.kind == kind == made.predict(shops).dtype.kind
    odds = made.predict_proba(shops)
    np.testing.assert_allclose(odds.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_array_equal(made.classes_[odds.argmax(axis=1)], made.predict(shops))


def test_two_classes_are_as_likely_by_either_task(shops):
    y = shops["store"] > "b"
    two, many = (learner(task).fit(shops, y).predict_proba(shops) for task in ("binary", "multiclass"))
    np.testing.assert_array_equal(two, many)
    assert two[y, 1].mean() > 0.8


def test_scores_are_those_of_scikit_learn(shops, sales):
    made = learner().fit(shops, sales)
    foretold = made.predict(shops)
    share = ((sales - foretold) ** 2).sum() / ((sales - sales.mean()) ** 2).sum()
    assert made.score(shops, sales) == pytest.approx(1 - share)
    stores = learner("multiclass").fit(shops, shops["store"])
    assert stores.score(shops, shops["store"]) == np.mean(stores.predict(shops) == shops["store"]) > 0.9


def test_numbers_have_no_likely_classes(shops, sales):
    made = learner().fit(shops, sales)
    assert not hasattr(made, "predict_proba")
    with pytest.raises(BadInput, match=r"task='binary' was set after numbers were learnt\. Call fit again"):
        made.set_params(task="binary").predict_proba(shops)


@pytest.mark.parametrize("method", ["predict", "transform", "predict_proba"])
def test_nothing_is_foretold_before_fit(method, shops):
    with pytest.raises(NotLearntYet, match=r"not fitted yet\. Call fit first"):
        getattr(learner("binary"), method)(shops)
    with pytest.raises(NotFittedError):
        getattr(learner("binary"), method)(shops)
