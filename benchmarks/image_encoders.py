"""`ImageEncoder`: digits and photographs learnt from nothing, and pictures a second.

`python -m benchmarks image_encoders`:

- digits: scikit-learn's 1,797 digits of 8 × 8. A quarter is held out, stratified, another one for each seed. The small
  network learns from the rest; then each held-out digit is told by its 10 nearest neighbours among the rest: by their
  pixels (cosine or euclidean, whichever is better), and by their vectors (cosine). With --half, half is held out.
- photographs: images/ants and images/bees in the folder that JARI_DATA names (default: ../shared/data), 50 each, in
  five folds: the small network from nothing, 10 neighbours again. So few pictures teach little; no network trained by
  others is at hand here.
- speed: a ResNet-50 with random weights, as fast as a trained one, over a folder of JPEGs of 500 × 375: `embed`; the
  usual loop over transformers (AutoImageProcessor, AutoModel, batches of 32); and the same with PyTorch's DataLoader,
  whose processes decode and prepare pictures. One process each; imports and the network's loading are not counted, and
  the memory is that of the process without those that decode. Run it under taskset for fewer cores.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.process import measured

PARTS = ("digits", "photographs", "speed")
SIDES = ("jari", "transformers", "dataloader")
_SIDE = 64
_BATCH = 32


def neighbours(seen: Any, seen_labels: Any, held: Any, held_labels: Any, metric: str = "cosine") -> float:
    """The share of held-out pictures that 10 neighbours tell right."""
    from sklearn.neighbors import KNeighborsClassifier

    return float(KNeighborsClassifier(10, metric=metric).fit(seen, seen_labels).score(held, held_labels))


def by_pixels(seen: Any, seen_labels: Any, held: Any, held_labels: Any) -> float:
    """The same with pixels, by the better of two metrics."""
    flat = [pictures.reshape(len(pictures), -1) / 255.0 for pictures in (seen, held)]
    return max(neighbours(flat[0], seen_labels, flat[1], held_labels, metric) for metric in ("cosine", "euclidean"))


def digits(seeds: int, share: float, losses: list[str], epochs: int) -> None:
    """Print a line a seed and loss."""
    import numpy as np
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    from jari.encoders.images.encoder import ImageEncoder

    found = load_digits()
    pictures = (found.images / 16 * 255).round().astype(np.uint8)
    print(f"{'digits':<14}{'seed':>5}{'pixels':>9}{'vectors':>9}{'classes':>9}{'seconds':>9}")
    for loss in losses:
        for seed in range(seeds):
            seen, held, labels, wanted = train_test_split(
                pictures, found.target, test_size=share, stratify=found.target, random_state=seed
            )
            began = time.perf_counter()
            encoder = ImageEncoder(
                "small", loss=loss, augment="shift", epochs=epochs, threads=1, workers=0, random_state=seed
            ).fit(seen, labels)
            took = time.perf_counter() - began
            raw = by_pixels(seen, labels, held, wanted)
            learnt = neighbours(encoder.encode(seen), labels, encoder.encode(held), wanted)
            told = encoder.score(held, wanted)
            print(f"{loss:<14}{seed:>5}{raw:>9.4f}{learnt:>9.4f}{told:>9.4f}{took:>9.1f}", flush=True)


def photographs(losses: list[str], epochs: int) -> None:
    """Print the mean of five folds for each loss."""
    import numpy as np
    from PIL import Image, ImageOps
    from sklearn.model_selection import StratifiedKFold

    from jari.encoders.images.encoder import ImageEncoder

    folder = Path(os.environ.get("JARI_DATA", "../shared/data")) / "images"
    files = [file for kind in ("ants", "bees") for file in sorted((folder / kind).iterdir())]
    if not files:
        sys.exit(
            f"There are no pictures in {folder}: set JARI_DATA to the folder that holds images/ants and images/bees."
        )
    labels = np.array([file.parent.name for file in files])
    pictures = np.stack([np.asarray(ImageOps.fit(Image.open(file).convert("RGB"), (_SIDE, _SIDE))) for file in files])
    print(f"{'photographs':<14}{'pixels':>9}{'vectors':>9}{'classes':>9}   each the mean of 5 folds")
    for loss in losses:
        scores = []
        for seen, held in StratifiedKFold(5, shuffle=True, random_state=0).split(pictures, labels):
            encoder = ImageEncoder(
                "small",
                loss=loss,
                image_size=_SIDE,
                epochs=epochs,
                threads=1,
                workers=0,
                validation=0.0,
                random_state=0,
            ).fit(pictures[seen], labels[seen])
            scores.append(
                (
                    by_pixels(pictures[seen], labels[seen], pictures[held], labels[held]),
                    neighbours(
                        encoder.encode(pictures[seen]), labels[seen], encoder.encode(pictures[held]), labels[held]
                    ),
                    encoder.score(pictures[held], labels[held]),
                )
            )
        print(f"{loss:<14}" + "".join(f"{one:>9.3f}" for one in np.mean(scores, axis=0)), flush=True)


# ── Speed, in processes of their own


def make(folder: Path, count: int) -> None:
    """A ResNet-50 with random weights, and JPEGs of noise over coarse colours."""
    import numpy as np
    import torch
    from PIL import Image
    from transformers import ConvNextImageProcessor, ResNetConfig, ResNetModel

    torch.manual_seed(0)
    ResNetModel(ResNetConfig()).save_pretrained(folder / "model")
    ConvNextImageProcessor(
        size={"shortest_edge": 224}, crop_pct=0.875, image_mean=[0.485, 0.456, 0.406], image_std=[0.229, 0.224, 0.225]
    ).save_pretrained(folder / "model")
    (folder / "photos").mkdir()
    draw = np.random.default_rng(0)
    for number in range(count):
        coarse = Image.fromarray(draw.integers(0, 256, (12, 16, 3), np.uint8)).resize((500, 375), 3)
        noisy = np.clip(np.asarray(coarse) + draw.normal(0, 8, (375, 500, 1)), 0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / "photos" / f"{number:04}.jpg", quality=88)


class _Files:
    """For PyTorch's DataLoader: decoded and prepared in its processes."""

    def __init__(self, files: list[Path], model: Path) -> None:
        from transformers import AutoImageProcessor

        self.files, self.processor = files, AutoImageProcessor.from_pretrained(model)

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, row: int) -> Any:
        from PIL import Image

        with Image.open(self.files[row]) as picture:
            return self.processor(images=picture.convert("RGB"), return_tensors="pt")["pixel_values"][0]


