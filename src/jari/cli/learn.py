"""`jari learn`: text in, an embedding out."""

from __future__ import annotations

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jari.cli.console import plain, say
from jari.cli.destination import vacant
from jari.cli.failure import misuse
from jari.cli.learner_options import chosen_options
from jari.cli.method_options import MethodName, refuse, with_method_options
from jari.cli.options import (
    MODEL,
    OUTPUT,
    RUN,
    Column,
    Errors,
    Force,
    MaxVocabulary,
    MinCount,
    Phrases,
    Quiet,
    Seed,
    Sources,
    Threads,
    Tokenizer,
)
from jari.cli.progress import duration, shown
from jari.cli.watching import watching
from jari.errors import FileIsThere, Interrupted

if TYPE_CHECKING:
    from jari.ingest import Corpus
    from jari.learn.checkpoint import Checkpoint
    from jari.learn.methods import Method
    from jari.types import Callback, Progress

_FEW_KEPT = 0.05  # a share of the text

EXAMPLES = (
    "jari learn wiki.txt -o wiki.jari",
    "jari learn 'news/*.txt.gz' -o news.jari --dim 200 --window 8 --epochs 10 --plot loss.png",
    "jari learn reviews.parquet --column text -o reviews.jari --method cbow",
    "jari learn wiki.txt -o wiki.jari --phrases 2          # new_york is a word then",
    "jari learn ko.txt -o ko.jari --method fasttext --jamo --min-ngram 1",
    "jari learn wiki.txt -o counted.jari --method ppmi-svd --dim 300",
    "zcat dump.gz | jari learn - -o dump.jari",
    "jari encode wiki.txt -o corpus; jari learn corpus -o wiki.jari",
    "jari learn wiki.txt -o wiki.jari --watch      # a page on which the loss and the map move",
    "jari learn wiki.txt -o wiki.jari --resume     # after Ctrl-C or a power cut",
)


@with_method_options
def learn(
    ctx: typer.Context,
    text: Sources,
    out: Annotated[str, typer.Option("--out", "-o", help="The folder to make: NAME.jari.", rich_help_panel=OUTPUT)],
    tokenizer: Tokenizer = "words",
    min_count: MinCount = 5,
    max_vocabulary: MaxVocabulary = None,
    phrases: Phrases = 0,
    column: Column = None,
    errors: Errors = "strict",
    method: Annotated[
        MethodName,
        typer.Option(
            "--method",
            "-m",
            help="A word foretells its neighbours (skipgram); they foretell the word (cbow, faster); words are "
            "made of their pieces (fasttext); counts of neighbours, learnt (glove) or decomposed (ppmi-svd, "
            "count-svd); counts of words in lines, decomposed (lsa); nothing is learnt (random).",
            rich_help_panel=MODEL,
        ),
    ] = "skipgram",
    plot: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Draw how the loss fell, as .png, .svg or .pdf.", rich_help_panel=OUTPUT),
    ] = None,
    keep_corpus: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="Keep the encoded text, to learn from again.", rich_help_panel=OUTPUT),
    ] = None,
    force: Force = False,
    threads: Threads = None,
    random_state: Seed = None,
    checkpoint_minutes: Annotated[
        float,
        typer.Option(min=0, metavar="X", help="Keep the state of the run every so often.", rich_help_panel=RUN),
    ] = 10.0,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on where an unfinished run stopped, if there is one.", rich_help_panel=RUN),
    ] = False,
    watch: Annotated[
        bool,
        typer.Option(
            "--watch",
            help="Show the loss and a map of the words as they change, on a page of this machine (needs jari[web]). On "
            "a terminal the page stays when all is learnt, until Ctrl-C.",
            rich_help_panel=RUN,
        ),
    ] = False,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open that page in a browser.", rich_help_panel=RUN)
    ] = True,
    quiet: Quiet = False,
    **given: Any,
) -> None:
    """Learn word vectors from text, by one of eight methods.

    The text is encoded once; every epoch is then a scan of numbers. Options of the model that are not given are the
    method's own.

    An unfinished run leaves its state in NAME.checkpoint, beside NAME.jari.
    """
    began = time.monotonic()
    place = _named_jari(out, force=force)

    from jari.learn.checkpoint import Checkpoint
    from jari.learn.methods import method_named

    chosen = method_named(method)
    learner = _learner(
        chosen,
        given,
        tokenizer=tokenizer,
        min_count=min_count,
        max_vocabulary=max_vocabulary,
        threads=threads,
        random_state=random_state,
    )
    picture = None if plot is None else _picture(chosen, plot, force=force)
    checkpoint = Checkpoint(place.with_suffix(".checkpoint"))
    _take_up(checkpoint, resume=resume, force=force)
    kept = None if keep_corpus is None else vacant(keep_corpus, force=force or resume)
    watched = ctx.with_resource(watching(place, learner, wanted=watch, browser=browser))
    with shown(quiet=quiet) as report, _resumable(checkpoint):
        with encoded(
            ctx,
            text,
            keep=kept,
            before=checkpoint.corpus if resume else None,
            tokenizer=tokenizer,
            min_count=min_count,
            max_vocabulary=max_vocabulary,
            phrases=phrases,
            threads=threads,
            errors=errors,
            column=column,
            force=force,
            callback=_all(report, *watched.callbacks),
        ) as corpus:
            as_encoded = {name: corpus.statistics[name] for name in ("tokenizer", "min_count", "max_vocabulary")}
            learner.set_params(callbacks=(report, *watched.callbacks), **as_encoded)
            if not quiet:
                _hint_at_thinning(corpus, learner)
            stopping: dict[str, Any] = {}
            if chosen.keeps_checkpoints:
                stopping = {"checkpoint": checkpoint.folder, "checkpoint_minutes": checkpoint_minutes, "resume": resume}
            learner.fit(corpus, **stopping)
        embedding = learner.embedding_
        embedding.save(place, force=force)
        checkpoint.remove()  # not before: until here it is all that a crash would leave
        watched.done(embedding)
    if picture is not None:
        from jari.explore.losses import plot_losses

        plot_losses(embedding, picture, force=force)
    if not quiet:
        said = f"{len(embedding):,} keys, {embedding.dim} dimensions, {duration(time.monotonic() - began)}"
        say(f"{plain(out)}: {said}")
    watched.stay()


