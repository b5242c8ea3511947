"""The options that belong to one recommender or another: none of them has a default but the learner's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, TypeAlias

import typer

from jari.cli.options import MODEL

SOLVED, SAMPLED, NETWORK = "Squares (als)", "Noise (bpr, item2vec)", "Network (softmax)"  # panels of a help page


def _option(kind: Any, help: str, panel: str, default: str, **rest: Any) -> Any:
    """An option without a default of its own; `default` says what the learners do without it."""
    if kind in (int, float, list[int]):
        rest["metavar"] = {int: "N", float: "X", list[int]: "N..."}[kind]
    return Annotated[kind | None, typer.Option(help=rf"{help} \[default: {default}]", rich_help_panel=panel, **rest)]


MethodName: TypeAlias = Literal["als", "bpr", "ease", "item2vec", "softmax", "popularity"]

OPTIONS: Final[dict[str, Any]] = {
    "dim": _option(int, "Numbers a user, and an item.", MODEL, "64, softmax 200", min=1),
    "epochs": _option(int, "Passes over the interactions.", MODEL, "als 16, bpr 50, item2vec 50, softmax 60", min=1),
    "learning_rate": _option(float, "The first step size.", MODEL, "bpr 0.05, item2vec 0.008, softmax 0.003", min=0),
    "l2": _option(float, "How much all is drawn to 0.", MODEL, "als 0.03, bpr 0.01, ease 250, softmax 0.5", min=0),
    "weighted": _option(bool, "Count a choice as much as its weight says.", MODEL, "no, als yes"),
    "unobserved": _option(float, "als: what a pair that was not chosen counts, beside 1.", SOLVED, "0.1", min=0),
    "l2_exponent": _option(float, "als: how much more those with many choices are drawn to 0.", SOLVED, "1", min=0),
    "block": _option(int, "als: columns solved at once; 0 is all.", SOLVED, "0 to 128 dimensions, 64 above", min=0),
    "window": _option(int, "item2vec: items of a basket that one meets on each side.", SAMPLED, "10", min=1),
    "negative": _option(int, "item2vec: noise items against each of them.", SAMPLED, "5", min=1),
    "noise": _option(int, "bpr: items that some chosen ones are compared with; a multiple of 4.", SAMPLED, "8", min=4),
    "noise_exponent": _option(
        float, "Noise is drawn by how many have an item, to this power.", SAMPLED, "bpr 0.5, item2vec 0.75"
    ),
    "sample": _option(float, "item2vec: thin out items above this share; 0 keeps all.", SAMPLED, "0", min=0),
    "popularity": _option(float, "item2vec: how much an item's popularity counts.", SAMPLED, "0.3", min=0),
    "deterministic": _option(bool, "item2vec: the same bits with any number of threads.", SAMPLED, "no"),
    "hidden": _option(list[int], "Widths of the hidden layers; 0 for none.", NETWORK, "64"),
    "activation": _option(Literal["gelu", "relu", "tanh"], "What bends each layer.", NETWORK, "gelu"),
    "dropout": _option(float, "The share of each layer left out while it learns.", NETWORK, "0.5", min=0, max=1),
    "pooling": _option(
        Literal["sqrt", "mean", "sum"], "How the items of a user become one vector.", NETWORK, "sqrt"
    ),
    "holdout": _option(float, "The share of a user's items that is to be foretold.", NETWORK, "0.5", min=0, max=1),
    "softmax": _option(
        Literal["auto", "full", "sampled"], "Against all items, or against some of them.", NETWORK, "auto"
    ),
    "samples": _option(int, "Against how many, where it is some.", NETWORK, "2000", min=1),
    "batch": _option(int, "Users of one step.", NETWORK, "256", min=1),
    "validation": _option(float, "The share of users who judge when to stop; 0 does not stop.", NETWORK, "0.05", min=0),
    "patience": _option(int, "Epochs without a better judgement before it stops.", NETWORK, "20", min=1),
    "device": _option(str, "auto, cpu, cuda.", NETWORK, "auto"),
}  # fmt: skip


def with_recommender_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command all of `OPTIONS`: those given on the command line come as keywords, the others as None."""
    own = [one for one in inspect.signature(command, eval_str=True).parameters.values() if one.kind != one.VAR_KEYWORD]
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in OPTIONS.items()
    ]
    command.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
    return command
