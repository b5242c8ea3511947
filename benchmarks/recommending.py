"""How fast recommenders learn and recommend, beside implicit: ``python -m benchmarks recommending``.

A generated matrix of 200,000 users and 50,000 items with 20 M entries, both sides of power laws; 64 factors, two
threads. Ours and implicit's take turns, an epoch each at a time, from the same beginning.

The two ALS minimise the same objective. implicit's, with confidence c = alpha for what was chosen and 1 for the rest,
is ours with unobserved = 1 / (c - 1) and l2 divided by c, when our vectors are multiplied with √(c / (c - 1)). Both
losses are measured as implicit defines its own, here, in float64.

The two BPR are measured by their AUC as well: the share of pairs of an item that a user chose and one that the user did
not, drawn at random, that stand in the right order.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import csr_array, csr_matrix
from threadpoolctl import threadpool_limits

from jari.ingest.interactions import Interactions
from jari.learn.als import ImplicitALS
from jari.learn.best_items import best_items
from jari.learn.bpr import BPR, Visits
from jari.learn.matrices import padded, zeros

ALPHA, L2, DIM = 11.0, 5.0, 64


def main() -> None:
    """Take turns, print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=("als", "bpr", "top", "blocks"), default=("als", "bpr", "top"))
    parser.add_argument("--users", type=int, default=200_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--entries", type=int, default=20_000_000)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.only == ["blocks"]:
        blocks(generated(20_000, 5_000, 1_000_000))
        return
    matrix = generated(options.users, options.items, options.entries)
    print(
        f"{options.users:,} × {options.items:,}, {matrix.nnz:,} entries, {DIM} factors, {options.threads} threads",
        flush=True,
    )
    vectors = None
    if "als" in options.only or "top" in options.only:
        vectors = als(matrix, options.epochs, options.threads)
    if "bpr" in options.only:
        bpr(matrix, options.epochs, options.threads)
    if "top" in options.only and vectors is not None:
        top(matrix, *vectors, options.threads)


def generated(users: int, items: int, entries: int, seed: int = 0) -> csr_array[Any]:
    """Users and items drawn from power laws; half of the items are of the user's taste, one of 50."""
    draw = np.random.default_rng(seed)
    active, popular = (np.arange(users) + 10.0) ** -0.6, (np.arange(items) + 10.0) ** -0.8
    by_user = np.cumsum(active / active.sum())
    taste, kind = draw.integers(50, size=users), draw.integers(50, size=items)
    by_kind = np.argsort(kind, kind="stable")
    ends = np.cumsum(popular[by_kind])  # items of one kind after another, each as long as it is popular
    first = np.searchsorted(kind[by_kind], np.arange(51))
    before = np.concatenate([[0.0], ends])[first]
    everything = np.cumsum(popular)
    found = np.empty(0, np.int64)
    while len(found) < entries:
        count = int((entries - len(found)) * 1.5) + 1000
        user = np.minimum(np.searchsorted(by_user, draw.random(count)), users - 1)
        of = taste[user]
        own = np.searchsorted(ends, before[of] + draw.random(count) * (before[of + 1] - before[of]))
        any_kind = np.searchsorted(everything, draw.random(count) * everything[-1])
        item = np.where(draw.random(count) < 0.5, by_kind[np.minimum(own, items - 1)], np.minimum(any_kind, items - 1))
        found = np.unique(np.concatenate([found, user * items + item]))
    found = np.sort(draw.permutation(found)[:entries])
    rows, columns = np.divmod(found, items)
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=users))])
    made = csr_array(
        (np.ones(entries, np.float32), columns.astype(np.int32), starts.astype(np.int32)), shape=(users, items)
    )
    made.has_canonical_format = True
    return made


