"""Pairs are counted as defined, exactly, in any memory and on any number of threads; kept whole or not at all."""

import gc
import hashlib
import itertools
import json
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections import defaultdict
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from jari import Corpus, Vocabulary, encode
from jari.errors import BadFile, BadInput, UnknownKey
from jari.ingest.cooccurrence import Cooccurrence
from jari.ingest.nearness import Nearness
from jari.ingest.pairs import Limits

SENTENCES = ["taylor swift release a record", "swift release", "a record of a record", "alone"]
WEIGHTS = {
    "shrink": lambda d, window: Fraction(window + 1 - d, window),
    "distance": lambda d, window: Fraction(1, d),
    "flat": lambda d, window: Fraction(1),
}


def corpus_of(sentences, n):
    ids = np.array([word for sentence in sentences for word in sentence], np.int32)
    offsets = np.cumsum([0] + [len(sentence) for sentence in sentences])
    return Corpus(ids, offsets, Vocabulary([f"w{i}" for i in range(n)], np.bincount(ids, minlength=n)))


def counted(corpus, window=5, weighting="shrink", symmetric=True, threads=2, part=10**9, entries=10**9, block=10**6):
    """With limits of a few entries, which `memory` does not go down to."""
    return Cooccurrence._counted(corpus, window, weighting, symmetric, threads, Limits(part, entries, block), None)


def defined(sentences, n, window, weighting, symmetric):
    """The definition, in fractions."""
    found = defaultdict(Fraction)
    for sentence in sentences:
        for i, j in itertools.permutations(range(len(sentence)), 2):
            if abs(i - j) <= window and (symmetric or j > i):
                found[sentence[i], sentence[j]] += WEIGHTS[weighting](abs(i - j), window)
    matrix = np.zeros((n, n))
    for pair, count in found.items():
        matrix[pair] = count
    return matrix


def bits(cooccurrence):
    matrix = cooccurrence.matrix
    return [array.tobytes() for array in (matrix.indptr, matrix.indices, matrix.data, cooccurrence.sums)]


@pytest.fixture(scope="module")
def large():
    """Some 40,000 words of 300, the first of which are frequent, in sentences of 0 to 60."""
    rng = np.random.default_rng(4)
    sentences = [(300 * rng.random(rng.integers(1, 60)) ** 3).astype(int).tolist() for _ in range(1300)]
    return corpus_of(sentences, 301)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.fixture
def kept(tmp_path):
    Cooccurrence.of(SENTENCES, window=2, min_count=1).save(tmp_path / "near")
    return tmp_path / "near"


# ── what is counted


@given(
    st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=9), min_size=1, max_size=6),
    st.integers(1, 12),
    st.sampled_from(sorted(WEIGHTS)),
    st.booleans(),
    st.sampled_from([10**9, 7, 1]),
)
def test_counts_are_as_defined(sentences, window, weighting, symmetric, part):
    with counted(corpus_of(sentences, 7), window, weighting, symmetric, part=part, entries=part, block=part) as near:
        wanted = defined(sentences, 7, window, weighting, symmetric)
        np.testing.assert_array_equal(near.matrix.toarray(), wanted.astype(np.float32))
        np.testing.assert_allclose(near.sums, wanted.sum(axis=1), rtol=1e-15)
        assert near.total == pytest.approx(wanted.sum(), rel=1e-15)


def test_by_hand():
    near = Cooccurrence.of(SENTENCES, window=2, weighting="distance", min_count=1)
    assert near("taylor", "swift") == near("swift", "taylor") == 1
    assert near("taylor", "release") == 0.5
    assert near("taylor", "a") == 0  # too far
    assert near("a", "a") == 0
    assert near("record", "a") == 1 + (1 + 0.5) + 1
    assert near("alone", "release") == 0  # no sentence but its own
    assert repr(near) == "Cooccurrence(7 keys, 18 pairs, window=2, distance, symmetric)"


def test_a_word_near_itself_counts_from_both_sides():
    near = Cooccurrence.of(["a a"], window=5, weighting="flat", min_count=1)
    assert (near("a", "a"), near.total) == (2, 2)
    near = Cooccurrence.of(["a a"], window=5, weighting="flat", min_count=1, symmetric=False)
    assert (near("a", "a"), near.total) == (1, 1)


def test_one_side_and_its_mirror_are_both_sides(large):
    both, after = counted(large, 7), counted(large, 7, symmetric=False)
    np.testing.assert_allclose((after.matrix + after.matrix.T).toarray(), both.matrix.toarray(), rtol=1e-6)
    assert (both.matrix != both.matrix.T).nnz == 0
    assert (after.matrix != after.matrix.T).nnz > 0
    near = Cooccurrence.of(["new york"], window=1, min_count=1, symmetric=False)
    assert (near("new", "york"), near("york", "new")) == (1, 0)


