"""Which files are read: folders, globs, links, hidden files."""

import os

import pytest

from jari.errors import BadInput, NoSuchFile
from jari.ingest.listing import listed, name_of


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a bit of everything, and within it."""
    for name in ["a.md", "b/c.txt", "b/README", "b/.git/config", ".hidden", "pic.png", "t.csv", "d/e.html.gz"]:
        path = tmp_path / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("text")
    (tmp_path / "docs" / "loop").symlink_to("..")
    (tmp_path / "docs" / "link.md").symlink_to("a.md")
    os.mkfifo(tmp_path / "docs" / "pipe.txt")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kinds_of(found):
    return {file.path: file.kind for file in found.files}


def test_a_folder(here):
    found = listed(["docs"], tables=False)
    assert kinds_of(found) == {
        "docs/a.md": "markdown", "docs/b/README": "text", "docs/b/c.txt": "text", "docs/d/e.html.gz": "html",
    }  # fmt: skip
    assert +found.passed_over == {"hidden": 2, "links": 2, ".png": 1, "tables": 1, "special": 1}
    assert not any(file.named for file in found.files)
    assert "docs/t.csv" in kinds_of(listed(["docs"], tables=True))


def test_what_is_given_itself_is_read_whatever_it_is(here):
    found = listed(["docs/pic.png", "docs/link.md", "docs/.hidden"], tables=False)
    assert kinds_of(found) == {"docs/pic.png": "text", "docs/link.md": "markdown", "docs/.hidden": "text"}
    assert all(file.named for file in found.files)


def test_each_file_once(here):
    assert len(listed(["docs", "docs/a.md", "./docs//b", str(here / "docs")], tables=False).files) == 4


def test_a_glob(here):
    found = listed(["docs/*.*"], tables=False)
    assert set(kinds_of(found)) >= {"docs/a.md", "docs/pic.png"}
    assert not any(file.named for file in found.files)
    assert found.passed_over["tables"] == 1
    place = str(here / "docs" / "gone.md")
    assert found.covers(place)
    assert not found.covers(str(here / "gone.md"))
    assert not found.covers(str(here / "docs" / "gone"))


def test_a_folder_whose_name_looks_like_a_glob(here):
    (here / "x[1]").mkdir()
    (here / "x[1]" / "a.txt").write_text("text")
    found = listed(["x[1]"], tables=False)
    assert list(kinds_of(found)) == ["x[1]/a.txt"]
    assert not found.covers(str(here / "x1"))


def test_what_roots_cover(here):
    found = listed(["docs/b"], tables=False)
    assert found.covers(str(here / "docs" / "b" / "gone.txt"))
    assert not found.covers(str(here / "docs" / "bb" / "gone.txt"))


def test_a_folder_that_cannot_be_read(here, monkeypatch):
    scandir = os.scandir

    def refused(path):
        if str(path) == "docs/b":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    found = listed(["docs"], tables=False)
    assert [str(skipped) for skipped in found.skipped] == ["docs/b: Permission denied"]
    assert [skipped.named for skipped in found.skipped] == [False]
    assert kinds_of(found).keys() == {"docs/a.md", "docs/d/e.html.gz"}


@pytest.mark.parametrize(
    ("paths", "error", "message"),
    [
        (["nowhere"], NoSuchFile, "There is no file or folder 'nowhere'"),
        (["docs/*.doc"], BadInput, r"No file matches 'docs/\*.doc'"),
        (["-"], BadInput, "A document needs a name, and standard input has none"),
        ([""], BadInput, "'' is no path"),
        (["a\0b"], BadInput, "is no path"),
        (["t.csv"], BadInput, r"t.csv is a table: say which column .* \(--text-column\); it has 'a', 'b'"),
    ],
)
def test_what_cannot_be(here, paths, error, message):
    (here / "t.csv").write_text("a,b\n1,2\n")
    with pytest.raises(error, match=message):
        listed(paths, tables=False)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("./a//b/../c.md", "a/c.md"),
        ("../a", "../a"),
        ("/x/y", "/x/y"),
        ("e\u0301.md", "é.md"),
        (os.fsdecode(b"caf\xe9.txt"), "caf\\xe9.txt"),
    ],
)
def test_names(path, name):
    assert name_of(path) == name
