import json

import numpy as np
import pytest

from jari.errors import BadFile, BadInput
from jari.learn.checkpoint import Checkpoint, State, refuse_other_parameters


def state(value=1.0):
    return State({"dim": 3}, {"block": 7}, {"vectors": np.full((2, 3), value, np.float32)})


def test_what_is_saved_is_loaded(tmp_path):
    checkpoint = Checkpoint(tmp_path / "c")
    assert not checkpoint.exists()
    checkpoint.save(state())
    checkpoint.save(state(2.0))
    assert checkpoint.exists()
    loaded = checkpoint.load()
    assert loaded.parameters == {"dim": 3}
    assert loaded.position == {"block": 7}
    np.testing.assert_array_equal(loaded.matrices["vectors"], np.full((2, 3), 2.0))
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == ["matrices-2.safetensors", "state.json"]


def test_a_save_that_fails_leaves_the_old_state(tmp_path, monkeypatch):
    checkpoint = Checkpoint(tmp_path / "c")
    checkpoint.save(state())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jari.learn.checkpoint.write_tensors", full)
    with pytest.raises(OSError, match="No space left"):
        checkpoint.save(state(2.0))
    np.testing.assert_array_equal(checkpoint.load().matrices["vectors"], np.ones((2, 3)))


def spoilt(folder, **changed):
    path = folder / "state.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changed))


def test_damaged_ones_are_refused(tmp_path):
    folder = tmp_path / "c"
    checkpoint = Checkpoint(folder)
    checkpoint.save(state())
    spoilt(folder, version=9)
    with pytest.raises(BadFile, match="a checkpoint of version 9; this Jari reads version 1"):
        checkpoint.load()
    spoilt(folder, version=1, matrices="../elsewhere.safetensors")
    with pytest.raises(BadFile, match="which is no file of this folder"):
        checkpoint.load()
    spoilt(folder, matrices="matrices-1.safetensors")
    (folder / "matrices-1.safetensors").write_bytes(b"\x00" * 20)
    with pytest.raises(BadFile, match=r"it is damaged\. Delete .* learn from the beginning"):
        checkpoint.load()
    (folder / "state.json").write_text("{")
    with pytest.raises(BadFile, match="is damaged"):
        checkpoint.load()


def test_other_parameters_are_named(tmp_path):
    refuse_other_parameters(tmp_path, {"dim": 3}, {"dim": 3})
    with pytest.raises(BadInput, match=r"learning with dim=3 \(now 4\)"):
        refuse_other_parameters(tmp_path, {"dim": 3}, {"dim": 4})


def test_removed_it_is_gone(tmp_path):
    checkpoint = Checkpoint(tmp_path / "c")
    checkpoint.save(state())
    checkpoint.remove()
    assert not (tmp_path / "c").exists()
