"""A network of transformers that reads text, with its tokenizer; opened so that nothing in it is by chance."""

from __future__ import annotations

import pathlib
from dataclasses import dataclass
from typing import Any, Final

from jari.encoders.hub import Model
from jari.encoders.quiet import quiet
from jari.encoders.texts.batches import TextTokens
from jari.errors import BadFile, BadInput
from jari.extras import require

_UNNAMED: Final = 512  # the limit of tokens of a model that names none
_VOCABULARIES: Final = ("tokenizer.json", "vocab.txt", "vocab.json")
_HUGE: Final = 10**9  # what transformers writes for "no limit" is 10³⁰


@dataclass(frozen=True, slots=True)
class TextNetwork:
    """A transformer on a device.

    Parameters
    ----------
    module
        The network, which answers with ``last_hidden_state``.
    tokens
        Its tokenizer.
    limit
        How many tokens it was made for.
    most
        How many tokens it can read at all; None where nothing in it says so.
    layers
        How many layers it has.
    """

    module: Any
    tokens: TextTokens
    limit: int
    most: int | None
    layers: int

    @property
    def dim(self) -> int:
        """How many numbers the vector of a token has."""
        return int(self.module.config.get_text_config().hidden_size)

    def hidden(self, ids: Any, lengths: Any, layer: int | None = None) -> Any:
        """Vectors of tokens, (texts, tokens, d): of the last layer, or of another.

        No mask is made where all texts are equally long: attention is faster without.
        """
        torch = require("torch", extra="torch")
        mask = None
        if bool((lengths != ids.shape[1]).any()):
            mask = (torch.arange(ids.shape[1], device=ids.device) < lengths[:, None]).long()
        if layer is None:
            return self.module(input_ids=ids, attention_mask=mask).last_hidden_state
        return self.module(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states[layer]


def open_network(model: Model, folder: pathlib.Path, device: Any, *, lower: bool = False) -> TextNetwork:
    """The network in a folder; of an encoder–decoder its encoder.

    Parameters
    ----------
    model
        For messages.
    folder
        Of the network, which is the model's own or one within it.
    device
        Of PyTorch.
    lower
        Whether its tokenizer is to put texts into lower case, whatever its file says.

    Raises
    ------
    BadInput
        It is no network that reads text, or transformers does not know it.
    BadFile
        Its files are damaged; or its weights are not all there, which transformers would fill in by chance.
    """
    transformers = require("transformers", extra="torch")
    torch = require("torch", extra="torch")
    with quiet():
        config = _configuration(transformers, model, folder)
        kind = _class_of(transformers, model, config)
        tokenizer = _tokenizer(transformers, model, folder)
        # transformers draws what is missing by chance, from the global generator.
        with torch.random.fork_rng(devices=[]):
            module, info = _loaded(kind, model, folder, config)
        if config.is_encoder_decoder and hasattr(module, "get_encoder"):
            _refuse_gaps(model, [name for name in info["missing_keys"] if not name.startswith("decoder.")])
            module = module.get_encoder()
        else:
            _refuse_gaps(model, info["missing_keys"])
    if lower:
        _put_lower(tokenizer)
    if getattr(module, "pooler", None) is not None:
        module.pooler = None  # reads the first token, for tasks that are not ours
    most = _most(module, config)
    known = [int(one) for one in (tokenizer.model_max_length, most) if one is not None and 0 < one < _HUGE]
    layers = int(config.get_text_config().num_hidden_layers)
    return TextNetwork(
        module.eval().requires_grad_(False).to(device),
        TextTokens(tokenizer, model.name),
        min(known, default=_UNNAMED),
        most,
        layers,
    )


def _configuration(transformers: Any, model: Model, folder: pathlib.Path) -> Any:
    try:
        return transformers.AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (ValueError, KeyError, OSError, TypeError) as error:
        raise BadInput(
            f"transformers does not know what {model.name} is ({_first_line(error)}). Upgrade transformers, or choose "
            "another model."
        ) from error


def _class_of(transformers: Any, model: Model, config: Any) -> Any:
    """The class that reads its weights."""
    text_only = transformers.models.auto.modeling_auto.MODEL_FOR_TEXT_ENCODING_MAPPING
    try:
        # The encoder alone, of those that may be saved without their decoder: T5 and its kin.
        kind = (text_only if type(config) in text_only else transformers.MODEL_MAPPING)[type(config)]
    except KeyError:
        raise BadInput(f"{model.name} ({config.model_type}) is no encoder of text. Choose another model.") from None
    kind = kind[0] if isinstance(kind, tuple) else kind
    reads = kind.main_input_name
    if reads != "input_ids" or hasattr(config, "vision_config") or hasattr(config, "audio_config"):
        what = "pictures" if reads == "pixel_values" or hasattr(config, "vision_config") else "sound or something else"
        remedy = "Give it to ImageEncoder" if what == "pictures" else "Choose another model"
        raise BadInput(f"{model.name} ({config.model_type}) reads {what}, not text alone. {remedy}.")
    return kind


def _tokenizer(transformers: Any, model: Model, folder: pathlib.Path) -> Any:
    if not any(one.name in _VOCABULARIES or one.suffix == ".model" for one in folder.iterdir()):
        # transformers makes an empty tokenizer of some models then, to which all words are unknown.
        raise BadFile(f"{model.name} has no tokenizer. Put its tokenizer.json into {folder}.")
    try:
        return transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # of three packages, each with kinds of its own
        raise BadFile(
            f"{model.name} has no tokenizer that can be read ({_first_line(error)}). Put its tokenizer.json "
            f"into {folder}."
        ) from error


def _loaded(kind: Any, model: Model, folder: pathlib.Path, config: Any) -> tuple[Any, dict[str, Any]]:
    torch = require("torch", extra="torch")
    options: dict[str, Any] = {"local_files_only": True, "dtype": torch.float32, "output_loading_info": True}
    try:
        module, info = kind.from_pretrained(folder, config=config, **options)
    except OSError as error:
        raise BadFile(f"{model.name} has no weights that can be read ({_first_line(error)}).") from error
    except Exception as error:  # of safetensors, torch and transformers
        raise BadFile(
            f"The weights of {model.name} do not fit its config.json, or are damaged ({_first_line(error)}). Download "
            "the model again."
        ) from error
    return module, info


def _refuse_gaps(model: Model, missing: Any) -> None:
    """A network with weights drawn by chance where some are missing answers with noise, and says nothing of it."""
    gaps = sorted(name for name in missing if not name.startswith("pooler."))
    if gaps:
        shown = ", ".join(gaps[:5]) + (", …" if len(gaps) > 5 else "")
        raise BadFile(
            f"The weights of {model.name} are of another network than its config.json: {len(gaps):,} are missing "
            f"({shown}). Give the folder with the weights that belong to it."
        )


def _put_lower(tokenizer: Any) -> None:
    """Put texts into lower case before all else that the tokenizer does to them."""
    normalizers = require("tokenizers.normalizers", extra="torch")
    backend = tokenizer.backend_tokenizer
    before = [] if backend.normalizer is None else [backend.normalizer]
    backend.normalizer = normalizers.Sequence([normalizers.Lowercase(), *before])


def _most(module: Any, config: Any) -> int | None:
    """How many places its table of positions has; RoBERTa and its kin leave the first ones out.

    Where no table is found, what the configuration says.
    """
    torch = require("torch", extra="torch")
    for one in module.modules():
        table = getattr(one, "position_embeddings", None) or getattr(one, "wpe", None)
        if isinstance(table, torch.nn.Embedding):
            return int(table.num_embeddings) - (0 if table.padding_idx is None else table.padding_idx + 1)
    said = getattr(config.get_text_config(), "max_position_embeddings", None)
    return said if isinstance(said, int) and said > 0 else None


def _first_line(error: Exception) -> str:
    said = str(error).strip().partition("\n")[0]
    return f"{said[:200]}…" if len(said) > 200 else said or type(error).__name__
