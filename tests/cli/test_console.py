from __future__ import annotations

import io
import json
import sys

import pytest
from rich.table import Table

from jari.cli.console import console, plain, say, show, show_json, speak_utf8


def test_results_and_messages_go_apart(capsys: pytest.CaptureFixture[str]) -> None:
    show("result")
    show_json({"key": "서울"})
    say("message")
    captured = capsys.readouterr()
    assert captured.out == 'result\n{"key": "서울"}\n'
    assert captured.err == "message\n"


def test_what_cannot_be_encoded_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", errors="strict"))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict"))
    speak_utf8()
    sys.stdout.write("서울 \udcff\n")
    sys.stdout.flush()
    assert raw.getvalue() == "서울 \\udcff\n".encode()


def test_nothing_is_cut_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    table = Table("key", "text")
    table.add_row("k" * 500, "t" * 500)
    console(out).print(table)
    assert "k" * 500 in out.getvalue()
    assert "t" * 500 in out.getvalue()
    assert "\x1b" not in out.getvalue()


def test_keys_are_text_and_not_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show("[red]:smile:[/red]")
    assert capsys.readouterr().out == "[red]:smile:[/red]\n"


@pytest.mark.parametrize(
    ("key", "shown"), [("a\nb", "a\\nb"), ("\x1b]0;t\x07", "\\x1b]0;t\\x07"), ("\ud800", "\\ud800"), ("👩‍🚀", "👩‍🚀")]
)
def test_control_characters_are_written_out(key: str, shown: str) -> None:
    assert plain(key) == shown


def test_json_keeps_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    for key in ("a\u2028b", '"', "\\", "\x00"):
        show_json({"key": key})
        line = capsys.readouterr().out
        assert line.count("\n") == 1
        assert json.loads(line)["key"] == key
