"""Expressions such as ``king - man + woman``: a small grammar, read and written.

::

    expression = [sign] term { sign term }
    term       = [ number ("*" | "×") ] key
    sign       = "+" | "-" | "−" (U+2212) | "–" (U+2013) | "＋" (U+FF0B) | "－" (U+FF0D)
    key        = characters without a space, or anything in "double" or 'single' quotes

Signs and ``*`` stand alone, with spaces around: ``well-known`` is one key and ``well - known`` are two. Inside quotes
``\\`` makes the next character plain. A number is a weight only before ``*``; elsewhere it is a key.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from jari.errors import BadInput

_PLUS, _MINUS, _TIMES = frozenset("+＋"), frozenset("-−–－"), frozenset("*×")
_SIGNS = _PLUS | _MINUS
_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?|\.[0-9]+([eE][-+]?[0-9]+)?")
_LARGEST = 1e30
_QUOTES = frozenset("\"'")


@dataclass(frozen=True, slots=True)
class Term:
    """One key of an expression and what its vector is multiplied with."""

    key: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    quoted: bool = False

    def among(self, signs: frozenset[str]) -> bool:
        return not self.quoted and self.text in signs


def parse(text: str) -> tuple[Term, ...]:
    """The terms of an expression, in their order.

    Raises
    ------
    BadInput
        With the place that cannot be read.

    Examples
    --------
    >>> parse("king - man + woman")
    (Term(key='king', weight=1.0), Term(key='man', weight=-1.0), Term(key='woman', weight=1.0))
    >>> parse("0.5 * 'New York'")
    (Term(key='New York', weight=0.5),)
    """
    tokens = _tokens(text)
    if not tokens:
        raise BadInput('The expression is empty: give keys with + and - between them, like "king - man + woman".')
    terms: list[Term] = []
    at = 0
    while at < len(tokens):
        sign = 1.0
        if tokens[at].among(_SIGNS):
            sign = -1.0 if tokens[at].among(_MINUS) else 1.0
            at += 1
        elif terms:
            raise _unreadable(text, tokens[at].start, "a + or - is missing here. A key with spaces goes in quotes.")
        weight = 1.0
        if at + 1 < len(tokens) and tokens[at + 1].among(_TIMES):
            if tokens[at].quoted or not _NUMBER.fullmatch(tokens[at].text):
                raise _unreadable(
                    text, tokens[at].start, "before * stands a number. A key that is an operator goes in quotes."
                )
            weight = float(tokens[at].text)
            if weight > _LARGEST:
                raise _unreadable(text, tokens[at].start, f"this weight is too large: {_LARGEST:.0e} is the most.")
            at += 2
        if at == len(tokens):
            raise _unreadable(text, len(text), "a key is missing at the end.")
        if tokens[at].among(_SIGNS | _TIMES):
            raise _unreadable(
                text, tokens[at].start, "a key is missing here. A key that is an operator goes in quotes."
            )
        terms.append(Term(tokens[at].text, sign * weight))
        at += 1
    return tuple(terms)


def write(terms: Iterable[Term]) -> str:
    """The expression of some terms: what `parse` reads back.

    Examples
    --------
    >>> write([Term("New York"), Term("well-known", -1.0), Term("it's", 0.5)])
    '"New York" - well-known + 0.5 * it\\'s'
    """
    parts: list[str] = []
    for number, term in enumerate(terms):
        sign = "-" if term.weight < 0 else "+"
        if number or sign == "-":
            parts.append(sign)
        if abs(term.weight) != 1.0:
            parts += [repr(abs(float(term.weight))), "*"]
        parts.append(_quoted(term.key))
    return " ".join(parts)


def _quoted(key: str) -> str:
    plain = key and key not in _SIGNS | _TIMES and key[0] not in _QUOTES and not any(c.isspace() for c in key)
    return key if plain else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] in _QUOTES:
            key, after = _read_quoted(text, at)
            tokens.append(_Token(key, at, quoted=True))
            at = after
        else:
            start = at
            while at < len(text) and not text[at].isspace():
                at += 1
            tokens.append(_Token(text[start:at], start))
    return tokens


def _read_quoted(text: str, start: int) -> tuple[str, int]:
    quote, at = text[start], start + 1
    key: list[str] = []
    while at < len(text):
        if text[at] == quote:
            if at + 1 < len(text) and not text[at + 1].isspace():
                raise _unreadable(text, at + 1, "a space is missing after the quote.")
            return "".join(key), at + 1
        if text[at] == "\\" and at + 1 < len(text):
            at += 1
        key.append(text[at])
        at += 1
    raise _unreadable(text, start, f"this quote is not closed. Close it with {quote}.")


def _unreadable(text: str, at: int, what: str) -> BadInput:
    shown = "".join(" " if c.isspace() else c for c in text)  # line breaks would part the text from its caret
    caret = " " * sum(_columns(c) for c in shown[:at]) + "^"
    return BadInput(f"The expression cannot be read: {what}\n  {shown}\n  {caret}")


def _columns(character: str) -> int:
    """How many columns of a terminal a character takes: Hangul two, accents none."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
