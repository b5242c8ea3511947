"""What the parameters of `EntityEmbedder` may be, by themselves and beside a table."""

import numpy as np
import pandas as pd
import pytest

from jari.embedding import Embedding
from jari.errors import BadInput
from jari.learn.neural.entity_embedder import EntityEmbedder
from jari.learn.neural.tables.parameters import choices_of

WORDS = Embedding(["sea", "view", "dark"], np.eye(3, 4, dtype=np.float32))

TABLE = pd.DataFrame(
    {
        "store": list("abcb") * 30,
        "size": np.arange(120) % 7,
        "about": ["a dark flat with a sea view", "a sea view", "a dark flat", "no view at all here"] * 30,
        "same": ["one"] * 120,
    }
)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"task": "ranking"}, r"task='ranking': choose 'regression' or 'binary' or 'multiclass'\."),
        ({"activation": "sigmoid"}, r"activation='sigmoid': choose 'gelu' or 'relu' or 'tanh'\."),
        ({"target_transform": "sqrt"}, r"target_transform='sqrt': choose 'log' or 'log1p'\."),
        ({"target_transform": "log", "task": "binary"}, r"target_transform='log' is for numbers.* Give None\."),
        ({"categorical": "store"}, r"categorical='store': give a list of names, such as \['store'\]\."),
        ({"text": 3}, r"text=3: give a list of names of columns, or None\."),
        ({"categorical": ["a", "b", "a"]}, r"Column 'a' is named twice in categorical=: name each column once\."),
        ({"categorical": [0, "0"]}, r"Column '0' is named twice in categorical="),
        ({"categorical": ["a"], "text": ["a"]}, r"Column 'a' is named in categorical= and in text=: name each"),
        ({"dims": 0}, r"dims=0: a vector has numbers\. Give a whole number, 1 or more\."),
        ({"dims": {"store": 2.5}}, r"dims\['store'\]=2\.5: a vector has numbers\. Give a whole"),
        ({"text_dim": 0}, r"text_dim=0: a vector has numbers"),
        ({"hidden": 64}, r"hidden=64: give the sizes of the hidden layers, such as \(64,\), or \(\)\."),
        ({"hidden": (8, 0)}, r"a size in hidden=0: a layer needs at least one number"),
        ({"min_count": 0}, r"min_count=0: a category is seen once or more"),
        ({"bins": 0}, r"bins=0: numbers lie in one bin or more"),
        ({"epochs": 0}, r"epochs=0: every row must be seen once"),
        ({"patience": True}, r"patience=True: the next epoch may be better"),
        ({"max_vocabulary": 0}, r"max_vocabulary=0: a text has words"),
        ({"batch": 0}, r"batch=0: a batch has rows"),
        ({"learning_rate": 0}, r"learning_rate=0: steps have a size\. Give a number above 0\."),
        ({"learning_rate": float("nan")}, r"learning_rate=nan: steps have a size"),
        ({"l2": -1}, r"l2=-1: it draws weights towards 0\. Give a number not below 0\."),
        ({"dropout": 1.0}, r"dropout=1\.0: it is a share, and some must be left\. Give a number below 1\."),
        ({"validation": -0.1}, r"validation=-0\.1: it is a share"),
        ({"pretrained": WORDS}, r"pretrained is a Embedding: give a dict of column to Embedding, such as"),
        ({"pretrained": {"about": "words.jari"}}, r"pretrained\['about'\] is a str: give an Embedding \(jari\.load"),
        (
            {"pretrained": {"about": WORDS}, "dims": {"about": 9}},
            r"dims\['about'\]=9, and pretrained\['about'\] has .*4",
        ),
        ({"freeze": "yes"}, r"freeze='yes': give True or False\."),
        ({"threads": 0}, r"threads=0 must be a whole number, 1 or more\."),
        ({"callbacks": print}, r"callbacks=.*: give a list of functions that take a Progress\."),
        ({"callbacks": [3]}, r"callbacks=\[3\]: give a list of functions"),
    ],
)
def test_parameters_out_of_range(parameters, message):
    with pytest.raises(BadInput, match=message):
        EntityEmbedder(**parameters).check()


def test_the_defaults_are_good():
    EntityEmbedder().check()
    EntityEmbedder(dims={"store": 2}, hidden=[], pretrained={}, callbacks=[print]).check()


def test_names_may_be_numbers_and_in_arrays():
    learner = EntityEmbedder(
        categorical=np.array(["a", "b"]), numeric=pd.Index([0]), dims={7: 2}, pretrained={8: WORDS}
    )
    learner.check()
    choices = choices_of(learner)
    assert choices.kinds == {"a": "categorical", "b": "categorical", "0": "numeric"}
    assert choices.closed == ("categorical", "numeric")
    assert choices.dims == {"7": 2}
    assert list(choices.pretrained) == ["8"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"dims": {"stor": 2}}, r"There is no column 'stor'\. Did you mean 'store'\?"),
        ({"dims": {"size": 2}}, r"dims= is for the vectors of column 'size', and it has none \(numeric\): name it in"),
        ({"pretrained": {"abuot": WORDS}}, r"There is no column 'abuot'\. Did you mean 'about'\?"),
        ({"pretrained": {"size": WORDS}}, r"pretrained= is for the vectors of column 'size', and it has none"),
        (
            {"freeze": True},
            r"freeze=True leaves .* and pretrained= gives none of a text column\. Give some, or freeze=",
        ),
        ({"freeze": True, "pretrained": {"store": WORDS}}, r"pretrained= gives none of a text column"),
    ],
)
def test_what_is_said_of_a_column_without_vectors_is_refused(parameters, message):
    with pytest.raises(BadInput, match=message):
        EntityEmbedder(text=["about"], epochs=1, **parameters).fit(TABLE, TABLE["size"])


def test_what_is_said_of_columns_with_vectors_is_done():
    learner = EntityEmbedder(
        text=["about"], dims={"store": 3}, pretrained={"about": WORDS}, freeze=True, epochs=1, threads=1, random_state=1
    ).fit(TABLE, TABLE["size"])
    assert learner.embeddings_["store"].dim == 3
    np.testing.assert_array_equal(learner.embeddings_["about"].vectors, WORDS.vectors)
