import shutil
import subprocess
import sys

import numpy as np
import pytest

import jari
from jari.errors import BadFile, BadInput, FileIsThere, NoSuchFile
from jari.search.collection import Collection, Written
from jari.search.encoder import pooled
from jari.search.records import Document

DOCUMENTS = [
    ("cats", "cat cat sat", {"year": 1999, "lang": "en"}),
    ("kittens", "kitten sat", {"year": 2003, "lang": "ko"}),
    ("dogs", "dog", {"year": 2010, "done": True}),
    ("star", "sun shone", {}),
]


@pytest.fixture
def place(tmp_path):
    return tmp_path / "library"


@pytest.fixture
def library(place, toy):
    with Collection.create(place, toy) as made:
        made.add(DOCUMENTS)
        yield made


def ids(hits):
    return [hit.id for hit in hits]


# ── making and opening


def test_what_is_made_can_be_opened(place, toy, library):
    with Collection.open(place, toy) as again:
        assert len(again) == 4
        assert again.dim == 3
        assert again.about == library.about
        assert again.about["encoder"] == toy.describe()
        assert again.fields == {"year": "number", "lang": "text", "done": "boolean"}
        assert ids(again.search("kitten", k=2)) == ["kittens", "cats"]


def test_an_empty_collection(place, toy):
    with Collection.create(place, toy) as made:
        assert len(made) == 0
        assert made
        assert made.fields == made.digests() == {}
        for mode in "vector", "text", "hybrid":
            assert made.search("cat", mode=mode) == []
        assert made.add([]) == made.upsert([]) == Written(0)
        assert repr(made) == f"Collection({str(place)!r}, dim=3, fields=[])"


def test_there_is_no_collection(tmp_path, toy):
    with pytest.raises(NoSuchFile, match=r"There is no collection at .*nowhere: make one with Collection\.create"):
        Collection.open(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match="is a file: a collection is a folder"):
        Collection.open(tmp_path / "file")


def test_nothing_is_replaced_unasked(place, toy, library):
    with pytest.raises(FileIsThere, match=r"There is a collection at .*library already\. Pass force=True"):
        Collection.create(place, toy)
    assert len(library) == 4
    with Collection.create(place, toy, force=True) as new:
        assert len(new) == 0
        assert new.fields == {}
        new.add([("a", "cat", {"year": "a text now"})])
        assert ids(new.search("cat")) == ["a"]


def test_another_folder_is_left_alone(tmp_path, toy, wiki):
    for folder in tmp_path, wiki:
        before = sorted(folder.iterdir())
        for force in False, True:
            with pytest.raises(FileIsThere, match=r"holds other things \(.*\): give a folder of its own"):
                Collection.create(folder, toy, force=force)
        assert sorted(folder.iterdir()) == before


# ── the encoder


def test_another_encoder_is_refused(place, toy, library):
    other = type(toy)("other.jari", {"cat": [0, 1, 0]})
    mine, theirs = (one.describe()["checksum"][:12] for one in (toy, other))
    with pytest.raises(BadInput, match=rf"made with toy\.jari \(checksum {mine}\); other\.jari \(checksum {theirs}\)"):
        Collection.open(place, other)
    with Collection.open(place, type(toy)("moved/toy.jari")) as moved:
        assert ids(moved.search("cat", k=1)) == ["cats"]


def test_the_encoder_that_is_named_is_opened(place, encoder):
    with Collection.create(place, encoder) as made:
        made.add([("a", "A cat!"), ("b", "The dog?")])
    with Collection.open(place) as again:
        assert ids(again.search("Kitten", k=1)) == ["a"]
        assert again.encoder.describe() == encoder.describe()
        assert again.add([("c", "Puppy")]) == Written(1)


def test_the_encoder_is_gone(place, encoder, wiki, tmp_path):
    with Collection.create(place, encoder) as made:
        made.add([("a", "A cat!"), ("b", "The dog?")])
    wiki.rename(tmp_path / "moved.jari")
    with Collection.open(place) as again:
        assert ids(again.search([1, 0, 0], k=1)) == ["a"]
        assert ids(again.search(["cat"], mode="text")) == ["a"]
        assert ids(again.get(["b"])) == ["b"]
        assert again.delete(["b"]) == 1
        for act in (
            lambda: again.search("cat"),
            lambda: again.search("cat", mode="hybrid"),
            lambda: again.add([("c", "cat")]),
        ):
            with pytest.raises(NoSuchFile, match=r"wiki\.jari.* if it is elsewhere now, pass encoder="):
                act()
    with Collection.open(place, pooled(tmp_path / "moved.jari")) as again:
        assert ids(again.search("cat", k=1)) == ["a"]


