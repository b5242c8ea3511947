"""Jari gives things their place: learn embeddings from your own data, look at, measure, search and serve them.

Names are imported when first used, so that ``import jari`` and the command line start at once.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jari.embedding import Embedding, Neighbours, Vocabulary, load
    from jari.embedding.pooling import Pooling
    from jari.encoders.images.encoder import ImageEncoder
    from jari.encoders.images.folder import embed_images
    from jari.encoders.texts.encoder import TextEncoder
    from jari.ingest import Corpus, encode
    from jari.ingest.categories import LabelCategories, MultiHotCategories, OneHotCategories, OrdinalCategories
    from jari.ingest.cooccurrence import Cooccurrence
    from jari.ingest.interactions import Interactions
    from jari.ingest.pmi import PMI
    from jari.learn.als import ImplicitALS
    from jari.learn.bpr import BPR
    from jari.learn.distillation import Distillation
    from jari.learn.ease import EASE
    from jari.learn.fasttext import FastText
    from jari.learn.glove import GloVe
    from jari.learn.item2vec import Item2Vec
    from jari.learn.lsa import LSA
    from jari.learn.neural.entity_embedder import EntityEmbedder
    from jari.learn.neural.softmax_recommender import SoftmaxRecommender
    from jari.learn.popularity import Popularity
    from jari.learn.random_embedding import RandomEmbedding
    from jari.learn.recommender import Recommender
    from jari.learn.spectral import SpectralEmbedding
    from jari.learn.word2vec import Word2Vec
    from jari.search.ann import ANN
    from jari.search.collection import Collection

_HOME = {
    "ANN": "jari.search.ann",
    "BPR": "jari.learn.bpr",
    "Collection": "jari.search.collection",
    "Cooccurrence": "jari.ingest.cooccurrence",
    "Corpus": "jari.ingest",
    "Distillation": "jari.learn.distillation",
    "EASE": "jari.learn.ease",
    "Embedding": "jari.embedding",
    "EntityEmbedder": "jari.learn.neural.entity_embedder",
    "FastText": "jari.learn.fasttext",
    "GloVe": "jari.learn.glove",
    "ImageEncoder": "jari.encoders.images.encoder",
    "ImplicitALS": "jari.learn.als",
    "Interactions": "jari.ingest.interactions",
    "Item2Vec": "jari.learn.item2vec",
    "LSA": "jari.learn.lsa",
    "LabelCategories": "jari.ingest.categories",
    "MultiHotCategories": "jari.ingest.categories",
    "Neighbours": "jari.embedding",
    "OneHotCategories": "jari.ingest.categories",
    "OrdinalCategories": "jari.ingest.categories",
    "PMI": "jari.ingest.pmi",
    "Pooling": "jari.embedding.pooling",
    "Popularity": "jari.learn.popularity",
    "RandomEmbedding": "jari.learn.random_embedding",
    "Recommender": "jari.learn.recommender",
    "SoftmaxRecommender": "jari.learn.neural.softmax_recommender",
    "SpectralEmbedding": "jari.learn.spectral",
    "TextEncoder": "jari.encoders.texts.encoder",
    "Vocabulary": "jari.embedding",
    "Word2Vec": "jari.learn.word2vec",
    "embed_images": "jari.encoders.images.folder",
    "encode": "jari.ingest",
    "load": "jari.embedding",
}

__all__ = [
    "ANN",
    "BPR",
    "EASE",
    "LSA",
    "PMI",
    "Collection",
    "Cooccurrence",
    "Corpus",
    "Distillation",
    "Embedding",
    "EntityEmbedder",
    "FastText",
    "GloVe",
    "ImageEncoder",
    "ImplicitALS",
    "Interactions",
    "Item2Vec",
    "LabelCategories",
    "MultiHotCategories",
    "Neighbours",
    "OneHotCategories",
    "OrdinalCategories",
    "Pooling",
    "Popularity",
    "RandomEmbedding",
    "Recommender",
    "SoftmaxRecommender",
    "SpectralEmbedding",
    "TextEncoder",
    "Vocabulary",
    "Word2Vec",
    "embed_images",
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
