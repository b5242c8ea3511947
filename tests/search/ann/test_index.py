from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jari.embedding import Embedding
from jari.errors import BadFile, BadInput, ExtraMissing, FileIsThere, NoSuchFile, UnknownKey
from jari.search.ann import ANN
from jari.search.ann.methods import METHODS
from jari.types import Progress

faiss = pytest.importorskip("faiss")
METRICS = ("cosine", "dot", "euclidean")
ZEROS = [5, 100]


def clustered(n: int = 1500, dim: int = 24, seed: int = 0) -> Embedding:
    """As learnt vectors are: in clusters; two rows are zeros, and two pairs are alike."""
    draw = np.random.default_rng(seed)
    centres = draw.standard_normal((40, dim))
    vectors = centres[draw.integers(0, 40, n)] + 0.5 * draw.standard_normal((n, dim))
    vectors *= draw.uniform(0.5, 2.0, (n, 1))
    vectors[ZEROS] = 0
    vectors[20], vectors[40] = vectors[10], vectors[30]
    return Embedding([f"key {row}" for row in range(n)], vectors.astype(np.float32))


@pytest.fixture(scope="module")
def words() -> Embedding:
    return clustered()


@pytest.fixture(scope="module")
def strangers() -> np.ndarray:
    """Vectors of the same clusters that are not in the embedding."""
    return clustered().vectors[200:240] + np.random.default_rng(9).normal(0, 0.2, (40, 24))


@pytest.fixture(scope="module", params=[(method, metric) for method in METHODS for metric in METRICS], ids="-".join)
def ann(request: Any, words: Embedding) -> ANN:
    method, metric = request.param
    return ANN.build(words, method, metric=metric, random_state=1, threads=1)


@pytest.fixture(scope="module")
def graph(words: Embedding) -> ANN:
    return ANN.build(words, target_recall=0.99, random_state=1, threads=1)


# ── what is found


def test_the_target_is_reached_on_queries_that_were_not_measured(
    ann: ANN, words: Embedding, strangers: np.ndarray
) -> None:
    # A margin of 3 standard errors of 40 queries whose recall is some 0.97 ± 0.06.
    assert ann.recall(queries=strangers) > 0.92
    assert ann.recall() > 0.93


def test_scores_are_those_of_the_exact_search(ann: ANN, words: Embedding, strangers: np.ndarray) -> None:
    for query in ("key 7", strangers[0], strangers[:5], ["key 3", "key 4"]):
        exact = words.similar(query, 1500, ann.metric)
        found = ann.similar(query, 10)
        right = exact.scores if exact.scores.ndim == 2 else exact.scores[None]
        rows = exact.rows if exact.rows.ndim == 2 else exact.rows[None]
        for each in range(len(rows)):
            by_row = dict(zip(rows[each].tolist(), right[each].tolist(), strict=True))
            got = np.atleast_2d(found.rows)[each].tolist(), np.atleast_2d(found.scores)[each].tolist()
            assert [by_row[row] for row in got[0]] == got[1]


def test_one_query_is_answered_as_among_many(ann: ANN, strangers: np.ndarray) -> None:
    many = ann.similar(strangers)
    effort = max(ann.efforts.keys, ann.efforts.vectors)
    for number, query in enumerate(strangers):
        one = ann.similar(query, effort=effort)
        assert one.rows.tolist() == many[number].rows.tolist()
        assert one.scores.tolist() == many[number].scores.tolist()
    rows, scores = ann.rows(strangers, effort=effort)
    assert rows.tolist() == many.rows.tolist()
    assert scores.tolist() == many.scores.tolist()


def test_shapes_are_those_of_the_embedding(graph: ANN, words: Embedding, strangers: np.ndarray) -> None:
    queries: list[Any] = [
        "key 1",
        strangers[0],
        strangers[:3],
        ["key 1", strangers[0]],
        ["key 1"],
        strangers[0].tolist(),
    ]
    for query in queries:
        exact, found = words.similar(query, 4), graph.similar(query, 4)
        assert found.rows.shape == exact.rows.shape
        assert found.keys.shape == exact.keys.shape
        assert found.scores.dtype == exact.scores.dtype


def test_a_key_is_its_own_neighbour_only_where_asked(graph: ANN) -> None:
    assert "key 7" not in graph.similar("key 7", 20).keys
    assert graph.similar("key 7", 1, include_inputs=True).keys[0] == "key 7"
    assert graph.similar(["key 7", "key 8"], 1, include_inputs=True).keys.tolist() == [["key 7"], ["key 8"]]


