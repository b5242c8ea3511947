"""Pictures become what transformers' own processors on Pillow make of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jari.encoders.images.opening import Unreadable
from jari.encoders.images.preprocessing import Preprocessing
from jari.errors import BadFile, BadInput, NoSuchFile

Image = pytest.importorskip("PIL.Image")

IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
CONFIGS: dict[str, dict[str, Any]] = {
    "resnet": {
        "feature_extractor_type": "ConvNextFeatureExtractor",
        "crop_pct": 0.875,
        "do_normalize": True,
        "do_resize": True,
        "resample": 3,
        "size": 224,
        **IMAGENET,
    },
    "convnext": {"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 64}, "crop_pct": 0.9},
    "convnext-null": {"image_processor_type": "ConvNextImageProcessor", "size": 384, "crop_pct": None},
    "convnext-384": {"image_processor_type": "ConvNextImageProcessorFast", "size": {"shortest_edge": 384}},
    "convnext-defaults": {"image_processor_type": "ConvNextImageProcessor"},
    "vit": {"feature_extractor_type": "ViTFeatureExtractor", "size": 224, "resample": 2, "image_mean": [0.5, 0.5, 0.5]},
    "vit-oblong": {"image_processor_type": "ViTImageProcessor", "size": {"height": 48, "width": 80}},
    "vit-raw": {"image_processor_type": "ViTImageProcessor", "size": 32, "do_rescale": False, "do_normalize": False},
    "vit-unscaled": {"image_processor_type": "ViTImageProcessor", "size": 32, "do_rescale": False},
    "vit-scale": {"image_processor_type": "ViTImageProcessor", "size": 32, "rescale_factor": 0.01, "image_mean": 0.3},
    "deit": {"image_processor_type": "DeiTImageProcessor", "size": 73, "crop_size": 64, "resample": 3, **IMAGENET},
    "deit-defaults": {"image_processor_type": "DeiTImageProcessor"},
    "dinov2": {
        "image_processor_type": "BitImageProcessor",
        "crop_size": {"height": 224, "width": 224},
        "do_center_crop": True,
        "do_convert_rgb": True,
        "size": {"shortest_edge": 256},
        "resample": 3,
        **IMAGENET,
    },
    "bit-padded": {"image_processor_type": "BitImageProcessor", "size": 41, "crop_size": {"height": 64, "width": 50}},
    "bit-unresized": {"image_processor_type": "BitImageProcessor", "do_resize": False, "crop_size": 51},
    "clip": {"feature_extractor_type": "CLIPFeatureExtractor", "size": 224, "crop_size": 224, "resample": 3},
    "clip-defaults": {"image_processor_type": "CLIPImageProcessor"},
    "clip-null": {"image_processor_type": "CLIPImageProcessor", "do_center_crop": None, "size": 20},
    "siglip": {"image_processor_type": "SiglipImageProcessor", "size": {"height": 64, "width": 64}},
    "siglip-shortest": {"image_processor_type": "SiglipImageProcessor", "size": 40},
    "beit": {"image_processor_type": "BeitImageProcessor", "size": 40, "do_center_crop": True, "crop_size": 32},
    "blip": {"image_processor_type": "BlipImageProcessor", "size": 40},
    "chinese-clip": {"image_processor_type": "ChineseCLIPImageProcessor"},
    "levit": {"image_processor_type": "LevitImageProcessor", "size": 56, "crop_size": 56},
    "mobilenet-1": {"image_processor_type": "MobileNetV1ImageProcessor"},
    "mobilenet-2": {"image_processor_type": "MobileNetV2ImageProcessor", "size": 64, "crop_size": 56},
    "pvt": {"image_processor_type": "PvtImageProcessor", "size": 56},
}
SIZES = [(300, 200), (200, 301), (1, 1), (3, 300), (1100, 701)]  # (width, height)


def noise(width: int, height: int) -> Any:
    """A gradient with noise: what a filter does shows at every pixel."""
    rng = np.random.default_rng(width * 10_000 + height)
    slope = np.linspace(0, 255, width)[None, :, None] + np.linspace(0, 90, height)[:, None, None]
    return Image.fromarray((slope + rng.integers(0, 120, (height, width, 3))).astype(np.uint8))


def theirs(config: dict[str, Any], folder: Path) -> Any:
    transformers = pytest.importorskip("transformers")
    (folder / "preprocessor_config.json").write_text(json.dumps(config))
    return transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")


@pytest.mark.parametrize("name", CONFIGS)
def test_pixels_are_those_of_transformers(name: str, tmp_path: Path) -> None:
    processor = theirs(CONFIGS[name], tmp_path)
    ours = Preprocessing.of(tmp_path)
    assert not ours.theirs
    for width, height in SIZES:
        image = noise(width, height)
        expected = processor(images=image, return_tensors="np")["pixel_values"]
        shaped = ours.shaped(image)
        assert shaped.dtype == np.uint8
        assert ours.shape in (None, shaped.shape[:2])
        got = ours.normalised(shaped[None])
        assert (got.dtype, got.shape) == (np.float32, expected.shape)
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", CONFIGS)
def test_what_is_written_is_read_by_transformers_and_does_the_same(name: str, tmp_path: Path) -> None:
    ours = Preprocessing.of_json(CONFIGS[name])
    assert Preprocessing.of_json(json.loads(json.dumps(ours.to_json()))) == ours
    image = noise(90, 70)
    expected = theirs(ours.to_json(), tmp_path)(images=image, return_tensors="np")["pixel_values"]
    np.testing.assert_allclose(ours.normalised(ours.shaped(image)[None]), expected, rtol=0, atol=1e-6)


def test_pixels_stay_as_they_were() -> None:
    """Of one picture, by digest: another Pillow that resizes in another way is seen."""
    shaped = Preprocessing.of_json(CONFIGS["resnet"]).shaped(noise(640, 427))
    assert shaped.shape == (224, 224, 3)
    assert shaped[0, 0].tolist() == GOLDEN_PIXEL
    assert hashlib.sha256(shaped.tobytes()).hexdigest() == GOLDEN


def test_torchvision_resizes_crops_and_normalises_as_documented(tmp_path: Path) -> None:
    ours = Preprocessing.torchvision()
    image = noise(500, 333)
    small = image.resize((int(256 * 500 / 333), 256), Image.Resampling.BILINEAR)
    left, top = (small.width - 224) // 2, 16
    pixels = np.asarray(small.crop((left, top, left + 224, top + 224)))
    np.testing.assert_array_equal(ours.shaped(image), pixels)
    normal = (pixels / 255 - IMAGENET["image_mean"]) / IMAGENET["image_std"]
    np.testing.assert_allclose(ours.normalised(pixels[None])[0], normal.transpose(2, 0, 1), atol=1e-5)
    expected = theirs(ours.to_json(), tmp_path)(images=image, return_tensors="np")["pixel_values"]
    np.testing.assert_allclose(ours.normalised(pixels[None]), expected, atol=1e-6)


def test_a_processor_inside_processor_config_goes_before(tmp_path: Path) -> None:
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(CONFIGS["vit"]))
    (tmp_path / "processor_config.json").write_text(json.dumps({"image_processor": CONFIGS["siglip"]}))
    assert Preprocessing.of(tmp_path).shape == (64, 64)
    (tmp_path / "processor_config.json").write_text(json.dumps({"processor_class": "CLIPProcessor"}))
    assert Preprocessing.of(tmp_path).shape == (224, 224)


def test_a_file_that_names_no_processor_means_that_of_the_model(tmp_path: Path) -> None:
    (tmp_path / "preprocessor_config.json").write_text('{"size": 224, "crop_pct": 0.875}')
    (tmp_path / "config.json").write_text('{"model_type": "resnet"}')
    assert Preprocessing.of(tmp_path).shortest == 256


@pytest.mark.parametrize(
    "config",
    [
        {"image_processor_type": "PoolFormerImageProcessor", "size": {"shortest_edge": 40}, "crop_size": 32},
        {"image_processor_type": "EfficientNetImageProcessor", "size": 40},
        {"image_processor_type": "ConvNextImageProcessor", "size": 40, "do_center_crop": True, "crop_size": 31},
        {"image_processor_type": "ViTImageProcessor", "size": {"shortest_edge": 30, "longest_edge": 60}},
    ],
)
def test_other_processors_are_run_by_transformers(config: dict[str, Any], tmp_path: Path) -> None:
    processor = theirs(config, tmp_path)
    ours = Preprocessing.of(tmp_path)
    assert ours.theirs
    image = noise(90, 70)
    shaped = ours.shaped(image)
    assert shaped.dtype == np.float32
    expected = processor(images=image, return_tensors="np")["pixel_values"]
    np.testing.assert_allclose(ours.normalised(shaped[None]), expected, rtol=0, atol=1e-6)
    assert Preprocessing.of_json(ours.to_json()) == ours


def test_a_long_strip_is_resized_only_where_it_is_kept() -> None:
    ours = Preprocessing.of_json({**CONFIGS["dinov2"], "crop_size": 64, "size": 73})
    strip = noise(5000, 1)
    whole = np.asarray(strip.resize((365_000, 73), Image.Resampling.BICUBIC))[4:68, 182_468:182_532].astype(int)
    assert np.abs(ours._middle(strip, 73, 365_000).astype(int) - whole).max() <= 1
    assert ours.shaped(Image.new("RGB", (1, 65_500), "teal")).shape == (64, 64, 3)


def test_a_strip_of_which_all_is_kept_is_unreadable() -> None:
    ours = Preprocessing.of_json(CONFIGS["siglip-shortest"])
    with pytest.raises(Unreadable, match="too long and thin: resized, it would be of 40 × 2,620,000 pixels"):
        ours.shaped(Image.new("RGB", (1, 65_500)))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"size": "big"}, "size='big': give a number"),
        ({"size": 0}, "size=0 must be a whole number of pixels from 1 to 8,192"),
        ({"size": 10**9}, "size=1000000000 must be"),
        ({"size": {"height": 3}}, "size=.* give a number"),
        ({"size": [3]}, r"size=\[3\]: give a number"),
        ({"do_center_crop": True, "crop_size": {"shortest_edge": 3}}, "crop_size=.* give a number or"),
        ({"resample": "bicubic"}, "resample='bicubic' must be Pillow's number"),
        ({"resample": 9}, "resample=9"),
        ({"rescale_factor": 0}, "rescale_factor=0 must be a number above 0"),
        ({"image_mean": [0.5]}, r"image_mean=\[0.5\] must be three numbers, one a colour"),
        ({"image_std": [0.5, 0, 0.5]}, "image_std=.* three numbers above 0"),
        ({"image_mean": float("nan")}, "image_mean=nan"),
        (
            {"image_processor_type": "ConvNextImageProcessor", "size": 9, "crop_pct": -1},
            "crop_pct=-1 must be a number above 0",
        ),
        (
            {"image_processor_type": "ConvNextImageProcessor", "size": {"height": 3, "width": 3}},
            "of the form {'shortest_edge': 224} for ConvNext",
        ),
        ({"image_processor_type": "MyImageProcessor"}, "'MyImageProcessor' is none that the installed transformers"),
        ({"image_processor_type": "Siglip2ImageProcessor"}, "makes more of a picture than one picture"),
    ],
)
def test_what_cannot_be_is_said(config: dict[str, Any], message: str, tmp_path: Path) -> None:
    config = {"image_processor_type": "ViTImageProcessor", **config}
    with pytest.raises(BadInput, match=message):
        Preprocessing.of_json(config)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(config))
    with pytest.raises(BadFile, match=message):
        Preprocessing.of(tmp_path)


def test_a_folder_without_the_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"has no preprocessor_config.json, which says of what size"):
        Preprocessing.of(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text("{")
    with pytest.raises(BadFile, match=r"preprocessor_config.json is no JSON"):
        Preprocessing.of(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text("[]")
    with pytest.raises(BadFile, match="holds no JSON object"):
        Preprocessing.of(tmp_path)
    (tmp_path / "preprocessor_config.json").write_text('{"size": 3}')
    with pytest.raises(BadFile, match=r"names no image_processor_type \(model_type is ''\)"):
        Preprocessing.of(tmp_path)


def test_code_that_comes_with_a_model_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("raise SystemExit('was run')")
    config = {"image_processor_type": "OwnProcessor", "auto_map": {"AutoImageProcessor": "own.OwnProcessor"}}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(config))
    with pytest.raises(BadFile, match="Code that comes with a model is not run"):
        Preprocessing.of(tmp_path)


GOLDEN_PIXEL = [97, 116, 121]
GOLDEN = "0636be09a1072e810103a93ef84400f476a705c7836e2b91e3ae1270d254e616"