def als(matrix: csr_array[Any], epochs: int, threads: int) -> tuple[np.ndarray, np.ndarray]:
    """Epochs by turns from the same vectors; what ours has learnt in the end."""
    from implicit.cpu.als import AlternatingLeastSquares

    users, items = matrix.shape
    draw = np.random.default_rng(1)
    U, V = (draw.normal(0, 0.01, (n, DIM)).astype(np.float32) for n in (users, items))
    weighted = csr_matrix(matrix)

    def theirs(use_cg: bool) -> tuple[Any, Callable[[], None]]:
        model = AlternatingLeastSquares(
            factors=DIM, alpha=ALPHA, regularization=L2, iterations=1, use_cg=use_cg, num_threads=threads
        )
        model.user_factors, model.item_factors = U.copy(), V.copy()

        def epoch() -> None:
            with threadpool_limits(1, "blas"):
                model.fit(weighted, show_progress=False)

        return model, epoch

    # implicit transposes the matrix at the beginning of each fit; a fit of no epochs says how long that takes.
    scale = np.sqrt(ALPHA / (ALPHA - 1))
    unobserved = 1 / (ALPHA - 1)
    mine = ImplicitALS(dim=DIM, unobserved=unobserved, l2=L2 / ALPHA, l2_exponent=0, threads=threads)
    X, Y = zeros(users, padded(DIM)), zeros(items, padded(DIM))
    X[:, :DIM], Y[:, :DIM] = U / scale, V / scale
    by_item = matrix.T.tocsr()

    def ours() -> None:  # users first, as implicit
        mine._half(X, Y, matrix, mine._block(), None)
        mine._half(Y, X, by_item, mine._block(), None)

    turns: dict[str, Callable[[], None]] = {"ours": ours}
    (cg, turns["implicit, 3 steps of CG"]), (exact, turns["implicit, Cholesky"]) = theirs(True), theirs(False)
    setup = _seconds(lambda: csr_matrix(weighted.T.tocsr()))
    times = _by_turns(turns, epochs, warm=ours_warmed(mine, matrix))
    for name, model in (("implicit, 3 steps of CG", cg), ("implicit, Cholesky", exact)):
        times[name] = [one - setup for one in times[name]]
        print(f"  loss of {name}: {_loss(matrix, model.user_factors, model.item_factors):.6g}")
    print(f"  loss of ours: {_loss(matrix, X[:, :DIM] * scale, Y[:, :DIM] * scale):.6g}")
    _print("ALS, seconds an epoch", times)
    return X[:, :DIM] * scale, Y[:, :DIM] * scale


def blocks(matrix: csr_array[Any], epochs: int = 6) -> None:
    """Seconds an epoch of our ALS on one thread, and the loss an entry after three epochs and after six."""
    users, items = matrix.shape
    by_item = matrix.T.tocsr()
    for dim in (64, 128, 256):
        for block in (0, 64, 32, 16):
            if block >= dim:
                continue
            learner = ImplicitALS(dim=dim, unobserved=0.1, l2=0.03, threads=1, block=block)
            X, Y = zeros(users, padded(dim)), zeros(items, padded(dim))
            X[:, :dim] = np.random.default_rng(0).normal(0, 0.1 / np.sqrt(dim), (users, dim))
            learner._half(zeros(9, padded(dim)), Y, matrix[:9], learner._block(), None)  # compiled
            times, losses = [], []
            with threadpool_limits(1, "blas"):
                for _ in range(epochs):
                    began = time.perf_counter()
                    learner._half(Y, X, by_item, learner._block(), None)
                    loss = learner._half(X, Y, matrix, learner._block(), None)
                    times.append(time.perf_counter() - began)
                    losses.append(loss + float(learner._l2_of(by_item) @ np.einsum("ij,ij->i", Y, Y)))
            third, last = (losses[at] / matrix.nnz for at in (2, -1))
            print(
                f"{dim:4} factors, {block or dim:3} at once: {statistics.median(times):.2f} s  {third:.4f}  {last:.4f}"
            )


def ours_warmed(learner: ImplicitALS, matrix: csr_array[Any]) -> Callable[[], None]:
    """Kernels are compiled once, and not in the time of an epoch."""

    def warm() -> None:
        few = matrix[:100]
        learner._half(zeros(100, padded(DIM)), zeros(matrix.shape[1], padded(DIM)), few, learner._block(), None)

    return warm


def _loss(matrix: csr_array[Any], U: np.ndarray, V: np.ndarray) -> float:
    """As implicit: Σ c (u·v - 1)² over what was chosen, Σ (u·v)² over the rest, and the regularisation."""
    total = 0.0
    for start in range(0, matrix.shape[0], 20_000):
        part = matrix[start : start + 20_000]
        rows = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
        for at in range(0, part.nnz, 1 << 20):
            piece = slice(at, at + (1 << 20))
            scores = np.einsum("ij,ij->i", U[start + rows[piece]], V[part.indices[piece]], dtype=np.float64)
            total += float((ALPHA * (scores - 1) ** 2 - scores**2).sum())
    U, V = U.astype(np.float64), V.astype(np.float64)
    return total + float(np.sum((U.T @ U) * (V.T @ V))) + L2 * float((U**2).sum() + (V**2).sum())