def test_equal_rows_stand_in_order(graph: ANN, words: Embedding) -> None:
    assert graph.similar(words["key 20"], 2, effort=200).rows.tolist() == [10, 20]


def test_more_answers_take_more_effort(graph: ANN) -> None:
    assert graph.recall(k=100) > 0.95


def test_all_there_is_can_be_asked_for(graph: ANN, words: Embedding) -> None:
    exact, found = words.similar("key 7", 5000), graph.similar("key 7", 5000)
    assert found.rows.tolist() == exact.rows.tolist()
    assert len(graph.similar(["key 7"], 5000)[0]) == 1499


def test_zeros_answer_and_ask_as_in_the_exact_search(graph: ANN, words: Embedding) -> None:
    for query in ("key 5", np.zeros(24), -words.vectors[7], ["key 5", "key 7"], np.stack([np.zeros(24), np.ones(24)])):
        assert graph.similar(query, 3, effort=500).rows.tolist() == words.similar(query, 3).rows.tolist()
    apart = Embedding([*"abcd"], [[1, 0], [0, 0], [-1, 0.1], [1, 0.1]])
    tiny = ANN.build(apart, random_state=0)
    assert tiny.similar([1.0, 0.0], 4).keys.tolist() == apart.similar([1.0, 0.0], 4).keys.tolist()
    assert tiny.similar([[1.0, 0.0]], 4).keys.tolist() == [["a", "d", "b", "c"]]


@pytest.mark.parametrize("share", [0.002, 0.05, 0.3, 0.9])
def test_only_rows_of_the_mask_answer(ann: ANN, words: Embedding, share: float) -> None:
    mask = np.random.default_rng(4).random(1500) < share
    keys = ["key 7", "key 8", "key 5", *(f"key {row}" for row in range(200, 260))]
    found, exact = ann.similar(keys, 10, rows=mask), words.similar(keys, 10, ann.metric, rows=mask)
    assert found.rows.shape == exact.rows.shape
    assert mask[found.rows].all()
    alike = np.mean([len(set(a) & set(b)) / len(b) for a, b in zip(found.rows, exact.rows, strict=True) if len(b)])
    assert alike > 0.9
    if share < 0.1:
        assert found.rows.tolist() == exact.rows.tolist()
    one = ann.similar("key 7", 10, rows=np.flatnonzero(mask))
    assert mask[one.rows].all()
    assert "key 7" not in one.keys


def test_a_mask_of_nothing_answers_nothing(graph: ANN) -> None:
    assert len(graph.similar("key 7", rows=[])) == 0
    assert graph.similar(["key 7", "key 8"], rows=[7]).rows.shape == (2, 0)


# ── what is measured


def test_the_curve_rises_and_reaches_the_target(words: Embedding) -> None:
    draw = np.random.default_rng(0)
    flat = Embedding(map(str, range(1200)), draw.standard_normal((1200, 32)))
    low, high = (ANN.build(flat, target_recall=target, random_state=1, threads=1) for target in (0.8, 0.98))
    assert low.efforts.vectors < high.efforts.vectors
    assert low.efforts.keys <= low.efforts.vectors  # what is in the index is easier to find
    reached = {each.effort: each for each in high.curve}
    assert reached[high.efforts.vectors].vectors >= 0.98
    assert reached[high.efforts.keys].keys >= 0.98
    efforts = [each.effort for each in high.curve]
    assert efforts == sorted(efforts)
    assert high.curve[0].vectors < high.curve[-1].vectors


