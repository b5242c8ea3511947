"""What a token is: the definitions, in plain Python.

These are the rule. `jari.ingest.splitters` does the same a hundred times faster, and the tests hold it to this.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

from jari.errors import BadInput

Tokenizer = Callable[[str], Iterable[str]]


def whitespace(text: str) -> list[str]:
    """What stands between Unicode whitespace, as it stands.

    Examples
    --------
    >>> whitespace("Don’t  PANIC!")
    ['Don’t', 'PANIC!']
    """
    return text.split()


def words(text: str) -> list[str]:
    """Runs of letters, marks, digits and connectors, in lower case.

    The text is brought into Normalization Form C first, so that é is one character however it was typed, and syllables
    of Hangul are whole. A word is a run of characters of the categories L, M, N and Pc (letters, marks, numbers, and
    connecting punctuation as the underscore). An apostrophe, ' or ’, stays in the word, as ', where it stands directly
    between two letters. Each word is then lower-cased by itself, by `str.lower`: ΟΔΟΣ is οδος with the sigma that ends
    a word, ẞ becomes ß, and İ becomes i and a dot above.

    Examples
    --------
    >>> words("Don’t PANIC: the ‘rows’ of x_1 aren't 42.")
    ["don't", 'panic', 'the', 'rows', 'of', 'x_1', "aren't", '42']
    """
    text = unicodedata.normalize("NFC", text)
    found, word = [], ""
    for i, character in enumerate(text):
        if _in_word(character):
            word += character
        elif character in "'’" and _is_letter(text[i - 1 : i]) and _is_letter(text[i + 1 : i + 2]):
            word += "'"
        elif word:
            found.append(word.lower())
            word = ""
    if word:
        found.append(word.lower())
    return found


def _in_word(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LMN" or category == "Pc"


def _is_letter(character: str) -> bool:
    return character != "" and unicodedata.category(character)[0] == "L"


TOKENIZERS: Final[dict[str, Tokenizer]] = {"words": words, "whitespace": whitespace}


def tokenizer_named(tokenizer: str | Tokenizer) -> Tokenizer:
    """The function behind a name; a function is given back.

    Raises
    ------
    BadInput
        No tokenizer has this name.
    """
    if callable(tokenizer):
        return tokenizer
    if tokenizer not in TOKENIZERS:
        raise BadInput(
            f"There is no tokenizer {tokenizer!r}. Choose one of {', '.join(map(repr, TOKENIZERS))}, "
            "or give a function from a string to a list of strings."
        )
    return TOKENIZERS[tokenizer]
