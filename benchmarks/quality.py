"""How good vectors are, by the same measures whoever made them: ``python -m benchmarks.quality VECTORS EVALUATION``.

Prints Spearman's correlations, the share of analogies solved among the 30,000 most frequent words (3CosAdd), and the
place of *queen* in the answer to king - man + woman.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import jari
from jari.evaluate import analogies, read_analogies, read_pairs, similarity

SETS = {"wordsim353": "wordsim353.en.tsv", "simlex999": "simlex999.en.tsv", "analogies": "google-analogies.en.txt.gz"}
_LOOKED_AT = 1000  # answers; queen beyond them is nowhere


def main() -> None:
    """Measure, print JSON."""
    print(json.dumps(measures(jari.load(sys.argv[1]), Path(sys.argv[2]))))


def measures(embedding: jari.Embedding, folder: Path) -> dict[str, float | int | None]:
    """Every measure by its name, from the test sets in a folder."""
    found: dict[str, float | int | None] = {}
    for name in ("wordsim353", "simlex999"):
        found[name] = similarity(embedding, read_pairs(folder / SETS[name]), bootstrap=0).spearman
    found["analogies"] = analogies(embedding, read_analogies(folder / SETS["analogies"]), restrict=30_000).accuracy
    found["queen"] = place_of_queen(embedding)
    return found


def place_of_queen(embedding: jari.Embedding) -> int | None:
    """1 is first."""
    if not all(word in embedding for word in ("king", "man", "woman", "queen")):
        return None
    answers = list(embedding.solve("king - man + woman", k=min(_LOOKED_AT, len(embedding) - 3)).keys)
    return answers.index("queen") + 1 if "queen" in answers else None


if __name__ == "__main__":
    main()
