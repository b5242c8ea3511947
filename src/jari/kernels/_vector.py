"""Register tiles and rows, the inside of every matrix product of small, scattered blocks.

Numba has no vector type, and LLVM does not find register blocking by itself: written as loops, the products below keep
their sums in memory and pay for a horizontal sum at every dot product. So the innermost loops are given to LLVM as
vectors. They hold for any machine: LLVM splits what is too wide. Everything around them is ordinary loops.

Measured against the loops of 2 rows × 4 columns that they replace: benchmarks/tiles.py.

- `dots(rows)`:  ``out[i, j] = Σ_k a[i, k] b[j, k]`` for `rows` rows i and 4 rows j.
- `sums(width, half)`: ``out[i, :] (+)= Σ_j c[i, j] x[j, :]`` for 4 rows i and `width` vectors of columns, or half a
  vector more.
- `paired_dots`: ``out[i] = a[i] · b[i]`` for 4 rows i.
- `copy`, `add`, `subtract`, `add_scaled`, `set_scaled`, `set_sum`, `set_difference`, `set_around`: one row from others.

Arrays are given flat, with offsets in floats. The products take rows of a multiple of `GRAIN` floats: whole vectors,
and with the widest vectors half a one at the end (100 numbers are 6½ vectors of 16; the other half would cost 7 %).
Rows from other rows are whole vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from jari.kernels._jit import FAST, LANES

GRAIN = min(LANES, 8)
FLOAT = ir.FloatType()
VECTOR = ir.VectorType(FLOAT, LANES)
HALF = ir.VectorType(FLOAT, LANES // 2)
INT32 = ir.IntType(32)
FLAGS = tuple(FAST)


def dots(rows: int) -> Any:
    """The tile ``out[o + r·os + (0..3)] = a[a0 + r·stride] · b[b0 + (0..3)·stride]`` for r < `rows`.

    `n` is the length of each row.
    """

    @intrinsic
    def tile(typing: Any, out: Any, o: Any, os: Any, a: Any, a0: Any, b: Any, b0: Any, stride: Any, n: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            out, o, os, a, a0, b, b0, stride, n = _plain(context, builder, signature, args)
            a_rows = [_at(builder, a, _plus(builder, a0, stride, r)) for r in range(rows)]
            b_rows = [_at(builder, b, _plus(builder, b0, stride, j)) for j in range(4)]
            sums = _dot_products(builder, [(left, right) for left in a_rows for right in b_rows], n)
            for r in range(rows):
                four = _four_sums(builder, sums[4 * r : 4 * r + 4])
                _store(builder, four, _at(builder, out, _plus(builder, o, os, r)))
            return context.get_dummy_value()

        return types.void(out, o, os, a, a0, b, b0, stride, n), generate

    return tile


@intrinsic
def paired_dots(typing: Any, out: Any, o: Any, a: Any, a0: Any, b: Any, b0: Any, stride: Any, n: Any) -> Any:
    """``out[o + r] = a[a0 + r·stride] · b[b0 + r·stride]`` for r < 4; `n` as in `dots`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, a, a0, b, b0, stride, n = _plain(context, builder, signature, args)
        rows = [
            (_at(builder, a, _plus(builder, a0, stride, r)), _at(builder, b, _plus(builder, b0, stride, r)))
            for r in range(4)
        ]
        _store(builder, _four_sums(builder, _dot_products(builder, rows, n)), _at(builder, out, o))
        return context.get_dummy_value()

    return types.void(out, o, a, a0, b, b0, stride, n), generate


