from __future__ import annotations

import warnings

import pytest

from jari.cli.warned import warned


def test_a_warning_is_a_line_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    with warned(quiet=False):
        for _ in range(2):
            warnings.warn("2 texts were\x1b[2J truncated.", UserWarning, stacklevel=1)
    assert capsys.readouterr() == ("", "2 texts were\\x1b[2J truncated.\n" * 2)


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with warned(quiet=True):
        warnings.warn("Half the batch.", UserWarning, stacklevel=1)
    assert capsys.readouterr() == ("", "")


def test_other_warnings_and_other_times_are_as_before() -> None:
    shown = warnings.showwarning
    with pytest.raises(DeprecationWarning, match="old"), warned(quiet=False):  # pytest makes errors of them
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert warnings.showwarning is shown
    with pytest.raises(UserWarning, match="later"):
        warnings.warn("later", UserWarning, stacklevel=1)


def test_warnings_of_other_categories_go_where_they_went(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    monkeypatch.setattr(warnings, "showwarning", lambda message, *where, **rest: shown.append(str(message)))
    with warned(quiet=True):
        warnings.simplefilter("always")
        warnings.warn("overflow", RuntimeWarning, stacklevel=1)
    assert shown == ["overflow"]
