"""Folders of pictures into a `.jari`: memory, cores, and a second run: `python -m benchmarks image_folders`.

Each run is a process of its own, with its workers: timed from the start of `embed_images` to its end, PyTorch imported
and the network loaded before. Memory is that of all these processes together, looked at twenty times a second: what is
shared between them counts once (PSS). The networks have random weights: `small` is so small that decoding is all that
takes time, `resnet-50` is as large as a trained one.

The generated photographs are JPEGs of 4000 × 3000 pixels with structure at all scales and noise, some 3 MB each; a few
are made, and the others differ from them by a comment, so that no two are the same file. The given ones are images/ants
and images/bees in the folder that JARI_DATA names (default: ../shared/data).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.process import CHECKOUT

_BETWEEN = 0.05  # seconds between two looks at memory
_DISTINCT = 8


# ── What is measured, in processes of their own


def make(folder: Path, count: int, width: int, height: int) -> None:
    """Write the generated photographs, and the networks."""
    import io

    import numpy as np
    import torch
    from PIL import Image
    from transformers import ResNetConfig, ResNetModel

    from jari.encoders.images.preprocessing import Preprocessing

    draw = np.random.default_rng(0)
    photos = folder / "photos"
    photos.mkdir()
    encoded = []
    for _ in range(min(count, _DISTINCT)):
        pixels = np.zeros((height, width, 3), np.float32)
        for size in (4, 16, 64, 256):
            coarse = draw.integers(0, 256, (size * 3 // 4, size, 3), np.uint8)
            pixels += (
                np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC), np.float32) / 4
            )
        pixels += draw.normal(0, 5, (height, width, 1)).astype(np.float32)
        stream = io.BytesIO()
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(stream, "JPEG", quality=88)
        encoded.append(stream.getvalue())
    for number in range(count):
        comment = b"number %06d" % number
        whole = encoded[number % len(encoded)]
        segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        (photos / f"{number:06d}.jpg").write_bytes(whole[:2] + segment + whole[2:])
    configs = {
        "small": ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic"),
        "resnet-50": ResNetConfig(),
    }
    for name, config in configs.items():
        torch.manual_seed(0)
        ResNetModel(config).save_pretrained(folder / name)
        said = Preprocessing.torchvision().to_json()
        (folder / name / "preprocessor_config.json").write_text(json.dumps(said), encoding="utf-8")


def embed(model: Path, photos: Path, out: Path, count: int | None, cores: int | None) -> None:
    """Embed the first pictures of a folder, and tell what it took."""
    if cores is not None:
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])

    from jari.encoders.images.encoder import ImageEncoder
    from jari.encoders.images.folder import embed_images

    encoder = ImageEncoder(model, device="cpu")
    encoder.describe()
    sources = [str(photos)] if count is None else [str(path) for path in sorted(photos.iterdir())[:count]]
    began = time.perf_counter()
    done = embed_images(encoder, sources, out)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "images": done.images, "new": done.new, "dim": done.dim}))


# ── Who measures


def measured(*words: object) -> dict[str, Any]:
    """Run this module with words, and look at the memory of all its processes."""
    command = [sys.executable, "-m", "benchmarks.image_folders", *map(str, words)]
    peak, workers = 0.0, 0.0
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        while process.poll() is None:
            sizes = {pid: pss(pid) for pid in tree(process.pid)}
            peak = max(peak, sum(sizes.values()))
            workers = max(workers, sum(size for pid, size in sizes.items() if pid != process.pid))
            time.sleep(_BETWEEN)
        for stream in (out, err):
            stream.seek(0)
        if process.returncode:
            sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{err.read()}")
        said = out.read().strip()
    return {**(json.loads(said) if said else {}), "peak_mb": peak / 1e6, "workers_mb": workers / 1e6}


def tree(pid: int) -> Iterator[int]:
    """A process and all below it, whichever thread has started them."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            below = children.read_text(encoding="ascii").split()
        except OSError:  # it has ended
            continue
        for child in below:
            yield from tree(int(child))


def pss(pid: int) -> float:
    """Bytes that a process takes, its part of what it shares."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((1024.0 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0.0)


def row(what: str, found: dict[str, Any]) -> None:
    rate = found["images"] / found["seconds"]
    print(
        f"| {what} | {found['images']:,} | {found['seconds']:.1f} s | {rate:.1f} | {found['peak_mb']:,.0f} MB "
        f"| {found['workers_mb']:,.0f} MB |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=int, default=1000, help="generated photographs (default: 1000)")
    parser.add_argument("--part", type=int, default=100, help="of them, for all but the first figure (default: 100)")
    parser.add_argument("--size", default="4000x3000", help="pixels of a photograph (default: 4000x3000)")
    parser.add_argument("--folder", type=Path, help="where the photographs go; a temporary folder if not given")
    parser.add_argument("--make", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--embed", nargs=3, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--cores", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        make(options.folder, options.images, *map(int, options.size.split("x")))
    elif options.embed:
        embed(*options.embed, options.count, options.cores)
    elif not sys.platform.startswith("linux"):
        sys.exit("Memory is read from /proc, which is Linux's.")
    else:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            measure(Path(folder), options)


def measure(folder: Path, options: argparse.Namespace) -> None:
    measured("--make", "--folder", folder, "--images", options.images, "--size", options.size)
    sizes = [file.stat().st_size for file in (folder / "photos").iterdir()]
    print(f"{len(sizes):,} JPEGs of {options.size}, {sum(sizes) / len(sizes) / 1e6:.1f} MB each\n")
    given = Path(os.environ.get("JARI_DATA", CHECKOUT / "../shared/data")).resolve() / "images"
    if not given.is_dir():
        print(f"There is no {given} (JARI_DATA): only generated photographs are measured.\n")
    print("| what | images | time | images/s | peak, all processes | peak, workers |\n|---|--:|--:|--:|--:|--:|")
    photos, out = folder / "photos", folder / "out.jari"
    cores = len(os.sched_getaffinity(0))

    def run(what: str, model: str, place: Path, *more: object, again: bool = False) -> None:
        if not again:
            shutil.rmtree(out, ignore_errors=True)
        row(what, measured("--embed", folder / model, place, out, *more))

    part = ("--count", options.part)
    run("generated, small network", "small", photos, *part)
    run("generated, small network", "small", photos)
    run("again, nothing changed", "small", photos, again=True)
    run("generated, ResNet-50", "resnet-50", photos, *part)
    for number in sorted({1, 2, cores}):
        if number <= cores:
            run(f"generated, small network, on {number} of {cores} cores", "small", photos, *part, "--cores", number)
            if given.is_dir():
                run(f"ants and bees, small network, on {number}", "small", given, "--cores", number)
                run(f"ants and bees, ResNet-50, on {number}", "resnet-50", given, "--cores", number)


if __name__ == "__main__":
    main()
