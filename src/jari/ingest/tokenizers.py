"""What a token is: the definitions, in plain Python, and the names by which tokenizers are known.

These are the rule. `jari.ingest.splitters` does the same a hundred times faster, and the tests hold it to this.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Final

from jari.errors import BadInput
from jari.ingest.graphemes import clusters
from jari.ingest.huggingface import HuggingFace
from jari.ingest.jamo import spelled
from jari.ingest.kiwi import Kiwi

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


def chars(text: str) -> list[str]:
    """Characters, as they stand, without whitespace.

    The text is brought into Normalization Form C first. A character is what a reader takes for one: a letter with its
    marks, a syllable of Hangul, an emoji with all of its parts. `jari.ingest.graphemes` has the rules.

    Examples
    --------
    >>> chars("Été 한국 👍🏽")
    ['É', 't', 'é', '한', '국', '👍🏽']
    """
    return clusters(unicodedata.normalize("NFC", text))


def jamo(text: str) -> list[str]:
    """Letters: `chars`, with the syllables of Hangul taken apart into 초성, 중성 and 종성, as compatibility jamo.

    Consonants and vowels are what Park et al. (AACL 2020) call CV beside the syllables that `chars` gives. For vectors
    of whole words that know of their letters, learn words with the `jamo` n-grams of FastText instead.

    Examples
    --------
    >>> jamo("값진 A")
    ['ㄱ', 'ㅏ', 'ㅄ', 'ㅈ', 'ㅣ', 'ㄴ', 'A']
    """
    return clusters(spelled(unicodedata.normalize("NFC", text)))


TOKENIZERS: Final[dict[str, Tokenizer]] = {"words": words, "whitespace": whitespace, "chars": chars, "jamo": jamo}


def tokenizer_named(tokenizer: str | Tokenizer) -> Tokenizer:
    """The function behind a name; a function is given back.

    Parameters
    ----------
    tokenizer
        A key of `TOKENIZERS`; ``"kiwi"``, or ``"kiwi:NNG,VV"`` with the parts of speech that `Kiwi` should keep; the
        path of a ``tokenizer.json``, whose name ends in ``.json``.

    Raises
    ------
    BadInput
        No tokenizer has this name.
    ExtraMissing
        It needs a package that is not installed.
    NoSuchFile, BadFile
        A path leads to nothing, or to no tokenizer.

    Examples
    --------
    >>> tokenizer_named("words")("To be!")
    ['to', 'be']
    """
    if callable(tokenizer):
        return tokenizer
    if isinstance(tokenizer, str):
        if tokenizer in TOKENIZERS:
            return TOKENIZERS[tokenizer]
        name, colon, pos = tokenizer.partition(":")
        if name == "kiwi":
            return Kiwi(pos.split(",") if colon else None)
        if tokenizer.endswith(".json"):
            return HuggingFace(tokenizer)
    raise BadInput(
        f"There is no tokenizer {tokenizer!r}. Choose one of {', '.join(map(repr, TOKENIZERS))}, 'kiwi', or "
        "'kiwi:NNG,VV' with parts of speech, or give the path of a tokenizer.json, or a function from a string to a "
        "list of strings."
    )


def name_of(tokenizer: str | Tokenizer) -> str:
    """What to write down of a tokenizer: `tokenizer_named` finds all but a user's own function by it.

    Examples
    --------
    >>> name_of("words"), name_of(str.split)
    ('words', 'str.split')
    """
    if isinstance(tokenizer, str):
        return tokenizer
    for attribute in ("__qualname__", "__name__"):
        name = getattr(tokenizer, attribute, None)
        if isinstance(name, str):
            return name
    return "a function"
