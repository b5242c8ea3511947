import json
import subprocess
import sys
import threading
import time
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.store import DIM, HOSTILE, StoreContract, meets, record, unit
from jari.errors import BadFile, BadInput, FileIsThere
from jari.search.stores.bm25 import bm25
from jari.search.stores.lancedb_store import LanceStore
from jari.search.stores.lock import locked
from jari.search.stores.sql import all_of, literal
from jari.search.where import Condition

ABOUT = {"dim": DIM, "fields": {"lang": "text", "year": "number"}}


class TestLanceStore(StoreContract):
    @pytest.fixture
    def place(self, tmp_path):
        return str(tmp_path / "library")


@pytest.fixture
def store(tmp_path):
    made = LanceStore(tmp_path / "library")
    made.describe(ABOUT)
    return made


# ── statements


@given(st.lists(st.text() | st.sampled_from(HOSTILE), min_size=2, max_size=9, unique=True))
@settings(max_examples=15)
@example(["'", "''", "\\'", "' OR true --", "\0", "a\0b"])
def test_no_text_is_more_than_a_text(tmp_path_factory, texts):
    store = LanceStore(tmp_path_factory.mktemp("lance") / "library")
    store.describe(ABOUT)
    store.write([record(one, one, lang=one, terms=[one]) for one in texts], replace=False)
    for one in texts:
        assert [hit.text for hit in store.get([one])] == [one]
        assert store.count([meets("lang", "=", one)]) == store.count([meets("lang", "in", one)]) == 1
        assert [hit.id for hit in store.matching([one], 9)] == [one]
    assert store.delete(texts[:1]) == 1
    assert store.count() == len(texts) - 1


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**1000), 2**1000))
@example(-0.0)
def test_a_number_is_itself_as_sql(number):
    assert float(literal(number)) == float(number)
    assert literal(number) != "-0.0"


def test_what_is_no_condition_is_refused():
    with pytest.raises(BadInput, match="There is no field 'f0; DROP'"):
        all_of([Condition("f0; DROP", "number", "=", (1,))], {"year": "f0"})
    with pytest.raises(BadInput, match="There is no operator 'OR 1='"):
        all_of([Condition("year", "number", "OR 1=", (1,))], {"year": "f0"})


# ── the folder


def test_it_keeps_to_its_folder(store, tmp_path):
    store.write([record("../../x", "x", source="/etc")], replace=False)
    store.tidy()
    assert [entry.name for entry in tmp_path.iterdir()] == ["library"]
    names = sorted(entry.name for entry in (tmp_path / "library").iterdir())
    assert names[:2] == ["collection.json", "lock"]
    assert names[2].startswith("records-")
    assert len(names) == 3


def test_what_others_keep_there_stays(tmp_path):
    (tmp_path / "mine.lance").mkdir()
    with pytest.raises(FileIsThere, match=r"holds other things \(mine\.lance\)"):
        LanceStore(tmp_path).describe(ABOUT)


def test_a_describe_that_was_killed_is_begun_again(store, tmp_path):
    store.write([record("old")], replace=False)
    (tmp_path / "library" / "collection.json").unlink()  # the table is there, and what it is of is not
    again = LanceStore(tmp_path / "library")
    assert again.about() is None
    again.describe(ABOUT)
    assert again.count() == 0
    assert len(list((tmp_path / "library").glob("*.lance"))) == 1


def test_a_column_that_nobody_wrote_down_is_made_again(store, tmp_path):
    file = tmp_path / "library" / "collection.json"
    before = file.read_text()
    store.write([record("a", year=1)], replace=False)
    store.describe({**ABOUT, "fields": {**ABOUT["fields"], "new": "text"}})
    file.write_text(before)  # as if killed between the column and the file
    again = LanceStore(tmp_path / "library")
    again.describe({**ABOUT, "fields": {**ABOUT["fields"], "other": "number"}})
    again.write([record("b", other=2.5)], replace=False)
    assert again.count([meets("other", ">", 2)]) == again.count([meets("year", "=", 1)]) == 1


