"""The search finds what sorting everything finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jari.embedding import Embedding, Neighbours, neighbours
from jari.embedding.metrics import METRICS, Table, scores_by
from jari.embedding.neighbours import top_k
from jari.embedding.norms import finite_norms
from jari.errors import BadInput

# Few values, many ties: what a real embedding seldom has and a search most often gets wrong.
SMALL = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.sampled_from([-1.0, 0.0, 0.5, 1.0])
)
ANY = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=8),
    elements=st.floats(-1e6, 1e6, width=32, allow_subnormal=False),
)
METRIC = st.sampled_from(METRICS)


@pytest.fixture(scope="module", autouse=True, params=["numpy", "kernel"])
def by(request):
    """Both ways of selecting, however small the table."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "_WORTH_A_KERNEL", 0 if request.param == "kernel" else 1 << 60)
        patch.setattr(neighbours, "_FIRST_ROWS", 3)
        yield


def all_scores(vectors, query, metric):
    """Every score, in float64, and rounded once."""
    wide, query = vectors.astype(np.float64), np.asarray(query, dtype=np.float64)
    if metric == "dot":
        return (wide * query).sum(axis=1).astype(np.float32)
    if metric == "euclidean":
        return np.sqrt(np.square(wide - query).sum(axis=1)).astype(np.float32)
    length = np.sqrt((query * query).sum())
    lengths = np.sqrt((wide * wide).sum(axis=1))
    dots = (wide * (query / (length or 1.0))).sum(axis=1)
    return np.clip(dots / np.where(lengths > 0, lengths, 1.0), -1, 1).astype(np.float32)


def brute_force(vectors, query, k, metric, left_out=()):
    scores = all_scores(vectors, query, metric)
    order = np.argsort(scores if metric == "euclidean" else -scores, kind="stable")
    order = np.array([row for row in order if row not in set(left_out)], dtype=np.int64)[:k]
    return order, scores[order]


def embedding_of(vectors):
    return Embedding([f"k{row}" for row in range(len(vectors))], vectors)


@given(vectors=SMALL | ANY, k=st.integers(1, 15), metric=METRIC, data=st.data())
@settings(max_examples=300, deadline=None)
def test_one_query_equals_sorting_everything(vectors, k, metric, data):
    query = data.draw(st.one_of(st.sampled_from(list(vectors)), st.just(np.zeros(vectors.shape[1], np.float32))))
    found = embedding_of(vectors).similar(query, k, metric)
    rows, scores = brute_force(vectors, query, k, metric)
    np.testing.assert_array_equal(found.rows, rows)
    np.testing.assert_array_equal(found.scores, scores)


@given(vectors=SMALL, k=st.integers(1, 15), metric=METRIC)
@settings(max_examples=100, deadline=None)
def test_a_batch_answers_as_each_query_alone(vectors, k, metric):
    embedding = embedding_of(vectors)
    batch = embedding.similar(vectors, k, metric)
    for one, vector in zip(batch, vectors, strict=True):
        alone = embedding.similar(vector, k, metric)
        np.testing.assert_array_equal(one.rows, alone.rows)
        np.testing.assert_array_equal(one.scores, alone.scores)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("queries", [1, 3, 300])
def test_many_blocks_equal_one(monkeypatch, metric, queries):
    rng = np.random.default_rng(4)
    vectors = np.round(rng.standard_normal((3000, 6)), 1).astype(np.float32)
    vectors[1::7] = vectors[0]
    asked = vectors[:queries] if queries > 1 else vectors[0]
    monkeypatch.setattr(neighbours, "_FIRST_ROWS", 32)
    monkeypatch.setattr(neighbours, "_MOST_PRODUCTS", 1 << 14)
    monkeypatch.setattr(neighbours, "_PIECE", 256)
    found = embedding_of(vectors).similar(asked, 20, metric)
    for at in range(queries):
        rows, scores = brute_force(vectors, vectors[at], 20, metric)
        np.testing.assert_array_equal(found.rows[at] if queries > 1 else found.rows, rows)
        np.testing.assert_array_equal(found.scores[at] if queries > 1 else found.scores, scores)


