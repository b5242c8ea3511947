"""Weighted sums of rows that stand far apart, the inside of every sparse product, as LLVM vectors.

`_vector.sums` adds rows that follow each other; here a list says which. A row's sums stay in registers from its first
term to its last, and meanwhile the rows some terms ahead are asked for.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from jari.kernels import _vector
from jari.kernels._jit import LANES
from jari.kernels._vector import INT32, VECTOR

AHEAD = 16  # terms; docs/decisions/0007-spectral.md


def gathered_sums(width: int, ahead: int = AHEAD) -> Any:
    """The tile ``out[o:][:m] = Σ_p weights[p] x[rows[p]·stride + column:][:m]`` for begin ≤ p < end.

    m is `width` vectors; `last` is the last place of `rows`.
    """

    @intrinsic
    def tile(
        typing: Any,
        out: Any,
        o: Any,
        weights: Any,
        rows: Any,
        begin: Any,
        end: Any,
        last: Any,
        x: Any,
        stride: Any,
        column: Any,
    ) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            plain = _vector._plain(context, builder, signature, args)
            out, o, weights, rows, begin, end, last, x, stride, column = plain

            def row(p: Any) -> Any:
                number = builder.load(_vector._at(builder, rows, p), align=4)
                start = builder.mul(builder.sext(number, stride.type), stride)
                return _vector._at(builder, x, builder.add(start, column))

            pointer = ir.PointerType()
            ask = builder.module.declare_intrinsic(
                "llvm.prefetch", [pointer], ir.FunctionType(ir.VoidType(), [pointer, INT32, INT32, INT32])
            )
            with _vector._Loop(builder, begin, end, 1, [ir.Constant(VECTOR, None)] * width) as loop:
                p = loop.index
                later = builder.add(p, p.type(ahead))
                coming = row(builder.select(builder.icmp_signed("<", later, last), later, last))
                for k in range(0, width * LANES, 16):  # a cache line
                    builder.call(ask, [_vector._at(builder, coming, p.type(k)), INT32(0), INT32(2), INT32(1)])
                source = row(p)
                weight = _vector._broadcast(builder, builder.load(_vector._at(builder, weights, p), align=4), VECTOR)
                for v in range(width):
                    term = _vector._load(builder, _vector._at(builder, source, p.type(v * LANES)), VECTOR)
                    loop.set(v, _vector._multiply_add(builder, weight, term, loop.get(v)))
            for v, value in enumerate(loop.results):
                _vector._store(builder, value, _vector._at(builder, out, builder.add(o, o.type(v * LANES))))
            return context.get_dummy_value()

        return types.void(out, o, weights, rows, begin, end, last, x, stride, column), generate

    return tile
