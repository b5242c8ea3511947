"""Files of torchvision become the same network, against a ResNet that is written out here."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jari.encoders.images.backbones import Backbone
from jari.encoders.images.torchvision_weights import load_torchvision
from jari.errors import BadFile, BadInput, NoSuchFile

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
functional = torch.nn.functional

EPSILON = 1e-5  # of torch.nn.BatchNorm2d


def state_of(depths: list[int], *, bottleneck: bool, width: int = 8, groups: int = 1, wide: int = 1) -> dict[str, Any]:
    """A state dict with the names that torchvision's `ResNet` has, drawn by chance."""
    draw = torch.Generator().manual_seed(1)
    state: dict[str, Any] = {}

    def convolution(name: str, out: int, into: int, side: int) -> None:
        state[f"{name}.weight"] = torch.randn((out, into, side, side), generator=draw) / (into * side * side) ** 0.5

    def normalisation(name: str, size: int) -> None:
        state[f"{name}.weight"] = torch.rand(size, generator=draw) + 0.5
        state[f"{name}.bias"] = torch.randn(size, generator=draw) * 0.1
        state[f"{name}.running_mean"] = torch.randn(size, generator=draw) * 0.1
        state[f"{name}.running_var"] = torch.rand(size, generator=draw) + 0.5
        state[f"{name}.num_batches_tracked"] = torch.tensor(7)

    convolution("conv1", width, 3, 7)
    normalisation("bn1", width)
    into = width
    for stage, depth in enumerate(depths):
        inner = width * 2**stage
        out = inner * 4 if bottleneck else inner
        for block in range(depth):
            at = f"layer{stage + 1}.{block}"
            middle = inner * wide
            shapes = [(middle, into, 1), (middle, middle // groups, 3), (out, middle, 1)]
            if not bottleneck:
                shapes = [(out, into, 3), (out, out, 3)]
            for number, shape in enumerate(shapes, start=1):
                convolution(f"{at}.conv{number}", *shape)
                normalisation(f"{at}.bn{number}", shape[0])
            if block == 0 and (stage > 0 or into != out):
                convolution(f"{at}.downsample.0", out, into, 1)
                normalisation(f"{at}.downsample.1", out)
            into = out
    state["fc.weight"], state["fc.bias"] = torch.randn((10, into), generator=draw), torch.zeros(10)
    return state


def forward(state: dict[str, Any], pixels: Any, depths: list[int], *, bottleneck: bool) -> Any:
    """ResNet v1.5 in plain functions, up to the pooled layer: the 3 × 3 convolution goes down in size."""

    def convolved(x: Any, name: str, stride: int) -> Any:
        weight = state[f"{name}.weight"]
        return functional.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)

    def normalised(x: Any, name: str) -> Any:
        scale = state[f"{name}.weight"] / (state[f"{name}.running_var"] + EPSILON).sqrt()
        shift = state[f"{name}.bias"] - state[f"{name}.running_mean"] * scale
        return x * scale[:, None, None] + shift[:, None, None]

    x = normalised(convolved(pixels, "conv1", 2), "bn1").relu()
    x = functional.max_pool2d(x, 3, stride=2, padding=1)
    for stage, depth in enumerate(depths):
        for block in range(depth):
            at = f"layer{stage + 1}.{block}"
            stride = 2 if stage > 0 and block == 0 else 1
            strides = [1, stride, 1] if bottleneck else [stride, 1]
            y = x
            for number, step in enumerate(strides, start=1):
                y = normalised(convolved(y, f"{at}.conv{number}", step), f"{at}.bn{number}")
                y = y.relu() if number < len(strides) else y
            if f"{at}.downsample.0.weight" in state:
                x = normalised(convolved(x, f"{at}.downsample.0", stride), f"{at}.downsample.1")
            x = (x + y).relu()
    return x.mean((2, 3))


@pytest.fixture
def small() -> dict[str, Any]:
    return state_of([1, 2, 1, 1], bottleneck=True)


def wrapped(state: dict[str, Any], how: str) -> Any:
    match how:
        case "bare":
            return state
        case "parallel":
            return {f"module.{name}": tensor for name, tensor in state.items()}
        case "checkpoint":
            return {"epoch": 90, "state_dict": wrapped(state, "parallel"), "optimizer": {"lr": 0.1}}
        case _:
            return {"model": state, "args": [1]}


@pytest.mark.parametrize("how", ["bare", "parallel", "checkpoint", "model"])
@pytest.mark.parametrize(("depths", "bottleneck"), [([1, 2, 1, 1], True), ([2, 1, 1, 1], False)])
def test_it_is_the_same_network(depths: list[int], bottleneck: bool, how: str, tmp_path: Path) -> None:
    state = state_of(depths, bottleneck=bottleneck)
    torch.save(wrapped(state, how), tmp_path / "weights.pth")
    pixels = torch.randn((2, 3, 64, 64), generator=torch.Generator().manual_seed(2))
    wanted = forward(state, pixels, depths, bottleneck=bottleneck).numpy()
    model, preprocessing = load_torchvision(tmp_path / "weights.pth")
    found = Backbone(model.eval()).vectors(pixels.numpy())
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())
    assert (preprocessing.shape, preprocessing.shortest) == ((224, 224), 256)


