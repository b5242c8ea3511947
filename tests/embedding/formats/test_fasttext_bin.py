from __future__ import annotations

import gzip
import struct
from contextlib import suppress

import numpy as np
import pytest

from jari.embedding import load
from jari.embedding.formats import detect, read, write
from jari.embedding.subwords import bucket, ngrams
from jari.errors import BadEncoding, BadFile, BadInput, JariError, NoSuchFile

WORDS = ["the", "자리", "</s>", "a", "x" * 30]
BUCKETS, DIM = 50, 5


def model(
    words=WORDS,
    *,
    dim=DIM,
    buckets=BUCKETS,
    lengths=(3, 6),
    kind=2,
    loss=2,
    version=12,
    magic=793712314,
    entries=None,
    labels=0,
    pruned=-1,
    quantised=(0, 0),
    rows=None,
    columns=None,
    end=b"",
    seed=0,
):
    """A .bin, byte by byte; whatever is given is written, right or wrong."""
    generator = np.random.default_rng(seed)
    inputs = generator.normal(size=(len(words) + buckets, dim)).astype("<f4")
    outputs = generator.normal(size=(len(words), dim)).astype("<f4")
    made = struct.pack("<2i", magic, version)
    made += struct.pack("<12id", dim, 5, 3, 1, 5, 1, loss, kind, buckets, *lengths, 100, 1e-4)
    made += struct.pack("<3i2q", len(words) + labels if entries is None else entries, len(words), labels, 99, pruned)
    for row, word in enumerate(words):
        made += (word.encode() if isinstance(word, str) else word) + b"\0" + struct.pack("<qb", 9 - row, 0)
    for which, matrix in enumerate((inputs, outputs)):
        shape = (len(matrix) if rows is None else rows, dim if columns is None else columns)
        made += struct.pack("<B2q", quantised[which], *shape) + matrix.tobytes()
    return made + end