def test_full_text_needs_the_tokenizer_only(place, library, monkeypatch):
    def gone(description):
        raise NoSuchFile("There is no toy.jari.")

    monkeypatch.setattr("jari.search.collection.open_encoder", gone)
    with Collection.open(place) as again:
        assert ids(again.search("sat", mode="text", k=1)) == ["kittens"]


def test_another_encoder_is_where_the_first_was(place, encoder, wiki):
    with Collection.create(place, encoder) as made:
        made.add([("a", "A cat!")])
    jari.Embedding(["cat"], [[0, 1, 0]]).save(wiki, force=True)
    with Collection.open(place) as again, pytest.raises(BadInput, match=r"another encoder"):
        again.search("cat")


def test_a_collection_that_another_takes_the_place_of(place, toy, library):
    other = type(toy)("other.jari", {"cat": [0, 1, 0]})
    with Collection.create(place, other, force=True):
        for act in lambda: library.search("cat"), lambda: library.add([("a", "cat")]), lambda: library.fields:
            with pytest.raises(
                BadInput, match=r"was made anew with another encoder since it was opened: open it again"
            ):
                act()
    shutil.rmtree(place)
    with pytest.raises(BadInput, match=r"was deleted since it was opened"):
        library.search("cat")


def test_an_encoder_that_goes_wrong_writes_nothing(library, toy):
    for vectors, said in (
        (np.full((1, 3), np.nan), "made a vector with NaN of the text 'cat'"),
        (np.ones((1, 2)), r"made vectors of shape \(1, 2\) from 1 texts"),
    ):
        toy.vectors = lambda texts, vectors=vectors: vectors
        with pytest.raises(BadInput, match=said):
            library.add([("new", "cat")])
    assert len(library) == 4


# ── documents


def test_any_kind_of_document(library):
    given = [
        Document("d", "cat", {"year": 1, "gone": None}, "source", "digest"),
        {"id": "m", "text": "cat"},
        {"id": "n", "text": "cat", "metadata": {"year": np.int64(7)}, "source": "s"},
        ("t", "cat"),
        ("u", "cat", {"lang": "en"}),
    ]
    assert library.add(iter(given)) == Written(5)
    hits = library.get(["d", "m", "n", "t", "u"])
    assert [hit.metadata for hit in hits] == [{"year": 1}, {}, {"year": 7}, {}, {"lang": "en"}]
    assert [hit.source for hit in hits] == ["source", "m", "s", "t", "u"]
    assert "gone" not in library.fields
    assert library.digests()["source"] == "digest"


def test_documents_without_a_known_word_are_kept_and_said(library):
    given = [("x", "unheard of"), ("e", ""), ("b", " \n"), ("z", "nothing"), ("k", "cat unheard")]
    assert library.add(given) == Written(5, unknown=("x", "z"), empty=("e", "b"))
    assert len(library) == 9
    assert set(ids(library.search("cat", k=99))) == {"cats", "kittens", "dogs", "star", "k"}
    assert ids(library.search("of", mode="text")) == ["x"]
    assert [hit.text for hit in library.get(["e", "b"])] == ["", " \n"]


def test_vectors_are_at_unit_length(library):
    assert library.search("cat cat cat", k=1)[0].score == pytest.approx(1, abs=1e-6)
    library.upsert([("tiny", "speck")])
    library.encoder.meanings = {"speck": [1e-30, 0, 0], "giant": [3e38, 3e38, 0]}
    assert library.upsert([("tiny", "speck"), ("giant", "giant")]) == Written(2)
    assert library.search([1e-300, 0, 0], k=1)[0].score == pytest.approx(1, abs=1e-6)


def test_an_id_that_is_there(library):
    with pytest.raises(BadInput, match=r"The id 'dogs' is there already"):
        library.add([("new", "cat"), ("dogs", "cat"), ("newer", "cat")])
    with pytest.raises(BadInput, match=r"The id 'a' stands twice, in documents 0 and 2"):
        library.add([("a", "cat"), ("b", "cat"), ("a", "dog")])
    with pytest.raises(BadInput, match=r"The id 'a' stands twice"):
        library.upsert([("a", "cat"), ("a", "dog")])
    assert len(library) == 4


def test_upsert_replaces(library):
    assert library.upsert([("dogs", "cat", {"year": 5}), ("new", "dog")]) == Written(2)
    assert len(library) == 5
    assert library.get(["dogs"])[0].metadata == {"year": 5}
    assert ids(library.search("dog", mode="text")) == ["new"]