def bpr(matrix: csr_array[Any], epochs: int, threads: int) -> None:
    """Epochs by turns; the AUC of both in the end."""
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    rate, l2 = 0.05, 0.002
    users, items = matrix.shape
    model = BayesianPersonalizedRanking(
        factors=DIM, learning_rate=rate, regularization=l2, iterations=1, num_threads=threads, random_state=0
    )
    weighted = csr_matrix(matrix)
    mine = BPR(dim=DIM, learning_rate=rate, l2=l2, epochs=epochs, threads=threads, random_state=0)
    mine.seed_, mine.losses_ = 0, []
    mine.interactions_ = Interactions([str(u) for u in range(users)], [str(i) for i in range(items)], matrix)
    visits, noise, draw = Visits.of(matrix), mine._noise(), np.random.default_rng(0)
    U, V, biases = zeros(users, padded(DIM)), zeros(items, padded(DIM)), np.zeros(items, np.float32)
    for vectors in (U, V):
        vectors[:, :DIM] = draw.normal(0, 0.1 / np.sqrt(DIM), (len(vectors), DIM))

    def ours() -> None:
        mine.losses_.append(mine._epoch(U, V, biases, visits, noise, len(mine.losses_)))

    def theirs() -> None:
        model.fit(weighted, show_progress=False)

    few = Interactions(["a", "b"], ["x", "y"], [[1, 0], [0, 1]])
    times = _by_turns(
        {"ours": ours, "implicit": theirs}, epochs, warm=lambda: BPR(dim=DIM, epochs=1, threads=1).fit(few)
    )
    _print("BPR, seconds an epoch", times)
    print(f"  AUC of ours: {_auc(matrix, U, V, biases):.4f}")
    print(f"  AUC of implicit: {_auc(matrix, model.user_factors, model.item_factors, None):.4f}")


def _auc(matrix: csr_array[Any], U: np.ndarray, V: np.ndarray, biases: np.ndarray | None) -> float:
    draw = np.random.default_rng(5)
    entries = draw.integers(matrix.nnz, size=200_000)
    users = np.searchsorted(matrix.indptr, entries, side="right") - 1
    others = draw.integers(matrix.shape[1], size=len(entries))
    new = np.array([matrix[u, i] == 0 for u, i in zip(users[:20_000], others[:20_000], strict=True)])
    users, chosen, others = users[:20_000][new], matrix.indices[entries[:20_000]][new], others[:20_000][new]
    bias = np.zeros(matrix.shape[1]) if biases is None else biases
    better = np.einsum("ij,ij->i", U[users], V[chosen] - V[others]) + bias[chosen] - bias[others]
    return float((better > 0).mean())


def top(matrix: csr_array[Any], U: np.ndarray, V: np.ndarray, threads: int) -> None:
    """The ten, and the hundred, best items of all users, with the same vectors."""
    from implicit.cpu.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(factors=DIM, num_threads=threads)
    U, V = np.ascontiguousarray(U), np.ascontiguousarray(V)
    model.user_factors, model.item_factors = U, V
    weighted, everybody = csr_matrix(matrix), np.arange(len(U))
    for k in (10, 100):
        answers: dict[str, Any] = {}

        def ours(k: int = k, answers: dict[str, Any] = answers) -> None:
            answers["ours"] = best_items(U, V, k, seen=matrix, threads=threads)[0]

        def theirs(k: int = k, answers: dict[str, Any] = answers) -> None:
            with threadpool_limits(1, "blas"):
                answers["implicit"] = model.recommend(everybody, weighted, N=k)[0]

        _print(f"the best {k} for all users, seconds", _by_turns({"ours": ours, "implicit": theirs}, 3, warm=ours))
        print(f"  the same answers: {(answers['ours'] == answers['implicit']).mean():.5f}")


def _by_turns(turns: dict[str, Callable[[], None]], rounds: int, warm: Callable[[], object]) -> dict[str, list[float]]:
    warm()
    times: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, work in turns.items():
            times[name].append(_seconds(work))
    return times


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _print(what: str, times: dict[str, list[float]]) -> None:
    print(what)
    for name, taken in times.items():
        ratios = [one / mine for one, mine in zip(taken, times["ours"], strict=True)]
        low, high = min(taken), max(taken)
        ratio = f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        print(f"  {name:<26}{statistics.median(taken):8.2f}  ({low:.2f} to {high:.2f})   × {ratio}", flush=True)


if __name__ == "__main__":
    main()
