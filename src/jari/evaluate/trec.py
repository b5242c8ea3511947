"""The files of retrieval experiments: queries, judgements (qrels) and runs, as TREC and BEIR have them.

Files are UTF-8, plain or gzipped, with or without a byte order mark. Empty lines are passed over. Columns stand apart
by tabs, in which case ids may hold blanks, or else by blanks.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, NoReturn, TypeAlias

from jari.embedding.formats.atomic import new_file
from jari.errors import BadFile, BadInput
from jari.evaluate.text import read_lines
from jari.types import Path

Numbered: TypeAlias = tuple[int, str]  # a line with its number

_QUERY_HEADERS = {(id_, text) for id_ in ("id", "_id", "qid", "query-id", "query_id") for text in ("text", "query")}
_JUDGEMENT_HEADER = ["query-id", "corpus-id", "score"]  # BEIR's
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")


def read_queries(path: Path) -> dict[str, str]:
    r"""Read queries: ``id<TAB>text`` a line, or JSON a line with ``"id"`` (or ``"_id"``) and ``"text"``.

    Returns
    -------
    queries
        From ids to texts, in the order of the file.

    Raises
    ------
    NoSuchFile, BadEncoding
        Nothing is there; the bytes are not UTF-8.
    BadFile
        A line is neither, an id or a text is empty, an id stands twice, there are no queries. The message has the
        number of the line.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     place = FilePath(folder, "queries.tsv")
    ...     _ = place.write_text("1\tflutter of wings\n2\theat in slabs\n")
    ...     read_queries(place)
    {'1': 'flutter of wings', '2': 'heat in slabs'}
    """
    lines = list(_numbered(path))
    as_json = bool(lines) and lines[0][1].lstrip().startswith("{")
    queries: dict[str, str] = {}
    for place, line in enumerate(lines):
        query, text = _of_json(path, line) if as_json else _of_columns(path, line)
        if place == 0 and not as_json and (query.lower(), text.lower()) in _QUERY_HEADERS:
            continue
        if not query or not text:
            _bad(path, line, f"the {'text' if query else 'id'} of the query is empty")
        if query in queries:
            _bad(path, line, f"the query {query!r} stands here a second time; give each id to one query")
        queries[query] = text
    if not queries:
        raise BadFile(f"{path} holds no queries: each line needs an id, a tab, and the text.")
    return queries


def read_judgements(path: Path) -> dict[str, dict[str, int]]:
    r"""Read judgements (qrels): ``query 0 document grade`` a line, or ``query document grade``.

    A grade is a whole number, the more the better; 0 or less is "not relevant". A first line that is BEIR's header is
    passed over.

    Returns
    -------
    judgements
        From queries to documents to grades, in the order of the file.

    Raises
    ------
    NoSuchFile, BadEncoding
        Nothing is there; the bytes are not UTF-8.
    BadFile
        A line without three or four columns, a grade that is no whole number, two grades for one document, no
        judgements. The message has the number of the line.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     place = FilePath(folder, "qrels.txt")
    ...     _ = place.write_text("1 0 a 2\n1 0 b 0\n2\tc\t1\n")
    ...     read_judgements(place)
    {'1': {'a': 2, 'b': 0}, '2': {'c': 1}}
    """
    judgements: dict[str, dict[str, int]] = {}
    for place, line in enumerate(_numbered(path)):
        columns = _columns(line[1], (3, 4))
        if place == 0 and [name.lower() for name in columns] == _JUDGEMENT_HEADER:
            continue
        if len(columns) not in (3, 4):
            _bad(
                path, line, f"{len(columns)} columns, where 'query 0 document grade' or 'query document grade' belongs"
            )
        query, document, written = columns[0], columns[-2], columns[-1]
        if not _INTEGER.fullmatch(written):
            _bad(path, line, f"the grade {written!r} is not a whole number")
        grade = int(written)
        if judgements.setdefault(query, {}).setdefault(document, grade) != grade:
            before = judgements[query][document]
            _bad(path, line, f"query {query!r}, document {document!r}: grade {grade}, and {before} on an earlier line")
    if not judgements:
        raise BadFile(f"{path} holds no judgements: each line needs 'query 0 document grade'.")
    return judgements


def read_run(path: Path) -> dict[str, list[tuple[str, float]]]:
    r"""Read a run: ``query Q0 document rank score tag`` a line.

    Documents are ordered by score, as trec_eval does; those with the same score by rank, and then as they stand.

    Returns
    -------
    run
        From queries to documents with scores, the best first.

    Raises
    ------
    NoSuchFile, BadEncoding
        Nothing is there; the bytes are not UTF-8.
    BadFile
        A line without six columns, a rank that is no whole number, a score that is no finite one, a document that
        stands twice in the answers to one query, no answers. The message has the number of the line.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     place = FilePath(folder, "run.txt")
    ...     _ = place.write_text("1 Q0 b 2 8.5 jari\n1 Q0 a 1 9.0 jari\n")
    ...     read_run(place)
    {'1': [('a', 9.0), ('b', 8.5)]}
    """
    found: dict[str, dict[str, tuple[float, int]]] = {}
    for line in _numbered(path):
        columns = _columns(line[1], (6,))
        if len(columns) != 6:
            _bad(path, line, f"{len(columns)} columns, where 'query Q0 document rank score tag' belongs")
        query, _, document, rank, written, _ = columns
        if not _INTEGER.fullmatch(rank):
            _bad(path, line, f"the rank {rank!r} is not a whole number")
        score = _number(written)
        if score is None:
            _bad(path, line, f"the score {written!r} is not a finite number")
        answers = found.setdefault(query, {})
        if document in answers:
            _bad(path, line, f"query {query!r}: document {document!r} is answered a second time")
        answers[document] = score, int(rank)
    if not found:
        raise BadFile(f"{path} holds no answers: each line needs 'query Q0 document rank score tag'.")
    return {
        query: [
            (document, score)
            for document, (score, _) in sorted(answers.items(), key=lambda one: (-one[1][0], one[1][1]))
        ]
        for query, answers in found.items()
    }


def write_run(path: Path, run: Mapping[str, Any], *, tag: str = "jari", force: bool = False) -> None:
    """Write a run for trec_eval and `read_run`, with tabs between the columns; all of it or nothing.

    Parameters
    ----------
    path
        The file.
    run
        From queries to documents with scores, the best first.
    tag
        What to call it.
    force
        Replace what is there.

    Raises
    ------
    BadInput
        An id or the tag is empty, or holds a tab or a line end. A blank is kept, which trec_eval cannot read.
    FileIsThere, NoSuchFile
        Something is at `path`; its folder is not there.

    Notes
    -----
    Readers order documents by score. Where two have the same one, trec_eval does not keep the order of the run.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_run(FilePath(folder, "run.txt"), {"1": [("a", 9.0)]})
    ...     print(FilePath(folder, "run.txt").read_text().split())
    ['1', 'Q0', 'a', '1', '9.0', 'jari']
    """
    with new_file(FilePath(path), force=force) as file:
        for query, ranking in run.items():
            for rank, (document, score) in enumerate(ranking, start=1):
                columns = (query, "Q0", document, str(rank), repr(float(score)), tag)
                for column in columns:
                    if not column.strip() or re.search(r"[\t\r\n]", column):
                        raise BadInput(
                            f"{column!r} cannot stand in a run: ids are not empty, and hold no tab and no line end."
                        )
                file.write(("\t".join(columns) + "\n").encode())


def _numbered(path: Path) -> Iterator[Numbered]:
    return ((number, line) for number, line in enumerate(read_lines(path), start=1) if line.strip())


def _columns(line: str, wanted: tuple[int, ...]) -> list[str]:
    by_tabs = [column.strip() for column in line.rstrip().split("\t")]
    return by_tabs if len(by_tabs) in wanted and all(by_tabs) else line.split()


def _of_columns(path: Path, line: Numbered) -> tuple[str, str]:
    query, tab, text = line[1].partition("\t")
    if not tab:
        _bad(path, line, f"no tab in {_shorten(line[1])!r}, where 'id<TAB>text' belongs")
    return query.strip(), text.strip()


def _of_json(path: Path, line: Numbered) -> tuple[str, str]:
    try:
        held = json.loads(line[1])
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path}, line {line[0]}: this is not JSON ({error}).") from error
    query = held.get("id", held.get("_id")) if isinstance(held, dict) else None
    text = held.get("text") if isinstance(held, dict) else None
    if isinstance(query, bool) or not isinstance(query, str | int) or not isinstance(text, str):
        _bad(path, line, 'no "id" (or "_id") and "text"')
    return str(query).strip(), text.strip()


def _number(written: str) -> float | None:
    try:
        value = float(written)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in written else None


def _bad(path: Path, line: Numbered, what: str) -> NoReturn:
    raise BadFile(f"{path}, line {line[0]}: {what}.")


def _shorten(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
