"""GloVe: pairs of words in the order in which they are learnt, and the steps of AdaGrad on them.

For each pair of a word i and a context j that were counted x_ij times (Pennington, Socher & Manning 2014, equation 8)::

    L = ½ Σ_ij f(x_ij) e_ij²        e_ij = log x_ij - w_i·c_j - b_i - b'_j

The biases are two more numbers of each row: ``[w_i, b_i, 1]`` and ``[c_j, 1, b'_j]`` have the product that e_ij needs,
and a 1 stays 1 because its sum of squares is beyond all steps. A row of a matrix is a vector of `d` numbers and after
it their sums of squared gradients: one place in memory holds all that a step reads and writes. For each number (Duchi,
Hazan & Singer 2011)::

    s += g²        v -= rate · g / √s

Entries come in runs, from `jari.kernels.glove_strips`: a row of W is taken with up to four rows of C at once, and moves
by the sum of their gradients.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from jari.kernels import _vector as v
from jari.kernels._jit import LANES, kernel
from jari.types import Ids, Matrix, Offsets

Shorts = npt.NDArray[np.uint16]  # (entries,)

LOG_UNIT, WEIGHT_UNIT = 1 / 1024, 1 / 65535

f32 = np.float32


@kernel
def descend(
    rows: Ids,
    starts: Offsets,
    begin: int,
    end: int,
    first: int,
    columns: Shorts,
    logs: npt.NDArray[np.int16],
    weights: Shorts,
    W: Matrix,
    C: Matrix,
    d: int,
    rate: float,
) -> float:
    """Learn from the runs `begin` to `end`; return ``Σ f e²`` of their entries, each before its step.

    Parameters
    ----------
    rows, starts
        Run k pairs row ``rows[k]`` of W with the entries ``starts[k] : starts[k + 1]``.
    first, columns
        An entry's row of C is ``first + column``, no two alike in a run.
    logs, weights
        Of each entry log x in units of 1/1024, and f(x) in units of 1/65535: the counts of a large text are the largest
        thing in memory, and known less well than that.
    W, C
        Shape (n, 2·d): vectors and sums of squares. For symmetric counts they change places at every other visit.
    d
        A multiple of `GRAIN`.
    """
    stride, length, loss, base = W.shape[1], f32(rate), 0.0, np.int64(first) * W.shape[1]
    for k in range(begin, end):
        row, at, stop = np.int64(rows[k]) * stride, starts[k], starts[k + 1]
        if k + 2 < end:
            ahead = np.int64(rows[k + 2]) * stride
            for i in range(0, 2 * d, 16):  # a cache line
                v.prefetch(W, ahead + i)
        cost = f32(0)
        while at + 4 <= stop:
            cost += _four_steps(W, row, C, base, columns, logs, weights, at, stride, d, length)
            at += 4
        while at < stop:
            cost += _one_step(W, row, C, base, columns, logs, weights, at, stride, d, length)
            at += 1
        loss += np.float64(cost)
    return loss


def _steps(count: int) -> Any:
    """The steps of `count` entries of a run from `at` on, computed from the same rows; gives ``Σ f e²``."""

    @intrinsic
    def steps(
        typing: Any,
        W: Any,
        row: Any,
        C: Any,
        base: Any,
        columns: Any,
        logs: Any,
        weights: Any,
        at: Any,
        stride: Any,
        d: Any,
        rate: Any,
    ) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            W, row, C, base, columns, logs, weights, at, stride, d, rate = v._plain(context, builder, signature, args)
            each = [v._plus(builder, at, at.type(1), k) for k in range(count)]
            word = v._at(builder, W, row)
            contexts = []
            for k in each:
                column = builder.zext(builder.load(v._at(builder, columns, k), align=2), at.type)
                contexts.append(v._at(builder, C, builder.add(base, builder.mul(column, stride))))
            sums = v._dot_products(builder, [(word, one) for one in contexts], d)
            products = v._four_sums(builder, [*sums, *[sums[0]] * (4 - count)])
            slopes, loss = [], ir.Constant(v.FLOAT, 0.0)
            for k, entry in enumerate(each):
                log = builder.sitofp(builder.load(v._at(builder, logs, entry), align=2), v.FLOAT)
                weight = builder.uitofp(builder.load(v._at(builder, weights, entry), align=2), v.FLOAT)
                log, weight = _times(builder, log, LOG_UNIT), _times(builder, weight, WEIGHT_UNIT)
                error = builder.fsub(log, builder.extract_element(products, v.INT32(k)), flags=v.FLAGS)
                slopes.append(builder.fmul(weight, error, flags=v.FLAGS))
                loss = v._multiply_add(builder, slopes[-1], error, loss)

            def move(at: Any, kind: Any) -> None:
                """Steps of one vector of numbers of all rows."""
                here = v._load(builder, v._at(builder, word, at), kind)
                total = ir.Constant(kind, None)
                for slope, one in zip(slopes, contexts, strict=True):
                    slope = v._broadcast(builder, slope, kind)
                    there = v._load(builder, v._at(builder, one, at), kind)
                    total = v._multiply_add(builder, slope, there, total)
                    _adagrad(builder, one, at, d, there, builder.fmul(slope, here, flags=v.FLAGS), rate)
                _adagrad(builder, word, at, d, here, total, rate)

            whole = v._whole(builder, d)
            with v._Loop(builder, d.type(0), whole, LANES, []) as loop:
                move(loop.index, v.VECTOR)
            if v.GRAIN < LANES:
                with builder.if_then(builder.icmp_signed("<", whole, d)):
                    move(whole, v.HALF)
            return loss

        return types.float32(W, row, C, base, columns, logs, weights, at, stride, d, types.float32), generate

    return steps


def _adagrad(builder: Any, row: Any, at: Any, d: Any, value: Any, gradient: Any, rate: Any) -> None:
    """``s += g²; value += rate · g / √s``, s standing `d` behind the value; g points downhill."""
    kind = value.type
    beside = v._at(builder, row, builder.add(at, d))
    squares = v._multiply_add(builder, gradient, gradient, v._load(builder, beside, kind))
    v._store(builder, squares, beside)
    length = builder.fmul(v._broadcast(builder, rate, kind), _inverse_root(builder, squares), flags=v.FLAGS)
    v._store(builder, v._multiply_add(builder, gradient, length, value), v._at(builder, row, at))


def _inverse_root(builder: Any, x: Any) -> Any:
    """``1 / √x`` to 0.18 %, enough for the length of a step: the exponent halved, and one step of Newton's.

    A square root and a division would take half of the time of `descend`.
    """
    kind = x.type
    bits = ir.VectorType(v.INT32, kind.count)
    half = builder.lshr(builder.bitcast(x, bits), _all(bits, 1))
    guess = builder.bitcast(builder.sub(_all(bits, 0x5F3759DF), half), kind)
    off = builder.fmul(builder.fmul(x, _all(kind, -0.5), flags=v.FLAGS), guess, flags=v.FLAGS)
    return builder.fmul(guess, v._multiply_add(builder, off, guess, _all(kind, 1.5)), flags=v.FLAGS)


def _all(kind: Any, value: Any) -> Any:
    return ir.Constant(kind, [value] * kind.count)


def _times(builder: Any, value: Any, factor: float) -> Any:
    return builder.fmul(value, ir.Constant(value.type, factor), flags=v.FLAGS)


_four_steps, _one_step = _steps(4), _steps(1)
