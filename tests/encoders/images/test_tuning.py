"""A small network learns digits, is kept at its best epoch, and is saved and opened as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from jari.encoders.images.augmentation import augmented
from jari.encoders.images.encoder import ImageEncoder
from jari.encoders.images.tuning import Tuning, parted
from jari.errors import BadInput, NoSuchFile
from jari.types import Progress

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
image = pytest.importorskip("PIL.Image")


def learner(**given: Any) -> ImageEncoder:
    return ImageEncoder(
        "small", **{"augment": "shift", "epochs": 1, "threads": 1, "workers": 0, "random_state": 1, **given}
    )


@pytest.fixture(scope="module")
def digits() -> tuple[Any, Any, Any, Any]:
    """Pictures and labels to learn from, and held out."""
    found = load_digits()
    pictures = (found.images / 16 * 255).round().astype(np.uint8)
    halves = train_test_split(pictures, found.target, test_size=0.5, stratify=found.target, random_state=1)
    return halves[0], halves[2], halves[1], halves[3]


@pytest.fixture(scope="module")
def learnt(digits: tuple[Any, Any, Any, Any]) -> ImageEncoder:
    return learner(epochs=3).fit(digits[0], digits[1])


@pytest.fixture(scope="module")
def two() -> tuple[Any, Any]:
    """Bright and dark noise, 30 of each."""
    draw = np.random.default_rng(1)
    pictures = [draw.integers(0, 100, (16, 16), dtype=np.uint8) + np.uint8(150 * (row % 2)) for row in range(60)]
    return pictures, ["bright" if row % 2 else "dark" for row in range(60)]


def by_neighbours(seen: Any, seen_labels: Any, held: Any, held_labels: Any, metric: str) -> float:
    return float(KNeighborsClassifier(10, metric=metric).fit(seen, seen_labels).score(held, held_labels))


def test_digits_are_told_by_their_neighbours_better_than_by_pixels(
    digits: tuple[Any, Any, Any, Any], learnt: ImageEncoder
) -> None:
    seen, seen_labels, held, held_labels = digits
    raw = max(
        by_neighbours(seen.reshape(len(seen), -1) / 1.0, seen_labels, held.reshape(len(held), -1) / 1.0, held_labels, m)
        for m in ("cosine", "euclidean")
    )
    found = by_neighbours(learnt.encode(seen), seen_labels, learnt.encode(held), held_labels, "cosine")
    assert found > max(raw, 0.97)
    assert learnt.score(held, held_labels) > 0.97
    assert learnt.classes_.tolist() == list(range(10))
    assert learnt.predict(held[:20]).dtype == learnt.classes_.dtype


def test_labels_of_another_kind_are_said(learnt: ImageEncoder, digits: tuple[Any, Any, Any, Any]) -> None:
    with pytest.raises(BadInput, match=r"No label is a class that was learnt: '\d' is none of 0, 1, 2, 3, 4, …"):
        learnt.score(digits[2][:3], digits[3][:3].astype(str))


def test_losses_fall_and_accuracies_are_told(learnt: ImageEncoder) -> None:
    assert len(learnt.losses_) == len(learnt.accuracies_) == 3
    assert learnt.losses_[2] < learnt.losses_[1] < learnt.losses_[0]
    assert learnt.accuracies_[2] > 0.9


def test_it_is_saved_and_opened_as_it_was(
    learnt: ImageEncoder, digits: tuple[Any, Any, Any, Any], tmp_path: Path
) -> None:
    wanted, unsaved = learnt.encode(digits[2][:9]), learnt.describe()
    assert unsaved["path"] is None
    learnt.save(tmp_path / "digits")
    again = ImageEncoder(tmp_path / "digits", threads=1, workers=0)
    np.testing.assert_array_equal(again.encode(digits[2][:9]), wanted)
    np.testing.assert_array_equal(again.predict(digits[2][:50]), learnt.predict(digits[2][:50]))
    assert again.classes_.tolist() == learnt.classes_.tolist()
    network = transformers.AutoModel.from_pretrained(tmp_path / "digits").eval()
    processor = transformers.CLIPImageProcessor.from_pretrained(tmp_path / "digits")
    inputs = processor(images=[image.fromarray(one).convert("RGB") for one in digits[2][:9]], return_tensors="pt")
    with torch.inference_mode():
        theirs = network(**inputs).pooler_output.flatten(1).numpy()
    np.testing.assert_allclose(wanted, theirs, atol=1e-5 * np.abs(theirs).max())


@pytest.mark.parametrize("loss", ["cross-entropy", "metric"])
def test_a_projection_makes_vectors_of_another_size(two: tuple[Any, Any], loss: Any, tmp_path: Path) -> None:
    encoder = learner(dim=5, loss=loss, epochs=8, image_size=16, augment="none").fit(*two)
    found = encoder.encode(two[0])
    assert found.shape == (60, 5)
    assert encoder.score(*two) == 1.0
    encoder.save(tmp_path / "two")
    again = ImageEncoder(tmp_path / "two", threads=1, workers=0)
    np.testing.assert_array_equal(again.encode(two[0]), found)
    assert again.predict(two[0][:2]).tolist() == ["dark", "bright"]
    assert again.dim_ == 5


def test_the_same_seed_gives_the_same_bits_and_disturbs_nobody(two: tuple[Any, Any]) -> None:
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    first, second, third = (
        learner(random_state=seed, image_size=16).fit(*two).encode(two[0][:4]) for seed in (1, 1, 2)
    )
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.is_grad_enabled()
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, third)


def test_the_best_epoch_is_kept(two: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jari.encoders.images.tuning._FEWEST_JUDGES", 1)
    kept = []
    said = iter([0.5, 0.9, 0.4, 0.3, 0.2])

    def judge(self: Tuning, torch: Any, judges: Any) -> float:
        kept.append(self.backbone.model.state_dict()["encoder.stages.0.layers.0.layer.0.convolution.weight"].clone())
        return next(said)

    monkeypatch.setattr(Tuning, "_judge", judge)
    encoder = learner(epochs=5, patience=2, image_size=16).fit(*two)
    assert encoder.accuracies_ == [0.5, 0.9, 0.4, 0.3]
    assert encoder.best_epoch_ == 2
    found = encoder._model().backbone.model.state_dict()["encoder.stages.0.layers.0.layer.0.convolution.weight"]
    assert torch.equal(found, kept[1])
    assert not torch.equal(found, kept[3])


class _Stop:
    """Ctrl-C in an epoch."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def __call__(self, progress: Progress) -> None:
        if progress.stage == "learning" and progress.figures["epoch"] >= self.epoch:
            raise KeyboardInterrupt


