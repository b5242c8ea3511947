"""LSA against scikit-learn's `TfidfVectorizer` and `TruncatedSVD`: ``python -m benchmarks lsa TEXT [EVALUATION]``.

A document is a line of TEXT, a word what stands between spaces. Each side runs in a process of its own, from the text
file to a saved embedding of the words; both print their singular values. scikit-learn gets the words that ours found,
so that both decompose the same matrix, and so that it need not collect them itself; and float32, in which it is faster.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.process import measured

SIDES = ("jari", "scikit-learn")


def main() -> None:
    """Print one line a side, then how far they agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("text", type=Path)
    parser.add_argument("evaluation", type=Path, nargs="?", help="a folder of test sets, as for benchmarks.quality")
    parser.add_argument("--dim", type=int, default=100)
    parser.add_argument("--iterations", type=int, default=5, help="power iterations of both")
    parser.add_argument("--runs", type=int, default=1, help="by turns; the fastest counts")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        print(json.dumps((_ours if options.side == "jari" else _theirs)(options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(options, Path(folder))


def compare(options: argparse.Namespace, folder: Path) -> None:
    """Run both sides by turns."""
    shared = [options.text.resolve(), "--dim", options.dim, "--iterations", options.iterations, "--folder", folder]
    best: dict[str, Any] = {}
    for _ in range(options.runs):
        for side in SIDES:
            run = measured("benchmarks.lsa", [*shared, "--side", side])
            if side not in best or run.wall < best[side].wall:
                best[side] = run
    values = {side: json.loads(run.output)["singular_values"] for side, run in best.items()}
    for side, run in best.items():
        quality = "" if options.evaluation is None else _quality(folder / f"{side}.jari", options.evaluation)
        print(f"{side:<14}{run.wall:7.1f} s wall {run.cpu:7.1f} s CPU {run.peak_mb:7.0f} MB  {quality}")
    ours, theirs = best["jari"], best["scikit-learn"]
    print(f"their wall ÷ ours {theirs.wall / ours.wall:.1f}, their memory ÷ ours {theirs.peak_mb / ours.peak_mb:.1f}")
    ratios = [a / b - 1 for a, b in zip(values["jari"], values["scikit-learn"], strict=True)]
    for name, some in (("the first half of", ratios[: len(ratios) // 2]), ("all", ratios)):
        print(f"our singular values ÷ theirs, {name} {len(ratios)}: from {min(some):+.3%} to {max(some):+.3%}")
    print(
        "Random projections find singular values that are too small, never too large: the larger are the nearer ones."
    )


def _ours(options: argparse.Namespace) -> dict[str, Any]:
    from jari.learn.lsa import LSA

    learner = LSA(dim=options.dim, iterations=options.iterations, tokenizer="whitespace", random_state=1)
    learner.fit(options.text)
    learner.embedding_.save(options.folder / "jari.jari", force=True)
    return {"singular_values": learner.singular_values_.tolist()}


def _theirs(options: argparse.Namespace) -> dict[str, Any]:
    import numpy as np
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    import jari

    words = list(jari.load(options.folder / "jari.jari").keys)
    pipeline = make_pipeline(
        TfidfVectorizer(vocabulary=words, token_pattern=r"\S+", lowercase=False, dtype=np.float32),
        TruncatedSVD(options.dim, n_iter=options.iterations, random_state=1),
    )
    with options.text.open(encoding="utf-8") as lines:
        pipeline.fit_transform(lines)
    svd = pipeline[-1]
    vectors = svd.components_.T * np.sqrt(svd.singular_values_)
    jari.Embedding(words, vectors).save(options.folder / "scikit-learn.jari", force=True)
    return {"singular_values": svd.singular_values_.tolist()}


def _quality(path: Path, evaluation: Path) -> str:
    measures = json.loads(measured("benchmarks.quality", [path, evaluation.resolve()]).output)
    return ", ".join(f"{name} {value:.3f}" for name, value in measures.items() if isinstance(value, float))


if __name__ == "__main__":
    main()
