"""Embedding layers of PyTorch and Keras: vectors in and out, and which id is which key."""

from jari.embedding.layers.layer_ids import IdBags, LayerIds, PaddedIds

__all__ = ["IdBags", "LayerIds", "PaddedIds"]
