"""The fast splitters against the definitions, on any text and however it is cut."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jari.ingest import splitters, tokenizers
from jari.ingest.splitters import SPLITTERS
from jari.ingest.tokens import Block, padded

each = pytest.mark.parametrize("name", list(SPLITTERS))

MARKS = "\u0300\u0301\u0308\u0327\u0328\u0338\u0344\u05b8\u05bc\u064b\u0651\u093c\u094d\u0e38\u0e48\u3099\u20d7"
JAMO = "ᄀᄒ\u1161\u1175\u11a8\u11c2가힣각"
CASES = "ßẞİıſKÅΩΣσςȺȾǅǰΐΑΆİ\u0307𐐀𝔘Ǆ"
PARTS = "\u200d\ufe0f🏽👩🚀🇰🇷\u11eb각\u1100\u1161\u0e33ㅋ"
STOPS = " \n\t\r'’‘\u3000\u2028\u00a0\x85\x1c.,-–_=<;\u037e\u0387`\u1fefª²½٣"
texts = st.one_of(
    st.text(max_size=60),
    st.text(MARKS + JAMO + CASES + STOPS + "aAeEoz09", max_size=60),
    st.text(MARKS + "aeo' \n=<", max_size=30),
    st.text(JAMO + " ’\n", max_size=30),
    st.text("aΣσ'’.\u0301\u00ad1 א", max_size=20),
    st.text("ab' É\n", max_size=80),
    st.text(PARTS + "a \n\u0301", max_size=40),
)


def split(splitter, text, nfd=False):
    """Tokens, a list for each line."""
    found = splitter.split(Block(*padded([text.encode()]), None, 0))
    tokens = [
        found.text[a:b].tobytes().decode() for a, b in zip(found.starts.tolist(), found.stops.tolist(), strict=True)
    ]
    lines, at = [], 0
    for end in [*found.ends.tolist(), len(tokens)]:
        lines.append(tokens[at:end])
        at = end
    return lines


@each
@given(text=texts)
def test_fast_is_the_definition(name, text):
    rule = tokenizers.TOKENIZERS[name]
    assert split(SPLITTERS[name](), text) == [rule(line) for line in text.split("\n")]


@each
@given(text=texts, form=st.sampled_from(["NFC", "NFD", "NFKD"]))
def test_fast_is_the_definition_of_longer_text(name, text, form):
    line = unicodedata.normalize(form, f"{text} Größe {text} 한국어 don’t ")
    rule = tokenizers.TOKENIZERS[name]
    text = f"{line}{'plain words, ' * 200}\n{line}"
    assert split(SPLITTERS[name](), text) == [rule(part) for part in text.split("\n")]


@each
@given(blocks=st.lists(texts, max_size=4))
def test_a_splitter_forgets_the_block_before(name, blocks):
    one = SPLITTERS[name]()
    for text in blocks:
        assert split(one, text) == split(SPLITTERS[name](), text)


@each
def test_every_character(name):
    """Each between letters, so that it shows whether it is part of a word, parts words, and how it is lower-cased."""
    every = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000 and point != 10]
    splitter, rule = SPLITTERS[name](), tokenizers.TOKENIZERS[name]
    for start in range(0, len(every), 1 << 14):
        text = " ".join(f"A{character}b" for character in every[start : start + (1 << 14)])
        assert split(splitter, text)[0] == rule(text)


@pytest.mark.parametrize("text", ["<\u064b\u0338", "a<\u064b\u0338b", "\n\u093c", "'\u0301a", "e\u0327'\u0301"])
def test_marks_that_belong_to_no_word(text):
    assert split(SPLITTERS["words"](), text) == [tokenizers.words(line) for line in text.split("\n")]


def test_text_that_grows_when_normalised_and_lower_cased():
    text = ("\u0390\u0344\ufb2c Ⱥ" * 3000).replace(" ", "")
    assert split(SPLITTERS["words"](), text)[0] == tokenizers.words(text)


def test_normalised_stretches_end_at_spaces(monkeypatch):
    monkeypatch.setattr(splitters, "_NORMALISED_BYTES", 1)
    text = unicodedata.normalize("NFD", "Être ou ne pas être, là est la question; 한국어도 마찬가지\n") * 5
    assert split(SPLITTERS["words"](), text) == [tokenizers.words(line) for line in text.split("\n")]
