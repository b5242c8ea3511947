"""The hub of Jari: an `Embedding` maps keys to vectors; learners make it, everything else takes it."""

from jari.embedding.embedding import Embedding
from jari.embedding.formats import read as load
from jari.embedding.neighbours import Neighbours
from jari.embedding.subwords import Subwords
from jari.embedding.vocabulary import Vocabulary

__all__ = ["Embedding", "Neighbours", "Subwords", "Vocabulary", "load"]
