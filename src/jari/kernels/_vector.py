"""Register tiles and rows, the inside of every matrix product of small, scattered blocks.

Numba has no vector type, and LLVM does not find register blocking by itself: written as loops, the products below keep
their sums in memory and pay for a horizontal sum at every dot product. So the innermost loops are given to LLVM as
vectors. They hold for any machine: LLVM splits what is too wide. Everything around them is ordinary loops.

Measured against the loops of 2 rows × 4 columns that they replace: benchmarks/tiles.py.

- `dots(rows)`:  ``out[i, j] = Σ_k a[i, k] b[j, k]`` for `rows` rows i and 4 rows j.
- `sums(width)`: ``out[i, :] (+)= Σ_j c[i, j] x[j, :]`` for 4 rows i and `width` vectors of columns.
- `paired_dots`: ``out[i] = a[i] · b[i]`` for 4 rows i.
- `copy`, `add`, `subtract`, `add_scaled`, `set_scaled`, `set_sum`, `set_between`: one row from another or a few.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from jari.kernels._jit import FAST, LANES

FLOAT = ir.FloatType()
VECTOR = ir.VectorType(FLOAT, LANES)
FOUR = ir.VectorType(FLOAT, 4)
INT32 = ir.IntType(32)


def dots(rows: int) -> Any:
    """The tile ``out[o + r·os + (0..3)] = a[a0 + r·stride] · b[b0 + (0..3)·stride]`` for r < `rows`.

    Arrays are given flat with offsets in floats; `n` is the length of each row, a multiple of `LANES`.
    """

    @intrinsic
    def tile(typing: Any, out: Any, o: Any, os: Any, a: Any, a0: Any, b: Any, b0: Any, stride: Any, n: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            out, o, os, a, a0, b, b0, stride, n = _plain(context, builder, signature, args)
            a_rows = [_at(builder, a, _plus(builder, a0, stride, r)) for r in range(rows)]
            b_rows = [_at(builder, b, _plus(builder, b0, stride, j)) for j in range(4)]
            zero = ir.Constant(VECTOR, None)
            with _Loop(builder, n.type(0), n, LANES, [zero] * (4 * rows)) as loop:
                right = [_load(builder, _at(builder, row, loop.index)) for row in b_rows]
                for r, row in enumerate(a_rows):
                    left = _load(builder, _at(builder, row, loop.index))
                    for j in range(4):
                        loop.set(4 * r + j, _multiply_add(builder, left, right[j], loop.get(4 * r + j)))
            for r in range(rows):
                _store(
                    builder,
                    _four_sums(builder, loop.results[4 * r : 4 * r + 4]),
                    _at(builder, out, _plus(builder, o, os, r)),
                    FOUR,
                )
            return context.get_dummy_value()

        return types.void(out, o, os, a, a0, b, b0, stride, n), generate

    return tile


@intrinsic
def paired_dots(typing: Any, out: Any, o: Any, a: Any, a0: Any, b: Any, b0: Any, stride: Any, n: Any) -> Any:
    """``out[o + r] = a[a0 + r·stride] · b[b0 + r·stride]`` for r < 4, flat; `n` as in `dots`."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, a, a0, b, b0, stride, n = _plain(context, builder, signature, args)
        left = [_at(builder, a, _plus(builder, a0, stride, r)) for r in range(4)]
        right = [_at(builder, b, _plus(builder, b0, stride, r)) for r in range(4)]
        with _Loop(builder, n.type(0), n, LANES, [ir.Constant(VECTOR, None)] * 4) as loop:
            for r in range(4):
                x, y = (_load(builder, _at(builder, row, loop.index)) for row in (left[r], right[r]))
                loop.set(r, _multiply_add(builder, x, y, loop.get(r)))
        _store(builder, _four_sums(builder, loop.results), _at(builder, out, o), FOUR)
        return context.get_dummy_value()

    return types.void(out, o, a, a0, b, b0, stride, n), generate


