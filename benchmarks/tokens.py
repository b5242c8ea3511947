"""The text that both sides read: ``python -m benchmarks.tokens MEGABYTES OUT``.

Tokenised once by our `words`: the tokens apart by spaces, a paragraph a line. Prints how many.
"""

from __future__ import annotations

import json
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import jari
from benchmarks.ingest import text_file


def main() -> None:
    """Write the file."""
    megabytes, out = int(sys.argv[1]), Path(sys.argv[2])
    lines = 0
    with tempfile.TemporaryDirectory() as folder:
        source = text_file(megabytes, Path(folder))
        with jari.encode(source, tokenizer="words", min_count=1) as corpus, out.open("w", encoding="utf-8") as stream:
            keys, bounds = corpus.vocabulary.keys, corpus.offsets.tolist()
            for start, stop in pairwise(bounds):
                if stop > start:
                    stream.write(" ".join([keys[i] for i in corpus.ids[start:stop].tolist()]) + "\n")
                    lines += 1
            tokens = len(corpus)
    print(json.dumps({"tokens": tokens, "lines": lines}))


if __name__ == "__main__":
    main()
