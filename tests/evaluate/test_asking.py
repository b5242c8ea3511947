"""From a search to a run."""

from __future__ import annotations

import pytest

from jari.errors import BadInput
from jari.evaluate.asking import ask
from jari.search.records import Hit


class Shelf:
    """Twenty documents of ten passages each; the passages of the first document come first, and so on."""

    def __init__(self, documents=20, each=10):
        self.hits = [
            Hit(f"d{one}#{part}", "", 1000.0 - one * each - part, f"d{one}")
            for one in range(documents)
            for part in range(each)
        ]
        self.asked = []

    def __call__(self, text, k):
        self.asked.append((text, k))
        return self.hits[:k]


def test_documents_rank_as_their_best_passages():
    run = ask(Shelf(), {"1": "wings", "2": "slabs"}, k=3).run
    assert run == {query: [("d0", 1000.0), ("d1", 990.0), ("d2", 980.0)] for query in ("1", "2")}


def test_more_passages_are_asked_for_until_there_are_documents_enough():
    shelf = Shelf()
    ask(shelf, {"1": "wings", "2": "slabs"}, k=3)
    assert shelf.asked == [("wings", 3), ("wings", 6), ("wings", 12), ("wings", 24), ("slabs", 24)]


def test_it_ends_where_there_are_no_more():
    shelf = Shelf(documents=4)
    assert len(ask(shelf, {"1": "wings"}, k=5).run["1"]) == 4
    assert shelf.asked[-1] == ("wings", 80)
    assert ask(lambda text, k: [], {"1": "wings"}).run == {"1": []}


def test_whole_documents_are_asked_for_once():
    shelf = Shelf(each=1)
    assert len(ask(shelf, {"1": "wings"}, k=10).run["1"]) == 10
    assert shelf.asked == [("wings", 10)]


def test_the_last_answer_counts_where_scores_depend_on_k():
    def search(text, k):  # as a hybrid does, which looks further down for more
        hits = [Hit("a#1", "", 1.0 / k, "a"), Hit("a#2", "", 0.5 / k, "a"), Hit("b#1", "", 0.1 / k, "b")]
        return hits[:k]

    assert ask(search, {"1": "wings"}, k=2).run == {"1": [("a", 0.25), ("b", 0.025)]}


def test_progress_is_told():
    told = []
    ask(Shelf(), {str(one): "wings" for one in range(5)}, k=1, stage="asking: text", callback=told.append)
    assert (told[0].stage, told[0].total, told[0].unit) == ("asking: text", 5, "queries")
    assert told[-1].done == 5


def test_a_query_that_is_refused_is_told_and_the_others_go_on():
    def search(text, k):
        if text == "zxcv":
            raise BadInput("The encoder knows no word of the query: 'zxcv'.")
        return Shelf()(text, k)

    answers = ask(search, {"1": "wings", "2": "zxcv"}, k=1)
    assert answers.run == {"1": [("d0", 1000.0)], "2": []}
    assert answers.refused == {"2": "The encoder knows no word of the query: 'zxcv'."}
    with pytest.raises(BadInput, match=r"No query can be asked\. The encoder knows no word"):
        ask(search, {"1": "zxcv", "2": "zxcv"})


def test_what_cannot_be_asked():
    with pytest.raises(BadInput, match="k=0: ask for 1 document or more"):
        ask(Shelf(), {"1": "wings"}, k=0)
