"""Pictures become vectors: the model's own, in order, in batches that do not depend on what is passed over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone

from jari.embedding import Embedding
from jari.encoders.images.decoding import Decoded
from jari.encoders.images.encoder import ImageEncoder
from jari.encoders.images.files import ImageFile
from jari.encoders.quiet import quiet
from jari.errors import BadFile, BadInput, FileIsThere, NoSuchFile, NotLearntYet
from jari.types import Progress

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
image = pytest.importorskip("PIL.Image")

NAMES = ["a/one.png", "a/two.jpg", "b/one.png", "b/three.gif", "c.png"]
PROCESSOR = {
    "image_processor_type": "ConvNextImageProcessor",
    "size": {"shortest_edge": 32},
    "crop_pct": 0.875,
    "resample": 3,
    "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small ResNet that was drawn by chance, saved as a classifier."""
    folder = tmp_path_factory.mktemp("model")
    with quiet(), torch.random.fork_rng():
        torch.manual_seed(1)
        config = transformers.ResNetConfig(embedding_size=8, hidden_sizes=[16, 24], depths=[2, 1], num_labels=3)
        transformers.ResNetForImageClassification(config).save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(PROCESSOR))
    return folder


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photos")
    draw = np.random.default_rng(1)
    for number, name in enumerate(NAMES):
        (folder / name).parent.mkdir(exist_ok=True)
        pixels = draw.integers(0, 256, (40 + 5 * number, 60, 3), dtype=np.uint8)
        image.fromarray(pixels).save(folder / name)
    return folder


def picture_in(file: Path) -> Any:
    with image.open(file) as held:
        return held.convert("RGB")


def encoder_of(model: Path, **given: Any) -> ImageEncoder:
    return ImageEncoder(model, **{"workers": 0, "threads": 1, **given})


def of_transformers(model: Path, files: list[Path]) -> Any:
    """The vectors that transformers gives, by its own processor and forward."""
    with quiet():
        network = transformers.AutoModel.from_pretrained(model).eval()
        processor = transformers.ConvNextImageProcessor.from_pretrained(model)
        pictures = [picture_in(file) for file in files]
        inputs = processor(images=pictures, return_tensors="pt")
    with torch.inference_mode():
        return network(**inputs).pooler_output.flatten(1).numpy()


def test_vectors_are_those_of_transformers_from_file_to_vector(model: Path, photos: Path) -> None:
    wanted = of_transformers(model, [photos / name for name in NAMES])
    found = encoder_of(model).encode([photos / name for name in NAMES])
    assert (found.shape, found.dtype) == ((5, 24), np.float32)
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())


def test_files_pictures_and_arrays_are_the_same_in_any_mixture(model: Path, photos: Path) -> None:
    encoder = encoder_of(model)
    files = [photos / name for name in NAMES]
    wanted = encoder.encode(files)
    pictures = [picture_in(file) for file in files]
    mixed = [files[0], np.asarray(pictures[1]), str(files[2]), pictures[3], pictures[4]]
    np.testing.assert_array_equal(encoder.encode(mixed), wanted)
    np.testing.assert_allclose(encoder.encode([np.asarray(pictures[0]) / 255.0]), wanted[:1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.bool_])
def test_grey_arrays_of_every_kind_are_the_same_picture(model: Path, dtype: Any) -> None:
    white = {np.uint8: 255, np.uint16: 65535, np.float32: 1, np.bool_: 1}[dtype]
    grey = (np.arange(64).reshape(8, 8) % 3 == 0).astype(np.uint8)
    encoder = encoder_of(model)
    wanted = encoder.encode([image.fromarray(grey * np.uint8(255))])
    np.testing.assert_array_equal(encoder.encode([grey.astype(dtype) * dtype(white)]), wanted)


