"""The text of the pages of a PDF."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from jari.errors import BadFile
from jari.extras import require
from jari.ingest.markup import Extracted


def pdf(data: bytes, name: str) -> Extracted:
    """The text of the pages, a form feed between them, and the title that the file says it has.

    A page that was scanned has no text.

    Parameters
    ----------
    data
        The file.
    name
        For errors.

    Raises
    ------
    BadFile
        It is damaged, or encrypted.
    ExtraMissing
        pypdf is not installed.
    """
    pypdf = require("pypdf", extra="pdf")
    with _hushed("pypdf"):
        try:
            reader = pypdf.PdfReader(io.BytesIO(data))
            locked = reader.is_encrypted and not reader.decrypt("")
            pages = [] if locked else [page.extract_text().strip() for page in reader.pages]
            title = "" if locked else str((reader.metadata or {}).get("/Title") or "")
        except Exception as error:  # from a damaged file anything may come
            said = " ".join(str(error).split())[:200] or type(error).__name__
            raise BadFile(f"{name} cannot be read as PDF ({said}). Take it from a good copy.") from error
    if locked:
        raise BadFile(f"{name} is encrypted. Save a copy without a password.")
    return Extracted("\n\f\n".join(pages).strip(), " ".join(title.split()))


@contextmanager
def _hushed(logger: str) -> Iterator[None]:
    """Keep a library from telling standard error, where nobody set logging up, what it repaired."""
    told = logging.getLogger(logger)
    before = told.level
    told.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        told.setLevel(before)
