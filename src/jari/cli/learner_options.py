"""Options that belong to some learners and not to others: none has a default but the learner's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Protocol, TypeAlias

import typer

Command: TypeAlias = Callable[..., None]


def option(kind: Any, help: str, panel: str, default: str | None = None, **rest: Any) -> Any:
    """An option without a default of its own; `default` says what the learners do without it."""
    said = help if default is None else rf"{help} \[default: {default}]"
    metavars = {int: "N", float: "X", list[int]: "N..."}
    if kind in metavars:
        rest.setdefault("metavar", metavars[kind])
    return Annotated[kind | None, typer.Option(help=said, rich_help_panel=panel, **rest)]


def with_options(options: Mapping[str, Any]) -> Callable[[Command], Command]:
    """Give a command these options: those given on the command line come as keywords, the others as None."""

    def given(command: Command) -> Command:
        signature = inspect.signature(command, eval_str=True)
        own = [one for one in signature.parameters.values() if one.kind != one.VAR_KEYWORD]
        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
            for name, kind in options.items()
        ]
        command.__signature__ = inspect.Signature([*own, *more])  # type: ignore[attr-defined]
        return command

    return given


class Learner(Protocol):
    """What a way of learning says of itself, of words or of items."""

    @property
    def name(self) -> str:
        """As ``--method`` takes it."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Those that it has."""


def chosen_options(given: Mapping[str, Any], methods: Iterable[Learner], known: Iterable[Learner]) -> dict[str, Any]:
    """The options that the line gives.

    Raises
    ------
    typer.BadParameter
        None of the `methods` has one of them; those of the `known` that have it are said.
    """
    chosen = {name: value for name, value in given.items() if value not in (None, [])}
    asked = list(methods)
    for name in chosen:
        if not any(name in method.parameters for method in asked):
            having = ", ".join(other.name for other in known if name in other.parameters)
            which = ", ".join(method.name for method in asked)
            raise typer.BadParameter(
                f"--method {which} learns without it; it is for {having}.",
                param_hint=repr("--" + name.replace("_", "-")),
            )
    return chosen
