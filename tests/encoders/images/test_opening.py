"""Whatever a picture is kept as, it comes out red, green and blue, 8 bits and upright; or a person reads why not."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jari.encoders.images.opening import Unreadable, as_rgb, opened

Image = pytest.importorskip("PIL.Image")


def bytes_of(image: Any, kind: str, **options: Any) -> bytes:
    kept = io.BytesIO()
    image.save(kept, kind, **options)
    return kept.getvalue()


def colours(width: int = 32, height: int = 24) -> Any:
    """Red grows to the right, green downwards."""
    red, green = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack([red, green, np.full_like(red, 60)], axis=-1).astype(np.uint8))


def array(source: Any, **options: Any) -> Any:
    picture = opened(source, **options)
    assert picture.mode == "RGB"
    return np.asarray(picture).astype(int)


@pytest.mark.parametrize(
    ("kind", "options", "far"),
    [
        ("PNG", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("BMP", {}, 0),
        ("PPM", {}, 0),
        ("GIF", {}, 30),
        ("JPEG", {"quality": 95}, 12),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 95}, 14),
        ("JPEG2000", {}, 3),
        ("AVIF", {"quality": 100}, 12),
    ],
)
def test_all_kinds_that_are_read(kind: str, options: dict[str, Any], far: int, tmp_path: Path) -> None:
    if kind == "AVIF" and not pytest.importorskip("PIL.features").check("avif"):
        pytest.skip("this Pillow has no AVIF")
    data = bytes_of(colours(), kind, **options)
    path = tmp_path / "a name that says nothing.txt"
    path.write_bytes(data)
    with path.open("rb") as file:
        for source in (data, path, str(path), file):
            assert np.abs(array(source) - np.asarray(colours())).max() <= far


def test_greys_palettes_and_bits() -> None:
    grey = colours().convert("L")
    for mode, kind in (("L", "PNG"), ("L", "JPEG"), ("1", "PNG"), ("P", "PNG")):
        kept = grey.convert(mode)
        expected = np.asarray(kept.convert("RGB")).astype(int)
        far = 6 if kind == "JPEG" else 0
        assert np.abs(array(bytes_of(kept, kind)) - expected).max() <= far
    adobe = bytes_of(colours().convert("CMYK"), "JPEG", quality=95)  # Pillow writes it inverted, as Adobe does
    assert b"Adobe" in adobe
    assert np.abs(array(adobe) - np.asarray(colours())).max() <= 12


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits_are_scaled_and_not_clipped(kind: str) -> None:
    ramp = np.linspace(0, 65_535, 600).astype(np.uint16).reshape(20, 30)
    got = array(bytes_of(Image.fromarray(ramp), kind))
    np.testing.assert_array_equal(got[..., 0], np.rint(ramp / 257))
    np.testing.assert_array_equal(got[..., 0], got[..., 2])
    assert len(np.unique(got)) == 256


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.float32([[0, 0.5, 1]]), [0, 128, 255]),
        (np.float32([[-3, 0, 1]]), [0, 191, 255]),
        (np.float32([[0, 1000, 4000]]), [0, 64, 255]),
        (np.float32([[2, np.nan, np.inf]]), [0, 0, 0]),
        (np.float32([[2, np.nan, 4]]), [0, 0, 255]),
        (np.float32([[7, 7, 7]]), [0, 0, 0]),
        (np.int32([[0, 257, 65_535]]), [0, 1, 255]),
        (np.int32([[-100, 0, 100]]), [0, 128, 255]),
        (np.int32([[0, 500_000, 1_000_000]]), [0, 128, 255]),
    ],
)
def test_32_bits_are_scaled_by_their_range(values: Any, expected: list[int]) -> None:
    assert array(bytes_of(Image.fromarray(values), "TIFF"))[0, :, 0].tolist() == expected


def test_what_is_transparent_lies_over_white() -> None:
    clear = Image.new("RGBA", (4, 2), (200, 0, 0, 0))
    clear.putpixel((0, 0), (200, 0, 0, 255))
    clear.putpixel((1, 0), (200, 0, 0, 128))
    for kind in ("PNG", "WEBP", "TIFF"):
        got = array(bytes_of(clear, kind, **({"lossless": True} if kind == "WEBP" else {})))
        assert got[0, :3].tolist() == [[200, 0, 0], [227, 127, 127], [255, 255, 255]]
    assert array(bytes_of(clear.convert("LA"), "PNG"))[1, 3].tolist() == [255, 255, 255]
    palette = Image.new("P", (2, 1), 0)
    palette.putpalette([9, 9, 9, 200, 0, 0])
    palette.putpixel((1, 0), 1)
    for kind in ("PNG", "GIF"):
        assert array(bytes_of(palette, kind, transparency=0))[0].tolist() == [[255, 255, 255], [200, 0, 0]]
    rgb = Image.new("RGB", (2, 1), (9, 9, 9))
    rgb.putpixel((1, 0), (200, 0, 0))
    assert array(bytes_of(rgb, "PNG", transparency=(9, 9, 9)))[0].tolist() == [[255, 255, 255], [200, 0, 0]]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_the_picture_is_turned_as_its_exif_says(orientation: int, kind: str) -> None:
    turned = {
        1: lambda pixels: pixels,
        2: np.fliplr,
        3: lambda pixels: np.rot90(pixels, 2),
        4: np.flipud,
        5: lambda pixels: pixels.transpose(1, 0, 2),
        6: lambda pixels: np.rot90(pixels, -1),
        7: lambda pixels: np.rot90(pixels, 2).transpose(1, 0, 2),
        8: np.rot90,
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    got = array(bytes_of(colours(), kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {})))
    expected = turned[orientation](np.asarray(colours()))
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= (20 if kind == "JPEG" else 0)


def test_damaged_exif_leaves_the_picture_as_it_is() -> None:
    data = bytes_of(colours(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\x07" * 40)
    assert array(data).shape == (24, 32, 3)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame(kind: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    got = array(bytes_of(frames[0], kind, save_all=True, append_images=frames[1:]))
    assert np.abs(got - [255, 0, 0]).max() <= 4


def test_one_pixel() -> None:
    assert array(bytes_of(Image.new("L", (1, 1), 7), "PNG")).tolist() == [[[7, 7, 7]]]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "^empty$"),
        (b"a text, 90\n", "^text, no picture$"),
        ("그림이 아니다".encode() * 200, "^text, no picture$"),
        (b"\0" * 900, "^zero bytes only where it begins$"),
        (bytes(range(256)), "^no picture of a known kind; JPEG, PNG"),
        (b"\xff", "^no picture of a known kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "^an SVG drawing; JPEG"),
        (b"<?xml version='1.0'?>\n<!-- a -->\n<svg/>", "^an SVG drawing"),
        (b"<!DOCTYPE html><html>", "^a web page"),
        (b"%PDF-1.7", "^a PDF document"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "^a PostScript document"),
        (b"8BPS\0\1", "^a Photoshop document"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1", "^a HEIC picture"),
        (b"\0\0\0\x18ftypmp42", "^a film"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "^a JPEG XL picture"),
        (b"PK\x03\x04\x14\0", "^a ZIP archive"),
        (b"\x1f\x8b\x08\0", "^compressed by gzip"),
        (b"version https://git-lfs.github.com/spec/v1\n", "^a pointer of Git LFS"),
        (
            b"\xff\xd8\xff\xe0 and then something else",
            "^(damaged: it begins as JPEG and cannot be decoded|cut short: .*)$",
        ),
        (b"BM is how this text begins", "^cut short"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        opened(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "BMP", "PPM"])
def test_half_a_picture_is_cut_short(kind: str) -> None:
    rng = np.random.default_rng(0)
    data = bytes_of(Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)), kind)
    end = slice(8, None) if kind == "TIFF" else slice(0, len(data) // 2)
    kept = data[end] if kind != "TIFF" else bytes_of(colours(64, 64), "TIFF")[:-3000]
    with pytest.raises(Unreadable, match=r"^(cut short: it ends in the middle of the picture|damaged: .*)$"):
        opened(kept)
    if kind in ("JPEG", "PNG", "BMP", "PPM"):
        with pytest.raises(Unreadable, match="cut short"):
            opened(kept)


def test_no_bytes_of_any_kind_do_more_than_be_unreadable() -> None:
    """Damage anywhere: a picture, or a reason."""
    rng = np.random.default_rng(3)
    kept = [bytes_of(colours(), kind) for kind in ("JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP", "ICO", "JPEG2000")]
    reasons = set()
    for data in kept:
        for _ in range(60):
            damaged = bytearray(data)
            for place in rng.integers(0, len(data), 4):
                damaged[place] = rng.integers(0, 256)
            try:
                opened(bytes(damaged[: rng.integers(1, len(data) + 1)]))
            except Unreadable as error:
                reasons.add(str(error).partition(":")[0])
    assert {"cut short", "damaged"} <= reasons
    assert not any("Error" in reason or "<" in reason for reason in reasons)


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG with a header and whatever chunks."""
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    parts = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in (header, *chunks, (b"IEND", b""))
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_a_bomb_is_refused_by_its_header() -> None:
    with pytest.raises(Unreadable, match=r"^too large: 10,000,000,000 pixels, and max_pixels=178,956,970$"):
        opened(png(100_000, 100_000, (b"IDAT", zlib.compress(b"\0" * 1000))))
    with pytest.raises(Unreadable, match=r"^too large: 768 pixels, and max_pixels=767$"):
        opened(bytes_of(colours(), "PNG"), max_pixels=767)
    with pytest.raises(Unreadable, match=r"^too large: 768 pixels, and max_pixels=100$"):
        opened(bytes_of(colours(), "PNG"), max_pixels=100)
    assert opened(bytes_of(colours(), "PNG"), max_pixels=768).size == (32, 24)
    assert opened(bytes_of(Image.new("L", (65_500, 1)), "JPEG")).size == (65_500, 1)


