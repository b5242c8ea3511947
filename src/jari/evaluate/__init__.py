"""How good is an embedding: agreement with human judgement, and analogies."""

from jari.evaluate.analogy import (
    Analogies,
    AnalogyResult,
    AnalogySection,
    SectionResult,
    analogies,
    read_analogies,
)
from jari.evaluate.casing import Case
from jari.evaluate.similarity import SimilarityResult, WordPairs, read_pairs, similarity

__all__ = [
    "Analogies",
    "AnalogyResult",
    "AnalogySection",
    "Case",
    "SectionResult",
    "SimilarityResult",
    "WordPairs",
    "analogies",
    "read_analogies",
    "read_pairs",
    "similarity",
]