def _pixels(files: list[Path], model: Path, workers: int | None) -> Iterator[Any]:
    """Batches as each of the usual loops makes them: `workers` of a DataLoader, or None for no DataLoader."""
    from PIL import Image
    from torch.utils.data import DataLoader
    from transformers import AutoImageProcessor

    if workers is not None:
        yield from DataLoader(_Files(files, model), batch_size=_BATCH, num_workers=workers)
        return
    processor = AutoImageProcessor.from_pretrained(model)
    for begin in range(0, len(files), _BATCH):
        pictures = [Image.open(file).convert("RGB") for file in files[begin : begin + _BATCH]]
        yield processor(images=pictures, return_tensors="pt")["pixel_values"]


def rate(side: str, folder: Path, threads: int, workers: int) -> None:
    """Print pictures a second, and the sum of the vectors, so that sides can be compared."""
    import numpy as np
    import torch

    files = sorted((folder / "photos").iterdir())
    torch.set_num_threads(threads)
    if side == "jari":
        from jari.encoders.images.encoder import ImageEncoder

        encoder = ImageEncoder(folder / "model", threads=threads, workers=workers, batch_size=_BATCH)
        encoder.encode([np.zeros((9, 9), np.uint8)])
        began = time.perf_counter()
        vectors = encoder.embed(folder / "photos").vectors
    else:
        from transformers import AutoModel

        model = AutoModel.from_pretrained(folder / "model").eval()
        with torch.inference_mode():
            model(pixel_values=torch.zeros((1, 3, 224, 224)))
            began = time.perf_counter()
            batches = _pixels(files, folder / "model", workers if side == "dataloader" else None)
            vectors = np.concatenate([model(pixel_values=one).pooler_output.flatten(1).numpy() for one in batches])
    took = time.perf_counter() - began
    print(json.dumps({"rate": len(files) / took, "mean": float(np.abs(vectors).mean())}))


def speed(count: int, settings: list[tuple[int, int]]) -> None:
    """Print a line a side, threads and processes."""
    with tempfile.TemporaryDirectory() as place:
        measured("benchmarks.image_encoders", ["--make", place, "--pictures", count])
        print(f"{'speed':<14}{'threads':>9}{'workers':>9}{'a second':>9}{'MB':>7}{'mean |v|':>11}")
        for side in SIDES:
            for threads, workers in settings:
                if side == "transformers" and workers != settings[0][1]:
                    continue
                run = measured("benchmarks.image_encoders", ["--run", side, place, "--set", f"{threads},{workers}"])
                said = json.loads(run.output.splitlines()[-1])
                shown = "-" if side == "transformers" else workers
                print(
                    f"{side:<14}{threads:>9}{shown:>9}{said['rate']:>9.2f}{run.peak_mb:>7.0f}{said['mean']:>11.5f}",
                    flush=True,
                )


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--half", action="store_true", help="hold out half of the digits, not a quarter")
    parser.add_argument("--losses", nargs="*", default=["cross-entropy", "metric"])
    parser.add_argument("--epochs", type=int, default=None, help="30 for digits, 60 for photographs")
    parser.add_argument("--pictures", type=int, default=256)
    parser.add_argument("--set", nargs="*", default=["1,1", "2,1", "2,2"], help="threads,workers")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    given = parser.parse_args()
    settings = [(int(one.split(",")[0]), int(one.split(",")[1])) for one in given.set]
    if given.make is not None:
        make(given.make, given.pictures)
    elif given.run is not None:
        rate(given.run[0], Path(given.run[1]), *settings[0])
    else:
        if "digits" in given.only:
            digits(given.seeds, 0.5 if given.half else 0.25, given.losses, given.epochs or 30)
        if "photographs" in given.only:
            photographs(given.losses, given.epochs or 60)
        if "speed" in given.only:
            speed(given.pictures, settings)


if __name__ == "__main__":
    main()
