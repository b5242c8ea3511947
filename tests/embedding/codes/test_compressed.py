from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from jari.embedding import Embedding
from jari.embedding.codes import Bytes, CompressedEmbedding, Floats32, Halves, ProductQuantised, Signs, search
from jari.embedding.compression import compress
from jari.errors import BadInput, UnknownKey
from jari.types import Metric

METRICS: Sequence[Metric] = ("cosine", "dot", "euclidean")
EXACT = ("float32", "float16", "int8", "pq:6")


@pytest.fixture(scope="module")
def plain() -> Embedding:
    """37 dimensions, no multiple of anything; clusters, so that there are neighbours to find; twins and a zero."""
    random = np.random.default_rng(3)
    centres = random.normal(size=(60, 37))
    vectors = centres[np.arange(900) % 60] + 0.4 * random.normal(size=(900, 37))
    vectors *= random.uniform(0.3, 4, size=(900, 1))
    vectors[100:110] = vectors[99]
    vectors[500] = 0
    return Embedding([f"key {row}" for row in range(900)], vectors)


@pytest.fixture(scope="module", params=EXACT)
def made(request: Any, plain: Embedding) -> CompressedEmbedding:
    return compress(plain, request.param)  # type: ignore[return-value]


QUERIES = {
    "a key": "key 3",
    "keys": ["key 3", "key 99", "key 500"],
    "a vector": np.linspace(-1, 1, 37),
    "zeros": np.zeros(37),
    "vectors": np.random.default_rng(4).normal(size=(9, 37)),
    "many": np.random.default_rng(5).normal(size=(300, 37)) * 1e-8,
    "a mixture": ["key 7", np.linspace(1, 2, 37) * 1e6],
}


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_it_answers_as_the_decoded_embedding_does(made: CompressedEmbedding, query: Any, metric: Metric) -> None:
    ours, theirs = made.similar(query, k=12, metric=metric), made.embedding().similar(query, k=12, metric=metric)
    assert ours.rows.tolist() == theirs.rows.tolist()
    np.testing.assert_allclose(ours.scores, theirs.scores, rtol=1e-6, atol=1e-7)
    assert ours.keys.tolist() == theirs.keys.tolist()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("rows", [[5, 3, 3, 99, 100, 101, 899], np.arange(900) % 3 == 0, [], np.arange(100, 200)])
def test_rows_can_be_chosen(made: CompressedEmbedding, rows: Any, metric: Metric) -> None:
    ours = made.similar(["key 3", "key 99"], metric=metric, rows=rows)
    theirs = made.embedding().similar(["key 3", "key 99"], metric=metric, rows=rows)
    assert ours.rows.tolist() == theirs.rows.tolist()


@pytest.mark.parametrize("k", [1, 899, 900, 5000])
def test_any_k(made: CompressedEmbedding, k: int) -> None:
    for inputs in (False, True):
        ours = made.similar("key 9", k=k, include_inputs=inputs)
        assert ours.rows.tolist() == made.embedding().similar("key 9", k=k, include_inputs=inputs).rows.tolist()
        assert len(ours) == min(k, 899 + inputs)


def test_equal_rows_stand_in_their_order(made: CompressedEmbedding) -> None:
    found = made.similar("key 104", k=10)
    assert found.rows.tolist() == [99, 100, 101, 102, 103, 105, 106, 107, 108, 109]


def test_alone_or_in_a_batch_the_answer_is_the_same(made: CompressedEmbedding) -> None:
    queries = np.random.default_rng(8).normal(size=(40, 37))
    together = made.similar(queries)
    for at in range(40):
        alone = made.similar(queries[at])
        assert alone.rows.tolist() == together[at].rows.tolist()
        assert alone.scores.tolist() == together[at].scores.tolist()


def test_any_number_of_threads_gives_the_same_answer(made: CompressedEmbedding, monkeypatch: Any) -> None:
    queries = np.random.default_rng(8).normal(size=(5, 37))
    alone = made.similar(queries)
    monkeypatch.setattr(search, "_BYTES_OF_A_THREAD", 1)
    monkeypatch.setattr(search, "thread_count", lambda: 7)
    among = made.similar(queries)
    assert among.rows.tolist() == alone.rows.tolist()
    assert among.scores.tolist() == alone.scores.tolist()


def test_one_row() -> None:
    for method in (*EXACT, "binary", "binary+int8"):
        made = compress(Embedding(["alone"], np.arange(1, 38)[None] / 7), method)
        assert isinstance(made, CompressedEmbedding)
        assert len(made.similar("alone")) == 0
        assert made.similar(np.ones(37)).keys.tolist() == ["alone"]


def test_great_and_small_values_do_not_overflow() -> None:
    for length in (1e-30, 1e30):
        vectors = np.array([[1, 0], [0.8, 0.6], [0, -1]]) * length
        for metric in METRICS:
            made = CompressedEmbedding(["a", "b", "c"], Bytes.encode(vectors.astype(np.float32)))
            assert made.similar(np.array([0.9, 0.1]) * length, metric=metric).keys.tolist() == ["a", "b", "c"]


# ── rescoring


def recall(made: Any, plain: Embedding, **options: Any) -> float:
    queries = np.random.default_rng(11).normal(size=(100, 37))
    found, right = made.similar(queries, **options).rows, plain.similar(queries).rows
    return float(np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(found, right, strict=True)]))


