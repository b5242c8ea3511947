"""Vectors of 100,000 short texts, against a loop over gensim's `KeyedVectors`: ``python -m benchmarks pooling``.

Target: 20 times as fast as averaging the vectors of the known words of each text in Python. Texts are 5 to 15 words of
English Wikipedia, the vectors are random ones for all of its frequent words. gensim's own `get_mean_vector`, called for
each text, is measured too. Sides are measured by turns: middle values, and in brackets the least and the most.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from gensim.models import KeyedVectors

from benchmarks.ingest import text_file
from jari.embedding import Embedding
from jari.ingest.recorded import tokenizer_of
from jari.ingest.tokenizers import words
from jari.threads import thread_count

_MEGABYTES = 8


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--pairs", type=int, default=5, help="how often each side is measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tokens = words(text_file(_MEGABYTES, Path(folder)).read_text(encoding="utf-8"))
    generator = np.random.default_rng(0)
    lengths = generator.integers(5, 16, options.texts)
    starts = np.resize(np.cumsum(np.append(0, lengths))[:-1] % (len(tokens) - 20), options.texts)
    texts = [" ".join(tokens[a : a + n]) for a, n in zip(starts, lengths, strict=True)]
    keys = [key for key in sorted(set(tokens)) if _is_kept(key)]
    vectors = generator.standard_normal((len(keys), options.dim)).astype(np.float32)
    embedding = Embedding(keys, vectors)
    keyed = KeyedVectors(options.dim)
    keyed.add_vectors(keys, vectors)
    tokenizer = tokenizer_of({"tokenizer": "words"}, embedding.vocabulary)

    def by_loop() -> Any:
        out = np.zeros((len(texts), options.dim), np.float32)
        for i, text in enumerate(texts):
            known = [keyed[word] for word in text.split() if word in keyed]
            if known:
                out[i] = np.mean(known, axis=0)
        return out

    sides: dict[str, Callable[[], Any]] = {
        "Jari, pool(texts)": lambda: embedding.pool(texts),
        "Jari, tokenizer 'words'": lambda: embedding.pool(texts, tokenizer=tokenizer),
        "Jari, 1 thread": lambda: embedding.pool(texts, threads=1),
        "gensim, loop of means": by_loop,
        "gensim, get_mean_vector": lambda: [keyed.get_mean_vector(t.split(), pre_normalize=False) for t in texts],
    }
    np.testing.assert_allclose(embedding.pool(texts), by_loop(), atol=1e-5)
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(options.pairs):
        for name, side in sides.items():
            start = time.perf_counter()
            side()
            times[name].append(time.perf_counter() - start)
    print(f"{len(texts):,} texts, {sum(lengths):,} words, {len(keys):,} keys × {options.dim}, {thread_count()} threads")
    for name, taken in times.items():
        ratios = [a / b for a, b in zip(taken, times["Jari, pool(texts)"], strict=True)]
        spread = f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"
        print(f"{name:<26}{statistics.median(taken):7.3f} s   ÷ Jari {spread}")


def _is_kept(key: str) -> bool:
    """Nine of ten keys: some words of the texts are not there."""
    return sum(key.encode()) % 10 != 0


if __name__ == "__main__":
    main()
