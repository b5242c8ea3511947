"""Silence within, and all as before afterwards."""

import logging
import warnings

import pytest

from jari.encoders.quiet import quiet

transformers = pytest.importorskip("transformers")


def states():
    hub = pytest.importorskip("huggingface_hub.utils")
    talk = pytest.importorskip("transformers.utils.logging")
    levels = [logging.getLogger(name).level for name in ("transformers", "huggingface_hub")]
    return levels, hub.are_progress_bars_disabled(), talk.is_progress_bar_enabled()


def test_nothing_is_said_within(capfd):
    before = states()
    with quiet():
        logging.getLogger("transformers.modeling_utils").warning("weights were newly initialised")
        logging.getLogger("huggingface_hub.file_download").error("retrying")
        warnings.warn("deprecated", FutureWarning, stacklevel=1)
        for bars in (transformers.utils.logging.tqdm, pytest.importorskip("huggingface_hub.utils").tqdm):
            for _ in bars(range(3)):
                pass
    assert capfd.readouterr() == ("", "")
    assert states() == before


def test_all_is_as_before_after_an_error():
    before = states()
    with pytest.raises(KeyError), quiet():
        raise KeyError("name")
    assert states() == before


def test_bars_that_were_hidden_stay_hidden():
    hub = pytest.importorskip("huggingface_hub.utils")
    hidden = hub.are_progress_bars_disabled()
    hub.disable_progress_bars()
    try:
        before = states()
        with quiet(), quiet():
            pass
        assert states() == before
    finally:
        (hub.disable_progress_bars if hidden else hub.enable_progress_bars)()


def test_one_within_another():
    before = states()
    with quiet():
        with quiet():
            pass
        within = states()
        assert within[1]
        assert not within[2]
    assert states() == before
