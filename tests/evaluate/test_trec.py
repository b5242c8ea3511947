"""Files of queries, judgements and runs: what is read from them, and what is said of bad ones."""

from __future__ import annotations

import gzip
import json

import pytest

from jari.errors import BadEncoding, BadFile, BadInput, FileIsThere, NoSuchFile
from jari.evaluate.trec import read_judgements, read_queries, read_run, write_run


@pytest.fixture
def file(tmp_path):
    def written(text, name="file.txt"):
        place = tmp_path / name
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        return place

    return written


# ── queries


@pytest.mark.parametrize(
    "text",
    [
        "1\tflutter\n2\theat in slabs\n",
        "\ufeff1\tflutter\r\n\r\n2\t heat in slabs ",
        "query-id\ttext\n1\tflutter\n2\theat in slabs\n",
        '{"_id": "1", "text": "flutter", "metadata": {}}\n\n{"_id": "2", "text": "heat in slabs"}\n',
        '{"id": 1, "text": "flutter"}\n{"id": 2, "text": "heat in slabs"}',
    ],
)
def test_queries_as_they_come(file, text):
    assert read_queries(file(text)) == {"1": "flutter", "2": "heat in slabs"}


def test_queries_may_be_gzipped_and_in_any_script(file):
    place = file(gzip.compress("q 1\t날개의\tflutter\nid\ttext\n".encode()), "queries.tsv.gz")
    assert read_queries(place) == {"q 1": "날개의\tflutter", "id": "text"}  # a header stands first or not at all


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1\tflutter\n2 heat in slabs\n", r"file\.txt, line 2: no tab in '2 heat in slabs', where 'id<TAB>text' bel"),
        ("1\tflutter\n\n1\theat\n", "line 3: the query '1' stands here a second time"),
        ("1\t \n", "line 1: the text of the query is empty"),
        ("\tflutter\n", "line 1: the id of the query is empty"),
        ("", r"file\.txt holds no queries: each line needs an id, a tab"),
        ("id\ttext\n", "holds no queries"),
        ('{"id": "1", "text": "a"}\n{"id": "2", "text"\n', r"line 2: this is not JSON \("),
        ('{"id": "1", "text": "a"}\n["2", "b"]\n', r'line 2: no "id" \(or "_id"\) and "text"'),
        ('{"id": true, "text": "a"}', 'line 1: no "id"'),
        ('{"id": "1", "text": 5}', 'line 1: no "id"'),
        ('{"id": "1", "text": "a"}\n' + '{"a":' * 100_000, "line 2: this is not JSON"),
    ],
)
def test_bad_queries(file, text, said):
    with pytest.raises(BadFile, match=said):
        read_queries(file(text))


# ── judgements


@pytest.mark.parametrize(
    "text",
    [
        "1 0 184 2\n1 0 29 -1\n2 0 184 1\n",
        "1\t0\t184\t2\n1\tQ0\t29\t-1\n2\t0\t184\t1\n",
        "1 184 2 \n1  29\t-1\n\n2 184 1",  # as in Cranfield's
        "query-id\tcorpus-id\tscore\n1\t184\t2\n1\t29\t-1\n2\t184\t1\n",
        "1 0 184 2\n1 0 29 -1\n1 0 184 2\n2 0 184 1\n",  # the same once more
    ],
)
def test_judgements_as_they_come(file, text):
    assert read_judgements(file(text)) == {"1": {"184": 2, "29": -1}, "2": {"184": 1}}


def test_ids_may_hold_blanks_between_tabs(file):
    assert read_judgements(file("1\t0\tdocs/a b.txt\t1\n")) == {"1": {"docs/a b.txt": 1}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 0 184 2\n1 184\n", r"file\.txt, line 2: 2 columns, where 'query 0 document grade' or 'query doc.* belongs"),
        ("1 0 184 2 tag\n", "line 1: 5 columns"),
        ("1 0 184 high\n", "line 1: the grade 'high' is not a whole number"),
        ("1 0 184 1.5\n", "line 1: the grade '1.5' is not a whole number"),
        ("1 0 184 1_0\n", "the grade '1_0' is not a whole number"),
        ("1 0 184 2\n1 0 184 0\n", "line 2: query '1', document '184': grade 0, and 2 on an earlier line"),
        ("1 0 184 1\nquery-id corpus-id score\n", "line 2: the grade 'score'"),
        ("\n \n", "holds no judgements"),
    ],
)
def test_bad_judgements(file, text, said):
    with pytest.raises(BadFile, match=said):
        read_judgements(file(text))


