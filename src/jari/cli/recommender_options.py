"""The options that belong to one recommender or another: none of them has a default but the learner's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, TypeAlias

from jari.cli.learner_options import Learner, chosen_options, option, with_options
from jari.cli.options import MODEL

SOLVED, SAMPLED, NETWORK = "Squares (als)", "Noise (bpr, item2vec)", "Network (softmax)"  # panels of a help page


MethodName: TypeAlias = Literal["als", "bpr", "ease", "item2vec", "softmax", "popularity"]

OPTIONS: Final[dict[str, Any]] = {
    "dim": option(int, "Numbers a user, and an item.", MODEL, "64, softmax 200", min=1),
    "epochs": option(int, "Passes over the interactions.", MODEL, "als 16, bpr 50, item2vec 50, softmax 60", min=1),
    "learning_rate": option(float, "The first step size.", MODEL, "bpr 0.05, item2vec 0.008, softmax 0.003", min=0),
    "l2": option(float, "How much all is drawn to 0.", MODEL, "als 0.03, bpr 0.01, ease 250, softmax 0.5", min=0),
    "weighted": option(bool, "Count a choice as much as its weight says.", MODEL, "no, als yes"),
    "unobserved": option(float, "als: what a pair that was not chosen counts, beside 1.", SOLVED, "0.1", min=0),
    "l2_exponent": option(float, "als: how much more those with many choices are drawn to 0.", SOLVED, "1", min=0),
    "block": option(int, "als: columns solved at once; 0 is all.", SOLVED, "0 to 64 dimensions, 32 above", min=0),
    "window": option(int, "item2vec: items of a basket that one meets on each side.", SAMPLED, "10", min=1),
    "negative": option(int, "item2vec: noise items against each of them.", SAMPLED, "5", min=1),
    "noise": option(int, "bpr: items that some chosen ones are compared with; a multiple of 4.", SAMPLED, "8", min=4),
    "noise_exponent": option(
        float, "Noise is drawn by how many have an item, to this power.", SAMPLED, "bpr 0.5, item2vec 0.75"
    ),
    "sample": option(float, "item2vec: thin out items above this share; 0 keeps all.", SAMPLED, "0", min=0),
    "popularity": option(float, "item2vec: how much an item's popularity counts.", SAMPLED, "0.3", min=0),
    "deterministic": option(bool, "item2vec: the same bits with any number of threads.", SAMPLED, "no"),
    "hidden": option(list[int], "Widths of the hidden layers; 0 for none.", NETWORK, "64"),
    "activation": option(Literal["gelu", "relu", "tanh"], "What bends each layer.", NETWORK, "gelu"),
    "dropout": option(float, "The share of each layer left out while it learns.", NETWORK, "0.5", min=0, max=1),
    "pooling": option(
        Literal["sqrt", "mean", "sum"], "How the items of a user become one vector.", NETWORK, "sqrt"
    ),
    "holdout": option(float, "The share of a user's items that is to be foretold.", NETWORK, "0.5", min=0, max=1),
    "softmax": option(
        Literal["auto", "full", "sampled"], "Against all items, or against some of them.", NETWORK, "auto"
    ),
    "samples": option(int, "Against how many, where it is some.", NETWORK, "2000", min=1),
    "batch": option(int, "Users of one step.", NETWORK, "256", min=1),
    "validation": option(float, "The share of users who judge when to stop; 0 does not stop.", NETWORK, "0.05", min=0),
    "patience": option(int, "Epochs without a better judgement before it stops.", NETWORK, "20", min=1),
    "device": option(str, "auto, cpu, cuda.", NETWORK, "auto"),
}  # fmt: skip


with_recommender_options = with_options(OPTIONS)


def recommender_parameters(
    given: Mapping[str, Any], methods: Iterable[Learner], known: Iterable[Learner]
) -> dict[str, Any]:
    """The parameters that the line gives; see `chosen_options`."""
    chosen = chosen_options(given, methods, known)
    if "hidden" in chosen:
        chosen["hidden"] = tuple(width for width in chosen["hidden"] if width)  # 0 is no layer
    return chosen
