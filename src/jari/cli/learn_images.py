"""`jari learn-images`: pictures in, an embedding of them out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jari.cli.console import plain, say, show_json
from jari.cli.encoder_options import Device, Offline, PrecisionName
from jari.cli.failure import FAILED, complain, misuse
from jari.cli.options import MODEL, OUTPUT, RUN, Force, Json, Quiet, Threads
from jari.cli.progress import duration, shown
from jari.cli.skipped import counted, skipped_lines
from jari.cli.warned import warned

if TYPE_CHECKING:
    from jari.encoders.images.encoder import ImageEncoder
    from jari.encoders.images.folder import EmbeddedImages

EXAMPLES = (
    "jari learn-images photos/ -o photos.jari",
    "jari learn-images photos/ -o photos.jari     # again: what is new or changed, and what is gone",
    "jari learn-images photos/ --model facebook/dinov2-small -o photos.jari",
    "jari learn-images 'scans/*.tif' --weights resnet50-0676ba61.pth --offline -o scans.jari",
    "jari similar photos.jari beach/one.jpg",
)


def learn_images(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCES",
            help="Files, folders with all that is in them, and globs: .jpg .png .gif .webp .tif .bmp .avif and others.",
        ),
    ],
    out: Annotated[
        str,
        typer.Option(
            "--out",
            "-o",
            metavar="EMBEDDING",
            help="The .jari folder to make or to bring up to date. Its keys are paths below SOURCES.",
            rich_help_panel=OUTPUT,
        ),
    ],
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="MODEL",
            help="The folder or the hub's name of a ResNet, ConvNeXt, ViT, DINOv2, CLIP, SigLIP or another. "
            r"\[default: microsoft/resnet-50; the one that made EMBEDDING, where that is there]",
            rich_help_panel=MODEL,
        ),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.pth",
            help="Weights of a ResNet from torchvision, in the place of a model.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    offline: Offline = False,
    fast: Annotated[
        bool,
        typer.Option(
            "--fast",
            help="Decode large JPEGs at a part of their size: sooner done, and not quite the same vectors.",
            rich_help_panel=MODEL,
        ),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict",
            help="Stop at the first file that cannot be read; what is encoded by then is kept.",
            rich_help_panel=OUTPUT,
        ),
    ] = False,
    json: Json = False,
    force: Force = False,
    device: Device = "auto",
    precision: PrecisionName = "auto",
    batch_size: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="Pictures that the network looks at at once.", rich_help_panel=RUN),
    ] = 32,
    workers: Annotated[
        int | None,
        typer.Option(
            min=0, metavar="N", help="Processes that decode; one a core if not given, 0 for none.", rich_help_panel=RUN
        ),
    ] = None,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Turn pictures into vectors by a network that has seen many.

    Where EMBEDDING is there, only new and changed files are encoded. Stopped at any moment, the same command goes on.
    """
    began = time.monotonic()

    from jari.encoders.images.folder import embed_images

    if model is not None and weights is not None:
        raise typer.BadParameter(
            "the file says itself which ResNet it is of: leave out --model", param_hint="'--weights'"
        )
    given = {
        "offline": offline,
        "device": device,
        "batch_size": batch_size,
        "workers": workers,
        "threads": threads,
        **({"fast": True} if fast else {}),
        **({"precision": precision} if precision != "auto" else {}),
    }
    with shown(quiet=quiet) as report, warned(quiet=quiet):
        encoder = _encoder(out, model, weights, given)
        done = embed_images(encoder, sources, out, strict=strict, force=force, callback=report)
    seconds = time.monotonic() - began
    if json:
        show_json(_to_dict(done, seconds))
    if not quiet:
        for line in skipped_lines([one for one in done.skipped if not one.named], done.passed_over):
            say(line)
        say(f"{plain(out)}: {_summary(done)}, {duration(seconds)}")
    if named := [one for one in done.skipped if one.named]:
        for one in named:
            complain(plain(str(one)))
        raise typer.Exit(FAILED)


def _encoder(out: str, model: str | None, weights: str | None, given: dict[str, Any]) -> ImageEncoder:
    """What the line names; else what made the embedding that is there; else the default."""
    from jari.encoders.images.encoder import ImageEncoder

    encoder = ImageEncoder(**given)
    with misuse():
        encoder.check()
    if model is not None or weights is not None:
        named = {"weights": weights} if model is None else {"model": model}
        return encoder.set_params(**named)
    described = _made_by(Path(out))
    return encoder if described is None else ImageEncoder.described(described, **given)


def _made_by(place: Path) -> dict[str, Any] | None:
    """What an embedding of pictures says of its encoder."""
    from jari.embedding import Embedding
    from jari.errors import BadFile

    if not place.is_dir():
        return None
    try:
        described = Embedding.load(place).metadata.get("encoder")
    except BadFile:  # whoever writes there says so
        return None
    return described if isinstance(described, dict) and described.get("kind") == "image-encoder" else None


def _summary(done: EmbeddedImages) -> str:
    names = ("new", "changed", "unchanged", "removed")
    happened = [f"{number:,} {name}" for name in names if (number := getattr(done, name))]
    spared = {"encoded before it was stopped": done.resumed, "only moved or copied": done.taken}
    happened += [f"{number:,} {what}" for what, number in spared.items() if number]
    return f"{counted(done.images, 'image')}, {counted(done.dim, 'dimension')} ({', '.join(happened)})"


def _to_dict(done: EmbeddedImages, seconds: float) -> dict[str, Any]:
    from dataclasses import asdict

    said = asdict(done)
    return {"embedding": said.pop("path"), **said, "seconds": round(seconds, 3)}
