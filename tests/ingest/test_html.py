"""Web pages: what a reader sees, in whatever encoding, of whatever is broken, in bounded time."""

import time

import pytest

from jari.errors import BadEncoding, BadFile, ExtraMissing
from jari.ingest.html import html

pytest.importorskip("bs4")

PAGE = """<!DOCTYPE html><html><head><title> The
  Sea </title><style>p {}</style><script>if (a<b) "</p>"</script></head><body>
<nav><a href=x>Menu</a></nav><!-- a <p>comment</p> --><div role="search">Find</div>
<h1>Tides<a class="headerlink" href="#tides">¶</a></h1><p>Twice a <b>da</b>y,
  and &amp; so&nbsp;on.<br>Next.</p><ul><li>ebb</li><li>flood</ul>
<table><tr><th>a</th><th>b</th></tr><tr><td>1<td>2</table>
<pre>  x = 1
    y</pre><p hidden>unseen</p><footer>© us</footer></body></html>"""


def text_of(source):
    return html(source.encode(), "page.html").text


def test_a_page():
    found = html(PAGE.encode(), "page.html")
    assert found.title == "The Sea"
    assert found.text == ("Tides\n\nTwice a day, and & so on.\nNext.\n\nebb\nflood\n\na b\n1 2\n\n  x = 1\n    y")


@pytest.mark.parametrize("main", ["<main>Text</main>", '<div role="main">Text</div>'])
def test_the_main_part_is_enough(main):
    assert text_of(f"<body><header>Site</header>{main}<aside>More</aside></body>") == "Text"


def test_without_one_main_part_it_is_all():
    assert text_of("<main>a</main><main>b</main>") == "a\nb"
    assert text_of("<main></main><p>a") == "a"


@pytest.mark.parametrize(
    ("source", "title"),
    [("<h1>Tides <i>rise</i></h1>", "Tides rise"), ("<title> </title><h1>a</h1>", "a"), ("<p>a", "")],
)
def test_title(source, title):
    assert html(source.encode(), "x").title == title


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("a < b <c", "a < b <c"),
        ("x<!-- never closed", "x"),
        ("x<script>never closed", "x"),
        ('<p title="a > b < c">x', "x"),
        ("<p>a<p>b", "a\n\nb"),
        ("</div></p>x", "x"),
        ("<?xml version='1.0'?><html xmlns='x'><p>a</p></html>", "a"),
        ("page.html", "page.html"),
        ("&#0;&#xD800;&#x110000; &bogus", "\ufffd\ufffd\ufffd &bogus"),
    ],
)
def test_what_is_odd(source, text):
    assert text_of(source) == text


@pytest.mark.parametrize(
    ("encoding", "head"),
    [
        ("euc-kr", '<meta charset="euc-kr">'),
        ("cp949", '<meta charset="EUC-KR">'),
        ("cp949", '<meta http-equiv="Content-Type" content="text/html; charset=ks_c_5601-1987">'),
        ("utf-8-sig", '<meta charset="latin-1">'),
        ("utf-16", ""),
        ("utf-8", '<meta charset="euc-kr">'),  # what is UTF-8 is UTF-8, whatever it says
    ],
)
def test_encodings_of_korean(encoding, head):
    assert html(f"{head}<p>자리와 값</p>".encode(encoding), "x").text == "자리와 값"


def test_latin_1_means_what_windows_meant_by_it():
    assert html('<meta charset="iso-8859-1">“é”'.encode("cp1252"), "x").text == "“é”"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"caf\xe9", r"page.html is not UTF-8 \(byte 3\), and the page declares no other encoding"),
        (b'<meta charset="klingon">\xe9', "page.html declares the encoding 'klingon', which is not known"),
        (b'<meta charset="rot13">\xe9', "page.html is not rot-13"),
        (b'<meta charset="shift_jis">\xff\xff', r"is not shift_jis \(byte 26\), which the page declares"),
        (b"\xff\xfea", r"is not utf-16-le \(byte 0\), as its first bytes say"),
    ],
)
def test_encodings_that_are_wrong(data, message):
    with pytest.raises(BadEncoding, match=message):
        html(data, "page.html")


def test_what_the_parser_refuses(monkeypatch):
    import bs4

    def refuse(*_):
        raise bs4.exceptions.ParserRejectedMarkup("no")

    monkeypatch.setattr(bs4, "BeautifulSoup", refuse)
    with pytest.raises(BadFile, match=r"page.html cannot be read as HTML"):
        html(b"x", "page.html")


def test_without_beautiful_soup(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "bs4", None)
    with pytest.raises(ExtraMissing, match=r"pip install 'jari\[store\]'"):
        html(b"x", "page.html")


@pytest.mark.parametrize(
    "piece",
    [
        "<a ",
        '<a b="',
        "<!--",
        "<!",
        "<?",
        "</",
        "<![CDATA[",
        "<![",
        "<div>",
        "<td>",
        "<",
        "&",
        "&#x",
        '<a a=">',
        "<a '",
    ],
)
def test_time_grows_with_the_page_alone(piece):
    began = time.monotonic()
    text_of(piece * (30_000 // len(piece)))
    assert time.monotonic() - began < 5
