"""Folders of pictures into a ``.jari``: streamed, resumable, and brought up to date rather than made anew."""

from __future__ import annotations

import glob
import os
import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jari.embedding.embedding import Embedding
from jari.embedding.formats import atomic, native, registry
from jari.embedding.formats.digests import WIDTH, DigestRows
from jari.encoders.images.files import ImageListing, listed
from jari.encoders.images.intake import Encoder, Intake
from jari.encoders.images.preceding import Preceding
from jari.encoders.images.vector_log import VectorLog
from jari.errors import BadFile, BadInput, FileIsThere, Interrupted, NoSuchFile
from jari.ingest.listing import Skipped
from jari.ingest.resources import Report
from jari.types import Callback, Matrix, Path


@dataclass(frozen=True, slots=True)
class EmbeddedImages:
    """What embedding a folder did.

    Parameters
    ----------
    path
        The embedding.
    images, dim
        Its shape.
    new, changed, unchanged
        How many of the images are which, compared with the embedding that was there.
    removed
        How many were in it and are no more: their files are gone, or cannot be read any longer.
    taken
        How many have the content of others, or of the embedding that was there: renamed, moved, copied. They were not
        encoded.
    resumed
        How many were encoded by a run before, which did not come to its end.
    written
        Whether the embedding was written; it is left as it is where nothing changed.
    skipped
        What could not be read.
    passed_over
        How many files of the folders are no pictures, by why, as `jari.encoders.images.files.ImageListing` has them.
    """

    path: str
    images: int
    dim: int
    new: int
    changed: int
    unchanged: int
    removed: int
    taken: int
    resumed: int
    written: bool
    skipped: Sequence[Skipped]
    passed_over: Mapping[str, int]


def embed_images(
    encoder: Encoder,
    sources: Path | Sequence[Path],
    out: Path,
    *,
    strict: bool = False,
    force: bool = False,
    callback: Callback | None = None,
) -> EmbeddedImages:
    """Make an embedding of pictures, or bring it up to date.

    Of an embedding that the same encoder made, only files whose content is new are encoded. What has been encoded is
    kept batch by batch beside `out`: whoever is interrupted, or killed, calls it again, and it goes on from there, to
    the same bytes that an unbroken run would have written.

    Parameters
    ----------
    encoder
        An `ImageEncoder`.
    sources
        Files, folders with all that is in them, globs. The key of a picture is its path below them, with slashes.
    out
        The ``.jari`` folder; its rows are in the order of keys, and it remembers the digest of each file.
    strict
        Stop at the first file that cannot be read, rather than leave it out.
    force
        Encode everything anew, and replace whatever embedding is there.
    callback
        Told how many images are done.

    Raises
    ------
    BadInput
        No image is there, or none can be read; or another process is at work on `out`.
    FileIsThere
        What is at `out` was not made by this encoder, or of other pictures; or so was unfinished work for it.
    BadFile
        A file cannot be read, under `strict`; what is at `out` is damaged.
    NoSuchFile
        There is no such source, or no folder to write to.
    Interrupted
        By Ctrl-C.

    Examples
    --------
    ::

        done = embed_images(ImageEncoder(), "photos/", "photos.jari")
        print(done.new, done.unchanged, [str(one) for one in done.skipped])
    """
    place = pathlib.Path(out)
    _refuse(place, force=force)
    listing = listed(sources)
    if not listing.files:
        raise BadInput(f"There is no picture in {_named(sources)}{_found(listing)}. Give files or folders of images.")
    if strict and listing.skipped:
        raise BadFile(f"{listing.skipped[0]}. Mend that, or leave it out (without strict, --strict).")
    described = encoder.describe()
    owner = {name: value for name, value in described.items() if name != "path"}  # a model may be moved
    with VectorLog(place, owner, force=force) as log:
        if len(log):
            _sweep(place)
        before = None if force else Preceding.of(place, owner, listing)
        intake = Intake(encoder, before, log)
        try:
            intake.take(listing.files, strict=strict, callback=callback)
            return _finished(place, described, listing, intake, before, log, force=force, callback=callback)
        except KeyboardInterrupt as error:
            raise Interrupted(f"Stopped. {log.told()}") from error


