"""How good is an embedding: agreement with human judgement, analogies, and the searches that it serves."""

from jari.evaluate.agreement import PMIAgreement, pmi_agreement
from jari.evaluate.analogy import (
    Analogies,
    AnalogyResult,
    AnalogySection,
    SectionResult,
    analogies,
    read_analogies,
)
from jari.evaluate.asking import Answers, ask
from jari.evaluate.casing import Case
from jari.evaluate.comparison import MethodResult, compare_methods, words_to_show
from jari.evaluate.recommendation import RecommendationResult, compare_recommenders, recommendation
from jari.evaluate.retrieval import RetrievalResult, compare_runs, retrieval
from jari.evaluate.similarity import SimilarityResult, WordPairs, read_pairs, similarity
from jari.evaluate.trec import read_judgements, read_queries, read_run, write_run

__all__ = [
    "Analogies",
    "AnalogyResult",
    "AnalogySection",
    "Answers",
    "Case",
    "MethodResult",
    "PMIAgreement",
    "RecommendationResult",
    "RetrievalResult",
    "SectionResult",
    "SimilarityResult",
    "WordPairs",
    "analogies",
    "ask",
    "compare_methods",
    "compare_recommenders",
    "compare_runs",
    "pmi_agreement",
    "read_analogies",
    "read_judgements",
    "read_pairs",
    "read_queries",
    "read_run",
    "recommendation",
    "retrieval",
    "similarity",
    "words_to_show",
    "write_run",
]