def test_the_same_bits_each_time_and_batches_of_any_size_agree(model: Path, photos: Path) -> None:
    files = [photos / name for name in NAMES]
    first = encoder_of(model, batch_size=2).encode(files)
    np.testing.assert_array_equal(encoder_of(model, batch_size=2).encode(files), first)
    np.testing.assert_allclose(encoder_of(model, batch_size=5).encode(files), first, rtol=1e-4, atol=1e-5)


def test_processes_that_decode_change_nothing(model: Path, photos: Path) -> None:
    files = [photos / name for name in NAMES]
    np.testing.assert_array_equal(encoder_of(model, workers=1).encode(files), encoder_of(model).encode(files))


def test_nothing_is_no_vectors(model: Path) -> None:
    assert encoder_of(model).encode([]).shape == (0, 24)
    assert encoder_of(model).dim_ == 24


def test_a_folder_becomes_an_embedding_by_path(model: Path, photos: Path, tmp_path: Path) -> None:
    told: list[Progress] = []
    found = encoder_of(model, batch_size=2).embed(photos, callback=told.append)
    assert sorted(found.keys) == sorted(NAMES)
    np.testing.assert_allclose(
        found["b/one.png"], encoder_of(model).encode([photos / "b/one.png"])[0], rtol=1e-4, atol=1e-5
    )
    assert (told[-1].stage, told[-1].done, told[-1].total, told[-1].unit) == ("encoding", 5, 5, "pictures")
    found.save(tmp_path / "photos.jari")
    described = Embedding.load(tmp_path / "photos.jari").metadata["encoder"]
    again = ImageEncoder.described(described, workers=0, threads=1)
    np.testing.assert_allclose(again.encode([photos / "c.png"])[0], found["c.png"], rtol=1e-4, atol=1e-5)


def test_what_cannot_be_read_is_left_out_and_listed(model: Path, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "cut.png").write_bytes((photos / "c.png").read_bytes()[:500])
    (tmp_path / "whole.png").write_bytes((photos / "c.png").read_bytes())
    with pytest.warns(UserWarning, match=r"2 of 3 pictures cannot be read and are left out: .*cut\.png: "):
        found = encoder_of(model).embed(tmp_path)
    assert list(found.keys) == ["whole.png"]
    assert sorted(Path(one["path"]).name for one in found.metadata["skipped"]) == ["cut.png", "empty.png"]
    with pytest.raises(BadFile, match=r"cut\.png: "):
        encoder_of(model).embed(tmp_path, strict=True)
    (tmp_path / "whole.png").unlink()
    with pytest.raises(BadInput, match="None of the 2 pictures can be read"):
        encoder_of(model).embed(tmp_path)


def decoded(names: str) -> Iterator[Decoded]:
    """p: with pixels; u: unchanged; r: unreadable."""
    for number, kind in enumerate(names):
        file = ImageFile(f"{number}.png", f"{number}.png", 1, False)
        pixels = np.full((28, 28, 3), number, np.uint8) if kind == "p" else None
        yield Decoded(file, b"", pixels, "empty" if kind == "r" else None)


def test_batches_do_not_depend_on_what_is_passed_over(model: Path) -> None:
    encoder = encoder_of(model, batch_size=2)
    plain = list(encoder.vectors(decoded("ppppp")))
    assert [(len(batch), matrix.shape) for batch, matrix in plain] == [(2, (2, 24)), (2, (2, 24)), (1, (1, 24))]
    mixed = list(encoder.vectors(decoded("upruppuurppr")))
    assert [[one.file.path[:-4] for one in batch] for batch, _ in mixed] == [
        ["0", "1", "2", "3", "4"], ["5", "6", "7", "8", "9"], ["10", "11"]
    ]  # fmt: skip
    assert [len(matrix) for _, matrix in mixed] == [2, 2, 1]


def test_many_unchanged_ones_are_passed_on_without_vectors(model: Path) -> None:
    passed = list(encoder_of(model).vectors(decoded("u" * 2500)))
    assert [len(batch) for batch, _ in passed] == [1024, 1024, 452]
    assert all(matrix.shape == (0, 24) for _, matrix in passed)


