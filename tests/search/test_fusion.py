from jari.search.fusion import SMOOTHING, TEXT_WEIGHT, depth, fused
from jari.search.records import Hit


def hits(ids, score=1.0):
    return [Hit(id, f"text {id}", score, id) for id in ids]


def test_by_hand():
    found = fused([hits("abc"), hits("cad")], k=9)
    # a: 1/61 + 1/62, c: 1/63 + 1/61, b: 1/62, d: 1/63
    assert [hit.id for hit in found] == ["a", "c", "b", "d"]
    assert [hit.score for hit in found] == [1 / 61 + 1 / 62, 1 / 63 + 1 / 61, 1 / 62, 1 / 63]
    assert found[0].text == "text a"


def test_scores_of_the_rankings_do_not_matter():
    assert fused([hits("ab", 1e9), hits("bc", -5)], 3) == fused([hits("ab"), hits("bc")], 3)


def test_ties_by_id():
    assert [hit.id for hit in fused([hits("ba"), hits("ab")], 2)] == ["a", "b"]
    assert [hit.id for hit in fused([hits("b"), hits("a")], 1)] == ["a"]


def test_nothing_to_fuse():
    assert fused([], 3) == fused([[], []], 3) == []
    assert [hit.id for hit in fused([hits("xy"), []], 1)] == ["x"]


def test_nobody_in_neither_ranking_could_be_among_the_best():
    for k in 1, 10, 100, 1000:
        assert (1 + TEXT_WEIGHT) / (SMOOTHING + depth(k) + 1) < 1 / (SMOOTHING + k)


def test_a_ranking_may_count_more():
    found = fused([hits("ab"), hits("bc")], 3, [1, 3])
    assert [(hit.id, hit.score) for hit in found] == [("b", 1 / 62 + 3 / 61), ("c", 3 / 62), ("a", 1 / 61)]
