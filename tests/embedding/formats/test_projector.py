from __future__ import annotations

import numpy as np
import pytest

from jari.embedding import Embedding, Vocabulary
from jari.embedding.formats import read, write
from jari.errors import BadFile, BadInput, FileIsThere


def test_two_tables_are_written(tmp_path):
    vectors = np.array([[1, -0.5], [1e-10, 3]], dtype=np.float32)
    write(Embedding(["New York", "자리"], vectors), tmp_path / "a.projector")
    table = (tmp_path / "a.projector" / "vectors.tsv").read_text()
    assert [[float(v) for v in line.split("\t")] for line in table.splitlines()] == [[1, -0.5], [1e-10, 3]]
    assert (tmp_path / "a.projector" / "metadata.tsv").read_text() == "New York\n자리\n"


def test_two_columns_have_a_header_and_one_has_none(tmp_path):
    write(Embedding(Vocabulary(["a", "b"], counts=[5, 3]), np.eye(2)), tmp_path / "a.projector")
    assert (tmp_path / "a.projector" / "metadata.tsv").read_text() == "key\tcount\na\t5\nb\t3\n"


@pytest.mark.parametrize(
    ("key", "reason"),
    [("a\tb", "has a tab"), ("a\nb", "has a line break"), ("", "is empty"), ("\u3000 ", "white space")],
)
def test_keys_that_would_shift_the_rows_are_refused(tmp_path, key, reason):
    with pytest.raises(BadInput, match=rf"{reason}, which a projector table cannot hold"):
        write(Embedding([key], [[1.0]]), tmp_path / "a.projector")


def test_it_is_not_read(tmp_path):
    write(Embedding(["a"], [[1.0]]), tmp_path / "a.projector")
    with pytest.raises(BadInput, match="'projector' is written only"):
        read(tmp_path / "a.projector", "projector")
    with pytest.raises(BadFile, match=r"is no \.jari"):
        read(tmp_path / "a.projector")


def test_a_folder_of_other_things_is_never_replaced(tmp_path):
    (tmp_path / "home.projector").mkdir()
    (tmp_path / "home.projector" / "thesis.tex").write_text("years of work")
    with pytest.raises(FileIsThere, match=r"holds other things too \(thesis.tex\)"):
        write(Embedding(["a"], [[1.0]]), tmp_path / "home.projector", force=True)
