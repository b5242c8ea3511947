"""Options that belong to some learners and not to others: none has a default but the learner's own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeAlias

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
