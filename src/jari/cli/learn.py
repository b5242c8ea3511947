"""`jari learn`: text in, an embedding out."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from jari.cli.console import plain, say
from jari.cli.destination import vacant
from jari.cli.options import (
    MODEL,
    OUTPUT,
    RUN,
    Column,
    Errors,
    Force,
    MaxVocabulary,
    MinCount,
    Quiet,
    Seed,
    Sources,
    Threads,
    Tokenizer,
)
from jari.cli.progress import duration, shown
from jari.errors import FileIsThere, Interrupted, NoSuchFile

if TYPE_CHECKING:
    from jari.ingest import Corpus

EXAMPLES = (
    "jari learn wiki.txt -o wiki.jari",
    "jari learn 'news/*.txt.gz' -o news.jari --dim 200 --window 8 --epochs 10",
    "jari learn reviews.parquet --column text -o reviews.jari --method cbow",
    "zcat dump.gz | jari learn - -o dump.jari",
    "jari encode wiki.txt -o corpus; jari learn corpus -o wiki.jari",
    "jari learn wiki.txt -o wiki.jari --resume     # after Ctrl-C or a power cut",
)


def learn(
    text: Sources,
    out: Annotated[str, typer.Option("--out", "-o", help="The folder to make: NAME.jari.", rich_help_panel=OUTPUT)],
    tokenizer: Tokenizer = "words",
    min_count: MinCount = 5,
    max_vocabulary: MaxVocabulary = None,
    column: Column = None,
    errors: Errors = "strict",
    architecture: Annotated[
        Literal["skipgram", "cbow"],
        typer.Option(
            "--method",
            help="skipgram: a word foretells its neighbours. cbow: the neighbours foretell the word; faster.",
            rich_help_panel=MODEL,
        ),
    ] = "skipgram",
    dim: Annotated[int, typer.Option(min=1, metavar="N", help="Numbers a word.", rich_help_panel=MODEL)] = 100,
    window: Annotated[
        int, typer.Option(min=1, metavar="N", help="Neighbours looked at on each side, at most.", rich_help_panel=MODEL)
    ] = 5,
    shrink_windows: Annotated[
        bool, typer.Option(help="Draw each width from 1 to --window: near words weigh more.", rich_help_panel=MODEL)
    ] = True,
    negative: Annotated[
        int, typer.Option(min=1, metavar="N", help="Noise words against each neighbour.", rich_help_panel=MODEL)
    ] = 5,
    noise_exponent: Annotated[
        float,
        typer.Option(metavar="X", help="Noise words are drawn by their count to this power.", rich_help_panel=MODEL),
    ] = 0.75,
    sample: Annotated[
        float,
        typer.Option(
            min=0, metavar="X", help="Thin out words more frequent than this share; 0 keeps all.", rich_help_panel=MODEL
        ),
    ] = 1e-4,
    epochs: Annotated[int, typer.Option(min=1, metavar="N", help="Passes over the text.", rich_help_panel=MODEL)] = 5,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            metavar="X", help="The first step size; if not given, skipgram 0.025, cbow 0.05.", rich_help_panel=MODEL
        ),
    ] = None,
    min_learning_rate: Annotated[
        float, typer.Option(min=0, metavar="X", help="The last step size.", rich_help_panel=MODEL)
    ] = 1e-4,
    keep_corpus: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Keep the encoded text, to learn from again.", rich_help_panel=OUTPUT),
    ] = None,
    force: Force = False,
    threads: Threads = None,
    random_state: Seed = None,
    deterministic: Annotated[
        bool,
        typer.Option("--deterministic", help="One seed, the same bits on any number of threads.", rich_help_panel=RUN),
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where an unfinished run stopped.", rich_help_panel=RUN)
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Learn word vectors from text: word2vec, skip-gram or CBOW with negative sampling.

    The text is encoded once; every epoch is then a scan of numbers.

    An unfinished run leaves its state in NAME.checkpoint, beside NAME.jari.
    """
    began = time.monotonic()
    place = _named_jari(out, force=force)
    checkpoint = _checkpoint(place, resume=resume, force=force)
    if keep_corpus is not None:
        vacant(keep_corpus, force=force, option="--keep-corpus")

    from jari.learn import Word2Vec

    with shown(quiet=quiet) as report:
        learner = Word2Vec(
            architecture,
            dim=dim,
            window=window,
            shrink_windows=shrink_windows,
            negative=negative,
            noise_exponent=noise_exponent,
            sample=sample,
            min_count=min_count,
            max_vocabulary=max_vocabulary,
            epochs=epochs,
            learning_rate=learning_rate,
            min_learning_rate=min_learning_rate,
            tokenizer=tokenizer,
            threads=threads,
            deterministic=deterministic,
            random_state=random_state,
            callbacks=(report,),
        )
        with _corpus(
            text,
            tokenizer=tokenizer,
            min_count=min_count,
            max_vocabulary=max_vocabulary,
            threads=threads,
            errors=errors,
            column=column,
            out=keep_corpus,
            force=force,
            callback=report,
        ) as corpus:
            try:
                learner.fit(corpus, checkpoint=checkpoint, resume=resume)
            except KeyboardInterrupt as stop:
                raise Interrupted(_how_to_go_on(checkpoint)) from stop
        embedding = learner.embedding_
        embedding.save(place, force=force)
        shutil.rmtree(checkpoint, ignore_errors=True)  # not before: until here it is all that a crash would leave
    if not quiet:
        said = f"{len(embedding):,} keys, {embedding.dim} dimensions, {duration(time.monotonic() - began)}"
        say(f"{plain(out)}: {said}")


def _named_jari(out: str, *, force: bool) -> Path:
    if Path(out).suffix != ".jari":
        raise typer.BadParameter(
            f"{out!r} does not end in .jari. For other formats: jari convert NAME.jari {out}", param_hint="'-o'"
        )
    return vacant(out, force=force)


def _checkpoint(place: Path, *, resume: bool, force: bool) -> Path:
    """Where an unfinished run keeps its state; one that is there is not thrown away unasked."""
    checkpoint = place.with_suffix(".checkpoint")
    if checkpoint.exists() and not resume:
        if not force:
            raise FileIsThere(
                f"{checkpoint} holds an unfinished run. Pass --resume to go on from it, or --force to begin again."
            )
        shutil.rmtree(checkpoint)
    if resume and not checkpoint.exists():
        raise NoSuchFile(f"There is nothing to resume: {checkpoint} is not there. Leave out --resume to begin.")
    return checkpoint


def _corpus(sources: list[str], **options: Any) -> Corpus:
    """Text, encoded now or before."""
    from jari.ingest import Corpus, encode

    if len(sources) == 1 and Corpus.is_at(sources[0]):
        return Corpus.open(sources[0])
    return encode(sources, **options)


def _how_to_go_on(checkpoint: Path) -> str:
    if not checkpoint.exists():
        return "stopped before there was anything to keep."
    typed = shlex.join(["jari", *(arg for arg in sys.argv[1:] if arg != "--resume")])
    return f"stopped. What was learnt so far is in {checkpoint}. To go on:\n  {typed} --resume"
