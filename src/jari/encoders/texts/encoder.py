"""`TextEncoder`: texts become vectors in which each word knows the sentence that it stands in."""

from __future__ import annotations

import pathlib
import threading
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Final, Self

import numpy as np

from jari import parameters
from jari.devices import threads_of_torch
from jari.embedding import Embedding
from jari.encoders import hub
from jari.encoders.precision import PRECISIONS, Precision
from jari.encoders.texts.batches import texts_of
from jari.encoders.texts.model import TextModel
from jari.encoders.texts.pooling import MODES
from jari.encoders.texts.token_vectors import TokenVectors
from jari.errors import BadFile, BadInput
from jari.estimator import Estimator
from jari.threads import thread_count
from jari.types import Callback, Matrix, Path

DEFAULT_TEXT_MODEL: Final = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"

_BUDGETS: Final = {"cpu": 1024, "cuda": 32_768}  # tokens in a batch: benchmarks/text_encoders.py --budgets
_CHANGING: Final = ("pooling", "normalize", "prompt", "max_tokens", "precision")  # parameters that change vectors
_OPENING: Final = threading.Lock()


class TextEncoder(Estimator):
    """A deep encoder of texts, by others' hands: any that transformers or sentence-transformers has saved.

    Needs the extra ``torch``. The model is opened when it is first needed. The vectors are those that
    sentence-transformers gives, where the folder is one of its own.

    Parameters
    ----------
    model
        A folder, or a name on the Hugging Face hub, which is looked for on this machine first. The default knows fifty
        languages, English and Korean among them.
    pooling
        How the vectors of tokens become that of the text: ``"mean"``, ``"cls"`` (the first token), ``"last"``, or any
        of `jari.encoders.texts.pooling.MODES`. None is as the folder says, and the mean where it says nothing.
    normalize
        Whether vectors have the length 1. None is as the folder says.
    prompt
        What is put before each text: the name of one of the model's prompts (`prompts_`), or a text, such as
        ``"query: "``. None is the model's own default, ``""`` is nothing.
    max_tokens
        Where texts are cut, in the model's tokens. None is as the folder says; 512 where nothing there does.
    batch_tokens
        How many tokens are encoded at once: more need more memory. None chooses by the device.
    device
        ``"auto"`` is the GPU where there is one.
    precision
        ``"auto"`` is float32 on the CPU and half precision on a GPU.
    threads
        None is as many as there are cores.
    offline
        Whether a model that is not on this machine is an error rather than downloaded.

    Examples
    --------
    >>> encoder = TextEncoder("models/all-MiniLM-L6-v2")  # doctest: +SKIP
    >>> encoder.encode(["the bank of the river", "the bank lent money"]).shape  # doctest: +SKIP
    (2, 384)
    """

    def __init__(
        self,
        model: Path = DEFAULT_TEXT_MODEL,
        *,
        pooling: str | None = None,
        normalize: bool | None = None,
        prompt: str | None = None,
        max_tokens: int | None = None,
        batch_tokens: int | None = None,
        device: str = "auto",
        precision: Precision = "auto",
        threads: int | None = None,
        offline: bool = False,
    ) -> None:
        self.model = model
        self.pooling = pooling
        self.normalize = normalize
        self.prompt = prompt
        self.max_tokens = max_tokens
        self.batch_tokens = batch_tokens
        self.device = device
        self.precision = precision
        self.threads = threads
        self.offline = offline

    @classmethod
    def described(cls, description: Mapping[str, Any], **given: Any) -> Self:
        """The encoder that `describe` described.

        Parameters
        ----------
        description
            What it answered.
        given
            Parameters that do not change vectors, such as ``device``; or another ``prompt``.

        Raises
        ------
        BadFile
            The model is another one now.
        NoSuchFile
            It is not there any more.
        """
        same = {name: description[name] for name in _CHANGING if name in description}
        encoder = cls(description["path"], **{**same, **given})
        if encoder._found().checksum() != description.get("checksum"):
            raise BadFile(
                f"{description['path']} is not the model that made these vectors: its files are others now. Encode the "
                "texts again."
            )
        return encoder

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return self._opened().dim

    @property
    def max_tokens_(self) -> int:
        """Where texts are cut, in tokens."""
        return self._limit(self._opened())

    @property
    def prompts_(self) -> dict[str, str]:
        """The names and texts of the model's prompts."""
        return dict(self._opened().modules.prompts)

    def encode(self, texts: Iterable[str], *, prompt: str | None = None, callback: Callback | None = None) -> Matrix:
        """One vector a text, shape (texts, d), float32.

        Parameters
        ----------
        texts
            Of any length; what is beyond `max_tokens_` is not encoded, which a warning says. The empty text has a
            vector too, the model's own; zeros where its tokenizer makes nothing at all of it.
        prompt
            Instead of the parameter.
        callback
            Told how many are done.

        Raises
        ------
        BadInput
            Something among the texts is none; a parameter is wrong; the model is none of texts.
        BadFile, NoSuchFile
            The model is damaged, or not there.
        """
        return self._encode(texts_of(texts), prompt, callback, depth=3)

    def encode_tokens(self, text: str, *, layer: int | None = None) -> TokenVectors:
        """Each token's vector in its sentence; the special tokens are left out, and no prompt is put before.

        Parameters
        ----------
        text
            What is beyond `max_tokens_` is not encoded, which a warning says.
        layer
            0 is the table of embeddings, 1 the first layer, -2 the last but one. None is the last.

        Raises
        ------
        BadInput
            As `encode`; or there is no such layer.
        """
        texts_of([text])
        ready = self._opened()
        if layer is not None:
            count = ready.network.layers
            if type(layer) is not int or not -count - 1 <= layer <= count:
                raise BadInput(
                    f"layer={layer!r}: {ready.model.name} has the layers 0 to {count}, or -{count + 1} to -1."
                )
        tokens, limit = ready.network.tokens, self._limit(ready)
        encoding = tokens.encoding(text)
        _say_cut(np.array([len(encoding.ids)]), limit, ready, depth=2)
        kept = np.arange(len(encoding.ids))
        kept = kept if len(kept) <= limit else tokens.cut(kept, limit)
        ids, special = np.array(encoding.ids, np.int64)[kept], np.array(encoding.special_tokens_mask, bool)[kept]
        spans = [_trimmed(text, *encoding.offsets[at]) for at in kept[~special]]
        words = [-1 if encoding.word_ids[at] is None else encoding.word_ids[at] for at in kept[~special]]
        with threads_of_torch(thread_count(self.threads)):
            vectors = ready.hidden(ids, layer) if len(ids) else np.zeros((0, ready.network.dim), np.float32)
        spelt = [encoding.tokens[at] for at in kept[~special]]
        return TokenVectors(text, tuple(spelt), tuple(spans), tuple(words), np.ascontiguousarray(vectors[~special]))

    def embed(
        self, texts: Iterable[str], *, keys: Iterable[str] | None = None, callback: Callback | None = None
    ) -> Embedding:
        """An `Embedding` of texts.

        Parameters
        ----------
        texts
            As for `encode`.
        keys
            One a text, no two alike. None takes the texts themselves.
        callback
            As for `encode`.

        Raises
        ------
        BadInput
            As `encode`; or two keys are alike.
        """
        held = texts_of(texts)
        names = held if keys is None else list(keys)
        if len(names) != len(held):
            raise BadInput(f"{len(held):,} texts but {len(names):,} keys: give one key a text.")
        if keys is None and len(set(held)) < len(held):
            first = {text: place for place, text in reversed(list(enumerate(held)))}
            place = next(place for place, text in enumerate(held) if first[text] < place)
            raise BadInput(f"Text {place} is the same as text {first[held[place]]}: {held[place]!r:.60}. Give keys=.")
        about = {"learner": type(self).__name__, "encoder": self.describe()}
        return Embedding(names, self._encode(held, None, callback, depth=3), metadata=about)

    def describe(self) -> dict[str, Any]:
        """What is to be kept with vectors: where the model is, its checksum, and parameters that change vectors."""
        found = self._found()
        path = found.name if found.cached else str(pathlib.Path(found.name).expanduser().absolute())
        told = {"kind": "text-encoder", "path": path, "checksum": found.checksum()}
        unlike = {name: getattr(self, name) for name in _CHANGING if getattr(self, name) not in (None, "auto")}
        return {**told, **unlike}

    def fit(self, X: Any = None, y: Any = None) -> Self:
        """Open the model; nothing is learnt from texts."""
        self._opened()
        return self

    def transform(self, X: Iterable[str]) -> Any:
        """As `encode`, for pipelines of scikit-learn."""
        return self._output(self._encode(texts_of(X), None, None, depth=3), self.get_feature_names_out())

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray[Any, Any]:
        """``textencoder0``, ``textencoder1``, …"""
        return np.array([f"textencoder{number}" for number in range(self.dim)], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_open"}

    def _encode(self, texts: list[str], prompt: str | None, callback: Callback | None, depth: int) -> Matrix:
        ready = self._opened(callback)
        limit = self._limit(ready)
        before = ready.prompt(self.prompt if prompt is None else prompt)
        kind = ready.device.type
        budget = _BUDGETS.get(kind, _BUDGETS["cuda"]) if self.batch_tokens is None else self.batch_tokens
        parameters.whole("batch_tokens", budget, 1, "a batch holds at least one token")
        vectors, lengths = ready.encode(texts, before, limit, int(budget), thread_count(self.threads), callback)
        _say_cut(lengths, limit, ready, depth=depth)
        return vectors

    def _opened(self, callback: Callback | None = None) -> TextModel:
        """The model; opened again where a parameter that it depends on has changed since."""
        modes = self._modes()
        if self.normalize is not None and not isinstance(self.normalize, bool):
            raise BadInput(f"normalize={self.normalize!r}: give True, False or None.")
        parameters.choice("precision", self.precision, PRECISIONS)
        wanted = (self.model, modes, self.normalize, self.device, self.precision)
        with _OPENING:
            held: tuple[Any, TextModel] | None = self.__dict__.get("_open")
            if held is None or held[0] != wanted:
                model = hub.find(self.model, offline=self.offline, callback=callback)
                if modes is None and model.modules_unknown:
                    _say_unknown(model)
                held = wanted, TextModel.open(model, modes, self.normalize, self.device, self.precision)
                self._open = held
            return held[1]

    def _found(self) -> hub.Model:
        """The files of the model, which need not be opened for that."""
        held: tuple[Any, TextModel] | None = self.__dict__.get("_open")
        if held is not None and held[0][0] == self.model:
            return held[1].model
        return hub.find(self.model, offline=self.offline)

    def _modes(self) -> tuple[str, ...] | None:
        if self.pooling is None:
            return None
        return (
            "lasttoken" if self.pooling == "last" else parameters.choice("pooling", self.pooling, ("last", *MODES)),
        )

    def _limit(self, ready: TextModel) -> int:
        network = ready.network
        most = network.most
        if self.max_tokens is None:
            said = ready.modules.max_tokens or network.limit
            return said if most is None else min(said, most)
        least = network.tokens.before + network.tokens.after + 1
        limit = parameters.whole("max_tokens", self.max_tokens, least, "a text needs a token beside the special ones")
        if most is not None and limit > most:
            raise BadInput(
                f"max_tokens={limit}: {ready.model.name} has places for {most} tokens. Give {most} or fewer."
            )
        return limit


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    """Without the blanks that some tokenizers count to the word behind them."""
    while begin < end and text[begin].isspace():
        begin += 1
    while begin < end and text[end - 1].isspace():
        end -= 1
    return begin, end


def _say_unknown(model: hub.Model) -> None:
    """Say that pooling is a guess."""
    warnings.warn(
        f"{model.name} is in the cache without what sentence-transformers may say of its pooling: the mean is taken. "
        f"Run `hf download {model.name}`, or give pooling=.",
        UserWarning,
        stacklevel=4,
    )


def _say_cut(lengths: np.ndarray[Any, np.dtype[np.int64]], limit: int, ready: TextModel, depth: int) -> None:
    """Say how many texts were cut."""
    count = int((lengths > limit).sum())
    if not count:
        return
    most = ready.network.most
    more = "" if most is not None and limit >= most else ", or raise max_tokens"
    warnings.warn(
        f"{count:,} of {len(lengths):,} texts are longer than the {limit:,} tokens that {ready.model.name} reads: what "
        f"is beyond is not encoded. The longest has {int(lengths.max()):,}. Encode shorter passages{more}.",
        UserWarning,
        stacklevel=depth + 1,
    )
