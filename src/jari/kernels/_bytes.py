"""Eight bytes at a time: what numba has no words for when it reads text.

Text is an array of bytes, and no token begins at a multiple of eight. `load64` and `store64` read and write eight bytes
anywhere, as one little-endian integer (the first byte lowest); `zero_bytes` counts the lowest bytes of a mask that are
zero. Each is one machine instruction or two. The caller answers for the eight bytes being there.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

INT64 = ir.IntType(64)


@intrinsic
def load64(typing: Any, data: Any, at: Any) -> Any:
    """``data[at : at + 8]`` (uint8, contiguous) as a uint64."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load(_pointer(context, builder, signature, args), align=1)

    return types.uint64(data, at), generate


@intrinsic
def store64(typing: Any, data: Any, at: Any, value: Any) -> Any:
    """``data[at : at + 8] = value`` (a uint64)."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        builder.store(args[2], _pointer(context, builder, signature, args), align=1)
        return context.get_dummy_value()

    return types.void(data, at, types.uint64), generate


@intrinsic
def zero_bytes(typing: Any, mask: Any) -> Any:
    """How many whole bytes, from the lowest, come before the first bit that is set: 0 to 8."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        zeros = builder.cttz(args[0], ir.Constant(ir.IntType(1), 0))
        return builder.lshr(zeros, INT64(3))

    return types.int64(types.uint64), generate


def _pointer(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, args[0])
    index = context.cast(builder, args[1], signature.args[1], types.intp)
    return builder.bitcast(cgutils.gep(builder, array.data, index), INT64.as_pointer())
