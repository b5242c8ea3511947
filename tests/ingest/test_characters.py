"""What the fast splitter takes for granted of Unicode, asked of this Python's Unicode."""

import functools
import sys
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor

from jari.ingest import characters
from jari.ingest.characters import _composing, properties_of
from jari.kernels.words import IGNORED, UNSTABLE

EVERY = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]


def test_only_one_character_has_a_longer_lower_case():
    assert [c for c in EVERY if len(c.lower()) != 1] == ["İ"]


def test_lower_case_is_at_most_half_as_long_again():
    assert all(2 * len(c.lower().encode()) <= 3 * len(c.encode()) for c in EVERY)


def test_combining_characters_are_marks():
    assert all(unicodedata.category(c)[0] == "M" for c in EVERY if unicodedata.combining(c))


def test_all_that_composes_with_what_is_before_is_known():
    pairs = [unicodedata.decomposition(c).split() for c in EVERY]
    seconds = {chr(int(pair[1], 16)) for pair in pairs if len(pair) == 2 and not pair[0].startswith("<")}
    assert seconds <= _composing()
    assert unicodedata.normalize("NFC", "\u1100\u1161\u11a8") == "각"
    assert {"\u1161", "\u1175", "\u11a8", "\u11c2", "\u0301"} <= _composing()


def test_apostrophes_are_looked_past_for_sigma():
    assert properties_of("'") & int(IGNORED)
    assert not properties_of("a") & int(UNSTABLE)


def test_all_threads_share_one_table(monkeypatch):
    def slowly(properties, start):
        time.sleep(0.05)

    monkeypatch.setattr(characters, "_made", functools.cache(characters._made.__wrapped__))
    monkeypatch.setattr(characters, "_fill", slowly)
    with ThreadPoolExecutor(4) as pool:
        tables = [asked.result() for asked in [pool.submit(characters.table) for _ in range(4)]]
    assert all(each is tables[0] for each in tables)
