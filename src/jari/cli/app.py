"""`jari`: the commands, gathered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import typer
from rich.markup import escape

from jari.cli import (
    build_ann,
    compare_methods,
    compress,
    convert,
    demo,
    distil,
    embed,
    encode,
    evaluate,
    evaluate_recommender,
    evaluate_retrieval,
    explore,
    fit_images,
    index,
    info,
    learn,
    learn_images,
    learn_items,
    learn_table,
    map,
    predict,
    recommend,
    search,
    serve,
    similar,
    solve,
)
from jari.cli.command import JariCommand, JariGroup, set_debug

app = typer.Typer(
    name="jari",
    cls=JariGroup,
    rich_markup_mode="rich",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with:  jari demo",
)


def _print_version(asked: bool) -> None:
    if asked:
        from jari import __version__

        print(f"jari {__version__}")
        raise typer.Exit


@app.callback()
def jari(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", envvar="JARI_DEBUG", help="Show where an error came from.")] = False,
) -> None:
    """Learn embeddings from your own data; ask, measure, see and serve them, search and recommend with them."""
    set_debug(ctx, debug)


def _add(panel: str, command: Callable[..., None], examples: Sequence[str]) -> None:
    epilog = "\n".join(["[bold]Examples[/]", *(f"  {escape(line)}" for line in examples)])
    app.command(command.__name__.replace("_", "-"), cls=JariCommand, rich_help_panel=panel, epilog=epilog)(command)


_add("Make", learn.learn, learn.EXAMPLES)
_add("Make", learn_table.learn_table, learn_table.EXAMPLES)
_add("Make", learn_images.learn_images, learn_images.EXAMPLES)
_add("Make", fit_images.fit_images, fit_images.EXAMPLES)
_add("Make", distil.distil, distil.EXAMPLES)
_add("Make", encode.encode, encode.EXAMPLES)
_add("Make", embed.embed, embed.EXAMPLES)
_add("Make", convert.convert, convert.EXAMPLES)
_add("Make", compress.compress, compress.EXAMPLES)
_add("Make", build_ann.build_ann, build_ann.EXAMPLES)
_add("Make", demo.demo, demo.EXAMPLES)
_add("Ask", similar.similar, similar.EXAMPLES)
_add("Ask", solve.solve, solve.EXAMPLES)
_add("Ask", info.info, info.EXAMPLES)
_add("Search", index.index, index.EXAMPLES)
_add("Search", search.search, search.EXAMPLES)
_add("Search", evaluate_retrieval.evaluate_retrieval, evaluate_retrieval.EXAMPLES)
_add("Recommend", learn_items.learn_items, learn_items.EXAMPLES)
_add("Recommend", recommend.recommend, recommend.EXAMPLES)
_add("Recommend", evaluate_recommender.evaluate_recommender, evaluate_recommender.EXAMPLES)
_add("Ask", predict.predict, predict.EXAMPLES)
_add("Ask", evaluate.evaluate, evaluate.EXAMPLES)
_add("Ask", compare_methods.compare_methods, compare_methods.EXAMPLES)
_add("Ask", map.map, map.EXAMPLES)
_add("See and serve", explore.explore, explore.EXAMPLES)
_add("See and serve", serve.serve, serve.EXAMPLES)


def main() -> None:
    """Run the command line, as ``jari`` and ``python -m jari`` do."""
    app(prog_name="jari")
