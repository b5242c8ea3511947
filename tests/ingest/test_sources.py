"""What a person can point at."""

import pathlib

import pytest

from jari import encode
from jari.ingest.sources import find


def named(source, **options):
    found = find(source, column=None, errors="strict", **options)
    return [pathlib.Path(one.name).name for one in found.sources], found.skipped


@pytest.fixture
def folder(tmp_path):
    for name in ("b.txt", "a.txt.gz", "notes.md", "wiki_00", "photo.jpg", ".hidden.txt", "inner/c.txt", ".git/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("some text")
    return tmp_path


def test_a_file(folder):
    assert named(folder / "b.txt") == (["b.txt"], 0)
    assert named(str(folder / "photo.jpg")) == (["photo.jpg"], 0)  # asked for by name


def test_a_folder_gives_its_text_sorted(folder):
    assert named(folder) == (["a.txt.gz", "b.txt", "c.txt", "notes.md", "wiki_00"], 2)


def test_a_glob_gives_what_matches_sorted(folder):
    assert named(f"{folder}/*.txt") == (["b.txt"], 0)
    assert named(f"{folder}/**/*.txt") == (["b.txt", "c.txt"], 0)


def test_a_file_may_have_a_name_like_a_glob(tmp_path):
    (tmp_path / "a[1].txt").write_text("text")
    assert named(tmp_path / "a[1].txt") == (["a[1].txt"], 0)


def test_lists_of_paths_keep_their_order(folder):
    assert named([folder / "wiki_00", str(folder / "b.txt"), folder / "inner"])[0] == ["wiki_00", "b.txt", "c.txt"]
    assert named([pathlib.Path("-")])[0] == ["standard input"]
    assert named("-")[0] == ["standard input"]


@pytest.mark.parametrize(
    "sentences", [["a sentence", "word"], ("to be", "or not"), iter(["word", "word"]), [["token"]], {"a b": 1}]
)
def test_sentences(sentences):
    assert named(sentences)[0] == ["the sentences given"]


def test_arrow_strings():
    pa = pytest.importorskip("pyarrow")
    with encode(pa.chunked_array([["a b"], ["b"]]), min_count=1) as corpus:
        assert list(corpus.vocabulary) == ["b", "a"]


@pytest.mark.parametrize("given", ["missing.txt", pathlib.Path("missing.txt"), ["missing.txt"], ["a.txt", "b.txt"]])
def test_what_is_not_there(tmp_path, monkeypatch, given):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(FileNotFoundError, match=r"There is no file '(missing|b).txt'. Check the name"):
        encode(given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("*.text", r"No file matches '\*.text'. Check the pattern"),
        (".", r"The folder . holds no text \(.md .rst .text .tok .txt\)"),
        ([], "There are no sentences: the iterable given is empty"),
        (iter([]), "There are no sentences"),
        (None, r"There is nothing to read in None \(NoneType\). Give a path, a list of paths, or sentences"),
        (b"bytes", "There is nothing to read in b'bytes'"),
        ([b"bytes"], "Sentence 1 is b'bytes'"),
        ([1, 2], r"Sentence 1 is 1 \(int\): give strings only, or lists of strings only"),
        (["a b", None], r"Sentence 2 is None \(NoneType\)"),
        (["a b", ["c"]], r"Sentence 2 is \['c'\] \(list\)"),
        ([["a"], "b"], r"Sentence 2 is 'b' \(str\): give lists of strings only"),
        ([["a", 3]], r"A token is 3 \(int\): every token must be a string"),
        ([["a", "\ud800"]], r"The token '\\ud800' holds half a surrogate pair"),
        (["a b", "c \ud800"], r"Sentence 2 holds half a surrogate pair, '\\ud800' at character 2"),
    ],
)
def test_what_cannot_be_read(tmp_path, monkeypatch, given, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=message):
        encode(given, min_count=1)


def test_half_a_surrogate_pair_can_be_read_over():
    with encode(["a b\ud800c", "\udc80d a"], min_count=1, errors="replace") as corpus:
        assert list(corpus.vocabulary) == ["a", "b", "c", "d"]
        assert corpus.statistics["bytes_replaced"] == 4


def test_an_error_of_the_iterable_comes_through():
    def sentences():
        yield "a b"
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        encode(sentences())