def test_before_it_is_made(tmp_path):
    with pytest.raises(BadInput, match=r"There is no collection in .* yet"):
        LanceStore(tmp_path / "nowhere").count()
    with pytest.raises(BadInput, match=r"There is no collection in .* yet"):
        LanceStore(tmp_path / "nowhere").write([record("a")], replace=False)


def test_versions_that_are_gone_trouble_nobody_who_looks_later(store, tmp_path, monkeypatch):
    monkeypatch.setattr("jari.search.stores.lancedb_store._KEEP", timedelta(milliseconds=1))
    store.write([record("a", terms=["t"])], replace=False)
    other = LanceStore(tmp_path / "library")
    assert other.count() == 1
    store.write([record("b", terms=["t"])], replace=False)
    store.tidy()
    store.write([record("c", terms=["t"])], replace=False)
    time.sleep(0.01)
    versions = set((tmp_path / "library").rglob("*.manifest"))  # tidying may make some that are not old enough to go
    store.tidy()
    assert not versions & set((tmp_path / "library").rglob("*.manifest"))
    assert other.count() == len(other.matching(["t"], 9)) == 3


def test_a_table_that_is_damaged_is_said(store, tmp_path):
    store.write([record("a", vector=unit(1, 0, 0, 0))], replace=False)
    for file in (tmp_path / "library").rglob("*.manifest"):
        file.write_bytes(b"noise")
    with pytest.raises(BadFile, match=r"library cannot be read"):
        LanceStore(tmp_path / "library").count()


def test_a_folder_that_cannot_be_written_is_said(tmp_path, store, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    table = store._open(store._there())
    monkeypatch.setattr(type(table), "add", full)
    with pytest.raises(BadFile, match=r"library cannot be written: .*No space left"):
        store.write([record("a")], replace=False)


def test_many_small_writes_are_merged(store, tmp_path):
    for at in range(20):
        store.write([record(f"{at}", vector=unit(1, at, 0, 0))], replace=False)
    table = store._open(store._there())
    assert table.stats()["fragment_stats"]["num_fragments"] == 20
    store.tidy()
    assert store._open(store._there()).stats()["fragment_stats"]["num_fragments"] == 1
    assert [hit.id for hit in store.nearest(unit(1, 0, 0, 0), 2)] == ["0", "1"]


def test_exact_metadata_is_beside_the_columns(store):
    store.write([record("a", year=2**60 + 1)], replace=False)
    row = store._open(store._there()).search().to_list()[0]
    assert json.loads(row["metadata"]) == {"year": 2**60 + 1}
    assert row["f1"] == float(2**60)


# ── the lock


def test_a_dead_process_holds_no_lock(tmp_path):
    code = (
        "import sys, time, pathlib; from jari.search.stores.lock import locked\n"
        "with locked(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, tmp_path / "lock"], stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"held\n"
        child.kill()
    with locked(tmp_path / "lock"):
        pass


# ── BM25


def test_bm25_by_hand():
    import pyarrow as pa

    words = pa.array([["a", "b"], ["a"], ["c", "a"]])
    counts = pa.array([[1, 1], [2], [1, 3]])
    scores = bm25(["a", "c", "a"], words, counts, [2, 2, 4], records=4, mean=2.0)
    rare, common = np.log(1 + 3.5 / 1.5), 2 * np.log(1 + 1.5 / 3.5)  # asked for twice
    expected = [
        common * 2.2 / (1 + 1.2),
        common * 2 * 2.2 / (2 + 1.2),
        common * 3 * 2.2 / (3 + 1.2 * 1.75) + rare * 2.2 / (1 + 1.2 * 1.75),
    ]
    np.testing.assert_allclose(scores, expected)


# ── threads


def test_threads_share_an_instance(store):
    store.write([record("a", "0", vector=unit(1, 0, 0, 0), terms=["t"], year=0)], replace=False)
    failures = []

    def look():
        try:
            for _ in range(20):
                for hit in store.matching(["t"], 9) + store.nearest(unit(1, 0, 0, 0), 9) + store.get(["a"]):
                    assert hit.text == str(hit.metadata["year"])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for version in range(1, 15):
        store.write(
            [record("a", f"{version}", vector=unit(1, 0, 0, 0), terms=["t"], year=version)], replace=True, sources=["x"]
        )
    for thread in threads:
        thread.join()
    assert failures == []