def test_finer_codes_find_more(plain: Embedding) -> None:
    for method in ("binary+float16", "pq:6+float16"):
        made = compress(plain, method)
        coarse, some, more = (recall(made, plain, rescore=n) for n in (0, 30, 300))
        assert coarse + 0.05 < some < more
        assert more > 0.9
        assert recall(made, plain) > some  # 100 are rescored where nothing is said


def test_rescoring_all_is_an_exact_search_among_the_finer_codes(plain: Embedding) -> None:
    made = compress(plain, "binary+float32")
    ours, theirs = made.similar("key 3", rescore=900), plain.similar("key 3")  # type: ignore[call-arg]
    assert ours.rows.tolist() == theirs.rows.tolist()
    np.testing.assert_allclose(ours.scores, theirs.scores, rtol=1e-6)


def test_rescoring_knows_the_metric(plain: Embedding) -> None:
    made = compress(plain, "pq:12+float32")
    for metric in METRICS:
        ours = made.similar("key 3", metric=metric, rescore=900)  # type: ignore[call-arg]
        assert ours.rows.tolist() == plain.similar("key 3", metric=metric).rows.tolist()


@pytest.mark.parametrize("rescore", [5, -1, 2.5, True])
def test_a_shortlist_shorter_than_the_answer_is_refused(plain: Embedding, rescore: Any) -> None:
    with pytest.raises(BadInput, match=rf"rescore={rescore}: give a whole number, at least k=10, or 0 for none"):
        compress(plain, "binary+int8").similar("key 3", rescore=rescore)  # type: ignore[call-arg]


def test_rescoring_needs_finer_codes(plain: Embedding) -> None:
    with pytest.raises(BadInput, match=r'rescore=100 needs finer codes.*compress with "binary\+int8"'):
        compress(plain, "binary").similar("key 3", rescore=100)  # type: ignore[call-arg]


# ── as an embedding


def test_what_an_embedding_says_of_itself(plain: Embedding, made: CompressedEmbedding) -> None:
    assert list(made) == list(made.keys) == list(plain.keys)
    assert "key 3" in made
    assert "key 3000" not in made
    assert (len(made), made.dim, made.shape) == (900, 37, (900, 37))
    assert made.vocabulary is plain.vocabulary
    decoded = np.asarray(made.vectors)
    np.testing.assert_array_equal(made["key 3"], decoded[3])
    np.testing.assert_array_equal(made[["key 3", "key 1"]], decoded[[3, 1]])
    np.testing.assert_array_equal(made[np.array(["key 3"])], decoded[[3]])
    np.testing.assert_array_equal(made.vectors_of(["key 5", "?"], unknown="skip"), decoded[[5]])
    np.testing.assert_array_equal(made.embedding().vectors, decoded)
    assert made.vectors.shape == (900, 37)
    assert len(made.vectors) == 900


def test_metadata_are_a_copy(made: CompressedEmbedding) -> None:
    made.metadata["compression"].append("mine")
    assert "mine" not in made.metadata["compression"]


def test_what_cannot_be_asked(made: CompressedEmbedding) -> None:
    with pytest.raises(UnknownKey, match=r"'key 3000' is not in this embedding.*Did you mean"):
        made.similar("key 3000")
    with pytest.raises(BadInput, match=r"compressed\[3\]: ask for a key or a list of keys"):
        made[3]
    with pytest.raises(BadInput, match="Give a list of keys, not one string"):
        made.vectors_of("key 3")
    with pytest.raises(BadInput, match="k=0: ask for a whole number"):
        made.similar("key 3", k=0)
    with pytest.raises(BadInput, match=r"this embedding has 37 dimensions"):
        made.similar(np.ones(36))
    with pytest.raises(BadInput, match="is not finite"):
        made.similar(np.full(37, np.nan))
    with pytest.raises(BadInput, match="metric='angle' is not known"):
        made.similar("key 3", metric="angle")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="copy=False cannot be had"):
        np.asarray(made.vectors, copy=False)


@pytest.mark.parametrize("metric", ["dot", "euclidean"])
def test_signs_know_only_directions(plain: Embedding, metric: Metric) -> None:
    with pytest.raises(BadInput, match=f"metric='{metric}' cannot be asked of binary codes.*ask for 'cosine'"):
        compress(plain, "binary+int8").similar("key 3", metric=metric)


def test_parts_that_do_not_belong_together(plain: Embedding) -> None:
    codes = Halves.encode(plain.vectors)
    with pytest.raises(BadInput, match="2 keys but 900 rows of codes"):
        CompressedEmbedding(["a", "b"], codes)
    with pytest.raises(BadInput, match=r"The finer codes have shape \(900, 5\) and the codes \(900, 37\)"):
        CompressedEmbedding(plain.vocabulary, codes, Halves.encode(plain.vectors[:, :5]))


def test_damaged_codes_are_noticed_when_they_are_searched(plain: Embedding) -> None:
    values = np.full((900, 37), np.nan, np.float16)
    damaged = CompressedEmbedding(plain.vocabulary, Halves.from_arrays({"values": values}, (900, 37)))
    with pytest.raises(BadInput, match="Some codes are not finite numbers: they are damaged"):
        damaged.similar(np.ones(37))


def test_they_say_what_they_are(plain: Embedding) -> None:
    assert repr(compress(plain, "binary+int8")) == (
        "CompressedEmbedding(900 keys × 37, binary + int8: 49.33 bytes a key)"
    )
    assert repr(Floats32.encode(plain.vectors)) == "Floats32(900 × 37, 148 bytes a key)"
    assert ProductQuantised.encode(plain.vectors, parts=3).name == "pq"
    assert Signs.encode(plain.vectors).name == "binary"
