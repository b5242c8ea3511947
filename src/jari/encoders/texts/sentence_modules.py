"""From the vectors of tokens to that of their text: what a folder of sentence-transformers says of it.

``modules.json`` lists the steps. The first is the transformer itself; the others are read here: pooling, dense layers,
normalisation. `SentenceModules.read` knows the layouts that sentence-transformers has written from version 0.3 to 6.
"""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from jari.encoders.hub import Model, modules_of, read_json
from jari.encoders.texts.pooling import MODES
from jari.errors import BadFile, BadInput
from jari.extras import require

Step: TypeAlias = Callable[[Any], Any]  # from vectors, (texts, d), to others

_OLD_KEYS: Final = {  # in the order in which sentence-transformers joins several
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
_ACTIVATIONS: Final = ("Identity", "Tanh", "ReLU", "GELU", "SiLU", "Sigmoid", "LeakyReLU", "ELU", "Softplus", "Mish")
_SETTINGS: Final = ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
_PLAIN: Final[Mapping[str, Any]] = {  # what the settings of a transformer may say without changing what is computed
    "transformer_task": ("feature-extraction",),
    "module_output_name": ("token_embeddings",),
    "query_length": (None,),
    "document_length": (None,),
    "query_expansion": (None,),
    "processing_kwargs": (None, {}),
    "tokenizer_name_or_path": (None,),
}


@dataclass(frozen=True, slots=True)
class SentenceModules:
    """What becomes of the vectors of tokens.

    Parameters
    ----------
    transformer
        The folder of the network and its tokenizer.
    modes
        How tokens are pooled; several are put side by side. None where the folder says nothing of it.
    include_prompt
        Whether the tokens of a prompt are pooled too.
    steps
        What follows the pooling: pairs of a name and the folder of its settings.
    max_tokens
        To which length texts are cut, where that is said.
    lower
        Whether texts are put into lower case first.
    prompts, default_prompt
        Names and texts of what is put before a text; and the name of the one that is, unless another is asked for.
    """

    transformer: pathlib.Path
    modes: tuple[str, ...] | None = None
    include_prompt: bool = True
    steps: tuple[tuple[str, pathlib.Path], ...] = ()
    max_tokens: int | None = None
    lower: bool = False
    prompts: Mapping[str, str] = field(default_factory=dict)
    default_prompt: str | None = None

    @classmethod
    def read(cls, model: Model) -> SentenceModules:
        """What the folder of a model says; nothing but the folder for one without ``modules.json``.

        Raises
        ------
        BadInput
            A module, or a setting of one, that is not known here.
        BadFile
            A file that is not what it should be.
        """
        listed = modules_of(model.folder)
        if not listed:
            return cls(model.folder)
        kinds = [one["type"].rpartition(".")[2] for one in listed]
        places = [model.folder / one["path"] for one in listed]
        if kinds[0] != "Transformer":
            raise BadInput(_unknown(model, listed[0]["type"]))
        modes: tuple[str, ...] | None = None
        include_prompt = True
        steps: list[tuple[str, pathlib.Path]] = []
        for one, kind, place in zip(listed[1:], kinds[1:], places[1:], strict=True):
            if kind == "Pooling" and modes is None and not steps:
                modes, include_prompt = _pooling(place)
            elif kind in ("Dense", "Normalize", "LayerNorm") and modes is not None:
                steps.append((kind, place))
            elif kind != "Dropout":  # which only learning knows
                raise BadInput(_unknown(model, one["type"]))
        if modes is None:
            raise BadInput(f"{model.name} has no pooling among its modules: it gives no vector to a text.")
        said = _settings(model, places[0])
        prompts, default = _prompts(model.folder)
        limit = said.get("max_seq_length")
        return cls(
            transformer=places[0],
            modes=modes,
            include_prompt=include_prompt,
            steps=tuple(steps),
            max_tokens=limit if isinstance(limit, int) and limit > 0 else None,
            lower=bool(said.get("do_lower_case")),
            prompts=prompts,
            default_prompt=default,
        )

    def build(self, device: Any) -> list[tuple[str, Step]]:
        """The steps after the pooling, on a device, each with its name.

        Raises
        ------
        BadInput, BadFile, NoSuchFile
            An activation that is not known; weights that do not fit or are not there.
        """
        return [(kind, _BUILDERS[kind](place, device)) for kind, place in self.steps]


def _unknown(model: Model, kind: str) -> str:
    return (
        f"{model.name} has a module that Jari does not know ({kind}). It knows Transformer, Pooling, Dense, LayerNorm, "
        "Dropout and Normalize, in this order. Choose another model."
    )


def _pooling(place: pathlib.Path) -> tuple[tuple[str, ...], bool]:
    """The modes, and whether prompts are included: by the keys of version 6, or by those before."""
    said = read_json(place / "config.json")
    given = said.get("pooling_mode")
    if given is None:
        given = [mode for key, mode in _OLD_KEYS.items() if said.get(key)] or ["mean"]
    modes = tuple([given] if isinstance(given, str) else given)
    for mode in modes:
        if mode not in MODES:
            raise BadInput(f"{place / 'config.json'}: pooling by {mode!r} is not known. It can be {', '.join(MODES)}.")
    return modes, bool(said.get("include_prompt", True))


def _settings(model: Model, place: pathlib.Path) -> dict[str, Any]:
    """What is said of the transformer; refused where it is to do more than turn tokens into vectors."""
    for kind in _SETTINGS:
        if (path := place / f"sentence_{kind}_config.json").is_file():
            break
    else:
        return {}
    said = read_json(path)
    text = said.get("modality_config", {}).get("text", {"method": "forward", "method_output_name": "last_hidden_state"})
    plain = text.get("method") == "forward" and text.get("method_output_name") == "last_hidden_state"
    odd = [name for name, fine in _PLAIN.items() if name in said and said[name] not in fine]
    if odd or not plain or "message" in said.get("modality_config", {}):
        what = f"{odd[0]}={said[odd[0]]!r}" if odd else "modality_config"
        raise BadInput(f"{path}: {what} is not known here: {model.name} is no plain encoder of texts.")
    return said


def _prompts(folder: pathlib.Path) -> tuple[dict[str, str], str | None]:
    path = folder / "config_sentence_transformers.json"
    said = read_json(path) if path.is_file() else {}
    prompts, default = said.get("prompts") or {}, said.get("default_prompt_name")
    if not isinstance(prompts, dict) or (default is not None and default not in prompts):
        raise BadFile(f"{path}: the default prompt {default!r} is none of its prompts. Download the model again.")
    return {str(name): text or "" for name, text in prompts.items()}, default


def _dense(place: pathlib.Path, device: Any) -> Step:
    torch = require("torch", extra="torch")
    path = place / "config.json"
    said = read_json(path)
    activation = str(said.get("activation_function", "torch.nn.modules.activation.Tanh"))
    name = activation.rpartition(".")[2]
    if not activation.startswith("torch.nn.") or name not in _ACTIVATIONS:
        raise BadInput(f"{path}: the activation {activation!r} is not known. It can be {', '.join(_ACTIVATIONS)}.")
    for key in ("module_input_name", "module_output_name"):
        if said.get(key, "sentence_embedding") not in ("sentence_embedding", None):
            raise BadInput(f"{path}: {key}={said[key]!r} is not known here, only the vectors of whole texts are.")
    taken, given = int(said["in_features"]), int(said["out_features"])
    weights = _weights(place)
    shapes: dict[str, tuple[int, ...]] = {"linear.weight": (given, taken)}
    if said.get("bias", True):
        shapes["linear.bias"] = (given,)
    residual = bool(said.get("use_residual"))
    if residual and taken != given:
        shapes["residual.weight"] = (given, taken)
    held = _fitting(place, weights, shapes, device)
    linear = torch.nn.functional.linear
    act = getattr(torch.nn, name)()

    def step(x: Any) -> Any:
        out = act(linear(x, held["linear.weight"], held.get("linear.bias")))
        if residual:
            out = out + (x if taken == given else linear(x, held["residual.weight"]))
        return out

    return step


def _layer_norm(place: pathlib.Path, device: Any) -> Step:
    torch = require("torch", extra="torch")
    dim = int(read_json(place / "config.json")["dimension"])
    held = _fitting(place, _weights(place), {"norm.weight": (dim,), "norm.bias": (dim,)}, device)
    return lambda x: torch.nn.functional.layer_norm(x, (dim,), held["norm.weight"], held["norm.bias"])


def _normalize(place: pathlib.Path, device: Any) -> Step:
    torch = require("torch", extra="torch")
    return lambda x: torch.nn.functional.normalize(x, p=2, dim=-1)


_BUILDERS: Final[Mapping[str, Callable[[pathlib.Path, Any], Step]]] = {
    "Dense": _dense,
    "LayerNorm": _layer_norm,
    "Normalize": _normalize,
}


def _weights(place: pathlib.Path) -> dict[str, Any]:
    torch = require("torch", extra="torch")
    safe, pickled = place / "model.safetensors", place / "pytorch_model.bin"
    try:
        if safe.is_file():
            return dict(require("safetensors.torch", extra="torch").load_file(safe))
        if pickled.is_file():
            return dict(torch.load(pickled, map_location="cpu", weights_only=True))
    except Exception as error:  # of the packages' own kinds
        said = str(error).partition("\n")[0]
        raise BadFile(f"The weights in {place} cannot be read ({said}). Download the model again.") from error
    raise BadFile(f"{place} holds no weights (model.safetensors). Download the model again.")


def _fitting(
    place: pathlib.Path, weights: Mapping[str, Any], shapes: Mapping[str, Sequence[int]], device: Any
) -> dict[str, Any]:
    """The tensors of these names, in these shapes."""
    for name, shape in shapes.items():
        if name not in weights or tuple(weights[name].shape) != tuple(shape):
            found = f"of shape {tuple(weights[name].shape)}" if name in weights else f"missing among {sorted(weights)}"
            raise BadFile(f"{place}: the weights {name!r} must be of shape {tuple(shape)}, and are {found}.")
    return {name: weights[name].float().to(device) for name in shapes}
