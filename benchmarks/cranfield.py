"""The Cranfield collection: 1,400 abstracts of aerodynamics, 225 questions, and who thinks what of which.

From the folder ``retrieval/cranfield`` of the data that JARI_DATA names (default: ../shared/data).

Cleverdon's assessors gave codes: 1 a complete answer, 2 of a high degree of relevance, 3 useful, 4 of minimum interest,
5 of no interest. The file has 1 to 4, and one -1 for each question, which no document of the time explains. So the
grade is 5 - code, and -1 is 0: `CLEVERDON`. The package ir_datasets, from which many have the collection, takes the
codes themselves for grades, 4 the best: `AS_WRITTEN`. Both call relevant what has a code from 1 to 4; they differ in
nDCG only.
"""

from __future__ import annotations

import gzip
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CLEVERDON: Final = {1: 4, 2: 3, 3: 2, 4: 1, -1: 0}
AS_WRITTEN: Final = {1: 1, 2: 2, 3: 3, 4: 4, -1: -1}
BINARY: Final = {1: 1, 2: 1, 3: 1, 4: 1, -1: 0}


@dataclass(frozen=True, slots=True)
class Cranfield:
    """The collection.

    Parameters
    ----------
    documents
        From ids to texts: the abstract, which begins with the title. Two of them, 471 and 995, are empty.
    queries
        From ids to texts. The ids are "1" to "225", the places in the file, as in the judgements: its own numbers
        (``.I``) have gaps.
    codes
        From the ids of queries to those of documents to codes, as written.
    headings
        The titles of the documents.
    """

    documents: dict[str, str]
    queries: dict[str, str]
    codes: dict[str, dict[str, int]]
    headings: dict[str, str]

    def judgements(self, mapping: dict[int, int]) -> dict[str, dict[str, int]]:
        """Grades for the codes."""
        return {
            query: {document: mapping[code] for document, code in judged.items()}
            for query, judged in self.codes.items()
        }

    def titles(self) -> list[tuple[str, str]]:
        """Each title, with the abstract without it; of documents that have both."""
        found = ((title, self.documents[one].removeprefix(title).strip()) for one, title in self.headings.items())
        return [(title, body) for title, body in found if title and body]


def read() -> Cranfield:
    """All three files; the program ends if they are not there."""
    folder = Path(os.environ.get("JARI_DATA", "../shared/data")).resolve() / "retrieval" / "cranfield"
    if not folder.is_dir():
        sys.exit("There is no retrieval/cranfield in the folder that JARI_DATA names (default: ../shared/data).")
    with gzip.open(folder / "cran.all.1400.gz", "rt", encoding="utf-8") as stream:
        records = _records(stream.read())
    asked = _records((folder / "cran.qry").read_text("utf-8"))
    queries = {str(place): " ".join(fields["W"].split()) for place, (_, fields) in enumerate(asked, 1)}
    codes: dict[str, dict[str, int]] = {}
    for line in (folder / "cranqrel").read_text("utf-8").splitlines():
        query, document, code = line.split()
        codes.setdefault(query, {})[document] = int(code)
    headings = {number: " ".join(fields["T"].split()) for number, fields in records}
    documents = {number: _text(headings[number], " ".join(fields["W"].split())) for number, fields in records}
    return Cranfield(documents, queries, codes, headings)


def _text(title: str, body: str) -> str:
    """The abstract; the title stands before it only where the abstract does not begin with it."""
    return body if body.startswith(title) else f"{title} {body}".strip()


def _records(text: str) -> list[tuple[str, dict[str, str]]]:
    """``.I 12`` begins a record, ``.T`` a field of it; the lines up to the next are its value."""
    found: list[tuple[str, dict[str, str]]] = []
    field = ""
    for line in text.splitlines():
        if line.startswith(".I "):
            found.append((line[3:].strip(), {}))
        elif len(line.rstrip()) == 2 and line[0] == "." and line[1] in "TABW":
            field = line[1]
            found[-1][1].setdefault(field, "")
        else:
            found[-1][1][field] += line + "\n"
    return found
