"""The parameters of `EntityEmbedder`: what each may be, and what they say of columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from jari import parameters
from jari.embedding import Embedding
from jari.errors import BadInput
from jari.learn.neural.activations import ACTIVATIONS
from jari.learn.neural.tables.encoding import KINDS, Choices, TableEncoding
from jari.threads import thread_count

_TASKS: Final = ("regression", "binary", "multiclass")


def check(learner: Any) -> None:
    """Look at every parameter by itself.

    Raises
    ------
    BadInput
        One is out of its range, or contradicts another.
    """
    parameters.choice("task", learner.task, _TASKS)
    parameters.choice("activation", learner.activation, ACTIVATIONS)
    if learner.target_transform is not None:
        parameters.choice("target_transform", learner.target_transform, ("log", "log1p"))
        if learner.task != "regression":
            raise BadInput(
                f"target_transform={learner.target_transform!r} is for numbers, and task={learner.task!r} foretells "
                "classes. Give None."
            )
    _kinds(learner)
    _check_sizes(learner)
    parameters.whole("min_count", learner.min_count, 1, "a category is seen once or more")
    parameters.whole("bins", learner.bins, 1, "numbers lie in one bin or more")
    parameters.whole("epochs", learner.epochs, 1, "every row must be seen once")
    parameters.whole("patience", learner.patience, 1, "the next epoch may be better")
    if learner.max_vocabulary is not None:
        parameters.whole("max_vocabulary", learner.max_vocabulary, 1, "a text has words")
    if learner.batch is not None:
        parameters.whole("batch", learner.batch, 1, "a batch has rows")
    parameters.real("learning_rate", learner.learning_rate, 0.0, "steps have a size", above=True)
    parameters.real("l2", learner.l2, 0.0, "it draws weights towards 0")
    for name in ("dropout", "input_dropout", "word_dropout", "unknown_share", "validation"):
        if name != "word_dropout" or learner.word_dropout is not None:
            parameters.share(name, getattr(learner, name), "it is a share, and some must be left")
    _check_pretrained(learner)
    thread_count(learner.threads)
    if not isinstance(learner.callbacks, Iterable) or not all(map(callable, learner.callbacks)):
        raise BadInput(f"callbacks={learner.callbacks!r}: give a list of functions that take a Progress.")


def _check_sizes(learner: Any) -> None:
    dims = learner.dims
    for name, size in dims.items() if isinstance(dims, Mapping) else [(None, dims)]:
        if size is not None:
            parameters.whole("dims" if name is None else f"dims[{name!r}]", size, 1, "a vector has numbers")
    for size in parameters.sizes("hidden", learner.hidden):
        parameters.whole("a size in hidden", size, 1, "a layer needs at least one number")
    parameters.whole("text_dim", learner.text_dim, 1, "a vector has numbers")


def _check_pretrained(learner: Any) -> None:
    pretrained = learner.pretrained
    if pretrained is not None and not isinstance(pretrained, Mapping):
        raise BadInput(
            f"pretrained is a {type(pretrained).__name__}: give a dict of column to Embedding, such as "
            "{'description': jari.load('words.jari')}."
        )
    for name, one in (pretrained or {}).items():
        if not isinstance(one, Embedding):
            raise BadInput(f"pretrained[{name!r}] is a {type(one).__name__}: give an Embedding (jari.load opens one).")
        dim = learner.dims.get(name) if isinstance(learner.dims, Mapping) else None
        if dim not in (None, one.dim):
            raise BadInput(
                f"dims[{name!r}]={dim}, and pretrained[{name!r}] has vectors of {one.dim}: one column has vectors of "
                "one length. Leave the column out of dims=."
            )
    if not isinstance(learner.freeze, bool):
        raise BadInput(f"freeze={learner.freeze!r}: give True or False.")


def choices_of(learner: Any) -> Choices:
    """What they say of columns.

    Raises
    ------
    BadInput
        A column is named twice.
    """
    dims = learner.dims
    return Choices(
        kinds=_kinds(learner),
        closed=tuple(kind for kind in KINDS if getattr(learner, kind) is not None),
        dims={str(name): size for name, size in dims.items()} if isinstance(dims, Mapping) else dims,
        text_dim=int(learner.text_dim),
        pretrained={str(name): one for name, one in (learner.pretrained or {}).items()},
        min_count=int(learner.min_count),
        tokenizer=learner.tokenizer,
        max_vocabulary=learner.max_vocabulary,
        bins=int(learner.bins),
    )


def _kinds(learner: Any) -> dict[str, str]:
    """The kind of each column that is named."""
    kinds: dict[str, str] = {}
    for kind in KINDS:
        named = getattr(learner, kind)
        if isinstance(named, str):
            raise BadInput(f"{kind}={named!r}: give a list of names, such as [{named!r}].")
        if named is not None and not isinstance(named, Iterable):
            raise BadInput(f"{kind}={named!r}: give a list of names of columns, or None.")
        for name in map(str, () if named is None else named):
            if name in kinds:
                both = f"twice in {kind}=" if kinds[name] == kind else f"in {kinds[name]}= and in {kind}="
                raise BadInput(f"Column {name!r} is named {both}: name each column once.")
            kinds[name] = kind
    return kinds


def refuse_idle_freeze(choices: Choices, encoding: TableEncoding) -> None:
    """Raise where nothing that is given would be frozen.

    Raises
    ------
    BadInput
        No text column has vectors in ``pretrained``.
    """
    if set(choices.pretrained) <= {column.name for column in encoding.categories}:
        raise BadInput(
            "freeze=True leaves the vectors of words as they are given, and pretrained= gives none of a text column. "
            "Give some, or freeze=False."
        )
