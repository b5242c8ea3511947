import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jari.kernels import best
from jari.kernels.reference import best as twin


class Stream:
    """Blocks of scores, for some users, with ties and items that were seen."""

    def __init__(self, seed, k, users=5, items=300, width=130):
        draw = np.random.default_rng(seed)
        # Few different values, in random order: ties everywhere.
        self.scores = draw.integers(-20, 20, (users, items)).astype(np.float32)
        self.items = draw.permutation(items)
        seen = [np.sort(draw.choice(items, n, replace=False)) for n in draw.integers(0, items, users)]
        self.seen = np.concatenate(seen).astype(np.int32)
        self.starts = np.concatenate([[0], np.cumsum([len(one) for one in seen])])
        self.k, self.width = k, width

    def run(self, module):
        users, items = self.scores.shape
        heap = np.full((users, self.k), -np.inf, np.float32)
        places = np.full((users, self.k), np.iinfo(np.int64).max)
        who = np.array([3, 0, 4])
        for first in range(0, items, self.width):
            block = np.ascontiguousarray(self.scores[np.ix_(who, self.items[first : first + self.width])])
            module.take_best(block, 3, self.items, first, who, self.seen, self.starts, heap, places)
        module.sort_best(heap, places, 0, users)
        return heap, places


@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
@settings(max_examples=50, deadline=None)
def test_kernel_is_twin(seed, k):
    stream = Stream(seed, k)
    for found, wanted in zip(stream.run(best), stream.run(twin), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_twin_is_the_definition():
    stream = Stream(1, 4)
    heap, places = stream.run(twin)
    seen = set(stream.seen[: stream.starts[1]].tolist())
    ranked = sorted((-stream.scores[0, i], i) for i in range(300) if i not in seen)[:4]
    assert [(-s, p) for s, p in zip(heap[0], places[0], strict=True)] == ranked
    assert np.isneginf(heap[1]).all()  # nobody asked for this user