def test_a_bomb_of_text_in_a_picture_is_refused() -> None:
    text = zlib.compress(b"a" * 80_000_000, 9)
    with pytest.raises(Unreadable, match=r"^the text in it unpacks to more than is allowed$"):
        opened(png(4, 4, (b"zTXt", b"Comment\0\0" + text)))


def test_a_larger_limit_than_pillows_own_is_kept_and_pillows_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert opened(bytes_of(colours(), "PNG"), max_pixels=10_000).size == (32, 24)
    assert Image.MAX_IMAGE_PIXELS == 100
    with pytest.raises(Unreadable):
        opened(b"")
    assert Image.MAX_IMAGE_PIXELS == 100


def test_a_raw_photograph_of_which_only_a_preview_could_be_read_is_refused() -> None:
    preview = bytes_of(colours(), "TIFF", tiffinfo={254: 1})
    with pytest.raises(Unreadable, match=r"^a raw photograph of a camera, of which only a preview"):
        opened(preview)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"^not there$"):
        opened(tmp_path / "nowhere.png")
    with pytest.raises(Unreadable, match=r"^a folder$"):
        opened(tmp_path)


def test_at_least_decodes_fewer_pixels_of_a_jpeg_and_never_too_few() -> None:
    data = bytes_of(colours(800, 600), "JPEG")
    assert opened(data, at_least=100).size == (200, 150)
    assert opened(data, at_least=160).size == (400, 300)
    assert opened(data, at_least=601).size == (800, 600)
    assert opened(bytes_of(colours(800, 600), "PNG"), at_least=100).size == (800, 600)


def test_a_picture_that_is_given_stays_as_it_is() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    given = Image.open(io.BytesIO(bytes_of(colours(), "PNG", exif=exif)))
    assert as_rgb(given).size == (24, 32)
    assert given.size == (32, 24)
    assert as_rgb(Image.new("LA", (2, 2), (0, 0))).getpixel((0, 0)) == (255, 255, 255)
