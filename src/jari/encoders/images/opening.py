"""From the bytes of a file to a picture of red, green and blue, upright, or a reason why not.

What a file is, its first bytes tell, not its name. Pillow is asked for that format alone: some others that it knows run
programs of the system. Then, in this order:

1. A picture of more pixels than allowed is refused when its header is read, before anything is decoded.
2. Of an animation or of many pages the first is taken.
3. It is turned the way that its EXIF orientation says.
4. What is transparent lies over white.
5. Greys of 16 bits become 8 bits as colours of 16 bits do, 65,535 being white. Greys of 32 bits and real numbers have
   no white of their own: real numbers from 0 to 1 have it at 1, whole numbers from 0 to 65,535 at 65,535, and others at
   the picture's largest number, with black at its smallest.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from jari.errors import BadFile
from jari.extras import require

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS: Final = 178_956_970  # where Pillow, too, refuses: twice its MAX_IMAGE_PIXELS, 512 MiB of RGB
_WANTED: Final = "JPEG, PNG, GIF, WebP, TIFF, BMP, PPM, ICO, JPEG 2000 and AVIF are read"
_READ: Final = (
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"GIF8[79]a", "GIF"),
    (rb"RIFF....WEBP", "WEBP"),
    (rb"II[*+]\0|MM\0[*+]", "TIFF"),
    (rb"BM", "BMP"),
    (rb"P[1-6]\s", "PPM"),
    (rb"\0\0\x01\0", "ICO"),
    (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "JPEG2000"),
    (rb"....ftypavi[fs]", "AVIF"),
)
_OTHERS: Final = (
    (rb"....ftyp(hei|hev|mif|msf)", "a HEIC picture"),
    (rb"(\xff\x0a|\0\0\0\x0cJXL )", "a JPEG XL picture"),
    (rb"....ftypcrx|FUJIFILMCCD-RAW|IIU\0|IIRO", "a raw photograph of a camera"),
    (rb"....ftyp|RIFF....AVI |\x1a\x45\xdf\xa3", "a film"),
    (rb"%PDF", "a PDF document"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript document"),
    (rb"8BPS", "a Photoshop document"),
    (rb"PK\x03\x04", "a ZIP archive"),
    (rb"\x1f\x8b", "compressed by gzip"),
    (rb"(\xef\xbb\xbf)?\s*<(svg|\?xml[^>]*>\s*(<!--.*?-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg)", "an SVG drawing"),
    (rb"(?i)(\xef\xbb\xbf)?\s*<(!doctype html|html|head)", "a web page"),
    (rb"version https://git-lfs", "a pointer of Git LFS, and its picture was not fetched"),
)
_RAW: Final = (50706, 33421)  # DNGVersion, CFARepeatPatternDim: tags of raw photographs
_SUBFILE: Final = 254  # NewSubfileType, whose lowest bit says that a page is a preview of another one


class Unreadable(BadFile):
    """A picture that cannot be read; the message is the reason, for a person, without the path."""


def opened(
    source: bytes | str | Path | IO[bytes], *, max_pixels: int = MAX_PIXELS, at_least: int | None = None
) -> Image.Image:
    """A picture in mode RGB.

    Parameters
    ----------
    source
        The bytes of a file, its path, or the file, opened.
    max_pixels
        Pictures of more are refused.
    at_least
        How many pixels of the shorter edge are enough: JPEGs are decoded at a half, a quarter or an eighth of their
        size where that leaves as many. Not the same picture, and faster.

    Raises
    ------
    Unreadable
        It is no picture, not whole, or too large.

    Examples
    --------
    >>> opened(b"no picture")
    Traceback (most recent call last):
    jari.encoders.images.opening.Unreadable: text, no picture
    """
    try:
        if isinstance(source, str | Path):
            with Path(source).open("rb") as file:
                return _opened(file, max_pixels, at_least)
        return _opened(io.BytesIO(source) if isinstance(source, bytes) else source, max_pixels, at_least)
    except OSError as error:
        raise Unreadable(why(error)) from error
    except MemoryError as error:
        raise Unreadable("not enough memory for it") from error


def as_rgb(picture: Image.Image) -> Image.Image:
    """What `opened` does with a picture once it is decoded; the one that is given stays as it is."""
    made: Image.Image = _rgb(_upright(picture.copy()))
    return made


def why(error: OSError) -> str:
    """What the system says of a file, in words for a person."""
    known = {
        FileNotFoundError: "not there",
        PermissionError: "no permission to read it",
        IsADirectoryError: "a folder",
    }
    return known.get(type(error)) or (error.strerror or type(error).__name__).lower()


def _opened(file: IO[bytes], max_pixels: int, at_least: int | None) -> Image.Image:
    file.seek(0)
    head = file.read(1024)
    file.seek(0)
    kind = _kind(head)
    with _bounded(max_pixels):
        picture = _header(file, kind)
        try:
            if at_least is not None:
                picture.draft(None, (at_least, at_least))
            picture.load()
            made: Image.Image = _rgb(_upright(picture))
            return made
        except Exception as error:
            raise _reason(error, kind, max_pixels) from error


def _kind(head: bytes) -> str:
    """Pillow's name of the format."""
    for pattern, name in _READ:
        if re.match(pattern, head, re.DOTALL):
            return name
    if not head:
        raise Unreadable("empty")
    for pattern, what in _OTHERS:
        if re.match(pattern, head, re.DOTALL):
            raise Unreadable(f"{what}; {_WANTED}")
    if not any(head):
        raise Unreadable("zero bytes only where it begins")
    raise Unreadable("text, no picture" if _is_text(head) else f"no picture of a known kind; {_WANTED}")


