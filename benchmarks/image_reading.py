"""From files of pictures to what a network reads: ``python -m benchmarks image_reading``.

Two sets: the photographs of images/ in the folder that JARI_DATA names (default: ../shared/data), each ten times, and
pictures of 4000 × 3000 as a camera writes them, drawn here: 20 of gradients, shapes and noise, of 1.5 MB, each under as
many names as are asked for. Preprocessing is ResNet-50's (shorter edge 256, bicubic, 224 × 224 of the middle); batches
of 32 come out as float32, normalised.

Sides: Jari's decode in this process and with 1 and 2 processes; the loop that transformers documents, Pillow's picture
to its processor on Pillow; the same in a Dataset of PyTorch with a DataLoader of 2 processes. Each is a process of its
own; what is timed begins after its imports, and has the start of its processes in it. Memory is that of the process
and of all that it started, by Linux's proportional set size, looked at every 30 ms.

Then what decoding JPEGs at a reduced scale (``fast``) saves and changes, and what the way from process to process
costs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.process import CHECKOUT

RESNET = {
    "image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 224}, "crop_pct": 0.875, "resample": 3,
    "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
}  # fmt: skip
BATCH = 32
SIDES = {
    "jari, 0 processes": lambda folder: _jari(folder, 0),
    "jari, 1 process": lambda folder: _jari(folder, 1),
    "jari, 2 processes": lambda folder: _jari(folder, 2),
    "jari, 2, fast": lambda folder: _jari(folder, 2, fast=True),
    "transformers' loop": lambda folder: _loop(folder),
    "DataLoader, 2": lambda folder: _loader(folder),
}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", type=int, default=100, help="pictures of 4000 × 3000 that are timed")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--memory", type=int, nargs="*", default=[100, 1000], help="how many for the peak of memory")
    parser.add_argument("--one", nargs=2, metavar=("SIDE", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(_one(options.one[0], Path(options.one[1]))))
        return
    photographs = Path(os.environ.get("JARI_DATA", "../shared/data")).resolve() / "images"
    if not photographs.is_dir():
        sys.exit("There is no images in the folder that JARI_DATA names (default: ../shared/data).")
    with tempfile.TemporaryDirectory() as scratch:
        small = _tenfold(photographs, Path(scratch, "small"))
        large = _drawn(Path(scratch, "large"), options.large)
        for name, folder in (("photographs", small), ("4000 × 3000", large)):
            _compare(name, folder, options.repeats)
        for count in options.memory:
            folder = _drawn(Path(scratch, f"{count}"), count, of=large)
            _memory(folder, count)
        _reduced(large)
        _ways(small)


def _one(side: str, folder: Path) -> dict[str, float]:
    return SIDES[side](folder)


def _compare(name: str, folder: Path, repeats: int) -> None:
    """By turns, so that a machine that is busy for a while slows all sides."""
    files = sum(1 for _ in folder.iterdir())
    rates: dict[str, list[float]] = {side: [] for side in SIDES}
    for _ in range(repeats):
        for side in SIDES:
            found, _ = _watched(side, folder)
            rates[side].append(found["pictures"] / found["seconds"])
    print(f"\n{name}: {files:,} files")
    for side, found in rates.items():
        print(f"  {side:<20}{statistics.median(found):8.1f} pictures/s  ({min(found):.1f} to {max(found):.1f})")


def _memory(folder: Path, count: int) -> None:
    for side in ("jari, 2 processes", "DataLoader, 2"):
        found, peak = _watched(side, folder)
        rate = found["pictures"] / found["seconds"]
        print(f"  {count:>5} of 4000 × 3000, {side}: peak {peak:,.0f} MB, {rate:.1f} pictures/s")


def _watched(side: str, folder: Path) -> tuple[dict[str, float], float]:
    """What it says, and the most memory, in MB, of it and all below it."""
    command = [sys.executable, "-m", "benchmarks.image_reading", "--one", side, str(folder)]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(_resident, _below(process.pid))))
        time.sleep(0.03)
    out, _ = process.communicate()
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}.")
    return json.loads(out), peak


def _below(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = [Path(task, "children").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except OSError:
        return
    for child in " ".join(children).split():
        yield from _below(int(child))


def _resident(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


def _jari(folder: Path, workers: int, *, fast: bool = False) -> dict[str, float]:
    import numpy as np

    from jari.encoders.images.decoding import decode
    from jari.encoders.images.files import listed
    from jari.encoders.images.preprocessing import Preprocessing

    preprocessing = Preprocessing.of_json(RESNET)
    began, pictures, batch = time.perf_counter(), 0, []
    files = listed(folder).files
    for at, one in enumerate(decode(files, preprocessing, workers=workers, fast=fast), 1):
        batch.append(one.pixels)
        if len(batch) == BATCH or at == len(files):
            pictures += len(preprocessing.normalised(np.stack(batch)))
            batch.clear()
    return {"pictures": pictures, "seconds": time.perf_counter() - began}


def _processor() -> Any:
    from transformers import AutoImageProcessor

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "preprocessor_config.json").write_text(json.dumps(RESNET))
        return AutoImageProcessor.from_pretrained(folder, backend="pil")


def _read(processor: Any, path: Path) -> Any:
    from PIL import Image, ImageOps

    with Image.open(path) as picture:
        return processor(images=ImageOps.exif_transpose(picture).convert("RGB"), return_tensors="pt")["pixel_values"][0]


def _loop(folder: Path) -> dict[str, float]:
    import torch

    processor, paths = _processor(), sorted(folder.iterdir())
    began, pictures = time.perf_counter(), 0
    for at in range(0, len(paths), BATCH):
        pictures += len(torch.stack([_read(processor, path) for path in paths[at : at + BATCH]]))
    return {"pictures": pictures, "seconds": time.perf_counter() - began}


class _Files:
    """A Dataset."""

    def __init__(self, paths: list[Path]) -> None:
        self.paths, self.processor = paths, _processor()

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, row: int) -> Any:
        return _read(self.processor, self.paths[row])


def _loader(folder: Path) -> dict[str, float]:
    from torch.utils.data import DataLoader

    files = _Files(sorted(folder.iterdir()))
    began = time.perf_counter()
    pictures = sum(len(batch) for batch in DataLoader(files, batch_size=BATCH, num_workers=2))
    return {"pictures": pictures, "seconds": time.perf_counter() - began}


def _reduced(folder: Path) -> None:
    """Pixels of the fast way beside those of the whole."""
    import numpy as np

    from jari.encoders.images.opening import opened
    from jari.encoders.images.preprocessing import Preprocessing

    preprocessing = Preprocessing.of_json(RESNET)
    paths = sorted(folder.iterdir())[:20]
    whole = np.stack([preprocessing.shaped(opened(path)) for path in paths])
    fast = np.stack([preprocessing.shaped(opened(path, at_least=preprocessing.at_least)) for path in paths])
    a, b = (preprocessing.normalised(pixels).reshape(len(paths), -1).astype(np.float64) for pixels in (whole, fast))
    cosine = (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
    far = np.abs(whole.astype(int) - fast)
    edges = (None, preprocessing.at_least)
    seconds = [_seconds(lambda edge=edge: opened(paths[0], at_least=edge)) for edge in edges]
    print(f"\nat a reduced scale: {seconds[0] * 1e3:.0f} ms a picture become {seconds[1] * 1e3:.0f} ms")
    print(f"  cosine of the pixels {cosine.mean():.5f} ({cosine.min():.5f} at least), pixels off by {far.mean():.2f}")


def _ways(folder: Path) -> None:
    """A picture's 150 KB through a pipe, and through shared memory, beside the time to make them."""
    from multiprocessing.shared_memory import SharedMemory

    import numpy as np

    from jari.encoders.images.decode_worker import Setting, read
    from jari.encoders.images.preprocessing import Preprocessing

    setting = Setting(Preprocessing.of_json(RESNET), 10**9, False)
    paths = [str(path) for path in sorted(folder.iterdir())[:50]]
    decoding = _seconds(lambda: [read(path, None, setting) for path in paths]) / len(paths)
    pixels = np.zeros((224, 224, 3), np.uint8)
    echo = "import sys\nwhile data := sys.stdin.buffer.read(150528): sys.stdout.buffer.write(data)"
    process = subprocess.Popen([sys.executable, "-c", echo], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def there_and_back() -> None:
        process.stdin.write(pixels.tobytes())
        process.stdin.flush()
        np.frombuffer(process.stdout.read(pixels.nbytes), np.uint8)

    piped = _seconds(there_and_back, 200) / 2
    process.communicate()
    shared = SharedMemory(create=True, size=pixels.nbytes)

    def copied() -> None:
        held = np.ndarray(pixels.shape, np.uint8, shared.buf)
        held[:] = pixels
        held.copy()

    copying = _seconds(copied, 200)
    shared.close()
    shared.unlink()
    print(f"a photograph is read in {decoding * 1e3:.2f} ms; its pixels through a pipe {piped * 1e3:.2f} ms,")
    print(f"  through shared memory {copying * 1e3:.2f} ms")


def _seconds(call: Callable[[], object], times: int = 5) -> float:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def _tenfold(photographs: Path, folder: Path) -> Path:
    folder.mkdir()
    for number, path in enumerate(sorted(photographs.rglob("*.jpg"))):
        for copy in range(10):
            shutil.copyfile(path, folder / f"{copy}-{number:03}.jpg")
    return folder


def _drawn(folder: Path, count: int, *, of: Path | None = None, distinct: int = 20) -> Path:
    """Pictures as large as a camera's; more of them are further names of the same."""
    folder.mkdir()
    made = sorted(of.iterdir())[:distinct] if of else []
    for number in range(len(made), min(distinct, count)):
        made.append(_draw(folder / f"{number:04}.jpg", number))
    for number in range(count):
        place = folder / f"{number:04}.jpg"
        if not place.exists():
            os.link(made[number % len(made)], place)
    return folder


def _draw(path: Path, seed: int) -> Path:
    import numpy as np
    from PIL import Image, ImageDraw

    rng = np.random.default_rng(seed)
    height, width = 3000, 4000
    slopes = [np.linspace(*rng.uniform(0, 160, 2), width, dtype=np.float32) for _ in range(3)]
    falls = [np.linspace(*rng.uniform(0, 60, 2), height, dtype=np.float32) for _ in range(3)]
    pixels = np.stack([slope[None] + fall[:, None] for slope, fall in zip(slopes, falls, strict=True)], axis=-1)
    pixels += rng.integers(0, 24, (height, width, 1), dtype=np.uint8)
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, size = rng.integers(0, width), rng.integers(0, height), rng.integers(30, 600)
        draw.ellipse([x - size, y - size // 2, x + size, y + size // 2], fill=tuple(map(int, rng.integers(0, 256, 3))))
    image.save(path, quality=88)
    return path


if __name__ == "__main__":
    main()
