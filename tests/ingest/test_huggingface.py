"""Tokenizers that Hugging Face's package wrote."""

import pickle
import sys

import pytest

from jari import encode
from jari.errors import BadFile, ExtraMissing, NoSuchFile
from jari.ingest.huggingface import HuggingFace
from jari.ingest.tokenizers import name_of, tokenizer_named

tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is not installed")


@pytest.fixture
def file(tmp_path):
    """Word pieces, with all that is not wanted: special tokens around the text, truncation, padding."""
    pieces = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "to", "be", "##have", "not", "[", "]", "cls"]
    made = tokenizers.Tokenizer(
        tokenizers.models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="[UNK]")
    )
    made.normalizer = tokenizers.normalizers.BertNormalizer()
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    made.add_special_tokens(["[CLS]", "[SEP]", "[PAD]"])
    made.enable_truncation(3)
    made.enable_padding(length=6, pad_id=3)
    made.save(str(tmp_path / "tokenizer.json"))
    return tmp_path / "tokenizer.json"


def test_tokens_of_the_text_and_no_others(file):
    found = HuggingFace(file)
    assert found("To behave, or not to be: to be!") == ["to", "be", "##have", "not", "to", "be", "to", "be"]
    assert found("[CLS] be") == ["[", "cls", "]", "be"]
    assert found("") == found("unknown 한국") == []
    lines = ["to be", "", "not"] * 1000
    assert list(found.many(iter(lines))) == [["to", "be"], [], ["not"]] * 1000


def test_byte_pairs_are_spelled_as_in_the_file(tmp_path):
    made = tokenizers.Tokenizer(tokenizers.models.BPE({"a": 0, "Ġ": 1, "Ġa": 2}, [("Ġ", "a")]))
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.save(str(tmp_path / "bpe.json"))
    assert HuggingFace(tmp_path / "bpe.json")("a a") == ["a", "Ġa"]


def test_encoding_by_path(file):
    lines = ["To behave!", "", "to be\nnot to be"]
    for tokenizer in (str(file), HuggingFace(file)):
        with encode(lines, tokenizer=tokenizer, min_count=1) as corpus:
            assert list(corpus.vocabulary) == ["be", "to", "##have", "not"]
            assert corpus.ids.tolist() == [1, 0, 2, 1, 0, 3, 1, 0]
            assert corpus.offsets.tolist() == [0, 3, 8]
            assert tokenizer_named(corpus.statistics["tokenizer"]) == HuggingFace(file)


def test_it_goes_where_its_file_is(file):
    found = HuggingFace(file)
    assert pickle.loads(pickle.dumps(found)) == found
    assert name_of(found) == str(file)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"format": "jari.embedding"}', b'{"model": {}}'])
def test_what_is_no_tokenizer(tmp_path, raw):
    bad = tmp_path / "bad.json"
    bad.write_bytes(raw)
    with pytest.raises(BadFile, match=r"bad.json is not a tokenizer of the Hugging Face kind \(.+\). Give a tokenizer"):
        encode(["text"], tokenizer=str(bad))


def test_a_file_that_is_cut_short(file):
    raw = file.read_bytes()
    for length in range(0, len(raw), len(raw) // 7):
        file.write_bytes(raw[:length])
        with pytest.raises(BadFile, match="is not a tokenizer"):
            HuggingFace(file)


def test_a_file_that_is_not_there(tmp_path):
    for missing in (tmp_path / "no.json", tmp_path):
        with pytest.raises(NoSuchFile, match=r"There is no file .*: a tokenizer is the path of its"):
            HuggingFace(missing)


def test_a_tokenizer_that_fails(tmp_path):
    """It has no token for what it does not know, and promises one."""
    made = tokenizers.Tokenizer(tokenizers.models.WordPiece({"a": 0}, unk_token="[UNK]"))
    made.save(str(tmp_path / "fails.json"))
    with pytest.raises(BadFile, match=r"fails.json: this tokenizer fails: .*\[UNK\]"):
        encode(["a b"], tokenizer=str(tmp_path / "fails.json"), min_count=1)


def test_tokenizers_is_missing(file, monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(ExtraMissing, match=r"package 'tokenizers'.*pip install 'jari\[tokenizers\]'"):
        encode(["text"], tokenizer=str(file))