def test_a_batch_too_large_for_the_gpu_is_halved(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jari.encoders.images.backbones import Backbone

    own = Backbone.vectors

    def with_room_for_two(self: Backbone, pixels: Any, **given: Any) -> Any:
        if len(pixels) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return own(self, pixels, **given)

    pictures = [np.full((9, 9), shade, np.uint8) for shade in range(7)]
    wanted = encoder_of(model).encode(pictures)
    monkeypatch.setattr(Backbone, "vectors", with_room_for_two)
    with pytest.warns(UserWarning, match="ran out of memory with a batch of 7 pictures: it goes on with batches of 2"):
        found = encoder_of(model).encode(pictures)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def test_threads_and_grad_mode_are_as_before(model: Path) -> None:
    before = torch.get_num_threads(), torch.is_grad_enabled()
    encoder_of(model, threads=2).encode([np.zeros((9, 9), np.uint8)])
    assert (torch.get_num_threads(), torch.is_grad_enabled()) == before


def test_it_is_described_and_found_again_or_not(model: Path, tmp_path: Path) -> None:
    encoder = encoder_of(model)
    encoder.save(tmp_path / "mine")
    told = ImageEncoder(tmp_path / "mine").describe()
    assert (told["kind"], told["path"]) == ("image-encoder", str(tmp_path / "mine"))
    assert told == encoder.describe()
    ImageEncoder.described(told)
    (tmp_path / "mine" / "preprocessor_config.json").write_text(json.dumps({**PROCESSOR, "resample": 2}))
    with pytest.raises(BadFile, match="is not the network that made these vectors"):
        ImageEncoder.described(told)
    with pytest.raises(NoSuchFile, match="was never saved"):
        ImageEncoder.described({**told, "path": None})


def test_a_saved_folder_is_transformers_own(model: Path, photos: Path, tmp_path: Path) -> None:
    files = [photos / name for name in NAMES]
    encoder = encoder_of(model)
    wanted = encoder.encode(files)
    encoder.save(tmp_path / "mine")
    np.testing.assert_array_equal(encoder_of(tmp_path / "mine").encode(files), wanted)
    np.testing.assert_allclose(of_transformers(tmp_path / "mine", files), wanted, atol=1e-5 * np.abs(wanted).max())
    with pytest.raises(FileIsThere, match=r"mine exists already\. Pass force=True"):
        encoder.save(tmp_path / "mine")
    encoder.save(tmp_path / "mine", force=True)
    (tmp_path / "mine" / "diary.txt").write_text("mine")
    with pytest.raises(FileIsThere, match=r"holds other things too \(diary\.txt\)"):
        encoder.save(tmp_path / "mine", force=True)


def test_weights_of_torchvision_need_no_model(tmp_path: Path) -> None:
    with quiet():
        config = transformers.ResNetConfig(
            embedding_size=8, hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 1, 1], layer_type="basic"
        )
        network = transformers.ResNetModel(config)
    from jari.encoders.images.torchvision_weights import _as_named_there

    state = {_as_named_there(name): tensor for name, tensor in network.state_dict().items()}
    torch.save(state, tmp_path / "resnet.pth")
    encoder = ImageEncoder("no/such-model", weights=tmp_path / "resnet.pth", offline=True, workers=0)
    picture = [np.zeros((30, 40, 3), np.uint8)]
    wanted = encoder.encode(picture)
    assert wanted.shape == (1, 32)
    told = encoder.describe()
    np.testing.assert_array_equal(ImageEncoder.described(told, workers=0).encode(picture), wanted)
    encoder.save(tmp_path / "folder")
    np.testing.assert_array_equal(encoder_of(tmp_path / "folder").encode(picture), wanted)


# ── what is refused


