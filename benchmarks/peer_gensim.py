"""gensim's side: ``python -m benchmarks.peer_gensim TEXT OUT JSON``, the parameters of its `Word2Vec` in the JSON.

Prints how long the training took, of the whole process, and the first and the last learning rate.
"""

from __future__ import annotations

import json
import sys
import time

from gensim.models import Word2Vec
from gensim.models.callbacks import CallbackAny2Vec


class Clock(CallbackAny2Vec):
    """From the vocabulary's being built to the end of the last epoch."""

    def on_train_begin(self, model: Word2Vec) -> None:
        self.began = time.perf_counter()

    def on_train_end(self, model: Word2Vec) -> None:
        self.seconds = time.perf_counter() - self.began


def main() -> None:
    """Learn, save."""
    text, out, parameters = sys.argv[1:]
    clock = Clock()
    model = Word2Vec(corpus_file=text, callbacks=(clock,), **json.loads(parameters))
    model.wv.save_word2vec_format(out, binary=True)
    print(json.dumps({"training": clock.seconds, "rates": [model.alpha, model.min_alpha]}))


if __name__ == "__main__":
    main()