@pytest.mark.parametrize("metric", METRICS)
def test_near_ties_far_from_the_origin_are_told_apart(metric):
    # Points within 1e-3 of one another at a distance of 1000: |x|² - 2x·q + |q|² in float32 cannot see them.
    rng = np.random.default_rng(0)
    vectors = (1000 + 1e-3 * rng.standard_normal((500, 40))).astype(np.float32)
    found = embedding_of(vectors).similar(vectors[17], 5, metric)
    rows, scores = brute_force(vectors, vectors[17], 5, metric)
    np.testing.assert_array_equal(found.rows, rows)
    np.testing.assert_array_equal(found.scores, scores)
    if metric == "euclidean":
        assert (found.rows[0], found.scores[0]) == (17, 0)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("size", [1e-38, 1e-25, 1e18, 1e30])
def test_very_small_and_very_large_vectors_are_ranked(metric, size):
    vectors = (np.array([[1, 0], [1, 1], [0, 1], [-1, 0.5], [0, 0]]) * size).astype(np.float32)
    found = embedding_of(vectors).similar(vectors[0], 5, metric)
    expected = {"cosine": [0, 1, 2, 4, 3], "dot": [0, 1, 2, 4, 3], "euclidean": [0, 1, 4, 2, 3]}
    if metric == "dot" and size != 1e18:  # products of 1e-50 and 1e60 are 0 and inf in float32: all tie
        assert sorted(found.rows) == [0, 1, 2, 3, 4]
    else:
        assert found.rows.tolist() == expected[metric]


def test_vectors_of_zeros_have_cosine_zero_with_everything():
    embedding = embedding_of(np.array([[0, 0], [1, 0], [-1, 0]], dtype=np.float32))
    assert dict(iter(embedding.similar([1.0, 0.0], 3))) == {"k1": 1.0, "k0": 0.0, "k2": -1.0}
    assert embedding.similar([0.0, 0.0], 3).scores.tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("metric", METRICS)
def test_the_bound_is_never_below_the_score(metric):
    rng = np.random.default_rng(1)
    vectors = (rng.standard_normal((2000, 300)) * rng.lognormal(0, 3, (2000, 1))).astype(np.float32)
    queries = rng.standard_normal((4, 300)) * 50
    scores = scores_by(metric, Table(vectors, finite_norms(vectors)), queries)
    products = np.empty((4, 2000), dtype=np.float32)
    norms = scores.products(0, 2000, products)
    upper = scores.upper(products, norms)
    pairs = np.repeat(np.arange(4), 2000), np.tile(np.arange(2000), 4)
    exact = scores.exact(*pairs).reshape(4, 2000)
    for row in range(0, 2000, 50):
        bar = scores.bar(exact[:, row].astype(np.float64))
        assert (upper[:, row] >= bar).all()