def test_what_was_learnt_before_ctrl_c_is_kept(two: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jari.encoders.images.tuning._OFTEN", 0.0)
    encoder = learner(epochs=50, image_size=16, augment="none")
    with pytest.raises(KeyboardInterrupt):
        encoder.fit(*two, callback=_Stop(3))
    assert len(encoder.losses_) == 3
    assert encoder.score(*two) > 0.9
    fresh = learner(epochs=50, image_size=16)
    with pytest.raises(KeyboardInterrupt):
        fresh.fit(*two, callback=_Stop(0))
    assert not hasattr(fresh, "losses_")


def test_a_backbone_is_fine_tuned_and_left_as_it_was(two: tuple[Any, Any], tmp_path: Path) -> None:
    learner(image_size=16).fit(*two).save(tmp_path / "start")
    files = sorted((tmp_path / "start").iterdir())
    before = [file.read_bytes() for file in files]
    tuned = ImageEncoder(tmp_path / "start", epochs=3, threads=1, random_state=1, augment="none", workers=0)
    start = tuned.encode(two[0])
    tuned.fit(*two)
    assert not np.allclose(tuned.encode(two[0]), start)
    assert [file.read_bytes() for file in files] == before
    frozen = ImageEncoder(tmp_path / "start", freeze="backbone", epochs=9, threads=1, random_state=1, workers=0)
    frozen.set_params(learning_rate=0.003, augment="none").fit(*two)
    np.testing.assert_array_equal(frozen.encode(two[0]), start)
    assert frozen.score(*two) == 1.0
    larger = frozen.set_params(image_size=24).fit(*two)
    assert larger.preprocessing_.shape == (24, 24)


def test_a_folder_of_folders_is_learnt(two: tuple[Any, Any], tmp_path: Path) -> None:
    for number, (pixels, label) in enumerate(zip(*two, strict=True)):
        (tmp_path / label / "deeper").mkdir(parents=True, exist_ok=True)
        image.fromarray(pixels).save(tmp_path / label / "deeper" / f"{number}.png")
    (tmp_path / "dark" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    told: list[Progress] = []
    encoder = learner(epochs=3, image_size=16, augment="none")
    with pytest.warns(UserWarning, match=r"1 of 61 pictures cannot be read and are not learnt from: .*broken\.png"):
        encoder.fit(tmp_path, callback=told.append)
    assert encoder.classes_.tolist() == ["bright", "dark"]
    assert len(encoder.unreadable_) == 1
    assert list(dict.fromkeys(one.stage for one in told if one.done == one.total)) == ["decoding", "learning"]
    assert set(told[-1].figures) == {"loss", "epoch"}
    (tmp_path / "dark" / "broken.png").unlink()
    assert encoder.score(tmp_path) == 1.0
    (tmp_path / "loose.png").write_bytes((tmp_path / "dark" / "deeper" / "0.png").read_bytes())
    with pytest.warns(UserWarning, match="1 pictures in no class's folder are left out"):
        encoder.score(tmp_path)


def test_parts_hold_the_same_share_of_each_class() -> None:
    labels = np.repeat([0, 1, 2], [200, 50, 3])
    learners, judges = parted(labels, 0.2, np.random.default_rng(1))
    assert np.bincount(labels[judges], minlength=3).tolist() == [40, 10, 1]
    assert sorted([*learners, *judges]) == list(range(253))
    assert len(parted(labels, 0.0, np.random.default_rng(1))[1]) == 0


def test_pictures_differ_from_epoch_to_epoch_and_letters_are_not_mirrored() -> None:
    pixels = torch.zeros((64, 3, 32, 32))
    pixels[:, :, 8:24, 4:12] = 1  # a bar to the left
    seen = {how: augmented(pixels, how, torch.Generator().manual_seed(1)) for how in ("none", "shift", "flip")}
    assert seen["none"] is pixels
    to_the_left = {how: (one[..., :16].sum((1, 2, 3)) > one[..., 16:].sum((1, 2, 3))) for how, one in seen.items()}
    assert to_the_left["shift"].all()
    assert 16 < int(to_the_left["flip"].sum()) < 48
    assert len({one.sum().item() for one in seen["shift"]}) > 50


# ── what is refused


def test_a_rate_that_is_too_high_is_said(two: tuple[Any, Any]) -> None:
    with pytest.raises(BadInput, match=r"learning_rate=1e\+30 takes too long steps .* Lower it, to 1e\+29"):
        learner(epochs=3, learning_rate=1e30, image_size=16).fit(*two)


def test_too_little_memory_to_learn_is_said(two: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(Tuning, "_loss", full)
    with pytest.raises(BadInput, match=r"too little memory to learn from batches of 32 pictures\. Lower batch_size"):
        learner().fit(*two)


@pytest.mark.parametrize(
    ("labels", "match"),
    [
        (["cat"] * 4, "All pictures are of the class 'cat': give two classes"),
        (["cat", "cat", "cat", "dog"], "One picture only of 'dog': give two or more of each class"),
        (["cat", "dog"], "4 pictures but 2 labels"),
    ],
)
def test_classes_that_cannot_be_learnt_are_said(labels: list[str], match: str) -> None:
    with pytest.raises(BadInput, match=match):
        learner().fit([np.zeros((9, 9), np.uint8)] * 4, labels)


def test_folders_that_cannot_be_learnt_are_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no picture and no folders"):
        learner().fit(tmp_path)
    image.fromarray(np.zeros((9, 9), np.uint8)).save(tmp_path / "one.png")
    with pytest.raises(BadInput, match="holds 1 pictures and no folders with pictures: give a folder with a folder"):
        learner().fit(tmp_path)
    with pytest.raises(NoSuchFile, match="There is no file or folder"):
        learner().fit(tmp_path / "none")
    with pytest.raises(BadInput, match="Pictures without labels"):
        learner().fit([np.zeros((9, 9), np.uint8)])


def test_pictures_that_cannot_be_read_and_sizes_that_cannot_be_are_said(two: tuple[Any, Any], tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(BadInput, match=r"None of the 2 pictures can be read \(.*text\.png: text, no picture"):
        learner().fit([tmp_path / "text.png"] * 2, [0, 1])
    with pytest.raises(BadInput, match="image_size=8: the network halves a picture four times"):
        learner(image_size=8).fit(*two)