def test_windows_that_are_wider_than_sentences(large):
    widest = counted(large, 4095, "flat")
    assert widest.total == sum(int(n) * (int(n) - 1) for n in np.diff(large.offsets))
    assert bits(widest) == bits(counted(large, 60, "flat"))


def test_words_that_never_stand_beside_another_have_empty_rows():
    near = counted(corpus_of([[0, 1], [2]], 5))
    assert np.diff(near.matrix.indptr).tolist() == [1, 1, 0, 0, 0]
    assert near.sums.tolist() == [1, 1, 0, 0, 0]
    assert counted(corpus_of([[2]], 3)).matrix.nnz == 0


def test_types_are_as_promised(large):
    for near in (counted(large), counted(large, entries=10)):
        matrix = near.matrix
        assert isinstance(matrix, sparse.csr_array)
        kinds = [array.dtype for array in (matrix.data, matrix.indices, matrix.indptr, near.sums)]
        assert kinds == [np.float32, np.int32, np.int64, np.float64]
        assert not any(array.flags.writeable for array in (matrix.data, matrix.indices, matrix.indptr, near.sums))
        assert matrix.has_sorted_indices
        assert matrix.copy().sum() == pytest.approx(near.total)
        np.testing.assert_allclose(matrix @ np.ones(301, np.float32), near.sums, rtol=1e-5)


# ── exactly


@pytest.mark.parametrize("weighting", sorted(WEIGHTS))
def test_the_same_bits_in_any_memory_on_any_number_of_threads(large, weighting):
    one = bits(counted(large, 6, weighting, threads=1))
    for threads, part, entries, block in [(2, 10**9, 10**9, 10**6), (3, 9001, 10**9, 500), (2, 5000, 100, 1)]:
        assert bits(counted(large, 6, weighting, threads=threads, part=part, entries=entries, block=block)) == one


def test_counts_above_what_float32_keeps_are_rounded_once():
    """2²⁴ + 2 pairs and more: added one by one, float32 would stop at 2²⁴."""
    n = 2**24 + 3
    near = counted(Corpus(np.zeros(n, np.int32), np.array([0, n]), Vocabulary(["a"])), 1, "flat", symmetric=False)
    assert near("a", "a") == np.float32(n - 1) == 2**24 + 2
    assert near.total == n - 1
    near = counted(Corpus(np.zeros(n, np.int32), np.array([0, n]), Vocabulary(["a"])), 10, "distance", part=n // 3)
    assert near.total == pytest.approx(2 * sum(Fraction(n - d, d) for d in range(1, 11)), rel=1e-15)


@given(st.sampled_from(sorted(WEIGHTS)), st.integers(1, 4095), st.integers(1, 10**12))
def test_no_sum_is_too_large_and_weights_are_near(weighting, window, tokens):
    nearness = Nearness.of(weighting, window, tokens)
    weights = [WEIGHTS[weighting](d, window) for d in range(1, window + 1)]
    units = nearness.units.tolist()
    assert units[0] == 0
    assert min(units[1:]) > 0
    assert 2 * tokens * sum(units) < 2**64
    pairs = zip(units[1:], weights, strict=True)
    error = max(abs(Fraction(unit, nearness.denominator) - weight) for unit, weight in pairs)
    assert error <= (0 if weighting != "distance" or (window <= 20 and tokens < 10**9) else 2**-18)


# ── in bounded memory, and interrupted


def test_a_large_result_is_on_disk_and_goes_when_it_is_closed(large, temporary):
    with counted(large, entries=10) as near:
        assert near.is_temporary
        assert sorted(file.name for file in temporary.glob("*/*")) == ["columns.npy", "values.npy"]
        assert bits(near) == bits(counted(large))
    assert not list(temporary.iterdir())
    assert near.matrix.nnz == near.total == 0
    near = counted(large, entries=10)
    assert list(temporary.iterdir())
    del near
    gc.collect()
    assert not list(temporary.iterdir())
    assert not counted(large).is_temporary


@pytest.mark.parametrize("part", [10**9, 5000])
@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_nothing_is_left_of_an_interrupt(large, temporary, part, error):
    stages = []

    def stop(progress):
        stages.append(progress.stage)
        if progress.stage == ("pairing" if part > 5000 else "merging"):
            raise error

    with pytest.raises(error):
        Cooccurrence._counted(large, 5, "flat", True, 2, Limits(part, 100, 500), stop)
    assert stages
    assert not list(temporary.iterdir())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("jari")]