def _is_text(head: bytes) -> bool:
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head)  # a last letter may be cut
    return not re.search("[\x00-\x08\x0e-\x1a\x7f\ufffd]", text)


@contextlib.contextmanager
def _bounded(max_pixels: int) -> Iterator[None]:
    """Pillow's own limit and warnings are global: set for as long as a picture is read."""
    image = require("PIL.Image", extra="torch")
    before = image.MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", image.DecompressionBombWarning)
        image.MAX_IMAGE_PIXELS = max_pixels
        try:
            yield
        finally:
            image.MAX_IMAGE_PIXELS = before


def _header(file: IO[bytes], kind: str) -> Any:
    image = require("PIL.Image", extra="torch")
    image.preinit()
    if kind not in image.OPEN:
        image.init()
    if kind not in image.OPEN:
        raise Unreadable(f"of the format {kind}, which the installed Pillow cannot read")
    try:
        picture = image.open(file, formats=(kind,))
    except Exception as error:
        raise _reason(error, kind, None) from error
    tags = getattr(picture, "tag_v2", {}) if kind == "TIFF" else {}
    if any(tag in tags for tag in _RAW) or tags.get(_SUBFILE, 0) & 1:
        raise Unreadable("a raw photograph of a camera, of which only a preview can be read; export it as JPEG")
    return picture


def _reason(error: Exception, kind: str, max_pixels: int | None) -> Unreadable:
    image = require("PIL.Image", extra="torch")
    said = str(error)
    if isinstance(error, image.DecompressionBombError | image.DecompressionBombWarning):
        pixels, limit = (int(number) for number in re.findall(r"\d+", said)[:2])
        limit = limit // 2 if isinstance(error, image.DecompressionBombError) else limit
        return Unreadable(f"too large: {pixels:,} pixels, and max_pixels={limit:,}")
    if isinstance(error, MemoryError):
        return Unreadable("not enough memory for it")
    if "too large" in said or "Too much memory" in said:
        return Unreadable("the text in it unpacks to more than is allowed")
    if "truncated" in said.lower() or isinstance(error, EOFError):
        return Unreadable("cut short: it ends in the middle of the picture")
    if "conversion from" in said:
        return Unreadable(f"its colours ({said.split()[2]}) cannot be made red, green and blue")
    return Unreadable(f"damaged: it begins as {kind} and cannot be decoded")


def _upright(picture: Any) -> Any:
    operations = require("PIL.ImageOps", extra="torch")
    with contextlib.suppress(Exception):  # of damaged EXIF data nothing is known, the picture is as it is
        operations.exif_transpose(picture, in_place=True)
    return picture


def _rgb(picture: Any) -> Any:
    image = require("PIL.Image", extra="torch")
    if picture.mode.startswith(("I", "F")):
        return image.fromarray(_eight_bits(picture)).convert("RGB")
    if picture.mode in ("LA", "PA", "La", "RGBA", "RGBa") or "transparency" in picture.info:
        over = picture.convert("RGBA")
        return image.alpha_composite(image.new("RGBA", over.size, (255, 255, 255, 255)), over).convert("RGB")
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _eight_bits(picture: Any) -> Any:
    import numpy as np

    grey = np.asarray(picture)
    if picture.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    else:
        finite = grey[np.isfinite(grey)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
        usual = 1.0 if picture.mode == "F" else 65535.0
        if low >= 0 and high <= usual:
            low, high = 0.0, usual
        grey = np.nan_to_num(grey, nan=low, posinf=high, neginf=low)
    scaled = (grey.astype(np.float64) - low) * 255 / (high - low if high > low else np.inf)
    return np.rint(scaled).astype(np.uint8)
