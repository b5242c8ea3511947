"""Markdown and reStructuredText: their titles, and text without marks."""

import time

import pytest

from jari.ingest.markup import markdown, restructured


@pytest.mark.parametrize(
    ("source", "text", "title"),
    [
        ("# Sea #\n\ntext", "Sea\n\ntext", "Sea"),
        ("text\n\n## C# and F#\n", "text\n\nC# and F", "C# and F"),
        ("Sea\n===\ntext", "Sea\ntext", "Sea"),
        ("---\ntitle: 'The Sea'\ntags: [a]\n---\n# Other\n", "Other", "The Sea"),
        ("---\n---\ntext", "text", ""),
        ("a\n\n---\n\nb", "a\n\n\nb", ""),
        ("[tides](tides.md 'x') ![moon](m.png) [a][b] [![i](u)](v)", "tides moon a i", ""),
        ("[wiki](https://a.example/x_(y))!", "wiki!", ""),
        ("[b]: https://a.example\ntext", "text", ""),
        ("<https://a.example> a < b", "https://a.example a < b", ""),
        ("**bold** `code` _x_ __init__ 2 * 3", "bold code _x_ __init__ 2 * 3", ""),
        ("```python\n# no title\n[a](b)\n```\n# Title", "# no title\n[a](b)\nTitle", "Title"),
        ("~~~\n```\n~~~\n**a**", "```\na", ""),
        ("#hashtag", "#hashtag", ""),
        ("# 자리 **란**", "자리 란", "자리 란"),
        ("", "", ""),
    ],
)
def test_markdown(source, text, title):
    found = markdown(source)
    assert (found.text, found.title) == (text, title)


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("Tides\n=====\n\ntext", "Tides"),
        ("=====\nTides\n=====\n", "Tides"),
        (".. comment\n\n자리\n====\n", "자리"),
        ("text\n\n----\n\ntext", ""),
        ("", ""),
    ],
)
def test_restructured(source, title):
    assert restructured(source).title == title
    assert restructured(source).text == source


@pytest.mark.parametrize(
    "piece", ["[", "[a](", "![[", "<", "*", "`", "#", "# ", "-", "---\n", "[a]:", "~~~\n", "a\n=\n"]
)
def test_time_grows_with_the_text_alone(piece):
    began = time.monotonic()
    markdown(piece * (200_000 // len(piece)))
    restructured(piece * (200_000 // len(piece)))
    assert time.monotonic() - began < 5
