"""The options that belong to one way of learning or another: none of them has a default but the learner's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, TypeAlias

import typer

from jari.cli.options import MODEL, RUN

WORD2VEC, SUBWORDS, COUNTS, DECOMPOSED = (
    "Words in windows (skipgram, cbow, fasttext)",
    "Pieces of words (fasttext)",
    "Counts of neighbours (glove, ppmi-svd, count-svd)",
    "Decompositions (ppmi-svd, count-svd, lsa)",
)


def _option(kind: Any, help: str, panel: str, default: str | None = None, **rest: Any) -> Any:
    """An option without a default of its own; `default` says what the learners do without it."""
    said = help if default is None else rf"{help} \[default: {default}]"
    if kind in (int, float, str):
        rest["metavar"] = {int: "N", float: "X", str: "SIZE"}[kind]
    return Annotated[kind | None, typer.Option(help=said, rich_help_panel=panel, **rest)]


MethodName: TypeAlias = Literal["skipgram", "cbow", "fasttext", "glove", "ppmi-svd", "count-svd", "lsa", "random"]

OPTIONS: Final[dict[str, Any]] = {
    "dim": _option(int, "Numbers a word.", MODEL, "100", min=1),
    "window": _option(int, "Neighbours looked at on each side, at most.", MODEL, "5, glove 10", min=1),
    "epochs": _option(int, "Passes over the text, or over its counts.", MODEL, "5, glove 15", min=1),
    "learning_rate": _option(
        float, "The first step size.", MODEL, "skipgram 0.035, cbow 0.05, fasttext 0.06, glove 0.1", min=0
    ),
    "min_learning_rate": _option(float, "The last step size.", MODEL, "a tenth of the first", min=0),
    "vectors": _option(
        Literal["input", "output", "mean", "sum"], "Which of the two matrices is the answer.", MODEL, "input, glove sum"
    ),
    "loss": _option(
        Literal["negative", "softmax", "hierarchical"],
        "Against noise words, against all words, or down a tree of words.",
        WORD2VEC,
        "negative",
    ),
    "noise": _option(
        Literal["context", "target"],
        "What noise words stand in for.",
        WORD2VEC,
        "context for skipgram, target for cbow",
    ),
    "bias": _option(bool, "Learn what a word scores whatever stands around it.", WORD2VEC, "no"),
    "shrink_windows": _option(
        bool, "Near words weigh more, as if each width were drawn from 1 to --window.", WORD2VEC, "yes"
    ),
    "negative": _option(int, "Noise words against each neighbour.", WORD2VEC, "5", min=1),
    "noise_exponent": _option(float, "Noise words are drawn by their count to this power.", WORD2VEC, "0.75"),
    "sample": _option(
        float, "Thin out words more frequent than this share; 0 keeps all.", WORD2VEC, "0.0001", min=0
    ),
    "architecture": _option(
        Literal["skipgram", "cbow"], "What foretells what, as in those methods.", SUBWORDS, "skipgram"
    ),
    "min_ngram": _option(int, "The shortest piece, in characters.", SUBWORDS, "3", min=1),
    "max_ngram": _option(int, "The longest piece, in characters.", SUBWORDS, "6", min=1),
    "buckets": _option(int, "How many different pieces there can be.", SUBWORDS, "2000000", min=1),
    "jamo": _option(bool, "Pieces of decomposed Korean syllables too.", SUBWORDS, "no"),
    "window_weighting": _option(
        Literal["shrink", "distance", "flat"],
        "How a neighbour counts by its distance.",
        COUNTS,
        "shrink, glove distance",
    ),
    "symmetric": _option(bool, "Words to the left are neighbours too.", COUNTS, "yes"),
    "memory": _option(str, "What counting may hold before it goes through files.", COUNTS, "1GB"),
    "x_max": _option(float, "glove: counts above it weigh alike.", COUNTS, "10.0", min=0),
    "alpha": _option(float, "glove: the power of counts below --x-max.", COUNTS, "0.75", min=0),
    "unseen": _option(float, "glove: pairs never seen to learn too, for each that was.", COUNTS, "3.0", min=0),
    "shift": _option(float, "ppmi-svd: subtract the logarithm of this.", COUNTS, "0.5", min=0),
    "smoothing": _option(float, "ppmi-svd: the power of a neighbour's count.", COUNTS, "1.0", min=0),
    "weighting": _option(
        Literal["tfidf", "tf", "count"], "lsa: how a word of a document counts.", DECOMPOSED, "tfidf"
    ),
    "power": _option(float, "svd: the power of each weight.", DECOMPOSED, "ppmi-svd 0.5, count-svd 1", min=0),
    "drop": _option(
        int, "svd: leave out so many first directions.", DECOMPOSED, "ppmi-svd 8 of a large text, count-svd 0", min=0
    ),
    "center": _option(bool, "lsa: take the mean of the documents away first.", DECOMPOSED, "no"),
    "p": _option(float, "The power of the singular values that scales a vector.", DECOMPOSED, "0.5", min=0),
    "iterations": _option(int, "Power iterations; fewer are faster and less exact.", DECOMPOSED, "5", min=0),
    "kind": _option(Literal["gaussian", "sign"], "random: normal numbers, or 1 and -1.", MODEL, "gaussian"),
    "deterministic": _option(
        bool, "One seed, the same bits: one thread does the work, however many there are.", RUN, "no"
    ),
}  # fmt: skip


def with_method_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all of `OPTIONS`: those given on the command line come as keywords, the others as None."""
    own = [one for one in inspect.signature(command, eval_str=True).parameters.values() if one.kind != one.VAR_KEYWORD]
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in OPTIONS.items()
    ]
    command.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
    return command


def refuse(ctx: typer.Context, name: str, why: str) -> None:
    """Raise a usage error if the command line gives this option."""
    source = ctx.get_parameter_source(name)
    if source is not None and source.name == "COMMANDLINE":
        raise typer.BadParameter(why, param_hint=repr("--" + name.replace("_", "-")))
