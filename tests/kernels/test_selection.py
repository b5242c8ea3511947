"""Selection: the kernel against its twin, and the twin against the definition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jari.kernels import selection
from jari.kernels.reference import selection as twin


@given(st.integers(1, 5), st.integers(1, 300), st.integers(0, 400), st.integers(0, 9), st.data())
def test_the_kernel_is_its_twin_and_the_definition(m, n, room, seed, data):
    begin = data.draw(st.integers(0, n))
    end = data.draw(st.integers(begin, n))
    generator = np.random.default_rng(seed)
    products = generator.integers(-4, 5, (m, n)).astype(np.float32)  # small whole numbers: nothing is rounded
    products[generator.random((m, n)) < 0.05] = np.nan
    by_query, bar = generator.integers(0, 3, (2, m)).astype(np.float32)
    by_place, plus = generator.integers(0, 3, (2, n)).astype(np.float32)
    found = []
    for module in (selection, twin):
        queries, places = np.full((2, room), -7)
        count = module.reaching(products, begin, end, by_query, by_place, plus, bar, queries, places)
        found.append((count, queries.tolist(), places.tolist()))
    assert found[0] == found[1]
    expected = [
        (q, j)
        for q in range(m)
        for j in range(begin, end)
        if float(products[q, j]) * by_query[q] * by_place[j] + plus[j] >= bar[q]
    ]
    kept = expected[:room]
    empty = [-7] * (room - len(kept))
    assert found[0] == (len(expected), [q for q, _ in kept] + empty, [j for _, j in kept] + empty)
