from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import jari
from jari.embedding import Embedding, Subwords, Vocabulary
from jari.errors import BadInput, FileIsThere, UnknownKey

KEYS = ["the", "king", "New York", "자리", "😀"]
VECTORS = np.arange(15, dtype=np.float32).reshape(5, 3) - 7


def small(**parts):
    return Embedding(Vocabulary(KEYS, counts=[9, 5, 3, 2, 1]), VECTORS.copy(), **parts)


def test_what_is_put_in_comes_out():
    embedding = small(context=-VECTORS, metadata={"learner": "word2vec", "window": 5})
    assert (len(embedding), embedding.dim, embedding.shape) == (5, 3, (5, 3))
    assert (list(embedding), list(embedding.keys)) == (KEYS, KEYS)
    np.testing.assert_array_equal(embedding.vectors, VECTORS)
    np.testing.assert_array_equal(embedding.context, -VECTORS)
    np.testing.assert_allclose(embedding.norms, np.linalg.norm(VECTORS, axis=1))
    assert embedding.metadata == {"learner": "word2vec", "window": 5}
    assert "자리" in embedding
    assert "nowhere" not in embedding
    assert 3 not in embedding
    assert repr(embedding) == "Embedding(5 keys × 3: 'the', 'king', 'New York', '자리', …)"


def test_a_float32_matrix_is_not_copied_and_the_callers_stays_writeable():
    given = VECTORS.copy()
    embedding = Embedding(KEYS, given)
    assert np.shares_memory(embedding.vectors, given)
    assert given.flags.writeable
    for other in (VECTORS.astype(np.float64), np.asfortranarray(VECTORS), VECTORS.tolist()):
        made = Embedding(KEYS, other).vectors
        assert (made.dtype, made.flags.c_contiguous) == (np.float32, True)


def test_nothing_of_an_embedding_can_be_changed():
    embedding = small(context=VECTORS.copy(), metadata={"a": [1]})
    for array in (embedding.vectors, embedding.context, embedding.norms, embedding["king"], embedding[:2].vectors):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    embedding.metadata["a"].append(2)
    assert embedding.metadata == {"a": [1]}
    with pytest.raises(AttributeError, match="vectors"):
        embedding.vectors = None


def test_keys_lists_and_slices_are_looked_up():
    embedding = small(context=-VECTORS)
    np.testing.assert_array_equal(embedding["king"], VECTORS[1])
    np.testing.assert_array_equal(embedding[["😀", "the", "😀"]], VECTORS[[4, 0, 4]])
    np.testing.assert_array_equal(embedding[np.array(["king"])], VECTORS[[1]])
    np.testing.assert_array_equal(embedding[()], np.empty((0, 3)))
    part = embedding[1:3]
    assert (list(part), part.shape) == (["king", "New York"], (2, 3))
    assert np.shares_memory(part.vectors, embedding.vectors)
    np.testing.assert_array_equal(part.context, -VECTORS[1:3])
    assert part.vocabulary.counts.tolist() == [5, 3]
    assert part.similar("king").keys.tolist() == ["New York"]
    assert list(embedding.top(2)) == ["the", "king"]
    assert len(embedding.top(100)) == 5
    assert len(embedding[4:2]) == 0


def test_what_cannot_be_looked_up_is_refused():
    embedding = small()
    with pytest.raises(BadInput, match="ask for a key, a list of keys or a slice"):
        embedding[3]
    with pytest.raises(BadInput, match="takes consecutive rows, not every 2th"):
        embedding[::2]
    with pytest.raises(BadInput, match="ask for 1 key or more"):
        embedding.top(0)
    with pytest.raises(BadInput, match="not one string"):
        embedding.vectors_of("king")
    with pytest.raises(UnknownKey, match=r"'kin' is not in this embedding \(5 keys\). Did you mean 'king'"):
        embedding["kin"]


@pytest.mark.parametrize(
    ("vectors", "parts", "what"),
    [
        (VECTORS[:4], {}, "5 keys but 4 vectors"),
        (VECTORS[0], {}, r"has shape \(3,\)"),
        ([[1], [2, 3], [1], [1], [1]], {}, "ragged"),
        ([["a"]] * 5, {}, "give a matrix"),
        (np.ones((5, 3), complex), {}, "complex128"),
        (np.empty((5, 0)), {}, "one dimension or more"),
        (np.full((5, 3), np.nan), {}, r"The vector of 'the' \(row 0\) holds nan in column 0"),
        (np.full((5, 3), 1e300), {}, r"The vector of 'the' \(row 0\) holds inf"),
        (VECTORS, {"context": VECTORS[:, :2]}, "they must be the same"),
        (VECTORS, {"context": np.full((5, 3), np.inf)}, "The context vector of 'the'"),
        (VECTORS, {"subwords": Subwords(np.ones((4, 2), np.float32))}, "Subword vectors have 2 dimensions"),
        (VECTORS, {"metadata": {"a": np.nan}}, "cannot be written as JSON"),
        (VECTORS, {"metadata": {"a": object()}}, "cannot be written as JSON"),
        (VECTORS, {"metadata": {"a": "\ud800"}}, "cannot be written as JSON"),
    ],
)
def test_what_does_not_fit_is_refused(vectors, parts, what):
    with pytest.raises(BadInput, match=what):
        Embedding(KEYS, vectors, **parts)