def test_progress_rises_to_its_end(large):
    told = []
    Cooccurrence._counted(large, 5, "flat", True, 2, Limits(9001, 10**9, 500), told.append)
    for stage, total, unit in (("pairing", len(large), "words"), ("merging", 301, "rows")):
        done = [progress.done for progress in told if progress.stage == stage]
        assert done == sorted(done)
        assert done[-1] == total
        assert {(p.total, p.unit) for p in told if p.stage == stage} == {(total, unit)}


def test_text_is_encoded_first_and_reported(temporary):
    told = []
    near = Cooccurrence.of(SENTENCES, tokenizer="whitespace", min_count=2, max_vocabulary=3, callback=told.append)
    assert near.vocabulary.keys == ["a", "record", "release"]
    assert near("release", "a") == 1  # what stood between is left out: they are neighbours
    assert near.statistics["tokens_dropped"]
    assert {progress.stage for progress in told} >= {"counting", "encoding", "pairing"}
    assert not list(temporary.iterdir())


def test_a_corpus_is_counted_as_it_is_and_stays_open():
    with encode(SENTENCES, min_count=1) as corpus:
        near = Cooccurrence.of(corpus, min_count=5)
        assert len(near.vocabulary) == 7
        assert len(corpus) == 13


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in other units elsewhere")
def test_memory_does_not_grow_with_the_text():
    """The places of 9 million words take 72 MB, those of a part 8 MB."""
    code = """
        import resource
        import numpy as np
        import jari
        from jari.ingest.cooccurrence import Cooccurrence

        def count(n):
            ids = np.random.default_rng(0).integers(0, 500, n, np.int32)
            corpus = jari.Corpus(ids, np.arange(0, n + 1, 50), jari.Vocabulary(map(str, range(500))))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
            near = Cooccurrence.of(corpus, window=2, weighting="flat", memory="32MB", threads=2)
            print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10) - before, int(near.total) - n // 50 * 194)

        count(2_000_000)
        count(9_000_000)
    """
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    _, (grown, wrong) = (map(int, line.split()) for line in ran.stdout.splitlines())
    assert grown < 30
    assert wrong == 0


# ── what cannot be done


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"window": 0}, r"window=0: a window has from 1 to 4,095 words. Give a whole number"),
        ({"window": 4096}, "window=4096: a window has from 1 to 4,095 words"),
        ({"window": 2.5}, "window=2.5: a window has"),
        ({"window": True}, "window=True: a window has"),
        ({"weighting": "linear"}, "weighting='linear': choose 'shrink' or 'distance' or 'flat'"),
        ({"symmetric": "yes"}, "symmetric='yes': choose True or False"),
        ({"memory": "much"}, "memory='much' is no size"),
        ({"memory": "1MB"}, "memory='1MB' is too little to work in: 32MB is the least"),
        ({"threads": 0}, "threads=0 must be a whole number, 1 or more"),
    ],
)
def test_parameters_out_of_their_range(given, message):
    def never():
        raise AssertionError("text was read although a parameter is wrong")
        yield ""

    with pytest.raises(BadInput, match=message):
        Cooccurrence.of(never(), **given)


def test_a_corpus_that_was_closed():
    corpus = encode(SENTENCES, min_count=1)
    corpus.close()
    with pytest.raises(BadInput, match=r"The corpus holds no word: was it closed\?"):
        Cooccurrence.of(corpus)


@pytest.mark.parametrize("strange", [7, -1])
def test_a_corpus_that_is_damaged(strange, temporary):
    ids = np.array([0, 1, strange, 2], np.int32)
    corpus = Corpus(ids, np.array([0, 4]), Vocabulary(["a", "b", "c"]))
    with pytest.raises(BadFile, match=f"Token 2 of the corpus is the number {strange}, which none of its 3 words has"):
        Cooccurrence.of(corpus)
    assert not list(temporary.iterdir())


def test_unknown_words():
    near = Cooccurrence.of(SENTENCES, min_count=1)
    with pytest.raises(UnknownKey, match=r"'tailor' is not .* Did you mean 'taylor'\?"):
        near("tailor", "swift")
    with pytest.raises(UnknownKey, match=r"'relaese' is not .* Did you mean 'release'\?"):
        near("taylor", "relaese")


