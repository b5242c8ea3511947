import numpy as np
import pytest
from scipy.sparse import csr_array

from jari.embedding import Vocabulary
from jari.errors import BadInput, UnknownKey
from jari.learn import histories
from jari.learn.histories import allowed_rows, history_of, without_each

FILMS = Vocabulary(["Heat", "Up", "Us"])


def test_keys_become_a_row():
    np.testing.assert_array_equal(history_of(["Us", "Heat"], FILMS).toarray(), [[1, 0, 1]])
    np.testing.assert_array_equal(history_of({"Us": 3}, FILMS).toarray(), [[0, 0, 3]])
    with pytest.raises(UnknownKey, match=r"'Heap' is not among the 3 items that were learnt\. Did you mean 'Heat'\?"):
        history_of(["Heap"], FILMS)
    with pytest.raises(BadInput, match="not one string"):
        history_of("Up", FILMS)


@pytest.mark.parametrize("at_once", [1, 7, 1 << 20])
def test_each_is_left_out_once(monkeypatch, at_once):
    monkeypatch.setattr(histories, "_AT_ONCE", at_once)
    weights = np.array([[0, 2, 0, 1, 5, 0, 3]], np.float32)
    dense = np.vstack([part.toarray() for part in without_each(csr_array(weights))])
    wanted = np.repeat(weights, 4, axis=0)
    wanted[np.arange(4), np.flatnonzero(weights)] = 0
    np.testing.assert_array_equal(dense, wanted)


def test_of_nothing_nothing_is_left_out():
    assert list(without_each(csr_array((1, 3), dtype=np.float32))) == []


def test_rows_that_are_allowed():
    assert allowed_rows(None, FILMS) is None
    assert allowed_rows(["Us", "Heat", "Us"], FILMS).tolist() == [0, 2]
    assert allowed_rows(lambda film: False, FILMS).tolist() == []
    with pytest.raises(BadInput, match="not one string"):
        allowed_rows("Up", FILMS)
