"""How good vectors are with other parameters: ``python -m benchmarks.choices CORPUS EVALUATION [NAME=VALUE …]``.

The figures of docs/decisions/0003-walk.md. CORPUS is a folder of `jari encode`; NAME=VALUE any parameter of `Word2Vec`,
in JSON. ``--group`` and ``--noise`` change how many centres share how many noise words. A line a seed, then the means.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

import jari
from benchmarks.quality import measures
from jari.learn import negative


def main() -> None:
    """Learn with every seed, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("evaluation", type=Path)
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="1 to N")
    parser.add_argument("--group", type=int, metavar="G")
    parser.add_argument("--noise", type=int, metavar="K")
    given = parser.parse_intermixed_args()
    if given.group is not None:
        negative.SKIPGRAM_GROUP = negative.CBOW_GROUP = given.group
    if given.noise is not None:
        negative.shared_noise = lambda _negative, _is_cbow: given.noise
    parameters = {name: _value(value) for name, _, value in (one.partition("=") for one in given.parameters)}
    found = []
    with jari.Corpus.open(given.corpus) as corpus:
        for seed in range(1, given.seeds + 1):
            embedding = jari.Word2Vec(**parameters, random_state=seed).fit(corpus).embedding_
            found.append(measures(embedding, given.evaluation))
            print(json.dumps({"seed": seed, **found[-1]}), flush=True)
    means = {name: float(np.mean([one[name] for one in found])) for name in found[0] if name != "queen"}
    print(json.dumps({"mean": means, "queen first": sum(one["queen"] == 1 for one in found)}))


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


if __name__ == "__main__":
    main()