def test_recall_sees_a_bad_search(graph: ANN, strangers: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    index = graph._searcher.index
    monkeypatch.setattr(graph._searcher, "index", type("Blind", (), {"ntotal": index.ntotal, "search": _blind})())
    assert graph.recall(queries=strangers) < 0.1


def _blind(self: Any, queries: np.ndarray, k: int, params: Any = None) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((len(queries), k), np.float32), np.tile(np.arange(k), (len(queries), 1)) + 700


def test_held_out_rows_are_answered_afterwards(graph: ANN, words: Embedding) -> None:
    there = [row for row in range(1500) if row not in ZEROS]
    found = graph.similar(words.vectors[there], 1, effort=100).rows[:, 0]
    assert (found == there).mean() > 0.99


def test_queries_of_the_caller_are_measured_with(words: Embedding, strangers: np.ndarray) -> None:
    hard = np.random.default_rng(1).standard_normal((50, 24))
    made = ANN.build(words, queries=hard, random_state=1, threads=1)
    assert made.efforts.vectors > made.efforts.keys
    assert made.recall(queries=hard) >= 0.95


def test_no_target_means_what_faiss_does(words: Embedding) -> None:
    made = ANN.build(words, target_recall=None, random_state=1, threads=1)
    assert (made.efforts.keys, made.efforts.vectors, len(made.curve)) == (16, 16, 1)


def test_a_target_out_of_reach_says_what_was_reached() -> None:
    flat = Embedding(map(str, range(1000)), np.random.default_rng(0).standard_normal((1000, 32)))
    with pytest.raises(
        BadInput, match=r"'ivf-pq' finds 0\.\d+ of the nearest of keys with nprobe=\d+, its most"
    ) as said:
        ANN.build(flat, "ivf-pq", target_recall=0.99, random_state=1, threads=1, code_bytes=2, refine=1)
    assert "Give a greater code_bytes=" in str(said.value)


def test_the_seed_says_all_on_one_thread(words: Embedding, strangers: np.ndarray) -> None:
    def built(seed: int) -> Any:
        made = ANN.build(words, random_state=seed, threads=1, links=4, build_effort=8, target_recall=None)
        return made.curve, made.rows(strangers)[0].tolist()

    assert built(1) == built(1)
    assert built(1) != built(2)


@pytest.mark.parametrize("n", [1, 2, 3, 11])
def test_few_keys(n: int) -> None:
    few = Embedding(map(str, range(n)), np.random.default_rng(0).standard_normal((n, 3)))
    for method in ("hnsw", "sq8"):
        made = ANN.build(few, method)
        assert made.similar("0", 20).rows.tolist() == few.similar("0", 20).rows.tolist()


def test_float32_storage(words: Embedding, strangers: np.ndarray) -> None:
    made = ANN.build(words, storage="float32", random_state=1, threads=1)
    assert made.recall(queries=strangers) > 0.93
    assert made.recall() > 0.93


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("scale", [1e-20, 1e15])
def test_values_of_any_size(words: Embedding, metric: Any, scale: float) -> None:
    sized = Embedding(words.keys, words.vectors[:, :8] * np.float32(scale))
    made = ANN.build(sized, metric=metric, random_state=1, threads=1)
    assert made.recall() > 0.9


def test_progress_is_reported(words: Embedding) -> None:
    seen: list[Progress] = []
    ANN.build(words, random_state=1, threads=1, callback=seen.append)
    assert {each.stage for each in seen} == {"building the index", "measuring recall"}
    assert seen[-1].done == seen[-1].total == 1498


def test_threads_of_faiss_are_as_before(words: Embedding, strangers: np.ndarray) -> None:
    before = faiss.omp_get_max_threads()
    made = ANN.build(words, random_state=1, threads=1)
    made.rows(strangers)
    made.recall()
    assert faiss.omp_get_max_threads() == before


def test_many_threads_may_ask(graph: ANN, words: Embedding) -> None:
    right = [graph.similar(f"key {row}").rows.tolist() for row in range(200)]
    wrong: list[int] = []

    def ask() -> None:
        wrong.extend(row for row in range(200) if graph.similar(f"key {row}").rows.tolist() != right[row])

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for each in askers:
        each.start()
    for each in askers:
        each.join()
    assert wrong == []


# ── files


@pytest.fixture
def saved(words: Embedding, graph: ANN, tmp_path: Path) -> Path:
    place = tmp_path / "words.jari"
    words.save(place)
    graph.save(place)
    return place


def test_it_comes_back_as_it_was(saved: Path, graph: ANN, strangers: np.ndarray) -> None:
    opened = ANN.open(saved)
    assert (opened.efforts, opened.curve, opened.k, opened.seed) == (graph.efforts, graph.curve, graph.k, graph.seed)
    assert opened.target_recall == 0.99
    assert not opened.rebuilt
    assert opened.rows(strangers)[0].tolist() == graph.rows(strangers)[0].tolist()
    assert sorted(each.name for each in saved.with_suffix(".ann").iterdir()) == ["ann.json", "index.faiss"]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_comes_back(words: Embedding, strangers: np.ndarray, tmp_path: Path, method: Any) -> None:
    made = ANN.build(words, method, metric="euclidean", random_state=1, threads=1)
    words.save(tmp_path / "a.jari")
    made.save(tmp_path / "a.jari")
    opened = ANN.open(tmp_path / "a.jari")
    assert opened.rows(strangers)[0].tolist() == made.rows(strangers)[0].tolist()


def test_an_opened_index_outlives_its_files(saved: Path, graph: ANN, strangers: np.ndarray) -> None:
    opened = ANN.open(saved)
    for each in saved.with_suffix(".ann").iterdir():
        each.unlink()
    assert opened.rows(strangers)[0].tolist() == graph.rows(strangers)[0].tolist()


def test_a_stale_index_is_refused_or_built_again(saved: Path) -> None:
    other = clustered(1000, seed=5)
    other.save(saved, force=True)
    with pytest.raises(BadFile, match=r"words\.ann was built from another embedding than .*build-ann .* --force"):
        ANN.open(saved)
    seen: list[Progress] = []
    made = ANN.open(saved, rebuild=True, callback=seen.append)
    assert made.rebuilt
    assert seen
    assert made.similar("key 7").rows.max() < 1000
    again = ANN.open(saved)
    assert not again.rebuilt
    assert again.target_recall == 0.99


def _set(name: str, value: Any) -> Callable[[Path], None]:
    def change(place: Path) -> None:
        about = json.loads((place / "ann.json").read_text())
        about[name] = value
        (place / "ann.json").write_text(json.dumps(about))

    return change


def _flip(place: Path) -> None:
    content = bytearray((place / "index.faiss").read_bytes())
    content[len(content) // 2] ^= 1
    (place / "index.faiss").write_bytes(content)


def _cut(place: Path) -> None:
    (place / "index.faiss").write_bytes((place / "index.faiss").read_bytes()[:1000])


def _lie(place: Path) -> None:
    """An index.faiss that is none, with the right checksum."""
    import hashlib

    content = b"IxFI" + b"\xff" * 100
    (place / "index.faiss").write_bytes(content)
    _set("index", {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()})(place)


def _link(place: Path) -> None:
    (place / "index.faiss").rename(place.parent / "elsewhere")
    (place / "index.faiss").symlink_to(place.parent / "elsewhere")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_flip, "index.faiss does not match its checksum"),
        (_cut, "should have .* bytes and has 1000: it is cut short"),
        (_lie, "faiss cannot read .*index.faiss"),
        (_link, "index.faiss is a link"),
        (lambda place: (place / "index.faiss").unlink(), "has no index.faiss: a part of it is lost"),
        (lambda place: (place / "ann.json").unlink(), "has no ann.json: it is no index"),
        (lambda place: (place / "ann.json").write_text("{"), "ann.json is not JSON"),
        (lambda place: (place / "ann.json").write_text("[]"), r'ann\.json does not say "format": "jari\.ann"'),
        (_set("format", "other"), "this is not an index of Jari"),
        (_set("version", 99), r"is of format version 99, written by .*; this library reads version 1\. Upgrade"),
        (_set("version", "1"), "which is no version"),
        (_set("method", "tree"), "method is 'tree'"),
        (_set("method", ["hnsw"]), "method is"),
        (_set("parameters", {"links": -1}), "links=-1 must be a whole number"),
        (_set("efforts", {"keys": 0, "vectors": 3}), "efforts are"),
        (_set("efforts", None), "efforts are None"),
        (_set("scale", 0), "scale is 0"),
        (_set("curve", [1]), "curve is no list"),
        (_set("metric", "x"), "metric is 'x'"),
        (_set("index", {}), "index lacks its size"),
    ],
)
def test_damaged_files_are_refused(saved: Path, harm: Callable[[Path], None], said: str) -> None:
    harm(saved.with_suffix(".ann"))
    with pytest.raises(BadFile, match=said):
        ANN.open(saved)


