"""`jari fit-images`: a folder of pictures for each class in, a network that tells them apart out."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from jari.cli.console import plain, say, show_json
from jari.cli.destination import vacant
from jari.cli.encoder_options import Device, Offline, PrecisionName
from jari.cli.failure import misuse
from jari.cli.learner_options import option, with_options
from jari.cli.options import MODEL, OUTPUT, Force, Json, Quiet, Seed, Threads
from jari.cli.progress import duration, shown
from jari.cli.skipped import counted
from jari.cli.warned import warned
from jari.errors import FileIsThere

if TYPE_CHECKING:
    from pathlib import Path

    from jari.encoders.images.encoder import ImageEncoder

EXAMPLES = (
    "jari fit-images animals/ -o animal-network     # animals/ants/…, animals/bees/…",
    "jari fit-images animals/ --model microsoft/resnet-50 --epochs 5 -o animal-network",
    "jari fit-images digits/ --augment shift --dim 64 -o digit-network",
    "jari learn-images photos/ --model animal-network -o photos.jari",
)

_LEARNING: Final = "Learning"
_OPTIONS: Final[dict[str, Any]] = {
    "loss": option(
        Literal["cross-entropy", "metric"],
        "Tell classes apart by weights and biases, or by cosine alone, which suits search.",
        _LEARNING,
        "cross-entropy",
    ),
    "dim": option(int, "Numbers in a vector, by a layer behind the network.", MODEL, "the network's own", min=1),
    "image_size": option(
        int, "The side of the squares that pictures become.", MODEL, "the model's own; 32 for small", min=1
    ),
    "freeze": option(
        Literal["none", "backbone"], "Learn all, or only what is put behind the network.", _LEARNING, "none"
    ),
    "augment": option(
        Literal["flip", "shift", "none"],
        "How pictures differ from epoch to epoch: moved, turned, zoomed and mirrored; not mirrored, for letters and "
        "digits; not at all.",
        _LEARNING,
        "flip",
    ),
    "epochs": option(int, "Times that every picture is seen, at most.", _LEARNING, "30", min=1),
    "learning_rate": option(float, "The longest step.", _LEARNING, "0.002 for small, 0.0001 otherwise", min=0),
    "weight_decay": option(float, "How much weights are drawn to 0.", _LEARNING, "0.05", min=0),
    "validation": option(
        float, "The share of each class by which the best epoch is found.", _LEARNING, "0.1", min=0, max=1
    ),
    "patience": option(int, "Epochs without a better one before it stops.", _LEARNING, "10", min=1),
    "batch_size": option(int, "Pictures of one step.", _LEARNING, "32", min=1),
    "workers": option(int, "Processes that decode; 0 for none.", _LEARNING, "one a core", min=0),
}


@with_options(_OPTIONS)
def fit_images(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="A folder with a folder of pictures for each class.")],
    out: Annotated[
        str,
        typer.Option(
            "--out",
            "-o",
            metavar="MODEL",
            help="The folder to make, which learn-images and transformers read.",
            rich_help_panel=OUTPUT,
        ),
    ],
    model: Annotated[
        str,
        typer.Option(
            metavar="MODEL",
            help="What to begin with: small, a network that knows nothing; or the folder or the hub's name of a "
            "ResNet, ViT, DINOv2, CLIP or another.",
            rich_help_panel=MODEL,
        ),
    ] = "small",
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.pth",
            help="Weights of a ResNet from torchvision, in the place of a model.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    offline: Offline = False,
    json: Json = False,
    force: Force = False,
    device: Device = "auto",
    precision: PrecisionName = "auto",
    threads: Threads = None,
    random_state: Seed = None,
    quiet: Quiet = False,
    **given: Any,
) -> None:
    """Teach a network to tell your own pictures apart; what its last layer sees is their embedding.

    Options of learning that are not given are its own.
    """
    began = time.monotonic()
    place = vacant(out, force=force)
    _refuse_others(place)

    from jari.encoders.images.encoder import ImageEncoder

    encoder = ImageEncoder(
        model,
        weights=weights,
        offline=offline,
        device=device,
        precision=precision,
        threads=threads,
        random_state=random_state,
        **{name: value for name, value in given.items() if value is not None},
    )
    with misuse():
        encoder.check()
    with shown(quiet=quiet) as report, warned(quiet=quiet):
        try:
            encoder.fit(folder, callback=report)
        except KeyboardInterrupt:
            if encoder.__sklearn_is_fitted__():  # by epochs before it was stopped
                encoder.save(place, force=force)
                say(f"{plain(out)}: the best of {counted(len(encoder.losses_), 'epoch')} before it was stopped")
            raise
        encoder.save(place, force=force)
    seconds = time.monotonic() - began
    if not quiet:
        _say(encoder, place, seconds)
    if json:
        show_json(_to_dict(encoder, out, seconds))


def _refuse_others(place: Path) -> None:
    """Before the learning rather than after it: a slip of the keyboard must not end in a folder of photographs."""
    from jari.encoders.images.model import OURS

    others = sorted({one.name for one in place.iterdir()} - set(OURS)) if place.is_dir() else []
    if others:
        raise FileIsThere(f"{place} holds other things too ({', '.join(others[:3])}): it is not replaced.")


def _say(encoder: ImageEncoder, place: Path, seconds: float) -> None:
    classes = [plain(str(name)) for name in encoder.classes_]
    say(f"Classes: {', '.join(classes[:10])}{' …' if len(classes) > 10 else ''} ({len(classes):,}).")
    if encoder.accuracies_:
        best = f"{max(encoder.accuracies_):.1%} told right, by epoch {encoder.best_epoch_}"
        say(f"Pictures that it did not learn from: {best}, which is kept.")
    else:
        say("There are too few pictures to leave some out: nothing tells how well it does on others.")
    epochs = counted(len(encoder.losses_), "epoch")
    say(f"{plain(str(place))}: {counted(encoder.dim_, 'dimension')}, {epochs}, {duration(seconds)}")
    name = shlex.quote(str(place))
    say(f"Embed pictures with it:  jari learn-images PICTURES --model {name} -o pictures.jari")


def _to_dict(encoder: ImageEncoder, out: str, seconds: float) -> dict[str, Any]:
    return {
        "model": out,
        "dim": encoder.dim_,
        "classes": [str(name) for name in encoder.classes_],
        "losses": list(encoder.losses_),
        "accuracies": list(encoder.accuracies_),
        "best_epoch": encoder.best_epoch_ if encoder.accuracies_ else None,
        "unreadable": list(encoder.unreadable_),
        "seconds": round(seconds, 3),
    }