def test_a_matrix_of_one_s_own():
    matrix = sparse.coo_array(([1, 2, 3.5], ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
    near = Cooccurrence(matrix, Vocabulary(["a", "b"]), window=3, weighting="flat")
    assert (near("a", "b"), near("b", "a"), near.sums.tolist()) == (3, 3.5, [3, 3.5])
    assert near.matrix.data.dtype == np.float32
    with pytest.raises(BadInput, match=r"The matrix has the shape \(2, 2\) and there are 1 words: it must be \(1, 1\)"):
        Cooccurrence(matrix, Vocabulary(["a"]), window=3)


# ── kept


def test_kept_and_opened(large, tmp_path):
    for k, near in enumerate([counted(large, 4, "distance", symmetric=False), counted(large, entries=10)]):
        near.save(tmp_path / f"near-{k}")
        opened = Cooccurrence.open(tmp_path / f"near-{k}", verify=True)
        assert bits(opened) == bits(near)
        assert opened.vocabulary == near.vocabulary
        for name in ("window", "weighting", "symmetric", "statistics", "total"):
            assert getattr(opened, name) == getattr(near, name)
        assert not opened.is_temporary
        opened.close()
    assert sorted(file.name for file in (tmp_path / "near-0").iterdir()) == sorted(
        ["cooccurrence.json", "data.npy", "indices.npy", "indptr.npy", "keys.arrow", "sums.npy"]
    )


def test_it_is_replaced_only_by_force(kept):
    other = Cooccurrence.of(["another text"], min_count=1)
    with pytest.raises(FileExistsError, match=r"near exists already. Pass force=True"):
        other.save(kept)
    other.save(kept, force=True)
    assert len(Cooccurrence.open(kept).vocabulary) == 2
    (kept / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match=r"near holds other things too \(thesis.txt\)"):
        other.save(kept, force=True)


def edit(folder, **changes):
    file = folder / "cooccurrence.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "jari.corpus"}, 'does not say "format": "jari.cooccurrence": this is not a matrix of co-occ'),
        ({"version": 2, "library": "jari 9.0"}, "is of format version 2, written by jari 9.0; this library reads"),
        ({"version": True}, "has format version True, which is no version"),
        ({"files": {"../../secret": {"bytes": 1, "sha256": ""}}}, "its entry of files is not that of indptr.npy"),
        ({"window": 0}, "window is 0. It is damaged or was edited"),
        ({"window": "5"}, "window is '5'. It is damaged"),
        ({"weighting": "linear"}, "weighting is 'linear'. It is damaged"),
        ({"symmetric": 1}, "symmetric is 1. It is damaged"),
        ({"statistics": None}, "statistics is None. It is damaged"),
    ],
)
def test_what_cooccurrence_json_must_say(kept, changes, message):
    edit(kept, **changes)
    with pytest.raises(BadFile, match=message):
        Cooccurrence.open(kept)


@pytest.mark.parametrize("name", ["indptr.npy", "indices.npy", "data.npy", "sums.npy", "keys.arrow"])
def test_files_that_are_cut_changed_or_gone(kept, name):
    file = kept / name
    raw = file.read_bytes()
    file.write_bytes(raw[:-3])
    with pytest.raises(BadFile, match=rf"{name} should have \d+ bytes and has \d+: it is cut short"):
        Cooccurrence.open(kept)
    file.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    with pytest.raises(BadFile, match=f"{name} does not match its checksum"):
        Cooccurrence.open(kept, verify=True)
    file.unlink()
    with pytest.raises(BadFile, match=f"{name} is not there"):
        Cooccurrence.open(kept)
    other = kept.parent / "elsewhere"
    other.write_bytes(raw)
    file.symlink_to(other)
    with pytest.raises(BadFile, match=f"{name} is not there, or is no plain file"):
        Cooccurrence.open(kept)


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("indptr.npy", np.array([0, 18, 3, 4, 5, 6, 7, 18]), "do not belong together"),
        ("indptr.npy", np.arange(8), "do not belong together"),
        ("indptr.npy", np.zeros(0, np.int64), "do not belong together"),
        ("sums.npy", np.zeros(6), "do not belong together"),
        ("data.npy", np.zeros(18), r"data.npy holds float64 of shape \(18,\), not a row of float32"),
        ("indices.npy", np.full(18, 7, np.int32), "holds numbers that no key has"),
    ],
)
def test_arrays_that_do_not_fit(kept, name, array, message):
    np.save(kept / name, array)
    about = json.loads((kept / "cooccurrence.json").read_text())
    raw = (kept / name).read_bytes()
    about["files"][name] = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    edit(kept, files=about["files"])
    with pytest.raises(BadFile, match=message):
        Cooccurrence.open(kept, verify=True)


def test_what_is_no_such_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no folder"):
        Cooccurrence.open(tmp_path / "missing")
    (tmp_path / "file").write_text("text")
    with pytest.raises(BadFile, match="file is a file, and a matrix of co-occurrences is a folder"):
        Cooccurrence.open(tmp_path / "file")
    with pytest.raises(BadFile, match=r"has no cooccurrence.json: it is not a matrix of co-occurrences"):
        Cooccurrence.open(tmp_path)
    (tmp_path / "cooccurrence.json").write_text("[" * 100_000)
    with pytest.raises(BadFile, match=r"cooccurrence.json is not JSON"):
        Cooccurrence.open(tmp_path)
