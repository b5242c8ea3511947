"""`ContextualEncoder`: the texts of a collection by a deep encoder, which reads words in their sentences."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np

from jari.encoders.texts.encoder import TextEncoder
from jari.ingest.splitters import Splitting
from jari.types import Matrix, Path

_TOKENIZER = "words"  # of full text, which needs words as people write them, not the pieces that the encoder reads
_PROMPTS = {"query": ("query",), "document": ("document", "passage")}


class ContextualEncoder:
    """The vectors that a deep encoder gives whole texts.

    Where the encoder was trained with a prompt for queries and another for documents, each gets its own.

    Parameters
    ----------
    model
        A `TextEncoder`; or a folder or the name of a model, for one with its defaults.
    offline
        Whether a model that is not on this machine is an error rather than fetched.

    Raises
    ------
    NoSuchFile, BadInput, BadFile
        As `TextEncoder`, when it is first needed.
    """

    kind = "text-encoder"

    def __init__(self, model: TextEncoder | Path, *, offline: bool = False) -> None:
        self.text_encoder = model if isinstance(model, TextEncoder) else TextEncoder(model, offline=offline)

    @classmethod
    def described(cls, description: Mapping[str, Any]) -> Self:
        """The one that `describe` told of."""
        return cls(TextEncoder.described(description["encoder"]))

    @property
    def dim(self) -> int:
        """How many numbers a vector has."""
        return self.text_encoder.dim

    def describe(self) -> dict[str, Any]:
        """Kind, path or name, a checksum of the model and its parameters, and the tokenizer of full text.

        And how many words a passage should have at most, so that the encoder reads all of it: half of its tokens, as
        two a word leave room in English, and are what Korean takes.
        """
        told = self.text_encoder.describe()
        sealed = json.dumps({name: value for name, value in told.items() if name != "path"}, sort_keys=True)
        return {
            "kind": self.kind,
            "path": told["path"],
            "checksum": hashlib.sha256(sealed.encode()).hexdigest(),
            "encoder": told,
            "tokenizer": _TOKENIZER,
            "passage_words": max(1, self.text_encoder.max_tokens_ // 2),
        }

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """One vector a text, shape (texts, d), float32; zeros for a text of nothing but blanks."""
        return self._encoded(texts, "document")

    def query_vectors(self, texts: Sequence[str]) -> Matrix:
        """The same of queries."""
        return self._encoded(texts, "query")

    def terms(self, texts: Sequence[str]) -> list[list[str]]:
        """The words of each text, for full-text search."""
        return Splitting(_TOKENIZER).spans(texts).by_text()

    def _encoded(self, texts: Sequence[str], role: str) -> Matrix:
        prompt = next((name for name in _PROMPTS[role] if name in self.text_encoder.prompts_), None)
        said = [number for number, text in enumerate(texts) if not text.isspace() and text]
        found = np.zeros((len(texts), self.dim), np.float32)
        if said:
            found[said] = self.text_encoder.encode([texts[number] for number in said], prompt=prompt)
        return found