def test_the_matrix_is_neither_copied_nor_squared(monkeypatch):
    import tracemalloc

    vectors = np.random.default_rng(0).standard_normal((40_000, 64), dtype=np.float32)  # 10 MB
    embedding = embedding_of(vectors)
    tracemalloc.start()
    embedding.similar(vectors[0])
    embedding.similar(vectors[:300], 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6  # 300 × 40,000 scores would be 48 MB twice over; 40,000 × 40,000 would be 6,400 MB


def test_keys_asked_for_are_left_out_of_their_own_answers():
    embedding = embedding_of(np.eye(4, dtype=np.float32))
    assert "k2" not in embedding.similar("k2").keys
    assert embedding.similar("k2", include_inputs=True).keys[0] == "k2"
    both = embedding.similar(["k0", "k3"], 10)
    assert both.rows.tolist() == [[1, 2, 3], [0, 1, 2]]
    mixed = embedding.similar(["k0", np.array([0, 0, 0, 1.0])], 10)
    assert mixed.rows.tolist() == [[1, 2, 3], [3, 0, 1]]


def test_only_the_rows_given_are_searched():
    embedding = embedding_of(np.arange(20, dtype=np.float32).reshape(10, 2) - 9)
    for rows in ([8, 2, 5], np.isin(np.arange(10), [2, 5, 8])):
        assert sorted(embedding.similar([1.0, 1.0], 10, rows=rows).rows) == [2, 5, 8]
    assert sorted(embedding.similar("k5", 10, rows=[2, 5, 8]).rows) == [2, 8]
    assert len(embedding.similar("k5", rows=[])) == 0


@pytest.mark.parametrize("rows", [[10], [-1], [0.5], ["a"]])
def test_rows_that_are_none_are_refused(rows):
    with pytest.raises(BadInput, match="rows must be whole numbers from 0 to 3"):
        embedding_of(np.eye(4)).similar("k0", rows=rows)


@pytest.mark.parametrize("k", [0, -3, 2.5, True, None])
def test_k_is_a_whole_number_of_one_or_more(k):
    with pytest.raises(BadInput, match="ask for a whole number of neighbours, 1 or more"):
        embedding_of(np.eye(4)).similar("k0", k)


def test_more_neighbours_than_there_are_is_all_of_them():
    embedding = embedding_of(np.eye(4, dtype=np.float32))
    assert len(embedding.similar("k0", 1000)) == 3
    assert embedding.similar(np.eye(4), 1000).rows.shape == (4, 4)
    assert len(Embedding([], np.empty((0, 3))).similar(np.ones(3), 5)) == 0


def test_an_unknown_metric_is_refused_with_those_there_are():
    with pytest.raises(BadInput, match="metric='manhattan' is not known: choose one of 'cosine', 'dot', 'euclidean'"):
        embedding_of(np.eye(4)).similar("k0", metric="manhattan")


def test_neighbours_iterate_index_and_show_themselves():
    one = embedding_of(np.array([[1, 0], [1, 1], [0, 1]])).similar("k0")
    assert isinstance(one, Neighbours)
    assert [key for key, _ in one] == ["k1", "k2"]
    assert one[0] == ("k1", pytest.approx(0.5**0.5))
    assert (len(one), one.keys.shape, one.scores.dtype, one.rows.dtype) == (2, (2,), np.float32, np.int64)
    assert repr(one) == "Neighbours(\n  k1  0.7071\n  k2  0.0000\n)"
    many = embedding_of(np.eye(3)).similar(["k0", "k1"], 1)
    assert repr(many) == "Neighbours(2 queries × 1 keys)"
    assert [type(each) for each in many] == [Neighbours, Neighbours]
    assert (many.keys.shape, many[1].rows.tolist()) == ((2, 1), [0])
    with pytest.raises(AttributeError, match="cannot assign"):
        one.rows = None


def by_definition(vectors, queries, metric):
    """All scores in float64, the greater the better."""
    if metric == "euclidean":
        return -np.linalg.norm(queries[:, None] - vectors, axis=2)
    scores = queries @ vectors.T
    if metric == "dot":
        return scores
    lengths = np.outer(np.linalg.norm(queries, axis=1), np.linalg.norm(vectors, axis=1))
    return np.divide(scores, lengths, out=np.zeros_like(scores), where=lengths > 0)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("kind", ["float32", "float16", "int8", "int8, scaled", "memmap"])
def test_top_k_of_any_matrix_is_its_definition(metric, kind, tmp_path, monkeypatch):
    monkeypatch.setattr(neighbours, "_MOST_PRODUCTS", 5 * 256)
    generator = np.random.default_rng(0)
    vectors = generator.integers(-9, 10, (700, 6)).astype(np.int8)
    vectors[17] = 0
    vectors[300:310] = vectors[10:20]  # ties
    scales = generator.integers(1, 4, 700) / np.float32(2) if kind == "int8, scaled" else None
    exact = vectors * (1.0 if scales is None else scales[:, None].astype(np.float64))
    if not kind.startswith("int8"):
        vectors = vectors.astype("float16" if kind == "float16" else "float32")
    if kind == "memmap":
        vectors.tofile(tmp_path / "vectors")
        vectors = np.memmap(tmp_path / "vectors", np.float32, "r", shape=vectors.shape)
    queries = generator.integers(-9, 10, (5, 6))
    allowed = generator.random(700) < 0.7
    for rows in (None, allowed, np.flatnonzero(allowed)):
        inside = np.arange(700) if rows is None else np.flatnonzero(allowed)
        scores = by_definition(exact[inside], queries, metric).astype(np.float32)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :9]
        found, given = top_k(vectors, queries, 9, metric, rows=rows, scales=scales)
        np.testing.assert_allclose(
            given,
            np.abs(np.take_along_axis(scores, order, 1))
            if metric == "euclidean"
            else np.take_along_axis(scores, order, 1),
            rtol=1e-6,
        )
        np.testing.assert_array_equal(found, inside[order])


