"""Jari gives things their place: learn embeddings from your own data, look at, measure, search and serve them.

Names are imported when first used, so that ``import jari`` and the command line start at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jari.embedding import Embedding, Neighbours, Vocabulary, load
    from jari.embedding.pooling import Pooling
    from jari.ingest import Corpus, encode
    from jari.ingest.cooccurrence import Cooccurrence
    from jari.ingest.pmi import PMI
    from jari.learn.fasttext import FastText
    from jari.learn.glove import GloVe
    from jari.learn.lsa import LSA
    from jari.learn.random_embedding import RandomEmbedding
    from jari.learn.spectral import SpectralEmbedding
    from jari.learn.word2vec import Word2Vec
    from jari.search.ann import ANN
    from jari.search.collection import Collection

_HOME = {
    "ANN": "jari.search.ann",
    "Collection": "jari.search.collection",
    "Cooccurrence": "jari.ingest.cooccurrence",
    "Corpus": "jari.ingest",
    "Embedding": "jari.embedding",
    "FastText": "jari.learn.fasttext",
    "GloVe": "jari.learn.glove",
    "LSA": "jari.learn.lsa",
    "Neighbours": "jari.embedding",
    "PMI": "jari.ingest.pmi",
    "Pooling": "jari.embedding.pooling",
    "RandomEmbedding": "jari.learn.random_embedding",
    "SpectralEmbedding": "jari.learn.spectral",
    "Vocabulary": "jari.embedding",
    "Word2Vec": "jari.learn.word2vec",
    "encode": "jari.ingest",
    "load": "jari.embedding",
}

__all__ = [
    "ANN",
    "LSA",
    "PMI",
    "Collection",
    "Cooccurrence",
    "Corpus",
    "Embedding",
    "FastText",
    "GloVe",
    "Neighbours",
    "Pooling",
    "RandomEmbedding",
    "SpectralEmbedding",
    "Vocabulary",
    "Word2Vec",
    "encode",
    "load",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("jari")
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module 'jari' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
