from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from jari.embedding import Embedding
from jari.embedding.compression import compress
from jari.errors import BadInput
from jari.evaluate import compression
from jari.evaluate.analogy import Analogies, AnalogySection, analogies
from jari.evaluate.compression import _solved_by_search, _without, compare_compression, methods_for


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: Any) -> None:
    monkeypatch.setattr(compression, "_SECONDS", 0.01)


@pytest.fixture(scope="module")
def plain() -> Embedding:
    random = np.random.default_rng(3)
    centres = random.normal(size=(30, 24))
    vectors = centres[np.arange(400) % 30] + 0.5 * random.normal(size=(400, 24))
    return Embedding([f"key {row}" for row in range(400)], vectors)


def capitals() -> tuple[Embedding, Analogies]:
    """Twelve countries and their capitals, which lie in the same direction from them."""
    random = np.random.default_rng(5)
    countries = random.normal(size=(12, 64))
    vectors = np.vstack([countries, countries + 1.5 * random.normal(size=64), random.normal(size=(40, 64))])
    names = [f"{kind}{number}" for kind in ("land", "town") for number in range(12)]
    pairs = itertools.permutations(range(12), 2)
    questions = tuple((f"land{a}", f"town{a}", f"Land{b}", f"Town{b}") for a, b in pairs)
    keys = [*names, *(f"other{number}" for number in range(40))]
    return Embedding(keys, vectors), Analogies(
        "capitals", (AnalogySection("all", (*questions, ("land1", "?", "a", "b"))),)
    )


def test_every_method_has_its_figures(plain: Embedding) -> None:
    found = {result.method: result for result in compare_compression(plain, queries=100)}
    assert tuple(found) == methods_for(24)
    for result in found.values():
        assert 0 < result.recall <= 1
        assert result.queries_per_second > 0
        assert result.seconds >= 0
        assert result.analogies is None
        assert result.scanned_bytes_per_key <= result.bytes_per_key
        assert set(result.to_dict()) >= {"method", "bytes_per_key", "recall", "analogies"}
    assert found["float32"].recall == 1
    assert found["binary"].recall < found["binary+int8"].recall < found["float16"].recall
    assert found["pq:6"].recall < found["pq:12"].recall
    assert (found["int8"].bytes_per_key, found["pca:12+int8"].bytes_per_key) == (28, 16)
    assert (found["pca:12"].dim, found["pca:12"].bytes_per_key) == (12, 48)
    assert found["binary+int8"].bytes_per_key - found["binary+int8"].scanned_bytes_per_key == pytest.approx(28)


def test_recall_is_that_of_the_answers() -> None:
    """Of each of the 100 keys one of two neighbours is lost by the reduction: its third dimension."""
    turns = np.arange(100) * 0.3
    around = np.column_stack([np.cos(turns), np.sin(turns), np.zeros(100)])
    line = Embedding(map(str, range(100)), around + np.random.default_rng(0).normal(size=(100, 3)) * [0, 0, 3])
    (result,) = compare_compression(line, ["truncate:2"], k=2, queries=100)
    right, flat = (
        line.similar(list(line.keys), k=2).rows,
        compress(line, "truncate:2").similar(list(line.keys), k=2).rows,
    )
    assert result.recall == np.mean([len(set(a) & set(b)) / 2 for a, b in zip(right, flat, strict=True)])
    assert 0 < result.recall < 0.5


def test_the_query_itself_is_left_out() -> None:
    found = np.array([[7, 1, 2], [3, 7, 4], [5, 6, 8]])
    assert _without(np.array([7, 7, 7]), found, 2).tolist() == [[1, 2], [3, 4], [5, 6]]


def test_analogies() -> None:
    embedding, questions = capitals()
    methods = ["float32", "int8", "binary+float32", "pca:12"]
    exact = analogies(embedding, questions).accuracy
    found = {
        result.method: result for result in compare_compression(embedding, methods, questions=questions, queries=9)
    }
    assert exact is not None
    assert exact > 0.9
    assert found["float32"].analogies == exact
    for method in ("int8", "binary+float32", "pca:12"):
        assert found[method].analogies == pytest.approx(exact, abs=0.15)


@pytest.mark.parametrize("restrict", [None, 30])
def test_analogies_by_search_are_those_of_the_whole_where_all_are_scored(restrict: int | None) -> None:
    embedding, questions = capitals()
    made: Any = compress(embedding, "binary+float32")  # the shortlist of 200 is longer than the embedding
    assert _solved_by_search(made, questions, restrict) == analogies(embedding, questions, restrict=restrict).accuracy
    unknown = Analogies("none", (AnalogySection("all", (("a", "b", "c", "d"),)),))
    assert _solved_by_search(made, unknown, restrict) is None


def test_the_same_seed_gives_the_same_figures(plain: Embedding) -> None:
    first, second, other = (
        [result.recall for result in compare_compression(plain, ["binary"], queries=50, random_state=seed)]
        for seed in (1, 1, 2)
    )
    assert first == second != other


def test_it_says_how_far_it_is(plain: Embedding) -> None:
    said: list[Any] = []
    list(compare_compression(plain, ["int8", "float16"], queries=5, callback=said.append))
    assert [(each.stage, each.done) for each in said] == [
        ("comparing: int8", 0),
        ("comparing: float16", 1),
        ("comparing", 2),
    ]


def test_what_cannot_be_compared(plain: Embedding) -> None:
    with pytest.raises(BadInput, match="'zip' is not known"):
        next(compare_compression(plain, ["int8", "zip"]))
    with pytest.raises(BadInput, match="An embedding of 1 keys has no neighbours to find"):
        next(compare_compression(Embedding(["a"], [[1, 2]])))