def sums(width: int, *, half: bool) -> Any:
    """The tile ``out[o + r·os :][:m] (+)= Σ_j c[c0 + r·ci + j·cj] x[x0 + j·xs :][:m]`` for r < 4, m the tile's columns.

    It has `width` vectors of columns and with `half` half a vector more. With `add` the sum is added to what `out`
    holds. `n` is the number of rows j.
    """
    columns = [(v * LANES, VECTOR) for v in range(width)] + ([(width * LANES, HALF)] if half else [])

    @intrinsic
    def tile(
        typing: Any,
        out: Any,
        o: Any,
        os: Any,
        c: Any,
        c0: Any,
        ci: Any,
        cj: Any,
        x: Any,
        x0: Any,
        xs: Any,
        n: Any,
        add: Any,
    ) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            out, o, os, c, c0, ci, cj, x, x0, xs, n, add = _plain(context, builder, signature, args)
            targets = [
                (_at(builder, out, _plus(builder, builder.add(o, o.type(column)), os, r)), kind)
                for r in range(4)
                for column, kind in columns
            ]
            begin = _where(
                builder,
                add,
                lambda: [_load(builder, target, kind) for target, kind in targets],
                [ir.Constant(kind, None) for _, kind in targets],
            )
            with _Loop(builder, n.type(0), n, 1, begin) as loop:
                j = loop.index
                source = builder.add(x0, builder.mul(j, xs))
                row = [
                    _load(builder, _at(builder, x, builder.add(source, n.type(column))), kind)
                    for column, kind in columns
                ]
                weights = builder.add(c0, builder.mul(j, cj))
                for r in range(4):
                    weight = builder.load(_at(builder, c, _plus(builder, weights, ci, r)), align=4)
                    for v, (_, kind) in enumerate(columns):
                        at = r * len(columns) + v
                        loop.set(at, _multiply_add(builder, _broadcast(builder, weight, kind), row[v], loop.get(at)))
            for value, (target, _) in zip(loop.results, targets, strict=True):
                _store(builder, value, target)
            return context.get_dummy_value()

        return types.void(out, o, os, c, c0, ci, cj, x, x0, xs, n, add), generate

    return tile


@intrinsic
def copy(typing: Any, out: Any, o: Any, x: Any, x0: Any, n: Any) -> Any:
    """``out[o : o + n] = x[x0 : x0 + n]``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, x, x0, n = _plain(context, builder, signature, args)
        _row(builder, out, o, n, lambda at: at(x, x0))
        return context.get_dummy_value()

    return types.void(out, o, x, x0, n), generate


@intrinsic
def add(typing: Any, out: Any, o: Any, x: Any, x0: Any, n: Any) -> Any:
    """``out[o : o + n] += x[x0 : x0 + n]``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, x, x0, n = _plain(context, builder, signature, args)
        _row(builder, out, o, n, lambda at: builder.fadd(at(out, o), at(x, x0), flags=FLAGS))
        return context.get_dummy_value()

    return types.void(out, o, x, x0, n), generate


@intrinsic
def subtract(typing: Any, out: Any, o: Any, x: Any, x0: Any, n: Any) -> Any:
    """``out[o : o + n] -= x[x0 : x0 + n]``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, x, x0, n = _plain(context, builder, signature, args)
        _row(builder, out, o, n, lambda at: builder.fsub(at(out, o), at(x, x0), flags=FLAGS))
        return context.get_dummy_value()

    return types.void(out, o, x, x0, n), generate


@intrinsic
def add_scaled(typing: Any, out: Any, o: Any, weight: Any, x: Any, x0: Any, n: Any) -> Any:
    """``out[o : o + n] += weight · x[x0 : x0 + n]``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, weight, x, x0, n = _plain(context, builder, signature, args)
        _row(builder, out, o, n, lambda at: _multiply_add(builder, at.all(weight), at(x, x0), at(out, o)))
        return context.get_dummy_value()

    return types.void(out, o, types.float32, x, x0, n), generate


@intrinsic
def set_scaled(typing: Any, out: Any, o: Any, weight: Any, x: Any, x0: Any, n: Any) -> Any:
    """``out[o : o + n] = weight · x[x0 : x0 + n]``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, weight, x, x0, n = _plain(context, builder, signature, args)
        _row(builder, out, o, n, lambda at: builder.fmul(at.all(weight), at(x, x0), flags=FLAGS))
        return context.get_dummy_value()

    return types.void(out, o, types.float32, x, x0, n), generate


@intrinsic
def set_sum(typing: Any, out: Any, o: Any, x: Any, x0: Any, y: Any, y0: Any, n: Any) -> Any:
    """``out[o : o + n] = x[x0 : x0 + n] + y[y0 : y0 + n]``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, x, x0, y, y0, n = _plain(context, builder, signature, args)
        _row(builder, out, o, n, lambda at: builder.fadd(at(x, x0), at(y, y0), flags=FLAGS))
        return context.get_dummy_value()

    return types.void(out, o, x, x0, y, y0, n), generate


