from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("lancedb")

TEXTS = {
    "farm/cow.md": "# Cows\n\nA cow in the barn. " + "Much else is said here, of no concern. " * 40 + "Milk of a cow.",
    "farm/barn.txt": "The barn.",
    "sea/ship.txt": "A ship on a wave.",
    "sea/korea.txt": "바다는 넓다.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of two topics, in passages of twenty words."""
    from jari.embedding import Embedding
    from jari.ingest.documents import SourceDocument
    from jari.ingest.markup import markdown
    from jari.search.collection import Collection
    from jari.search.encoder import pooled
    from jari.search.indexing import index

    folder = tmp_path_factory.mktemp("search")
    vectors = {
        "cow": [1, 0, 0.1], "barn": [1, 0.1, 0], "milk": [0.9, 0, 0], "cattle": [1, 0, 0.05],
        "ship": [0, 1, 0.1], "wave": [0, 1, 0], "바다는": [0, 1, 0.2], "zebra": [0, 0, 1],
    }  # fmt: skip
    Embedding(list(vectors), list(vectors.values())).save(folder / "wiki.jari")
    place = folder / "library"
    with Collection.create(place, pooled(folder / "wiki.jari")) as made:
        documents = []
        for number, (name, source) in enumerate(TEXTS.items()):
            found = markdown(source)
            fields = {"year": 1990 + number, **({"title": found.title} if found.title else {})}
            documents.append(SourceDocument(name, found.text, fields))
        index(made, documents, passage_words=20, overlap=0)
    return place


def found(result: Any) -> list[str]:
    return [json.loads(line)["source"] for line in result.stdout.splitlines()]


def test_the_best_documents(run: Any, library: Path) -> None:
    result = run("search", library, "cattle", "-k", 2)
    assert result.exit_code == 0, result.stderr
    first, snippet, _, second = result.stdout.splitlines()[:4]
    assert first.split()[:3] == ["1", "farm/cow.md", "Cows"]
    assert "cow" in snippet
    assert second.split()[:2] == ["2", "farm/barn.txt"]


def test_json(run: Any, library: Path) -> None:
    result = run("search", library, "ship", "--json", "-k", 1)
    said = json.loads(result.stdout)
    assert said.pop("score") > 0
    assert said == {
        "id": "sea/ship.txt#1",
        "source": "sea/ship.txt",
        "text": "A ship on a wave.",
        "metadata": {"year": 1992, "passage": 1},
    }


@pytest.mark.parametrize("mode", ["hybrid", "vector", "text"])
def test_a_document_stands_once_and_its_passages_if_asked_for(run: Any, library: Path, mode: str) -> None:
    documents = found(run("search", library, "cow", "--json", "--mode", mode, "-k", 3))
    assert len(documents) == len(set(documents)) >= 1
    assert documents[0] == "farm/cow.md"
    passages = found(run("search", library, "cow", "--json", "--mode", mode, "-k", 3, "--passages"))
    assert passages.count("farm/cow.md") >= 2


def test_more_passages_are_asked_for_until_there_are_enough_documents(run: Any, library: Path) -> None:
    assert len(found(run("search", library, "cow", "--json", "--mode", "vector", "-k", 4))) == 4


@pytest.mark.parametrize(
    ("where", "sources"),
    [
        (["year >= 1992"], {"sea/ship.txt", "sea/korea.txt"}),
        (["year >= 1992", "year < 1993"], {"sea/ship.txt"}),
        (["title = Cows"], {"farm/cow.md"}),
    ],
)
def test_where(run: Any, library: Path, where: list[str], sources: set[str]) -> None:
    options = [arg for condition in where for arg in ("--where", condition)]
    assert set(found(run("search", library, "cow ship", "--json", *options))) == sources


def test_korean_is_found_and_marked_with_what_is_appended(run: Any, library: Path) -> None:
    assert "바다는 넓다." in run("search", library, "바다는", "--mode", "text").stdout


def test_words_need_no_quotes(run: Any, library: Path) -> None:
    assert found(run("search", library, "a", "ship", "--json", "-k", 1)) == ["sea/ship.txt"]


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["zyxw", "--mode", "text"], 0, "Nothing found for 'zyxw'. Try --mode hybrid."),
        (["cow", "--where", "year > 2100"], 0, "Nothing found for 'cow' where year > 2100."),
        (["cow", "--where", "yaer > 2100"], 1, "There is no field 'yaer'. Did you mean 'year'?"),
        (["cow", "--where", "year >"], 1, "Cannot read where="),
        (["zyxw", "--mode", "vector"], 1, "The encoder knows no word of the query: 'zyxw'"),
        (["?!"], 1, "There is no word in the query"),
        (["cow", "--mode", "best"], 2, "Invalid value for '--mode'"),
        (["cow", "--mode", "text", "--hybrid"], 2, "Invalid value for '--hybrid': there is --mode text too"),
        (["cow", "-k", "0"], 2, "Invalid value for '--k'"),
        ([], 2, "Missing argument 'QUERY"),
    ],
)
def test_bad_input_and_empty_answers(run: Any, library: Path, args: list[str], status: int, said: str) -> None:
    result = run("search", library, *args)
    assert said in result.stderr
    assert (result.exit_code, result.stdout) == (status, "")
    assert "unexpected" not in result.stderr


def test_a_place_without_a_library(run: Any, tmp_path: Path) -> None:
    result = run("search", tmp_path / "nowhere", "cow")
    assert result.exit_code == 1
    assert "There is no collection at" in result.stderr
    assert "jari index" in result.stderr


def test_control_characters_do_not_reach_the_terminal(run: Any, tmp_path: Path, royal: Path) -> None:
    (tmp_path / "\x1b[2J.txt").write_text("king \x1b[31m queen")
    assert run("index", tmp_path / "\x1b[2J.txt", "--with", royal, "-o", tmp_path / "library").exit_code == 0
    result = run("search", tmp_path / "library", "king")
    assert result.exit_code == 0, result.stderr
    assert "\x1b" not in result.stdout
    assert "king  [31m queen".replace("  ", " ") in result.stdout