# ── runs


def test_documents_are_ordered_by_score_then_rank_then_line(file):
    text = "1 Q0 c 3 1.0 t\n1 Q0 b 2 1.0 t\n1 Q0 e 3 1.0 t\n1 Q0 a 4 2e0 t\n2 Q0 a 1 -1 t\n"
    run = read_run(file(text))
    assert run == {"1": [("a", 2.0), ("b", 1.0), ("c", 1.0), ("e", 1.0)], "2": [("a", -1.0)]}


def test_what_was_written_is_read(tmp_path):
    run = {"1": [("docs/a b.txt", 0.1 + 0.2), ("서울", 1e-300)], "2": [("x", 3.0), ("y", 3.0)]}
    write_run(tmp_path / "run.txt", run, tag="mine")
    assert read_run(tmp_path / "run.txt") == run
    assert (tmp_path / "run.txt").read_text("utf-8").splitlines()[2] == "2\tQ0\tx\t1\t3.0\tmine"


def test_a_run_is_not_written_over_nor_by_halves(tmp_path):
    place = tmp_path / "run.txt"
    write_run(place, {"1": [("a", 1.0)]})
    with pytest.raises(FileIsThere, match="exists already"):
        write_run(place, {"1": [("b", 1.0)]})
    with pytest.raises(BadInput, match=r"'b\\nc' cannot stand in a run"):
        write_run(place, {"1": [("a", 1.0), ("b\nc", 1.0)]}, force=True)
    with pytest.raises(BadInput, match="'' cannot stand in a run"):
        write_run(place, {"": [("a", 1.0)]}, force=True)
    assert read_run(place) == {"1": [("a", 1.0)]}
    write_run(place, {"1": [("b", 1.0)]}, force=True)
    assert read_run(place) == {"1": [("b", 1.0)]}
    assert [one.name for one in tmp_path.iterdir()] == ["run.txt"]
    with pytest.raises(NoSuchFile, match="There is no folder"):
        write_run(tmp_path / "nowhere" / "run.txt", {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 Q0 a 1 9.0 t\n1 Q0 b 2 8.0\n", r"file\.txt, line 2: 5 columns, where 'query Q0 document rank score tag' b"),
        ("1 Q0 a first 9.0 t\n", "line 1: the rank 'first' is not a whole number"),
        ("1 Q0 a 1 nan t\n", "line 1: the score 'nan' is not a finite number"),
        ("1 Q0 a 1 high t\n", "line 1: the score 'high' is not a finite number"),
        ("1 Q0 a 1 9 t\n2 Q0 a 1 9 t\n1 Q0 a 2 8 t\n", "line 3: query '1': document 'a' is answered a second time"),
        ("", "holds no answers"),
    ],
)
def test_bad_runs(file, text, said):
    with pytest.raises(BadFile, match=said):
        read_run(file(text))


# ── all three


@pytest.mark.parametrize("read", [read_queries, read_judgements, read_run])
def test_files_that_are_none(tmp_path, file, read):
    with pytest.raises(NoSuchFile, match=r"nowhere\.txt does not exist"):
        read(tmp_path / "nowhere.txt")
    with pytest.raises(NoSuchFile, match="is a folder"):
        read(tmp_path)
    with pytest.raises(BadEncoding, match="line 2: byte 4"):
        read(file(b"1\ta\n\xff\tb\n"))
    with pytest.raises(BadFile, match="gzip file that cannot be read to its end"):
        read(file(gzip.compress(json.dumps(list(range(1000))).encode())[:100]))
