"""Korean by morphemes: ``python -m benchmarks.korean TEXT [EVALUATION] [--seeds N]``.

TEXT is text/kowiki.txt.gz; it is encoded with Kiwi's morphemes (some minutes), then skip-gram learns with each seed and
answers 한국 - 서울 + 도쿄. A line of JSON a seed: the answers, and with EVALUATION Spearman on the Korean WordSim353.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import jari
from jari.evaluate import read_pairs, similarity


def main() -> None:
    """Encode, learn, ask."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text", help="a text file, or a folder of `jari encode --tokenizer kiwi`")
    parser.add_argument("evaluation", type=Path, nargs="?")
    parser.add_argument("--seeds", type=int, default=3, metavar="N", help="1 to N")
    given = parser.parse_args()
    began = time.perf_counter()
    encoded = Path(given.text).is_dir()
    with jari.Corpus.open(given.text) if encoded else jari.encode(given.text, tokenizer="kiwi") as corpus:
        print(json.dumps({"morphemes": len(corpus), "seconds of encoding": time.perf_counter() - began}), flush=True)
        for seed in range(1, given.seeds + 1):
            embedding = jari.Word2Vec(random_state=seed).fit(corpus).embedding_
            said = {"seed": seed, "answers": list(embedding.solve("한국 - 서울 + 도쿄", k=3).keys)}
            if given.evaluation is not None:
                said["wordsim353"] = similarity(embedding, read_pairs(given.evaluation / "wordsim353.ko.csv")).spearman
            print(json.dumps(said, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
