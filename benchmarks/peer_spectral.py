"""PPMI and SVD as one writes them with SciPy and scikit-learn: ``python -m benchmarks.peer_spectral TEXT OUT JSON``.

Pairs are counted in a dictionary, weighted in arrays, decomposed by `TruncatedSVD` with its own defaults. OUT is a file
of vectors, named as its format. Prints the seconds of each step.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from sklearn.decomposition import TruncatedSVD

from jari import Embedding
from jari.embedding.formats.registry import write


def main() -> None:
    """Count, weigh, decompose, save."""
    text, out, given = sys.argv[1:]
    options = json.loads(given)
    clock = [time.perf_counter()]
    words, counts = counted(Path(text), options["window"], options["min_count"])
    clock.append(time.perf_counter())
    matrix = ppmi(counts, len(words))
    clock.append(time.perf_counter())
    svd = TruncatedSVD(options["dim"], random_state=1)
    vectors = svd.fit_transform(matrix) / np.sqrt(svd.singular_values_)  # U Σ^½ from U Σ
    clock.append(time.perf_counter())
    write(Embedding(words, vectors), out)
    steps = dict(zip(("counting", "ppmi", "svd"), np.diff(clock).tolist(), strict=True))
    print(json.dumps({**steps, "pairs": len(counts), "share": float((svd.singular_values_**2).sum())}))


def counted(text: Path, window: int, min_count: int) -> tuple[list[str], dict[tuple[int, int], float]]:
    """The words, the most frequent first, and how often each pair stands together, near ones counting more."""
    sentences = [line.split() for line in text.open(encoding="utf-8")]
    frequent = Counter(word for sentence in sentences for word in sentence)
    words = [word for word, count in frequent.most_common() if count >= min_count]
    row = {word: number for number, word in enumerate(words)}
    counts: dict[tuple[int, int], float] = defaultdict(float)
    for sentence in sentences:
        ids = [row[word] for word in sentence if word in row]
        for i, word in enumerate(ids):
            for j in range(max(0, i - window), i):
                weight = (window + 1 - (i - j)) / window
                counts[word, ids[j]] += weight
                counts[ids[j], word] += weight
    return words, counts


def ppmi(counts: dict[tuple[int, int], float], n: int) -> coo_array:
    """Positive pointwise mutual information."""
    rows, columns = np.array(list(counts.keys())).T
    values = np.array(list(counts.values()))
    sums = np.bincount(rows, values, n)
    values = np.log(values * sums.sum() / (sums[rows] * sums[columns]))
    above = values > 0
    kept = values[above].astype(np.float32)  # half the time of float64
    return coo_array((kept, (rows[above], columns[above])), shape=(n, n)).tocsr()


if __name__ == "__main__":
    main()
