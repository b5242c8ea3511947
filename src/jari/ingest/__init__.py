"""Raw things → ids and counts."""

from jari.ingest.corpus import Corpus
from jari.ingest.encoding import encode

__all__ = ["Corpus", "encode"]
