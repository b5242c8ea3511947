"""Retrieval quality: are the documents that people judged relevant found, and are they at the top?

A *run* holds, for each query, the documents that a search answered, the best first; *judgements* (TREC's qrels) hold,
for each query, the grade that people gave some documents: 0 or less for "not relevant".
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, TypeAlias

from jari.errors import BadInput
from jari.evaluate.estimates import Difference, Estimate, differences, estimates
from jari.evaluate.ranking import Grades, count_relevant, measure_named

Judgements: TypeAlias = Mapping[str, Grades]  # query → document → grade
Ranking: TypeAlias = Sequence[tuple[str, float]]  # documents with their scores, the best first
Run: TypeAlias = Mapping[str, Ranking]  # query → ranking

MEASURES: Final = ("nDCG@10", "MAP", "Recall@100", "MRR")
_TOP = 10  # answers of which it is said how many were judged at all


@dataclass(frozen=True, slots=True)
class RetrievalResult:
    """How good one run is.

    Parameters
    ----------
    name
        Of the run.
    estimates
        From the name of each measure to its mean over `queries`.
    queries
        Those that were averaged over: all that have a relevant document, in the order of the judgements.
    values
        From the name of each measure to its value for each of `queries`.
    irrelevant
        Judged queries without a relevant document: there is nothing to be found, and they are left out.
    unanswered
        Queries among `queries` for which the run has no document. They count 0.
    unjudged
        Queries of the run that nobody judged. They are left out.
    judged
        The share of the first ten answers that were judged at all; the others count as not relevant.
    missing
        Relevant documents, each counted once, that are not among the `documents` that could be found. None where these
        were not given.
    """

    name: str
    estimates: Mapping[str, Estimate]
    queries: tuple[str, ...]
    values: Mapping[str, tuple[float, ...]] = field(repr=False)
    irrelevant: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    judged: float = 0.0
    missing: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The same as a dictionary that `json.dumps` takes, without the values of single queries."""
        told = asdict(self) | {"queries": len(self.queries)}
        del told["values"]
        return told | {name: list(told[name]) for name in ("irrelevant", "unanswered", "unjudged")}


def retrieval(
    run: Run,
    judgements: Judgements,
    *,
    measures: Sequence[str] = MEASURES,
    relevant: int = 1,
    documents: Collection[str] | None = None,
    name: str = "run",
    bootstrap: int = 1000,
    random_state: int = 0,
) -> RetrievalResult:
    """Measure a run, as trec_eval does with ``-c``: a query that is not answered counts 0.

    Parameters
    ----------
    run
        From queries to documents with scores. Their order counts, scores do not: of documents with equal scores the
        one that stands first is the better one. (trec_eval orders them by their names, from the last to the first.)
    judgements
        From queries to documents to grades. Documents that were not judged are taken as not relevant.
    measures
        Names, as `measure_named` takes them.
    relevant
        The least grade of a relevant document, for all measures but nDCG, which weighs every grade above 0.
    documents
        All that could be found, for counting relevant ones that could not.
    name
        What to call the run.
    bootstrap
        Samples of the queries for the intervals; 0 leaves the intervals out.
    random_state
        Seed of the bootstrap.

    Raises
    ------
    BadInput
        A query with the same document twice, no relevant document in any judgement, no query that is in both the run
        and the judgements, a measure that there is none.

    Examples
    --------
    >>> run = {"1": [("a", 9.0), ("b", 8.5)], "2": [("b", 3.0), ("c", 1.0)]}
    >>> found = retrieval(run, {"1": {"a": 1}, "2": {"a": 0, "c": 2}, "3": {"b": 0}}, measures=["MRR"])
    >>> found.estimates["MRR"].mean, found.irrelevant
    (0.75, ('3',))
    """
    if relevant < 1:
        raise BadInput(f"relevant={relevant}: grades of 0 or less say 'not relevant'. Give 1 or more.")
    asked = {one: measure_named(one, relevant) for one in measures}
    rankings = {query: _documents(query, ranking) for query, ranking in run.items()}
    queries = tuple(query for query, grades in judgements.items() if count_relevant(grades, relevant))
    if not queries:
        raise BadInput(f"The judgements call no document relevant: no grade is {relevant} or more.")
    if not rankings.keys() & judgements.keys():
        raise BadInput(
            f"No query of the run is in the judgements: the run has {_some(rankings)}, "
            f"the judgements {_some(judgements)}."
        )
    values = {
        one: tuple(measure(rankings.get(query, ()), judgements[query]) for query in queries)
        for one, measure in asked.items()
    }
    top = [(document, query) for query in queries for document in rankings.get(query, ())[:_TOP]]
    wanted = {document for query in queries for document, grade in judgements[query].items() if grade >= relevant}
    return RetrievalResult(
        name,
        estimates(values, bootstrap=bootstrap, random_state=random_state),
        queries,
        values,
        irrelevant=tuple(query for query in judgements if query not in set(queries)),
        unanswered=tuple(query for query in queries if not rankings.get(query)),
        unjudged=tuple(query for query in rankings if query not in judgements),
        judged=sum(document in judgements[query] for document, query in top) / max(1, len(top)),
        missing=None if documents is None else len(wanted.difference(documents)),
    )


def compare_runs(
    first: RetrievalResult, second: RetrievalResult, *, samples: int = 10_000, random_state: int = 0
) -> dict[str, Difference]:
    """Is the first run better than the second, or was it luck with the queries?

    The two answered the same queries, so each query gives a difference. If the runs were equally good, each difference
    could as well have had the other sign: `p` is how often signs drawn at random give a mean as far from 0 as the one
    seen (Fisher's randomisation test; Smucker, Allan & Carterette 2007, *A Comparison of Statistical Significance Tests
    for Information Retrieval Evaluation*).

    Parameters
    ----------
    first, second
        From `retrieval`, with the same judgements and measures.
    samples
        Of signs, and of queries for the interval.
    random_state
        Seed of both.

    Returns
    -------
    differences
        From the name of each measure that both have.

    Raises
    ------
    BadInput
        They are not about the same queries, or there are no samples.

    Examples
    --------
    >>> judged = {str(query): {"right": 1} for query in range(20)}
    >>> right = retrieval({query: [("right", 1.0)] for query in judged}, judged, measures=["MRR"])
    >>> wrong = retrieval({query: [("wrong", 1.0)] for query in judged}, judged, measures=["MRR"])
    >>> found = compare_runs(right, wrong)["MRR"]
    >>> found.mean, found.p < 0.001
    (1.0, True)
    """
    if first.queries != second.queries:
        raise BadInput(
            f"{first.name} was measured with {len(first.queries):,} queries, {second.name} with "
            f"{len(second.queries):,}, and they are not the same ones: give both the same judgements."
        )
    return differences(first.values, second.values, samples=samples, random_state=random_state)


def _documents(query: str, ranking: Ranking) -> list[str]:
    """The documents of a ranking, each once."""
    found = [document for document, _ in ranking]
    if len(set(found)) < len(found):
        twice = next(document for document in found if found.count(document) > 1)
        raise BadInput(
            f"Query {query!r}: the document {twice!r} stands in its answers more than once. Give each document once: "
            "of passages the best."
        )
    return found


def _some(names: Collection[str]) -> str:
    """``'1', '2', '3', …``"""
    shown = ", ".join(repr(name) for name in itertools.islice(names, 3))
    return shown + ", …" * (len(names) > 3) if names else "none"