def test_queries_that_are_none_are_refused():
    embedding = small()
    for query, what in [
        ([1.0, 2.0], r"A vector of shape \(2,\) was given: this embedding has 3 dimensions"),
        ([1.0, np.nan, 0.0], "Value 1 of the vector is not finite"),
        ([], "The list of queries is empty"),
        (np.empty((0, 3)), "The list of queries is empty"),
        (object(), "neither a key nor a vector"),
        (["king", [1, 2]], r"shape \(2,\)"),
        ([1.0, "king", 0.0], r"shape \(\)"),
    ]:
        with pytest.raises(BadInput, match=what):
            embedding.similar(query)


def test_unknown_keys_follow_the_policy():
    embedding = small()
    np.testing.assert_array_equal(embedding.vectors_of(["king", "x", "the"], unknown="skip"), VECTORS[[1, 0]])
    assert embedding.similar(["x", "king"], unknown="skip").rows.shape == (1, 4)
    with pytest.raises(UnknownKey, match="'x' is not in this embedding"):
        embedding.vectors_of(["king", "x"])
    with pytest.raises(UnknownKey, match="None of the keys"):
        embedding.similar("x", unknown="skip")
    with pytest.raises(BadInput, match="needs vectors of subwords, and this embedding has none"):
        embedding.vectors_of(["king"], unknown="subword")
    with pytest.raises(BadInput, match="choose one of 'raise', 'skip', 'subword'"):
        embedding.vectors_of(["king"], unknown="zeros")


def test_unknown_keys_are_put_together_from_subwords():
    subwords = Subwords(np.random.default_rng(0).standard_normal((50, 3), dtype=np.float32))
    embedding = small(subwords=subwords)
    found = embedding.vectors_of(["kings", "king"], unknown="subword")
    np.testing.assert_array_equal(found, [subwords.compose("kings"), VECTORS[1]])
    assert len(embedding.similar("kings", unknown="subword")) == 5
    with pytest.raises(UnknownKey, match="A key is a string, not int"):
        embedding.vectors_of([3], unknown="subword")


def test_keys_may_come_in_an_array():
    for keys in (["king", "the"], ("king", "the"), np.array(["king", "the"]), np.array(["king", "the"], dtype=object)):
        assert small().similar(keys, 1).rows.shape == (2, 1)


def test_similarity_and_distance():
    embedding = Embedding(["x", "y", "xy", "zero"], [[2, 0], [0, 1], [1, 1], [0, 0]])
    assert embedding.similarity("x", "xy") == pytest.approx(0.5**0.5)
    assert embedding.similarity("x", [-1.0, 0.0]) == -1.0
    assert embedding.similarity("x", "zero") == 0.0
    assert embedding.similarity("x", "xy", metric="dot") == 2.0
    assert embedding.distance("x", "y") == 1.0
    assert embedding.distance("x", "y", metric="euclidean") == pytest.approx(5**0.5)
    with pytest.raises(BadInput, match="ask distance"):
        embedding.similarity("x", "y", metric="euclidean")
    with pytest.raises(BadInput, match="ask similarity"):
        embedding.distance("x", "y", metric="dot")


def test_odd_one_out():
    embedding = Embedding(["cat", "dog", "cow", "car"], [[1, 0.1], [1, 0.2], [0.9, 0], [0, 1]])
    assert embedding.odd_one_out(["cat", "car", "dog", "cow"]) == "car"
    assert embedding.odd_one_out(["cat", "car", "dog", "bus"], unknown="skip") == "car"
    with pytest.raises(BadInput, match="three keys or more to compare, and got 2"):
        embedding.odd_one_out(["cat", "dog"])


def test_invert_undoes_looking_up():
    embedding = small()
    assert [embedding.invert(embedding[key]) for key in KEYS] == KEYS
    assert embedding.invert(embedding["king"] + 0.3) == "king"
    with pytest.raises(BadInput, match="takes a vector, not the key 'king'"):
        embedding.invert("king")
    with pytest.raises(BadInput, match="without keys"):
        Embedding([], np.empty((0, 2))).invert([0.0, 1.0])


def test_saving_and_loading(tmp_path):
    embedding = small(context=-VECTORS, metadata={"losses": [1.5, 1.25]})
    embedding.save(tmp_path / "a.jari")
    for opened in (
        Embedding.load(tmp_path / "a.jari"),
        jari.load(tmp_path / "a.jari"),
        pickle.loads(pickle.dumps(embedding)),
        copy.deepcopy(embedding),
    ):
        assert opened.vocabulary == embedding.vocabulary
        np.testing.assert_array_equal(opened.vectors, VECTORS)
        np.testing.assert_array_equal(opened.context, -VECTORS)
        assert opened.metadata == {"losses": [1.5, 1.25]}
    with pytest.raises(FileIsThere, match="Pass force=True"):
        embedding.save(tmp_path / "a.jari")
    embedding[:2].save(tmp_path / "a.jari", force=True)
    assert len(jari.load(tmp_path / "a.jari")) == 2
