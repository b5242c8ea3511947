"""`jari learn`: text in, an embedding out."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from jari.cli.console import plain, say
from jari.cli.destination import vacant
from jari.cli.failure import misuse
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
from jari.errors import FileIsThere, Interrupted

if TYPE_CHECKING:
    from jari.ingest import Corpus
    from jari.learn.checkpoint import Checkpoint

_FEW_KEPT = 0.05  # a share of the text

EXAMPLES = (
    "jari learn wiki.txt -o wiki.jari",
    "jari learn 'news/*.txt.gz' -o news.jari --dim 200 --window 8 --epochs 10",
    "jari learn reviews.parquet --column text -o reviews.jari --method cbow",
    "zcat dump.gz | jari learn - -o dump.jari",
    "jari encode wiki.txt -o corpus; jari learn corpus -o wiki.jari",
    "jari learn wiki.txt -o wiki.jari --resume     # after Ctrl-C or a power cut",
)


def learn(
    ctx: typer.Context,
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
        bool,
        typer.Option(
            help="Near words weigh more, as if each width were drawn from 1 to --window.", rich_help_panel=MODEL
        ),
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
            min=0,
            metavar="X",
            help="The first step size; if not given, skipgram 0.035, cbow 0.05.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    min_learning_rate: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="X", help="The last step size; if not given, a tenth of the first.", rich_help_panel=MODEL
        ),
    ] = None,
    keep_corpus: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Keep the encoded text, to learn from again.", rich_help_panel=OUTPUT),
    ] = None,
    force: Force = False,
    threads: Threads = None,
    random_state: Seed = None,
    deterministic: Annotated[
        bool,
        typer.Option(
            "--deterministic",
            help="One seed, the same bits on any number of threads; ten times slower.",
            rich_help_panel=RUN,
        ),
    ] = False,
    checkpoint_minutes: Annotated[
        float,
        typer.Option(min=0, metavar="X", help="Keep the state of the run every so often.", rich_help_panel=RUN),
    ] = 10.0,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on where an unfinished run stopped, if there is one.", rich_help_panel=RUN),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Learn word vectors from text: word2vec, skip-gram or CBOW with negative sampling.

    The text is encoded once; every epoch is then a scan of numbers.

    An unfinished run leaves its state in NAME.checkpoint, beside NAME.jari.
    """
    began = time.monotonic()
    place = _named_jari(out, force=force)

    from jari.learn import Word2Vec
    from jari.learn.checkpoint import Checkpoint

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
    )
    with misuse():
        learner.check()  # now, not once the text has been read
    checkpoint = Checkpoint(place.with_suffix(".checkpoint"))
    _take_up(checkpoint, resume=resume, force=force)
    kept = None if keep_corpus is None else vacant(keep_corpus, force=force or resume)
    with shown(quiet=quiet) as report, _resumable(checkpoint):
        with _corpus(
            ctx,
            text,
            kept,
            checkpoint.corpus if resume else None,
            tokenizer=tokenizer,
            min_count=min_count,
            max_vocabulary=max_vocabulary,
            threads=threads,
            errors=errors,
            column=column,
            force=force,
            callback=report,
        ) as corpus:
            as_encoded = {name: corpus.statistics[name] for name in ("tokenizer", "min_count", "max_vocabulary")}
            learner.set_params(callbacks=(report,), **as_encoded)
            if not quiet:
                _hint_at_thinning(corpus, sample)
            learner.fit(corpus, checkpoint=checkpoint.folder, checkpoint_minutes=checkpoint_minutes, resume=resume)
        embedding = learner.embedding_
        embedding.save(place, force=force)
        checkpoint.remove()  # not before: until here it is all that a crash would leave
    if not quiet:
        said = f"{len(embedding):,} keys, {embedding.dim} dimensions, {duration(time.monotonic() - began)}"
        say(f"{plain(out)}: {said}")


def _named_jari(out: str, *, force: bool) -> Path:
    if Path(out).suffix != ".jari":
        raise typer.BadParameter(
            f"{out!r} does not end in .jari. For other formats: jari convert NAME.jari {out}", param_hint="'-o'"
        )
    return vacant(out, force=force)


def _take_up(checkpoint: Checkpoint, *, resume: bool, force: bool) -> None:
    """What an unfinished run left is neither gone on from nor thrown away unasked."""
    if checkpoint.exists() and not (resume or force):
        raise FileIsThere(
            f"{checkpoint.folder} holds an unfinished run. Pass --resume to go on from it, or --force to begin again."
        )
    if not (checkpoint.exists() and resume):
        checkpoint.remove()


@contextmanager
def _resumable(checkpoint: Checkpoint) -> Iterator[None]:
    """Say how to go on when the run is stopped; leave no folder behind that has nothing to go on from."""
    try:
        yield
    except KeyboardInterrupt as stop:
        if not checkpoint.exists():
            raise
        typed = shlex.join(["jari", *(arg for arg in sys.argv[1:] if arg != "--resume"), "--resume"])
        raise Interrupted(f"{str(stop) or 'Stopped.'} To go on:\n  {typed}") from stop
    finally:
        if not checkpoint.exists():
            checkpoint.remove()


def _corpus(ctx: typer.Context, sources: list[str], keep: Path | None, before: Path | None, **options: Any) -> Corpus:
    """Text as numbers: encoded by `jari encode`, by the run that is taken up (`before`), or now."""
    from jari.ingest import Corpus, encode
    from jari.learn.corpora import ENCODING_MEMORY

    if len(sources) == 1 and _is_encoded(Path(sources[0])):
        _refuse(ctx, "tokenizer", "min_count", "max_vocabulary", "column", "errors", "keep_corpus")
        return Corpus.open(sources[0])
    for place in (before, keep if before else None):
        if place is not None and _is_encoded(place):
            return Corpus.open(place)
    return encode(sources, out=keep, memory=ENCODING_MEMORY, **options)


def _hint_at_thinning(corpus: Corpus, sample: float) -> None:
    """A share that suits a language's thousands of words throws nearly everything away where there are a dozen."""
    from jari.learn.sampling import keep_thresholds, share_kept

    counts = corpus.vocabulary.counts
    if counts is None:
        return
    share = share_kept(counts, keep_thresholds(counts, sample))
    if share < _FEW_KEPT:
        say(f"Only {share:.1%} of the words pass --sample {sample:g}. With so few distinct words, give --sample 0.")


def _refuse(ctx: typer.Context, *names: str) -> None:
    """Options about text mean nothing to text that is numbers already."""
    for name in names:
        source = ctx.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            option = "--" + name.replace("_", "-")
            raise typer.BadParameter("this text is encoded already; give it to `jari encode`.", param_hint=repr(option))


def _is_encoded(folder: Path) -> bool:
    """Whether `jari encode` made it."""
    from jari.ingest.corpus import ABOUT

    return (folder / ABOUT).is_file()
