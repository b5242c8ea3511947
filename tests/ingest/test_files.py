"""Text files: line ends, compression, and everything that is not text."""

import bz2
import gzip
import lzma

import pyarrow as pa
import pytest

from jari import encode
from jari.ingest import counting
from jari.ingest.files import TextFile

TEXT = "the cat sat on the mat\nthe dog didn’t 한국어\n" * 40


def arrow(codec):
    def compress(data):
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, codec) as stream:
            stream.write(data)
        return sink.getvalue().to_pybytes()

    return compress


COMPRESSORS = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": arrow("zstd"),
    ".lz4": arrow("lz4"),
}
each_compression = pytest.mark.parametrize("suffix", COMPRESSORS)


def words_of(source, **options):
    with encode(source, min_count=1, **options) as corpus:
        keys = corpus.vocabulary.keys
        return [[keys[i] for i in corpus.ids[a:b]] for a, b in zip(corpus.offsets, corpus.offsets[1:], strict=False)]


@pytest.mark.parametrize("block", [1, 7, 1 << 18])
@pytest.mark.parametrize(
    "raw",
    [
        b"a b\nc\n",
        b"a b\r\nc\r\n",
        b"a b\r\nc",
        b"\xef\xbb\xbfa b\nc",
        b"\n\na b\n\n\nc\n\n",
        b" a  b \n c ",
        b"a\tb\nc\0"[:-1],
    ],
)
def test_line_ends(tmp_path, monkeypatch, raw, block):
    monkeypatch.setattr(counting, "BLOCK_BYTES", block)
    file = tmp_path / "text.txt"
    file.write_bytes(raw)
    for tokenizer in ("whitespace", "words", str.split):
        assert words_of(file, tokenizer=tokenizer) == [["a", "b"], ["c"]]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 100, 10_000])
@pytest.mark.parametrize("whole_lines", [False, True])
def test_blocks_put_together_are_the_file(tmp_path, size, whole_lines):
    file = tmp_path / "text.txt"
    file.write_text(TEXT, encoding="utf-8")
    at = 0
    blocks = list(TextFile(str(file)).blocks(size, whole_lines=whole_lines))
    for block in blocks:
        assert block.place.offset == at
        assert block.data[block.length - 1] in (b"\n" if whole_lines else b" \n")
        assert set(block.data[block.length : block.length + 16]) == {32}
        at += block.length
    assert b"".join(block.data[: block.length] for block in blocks) == TEXT.encode()
    assert blocks[-1].done == len(TEXT.encode())


def test_two_files_do_not_run_into_each_other(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(f"one {name}")
    assert words_of([tmp_path / "a", tmp_path / "b"]) == [["one", "a"], ["one", "b"]]


def test_a_line_may_be_longer_than_any_block(tmp_path, monkeypatch):
    monkeypatch.setattr(counting, "BLOCK_BYTES", 100)
    file = tmp_path / "line.txt"
    file.write_text("word " * 5000 + "x" * 5000)
    (line,) = words_of(file)
    assert line == ["word"] * 5000 + ["x" * 5000]


@each_compression
@pytest.mark.parametrize("tokenizer", ["words", str.split])
def test_compressed(tmp_path, suffix, tokenizer):
    plain, file = tmp_path / "text.txt", tmp_path / f"text.txt{suffix}"
    plain.write_text(TEXT, encoding="utf-8")
    file.write_bytes(COMPRESSORS[suffix](TEXT.encode()))
    assert words_of(file, tokenizer=tokenizer) == words_of(plain, tokenizer=tokenizer)


@each_compression
def test_two_compressed_files_in_one(tmp_path, suffix):
    file = tmp_path / f"text{suffix}"
    file.write_bytes(COMPRESSORS[suffix](b"one\n") + COMPRESSORS[suffix](b"two\n"))
    assert words_of(file) == [["one"], ["two"]]


@each_compression
@pytest.mark.parametrize("damage", ["cut", "cut early", "other bytes", "nothing"])
def test_compressed_and_damaged(tmp_path, suffix, damage):
    data = COMPRESSORS[suffix]("".join(f"{n} {n * 7919 % 1013}\n" for n in range(20_000)).encode())
    file = tmp_path / f"text{suffix}"
    file.write_bytes(
        {"cut": data[:-40], "cut early": data[:9], "other bytes": b"plain text\n" * 9, "nothing": b""}[damage]
    )
    with pytest.raises(ValueError, match=r"text\S+ is cut short or damaged|not one word in .*text"):
        encode(file, min_count=1)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "There is not one word in .*text.txt: 0 bytes, 0 lines"),
        (b"\n \n", "There is not one word in .*: 3 bytes, 2 lines"),
        (b"text\n\0more", r"text.txt looks like a binary file \(a zero byte at byte 5\). Give text in UTF-8"),
        (
            b"\x01\x02" * 9 + b"text " * 9,
            r"like a binary file \(18 control characters in its first 63 bytes, the first",
        ),
        ("text".encode("utf-16"), "it begins like text in UTF-16: convert it with iconv"),
        (gzip.compress(b"text", mtime=0), "it begins as gzip does: let its name end in .gz"),
        (b"PAR1....", "it begins as Parquet does"),
    ],
)
def test_what_is_no_text(tmp_path, raw, message):
    file = tmp_path / "text.txt"
    file.write_bytes(raw)
    for tokenizer in ("words", str.split):
        with pytest.raises(ValueError, match=message):
            encode(file, min_count=1, tokenizer=tokenizer)


def test_a_zero_byte_far_into_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(counting, "BLOCK_BYTES", 64)
    file = tmp_path / "text.txt"
    file.write_bytes(b"text " * 1000 + b"a\0")
    with pytest.raises(ValueError, match="a zero byte at byte 5,001"):
        encode(file, min_count=1)


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("block", [16, 1 << 18])
@pytest.mark.parametrize("broken", [b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf5\x80\x80\x80"])
@pytest.mark.parametrize("tokenizer", ["words", str.split])
def test_broken_utf8(tmp_path, monkeypatch, tokenizer, broken, block, bom):
    monkeypatch.setattr(counting, "BLOCK_BYTES", block)
    file = tmp_path / "text.txt"
    before = bom + "é한 one\n".encode() * 100 + b"two "
    file.write_bytes(before + b"a" + broken + b"b three\n" + b"\xff\n")
    place = f"text.txt, line 101, byte {len(before) + 1:,} of the file: 0x{broken[0]:02X} is not UTF-8"
    with pytest.raises(ValueError, match=place):
        encode(file, min_count=1, tokenizer=tokenizer, threads=2)
    with encode(file, min_count=1, tokenizer=tokenizer, errors="replace") as corpus:
        assert corpus.statistics["bytes_replaced"] == len(broken) + 1
        assert {"two", "a", "b", "three"} <= set(corpus.vocabulary)
        assert corpus.statistics["sentences_read"] == 102
