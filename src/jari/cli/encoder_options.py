"""Options of the commands that run a deep encoder."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

from jari.cli.options import MODEL, RUN

Device: TypeAlias = Annotated[
    str,
    typer.Option(metavar="NAME", help="auto: the GPU where there is one. cpu, cuda, cuda:1, mps.", rich_help_panel=RUN),
]
PrecisionName: TypeAlias = Annotated[
    Literal["auto", "float32", "bfloat16", "float16"],
    typer.Option(
        "--precision",
        help="With how many bits it computes; auto: float32 on the CPU, half as many on a GPU.",
        rich_help_panel=RUN,
    ),
]
Offline: TypeAlias = Annotated[
    bool,
    typer.Option("--offline", help="Never ask the network for a model.", rich_help_panel=MODEL),
]
