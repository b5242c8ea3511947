"""Embeddings in fewer bytes a value: each way of coding in a file of its own, and one search for all."""

from jari.embedding.codes.binary import Signs
from jari.embedding.codes.code import Codes
from jari.embedding.codes.compressed import CompressedEmbedding
from jari.embedding.codes.kinds import CODES
from jari.embedding.codes.numbers import Bytes, Floats32, Halves
from jari.embedding.codes.product_quantisation import ProductQuantised

__all__ = ["CODES", "Bytes", "Codes", "CompressedEmbedding", "Floats32", "Halves", "ProductQuantised", "Signs"]
