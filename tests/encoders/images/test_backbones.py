"""Networks give what transformers' own forward gives, and come whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jari.encoders.hub import Model
from jari.encoders.images.backbones import Backbone, load_backbone
from jari.encoders.quiet import quiet
from jari.errors import BadFile, BadInput, NoSuchFile

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
safetensors = pytest.importorskip("safetensors.torch")

CPU = torch.device("cpu")
RESNET = {"embedding_size": 8, "hidden_sizes": [16, 24], "depths": [2, 1], "num_labels": 3}
VIT = {
    "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2,
    "image_size": 16, "patch_size": 8,
}  # fmt: skip
TEXT = {
    "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2,
    "vocab_size": 30, "max_position_embeddings": 8, "bos_token_id": 0, "eos_token_id": 1, "pad_token_id": 2,
}  # fmt: skip


def drawn(kind: str, config: Any) -> Any:
    """A network whose weights, and means and deviations of normalisations, are drawn by chance."""
    with quiet(), torch.random.fork_rng():
        torch.manual_seed(1)
        network = getattr(transformers, kind)(config).eval()
        for name, tensor in network.state_dict().items():
            if tensor.is_floating_point():
                tensor.copy_(torch.rand_like(tensor) + 0.5 if "running_var" in name else torch.randn_like(tensor) * 0.2)
    return network


def saved(network: Any, folder: Path) -> Model:
    with quiet():
        network.save_pretrained(folder)
    return Model(str(folder), folder)


def pictures(count: int = 3, side: int = 16) -> Any:
    return np.random.default_rng(2).normal(size=(count, 3, side, side)).astype(np.float32)


def loaded(network: Any, folder: Path) -> Backbone:
    return load_backbone(saved(network, folder), device=CPU)


def asked(forward: Any) -> Any:
    with torch.inference_mode():
        return forward(pixel_values=torch.from_numpy(pictures()))


MODELS = {
    "resnet, basic": ("ResNetModel", transformers.ResNetConfig(**RESNET, layer_type="basic")),
    "resnet": ("ResNetModel", transformers.ResNetConfig(**RESNET)),
    "convnext": ("ConvNextModel", transformers.ConvNextConfig(hidden_sizes=[8, 12], depths=[1, 1], num_stages=2)),
    "vit": ("ViTModel", transformers.ViTConfig(**VIT)),
    "dinov2": ("Dinov2Model", transformers.Dinov2Config(**VIT)),
    "clip_vision": ("CLIPVisionModel", transformers.CLIPVisionConfig(**VIT)),
    "siglip_vision": ("SiglipVisionModel", transformers.SiglipVisionConfig(**VIT)),
}


@pytest.mark.parametrize("name", MODELS)
def test_vectors_are_the_pooler_output_of_the_models_own_forward(name: str, tmp_path: Path) -> None:
    network = drawn(*MODELS[name])
    wanted = asked(network).pooler_output.flatten(1).numpy()
    found = loaded(network, tmp_path).vectors(pictures())
    assert found.dtype == np.float32
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, atol=1e-5 * np.abs(wanted).max())


def test_a_resnet_50_gives_2048_numbers(tmp_path: Path) -> None:
    with quiet():
        network = transformers.ResNetModel(transformers.ResNetConfig(depths=[1, 1, 1, 1]))  # all widths, fewer layers
    assert loaded(network, tmp_path).vectors(pictures(2, 32)).shape == (2, 2048)


@pytest.mark.parametrize("kind", ["ResNetForImageClassification", "ViTForImageClassification"])
def test_the_head_of_a_classifier_is_left_out(kind: str, tmp_path: Path) -> None:
    is_vit = kind.startswith("ViT")
    network = drawn(kind, transformers.ViTConfig(**VIT) if is_vit else transformers.ResNetConfig(**RESNET))
    inner = asked(network.vit if is_vit else network.resnet)
    wanted = inner.last_hidden_state[:, 0] if is_vit else inner.pooler_output.flatten(1)
    found = loaded(network, tmp_path).vectors(pictures())
    np.testing.assert_allclose(found, wanted.numpy(), atol=1e-5 * float(wanted.abs().max()))


@pytest.mark.parametrize("kind", ["CLIP", "Siglip"])
def test_of_a_model_with_two_towers_the_one_for_pictures_is_loaded(kind: str, tmp_path: Path) -> None:
    own = {"projection_dim": 12} if kind == "CLIP" else {}
    config = getattr(transformers, f"{kind}Config")(text_config=TEXT, vision_config=VIT, **own)
    network = drawn(f"{kind}Model", config)
    with torch.inference_mode():
        wanted = network.get_image_features(pixel_values=torch.from_numpy(pictures()))
    wanted = (wanted if isinstance(wanted, torch.Tensor) else wanted.pooler_output).numpy()
    backbone = loaded(network, tmp_path / "whole")
    np.testing.assert_allclose(backbone.vectors(pictures()), wanted, atol=1e-5 * np.abs(wanted).max())
    assert not any("text" in name for name, _ in backbone.model.named_parameters())
    again = loaded(backbone.model, tmp_path / "tower")
    np.testing.assert_array_equal(again.vectors(pictures()), backbone.vectors(pictures()))


def test_a_network_without_pooler_and_class_token_gives_the_mean_of_its_patches(tmp_path: Path) -> None:
    network = drawn("SiglipVisionModel", transformers.SiglipVisionConfig(**VIT, vision_use_head=False))
    wanted = asked(network).last_hidden_state.mean(1).numpy()
    np.testing.assert_allclose(loaded(network, tmp_path).vectors(pictures()), wanted, atol=1e-5 * np.abs(wanted).max())


def test_weights_saved_in_half_precision_are_computed_with_in_single(tmp_path: Path) -> None:
    backbone = loaded(drawn(*MODELS["resnet"]).half(), tmp_path)
    assert {tensor.dtype for tensor in backbone.model.parameters()} == {torch.float32}


def test_loading_draws_nothing_from_the_callers_generator(tmp_path: Path) -> None:
    model = saved(drawn(*MODELS["vit"]), tmp_path)
    before = torch.random.get_rng_state()
    load_backbone(model, device=CPU).vectors(pictures())
    assert torch.equal(torch.random.get_rng_state(), before)


def test_lower_precision_is_near(tmp_path: Path) -> None:
    backbone = loaded(drawn(*MODELS["vit"]), tmp_path)
    full, half = backbone.vectors(pictures()), backbone.vectors(pictures(), precision="bfloat16")
    assert half.dtype == np.float32
    assert not np.array_equal(full, half)
    np.testing.assert_allclose(full, half, atol=0.05 * np.abs(full).max())


# ── what is refused


def without(folder: Path, part: str) -> None:
    """Take weights out of a file."""
    state = safetensors.load_file(folder / "model.safetensors")
    left = {name: tensor for name, tensor in state.items() if part not in name}
    assert len(left) < len(state)
    safetensors.save_file(left, folder / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize("kind", ["resnet", "vit"])
def test_missing_weights_are_refused_and_listed(kind: str, tmp_path: Path) -> None:
    model = saved(drawn(*MODELS[kind]), tmp_path)
    part = "stages.1.layers.0.layer.1.convolution" if kind == "resnet" else "embeddings.cls_token"
    without(tmp_path, part)
    with pytest.raises(BadInput, match=rf"lacks weights .*{part}.*drawn by chance"):
        load_backbone(model, device=CPU)


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    model = saved(drawn(*MODELS["vit"]), tmp_path)
    transformers.ResNetConfig(**RESNET).save_pretrained(tmp_path)
    with pytest.raises(
        BadInput, match=r"lacks weights that its config.json asks for: embedder\.embedder.*and \d+ more"
    ):
        load_backbone(model, device=CPU)


def test_weights_of_other_shapes_are_refused(tmp_path: Path) -> None:
    model = saved(drawn(*MODELS["resnet"]), tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, "hidden_sizes": [16, 32]}))
    with pytest.raises(BadInput, match="has weights of other shapes"):
        load_backbone(model, device=CPU)


def test_damaged_or_absent_weights_are_said(tmp_path: Path) -> None:
    model = saved(drawn(*MODELS["resnet"]), tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:2000])
    with pytest.raises(BadFile, match="its weights cannot be read"):
        load_backbone(model, device=CPU)
    weights.unlink()
    with pytest.raises(NoSuchFile, match="holds no weights"):
        load_backbone(model, device=CPU)


def test_a_model_of_texts_is_refused(tmp_path: Path) -> None:
    transformers.BertConfig(
        hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8, vocab_size=9
    ).save_pretrained(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(BadInput, match=r"of the type 'bert', which does not look at pictures alone"):
        load_backbone(Model(str(tmp_path), tmp_path), device=CPU)
    transformers.ViTMAEConfig(**VIT).save_pretrained(tmp_path)
    with pytest.raises(BadInput, match="leaves out patches by chance"):
        load_backbone(Model(str(tmp_path), tmp_path), device=CPU)


def test_a_config_of_no_model_is_said(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "none such"}')
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(BadFile, match=r"config\.json describes no model"):
        load_backbone(Model(str(tmp_path), tmp_path), device=CPU)