def test_passages_of_a_changed_source_are_replaced(library):
    library.upsert([Document(f"s#{at}", "cat", {}, "s", "1") for at in range(3)], replacing=["s"])
    library.upsert([Document("s#0", "dog", {}, "s", "2")], replacing=["s"])
    assert ids(library.get(["s#0", "s#1", "s#2"])) == ["s#0"]
    assert library.digests() == {"s": "2", "cats": "", "kittens": "", "dogs": "", "star": ""}
    assert library.upsert([], replacing=["s"]) == Written(0)
    assert "s" not in library.digests()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("cats", r"Give a list of documents, not one str"),
        (Document("a", "b"), r"not one Document"),
        ({"a": "b"}, r"not one dict"),
        (["cats"], r"Document 0 is a str: give Document\(id, text\)"),
        ([("a",)], r"Document 0 is a tuple"),
        ([{"id": "a"}], r"Document 0 lacks 'id' or 'text'"),
        ([{"id": "a", "text": "b", "year": 3}], r"Document 0 has 'year': it has 'id' and 'text', and fields under"),
        ([(7, "text")], r"Document 0 has id=7, of type int: give a string"),
        ([("a", None)], r"Document 0 has text=None, of type NoneType"),
        ([("a", b"bytes")], r"text=b'bytes', of type bytes"),
        ([("a", "x", 3)], r"Document 'a' has metadata=3: give a mapping"),
        ([("a", "\ud83d")], r"'text' of document 0 holds half of a surrogate pair at character 0"),
        ([("ok", "x"), ("\udc80", "x")], r"'id' of document 1 holds half"),
        ([("a", "x", {"f": "\ud83d"})], r"'f' of document 'a' holds half"),
        ([("a", "x", {"\ud83d": 1})], r"name of a field of document 'a' holds half"),
        ([("a", "x", {3: 1})], r"Document 'a' has the field 3: names of fields are strings"),
        ([("a", "x", {"f": [1]})], r"Document 'a' has 'f' of type list: a field is a text, a number or a boolean"),
        ([("a", "x", {"f": float("nan")})], r"'f' cannot be nan"),
        ([("a", "x", {"f": float("-inf")})], r"'f' cannot be -inf"),
        ([("a", "x", {"f": 10**400})], r"'f' cannot be 1000"),
        ([("a", "x", {"year": "MCM"})], r"'year' = 'MCM', a text; the field is of type number in this collection"),
        ([("a", "x", {"year": True})], r"'year' = True, a boolean; the field is of type number"),
        ([("a", "x", {"new": 1}), ("b", "x", {"new": "1"})], r"'b' has 'new' = '1', a text; .* number"),
    ],
)
def test_what_is_no_document_is_said(library, given, said):
    for act in library.add, library.upsert:
        with pytest.raises(BadInput, match=said):
            act(given)
    assert len(library) == 4
    assert library.fields == {"year": "number", "lang": "text", "done": "boolean"}


@pytest.mark.parametrize("act", ["get", "delete"])
def test_ids_are_a_list_of_strings(library, act):
    with pytest.raises(BadInput, match=r"Give a list of ids, not one string \('cats'\)"):
        getattr(library, act)("cats")
    with pytest.raises(BadInput, match=r"3 is a int: ids are strings"):
        getattr(library, act)([3])
    with pytest.raises(BadInput, match=r"not one string"):
        library.upsert([], replacing="cats")


def test_two_that_add_fields(place, toy, library):
    with Collection.open(place, toy) as other:
        other.add([("o", "cat", {"theirs": 1})])
        library.add([("m", "cat", {"mine": "x"})])
        assert library.fields == other.fields
        assert other.count({"mine": "x", "lang": "x"}) == 0
        assert library.count("theirs = 1") == other.count("mine = x") == 1
        with pytest.raises(BadInput, match="'mine' = 1, a number; the field is of type text"):
            other.add([("p", "cat", {"mine": 1})])


# ── searching


def test_each_mode(library):
    library.add([("purr", "sat purring sat"), ("old", "cat unheard")])
    assert ids(library.search("kitten", k=3))[0] == "kittens"
    assert ids(library.search("purring", mode="text")) == ["purr"]
    assert ids(library.search("cat purring", mode="text")) == ["purr", "cats", "old"]
    found = library.search("cat purring", k=3, mode="hybrid")
    assert set(ids(found)) == {"cats", "old", "purr"}
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert found[0].id == "cats"  # second by text, and one of the two nearest
    assert found[0].score == pytest.approx(2 / 62 + 1 / 61) or found[0].score == pytest.approx(2 / 62 + 1 / 62)


def test_a_query_by_vector(library):
    assert ids(library.search(np.array([0, 0, 5.0]), k=1)) == ["star"]
    assert ids(library.search([0, 0, 1], k=1)) == ["star"]
    assert ids(library.search(np.float32([0, 1, 0]), k=1)) == ["dogs"]