def test_a_damaged_index_can_be_built_again(saved: Path) -> None:
    _flip(saved.with_suffix(".ann"))
    assert ANN.open(saved, rebuild=True).rebuilt
    assert not ANN.open(saved).rebuilt


def test_what_is_not_there(saved: Path, tmp_path: Path, words: Embedding) -> None:
    words.save(tmp_path / "alone.jari")
    with pytest.raises(
        NoSuchFile, match=r"There is no index .*alone\.ann\. Build it with: jari build-ann .*alone\.jari"
    ):
        ANN.open(tmp_path / "alone.jari")


def test_saving_replaces_only_with_force_and_only_what_is_ours(saved: Path, graph: ANN) -> None:
    with pytest.raises(FileIsThere, match="exists already"):
        graph.save(saved)
    graph.save(saved, force=True)
    (saved.with_suffix(".ann") / "letter.txt").write_text("dear")
    with pytest.raises(FileIsThere, match=r"holds other things too \(letter.txt\)"):
        graph.save(saved, force=True)


def test_an_index_is_not_saved_beside_another_embedding(graph: ANN, tmp_path: Path) -> None:
    clustered(seed=8).save(tmp_path / "other.jari")
    with pytest.raises(BadInput, match="is not the embedding that this index was built from"):
        graph.save(tmp_path / "other.jari")


