"""Approximate search, by faiss."""

from jari.search.ann.index import ANN

__all__ = ["ANN"]