def sums(width: int, *, add: bool) -> Any:
    """The tile ``out[o + r·os :][: width·LANES] = Σ_j c[c0 + r·ci + j·cj] x[x0 + j·xs :][: width·LANES]`` for r < 4.

    With `add` the sum is added to what `out` holds. `n` is the number of rows j.
    """

    @intrinsic
    def tile(
        typing: Any, out: Any, o: Any, os: Any, c: Any, c0: Any, ci: Any, cj: Any, x: Any, x0: Any, xs: Any, n: Any
    ) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            out, o, os, c, c0, ci, cj, x, x0, xs, n = _plain(context, builder, signature, args)
            targets = [
                _at(builder, out, _plus(builder, builder.add(o, o.type(v * LANES)), os, r))
                for r in range(4)
                for v in range(width)
            ]
            zero = ir.Constant(VECTOR, None)
            begin = [_load(builder, target) if add else zero for target in targets]
            with _Loop(builder, n.type(0), n, 1, begin) as loop:
                j = loop.index
                source = builder.add(x0, builder.mul(j, xs))
                row = [_load(builder, _at(builder, x, builder.add(source, n.type(v * LANES)))) for v in range(width)]
                weights = builder.add(c0, builder.mul(j, cj))
                for r in range(4):
                    weight = _broadcast(builder, builder.load(_at(builder, c, _plus(builder, weights, ci, r)), align=4))
                    for v in range(width):
                        at = r * width + v
                        loop.set(at, _multiply_add(builder, weight, row[v], loop.get(at)))
            for value, target in zip(loop.results, targets, strict=True):
                _store(builder, value, target, VECTOR)
            return context.get_dummy_value()

        return types.void(out, o, os, c, c0, ci, cj, x, x0, xs, n), generate

    return tile


@intrinsic
def copy(typing: Any, out: Any, o: Any, x: Any, x0: Any, n: Any) -> Any:
    """``out[o : o + n] = x[x0 : x0 + n]``, flat; n is a multiple of `LANES`, here and below."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, x, x0, n = _plain(context, builder, signature, args)
        with _Row(builder, n, out, o) as row:
            row.set(row.of(x, x0))
        return context.get_dummy_value()

    return types.void(out, o, x, x0, n), generate


@intrinsic
def add(typing: Any, out: Any, o: Any, x: Any, x0: Any, n: Any) -> Any:
    """``out[o : o + n] += x[x0 : x0 + n]``, flat."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, x, x0, n = _plain(context, builder, signature, args)
        with _Row(builder, n, out, o) as row:
            row.set(builder.fadd(row.of(out, o), row.of(x, x0), flags=tuple(FAST)))
        return context.get_dummy_value()

    return types.void(out, o, x, x0, n), generate


@intrinsic
def subtract(typing: Any, out: Any, o: Any, x: Any, x0: Any, n: Any) -> Any:
    """``out[o : o + n] -= x[x0 : x0 + n]``, flat."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, x, x0, n = _plain(context, builder, signature, args)
        with _Row(builder, n, out, o) as row:
            row.set(builder.fsub(row.of(out, o), row.of(x, x0), flags=tuple(FAST)))
        return context.get_dummy_value()

    return types.void(out, o, x, x0, n), generate


@intrinsic
def add_scaled(typing: Any, out: Any, o: Any, weight: Any, x: Any, x0: Any, n: Any) -> Any:
    """``out[o : o + n] += weight · x[x0 : x0 + n]``, flat."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, weight, x, x0, n = _plain(context, builder, signature, args)
        weights = _broadcast(builder, weight)
        with _Row(builder, n, out, o) as row:
            row.set(_multiply_add(builder, weights, row.of(x, x0), row.of(out, o)))
        return context.get_dummy_value()

    return types.void(out, o, types.float32, x, x0, n), generate