@pytest.mark.parametrize(("depths", "bottleneck", "dim"), [([2, 2, 2, 2], False, 512), ([3, 4, 6, 3], True, 2048)])
def test_resnet_18_and_50_are_recognised_at_full_width(
    depths: list[int], bottleneck: bool, dim: int, tmp_path: Path
) -> None:
    state = state_of(depths, bottleneck=bottleneck, width=64)
    torch.save(state, tmp_path / "resnet50-11ad3fa6.pth")
    model, preprocessing = load_torchvision(tmp_path / "resnet50-11ad3fa6.pth")
    assert model.config.depths == depths
    assert model.config.hidden_sizes[-1] == dim
    assert preprocessing.shortest == 232  # the name is that of the later recipe


def test_safetensors_of_the_same_names_are_read(small: dict[str, Any], tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    safetensors.save_file(small, tmp_path / "model.safetensors")
    model, _ = load_torchvision(tmp_path / "model.safetensors")
    assert torch.equal(model.state_dict()["embedder.embedder.convolution.weight"], small["conv1.weight"])
    (tmp_path / "model.safetensors").write_bytes(b"123456789")
    with pytest.raises(BadFile, match="no safetensors file, or not whole"):
        load_torchvision(tmp_path / "model.safetensors")


# ── what is refused


def refused(state: Any, folder: Path, match: str, kind: type[Exception] = BadInput) -> None:
    torch.save(state, folder / "weights.pth")
    with pytest.raises(kind, match=match):
        load_torchvision(folder / "weights.pth")


def test_relatives_are_refused_by_name(tmp_path: Path) -> None:
    refused(state_of([1, 1, 1, 1], bottleneck=True, wide=2), tmp_path, "it is a wide ResNet")
    refused(state_of([1, 1, 1, 1], bottleneck=True, groups=4), tmp_path, "it is a ResNeXt")


def test_another_architecture_is_refused_with_its_keys(tmp_path: Path) -> None:
    vit = {f"blocks.{number}.attn.qkv.weight": torch.ones(1) for number in range(7)} | {"cls_token": torch.ones(1)}
    refused(vit, tmp_path, r"not of a ResNet .*it holds blocks\.0\.attn\.qkv\.weight, .* and 3 more")


def test_missing_strange_and_misshapen_weights_are_listed(small: dict[str, Any], tmp_path: Path) -> None:
    less = {name: tensor for name, tensor in small.items() if name != "layer2.1.bn2.running_var"}
    refused(less, tmp_path, r"it lacks: layer2\.1\.bn2\.running_var")
    refused({**small, "layer1.0.se.fc1.weight": torch.ones(1)}, tmp_path, r"no ResNet has: layer1\.0\.se\.fc1\.weight")
    refused({**small, "bn1.bias": torch.ones(3)}, tmp_path, r"other shapes in: bn1\.bias")
    refused({**small, "conv1.weight": torch.ones(8, 3, 3, 3)}, tmp_path, r"conv1\.weight is of shape \(8, 3, 3, 3\)")


def test_what_holds_no_weights_is_said(tmp_path: Path) -> None:
    refused([1, 2], tmp_path, "holds no weights by name, but list", BadFile)
    refused({"epoch": 3}, tmp_path, "holds no weights, but epoch", BadFile)


class Harm:
    """What a pickle can do."""

    def __reduce__(self) -> Any:
        return Path.touch, (Path("harm"),)


def test_code_in_a_file_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused({"conv1.weight": Harm()}, tmp_path, "would run code that comes with it, which is never done", BadFile)
    assert not Path("harm").exists()
    pickle.loads(pickle.dumps(Harm()))  # the check can fail
    assert Path("harm").exists()


def test_damaged_and_absent_files_are_said(small: dict[str, Any], tmp_path: Path) -> None:
    torch.save(small, tmp_path / "cut.pth")
    data = (tmp_path / "cut.pth").read_bytes()
    (tmp_path / "cut.pth").write_bytes(data[: len(data) // 2])
    with pytest.raises(BadFile, match="is no file of PyTorch, or not whole"):
        load_torchvision(tmp_path / "cut.pth")
    (tmp_path / "empty.pth").write_bytes(b"")
    with pytest.raises(BadFile, match="is no file of PyTorch, or not whole"):
        load_torchvision(tmp_path / "empty.pth")
    with pytest.raises(NoSuchFile, match=r"no file .*none\.pth"):
        load_torchvision(tmp_path / "none.pth")