@pytest.fixture
def put(tmp_path):
    def write_bytes(content, name="a.bin"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write_bytes


def tables(content, words=WORDS, dim=DIM, buckets=BUCKETS):
    """The matrices of a file of `model`."""
    outputs = np.frombuffer(content[-4 * len(words) * dim :], "<f4").reshape(-1, dim)
    size = 4 * (len(words) + buckets) * dim
    begin = len(content) - 4 * len(words) * dim - 17 - size
    return np.frombuffer(content[begin : begin + size], "<f4").reshape(-1, dim), outputs


def composed(inputs, word, words=WORDS):
    rows = [words.index(word)] if word in words else []
    if word != "</s>":
        rows += [len(words) + bucket(ngram, BUCKETS) for ngram in ngrams(word, 3, 6)]
    return inputs[rows].mean(axis=0) if rows else np.zeros(DIM)


def test_words_are_put_together_from_their_rows(put):
    content = model()
    path = put(content)
    inputs, outputs = tables(content)
    assert detect(path) == "fasttext"
    embedding = load(path)
    assert list(embedding) == WORDS
    assert embedding.vocabulary.counts.tolist() == [9, 8, 7, 6, 5]
    for word in WORDS:
        np.testing.assert_allclose(embedding[word], composed(inputs, word), atol=1e-6)
    for word in ("unheard", "자리에", "b", ""):
        unseen = embedding.vectors_of([word], unknown="subword")[0]
        np.testing.assert_allclose(unseen, composed(inputs, word), atol=1e-6)
    np.testing.assert_array_equal(embedding.context, outputs)
    assert embedding.metadata["parameters"]["min_ngram"] == 3
    assert embedding.metadata["parameters"]["architecture"] == "skipgram"


@pytest.mark.parametrize("pad", range(4))
def test_the_matrices_may_begin_at_any_byte(put, pad):
    words = ["a" * (pad + 1), "b"]
    content = model(words)
    embedding = read(put(content))
    inputs, _ = tables(content, words)
    np.testing.assert_allclose(embedding["b"], composed(inputs, "b", words), atol=1e-6)
    assert not embedding.subwords.vectors.flags.owndata


def test_saved_as_jari_it_is_the_same(put, tmp_path):
    embedding = read(put(model()))
    embedding.save(tmp_path / "a.jari")
    back = load(tmp_path / "a.jari")
    np.testing.assert_array_equal(back.vectors, embedding.vectors)
    asked = ["unheard", "자리에"]
    np.testing.assert_array_equal(
        back.vectors_of(asked, unknown="subword"), embedding.vectors_of(asked, unknown="subword")
    )


def test_as_vec_its_words_go_everywhere(put, tmp_path):
    embedding = read(put(model()))
    write(embedding, tmp_path / "a.vec")
    np.testing.assert_array_equal(load(tmp_path / "a.vec").vectors, embedding.vectors)


@pytest.mark.parametrize("lengths", [(0, 0), (3, 0), (6, 3)])
def test_a_model_without_ngrams_has_words_only(put, lengths):
    content = model(lengths=lengths)
    embedding = read(put(content))
    np.testing.assert_array_equal(embedding.vectors, tables(content)[0][: len(WORDS)])
    with pytest.raises(BadInput, match="needs vectors of subwords, and this embedding has none"):
        embedding.vectors_of(["unheard"], unknown="subword")


def test_output_vectors_of_a_tree_are_of_no_words(put):
    assert read(put(model(loss=1))).context is None


def test_a_model_without_words(put):
    assert read(put(model([]))).shape == (0, DIM)


def edited(change, begin, size=4):
    content = bytearray(model())
    content[begin : begin + size] = change
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (model(kind=3), "is a supervised model: it classifies texts"),
        (model(labels=2), "has 2 labels: it is a supervised model"),
        (model(kind=7), "is of model 7, which is none of fastText's"),
        (model(version=13), "is of fastText's version 13; versions 11 and 12 are read"),
        (model(version=-1), "version -1"),
        (model(quantised=(1, 0)), r"is a quantised model \(\.ftz\)"),
        (model(quantised=(0, 1)), r"is a quantised model \(\.ftz\)"),
        (model(pruned=4), r"is a pruned model \(\.ftz\)"),
        (model(entries=9), "says 9 entries, of which 5 words: its dictionary is damaged"),
        (model(rows=7), r"the input matrix \(byte \d+\) is of 7 × 5 numbers, and .* say 55 × 5"),
        (model(columns=4), "is of 55 × 4 numbers, and .* say 55 × 5"),
        (model(rows=-1), "is of -1 × 5 numbers"),
        (model(columns=2**40), "is of 55 × 1099511627776 numbers"),
        (model(end=b"more"), r"4 bytes follow the matrices, at byte \d+"),
        (model(["a", "a"]), "The key 'a' stands twice, in rows 0 and 1"),
        (edited(struct.pack("<i", 2**31 - 1), 64 + 4), r"says 99 entries|dictionary is damaged"),
        (edited(struct.pack("<i", -5), 8), "says vectors of -5 dimensions"),
        (edited(struct.pack("<i", -5), 8 + 32), "dimensions and -5 buckets"),
        (edited(struct.pack("<i", 2**31 - 1), 8 + 32), r"say 2,147,483,652 × 5"),
        (
            edited(struct.pack("<2i", 2**31 - 1, 2**31 - 1), 64, 8),
            r"says 2,147,483,647 words, which need 21,474,836,470",
        ),
        (b"not a model at all", "begins with b'not ' and not with fastText's mark"),
        (b"", "is empty"),
        (gzip.compress(model(), mtime=0), "is packed with gzip.*unpack it with gunzip"),
    ],
)
def test_what_is_no_model_of_words_is_refused(put, content, what):
    with pytest.raises(BadFile, match=rf"a\.bin.*{what}"):
        read(put(content), "fasttext")


def test_a_promise_of_more_than_the_file_holds_asks_for_no_memory(put):
    content = model(buckets=50)
    huge = content[:40] + struct.pack("<i", 2_000_000_000) + content[44:]
    at = huge.index(struct.pack("<q", 55))
    huge = huge[:at] + struct.pack("<q", 2_000_000_005) + huge[at + 8 :]
    with pytest.raises(BadFile, match=r"2,000,000,005 × 5 numbers should follow, 40,000,000,100 bytes, and there are"):
        read(put(huge))


def test_no_cut_is_taken_for_a_whole(put):
    content = model()
    for length in (*range(1, 200, 3), *range(200, len(content), 41), len(content) - 1):
        with pytest.raises(BadFile, match=r"a\.bin.*(cut short|begins with)"):
            read(put(content[:length]), "fasttext")


