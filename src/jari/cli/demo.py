"""`jari demo`: the whole way, from text that is on every machine."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from jari.cli.console import plain, say, show
from jari.cli.destination import vacant
from jari.cli.options import OUTPUT, Force, Quiet
from jari.cli.progress import duration, shown
from jari.cli.tables import empty, neighbours, titled

if TYPE_CHECKING:
    from rich.console import Group

    from jari.embedding import Embedding

EXAMPLES = ("jari demo", "jari demo -o /tmp/first-look")

_MODEL, _MAP = "docstrings.jari", "map.png"
_ASKED = ("eigenvalues", "dictionary", "socket")
_SUMS = ("maximum - max + min", "rows - row + column", "cosine - cos + sin")
_ARROWS = (
    ("max", "maximum"),
    ("min", "minimum"),
    ("cos", "cosine"),
    ("sin", "sine"),
    ("row", "rows"),
    ("column", "columns"),
)
_NEARBY = (
    *("mean", "median", "variance", "deviation"),
    *("matrix", "eigenvalues", "eigenvectors", "classifier", "regressor", "estimator"),
    *("list", "dict", "tuple", "keys", "string", "bytes", "unicode"),
    *("file", "directory", "path", "socket", "server", "connection"),
    *("hours", "minutes", "seconds"),
)


def demo(
    out: Annotated[str, typer.Option("--out", "-o", help="The folder to make.", rich_help_panel=OUTPUT)] = "jari-demo",
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Learn from the documentation of the Python packages on this machine: no download, under a minute."""
    began = time.monotonic()
    folder = vacant(out, force=force or _is_a_demo(Path(out)))

    from jari.explore import draw, project
    from jari.ingest.docstrings import docstrings
    from jari.learn.word2vec import Word2Vec

    with shown(quiet=quiet) as report:
        texts = list(docstrings(callback=report))
        # Of windows from 2 to 10 and 10 to 40 epochs: with these, each of five seeds gave the three answers; three of
        # the five did with the usual last step size.
        learner = Word2Vec(dim=100, window=3, epochs=40, min_learning_rate=1e-4, random_state=1, callbacks=(report,))
        embedding = learner.fit(texts).embedding_
        folder.mkdir(exist_ok=True)
        embedding.save(folder / _MODEL, force=True)
        arrows = [pair for pair in _ARROWS if all(key in embedding for key in pair)]
        drawn = [key for key in (*sum(arrows, ()), *_NEARBY) if key in embedding]
        draw(
            project(embedding, keys=drawn, callback=report),
            folder / _MAP,
            arrows=arrows,
            title="Words of Python's documentation",
            force=True,
        )
    show(*(neighbours(key, embedding.similar(key, k=5)) for key in _ASKED), _sums(embedding, _SUMS))
    if not quiet:
        _say_what_next(folder, time.monotonic() - began)


def _is_a_demo(folder: Path) -> bool:
    """Whether a folder holds nothing but what an earlier demo made: then it can be made again unasked."""
    return folder.is_dir() and {entry.name for entry in folder.iterdir()} <= {_MODEL, _MAP}


def _sums(embedding: Embedding, expressions: Iterable[str]) -> Group:
    table = empty(("expression", "left"), ("answer", "left"), ("and then", "left"))
    for expression in expressions:
        answers = [key for key, _ in embedding.solve(expression, k=4)]
        table.add_row(Text(expression), Text(plain(answers[0]), "bold"), Text(plain(", ".join(answers[1:])), "dim"))
    return titled("Arithmetic", table)


def _say_what_next(folder: Path, seconds: float) -> None:
    model = folder / _MODEL
    say(
        f"Done in {duration(seconds)}. The map is {folder / _MAP}. What to type next:\n"
        f"  jari similar {model} matrix\n"
        f'  jari solve {model} "sine - sin + cos"\n'
        f"  jari map {model} -o map.html --method tsne --top 1000\n"
        f"  jari learn YOUR-TEXT.txt -o mine.jari"
    )
