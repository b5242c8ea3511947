"""Tokens, their places in the text, and the words that they are pieces of."""

import numpy as np
import pytest

from jari.encoders.texts.encoder import TextEncoder
from jari.encoders.texts.token_vectors import TokenVectors
from jari.errors import BadInput, UnknownKey

RIVERS = [
    "We sat on the grassy bank of the river.",
    "The boat drifted towards the bank of the stream.",
    "Trees grow on the bank, roots in the water.",
]
MONEY = [
    "She opened an account at the bank.",
    "The bank raised the interest on my loan.",
    "He works as a clerk in a bank downtown.",
]


def spans_of(text, *pieces):
    found, at = [], 0
    for piece in pieces:
        at = text.index(piece, at)
        found.append((at, at + len(piece)))
        at += len(piece)
    return tuple(found)


@pytest.fixture
def tokens():
    """Of a text in which a word stands twice, and one is of two pieces."""
    text = "Bank! a banker, bank"
    pieces = ("Bank", "!", "a", "bank", "er", ",", "bank")
    vectors = np.arange(14, dtype=np.float32).reshape(7, 2)
    spelt = ("bank", "!", "a", "bank", "##er", ",", "bank")
    return TokenVectors(text, spelt, spans_of(text, *pieces), (0, 1, 2, 3, 3, 4, 5), vectors)


def test_a_word_is_the_mean_of_its_pieces(tokens):
    np.testing.assert_array_equal(tokens.of("banker"), tokens.vectors[3:5].mean(0))


def test_a_word_in_its_own_letters_first(tokens):
    np.testing.assert_array_equal(tokens.of("bank"), tokens.vectors[6])
    np.testing.assert_array_equal(tokens.of("Bank"), tokens.vectors[0])
    np.testing.assert_array_equal(tokens.of("BANK", 1), tokens.vectors[6])
    np.testing.assert_array_equal(tokens.of("BANK", -1), tokens.vectors[6])


def test_a_part_of_a_text(tokens):
    np.testing.assert_array_equal(tokens.of("a banker"), tokens.vectors[2:5].mean(0))


@pytest.mark.parametrize(
    ("word", "occurrence", "error", "message"),
    [
        (
            "river",
            0,
            UnknownKey,
            r"'river' does not occur in 'Bank! a banker, bank'\. Its words are: Bank, !, a",
        ),
        ("banker", 1, UnknownKey, "'banker' occurs 1 times in .*: there is no 1"),
        ("banker", -2, UnknownKey, "there is no -2"),
        (" ", 0, BadInput, "word=' ': give a word"),
        (3, 0, BadInput, "word=3: give a word"),
    ],
)
def test_what_is_not_there(tokens, word, occurrence, error, message):
    with pytest.raises(error, match=message):
        tokens.of(word, occurrence)


def test_an_embedding_of_words(tokens):
    embedding = tokens.embedding()
    assert list(embedding.keys) == ["Bank#1", "!#1", "a#1", "banker#1", ",#1", "bank#1"]
    np.testing.assert_array_equal(embedding["banker#1"], tokens.of("banker"))


def test_the_same_word_twice():
    text = "bank bank"
    found = TokenVectors(text, ("bank", "bank"), ((0, 4), (5, 9)), (0, 1), np.eye(2, dtype=np.float32))
    assert list(found.embedding().keys) == ["bank#1", "bank#2"]
    assert repr(found) == "TokenVectors(2 tokens × 2: 'bank', 'bank')"
    assert len(found) == 2


def test_no_words():
    with pytest.raises(BadInput, match="'' has no words"):
        TokenVectors("", (), (), (), np.zeros((0, 4), np.float32)).embedding()


def test_tokens_of_a_text(tiny):
    found = TextEncoder(tiny()).encode_tokens("The fishes swim, 은행에서!")
    assert found.tokens == ("the", "fish", "##es", "swim", ",", "은행", "##에서", "!")
    assert [found.text[begin:end] for begin, end in found.spans] == [
        "The",
        "fish",
        "es",
        "swim",
        ",",
        "은행",
        "에서",
        "!",
    ]
    assert found.words == (0, 1, 1, 2, 3, 4, 4, 5)
    assert found.vectors.shape == (8, 16)
    np.testing.assert_allclose(found.of("은행에서"), found.vectors[5:7].mean(0))
    np.testing.assert_allclose(found.of("은행"), found.vectors[5])


def test_they_are_what_is_pooled(tiny):
    encoder = TextEncoder(tiny("t5"))  # has no special tokens
    np.testing.assert_allclose(
        encoder.encode_tokens("a muddy river").vectors.mean(0), encoder.encode(["a muddy river"])[0], atol=1e-5
    )


def test_layers(tiny):
    encoder = TextEncoder(tiny())
    last = encoder.encode_tokens("the river")
    np.testing.assert_allclose(encoder.encode_tokens("the river", layer=2).vectors, last.vectors, atol=1e-6)
    np.testing.assert_allclose(encoder.encode_tokens("the river", layer=-1).vectors, last.vectors, atol=1e-6)
    table = encoder.encode_tokens("the river", layer=0).vectors
    np.testing.assert_allclose(encoder.encode_tokens("the bank", layer=0).vectors[0], table[0], atol=1e-6)
    for bad in (3, -4, 1.0, True):
        with pytest.raises(BadInput, match=r"layer=.*: .* has the layers 0 to 2, or -3 to -1"):
            encoder.encode_tokens("the river", layer=bad)


def test_a_long_text_is_cut(tiny):
    with pytest.warns(UserWarning, match="1 of 1 texts are longer than the 6 tokens") as said:
        found = TextEncoder(tiny(), max_tokens=6).encode_tokens("the river " * 9)
    assert found.tokens == ("the", "river", "the", "river")
    assert said[0].filename == __file__


def test_nothing(tiny):
    for kind in ("bert", "t5"):
        found = TextEncoder(tiny(kind)).encode_tokens("")
        assert (found.tokens, found.vectors.shape) == ((), (0, 16))


def test_no_text(tiny):
    with pytest.raises(BadInput, match="Text 0 is 3, of the type int"):
        TextEncoder(tiny()).encode_tokens(3)


def test_the_bank_of_the_river_is_another_than_that_of_the_account(minilm):
    encoder = TextEncoder(minilm)
    texts = RIVERS + MONEY
    of_river = np.array([1, 1, 1, 0, 0, 0], bool)
    vectors = np.stack([encoder.encode_tokens(text).of("bank") for text in texts])
    cosines = cosines_of(vectors)
    np.fill_diagonal(cosines, -1)
    assert (of_river[cosines.argmax(1)] == of_river).all()  # each is nearest to one of its own meaning
    cosines = cosines_of(vectors - vectors.mean(0))  # without what all of them share, the word itself
    assert cosines[np.ix_(of_river, ~of_river)].max() < 0
    tables = np.stack([encoder.encode_tokens(text, layer=0).of("bank") for text in texts])
    assert cosines_of(tables).min() > 0.95  # before the first layer there is only the word, and its place


def cosines_of(vectors):
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return units @ units.T
