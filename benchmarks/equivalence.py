"""The picture of docs/equivalence.md: ``python -m benchmarks.equivalence CORPUS docs/equivalence.png``.

Learns skip-gram with and without thinning out frequent words, counts the same pairs, and draws the products of vectors
over the PMI of their pairs. CORPUS is a folder of `jari encode`.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

import jari
from jari.evaluate.agreement import PMIAgreement, pmi_agreement
from jari.ingest.cooccurrence import Cooccurrence

NEGATIVE = 5
LEARNERS: dict[str, tuple[dict[str, Any], float]] = {  # and the smoothing of the PMI to compare with
    "as the theorem has it": ({"sample": 0, "noise_exponent": 1.0}, 1.0),
    "noise words ∝ count^0.75": ({"sample": 0}, 0.75),
    "frequent words thinned out too": ({}, 1.0),
}


def main() -> None:
    """Learn, compare, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--min-count", type=float, default=100)
    given = parser.parse_args()
    found = {}
    with jari.Corpus.open(given.corpus) as corpus:
        counts = Cooccurrence.of(corpus, window=5)
        for name, (parameters, smoothing) in LEARNERS.items():
            learner = jari.Word2Vec(negative=NEGATIVE, epochs=given.epochs, random_state=1, **parameters).fit(corpus)
            found[name] = pmi_agreement(
                learner.embedding_, counts, negative=NEGATIVE, smoothing=smoothing, min_count=given.min_count
            )
            print(json.dumps({"learner": name, **found[name].to_dict()}), flush=True)
    draw(found, given.picture)


def draw(found: dict[str, PMIAgreement], out: Path) -> None:
    """A panel a learner; how many pairs lie at a place is its darkness."""
    figure = Figure(figsize=(3.6 * len(found), 3.9), layout="constrained")
    low = min(float(np.percentile(one.pmi, 0.1)) for one in found.values())
    high = max(float(np.percentile(one.pmi, 99.9)) for one in found.values())
    for axes, (name, one) in zip(figure.subplots(1, len(found), sharey=True), found.items(), strict=True):
        axes.hexbin(one.pmi, one.scores, gridsize=50, bins="log", cmap="Blues", extent=(low, high, low, high), lw=0.1)
        axes.plot([low, high], [low, high], color="tab:red", lw=0.8)
        axes.set_title(f"{name}\nPearson {one.pearson:.2f}, Spearman {one.spearman:.2f}", fontsize=8.5)
        axes.set_xlabel(f"PMI − log {NEGATIVE}")
        axes.set_xlim(low, high)
        axes.set_ylim(low, high)
    figure.axes[0].set_ylabel("w · c")
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=80)
    Image.open(picture).convert("RGB").quantize(64).save(out, optimize=True)  # a third of the bytes


if __name__ == "__main__":
    main()