@pytest.mark.parametrize(
    ("vectors", "queries", "options", "message"),
    [
        (np.zeros((2, 2)), [[1, 0]], {}, r"shape \(2, 2\) and type float64 cannot be searched"),
        (np.zeros((2, 2), np.int8), [[1, 0, 0]], {}, r"Queries of shape \(1, 3\): give \(m, 2\)"),
        (np.zeros((2, 2), np.int8), [[1, np.nan]], {}, "Query 0 is not finite"),
        (np.array([[1, 2], [3, np.inf]], np.float16), [[1, 0]], {}, "Row 1 holds inf in column 1"),
        (np.zeros((2, 2), np.int8), [[1, 0]], {"scales": [1]}, r"scales of shape \(1,\): give a finite number a row"),
        (np.zeros((2, 2), np.int8), [[1, 0]], {"rows": [2]}, "rows must be whole numbers from 0 to 1"),
        (np.zeros((2, 2), np.int8), [[1, 0]], {"k": 0}, "k=0: ask for a whole number"),
        (np.zeros((2, 2), np.int8), [[1, 0]], {"metric": "l1"}, "metric='l1' is not known"),
    ],
)
def test_what_top_k_cannot_search(vectors, queries, options, message):
    with pytest.raises(BadInput, match=message):
        top_k(vectors, queries, **options)


@pytest.mark.parametrize("metric", METRICS)
def test_no_key_is_its_own_neighbour_wherever_it_stands(metric):
    vectors = np.random.default_rng(0).standard_normal((300, 4))
    embedding = Embedding([f"k{i}" for i in range(300)], vectors)
    asked = [f"k{i}" for i in (299, 0, 150, 7)]
    found = embedding.similar(asked, k=2, metric=metric)
    everything = embedding.similar(asked, k=3, metric=metric, include_inputs=True)
    for key, near, all_near in zip(asked, found, everything, strict=True):
        assert [one for one in all_near.keys if one != key][:2] == list(near.keys)


@pytest.mark.parametrize("metric", METRICS)
def test_more_near_ties_than_a_list_has_room_for(metric, monkeypatch):
    monkeypatch.setattr(neighbours, "_ROOM", 16)
    generator = np.random.default_rng(0)
    vectors = np.tile(generator.standard_normal((3, 5)).astype(np.float32), (200, 1))
    found, scores = top_k(vectors, generator.standard_normal((4, 5)), 7, metric)
    nearest = found[:, 0]
    np.testing.assert_array_equal(found, nearest[:, None] + 3 * np.arange(7))
    assert (scores == scores[:, :1]).all()


def test_a_product_of_many_queries_is_as_each_alone(monkeypatch):
    generator = np.random.default_rng(0)
    vectors = generator.standard_normal((3000, 7)).astype(np.float32) * generator.random((3000, 1)).astype(np.float32)
    vectors[::50] *= 1e-20
    queries = generator.standard_normal((9, 7))
    for metric in METRICS:
        rows, scores = top_k(vectors, queries, 12, metric)
        for q in range(9):
            alone = top_k(vectors, queries[q : q + 1], 12, metric)
            np.testing.assert_array_equal(rows[q], alone[0][0])
            np.testing.assert_array_equal(scores[q], alone[1][0])


def test_products_beyond_float32_are_found_all_the_same():
    vectors = np.array([[3e20, 3e20], [-3e20, 1e20], [1e20, 1e19], [-5, 2]], np.float32)
    huge = Embedding(["a", "b", "c", "d"], vectors)
    with np.errstate(over="ignore"):
        assert huge.similar(vectors[0], 2, "dot").keys.tolist() == ["a", "c"]
        assert huge.similar(["a", "c"], 1, "dot").keys.tolist() == [["c"], ["a"]]


def test_what_is_longer_than_float32_can_say_is_refused():
    with pytest.raises(BadInput, match=r"'a' \(row 0\) is longer than 3.4e\+38, the greatest number of float32"):
        Embedding(["a", "b"], np.array([[3e38, 3e38], [1, 1]], np.float32))
    with pytest.raises(BadInput, match=r"The vector is longer than 3.4e\+38"):
        Embedding(["a", "b"], [[1, 2], [3, 4]]).similar([3e38, 3e38])
