"""Embeddings on disk: Jari's own format and those of others, one file each."""

from jari.embedding.formats.registry import FORMATS, Format, detect, read, write

__all__ = ["FORMATS", "Format", "detect", "read", "write"]