@intrinsic
def set_difference(typing: Any, out: Any, o: Any, x: Any, x0: Any, y: Any, y0: Any, n: Any) -> Any:
    """``out[o : o + n] = x[x0 : x0 + n] - y[y0 : y0 + n]``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, x, x0, y, y0, n = _plain(context, builder, signature, args)
        _row(builder, out, o, n, lambda at: builder.fsub(at(x, x0), at(y, y0), flags=FLAGS))
        return context.get_dummy_value()

    return types.void(out, o, x, x0, y, y0, n), generate


@intrinsic
def set_around(typing: Any, out: Any, o: Any, weight: Any, x: Any, a: Any, b: Any, c: Any, e: Any, n: Any) -> Any:
    """``out[o : o + n] = weight · (x[b : b + n] - x[a : a + n] + x[e : e + n] - x[c : c + n])``."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, weight, x, a, b, c, e, n = _plain(context, builder, signature, args)

        def value(at: _Place) -> Any:
            before = builder.fsub(at(x, b), at(x, a), flags=FLAGS)
            after = builder.fsub(at(x, e), at(x, c), flags=FLAGS)
            return builder.fmul(at.all(weight), builder.fadd(before, after, flags=FLAGS), flags=FLAGS)

        _row(builder, out, o, n, value)
        return context.get_dummy_value()

    return types.void(out, o, types.float32, x, a, b, c, e, n), generate


@intrinsic
def prefetch(typing: Any, array: Any, at: Any) -> Any:
    """Ask for the cache line of ``array[at]`` (flat) to be brought as near as the second cache: the first is full."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array, at = _plain(context, builder, signature, args)
        pointer = ir.PointerType()
        ask = builder.module.declare_intrinsic(
            "llvm.prefetch", [pointer], ir.FunctionType(ir.VoidType(), [pointer, INT32, INT32, INT32])
        )
        builder.call(ask, [_at(builder, array, at), INT32(0), INT32(2), INT32(1)])
        return context.get_dummy_value()

    return types.void(array, at), generate


@intrinsic
def power_of_two(typing: Any, exponent: Any) -> Any:
    """2 to an int32 exponent between -126 and 127, as float32: the bits, put together."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        biased = builder.add(args[0], INT32(127))
        return builder.bitcast(builder.shl(biased, INT32(23)), FLOAT)

    return types.float32(types.int32), generate


class _Loop:
    """``for index in range(begin, end, step)`` with values carried in registers from turn to turn."""

    def __init__(self, builder: Any, begin: Any, end: Any, step: int, carried: list[Any]) -> None:
        self.builder, self.begin, self.end, self.step, self.carried = builder, begin, end, step, carried

    def __enter__(self) -> _Loop:
        builder = self.builder
        before = builder.block
        self.head = builder.append_basic_block("head")
        self.body = builder.append_basic_block("body")
        self.after = builder.append_basic_block("after")
        builder.branch(self.head)
        builder.position_at_end(self.head)
        self.index = builder.phi(self.begin.type)
        self.index.add_incoming(self.begin, before)
        self.results = []
        for value in self.carried:
            phi = builder.phi(value.type)
            phi.add_incoming(value, before)
            self.results.append(phi)
        builder.cbranch(builder.icmp_signed("<", self.index, self.end), self.body, self.after)
        builder.position_at_end(self.body)
        self.now = list(self.results)
        return self

    def get(self, which: int) -> Any:
        return self.now[which]

    def set(self, which: int, value: Any) -> None:
        self.now[which] = value

    def __exit__(self, *_: object) -> None:
        builder = self.builder
        self.index.add_incoming(builder.add(self.index, self.index.type(self.step)), builder.block)
        for phi, value in zip(self.results, self.now, strict=True):
            phi.add_incoming(value, builder.block)
        builder.branch(self.head)
        builder.position_at_end(self.after)


class _Place:
    """A place in a row."""

    def __init__(self, builder: Any, index: Any) -> None:
        self.builder, self.index = builder, index

    def address(self, array: Any, start: Any) -> Any:
        return _at(self.builder, array, self.builder.add(start, self.index))

    def __call__(self, array: Any, start: Any) -> Any:
        return _load(self.builder, self.address(array, start), VECTOR)

    def all(self, scalar: Any) -> Any:
        return _broadcast(self.builder, scalar, VECTOR)


def _row(builder: Any, out: Any, o: Any, n: Any, value: Callable[[_Place], Any]) -> None:
    """Set ``out[o : o + n]``, a vector at a time."""
    with _Loop(builder, n.type(0), n, LANES, []) as loop:
        place = _Place(builder, loop.index)
        _store(builder, value(place), place.address(out, o))