def _finished(
    out: pathlib.Path,
    described: Mapping[str, Any],
    listing: ImageListing,
    intake: Intake,
    before: Preceding | None,
    log: VectorLog,
    *,
    force: bool,
    callback: Callback | None,
) -> EmbeddedImages:
    """Write the embedding where it is another than before; the log is done with."""
    keys = sorted(file.key for file in listing.files if file.key not in intake.without)
    if not keys:
        reasons = "; ".join(map(str, intake.skipped[:3])) + ("; …" if len(intake.skipped) > 3 else "")
        raise BadInput(f"None of {len(listing.files):,} images can be read: {reasons}.")
    counts = intake.counts
    removed = 0 if before is None else len(before.embedding) - counts["unchanged"] - counts["changed"]
    metadata = {
        "learner": "ImageEncoder",
        "encoder": dict(described),
        "root": listing.root,
        "images": len(keys),
        "unreadable": len(intake.without),
    }
    if (
        before is None
        or counts["new"]
        or counts["changed"]
        or removed
        or before.differs(metadata, "root", "unreadable")
    ):
        written = True
        dim = _write(out, keys, metadata, before, log, force=force, callback=callback)
    else:
        written, dim = False, before.embedding.dim
    log.remove()
    return EmbeddedImages(
        path=os.fspath(out),
        images=len(keys),
        dim=dim,
        removed=removed,
        written=written,
        skipped=[*listing.skipped, *intake.skipped],
        passed_over=dict(listing.passed_over),
        **counts,
    )


def _write(
    out: pathlib.Path,
    keys: Sequence[str],
    metadata: Mapping[str, Any],
    before: Preceding | None,
    log: VectorLog,
    *,
    force: bool,
    callback: Callback | None,
) -> int:
    """The rows of keys, from the log and, where it has none, from the embedding before; how wide they are."""
    report = Report(callback, "saving", len(keys), "images")
    report(0)
    digests: DigestRows = np.empty((len(keys), WIDTH), np.uint8)
    parts: list[tuple[Matrix | None, int]] = []
    for at, key in enumerate(keys):
        row, digest = log.row(key), log.digest(key)
        if row is not None and digest is not None:
            parts.append((None, row))
            digests[at] = np.frombuffer(digest, np.uint8)
        elif before is not None:
            row = before.embedding.vocabulary.row(key)
            parts.append((before.embedding.vectors, row))
            digests[at] = before.digests.rows[row]
    embedding = Embedding(keys, log.ordered(parts), metadata=metadata)
    native.write(embedding, out, force=force or before is not None, digests=digests)
    report.end()
    return embedding.dim


def _refuse(place: pathlib.Path, *, force: bool) -> None:
    """Look at where the embedding will go, before the work rather than after it."""
    said = registry.by_name(place)
    if said is not None and said.name != "jari":
        raise BadInput(
            f"{place}: pictures go into a .jari folder, which remembers what their files held. Give such a name; "
            "`jari convert` makes other formats of it."
        )
    parent = place.absolute().parent
    if not parent.is_dir():
        raise NoSuchFile(f"There is no folder {parent} to write {place.name!r} in: make it first.")
    if place.is_dir():
        others = sorted({one.name for one in place.iterdir()} - set(native.FILES))
        if others:
            raise FileIsThere(f"{place} holds other things too ({', '.join(others[:3])}): it is not replaced.")
    elif os.path.lexists(place) and not force:
        raise FileIsThere(f"{place} is a file. Give another name, or pass force=True (--force) to replace it.")


def _sweep(place: pathlib.Path) -> None:
    """Delete what a run that was killed while it was saving had written so far."""
    for draft in place.parent.glob(f".{glob.escape(place.name)}.{'[0-9a-f]' * 12}.tmp"):
        if draft.is_dir() and {one.name for one in draft.iterdir()} <= set(native.FILES):
            atomic.remove(draft)


def _named(sources: Path | Sequence[Path]) -> str:
    given = [sources] if isinstance(sources, str | os.PathLike) else list(sources)
    return ", ".join(os.fspath(one) for one in given[:3]) + (" …" if len(given) > 3 else "")


def _found(listing: ImageListing) -> str:
    """What is there instead, in brackets."""
    said = [f"{number:,} {what}" for what, number in listing.passed_over.most_common(5)]
    said += map(str, listing.skipped[:3])
    return f" ({', '.join(said)})" if said else ""