def test_only_a_folder_of_ours_has_an_index_beside_it(graph: ANN, tmp_path: Path) -> None:
    (tmp_path / "a.vec").write_text("1 1\na 1\n")
    with pytest.raises(BadFile, match=r"an index belongs to a \.jari folder"):
        graph.save(tmp_path / "a.vec")


# ── what is refused


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"method": "tree"}, "method='tree' is not known: choose one of 'hnsw', 'ivf-pq', 'sq8'"),
        ({"metric": "manhattan"}, "metric='manhattan' is not known"),
        ({"target_recall": 0}, "target_recall=0 must be a share above 0"),
        ({"target_recall": 1.5}, "target_recall=1.5 must be a share"),
        ({"target_recall": float("nan")}, "target_recall=nan must be a share"),
        ({"k": 0}, "k=0: ask for a whole number"),
        ({"threads": 0}, "threads=0 must be a whole number"),
        ({"random_state": -1}, "random_state=-1 must be a whole number"),
        ({"links": 0}, "links=0 must be a whole number"),
        ({"links": 1}, "links=1: a graph with one neighbour"),
        ({"storage": "int4"}, "storage='int4' is not known"),
        ({"lists": 9}, "lists=9 is no parameter of method='hnsw': it has links, build_effort, storage"),
        ({"method": "ivf-pq", "code_bytes": 7}, r"code_bytes=7 does not divide 32 dimensions: choose one of \[1, 2, 4"),
        ({"queries": [[1.0, 2.0]]}, "this embedding has 24 dimensions"),
    ],
)
def test_what_cannot_be_built(words: Embedding, given: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        ANN.build(words, **given)


def test_too_little_to_build_from() -> None:
    with pytest.raises(BadInput, match="There is nothing to index: 0 keys"):
        ANN.build(Embedding([], np.empty((0, 3), np.float32)))
    with pytest.raises(BadInput, match="There is nothing to index: 2 keys, none of them with a direction"):
        ANN.build(Embedding([*"ab"], np.zeros((2, 3), np.float32)))
    with pytest.raises(BadInput, match=r"learns codes from 256 rows or more, and there are 99: choose 'hnsw' or 'sq8'"):
        ANN.build(clustered(101), "ivf-pq")


@pytest.mark.parametrize(
    ("query", "given", "error", "said"),
    [
        ("kex 7", {}, UnknownKey, "Did you mean 'key"),
        ([1.0, 2.0], {}, BadInput, "this embedding has 24 dimensions"),
        (np.full(24, np.nan), {}, BadInput, "is not finite"),
        ([], {}, BadInput, "The list of queries is empty"),
        ("key 7", {"k": 0}, BadInput, "k=0"),
        ("key 7", {"effort": 0}, BadInput, "effort=0 must be a whole number"),
        ("key 7", {"rows": [1500]}, BadInput, "rows must be whole numbers"),
    ],
)
def test_what_cannot_be_asked(graph: ANN, query: Any, given: dict[str, Any], error: type, said: str) -> None:
    with pytest.raises(error, match=said):
        graph.similar(query, **given)


def test_rows_take_vectors_only(graph: ANN) -> None:
    for given in (np.ones(3), np.ones((2, 3)), np.full(24, np.inf), np.ones((2, 2, 24))):
        with pytest.raises(BadInput):
            graph.rows(given)


def test_unknown_keys_are_skipped_where_asked(graph: ANN) -> None:
    assert len(graph.similar(["key 7", "no such"], unknown="skip")) == 1


def test_without_faiss_the_extra_is_named(words: Embedding, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(ExtraMissing, match=r"pip install 'jari\[ann\]'"):
        ANN.build(words)


def test_importing_needs_no_faiss() -> None:
    program = "import sys; import jari.search.ann.index; sys.exit('faiss' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
