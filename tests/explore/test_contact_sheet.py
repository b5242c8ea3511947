"""Sheets of pictures: every one in its place, small, with its name; what is missing, with its reason."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from jari.errors import BadInput, FileIsThere, NoSuchFile
from jari.explore.contact_sheet import SheetPicture, SheetRow, contact_sheet
from jari.explore.sheet_picture import _columns

Image = pytest.importorskip("PIL.Image")

RED, GREEN, BLUE = (200, 30, 30), (30, 160, 60), (30, 60, 200)
HOSTILE = '"><script>alert(1)</script>/{{rows}}&\x1b[2J\ud800.png'


@pytest.fixture
def picture(tmp_path):
    def made(name, colour=RED, size=(320, 160), score=None):
        Image.new("RGB", size, colour).save(tmp_path / name)
        return SheetPicture(f"holiday/{name}", tmp_path / name, score)

    return made


class Page(HTMLParser):
    """Elements by name, with their attributes; and all text."""

    def __init__(self, page):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


def page_of(path):
    return Page(path.read_text(encoding="utf-8"))


def test_png_shows_each_picture_in_its_place(picture, tmp_path):
    row = SheetRow(picture("q.png"), [picture("a.png", GREEN, score=0.9), picture("b.png", BLUE, (100, 200), 0.5)])
    made = contact_sheet([row], tmp_path / "sheet.png", subtitle="two of three")
    assert (made.pictures, made.missing) == (3, ())
    sheet = np.asarray(Image.open(made.path).convert("RGB")).astype(int)
    places = {}
    for name, colour in {"query": RED, "near": GREEN, "far": BLUE}.items():
        rows, columns = np.nonzero((abs(sheet - colour) < 6).all(axis=2))
        places[name] = columns.min(), columns.max() + 1, rows.min(), rows.max() + 1
    left = {name: place[0] for name, place in places.items()}
    assert left["query"] < left["near"] < left["far"]
    widths = {name: (place[1] - place[0], place[3] - place[2]) for name, place in places.items()}
    assert widths == {"query": (224, 112), "near": (224, 112), "far": (100, 200)}  # in their shapes; none enlarged


def test_html_holds_each_picture_with_its_name(picture, tmp_path):
    row = SheetRow(
        picture("q.png"), [picture("a.png", GREEN, (4000, 1000), 0.912), picture("b.png", BLUE, (9, 9), 0.5)]
    )
    page = page_of(contact_sheet([row], tmp_path / "sheet.html", title="고양이").path)
    assert [image["alt"] for image in page.all("img")] == ["holiday/q.png", "holiday/a.png", "holiday/b.png"]
    sizes = []
    for image, colour in zip(page.all("img"), (RED, GREEN, BLUE), strict=True):
        kind, data = image["src"].split(",")
        assert kind == "data:image/jpeg;base64"
        small = Image.open(io.BytesIO(base64.b64decode(data)))
        assert np.allclose(np.asarray(small).mean(axis=(0, 1)), colour, atol=4)
        assert (int(image["width"]), int(image["height"])) == small.size
        sizes.append(small.size)
    assert sizes == [(224, 112), (224, 56), (9, 9)]
    assert "고양이" in page.text
    assert "0.912" in page.text
    assert len(page.all("figure")) == 3
    assert all(figure["tabindex"] == "0" for figure in page.all("figure"))
    assert page.all("script") == []
    assert not re.search(r"https?:|url\(", (tmp_path / "sheet.html").read_text(encoding="utf-8"))


def test_names_cannot_become_part_of_the_page(picture, tmp_path):
    hostile = SheetPicture(HOSTILE, None, 0.5, reason="<b>gone</b>")
    made = contact_sheet([SheetRow(picture("q.png"), [hostile])], tmp_path / "sheet.html", subtitle="<i>{{title}}</i>")
    page = page_of(made.path)
    assert page.all("script") == page.all("i")[1:] == []  # the one `i` is a bar
    assert "{{rows}}&\\x1b[2J\\ud800.png" in page.text
    assert "<b>gone</b>" in page.text
    assert "<i>{{title}}</i>" in page.text
    assert made.missing == ((HOSTILE, "<b>gone</b>"),)


@pytest.mark.parametrize("kind", ["png", "html"])
def test_what_cannot_be_read_has_an_empty_frame(picture, tmp_path, kind):
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"\0" * 50)
    (tmp_path / "empty.jpg").touch()
    near = [SheetPicture(name, tmp_path / name, 0.1) for name in ("broken.jpg", "empty.jpg", "gone.jpg", "gone.jpg")]
    made = contact_sheet([SheetRow(picture("q.png"), near)], tmp_path / f"sheet.{kind}")
    assert made.pictures == 5
    assert [caption for caption, _ in made.missing] == ["broken.jpg", "empty.jpg", "gone.jpg"]
    assert dict(made.missing)["gone.jpg"] == "not there"
    if kind == "html":
        page = page_of(made.path)
        assert len(page.all("img")) == 1
        assert page.text.count("not there") == 2


def test_a_picture_that_stands_there_twice_is_read_once(picture, tmp_path, monkeypatch):
    from jari.explore import thumbnails

    read = []
    opened = thumbnails.opened
    monkeypatch.setattr(thumbnails, "opened", lambda path, **more: read.append(path.name) or opened(path, **more))
    one, two = picture("a.png", score=1.0), picture("b.png", score=0.5)
    reports = []
    contact_sheet([SheetRow(one, [one, two]), SheetRow(two, [one])], tmp_path / "s.html", callback=reports.append)
    assert read == ["a.png", "b.png"]
    assert (reports[-1].done, reports[-1].total, reports[-1].unit) == (2, 2, "pictures")


def test_several_queries_are_linked(picture, tmp_path):
    rows = [SheetRow(picture(f"q{n}.png"), [picture("a.png", score=0.5)]) for n in range(3)]
    page = page_of(contact_sheet(rows, tmp_path / "sheet.html").path)
    links = [link["href"] for link in page.all("a")]
    assert links == [f"#{section['id']}" for section in page.all("section")] == ["#q1", "#q2", "#q3"]


def test_the_nearest_has_the_longest_bar(picture, tmp_path):
    def bars(scores, **options):
        near = [picture("a.png", score=score) for score in scores]
        path = contact_sheet([SheetRow(picture("q.png"), near)], tmp_path / "s.html", force=True, **options).path
        return [bar["style"] for bar in page_of(path).all("i")]

    assert bars([0.75, 0.5, -0.25]) == ["width:75.0%", "width:50.0%", "width:0.0%"]
    assert bars([2.0, 4.0, 8.0], distances=True) == ["width:100.0%", "width:50.0%", "width:25.0%"]


def test_characters_that_no_font_has_are_said(picture, tmp_path):
    row = SheetRow(picture("q.png"), [SheetPicture("\U000e1234.jpg", None, 0.5)])
    with_boxes = contact_sheet([row], tmp_path / "sheet.png")
    assert "no font installed here has" in with_boxes.notes[0]
    assert contact_sheet([row], tmp_path / "sheet.html").notes == ()


def test_the_same_sheet_is_the_same_file(picture, tmp_path):
    row = SheetRow(picture("q.png"), [picture("long" * 40 + ".png", score=0.5)])
    for kind in ("png", "html"):
        first = contact_sheet([row], tmp_path / f"1.{kind}").path.read_bytes()
        assert first == contact_sheet([row], tmp_path / f"2.{kind}").path.read_bytes()


@pytest.mark.parametrize(("many", "columns"), [(0, 1), (1, 1), (5, 5), (7, 4), (10, 5), (24, 6), (300, 12)])
def test_lines_are_of_one_length(many, columns):
    assert _columns([SheetRow(SheetPicture("q", None), [SheetPicture("a", None, 0.5)] * many)]) == columns


def test_what_cannot_be_a_sheet(picture, tmp_path):
    row = SheetRow(picture("q.png"), [picture("a.png", score=0.5)])
    with pytest.raises(BadInput, match=r"'sheet\.gif' must end in \.png or \.html"):
        contact_sheet([row], tmp_path / "sheet.gif")
    with pytest.raises(BadInput, match="needs a row"):
        contact_sheet([], tmp_path / "sheet.png")
    with pytest.raises(BadInput, match=r"1,000 pictures at most, and these are 1,200: ask for fewer"):
        contact_sheet([row] * 600, tmp_path / "sheet.html")
    with pytest.raises(BadInput, match=r"pixels high, and many viewers show none higher than 32,000: write \.html"):
        contact_sheet([row] * 300, tmp_path / "sheet.png")
    with pytest.raises(NoSuchFile, match="no folder"):
        contact_sheet([row], tmp_path / "none" / "sheet.html")
    contact_sheet([row], tmp_path / "sheet.html")
    with pytest.raises(FileIsThere, match=r"sheet\.html exists already"):
        contact_sheet([row], tmp_path / "sheet.html")
    contact_sheet([row], tmp_path / "sheet.html", force=True)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
