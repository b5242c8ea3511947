"""`jari distil`: a contextual encoder in, static vectors of words out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from jari.cli.console import plain, say
from jari.cli.destination import vacant
from jari.cli.failure import misuse
from jari.cli.options import (
    MODEL,
    OUTPUT,
    RUN,
    TEXT,
    Column,
    Force,
    MaxVocabulary,
    MinCount,
    Quiet,
    Seed,
    Threads,
    Tokenizer,
)
from jari.cli.progress import duration, shown

EXAMPLES = (
    "jari distil sentence-transformers/all-MiniLM-L6-v2 docs/ -o static.jari",
    "jari distil models/minilm 'news/*.txt.gz' -o news.jari --passages 50000 --max-vocabulary 100000",
    "jari distil models/minilm --pieces -o static.jari                    # without any text",
    "jari distil models/minilm docs/ -o static.jari; jari index docs/ --with static.jari -o library",
    "jari convert static.jari static.model2vec                            # for model2vec",
)


def distil(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The folder, or the name on the hub, of an encoder.")],
    out: Annotated[str, typer.Option("--out", "-o", help="The folder to make: NAME.jari.", rich_help_panel=OUTPUT)],
    text: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TEXT]...",
            help="Text of the kind that the vectors are for: files (.gz .bz2 .xz .zst too), folders, globs, or - for "
            "standard input. Without it: --pieces or --vocabulary.",
        ),
    ] = None,
    tokenizer: Tokenizer = "words",
    pieces: Annotated[
        bool,
        typer.Option(
            "--pieces",
            help="The pieces of words that the encoder reads, rather than words. Its folder must stay.",
            rich_help_panel=TEXT,
        ),
    ] = False,
    vocabulary: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="These words, one a line, the most frequent first.", rich_help_panel=TEXT),
    ] = None,
    min_count: MinCount = 5,
    max_vocabulary: MaxVocabulary = None,
    column: Column = None,
    dim: Annotated[int, typer.Option(min=1, metavar="N", help="Numbers in a vector.", rich_help_panel=MODEL)] = 256,
    passages: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="N",
            help="How many passages of the text to encode: more are better, and take longer. 0: words alone.",
            rich_help_panel=MODEL,
        ),
    ] = 20_000,
    device: Annotated[
        str, typer.Option(help="Where the encoder computes: auto, cpu, cuda.", rich_help_panel=RUN)
    ] = "auto",
    offline: Annotated[
        bool, typer.Option("--offline", help="A model that is not on this machine is an error.", rich_help_panel=RUN)
    ] = False,
    force: Force = False,
    threads: Threads = None,
    random_state: Seed = None,
    quiet: Quiet = False,
) -> None:
    """Distil an encoder into static vectors of words, thousands of times as fast.

    Passages of the text are encoded, and words given the vectors whose mean comes nearest to what the encoder says.
    `jari index --with` and `jari convert` take the result as any other embedding.
    """
    began = time.monotonic()
    if Path(out).suffix != ".jari":
        raise typer.BadParameter(
            f"{out!r} does not end in .jari. For model2vec: jari convert NAME.jari {out}", param_hint="'-o'"
        )
    if pieces and tokenizer != "words":
        raise typer.BadParameter(f"--tokenizer {tokenizer}: --pieces has its own.", param_hint="'--pieces'")
    if not text and not pieces and vocabulary is None:
        raise typer.BadParameter(
            "Give a text; or --pieces or --vocabulary to distil without one.", param_hint="'[TEXT]...'"
        )
    place = vacant(out, force=force)
    words = None if vocabulary is None else Path(vocabulary).read_text("utf-8").split("\n")
    if words and not words[-1]:
        words.pop()

    from jari.encoders.texts.encoder import TextEncoder
    from jari.learn.distillation import ENCODERS_OWN, Distillation

    with shown(quiet=quiet) as report:
        learner = Distillation(
            TextEncoder(model, device=device, threads=threads, offline=offline),
            dim=dim,
            tokenizer=ENCODERS_OWN if pieces else tokenizer,
            vocabulary=words,
            texts=passages,
            min_count=min_count,
            max_vocabulary=max_vocabulary,
            threads=threads,
            random_state=random_state,
            callbacks=(report,),
        )
        with misuse():
            learner.check()
        embedding = learner.fit(text or None, column=column).embedding_
        embedding.save(place, force=force)
    if not quiet:
        said = f"{len(embedding):,} keys, {embedding.dim} dimensions, {duration(time.monotonic() - began)}"
        if learner.unexplained_ is not None:
            said += f"; {1 - learner.unexplained_[1]:.0%} of what the encoder says of passages it was not fitted to"
        say(f"{plain(out)}: {said}")