def _learner(method: Method, given: dict[str, Any], **common: Any) -> Any:
    """The learner that the line asks for, its parameters looked at before any text is read."""
    from jari.learn.methods import METHODS

    chosen = chosen_options(given, [method], METHODS.values())
    learner = method.make(**chosen, **{name: value for name, value in common.items() if name in method.parameters})
    with misuse():
        learner.check()
    return learner


def _picture(method: Method, plot: str, *, force: bool) -> Path:
    """Where the losses are to be drawn: asked before the hours of learning, not after."""
    if "epochs" not in method.parameters:
        raise typer.BadParameter(f"--method {method.name} goes by no loss.", param_hint="'--plot'")
    if Path(plot).suffix.lower() not in (".png", ".svg", ".pdf"):
        raise typer.BadParameter(f"{plot!r} ends neither in .png nor in .svg or .pdf.", param_hint="'--plot'")
    return vacant(plot, force=force)


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


def encoded(
    ctx: typer.Context, sources: list[str], *, keep: Path | None = None, before: Path | None = None, **options: Any
) -> Corpus:
    """Text as numbers: encoded by `jari encode`, by the run that is taken up (`before`), or now."""
    from jari.ingest import Corpus, encode
    from jari.learn.corpora import ENCODING_MEMORY

    if len(sources) == 1 and _is_encoded(Path(sources[0])):
        about_text = "this text is encoded already; give it to `jari encode`."
        for name in ("tokenizer", "min_count", "max_vocabulary", "phrases", "column", "errors", "keep_corpus"):
            refuse(ctx, name, about_text)
        return Corpus.open(sources[0])
    for place in (before, keep if before else None):
        if place is not None and _is_encoded(place):
            return Corpus.open(place)
    return encode(sources, out=keep, memory=ENCODING_MEMORY, **options)


def _hint_at_thinning(corpus: Corpus, learner: Any) -> None:
    """A share that suits a language's thousands of words throws nearly everything away where there are a dozen."""
    from jari.learn.sampling import keep_thresholds, share_kept

    counts = corpus.vocabulary.counts
    if counts is None or not hasattr(learner, "sample"):
        return
    share = share_kept(counts, keep_thresholds(counts, learner.sample))
    if share < _FEW_KEPT:
        said = f"--sample {learner.sample:g}"
        say(f"Only {share:.1%} of the words pass {said}. With so few distinct words, give --sample 0.")


def _all(*callbacks: Callback) -> Callback:
    """One callback that calls them all."""

    def call(progress: Progress) -> None:
        for callback in callbacks:
            callback(progress)

    return call


def _is_encoded(folder: Path) -> bool:
    """Whether `jari encode` made it."""
    from jari.ingest.corpus import ABOUT

    return (folder / ABOUT).is_file()
