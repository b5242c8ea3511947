"""How good is an embedding: agreement with human judgement, and analogies."""

from jari.evaluate.agreement import PMIAgreement, pmi_agreement
from jari.evaluate.analogy import (
    Analogies,
    AnalogyResult,
    AnalogySection,
    SectionResult,
    analogies,
    read_analogies,
)
from jari.evaluate.casing import Case
from jari.evaluate.comparison import MethodResult, compare_methods, words_to_show
from jari.evaluate.similarity import SimilarityResult, WordPairs, read_pairs, similarity

__all__ = [
    "Analogies",
    "AnalogyResult",
    "AnalogySection",
    "Case",
    "MethodResult",
    "PMIAgreement",
    "SectionResult",
    "SimilarityResult",
    "WordPairs",
    "analogies",
    "compare_methods",
    "pmi_agreement",
    "read_analogies",
    "read_pairs",
    "similarity",
    "words_to_show",
]