@intrinsic
def set_scaled(typing: Any, out: Any, o: Any, weight: Any, x: Any, x0: Any, n: Any) -> Any:
    """``out[o : o + n] = weight · x[x0 : x0 + n]``, flat."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, weight, x, x0, n = _plain(context, builder, signature, args)
        weights = _broadcast(builder, weight)
        with _Row(builder, n, out, o) as row:
            row.set(builder.fmul(weights, row.of(x, x0), flags=tuple(FAST)))
        return context.get_dummy_value()

    return types.void(out, o, types.float32, x, x0, n), generate


@intrinsic
def set_sum(typing: Any, out: Any, o: Any, x: Any, x0: Any, y: Any, y0: Any, n: Any) -> Any:
    """``out[o : o + n] = x[x0 : x0 + n] + y[y0 : y0 + n]``, flat."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, x, x0, y, y0, n = _plain(context, builder, signature, args)
        with _Row(builder, n, out, o) as row:
            row.set(builder.fadd(row.of(x, x0), row.of(y, y0), flags=tuple(FAST)))
        return context.get_dummy_value()

    return types.void(out, o, x, x0, y, y0, n), generate


@intrinsic
def set_between(
    typing: Any, out: Any, o: Any, weight: Any, sums: Any, end: Any, begin: Any, x: Any, x0: Any, n: Any
) -> Any:
    """``out[o : o + n] = weight · (sums[end : end + n] - sums[begin : begin + n] - x[x0 : x0 + n])``, flat."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        out, o, weight, sums, end, begin, x, x0, n = _plain(context, builder, signature, args)
        weights, flags = _broadcast(builder, weight), tuple(FAST)
        with _Row(builder, n, out, o) as row:
            between = builder.fsub(row.of(sums, end), row.of(sums, begin), flags=flags)
            between = builder.fsub(between, row.of(x, x0), flags=flags)
            row.set(builder.fmul(weights, between, flags=flags))
        return context.get_dummy_value()

    return types.void(out, o, types.float32, sums, end, begin, x, x0, n), generate


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


class _Row:
    """A loop over the vectors of one row of `out`, with the same vectors of other rows at hand."""

    def __init__(self, builder: Any, n: Any, out: Any, o: Any) -> None:
        self.builder, self.out, self.o = builder, out, o
        self.loop = _Loop(builder, n.type(0), n, LANES, [])

    def __enter__(self) -> _Row:
        self.loop.__enter__()
        return self

    def of(self, array: Any, start: Any) -> Any:
        return _load(self.builder, _at(self.builder, array, self.builder.add(start, self.loop.index)))

    def set(self, value: Any) -> None:
        _store(self.builder, value, _at(self.builder, self.out, self.builder.add(self.o, self.loop.index)), VECTOR)

    def __exit__(self, *_: object) -> None:
        self.loop.__exit__()


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


def _load(builder: Any, pointer: Any) -> Any:
    return builder.load(builder.bitcast(pointer, VECTOR.as_pointer()), align=4)


def _store(builder: Any, value: Any, pointer: Any, kind: Any) -> None:
    builder.store(value, builder.bitcast(pointer, kind.as_pointer()), align=4)


def _multiply_add(builder: Any, a: Any, b: Any, c: Any) -> Any:
    return builder.fadd(builder.fmul(a, b, flags=tuple(FAST)), c, flags=tuple(FAST))


def _broadcast(builder: Any, scalar: Any) -> Any:
    one = builder.insert_element(ir.Constant(VECTOR, ir.Undefined), scalar, INT32(0))
    return builder.shuffle_vector(one, ir.Constant(VECTOR, ir.Undefined), _mask([0] * LANES))


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
        return builder.fadd(halves[0], halves[1], flags=tuple(FAST))

    ab = together(vectors[0], vectors[1], [0, 4, 1, 5], [2, 6, 3, 7])
    cd = together(vectors[2], vectors[3], [0, 4, 1, 5], [2, 6, 3, 7])
    total = together(ab, cd, [0, 1, 4, 5], [2, 3, 6, 7])
    lanes = LANES
    while lanes > 4:
        lanes //= 2
        low = builder.shuffle_vector(total, total, _mask(list(range(lanes))))
        high = builder.shuffle_vector(total, total, _mask(list(range(lanes, 2 * lanes))))
        total = builder.fadd(low, high, flags=tuple(FAST))
    return total
