from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jari.embedding import Embedding, Subwords, neighbours
from jari.embedding.expression import Term, write
from jari.errors import BadInput, UnknownKey

# king = royal + male, and so on: the answer is plain to see.
ROYAL = Embedding(
    ["king", "man", "woman", "queen", "cat", "New York"],
    [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [1, 0, 1, 0], [0, 0.1, 0, 1], [-1, -1, 0, 0.2]],
)


def cosine(a, b):
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


@pytest.mark.parametrize("method", ["add", "mul"])
def test_king_is_to_man_as_queen_is_to_woman(method):
    for expression in ("king - man + woman", (["king", "woman"], ["man"])):
        found = ROYAL.solve(expression, k=3, method=method)
        assert found.keys[0] == "queen"
        assert not {"king", "man", "woman"} & set(found.keys)


@pytest.mark.parametrize("method", ["add", "mul"])
def test_inputs_may_be_answers_when_asked_for(method):
    assert "king" in ROYAL.solve("king - man + woman", method=method, include_inputs=True).keys


def test_3cosadd_by_hand():
    unit = {key: ROYAL[key] / np.linalg.norm(ROYAL[key]) for key in ROYAL}
    goal = unit["king"] - unit["man"] + 0.5 * unit["woman"]
    for key, score in ROYAL.solve("king - man + 0.5 * woman"):
        assert score == pytest.approx(cosine(goal, ROYAL[key]), abs=1e-6)


def test_3cosmul_by_hand():
    def near(key, other):
        return (1 + cosine(ROYAL[key], ROYAL[other])) / 2

    for key, score in ROYAL.solve("king - man + woman", method="mul"):
        expected = near(key, "king") * near(key, "woman") / (near(key, "man") + 0.001)
        assert score == pytest.approx(expected, rel=1e-5)


def test_other_metrics_take_vectors_as_they_are():
    found = ROYAL.solve("king - man + woman", metric="euclidean", k=1)
    assert (found.keys[0], found.scores[0]) == ("queen", 0.0)
    with pytest.raises(BadInput, match="method='mul' multiplies cosines"):
        ROYAL.solve("king", method="mul", metric="dot")


@given(
    vectors=hnp.arrays(np.float32, (9, 3), elements=st.sampled_from([-1.0, 0.0, 0.5, 1.0])),
    weights=st.lists(st.sampled_from([1.0, -1.0, 0.5, -2.0]), min_size=1, max_size=4),
    k=st.integers(1, 10),
)
@settings(max_examples=200, deadline=None)
def test_3cosmul_equals_sorting_everything(vectors, weights, k):
    embedding = Embedding([f"k{row}" for row in range(9)], vectors)
    lengths = np.linalg.norm(vectors.astype(np.float64), axis=1)
    units = vectors / np.where(lengths > 0, lengths, 1)[:, None]
    scores = np.ones(9)
    for row, weight in enumerate(weights):
        near = (1 + np.clip(units @ units[row], -1, 1)) / 2
        scores *= (near + 0.001 * (weight < 0)) ** weight
    rest = np.arange(len(weights), 9)
    found = embedding.solve(write([Term(f"k{row}", w) for row, w in enumerate(weights)]), k, "mul")
    best = np.sort(scores[rest])[::-1][:k]
    np.testing.assert_allclose(found.scores, best, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(scores[found.rows], best, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("method", ["add", "mul"])
def test_a_list_of_expressions_answers_as_each_alone(monkeypatch, method):
    rng = np.random.default_rng(3)
    embedding = Embedding([f"k{row}" for row in range(800)], rng.standard_normal((800, 8)))
    monkeypatch.setattr(neighbours, "_FIRST_ROWS", 16)
    monkeypatch.setattr(neighbours, "_MOST_PRODUCTS", 4096)
    asked = [f"k{a} - k{b} + k{c}" for a, b, c in rng.permutation(800)[:300].reshape(100, 3)] + ["k5", "0.5 * k1 + k2"]
    together = embedding.solve(asked, 4, method)
    assert together.rows.shape == (102, 4)
    for one, expression in zip(together, asked, strict=True):
        alone = embedding.solve(expression, 4, method)
        np.testing.assert_array_equal(one.rows, alone.rows)
        np.testing.assert_array_equal(one.scores, alone.scores)


def test_unknown_keys_follow_the_policy():
    with pytest.raises(UnknownKey, match="Did you mean 'queen'"):
        ROYAL.solve("quen - man")
    with pytest.raises(UnknownKey, match="operators only with spaces around"):
        ROYAL.solve("king-man")
    assert ROYAL.solve("king - nobody", unknown="skip").keys[0] == ROYAL.similar("king").keys[0]
    with pytest.raises(UnknownKey, match="None of 'nobody', 'nothing' is in this embedding"):
        ROYAL.solve("nobody - nothing", unknown="skip")
    with_parts = Embedding(["ab"], [[1.0, 0.0]], subwords=Subwords(np.ones((10, 2), np.float32)))
    assert with_parts.solve("abc", unknown="subword").keys.tolist() == ["ab"]


@pytest.mark.parametrize(
    ("expression", "what"),
    [
        ((["king"],), "is no expression"),
        (3, "is no expression"),
        (([], []), "The expression is empty"),
        ([], "The list of expressions is empty"),
    ],
)
def test_what_is_no_expression_is_refused(expression, what):
    with pytest.raises(BadInput, match=what):
        ROYAL.solve(expression)


def test_an_unknown_method_is_refused():
    with pytest.raises(BadInput, match="choose 'add'"):
        ROYAL.solve("king", method="average")
