"""Splits: what is learnt from is never what is asked for, and what cannot be used is counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from scipy.sparse import coo_array

from jari.errors import BadInput
from jari.ingest.interactions import Interactions
from jari.ingest.splits import Split, by_time, by_user, leave_one_out


def made(triples, **more):
    """Interactions of (user, item, weight, time)."""
    users = sorted({user for user, *_ in triples})
    items = sorted({item for _, item, *_ in triples})
    at = [(users.index(user), items.index(item)) for user, item, *_ in triples]
    order = sorted(range(len(at)), key=lambda i: at[i])
    rows, columns = np.array([at[i] for i in order]).T
    weights = np.array([triples[i][2] for i in order], np.float32)
    matrix = coo_array((weights, (rows, columns)), shape=(len(users), len(items))).tocsr()
    return Interactions(users, items, matrix, times=[triples[i][3] for i in order], **more)


def told(interactions):
    """(user, item) → (weight, time)."""
    matrix = interactions.matrix.tocoo()
    times = [None] * matrix.nnz if interactions.times is None else interactions.times.tolist()
    keys = zip(interactions.users.keys[matrix.row], interactions.items.keys[matrix.col], strict=True)
    return dict(zip(keys, zip(matrix.data.tolist(), times, strict=True), strict=True))


def random_films(seed=0, users=40, items=25, entries=300):
    rng = np.random.default_rng(seed)
    cells = rng.choice(users * items, entries, replace=False)
    return made([(f"u{c // items:02}", f"i{c % items:02}", float(1 + c % 5), float(rng.integers(50))) for c in cells])


def check(split: Split, source: Interactions) -> None:
    """What every split promises."""
    train, given, wanted, all_ = told(split.train), told(split.given), told(split.wanted), told(source)
    assert train.items() <= all_.items()  # weights and times are still those of their entries
    assert given.items() <= all_.items()
    assert wanted.items() <= all_.items()
    assert not train.keys() & wanted.keys()
    assert not given.keys() & wanted.keys()
    assert list(split.given.users) == list(split.wanted.users)
    assert list(split.given.items) == list(split.wanted.items) == list(split.train.items)
    for part in (split.given, split.wanted):
        assert np.diff(part.matrix.indptr).min() >= 1
    for part in (split.train, split.given, split.wanted):
        assert part.matrix.has_canonical_format
        assert part.users.counts.tolist() == np.diff(part.matrix.indptr).tolist()
        assert part.items.counts.tolist() == np.bincount(part.matrix.indices, minlength=part.shape[1]).tolist()
    for one in (split.train.users, split.train.items):
        assert one.counts.min() >= 1
        assert list(one) == [key for _, key in sorted(zip((-one.counts).tolist(), one, strict=True))]


@settings(max_examples=40, deadline=None)
@drawn(st.integers(0, 10_000), st.integers(150, 600))
def test_each_split_keeps_its_promises(seed, entries):
    films = random_films(seed, entries=entries)
    for split in (by_user(films, random_state=seed), by_time(films), leave_one_out(films, random_state=seed)):
        check(split, films)


def test_held_out_users_are_not_learnt():
    films = random_films()
    split = by_user(films, random_state=3)
    assert not set(split.train.users) & set(split.given.users)
    assert len(split.train.users) + len(split.given.users) == len(films.users)
    assert split.kind == "users"
    assert told(split.train).keys() | told(split.given).keys() | told(split.wanted).keys() == told(films).keys()


def test_folds_hold_every_user_out_once():
    films = random_films()
    held = [set(by_user(films, fold=fold, folds=4).given.users) for fold in range(4)]
    assert sum(map(len, held)) == len(set().union(*held)) == len(films.users)
    blocks = [set(by_user(films, fold=fold, users=7).given.users) for fold in range(5)]
    assert [*map(len, blocks)] == [7] * 5
    assert len(set().union(*blocks)) == 35
    assert len(by_user(films, users=0.25).given.users) == 10


def test_a_fifth_is_wanted_rounded_down_but_one_at_least():
    lengths = [2, 3, 4, 5, 9, 10, 14, 15, 20]
    films = made([(f"u{n:02}", f"i{i:02}", 1.0, 0.0) for n in lengths for i in range(n)] + [("z", "i00", 1.0, 0.0)] * 1)
    everybody = [by_user(films, fold=fold, folds=3) for fold in range(3)]
    wanted = {
        user: int(count)
        for split in everybody
        for user, count in zip(split.wanted.users, np.diff(split.wanted.matrix.indptr), strict=True)
    }
    # Who has 20 is the only one with the last items: they are not in train where that user is held out.
    assert wanted == {"u02": 1, "u03": 1, "u04": 1, "u05": 1, "u09": 1, "u10": 2, "u14": 2, "u15": 3, "u20": 3}
    assert sum(split.dropped.get("entries of items that nobody in train has", 0) for split in everybody) == 5
    assert all(split.dropped["users with one entry, who are only learnt from"] == 1 for split in everybody)
    assert all("z" in split.train.users for split in everybody)


def test_what_is_given_is_drawn_at_random():
    films = made([(f"u{u:03}", f"i{i}", 1.0, 0.0) for u in range(200) for i in range(5)])
    wanted = np.bincount(by_user(films, folds=2, random_state=1).wanted.matrix.indices, minlength=5)
    assert wanted.sum() == 100
    assert wanted.min() > 8  # 20 expected, a deviation of 4


def test_the_same_seed_gives_the_same_split():
    films = random_films()
    first, again, other = (told(by_user(films, random_state=seed).wanted) for seed in (1, 1, 2))
    assert first == again != other
    assert told(leave_one_out(films, random_state=1).wanted) == told(leave_one_out(films, random_state=1).wanted)


def test_held_out_users_can_validate_too():
    split = by_user(random_films(), random_state=0)
    inner = by_user(split.train, random_state=0)
    check(inner, split.train)
    assert not set(inner.given.users) & set(split.given.users)


HISTORY = [
    ("ann", "Up", 1.0, 1.0),
    ("ann", "Heat", 2.0, 2.0),
    ("ann", "Jaws", 3.0, 8.0),
    ("ann", "New", 1.0, 9.0),
    ("bob", "Jaws", 4.0, 3.0),
    ("bob", "Up", 5.0, 4.0),
    ("cat", "Up", 1.0, 9.0),
    ("dan", "Up", 1.0, 1.0),
    ("dan", "New", 2.0, 7.0),
]


def test_a_moment_parts_what_was_from_what_came():
    split = by_time(made(HISTORY), since=7)
    assert split.kind == "time"
    assert told(split.train).keys() == {
        ("ann", "Up"),
        ("ann", "Heat"),
        ("bob", "Jaws"),
        ("bob", "Up"),
        ("dan", "Up"),
    }
    assert told(split.given) == {("ann", "Up"): (1.0, 1.0), ("ann", "Heat"): (2.0, 2.0)}
    assert told(split.wanted) == {("ann", "Jaws"): (3.0, 8.0)}
    assert split.dropped == {
        "users of whom nothing is known before": 1,  # cat
        "users with nothing to foretell": 2,  # bob has nothing later; of dan's there is only what nobody had before
        "items that nobody in train has": 1,
        "entries of items that nobody in train has": 2,
    }


def test_the_latest_share_is_wanted_with_what_is_of_the_same_time():
    films = made([("ann", f"i{i}", 1.0, float(min(i, 7))) for i in range(10)] + [("bob", "i8", 1.0, 0.0)])
    assert by_time(films, wanted=0.1).wanted.users.counts.tolist() == [1]
    assert told(by_time(films, wanted=0.1).wanted) == {("ann", "i8"): (1.0, 7.0)}  # i7 and i9 are of ann alone
    assert len(by_time(films, wanted=0.3).train) == 8


def test_one_is_left_out_the_latest():
    split = leave_one_out(made(HISTORY))
    assert split.kind == "leave-one-out"
    # ann's and dan's last is New: it is in train for neither.
    assert told(split.wanted).keys() == {("bob", "Up")}
    assert told(split.given) == {("bob", "Jaws"): (4.0, 3.0)}
    assert split.dropped == {
        "users with one entry, who are only learnt from": 1,
        "users with nothing to foretell": 2,
        "items that nobody in train has": 1,
        "entries of items that nobody in train has": 2,
    }
    assert ("cat", "Up") in told(split.train)


def test_without_times_any_one_is_left_out():
    films = Interactions([f"u{i:03}" for i in range(300)], ["a", "b", "c"], np.ones((300, 3)))
    wanted = leave_one_out(films).wanted.matrix
    assert np.diff(wanted.indptr).tolist() == [1] * 300
    assert np.bincount(wanted.indices).min() > 70  # 100 expected, a deviation of 8
    alike = Interactions(films.users, films.items, films.matrix, times=np.zeros(900))
    assert np.bincount(leave_one_out(alike).wanted.matrix.indices).min() > 70  # nor does the order of items decide


def test_users_without_an_entry_are_left_out():
    films = Interactions(["ann", "bob", "eve"], ["Up", "Heat"], [[1, 1], [1, 1], [0, 0]])
    split = by_user(films, folds=2)
    assert split.dropped == {"users without an entry": 1}
    assert "eve" not in [*split.train.users, *split.given.users]


def test_statistics_say_of_what_it_is_a_part():
    split = by_time(made(HISTORY, statistics={"rows": 9}), since=7)
    assert split.train.statistics == {"split": "time", "part": "train", "of": {"rows": 9}}


ONES = Interactions(["ann", "bob"], ["Up", "Heat"], [[1, 0], [0, 1]], times=[1, 2])


@pytest.mark.parametrize(
    ("split", "said"),
    [
        (lambda: by_user(ONES), "This split by users leaves nobody to ask about"),
        (
            lambda: by_time(ONES, since=2),
            "nobody to ask about: of 2 entries of 2 users 1 are learnt from and 0",
        ),
        (lambda: leave_one_out(ONES), r"leaves nobody to ask .*users with one entry, who are only learnt from: 2"),
        (lambda: by_user(made(HISTORY), users=3, fold=1), "fold=1: 3 users with two .* make 1 folds"),
        (lambda: by_user(made(HISTORY[:4]), users=1), "leaves nobody to learn from"),
        (lambda: by_user(made(HISTORY), given=1.0), "given=1.0: the share of a user's entries that is known. Give a"),
        (lambda: by_user(made(HISTORY), given="most"), "given='most'"),
        (lambda: by_user(made(HISTORY), folds=1), "folds=1: those who are not held out are learnt from. Give .* 2 or"),
        (lambda: by_user(made(HISTORY), fold=5), "fold=5"),
        (lambda: by_user(made(HISTORY), users=-0.5), "users=-0.5"),
        (lambda: by_user(made(HISTORY), random_state=-1), "random_state=-1: a seed is not negative"),
        (lambda: by_time(made(HISTORY), wanted=0), "wanted=0: the share of entries"),
        (lambda: by_time(made(HISTORY), since=100), "since=100: all entries were made before, from 1 to 9"),
        (lambda: by_time(made(HISTORY), since=0), "since=0: all entries were made then or later"),
        (lambda: by_time(Interactions(["a"], ["b"], [[1]])), "no times: give the column of times, or split by user"),
        (lambda: leave_one_out(made([*HISTORY, ("eve", "Up", 1.0, np.nan)])), "The time of entry 9 is nan"),
    ],
)
def test_what_cannot_be_split_is_refused(split, said):
    with pytest.raises(BadInput, match=said):
        split()
