"""PDF: the texts of its pages, and files that are none."""

import io
import logging

import pytest

from jari.errors import BadFile, ExtraMissing
from jari.ingest.pdf import pdf

pypdf = pytest.importorskip("pypdf")


def made(*pages, title=None, password=None):
    """A PDF with a line of text on each page."""
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = pypdf.PdfWriter()
    for text in pages:
        page = writer.add_blank_page(200, 200)
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 10 100 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    if title is not None:
        writer.add_metadata({"/Title": title})
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_pages_and_title():
    found = pdf(made("The tides rise.", "And they fall.", title="The Sea"), "sea.pdf")
    assert found.text == "The tides rise.\n\f\nAnd they fall."
    assert found.title == "The Sea"


def test_a_page_without_text():
    assert pdf(made(""), "scan.pdf").text == ""


def test_encrypted():
    with pytest.raises(BadFile, match=r"sea.pdf is encrypted. Save a copy without a password"):
        pdf(made("secret", password="x"), "sea.pdf")
    assert pdf(made("open", password=""), "sea.pdf").text == "open"


@pytest.mark.parametrize("data", [b"", b"no PDF", b"%PDF-1.4 nothing", made("text")[:300], b"\0" * 100])
def test_what_is_none(data, caplog):
    before = logging.getLogger("pypdf").level
    with pytest.raises(BadFile, match=r"sea.pdf cannot be read as PDF \(.+\). Take it from a good copy"):
        pdf(data, "sea.pdf")
    assert caplog.text == ""
    assert logging.getLogger("pypdf").level == before


def test_without_pypdf(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pypdf", None)
    with pytest.raises(ExtraMissing, match=r"pip install 'jari\[pdf\]'"):
        pdf(b"x", "sea.pdf")
