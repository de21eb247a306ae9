"""How a rule is written: a small function of numbers or of one run, compiled by Numba, or run as plain Python.

Nothing here may depend on the processor: no `fastmath`, so no contraction into fused operations and no other order of
sums, and no call of a C library's functions, whose code is chosen by processor (`sim.model.elementary` has our own).
With `NUMBA_DISABLE_JIT=1` in the environment the same rules run as plain Python, for a debugger and for coverage.
"""

from __future__ import annotations

import struct
from collections import namedtuple
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, cast

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

PLAIN: bool = bool(vars(config)["DISABLE_JIT"])
"""Whether rules run as plain Python."""

_compiled = njit(nogil=True, error_model="numpy")


def rule(function: Callable[..., Any]) -> Any:
    """Marks a rule: compiled, without the interpreter's lock, dividing as floats do (x / 0 is infinite, no error).

    A rule of a `run` is linked into the entry that reaches it; where Python calls it, it is compiled once more.
    """
    if PLAIN or function.__code__.co_varnames[:1] != ("run",):
        return _compiled(function)
    from sim.model.linked import linked

    return linked(function)


inlined = njit(nogil=True, error_model="numpy", inline="always")
"""Marks a rule whose lines are put where it is called: for one that returns records, which Numba cannot hand back."""


def entry(function: Callable[..., Any]) -> Any:
    """Marks what Python calls: a rule that is kept compiled between starts, with all it calls (`sim.model.cache`)."""
    if PLAIN:
        return _with_attributes(function)
    from sim.model.cache import Kept

    compiled: Any = _compiled(function)
    compiled._cache = Kept(function)
    return compiled


def _with_attributes(function: Callable[..., Any]) -> Callable[..., Any]:
    """A plain rule whose records are read by attribute, as compiled ones read them."""

    def readable(given: Any) -> Any:
        if isinstance(given, tuple) and hasattr(given, "_fields"):
            return type(given)(*map(readable, given))
        return given.view(np.recarray) if isinstance(given, np.ndarray) and given.dtype.names else given

    @wraps(function)
    def call(*given: Any) -> Any:
        return function(*map(readable, given))

    return call


def codes(names: Iterable[str]) -> Any:
    """Names as whole numbers from 0, to be read as attributes; rules see constants."""
    names = tuple(names)
    return namedtuple("codes", names)(*range(len(names)))


# ---- what Python has no operation for ------------------------------------------------------------------------------
@intrinsic
def _bits_of(typing_context: Any, x: Any) -> Any:  # noqa: ARG001 - Numba hands it over
    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
        return builder.bitcast(given[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def _float_of(typing_context: Any, bits: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
        return builder.bitcast(given[0], ir.DoubleType())

    return types.float64(types.int64), generate


@intrinsic
def _product_high(typing_context: Any, a: Any, b: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(given[0], wide), builder.zext(given[1], wide))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.uint64(types.uint64, types.uint64), generate


def _plain_bits_of(x: float) -> int:
    return int(struct.unpack("<q", struct.pack("<d", x))[0])


def _plain_float_of(bits: int) -> float:
    wrapped = (int(bits) + 2**63) % 2**64 - 2**63  # as a sum or shift of 64 bits would
    return float(struct.unpack("<d", struct.pack("<q", wrapped))[0])


def _plain_product_high(a: np.uint64, b: np.uint64) -> np.uint64:
    return np.uint64((int(a) * int(b)) >> 64)


bits_of: Callable[[float], int] = cast(Any, _plain_bits_of if PLAIN else _bits_of)
"""The 64 bits of a float as an int64."""
float_of: Callable[[int], float] = cast(Any, _plain_float_of if PLAIN else _float_of)
"""The float that an int64's bits stand for."""
product_high: Callable[[np.uint64, np.uint64], np.uint64] = cast(
    Any, _plain_product_high if PLAIN else _product_high
)
"""The upper 64 bits of the product of two uint64."""


# ---- arrays that nobody counts -------------------------------------------------------------------------------------
# Numba counts who holds an array, by instructions that make the processor wait, and asks the C library for the room of
# each new one: together these took a third of a month's time. Nothing is counted of arrays that have no owner.
def _on_the_stack(context: Any, builder: Any, array: Any, size: int) -> tuple[Any, Any, int]:
    """An array of `size` in the function's own room, a pointer to its first item, and the bytes of each."""
    item = context.get_data_type(array.dtype)
    data = builder.bitcast(cgutils.alloca_once(builder, ir.ArrayType(item, size)), item.as_pointer())
    width = context.get_abi_sizeof(item)
    made = make_array(array)(context, builder)
    place = context.get_constant(types.intp, width)
    populate_array(made, data, [context.get_constant(types.intp, size)], [place], place, meminfo=None)
    return made._getvalue(), data, width


def _size_of(literal: Any) -> int:
    if not isinstance(literal, types.IntegerLiteral):
        raise TypingError("the size of a rule's own array has to be a constant")
    return int(literal.literal_value)


def _cleared(item: Any, size: Any) -> Any:
    array = types.Array(item, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:  # noqa: ARG001
        made, data, width = _on_the_stack(context, builder, array, _size_of(size))
        cgutils.memset(builder, data, context.get_constant(types.intp, width * _size_of(size)), 0)
        return made

    return array(size), generate


@intrinsic(prefer_literal=True)
def _zeros(typing_context: Any, size: Any) -> Any:  # noqa: ARG001
    return _cleared(types.float64, size)


@intrinsic(prefer_literal=True)
def _flags(typing_context: Any, size: Any) -> Any:  # noqa: ARG001
    return _cleared(types.uint8, size)


@intrinsic(prefer_literal=True)
def _full(typing_context: Any, size: Any, value: Any) -> Any:  # noqa: ARG001
    array = types.Array(types.unliteral(value), 1, "C")

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        made, data, _ = _on_the_stack(context, builder, array, _size_of(size))
        item = context.cast(builder, given[1], signature.args[1], array.dtype)
        for place in range(_size_of(size)):
            builder.store(item, builder.gep(data, [ir.Constant(ir.IntType(64), place)]))
        return made

    return array(size, value), generate


@intrinsic
def _borrowed(typing_context: Any, array: Any) -> Any:  # noqa: ARG001
    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        lent = make_array(signature.return_type)(context, builder, given[0])
        lent.meminfo = cgutils.get_null_value(lent.meminfo.type)
        lent.parent = cgutils.get_null_value(lent.parent.type)
        return lent._getvalue()

    return array(array), generate


def _plain_flags(size: int) -> np.ndarray:
    return np.zeros(size, np.uint8)


def _plain_borrowed(array: np.ndarray) -> np.ndarray:
    return array


zeros: Callable[[int], Any] = cast(Any, np.zeros if PLAIN else _zeros)
"""Zeros (size,) for a rule's own use, floats, while it runs: never to be returned. The size is a constant."""
flags: Callable[[int], Any] = cast(Any, _plain_flags if PLAIN else _flags)
"""As `zeros`, of uint8: whether each is so."""
full: Callable[[int, Any], Any] = cast(Any, np.full if PLAIN else _full)
"""As `zeros`, of a value (float or int) in every place."""
borrowed: Callable[[Any], Any] = cast(Any, _plain_borrowed if PLAIN else _borrowed)
"""The same array without its owner, who has to outlive all use of it."""
