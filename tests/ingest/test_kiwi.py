"""Korean morphemes: by a stand-in for kiwipiepy, and by kiwipiepy itself where it is installed."""

import os
import pickle
import signal
import subprocess
import sys
import types
from typing import ClassVar

import pytest

from jari import encode
from jari.errors import ExtraMissing
from jari.ingest import kiwi
from jari.ingest.kiwi import Kiwi
from jari.ingest.tokenizers import name_of, tokenizer_named


class Morpheme:
    def __init__(self, written):
        self.form, _, self.tag = written.rpartition("/")


class Analyser:
    """Reads texts that are analysed already: "집/NNG 을/JKO"."""

    made: ClassVar[list[int]] = []

    def __init__(self, num_workers):
        self.made.append(num_workers)

    def tokenize(self, text, compatible_jamo):
        assert compatible_jamo
        if isinstance(text, str):
            return [Morpheme(written) for written in text.split()]
        return (self.tokenize(one, compatible_jamo) for one in text)


@pytest.fixture
def stand_in(monkeypatch):
    monkeypatch.setitem(sys.modules, "kiwipiepy", types.SimpleNamespace(Kiwi=Analyser))
    monkeypatch.setattr(kiwi, "_shared", kiwi._Shared())
    monkeypatch.setattr(Analyser, "made", [])
    return Analyser


TEXT = "집/NNG 을/JKO 짓/VV-I 었/EP 다/EF ./SF GPT/SL 4/SN 서울/NNP 😀/W_EMOJI ㅋㅋ/SW"


@pytest.mark.parametrize(
    ("pos", "expected"),
    [
        (None, "집 을 짓 었 다 GPT 4 서울 😀"),
        (["NNG", "NNP"], "집 서울"),
        (["N", "VV"], "집 짓 서울"),
        (["VV-I"], None),
        (["S"], ". GPT 4 ㅋㅋ"),
        (["E", " W "], "었 다 😀"),
    ],
)
def test_parts_of_speech(stand_in, pos, expected):
    if expected is None:
        with pytest.raises(ValueError, match="no part of speech 'VV-I'"):
            Kiwi(pos)
        return
    assert Kiwi(pos)(TEXT) == expected.split()
    assert list(Kiwi(pos).many([TEXT, "", "집/NNG"], threads=2)) == [
        expected.split(),
        [],
        ["집"] if pos is None or "N" in pos[0] else [],
    ]


@pytest.mark.parametrize("sentence", ["집이 높다. ", "높은 집 ", "집"])
def test_a_long_text_is_cut_between_sentences_or_words(sentence):
    long = sentence * 5000
    parts = kiwi._parts(long)
    assert "".join(parts) == long
    assert max(map(len, parts)) <= 8192
    assert all(part.endswith(sentence[-2:]) for part in parts)


def test_parts_are_put_together_again(stand_in):
    long = "집/NNG " * 5000
    assert list(Kiwi().many(["집/NNG", long, "", long])) == [["집"], ["집"] * 5000, [], ["집"] * 5000]


def test_one_analyser_for_all(stand_in):
    Kiwi()(TEXT)
    list(Kiwi(["NNG"]).many([TEXT], threads=2))
    list(Kiwi(["NNP"]).many([TEXT], threads=2))
    Kiwi(["NNP"])(TEXT)
    assert stand_in.made == [-1, 2]


def test_its_name_finds_it_again(stand_in):
    for name in ("kiwi", "kiwi:NNG", "kiwi:NNG,VV,SL"):
        found = tokenizer_named(name)
        assert name_of(found) == found.__name__ == name
        assert pickle.loads(pickle.dumps(found)) == found
        assert hash(found) == hash(tokenizer_named(name))
    assert Kiwi(["NNG"]) != Kiwi()


def test_what_is_no_part_of_speech(stand_in):
    with pytest.raises(ValueError, match=r"Kiwi has no part of speech 'NOUN'. It has: NNG, .* 'N' for all nouns"):
        tokenizer_named("kiwi:NNG,NOUN")
    with pytest.raises(ValueError, match=r"Kiwi has no part of speech ''"):
        tokenizer_named("kiwi:")
    with pytest.raises(ValueError, match=r"pos='NNG,VV' is one string: give a list of parts of speech, \['NNG', 'VV'"):
        Kiwi("NNG,VV")
    with pytest.raises(ValueError, match="keeps nothing"):
        Kiwi([])


def test_kiwipiepy_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "kiwipiepy", None)
    with pytest.raises(ExtraMissing, match=r"package 'kiwipiepy'.*pip install 'jari\[korean\]'"):
        encode(["서울"], tokenizer="kiwi")


def test_encoding_says_which_was_used(stand_in):
    for tokenizer in ("kiwi:NNG,NNP", Kiwi(["NNG", "NNP"])):
        with encode([TEXT, "./SF", "집/NNG"], tokenizer=tokenizer, min_count=1) as corpus:
            assert corpus.statistics["tokenizer"] == "kiwi:NNG,NNP"
            assert corpus.statistics["sentences_empty"] == 1
            assert [list(corpus.vocabulary), corpus.ids.tolist()] == [["집", "서울"], [0, 1, 0]]


def test_the_real_one():
    pytest.importorskip("kiwipiepy", reason="kiwipiepy is not installed")
    lines = ["서울에서 아름다운 집을 지었다.", "", "도쿄는 일본의 수도이다!\x01", "집값이 오른다"] * 30
    expected = [["서울", "집"], [], ["도쿄", "일본", "수도"], ["집값"]]
    nouns = tokenizer_named("kiwi:NNG,NNP")
    assert list(nouns.many(lines, threads=2)) == expected * 30
    assert [nouns(line) for line in lines[:4]] == expected
    assert "ᆫ다" not in Kiwi()("집값이 오른다")
    assert Kiwi()("집값이 오른다")[-1] == "ㄴ다"


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupt_ends_it_at_once():
    pytest.importorskip("kiwipiepy", reason="kiwipiepy is not installed")
    code = """
import itertools, jari
def told(progress):
    print(progress.stage, flush=True)
jari.encode(itertools.repeat("서울에서 아름다운 집을 지었다. 도쿄는 일본의 수도이다!"), tokenizer="kiwi", callback=told)
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline() == b"counting\n"  # there is progress before the end, which never comes
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert b"KeyboardInterrupt" in err
    assert process.returncode != 0
