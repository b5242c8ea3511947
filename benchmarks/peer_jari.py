"""Our training alone: ``python -m benchmarks.peer_jari CORPUS JSON``, the parameters of `Word2Vec` in the JSON.

The corpus is encoded already, and the kernels are loaded, by a fit of a few words that is not counted. Prints
how long the training took, and the first and the last learning rate.
"""

from __future__ import annotations

import json
import sys
import time

import jari


def main() -> None:
    """Learn, say how long it took."""
    folder, given = sys.argv[1:]
    parameters = json.loads(given)
    jari.Word2Vec(**parameters | {"epochs": 1, "min_count": 1}).fit(["one two three four"] * 100)
    corpus = jari.Corpus.open(folder)
    learner = jari.Word2Vec(**parameters)
    began = time.perf_counter()
    learner.fit(corpus)
    seconds = time.perf_counter() - began
    used = learner.embedding_.metadata["parameters"]
    print(json.dumps({"training": seconds, "rates": [used["learning_rate"], used["min_learning_rate"]]}))


if __name__ == "__main__":
    main()