def test_a_query_without_a_known_word(library):
    with pytest.raises(BadInput, match=r"knows no word of the query: 'unheard', 'of'\. .* mode='text' or 'hybrid'"):
        library.search("unheard of")
    library.add([("x", "unheard of")])
    assert ids(library.search("unheard of", mode="hybrid")) == ["x"]


@pytest.mark.parametrize(
    ("query", "options", "said"),
    [
        ("", {}, r"no word in the query ''"),
        (" ", {"mode": "hybrid"}, r"no word in the query ' '"),
        ("\ud83d", {}, r"The query holds half of a surrogate pair"),
        ("cat", {"mode": "fuzzy"}, r"no mode 'fuzzy': choose 'vector', 'text' or 'hybrid'"),
        ("cat", {"k": 0}, r"k=0: ask for a whole number"),
        ("cat", {"k": 2.5}, r"k=2.5"),
        ("cat", {"where": {"yeer": 1}}, r"no field 'yeer'\. Did you mean 'year'\? Fields: 'year', 'lang', 'done'"),
        ("cat", {"where": "year = 'x'"}, r"type number"),
        ([1, 2], {}, r"vector of shape \(2,\): this collection has vectors of 3 numbers"),
        ([[1, 2, 3]], {}, r"vector of shape \(1, 3\)"),
        ([1, np.nan, 3], {}, r"Value 1 of the query is not finite"),
        ([0, 0, 0], {}, r"vector of zeros"),
        ([1, [2], 3], {}, r"neither a text nor a vector of 3 numbers"),
        (None, {}, r"vector of shape \(\)|neither a text nor"),
        ([1, 2, 3], {"mode": "text"}, r"mode='text' looks for words"),
        ([1, 2, 3], {"mode": "hybrid"}, r"mode='hybrid' looks for words"),
        (["cat"], {}, r"A list of words was given: mode='vector' takes a text"),
        ([], {"mode": "text"}, r"looks for words"),
    ],
)
def test_what_cannot_be_asked_is_said(library, query, options, said):
    with pytest.raises(BadInput, match=said):
        library.search(query, **options)


@pytest.mark.parametrize("mode", ["vector", "text", "hybrid"])
def test_conditions_are_met_in_each_mode(library, mode):
    library.add([(f"more {at}", "cat sat", {"year": 1800 + at}) for at in range(50)])
    where = {"year": {">": 2000, "<": 2005}}
    assert ids(library.search("sat cat", where=where, mode=mode)) == ["kittens"]
    assert ids(library.search("sat cat", where="year > 2000 and lang in (ko, en)", mode=mode)) == ["kittens"]
    assert library.search("sat cat", where=["lang = ko", "lang = en"], mode=mode) == []
    assert len(library.search("sat cat", k=7, where="year < 1900", mode=mode)) == 7


def test_counting(library):
    assert library.count() == len(library) == 4
    assert library.count("year >= 2003") == library.count({"year": {">=": 2003}}) == 2
    assert library.count({"done": True}) == 1


def test_deleting(library):
    assert library.delete(["cats", "unknown"]) == 1
    assert len(library) == 3
    assert "cats" not in ids(library.search("cat"))
    library.tidy()
    assert len(library) == 3


def test_a_long_text(library):
    text = f"cat {'x' * 96} " * 100_000
    assert library.add([("long", text)]) == Written(1)
    assert library.get(["long"])[0].text == text


# ── what is damaged


def test_a_damaged_collection_is_said(place, library, toy):
    about = place / "collection.json"
    whole = about.read_text()
    for content in whole[: len(whole) // 2], "[]", "{}", "7", '{"format": 1}':
        about.write_text(content)
        with pytest.raises(BadFile, match=r"collection\.json is damaged"):
            Collection.open(place, toy)
    about.write_text(whole.replace('"format": 1', '"format": 99'))
    with pytest.raises(BadFile, match=r"format 99: a newer version of Jari wrote it"):
        Collection.open(place, toy)
    about.write_text(whole)
    (records,) = place.glob("*.lance")
    shutil.rmtree(records)
    with Collection.open(place, toy) as broken, pytest.raises(BadFile, match=r"library cannot be read"):
        len(broken)


def test_it_can_be_imported_without_any_database():
    program = (
        "import sys\n"
        "for name in 'lancedb', 'psycopg', 'pgvector', 'qdrant_client': sys.modules[name] = None\n"
        "import jari.search.collection"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_path_stands_for_the_encoder_of_an_embedding(tmp_path, wiki):
    with Collection.create(tmp_path / "shelf", wiki) as library:
        library.add([("a", "a cat")])
    with Collection.open(tmp_path / "shelf", str(wiki)) as library:
        assert ids(library.search("kitten")) == ["a"]
