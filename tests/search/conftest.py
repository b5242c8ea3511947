"""A small encoder whose answers are obvious."""

import hashlib

import numpy as np
import pytest

import jari
from jari.search.encoder import pooled

MEANINGS = {
    "cat": [1, 0.1, 0],
    "kitten": [1, 0.2, 0],
    "dog": [0.2, 1, 0],
    "puppy": [0.1, 1, 0],
    "sun": [0, 0, 1],
    "nothing": [0, 0, 0],
}


class ToyEncoder:
    """Adds up the vectors of words; words are what stands between blanks."""

    dim = 3

    def __init__(self, name="toy.jari", meanings=MEANINGS):
        self.name, self.meanings = name, meanings

    def describe(self):
        digest = hashlib.sha256(repr(sorted(self.meanings.items())).encode()).hexdigest()
        return {"kind": "toy", "path": self.name, "checksum": digest, "tokenizer": "whitespace"}

    def vectors(self, texts):
        none = np.zeros(self.dim)
        sums = [sum((np.array(self.meanings.get(word, none)) for word in text.split()), none) for text in texts]
        return np.array(sums, dtype=np.float32).reshape(-1, self.dim)

    def terms(self, texts):
        return [text.split() for text in texts]


@pytest.fixture
def toy():
    return ToyEncoder()


@pytest.fixture
def wiki(tmp_path):
    """An embedding on disk, as a path."""
    words = [word for word in MEANINGS if word != "nothing"]
    embedding = jari.Embedding(words, [MEANINGS[word] for word in words], metadata={"corpus": {"tokenizer": "words"}})
    embedding.save(tmp_path / "wiki.jari")
    return tmp_path / "wiki.jari"


@pytest.fixture
def encoder(wiki):
    return pooled(wiki)
