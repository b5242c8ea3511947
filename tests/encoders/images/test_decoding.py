"""Pictures come in order, whatever happens to the processes that decode them, and none of those is left behind."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jari.encoders.images import decode_pool
from jari.encoders.images.decoding import Decoded, decode
from jari.encoders.images.files import ImageFile, listed
from jari.encoders.images.preprocessing import Preprocessing
from jari.errors import BadInput, JariError

Image = pytest.importorskip("PIL.Image")

SMALL = Preprocessing.of_json({"image_processor_type": "ViTImageProcessor", "size": 16})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """60 plain pictures, each of its number's grey; some of other sizes, so that they take longer."""
    for number in range(60):
        size = (700, 500) if number % 7 == 0 else (20, 20)
        Image.new("L", size, number).save(tmp_path / f"{number:02}.png")
    return tmp_path


@pytest.fixture(autouse=True)
def no_process_is_left() -> Iterator[None]:
    before = children()
    yield
    assert children() <= before


def children() -> set[int]:
    """Of this process, those that ended and were not waited for, too."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == os.getpid():
            found.add(int(status.parent.name))
    return found


def files_of(folder: Path) -> list[ImageFile]:
    return listed(folder).files


def greys(decoded: list[Decoded]) -> list[int | None]:
    return [None if one.pixels is None else int(one.pixels[0, 0, 0]) for one in decoded]


@pytest.mark.parametrize("workers", [0, 1, 3, None])
def test_pictures_come_in_the_order_of_the_files(folder: Path, workers: int | None) -> None:
    files = files_of(folder)
    decoded = list(decode(iter(files), SMALL, workers=workers))
    assert [one.file for one in decoded] == files
    assert greys(decoded) == list(range(60))
    for one in decoded:
        assert one.digest == hashlib.sha256(Path(one.file.path).read_bytes()).digest()
        assert (one.pixels.shape, one.pixels.dtype, one.reason) == ((16, 16, 3), np.uint8, None)


def test_processes_and_this_one_make_the_same_pixels(folder: Path) -> None:
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)).save(folder / "noise.jpg")
    for preprocessing in (SMALL, Preprocessing.torchvision()):
        here, there = (list(decode(files_of(folder), preprocessing, workers=count)) for count in (0, 2))
        for one, other in zip(here, there, strict=True):
            np.testing.assert_array_equal(one.pixels, other.pixels)


def test_known_files_are_not_decoded(folder: Path) -> None:
    known = {one.file.key: one.digest for one in decode(files_of(folder), SMALL)}
    Image.new("L", (9, 9), 200).save(folder / "07.png")
    Image.new("L", (9, 9), 201).save(folder / "new.png")
    for workers in (0, 2):
        decoded = list(decode(files_of(folder), SMALL, known=known, workers=workers))
        assert [one.file.key for one in decoded if not one.unchanged] == ["07.png", "new.png"]
        assert [grey for grey in greys(decoded) if grey is not None] == [200, 201]
        assert {one.file.key: one.digest for one in decoded if one.unchanged}.items() <= known.items()


@pytest.mark.parametrize("workers", [0, 2])
def test_what_cannot_be_read_is_said_and_the_rest_goes_on(folder: Path, workers: int) -> None:
    (folder / "03.png").write_bytes(b"")
    (folder / "04.png").write_bytes(b"text")
    (folder / "05.png").write_bytes((folder / "06.png").read_bytes()[:45])
    (folder / "08.png").unlink()
    (folder / "08.png").mkdir()
    files = files_of(folder)
    (folder / "09.png").unlink()
    (folder / "10.png").unlink()
    os.mkfifo(folder / "10.png")
    files += [ImageFile(str(folder / "08.png"), "a folder", 0, True), ImageFile("a\0b", "no name", 0, True)]
    decoded = list(decode(files, SMALL, workers=workers, max_pixels=100_000))
    reasons = {one.file.key: one.reason for one in decoded if one.reason}
    assert reasons == {
        "03.png": "empty",
        "04.png": "text, no picture",
        "05.png": "cut short: it ends in the middle of the picture",
        "09.png": "not there",
        "10.png": "no regular file",
        "a folder": "a folder",
        "no name": "no file can have this name",
        **{f"{number:02}.png": "too large: 350,000 pixels, and max_pixels=100,000" for number in range(0, 60, 7)},
    }
    digests = {one.file.key: one.digest for one in decoded}
    assert digests["03.png"] == hashlib.sha256(b"").digest()
    assert digests["09.png"] == digests["10.png"] == b""
    assert len([grey for grey in greys(decoded) if grey is not None]) == 59 - 5 - 9


def test_a_killed_process_is_one_unreadable_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = files_of(folder)
    stop = folder / "30.png"
    stop.unlink()
    running: list[Any] = []
    begin, send = decode_pool._Process.begin, decode_pool.send

    def noted(process: Any, setting: Any) -> None:
        running.append(process)
        begin(process, setting)

    def deadly(pipe: Any, said: Any, body: bytes = b"") -> None:
        """Kill the process that is asked for the file, as a lack of memory would."""
        if said.get("path") == str(stop):
            next(one for one in running if one._to is pipe).kill()
        send(pipe, said, body)

    monkeypatch.setattr(decode_pool._Process, "begin", noted)
    monkeypatch.setattr(decode_pool, "send", deadly)
    decoded = list(decode(files, SMALL, workers=2))
    assert len(running) == 3
    assert greys(decoded) == [None if number == 30 else number for number in range(60)]
    assert [one.reason for one in decoded if one.reason] == ["the process that read it was killed (SIGKILL)"]


def test_closing_ends_the_processes_at_once(folder: Path) -> None:
    before = children()
    pictures = decode(files_of(folder), SMALL, workers=2)
    next(pictures)
    started = children() - before
    assert len(started) == 2
    began = time.perf_counter()
    pictures.close()
    assert time.perf_counter() - began < 2
    assert not any(thread.name.startswith("jari-decode") for thread in threading.enumerate())
    assert children() == before


def test_an_interrupt_is_for_who_asks(folder: Path) -> None:
    """Ctrl-C goes to all processes of a terminal; a program that goes on after it loses no picture by that."""
    before = children()
    pictures = decode(files_of(folder) * 3, SMALL, workers=2)
    decoded = [next(pictures)]
    for process in children() - before:
        os.kill(process, signal.SIGINT)
    decoded += pictures
    assert greys(decoded) == [*range(60)] * 3


def test_an_error_of_who_asks_ends_the_processes(folder: Path) -> None:
    before = children()
    with pytest.raises(KeyError, match="seven"), closing(decode(files_of(folder), SMALL, workers=2)) as pictures:  # noqa: PT012
        for one in pictures:
            if one.file.key == "07.png":
                raise KeyError("seven")
    assert children() == before


def test_few_files_are_read_without_processes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode_pool.subprocess, "Popen", None)
    assert greys(list(decode(files_of(folder)[:1], SMALL))) == [0]
    assert list(decode([], SMALL)) == []


def test_only_some_files_are_taken_ahead(folder: Path) -> None:
    taken = 0

    def many() -> Iterator[ImageFile]:
        nonlocal taken
        for file in files_of(folder) * 20:
            taken += 1
            yield file

    pictures = decode(many(), SMALL, workers=1)
    next(pictures)
    time.sleep(0.3)
    assert taken < 40
    pictures.close()


def test_a_process_that_does_not_start_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode_pool, "_START", "import sys; sys.exit(3)")
    with pytest.raises(JariError, match=r"does not start: .* ended with 3\. Give workers=0"):
        list(decode(files_of(folder), SMALL, workers=2))


def test_parameters_that_cannot_be() -> None:
    with pytest.raises(BadInput, match="workers=-1: processes cannot be fewer"):
        decode([], SMALL, workers=-1)
    with pytest.raises(BadInput, match="max_pixels=0: a picture has at least one pixel"):
        decode([], SMALL, max_pixels=0)


SCRIPT = """
import sys
from jari.encoders.images.decoding import decode
from jari.encoders.images.files import listed
from jari.encoders.images.preprocessing import Preprocessing
print("once", flush=True)
small = Preprocessing.of_json({"image_processor_type": "ViTImageProcessor", "size": 16})
files = listed(sys.argv[1]).files * int(sys.argv[2])
print(sum(one.pixels is not None for one in decode(files, small, workers=2)), flush=True)
"""


def script(folder: Path, times: int) -> subprocess.Popen[str]:
    path = folder / "without a main guard.py"
    path.write_text(SCRIPT)
    for module in ("json", "queue", "signal"):
        (folder / f"{module}.py").write_text("raise SystemExit('a module of the working folder')")
    return subprocess.Popen(
        [sys.executable, "-P", str(path), str(folder), str(times)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        start_new_session=True,
    )


def test_a_program_without_a_main_guard_runs_once(folder: Path) -> None:
    out, err = script(folder, 1).communicate(timeout=60)
    assert (out, err) == ("once\n60\n", "")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_however_a_program_ends_its_processes_end(folder: Path, how: signal.Signals) -> None:
    """As Ctrl-C does it, to the whole group; as `kill` does it, to the program alone."""
    process = script(folder, 100_000)
    assert process.stdout is not None
    assert process.stdout.readline() == "once\n"
    deadline = time.monotonic() + 20
    while len(group := group_of(process.pid)) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(group) == 3
    time.sleep(0.3)
    began = time.monotonic()
    if how is signal.SIGINT:
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    _, err = process.communicate(timeout=20)
    while group_of(process.pid) and time.monotonic() < began + 10:
        time.sleep(0.02)
    assert not group_of(process.pid)
    assert time.monotonic() - began < 5
    assert process.returncode == -how
    assert ("KeyboardInterrupt" in err) == (how is signal.SIGINT)


def group_of(leader: int) -> set[int]:
    """Processes of a group, dead ones not among them."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader and fields[0] != "Z":
            found.add(int(status.parent.name))
    return found


def test_the_worker_is_light() -> None:
    """It starts in a moment, for each core: nothing large is imported."""
    heavy = ["jari.ingest", "numba", "pyarrow", "scipy", "torch", "transformers"]
    code = f"import sys, jari.encoders.images.decode_worker; print(*set(sys.modules).intersection({heavy}))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == ""