def test_no_changed_byte_does_harm(put):
    content = model()
    generator = np.random.default_rng(0)
    for at in [*range(0, 250), *generator.integers(250, len(content), 50)]:
        changed = bytearray(content)
        changed[at] ^= int(generator.integers(1, 256))
        with suppress(JariError):  # of which the other tests say more
            read(put(bytes(changed)), "fasttext")


def test_a_key_that_is_not_utf8_is_said_with_its_place(put):
    content = model(["good", b"b\xffad"])
    with pytest.raises(BadEncoding, match=rf"word 1, .*, is not UTF-8 \(byte {content.index(255, 92)} of"):
        read(put(content))


def test_a_key_without_end_is_refused(put):
    content = model()[:92] + b"k" * (3 << 20)
    with pytest.raises(BadFile, match=r"word 0 \(byte 92\) does not end"):
        read(put(content))


def test_values_that_no_embedding_has_are_refused(put):
    content = bytearray(model(lengths=(0, 0)))
    at = len(content) - 4 * len(WORDS) * DIM - 17 - 4 * (len(WORDS) + BUCKETS) * DIM
    content[at : at + 4] = struct.pack("<f", np.nan)
    with pytest.raises(BadFile, match=r"a\.bin: The vector of 'the' \(row 0\) holds nan"):
        read(put(bytes(content)))


def test_a_table_with_nan_is_said_when_a_word_needs_it(put):
    content = bytearray(model([]))
    content[-17 - 4 * BUCKETS * DIM : -17] = struct.pack("<f", np.inf) * (BUCKETS * DIM)
    embedding = read(put(bytes(content)))
    with pytest.raises(BadInput, match="The subword vectors of 'unheard' are not all finite numbers"):
        embedding.vectors_of(["unheard"], unknown="subword")


def test_it_is_not_written(tmp_path):
    with pytest.raises(NoSuchFile, match="There is no"):
        read(tmp_path / "a.bin", "fasttext")
    with pytest.raises(BadInput, match="The format 'fasttext' is read only"):
        write(load_words(), tmp_path / "a.bin", "fasttext")


def load_words():
    from jari.embedding import Embedding

    return Embedding(["a"], [[1.0]])


def test_answers_are_those_of_fasttext(put, tmp_path):
    fasttext = pytest.importorskip("fasttext", reason="fastText's own package is not installed")
    text = tmp_path / "text"
    text.write_text(
        "\n".join(["king rules the land", "고양이가 조용히 잔다", "queens rule lands"] * 50), encoding="utf-8"
    )
    for model_name in ("skipgram", "cbow"):
        theirs = fasttext.train_unsupervised(
            str(text), model=model_name, dim=16, minCount=1, bucket=500, epoch=2, thread=12, verbose=0
        )
        theirs.save_model(str(tmp_path / "t.bin"))
        ours = load(tmp_path / "t.bin")
        assert list(ours) == theirs.words
        for word in [*theirs.words, "kings", "고양이는", "zz", "", "<", "😀"]:
            np.testing.assert_array_equal(
                ours.vectors_of([word], unknown="subword")[0], theirs.get_word_vector(word), err_msg=word
            )
        for word in ("king", "고양이는"):
            scores, keys = zip(*theirs.get_nearest_neighbors(word, k=5), strict=True)
            found = ours.similar(word, k=5, unknown="subword")
            assert list(found.keys) == list(keys)
            np.testing.assert_allclose(found.scores, scores, atol=1e-5)


def test_we_read_what_gensim_writes(tmp_path):
    from gensim.models import FastText
    from gensim.models.fasttext import save_facebook_model

    text = [["king", "rules", "land"], ["queen", "rules", "land"]] * 20
    theirs = FastText(text, vector_size=6, min_count=1, epochs=1, bucket=300, workers=1, seed=1)
    save_facebook_model(theirs, str(tmp_path / "t.bin"))
    ours = load(tmp_path / "t.bin")
    for word in [*theirs.wv.index_to_key, "kings"]:
        np.testing.assert_allclose(ours.vectors_of([word], unknown="subword")[0], theirs.wv[word], atol=1e-6)
