"""How good search is on Cranfield: ``python -m benchmarks retrieval``.

What a `jari.Collection` answers by words, by vectors and by both; and, computed directly, BM25, tf-idf, LSA and pooled
skip-gram, each alone, and BM25 together with each. A row a system, with 95 % intervals over the 225 queries, and the
difference to BM25 with its odds (a randomisation test). The figures go to
benchmarks/results/retrieval.json; --table writes them into docs/retrieval.md, between the markers.

The skip-gram is learnt once from English Wikipedia and the 1,400 abstracts, and once more with five further passes over
the abstracts alone; both are kept in the folder that JARI_BENCHMARKS names (default: a temporary one).

--titles looks for each abstract by its title instead: a question without any judgement, for choosing parameters.
--peers computes BM25 with bm25s and rank_bm25 too, where they are installed.

Data: retrieval/cranfield and text/enwiki.txt.gz in the folder that JARI_DATA names (default: ../shared/data).
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import jari
from benchmarks import cranfield, rankers
from benchmarks.process import CHECKOUT
from benchmarks.rankers import Scores
from benchmarks.results import session
from benchmarks.retrieval_table import write
from jari.evaluate.asking import ask
from jari.evaluate.retrieval import RetrievalResult, compare_runs, retrieval
from jari.ingest.tokenizers import words
from jari.search.collection import Collection
from jari.search.records import Hit

RESULTS = CHECKOUT / "benchmarks" / "results" / "retrieval.json"
DEPTH = 1000  # documents of a run, as at TREC
DIM, WINDOW = 300, 10  # as the SIF paper has it; wide windows for topics, as Word2Vec's docstring says
LSA_DIM = 200
READINGS = {
    "Cleverdon": cranfield.CLEVERDON,
    "as written": cranfield.AS_WRITTEN,
    "binary": cranfield.BINARY,
    "-1 is best": {**cranfield.CLEVERDON, -1: 4},
}
TEXT = "BM25"


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--titles", action="store_true", help="look for abstracts by their titles instead")
    parser.add_argument("--peers", action="store_true", help="BM25 by other packages, too; kept nowhere")
    parser.add_argument("--table", action="store_true", help="measure nothing; write the table into docs/retrieval.md")
    parser.add_argument("--seed", type=int, default=1, help="of the skip-gram; only those of 1 are kept")
    parser.add_argument("--out", type=Path, default=RESULTS, metavar="FILE", help="the results")
    options = parser.parse_args()
    if options.table:
        write(json.loads(options.out.read_text("utf-8")), CHECKOUT / "docs" / "retrieval.md")
        return
    collection = cranfield.read()
    embeddings = {name: jari.load(path) for name, path in learnt(collection, options.seed).items()}
    if options.titles:
        by_titles(collection, embeddings)
        return
    documents, queries = list(collection.documents.values()), list(collection.queries.values())
    measured = Measured(collection, rankers.bm25(documents, queries))
    if options.peers:
        for name, scores in peers(documents, queries):
            measured.add(name, scores, hybrid=False)
    for name, scores in systems(documents, queries, embeddings):
        measured.add(name, scores)
    if options.seed == 1 and not options.peers:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        held = {
            "session": session(),
            "libraries": libraries(collection, paths_of(collection, options.seed)),
            "rows": measured.rows,
            "grades": measured.grades(),
        }
        options.out.write_text(json.dumps(held, indent=1, ensure_ascii=False) + "\n", "utf-8")


def systems(
    documents: list[str], queries: list[str], embeddings: dict[str, jari.Embedding]
) -> Iterator[tuple[str, Scores]]:
    """All but BM25 itself."""
    yield "tf-idf", rankers.tfidf(documents, queries)
    learner = jari.LSA(dim=LSA_DIM, random_state=1).fit(iter(documents))
    yield "LSA, documents", rankers.lsa(learner, queries)
    yield "LSA, words by SIF", rankers.pooled(learner.embedding_, "sif", documents, queries)
    for name, embedding in embeddings.items():
        for weights in ("mean", "tfidf", "sif"):
            yield f"{name}, {weights}", rankers.pooled(embedding, weights, documents, queries)


class Measured:
    """The rows of the table, printed as they come."""

    def __init__(self, collection: cranfield.Cranfield, text: Scores) -> None:
        self._collection, self._text = collection, text
        self._judgements = {name: collection.judgements(mapping) for name, mapping in READINGS.items()}
        self.rows: list[dict[str, Any]] = []
        self._first = self._results(TEXT, text)
        self._keep(TEXT, "alone", self._first)

    def add(self, name: str, scores: Scores, *, hybrid: bool = True) -> None:
        """A system alone and, unless told otherwise, together with BM25 in three ways."""
        self._keep(name, "alone", self._results(name, scores))
        if hybrid:
            for how, fused in (
                ("rrf", rankers.reciprocal_ranks(self._text, scores)),
                ("rrf, text twice", rankers.reciprocal_ranks(self._text, scores, weight=2)),
                ("shares", rankers.shares(self._text, scores)),
            ):
                self._keep(name, how, self._results(f"{name} {how}", fused))

    def grades(self) -> dict[str, dict[str, float]]:
        """What BM25 makes of documents of each code: where the median one stands, and how many are in the first ten."""
        ranks: dict[int, list[int]] = {}
        for query, row in zip(self._collection.codes, np.argsort(-self._text, axis=1, kind="stable"), strict=True):
            place = dict(
                zip(np.array(list(self._collection.documents))[row].tolist(), range(1, len(row) + 1), strict=True)
            )
            for document, code in self._collection.codes[query].items():
                ranks.setdefault(code, []).append(place[document])
        return {
            str(code): {
                "pairs": len(of),
                "median": float(np.median(of)),
                "first_ten": float(np.mean(np.array(of) <= 10)),
            }
            for code, of in sorted(ranks.items())
        }

    def _results(self, name: str, scores: Scores) -> dict[str, RetrievalResult]:
        names = list(self._collection.documents)
        run = {}
        for query, row in zip(self._collection.queries, scores, strict=True):
            order = np.argsort(-row, kind="stable")[:DEPTH]
            run[query] = [(names[i], float(row[i])) for i in order if row[i] != 0]
        return {
            reading: retrieval(run, judgements, name=name, bootstrap=1000 * (reading == "Cleverdon"))
            for reading, judgements in self._judgements.items()
        }

    def _keep(self, system: str, how: str, results: dict[str, RetrievalResult]) -> None:
        main = results["Cleverdon"]
        better = {
            reading: {measure: asdict(one) for measure, one in compare_runs(result, self._first[reading]).items()}
            for reading, result in results.items()
        }
        self.rows.append(
            {
                "system": system,
                "how": how,
                "estimates": {measure: asdict(one) for measure, one in main.estimates.items()},
                "better_than_bm25": better["Cleverdon"],
                "readings": {
                    reading: {
                        "nDCG@10": result.estimates["nDCG@10"].mean,
                        "MAP": result.estimates["MAP"].mean,
                        "better_by": better[reading]["nDCG@10"]["mean"],
                        "p": better[reading]["nDCG@10"]["p"],
                    }
                    for reading, result in results.items()
                },
            }
        )
        means = "  ".join(f"{measure} {one.mean:.4f}" for measure, one in main.estimates.items())
        more = "  ".join(
            f"{better['Cleverdon'][measure]['mean']:+.4f} (p {better['Cleverdon'][measure]['p']:.3f})"
            for measure in ("nDCG@10", "MAP")
        )
        print(f"{system:<34}{how:<17}{means}   {more}", flush=True)


def libraries(collection: cranfield.Cranfield, paths: dict[str, Path]) -> list[dict[str, Any]]:
    """What `jari.Collection` answers, by each encoder and in each mode: the product, and nothing computed beside it."""
    judgements = collection.judgements(cranfield.CLEVERDON)
    documents = [(name, text) for name, text in collection.documents.items()]
    rows: list[dict[str, Any]] = []
    text = None
    for encoder, path in paths.items():
        with tempfile.TemporaryDirectory() as folder, Collection.create(Path(folder) / "library", path) as library:
            library.add(documents)
            for mode in ("text", "vector", "hybrid"):
                if mode == "text" and text is not None:  # the same whatever makes the vectors
                    continue
                answers = ask(partial(_hits, library, mode), collection.queries, k=DEPTH)
                result = retrieval(answers.run, judgements, name=f"{encoder}, {mode}")
                text = result if mode == "text" else text
                rows.append(_library_row(encoder, mode, result, text))
    return rows


def _hits(library: Collection, mode: Any, query: str, k: int) -> list[Hit]:
    return library.search(query, k, mode=mode)


def _library_row(encoder: str, mode: str, result: RetrievalResult, text: RetrievalResult | None) -> dict[str, Any]:
    better = None if text is None or mode == "text" else compare_runs(result, text)
    means = "  ".join(f"{measure} {one.mean:.4f}" for measure, one in result.estimates.items())
    print(f"library: {encoder:<30}{mode:<10}{means}", flush=True)
    return {
        "system": encoder,
        "how": mode,
        "estimates": {measure: asdict(one) for measure, one in result.estimates.items()},
        "better_than_bm25": None if better is None else {measure: asdict(one) for measure, one in better.items()},
    }


def paths_of(collection: cranfield.Cranfield, seed: int) -> dict[str, Path]:
    """The embeddings that encode documents: words by LSA, and the skip-grams."""
    skipgrams = learnt(collection, seed)
    lsa = next(iter(skipgrams.values())).with_name(f"cranfield-lsa-{LSA_DIM}.jari")
    jari.LSA(dim=LSA_DIM, random_state=1).fit(iter(collection.documents.values())).embedding_.save(lsa, force=True)
    return {f"LSA, {LSA_DIM} dimensions": lsa, **skipgrams}


def learnt(collection: cranfield.Cranfield, seed: int) -> dict[str, Path]:
    """The skip-grams, learnt if they are not kept."""
    kept = Path(os.environ.get("JARI_BENCHMARKS", Path(tempfile.gettempdir()) / "jari-benchmarks")).resolve()
    english = Path(os.environ.get("JARI_DATA", "../shared/data")).resolve() / "text" / "enwiki.txt.gz"
    once, twice = (kept / f"cranfield-{DIM}-{WINDOW}-{seed}{more}.jari" for more in ("", "-continued"))
    if not twice.exists():
        if not english.is_file():
            sys.exit("There is no text/enwiki.txt.gz in the folder that JARI_DATA names (default: ../shared/data).")
        kept.mkdir(parents=True, exist_ok=True)
        abstracts = kept / "cranfield.txt"
        abstracts.write_text("\n".join(collection.documents.values()) + "\n", "utf-8")
        learner = jari.Word2Vec(dim=DIM, window=WINDOW, random_state=seed).fit([english, abstracts])
        learner.embedding_.save(once, force=True)
        learner.partial_fit(abstracts).embedding_.save(twice, force=True)
    return {"skip-gram": once, "skip-gram, continued": twice}


def by_titles(collection: cranfield.Cranfield, embeddings: dict[str, jari.Embedding]) -> None:
    """The mean reciprocal rank of each abstract, without its title, among all, when one looks for its title."""
    titles, bodies = zip(*collection.titles(), strict=True)
    text = rankers.bm25(bodies, titles)
    print(f"{len(titles)} titles; BM25 {_found(text):.4f}")
    for name, embedding in embeddings.items():
        for components in (0, 1, 2):
            for a in (1e-2, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5):
                vector = rankers.pooled_sif(embedding, a, components, bodies, titles)
                fused = (
                    rankers.reciprocal_ranks(text, vector),
                    rankers.reciprocal_ranks(text, vector, weight=2),
                    rankers.shares(text, vector),
                )
                figures = "  ".join(f"{_found(scores):.4f}" for scores in (vector, *fused))
                print(
                    f"{name:<22}a {a:<8g}{components} taken away   alone, rrf, rrf 2:1, shares  {figures}", flush=True
                )


def _found(scores: Scores) -> float:
    own = np.diagonal(scores)[:, None]
    return float((1 / (1 + (scores > own).sum(axis=1))).mean())


def peers(documents: list[str], queries: list[str]) -> Iterator[tuple[str, Scores]]:
    """BM25 as others have it."""
    held, asked = [words(text) for text in documents], [words(text) for text in queries]
    for package in ("bm25s", "rank_bm25"):
        try:
            module = importlib.import_module(package)
        except ImportError:
            print(f"{package} is not installed.")
            continue
        if package == "bm25s":
            index = module.BM25(k1=rankers.K1, b=rankers.B, method="lucene")
            index.index(held, show_progress=False)
        else:
            index = module.BM25Okapi(held, k1=rankers.K1, b=rankers.B)
        yield package, np.array([index.get_scores(one) for one in asked], dtype=np.float64)


if __name__ == "__main__":
    main()
