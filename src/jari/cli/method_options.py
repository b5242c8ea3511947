"""The options that belong to one way of learning or another: none of them has a default but the learner's own."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import typer

from jari.cli.learner_options import option, with_options
from jari.cli.options import MODEL, RUN

WORD2VEC, SUBWORDS, COUNTS, DECOMPOSED = (
    "Words in windows (skipgram, cbow, fasttext)",
    "Pieces of words (fasttext)",
    "Counts of neighbours (glove, ppmi-svd, count-svd)",
    "Decompositions (ppmi-svd, count-svd, lsa)",
)


MethodName: TypeAlias = Literal["skipgram", "cbow", "fasttext", "glove", "ppmi-svd", "count-svd", "lsa", "random"]

OPTIONS: Final[dict[str, Any]] = {
    "dim": option(int, "Numbers a word.", MODEL, "100", min=1),
    "window": option(int, "Neighbours looked at on each side, at most.", MODEL, "5, glove 10", min=1),
    "epochs": option(int, "Passes over the text, or over its counts.", MODEL, "5, glove 15", min=1),
    "learning_rate": option(
        float, "The first step size.", MODEL, "skipgram 0.035, cbow 0.05, fasttext 0.06, glove 0.1", min=0
    ),
    "min_learning_rate": option(float, "The last step size.", MODEL, "a tenth of the first", min=0),
    "vectors": option(
        Literal["input", "output", "mean", "sum"], "Which of the two matrices is the answer.", MODEL, "input, glove sum"
    ),
    "loss": option(
        Literal["negative", "softmax", "hierarchical"],
        "Against noise words, against all words, or down a tree of words.",
        WORD2VEC,
        "negative",
    ),
    "noise": option(
        Literal["context", "target"],
        "What noise words stand in for.",
        WORD2VEC,
        "context for skipgram, target for cbow",
    ),
    "bias": option(bool, "Learn what a word scores whatever stands around it.", WORD2VEC, "no"),
    "shrink_windows": option(
        bool, "Near words weigh more, as if each width were drawn from 1 to --window.", WORD2VEC, "yes"
    ),
    "negative": option(int, "Noise words against each neighbour.", WORD2VEC, "5", min=1),
    "noise_exponent": option(float, "Noise words are drawn by their count to this power.", WORD2VEC, "0.75"),
    "sample": option(
        float, "Thin out words more frequent than this share; 0 keeps all.", WORD2VEC, "0.0001", min=0
    ),
    "architecture": option(
        Literal["skipgram", "cbow"], "What foretells what, as in those methods.", SUBWORDS, "skipgram"
    ),
    "min_ngram": option(int, "The shortest piece, in characters.", SUBWORDS, "3", min=1),
    "max_ngram": option(int, "The longest piece, in characters.", SUBWORDS, "6", min=1),
    "buckets": option(int, "How many different pieces there can be.", SUBWORDS, "2000000", min=1),
    "jamo": option(bool, "Pieces of decomposed Korean syllables too.", SUBWORDS, "no"),
    "window_weighting": option(
        Literal["shrink", "distance", "flat"],
        "How a neighbour counts by its distance.",
        COUNTS,
        "shrink, glove distance",
    ),
    "symmetric": option(bool, "Words to the left are neighbours too.", COUNTS, "yes"),
    "memory": option(
        str, "What counting may hold before it goes through files.", COUNTS, "1GB", metavar="SIZE"
    ),
    "x_max": option(float, "glove: counts above it weigh alike.", COUNTS, "10.0", min=0),
    "alpha": option(float, "glove: the power of counts below --x-max.", COUNTS, "0.75", min=0),
    "unseen": option(float, "glove: pairs never seen to learn too, for each that was.", COUNTS, "3.0", min=0),
    "shift": option(float, "ppmi-svd: subtract the logarithm of this.", COUNTS, "0.5", min=0),
    "smoothing": option(float, "ppmi-svd: the power of a neighbour's count.", COUNTS, "1.0", min=0),
    "weighting": option(
        Literal["tfidf", "tf", "count"], "lsa: how a word of a document counts.", DECOMPOSED, "tfidf"
    ),
    "power": option(float, "svd: the power of each weight.", DECOMPOSED, "ppmi-svd 0.5, count-svd 1", min=0),
    "drop": option(
        int, "svd: leave out so many first directions.", DECOMPOSED, "ppmi-svd 8 of a large text, count-svd 0", min=0
    ),
    "center": option(bool, "lsa: take the mean of the documents away first.", DECOMPOSED, "no"),
    "p": option(float, "The power of the singular values that scales a vector.", DECOMPOSED, "0.5", min=0),
    "iterations": option(int, "Power iterations; fewer are faster and less exact.", DECOMPOSED, "5", min=0),
    "kind": option(Literal["gaussian", "sign"], "random: normal numbers, or 1 and -1.", MODEL, "gaussian"),
    "deterministic": option(
        bool, "One seed, the same bits: one thread does the work, however many there are.", RUN, "no"
    ),
}  # fmt: skip


with_method_options = with_options(OPTIONS)


def refuse(ctx: typer.Context, name: str, why: str) -> None:
    """Raise a usage error if the command line gives this option."""
    source = ctx.get_parameter_source(name)
    if source is not None and source.name == "COMMANDLINE":
        raise typer.BadParameter(why, param_hint=repr("--" + name.replace("_", "-")))