def _dot_products(builder: Any, rows: list[tuple[Any, Any]], n: Any) -> list[Any]:
    """For each pair of rows a vector whose lanes sum up to their dot product; a row of many pairs is loaded once."""
    pointers = list(dict.fromkeys(pointer for pair in rows for pointer in pair))

    def products(at: Any, kind: Any, sums: list[Any]) -> list[Any]:
        values = {pointer: _load(builder, _at(builder, pointer, at), kind) for pointer in pointers}
        return [_multiply_add(builder, values[a], values[b], sum_) for (a, b), sum_ in zip(rows, sums, strict=True)]

    whole, begin = _whole(builder, n), [ir.Constant(VECTOR, None)] * len(rows)
    if GRAIN < LANES:  # the half first: widened with zeros it is what the sums begin with
        begin = _where(
            builder,
            builder.icmp_signed("<", whole, n),
            lambda: [_widened(builder, v) for v in products(whole, HALF, [ir.Constant(HALF, None)] * len(rows))],
            begin,
        )
    with _Loop(builder, n.type(0), whole, LANES, begin) as loop:
        for which, value in enumerate(products(loop.index, VECTOR, loop.now)):
            loop.set(which, value)
    return loop.results


def _where(builder: Any, condition: Any, values: Callable[[], list[Any]], otherwise: list[Any]) -> list[Any]:
    """`values()`, computed only if the condition holds, or else `otherwise`."""
    before = builder.block
    with builder.if_then(condition):
        computed, then = values(), builder.block
    chosen = []
    for one, other in zip(computed, otherwise, strict=True):
        phi = builder.phi(one.type)
        phi.add_incoming(one, then)
        phi.add_incoming(other, before)
        chosen.append(phi)
    return chosen


def _whole(builder: Any, n: Any) -> Any:
    """How much of a row of n floats is in whole vectors."""
    return builder.and_(n, n.type(-LANES))


def _widened(builder: Any, half: Any) -> Any:
    """Half a vector and zeros."""
    return builder.shuffle_vector(half, ir.Constant(HALF, None), _mask(list(range(LANES))))


def _plain(context: Any, builder: Any, signature: Any, args: Any) -> list[Any]:
    """Arrays as pointers to their first element, numbers as they are."""
    plain = []
    for kind, value in zip(signature.args, args, strict=True):
        if isinstance(kind, types.Array):
            plain.append(context.make_array(kind)(context, builder, value).data)
        else:
            plain.append(context.cast(builder, value, kind, types.intp) if kind in types.integer_domain else value)
    return plain


def _at(builder: Any, pointer: Any, index: Any) -> Any:
    return cgutils.gep(builder, pointer, index)


def _plus(builder: Any, start: Any, stride: Any, times: int) -> Any:
    return builder.add(start, builder.mul(stride, stride.type(times))) if times else start


def _load(builder: Any, pointer: Any, kind: Any) -> Any:
    return builder.load(builder.bitcast(pointer, kind.as_pointer()), align=4)


def _store(builder: Any, value: Any, pointer: Any) -> None:
    builder.store(value, builder.bitcast(pointer, value.type.as_pointer()), align=4)


def _multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    return builder.fadd(builder.fmul(a, b, flags=FLAGS), c, flags=FLAGS)


def _broadcast(builder: Any, scalar: Any, kind: Any) -> Any:
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), scalar, INT32(0))
    return builder.shuffle_vector(one, ir.Constant(kind, ir.Undefined), _mask([0] * kind.count))


def _mask(lanes: list[int]) -> Any:
    return ir.Constant(ir.VectorType(INT32, len(lanes)), lanes)


def _four_sums(builder: Any, vectors: list[Any]) -> Any:
    """The sums over the lanes of four vectors, as one vector of four.

    Two rounds that stay within 128-bit lanes, where a shuffle costs one cycle, then halves onto halves.
    """

    def together(u: Any, v: Any, first: list[int], second: list[int]) -> Any:
        quads = range(0, LANES, 4)
        pick = [[q + i if i < 4 else LANES + q + i - 4 for q in quads for i in lanes] for lanes in (first, second)]
        halves = [builder.shuffle_vector(u, v, _mask(lanes)) for lanes in pick]
        return builder.fadd(halves[0], halves[1], flags=FLAGS)

    ab = together(vectors[0], vectors[1], [0, 4, 1, 5], [2, 6, 3, 7])
    cd = together(vectors[2], vectors[3], [0, 4, 1, 5], [2, 6, 3, 7])
    total = together(ab, cd, [0, 1, 4, 5], [2, 3, 6, 7])
    lanes = LANES
    while lanes > 4:
        lanes //= 2
        low = builder.shuffle_vector(total, total, _mask(list(range(lanes))))
        high = builder.shuffle_vector(total, total, _mask(list(range(lanes, 2 * lanes))))
        total = builder.fadd(low, high, flags=FLAGS)
    return total
