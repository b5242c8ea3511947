"""Each format keeps what every format promises."""

from __future__ import annotations

from contracts.format import FormatContract, ReadableFormatContract
from jari.embedding.formats import FORMATS


class TestJari(ReadableFormatContract):
    name = "jari"
    any_key = True
    flushes = 4


class TestWord2VecText(ReadableFormatContract):
    name = "word2vec"

    def cut_can_be_told(self, length, whole):
        return length <= len(whole) // 2  # a number that lost its last digits is a number


class TestWord2VecBinary(ReadableFormatContract):
    name = "word2vec-binary"


class TestGlove(ReadableFormatContract):
    name = "glove"

    def cut_can_be_told(self, length, whole):
        return length <= 1  # without a header, fewer lines are a smaller file


class TestNpy(ReadableFormatContract):
    name = "npy"
    any_key = True
    flushes = 2


class TestModel2Vec(ReadableFormatContract):
    name = "model2vec"
    flushes = 4


class TestProjector(FormatContract):
    name = "projector"
    flushes = 3


def test_every_format_that_is_written_keeps_the_contract():
    kept = {
        each.name
        for each in globals().values()
        if isinstance(each, type) and issubclass(each, FormatContract) and hasattr(each, "name")
    }
    assert kept == {name for name, each in FORMATS.items() if each.writes}
