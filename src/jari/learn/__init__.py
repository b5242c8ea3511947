"""Learners: each makes an `Embedding`."""

from jari.learn.word2vec import Word2Vec

__all__ = ["Word2Vec"]