@pytest.mark.parametrize(
    ("images", "match"),
    [
        ("photo.jpg", r"'photo\.jpg' is no list of pictures\. Give a list: \['photo\.jpg'\]"),
        (np.zeros((9, 9)), "an array of shape .9, 9. is no list"),
        (np.zeros((9, 9, 3)), "is no list of pictures"),
        (7, "int is no list of pictures"),
        ([np.zeros((2, 3, 4, 5))], r"Picture 0 is an array of shape .2, 3, 4, 5.: give a path"),
        ([None], "Picture 0 is NoneType: give a path"),
        ([np.zeros((0, 9), np.uint8)], r"of shape \(0, 9\): a picture has pixels"),
        ([np.zeros((9, 9), np.uint8), np.full((9, 9), 16.0)], "Picture 1 holds float64 from 16 to 16: give whole"),
        ([np.full((9, 9), np.nan)], "Picture 0 holds float64 from nan to nan"),
        ([np.full((9, 9), 300)], "Picture 0 holds int64 from 300 to 300"),
    ],
)
def test_what_is_no_picture_is_said(model: Path, images: Any, match: str) -> None:
    with pytest.raises(BadInput, match=match):
        encoder_of(model).encode(images)


def test_files_that_cannot_be_read_are_errors_of_encode(model: Path, tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"There is no file .*none\.png"):
        encoder_of(model).encode([tmp_path / "none.png"])
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(BadFile, match=r"text\.png: text, no picture"):
        encoder_of(model).encode([tmp_path / "text.png"])


def test_there_must_be_pictures(model: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There are no pictures in"):
        encoder_of(model).embed(tmp_path)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"batch_size": 0}, "batch_size=0: a batch has pictures"),
        ({"precision": "half"}, "precision='half': choose"),
        ({"device": "nowhere"}, "device='nowhere' cannot be used"),
        ({"device": 1}, "device=1: give 'auto'"),
        ({"threads": 0}, "threads=0 must be a whole number"),
        ({"workers": -1}, "workers=-1: processes"),
        ({"max_pixels": 0}, "max_pixels=0: a picture"),
        ({"offline": "no"}, "offline='no': give True or False"),
        ({"fast": 1}, "fast=1: give True or False"),
        ({"loss": "triplet"}, "loss='triplet': choose 'cross-entropy' or 'metric'"),
        ({"dim": 0}, "dim=0: a vector"),
        ({"augment": "all"}, "augment='all': choose"),
        ({"learning_rate": 0}, "learning_rate=0: steps have a size"),
        ({"validation": 1}, "validation=1: .*Give a number below 1"),
    ],
)
def test_parameters_that_cannot_be_are_said(model: Path, given: dict[str, Any], match: str) -> None:
    with pytest.raises(BadInput, match=match):
        encoder_of(model, **given).encode([np.zeros((9, 9), np.uint8)])


def test_a_model_that_is_nowhere_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(NoSuchFile, match=r"The model 'microsoft/resnet-50' is not in the cache"):
        ImageEncoder(offline=True).encode([np.zeros((9, 9), np.uint8)])
    with pytest.raises(NoSuchFile, match="There is no folder"):
        ImageEncoder(tmp_path / "none").encode([np.zeros((9, 9), np.uint8)])


def test_what_has_learnt_nothing_says_so(model: Path) -> None:
    with pytest.raises(NotLearntYet, match="The small network knows nothing yet"):
        ImageEncoder("small").encode([np.zeros((9, 9), np.uint8)])
    with pytest.raises(NotLearntYet, match=r"has learnt no classes\. Call fit first"):
        encoder_of(model).predict([np.zeros((9, 9), np.uint8)])


def test_it_is_an_estimator_of_scikit_learn(model: Path) -> None:
    encoder = encoder_of(model, batch_size=3)
    assert clone(encoder).get_params() == encoder.get_params()
    frame = encoder.set_output(transform="pandas").transform([np.zeros((9, 9), np.uint8)])
    assert frame.shape == (1, 24)
    assert frame.columns[-1] == "imageencoder23"
    assert "batch_size=3" in repr(encoder)
