"""What only a process of its own can show: standard input, interrupts, and how much memory it takes."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest


def python(code, **options):
    command = [sys.executable, "-c", textwrap.dedent(code)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def finished(process, given=b""):
    out, err = process.communicate(given, timeout=120)
    assert process.returncode == 0, err.decode()
    return out.decode().strip()


def test_standard_input():
    code = """
        import jari
        with jari.encode("-", min_count=1) as corpus:
            print(list(corpus.vocabulary), corpus.ids.tolist(), corpus.statistics["sources"])
    """
    assert finished(python(code), b"to be\nor not to be") == (
        "['be', 'to', 'not', 'or'] [1, 0, 3, 2, 1, 0] ['standard input']"
    )


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_an_interrupt_ends_at_once_and_leaves_nothing(tmp_path):
    """While standard input gives nothing, which is where most time is spent."""
    code = """
        import jari
        print("ready", flush=True)
        jari.encode("-", min_count=1)
    """
    process = python(code, env={**os.environ, "TMPDIR": str(tmp_path)})
    process.stdin.write(b"some text " * 100_000)
    process.stdin.flush()
    assert process.stdout.readline() == b"ready\n"
    while not list(tmp_path.glob("jari-corpus-*")):
        time.sleep(0.01)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, err = process.communicate(timeout=60)
    assert b"KeyboardInterrupt" in err
    assert time.monotonic() - began < 10
    assert not list(tmp_path.glob("jari-corpus-*"))


MEASURE = """
    import resource, sys
    import numpy as np
    import jari

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10  # in MB; of Linux

    # Everything is compiled and imported before it counts
    jari.encode(["warm up " * 9], min_count=1, memory="32MB").close()
    before = peak()
    with jari.encode({source}, tokenizer="whitespace", min_count={min_count}, threads=2, memory="32MB") as corpus:
        read = corpus.statistics
        print(peak() - before, len(corpus.vocabulary), read["words_read"], read["tokens_read"])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in other units elsewhere")
def test_memory_does_not_grow_with_the_file(tmp_path):
    file = tmp_path / "large.txt"
    line = b"the quick brown fox jumps over the lazy dog and runs away from it\n"
    with file.open("wb") as out:
        for _ in range(160):
            out.write(line * (1_000_000 // len(line)))
    grown, keys, _, tokens = map(int, finished(python(MEASURE.format(source=repr(str(file)), min_count=1))).split())
    assert keys == 13
    assert tokens > 30_000_000  # as numbers 120 MB
    assert grown < 48


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in other units elsewhere")
def test_memory_does_not_grow_with_the_words(tmp_path):
    """Two million different words take 200 MB as a table, and are sorted out on disk."""
    file = tmp_path / "many.txt"
    with file.open("w") as out:
        for start in range(0, 2_000_000, 20_000):
            out.write(" ".join(map(str, range(start, start + 20_000))))
            out.write(" often often\n")
    grown, keys, words, _ = map(int, finished(python(MEASURE.format(source=repr(str(file)), min_count=2))).split())
    assert (keys, words) == (1, 2_000_001)
    assert grown < 100
