"""What every format promises, whatever its bytes: ``class TestWord2Vec(FormatContract): name = "word2vec"``."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jari.embedding import Embedding
from jari.embedding.formats import FORMATS, atomic, detect, read, write
from jari.errors import BadInput, FileIsThere, JariError, NoSuchFile

WORDS = ("the", "king", "자리", "😀", "naïve", "C++", "don't", '"quoted"', "a#b", "x\u2028y", "-1", "#")
AWKWARD = (
    "\u00a0",
    "",
    " ",
    "New York",
    "two\nlines",
    "tab\there",
    "end\r",
    "\r",
    "nul\0",
    "\ufeffbom",
    "route 66",
    "v 2.0",
    "a ",
)
# Numbers that a text must not lose a digit of: the least and the greatest, negative zero, those next to 1.
VALUES = st.sampled_from([0.0, -0.0, 1.0, 1e-45, 3.4028235e38, -1.1754944e-38, 0.1, 1 / 3]) | st.floats(width=32)


class FormatContract:
    """Inherit, and say the name of a format."""

    name: ClassVar[str]
    flushes: ClassVar[int] = 1  # how many files and folders go to the disk before any takes its place
    any_key: ClassVar[bool] = False  # whether every string can be a key

    @property
    def format(self):
        return FORMATS[self.name]

    def path(self, folder: Path, stem: str = "vectors") -> Path:
        return folder / f"{stem}{self.format.extensions[0]}"

    def test_it_says_what_it_is(self):
        assert self.format.name == self.name
        assert self.format.description
        assert all(ending.startswith(".") for ending in self.format.extensions)
        assert self.format.writes

    def test_nothing_is_replaced_unasked(self, tmp_path):
        small = Embedding(WORDS, np.ones((len(WORDS), 2)))
        path = self.path(tmp_path)
        write(small, path)
        before = _content(tmp_path)
        with pytest.raises(FileIsThere, match=r"exists already.*force=True"):
            write(small[:3], path)
        assert _content(tmp_path) == before
        write(small[:3], path, force=True)
        assert _content(tmp_path) != before
        assert len(_content(tmp_path)) == len(before)

    def test_a_full_disk_leaves_the_old_one(self, tmp_path, monkeypatch):
        small = Embedding(WORDS, np.ones((len(WORDS), 2)))
        path = self.path(tmp_path)
        write(small, path)
        before = _content(tmp_path)
        for allowed in range(self.flushes):
            with monkeypatch.context() as patch:
                _fill_disk_after(allowed, patch)
                with pytest.raises(
                    OSError, match=r"No space left on device \(what was there before is untouched\)"
                ) as full:
                    write(small[:3], path, force=True)
            assert _content(tmp_path) == before
            assert Path(full.value.filename).parent == tmp_path

    @pytest.mark.skipif(os.name == "nt", reason="needs limits on the size of files")
    def test_a_write_that_fails_leaves_the_old_one(self, tmp_path):
        path = self.path(tmp_path)
        write(Embedding(WORDS, np.ones((len(WORDS), 2))), path)
        before = _content(tmp_path)
        large = Embedding([f"k{row}" for row in range(5000)], np.ones((5000, 4)))
        with _files_of_at_most(20_000), pytest.raises(OSError, match="File too large"):
            write(large, path, force=True)
        assert _content(tmp_path) == before

    def test_the_folder_must_be_there(self, tmp_path):
        with pytest.raises(NoSuchFile, match="There is no folder"):
            write(Embedding(["a"], [[1.0]]), self.path(tmp_path / "nowhere"))


class ReadableFormatContract(FormatContract):
    """For formats that are read, too."""

    def round_trip(self, folder: Path, embedding: Embedding) -> Embedding:
        path = self.path(folder)
        write(embedding, path, force=True)
        assert detect(path) == self.name
        return read(path)

    def test_what_is_written_is_read_back(self, tmp_path):
        @given(data=st.data())
        @settings(max_examples=50)
        def check(data):
            keys = data.draw(st.lists(st.sampled_from(WORDS), unique=True, min_size=1))
            shape = len(keys), data.draw(st.integers(1, 5))
            vectors = data.draw(hnp.arrays(np.float32, shape, elements=VALUES.filter(np.isfinite)))
            back = self.round_trip(tmp_path, Embedding(keys, vectors))
            assert list(back) == keys
            np.testing.assert_array_equal(back.vectors.view(np.uint32), vectors.view(np.uint32))

        check()

    def test_a_key_is_read_back_or_refused(self, tmp_path):
        plain = ["plain", "words", "only"]  # as in any real file: GloVe's dimensions are told by what most lines have
        text = st.text(st.characters(exclude_categories=["Cs"]))

        @given(more=st.lists(st.sampled_from(WORDS + AWKWARD) | text, unique=True, min_size=1))
        @settings(max_examples=80)
        def check(more):
            keys = plain + [key for key in more if key not in plain]
            vectors = np.arange(2 * len(keys), dtype=np.float32).reshape(-1, 2) / 8
            try:
                back = self.round_trip(tmp_path, Embedding(keys, vectors))
            except BadInput as refused:
                if self.any_key or "cannot hold" not in str(refused):
                    raise
            else:
                assert list(back) == keys
                np.testing.assert_array_equal(back.vectors, vectors)

        check()

    def test_many_rows_are_read_back(self, tmp_path):
        rng = np.random.default_rng(2)
        vectors = rng.standard_normal((30_000, 20), dtype=np.float32)
        back = self.round_trip(tmp_path, Embedding([f"k{row}" for row in range(30_000)], vectors))
        assert back.keys[29_999] == "k29999"
        np.testing.assert_array_equal(back.vectors, vectors)

    def test_nothing_there_is_said(self, tmp_path):
        for asked in (None, self.name):
            with pytest.raises(NoSuchFile, match=r"There is no .*vectors"):
                read(self.path(tmp_path), asked)

    def test_no_cut_is_taken_for_a_whole(self, tmp_path):
        path = self.path(tmp_path)
        write(Embedding(WORDS, np.linspace(0.125, 1, 2 * len(WORDS)).reshape(-1, 2)), path)
        for file in [path] if path.is_file() else sorted(path.iterdir()):
            whole = file.read_bytes()
            for length in {0, 1, len(whole) // 2, len(whole) - 3}:
                file.write_bytes(whole[:length])
                if self.cut_can_be_told(length, whole):
                    with pytest.raises(JariError, match=r"vectors"):
                        read(path, self.name)
            file.write_bytes(whole)
        assert list(read(path)) == list(WORDS)

    def cut_can_be_told(self, length: int, whole: bytes) -> bool:
        """Whether so short a file is plainly not whole."""
        return length < len(whole)

    @pytest.mark.parametrize("size", [0, 1, 10, 1000, 100_000])
    def test_noise_is_refused(self, tmp_path, size):
        path = tmp_path / f"vectors{self.format.extensions[0]}"
        path.write_bytes(np.random.default_rng(size).bytes(size))
        with pytest.raises(JariError, match="vectors"):
            read(path, self.name)


def _content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@contextmanager
def _files_of_at_most(size: int) -> Iterator[None]:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _fill_disk_after(allowed: int, patch: pytest.MonkeyPatch) -> None:
    """After so many flushes, the disk is full."""
    done = 0
    real = atomic.os.fsync

    def fsync(handle: int) -> None:
        nonlocal done
        if done >= allowed:
            raise OSError(errno.ENOSPC, "No space left on device")
        done += 1
        real(handle)

    patch.setattr(atomic.os, "fsync", fsync)
