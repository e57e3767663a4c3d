"""Eight wave vectors at a time: a vector type, so that SIMD across k does not hang on the compiler's guesses.

A `Lanes` value holds one float64 for each of eight wave vectors; kernels keep their matrices as flat float64
arrays in which eight consecutive numbers are one `Lanes`. Arithmetic works between `Lanes` and with scalars.
Inside compiled code a value is an LLVM vector of eight doubles; uncompiled (NUMBA_DISABLE_JIT=1) the same
functions run on numpy arrays of length eight.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import lower_builtin, models, register_model, type_callable

from explorer.models.kit.arrays import Bools, Floats, Integers
from explorer.physics.compiled import njit

LANES = 8
"""Wave vectors per vector: one AVX-512 register, two of AVX2, four of NEON."""


Lanes: TypeAlias = Floats
"""Eight numbers, one for each wave vector: for the type checker an array, compiled a vector."""


class LanesType(types.Type):
    """Numba's name for eight doubles."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


class MaskType(types.Type):
    """Numba's name for eight truth values."""

    def __init__(self) -> None:
        super().__init__(name="Mask")


lanes = LanesType()
mask = MaskType()
_VECTOR = ir.VectorType(ir.DoubleType(), LANES)
_BITS = ir.VectorType(ir.IntType(1), LANES)


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, _VECTOR)


@register_model(MaskType)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, _BITS)


# The functions as plain Python, which numba replaces by one instruction each.


def load(array: Floats, index: int) -> Floats:
    """Eight consecutive numbers from a flat array."""
    return array[index : index + LANES].copy()


def store(array: Floats, index: int, value: Floats) -> None:
    """Write eight consecutive numbers."""
    array[index : index + LANES] = value


def pair(array: Floats, index: int) -> tuple[Floats, Floats]:
    """Two vectors that follow each other, real and imaginary part."""
    return load(array, index), load(array, index + LANES)


def store_pair(array: Floats, index: int, real: Floats, imaginary: Floats) -> None:
    """Write two vectors that follow each other."""
    store(array, index, real)
    store(array, index + LANES, imaginary)


def store_integers(array: Integers, index: int, value: Floats) -> None:
    """Write eight consecutive integers."""
    array[index : index + LANES] = value.astype(np.int64)


def splat(value: float) -> Floats:
    """The same number in every lane."""
    return np.full(LANES, value)


def fma(a: Floats, b: Floats, c: Floats) -> Floats:
    """a b + c, rounded once where compiled."""
    return a * b + c


def add_product(
    ar: Floats, ai: Floats, br: Floats, bi: Floats, cr: Floats, ci: Floats
) -> tuple[Floats, Floats]:
    """Complex a b + c."""
    return fma(ar, br, fma(-ai, bi, cr)), fma(ar, bi, fma(ai, br, ci))


def add_conjugate_product(
    ar: Floats, ai: Floats, br: Floats, bi: Floats, cr: Floats, ci: Floats
) -> tuple[Floats, Floats]:
    """Complex conj(a) b + c."""
    return add_product(ar, -ai, br, bi, cr, ci)


def square_root(a: Floats) -> Floats:
    """Square root; NaN for negative numbers."""
    return np.sqrt(a)


def nearest(a: Floats) -> Floats:
    """Nearest integer."""
    return np.rint(a)


def magnitude(a: Floats) -> Floats:
    """Absolute value."""
    return np.abs(a)


def with_sign(a: Floats, b: Floats) -> Floats:
    """|a| with the sign of b (the sign bit: -0 counts as negative)."""
    return np.copysign(a, b)


def select(condition: Bools, a: Floats, b: Floats) -> Floats:
    """A where the condition holds, b elsewhere."""
    return np.where(condition, a, b)


def anywhere(condition: Bools) -> bool:
    """Whether the condition holds in some lane."""
    return bool(np.any(condition))


def total(a: Floats) -> float:
    """Sum of the eight numbers."""
    return float(a.sum())


def _broadcast(builder: ir.IRBuilder, value: ir.Value) -> ir.Value:
    if isinstance(value.type, ir.VectorType):
        return value
    zero = ir.Constant(ir.IntType(32), 0)
    first = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), value, zero)
    order = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, ir.Constant(_VECTOR, ir.Undefined), order)


_PAIRS = ((lanes, lanes), (lanes, types.float64), (types.float64, lanes))


def _binary(op: Callable, emit: str, result: types.Type = lanes) -> None:
    class Typing(ConcreteTemplate):
        cases = [signature(result, *pair) for pair in _PAIRS]  # noqa: RUF012

    infer_global(op)(Typing)

    def lowering(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        a, b = (_broadcast(builder, x) for x in args)
        return builder.fcmp_ordered(emit, a, b) if result is mask else getattr(builder, emit)(a, b)

    for pair in _PAIRS:
        lower_builtin(op, *pair)(lowering)


_binary(operator.add, "fadd")
_binary(operator.sub, "fsub")
_binary(operator.mul, "fmul")
_binary(operator.truediv, "fdiv")
_binary(operator.lt, "<", mask)
_binary(operator.gt, ">", mask)
_binary(operator.eq, "==", mask)


@infer_global(operator.neg)
class _Negation(ConcreteTemplate):
    cases = [signature(lanes, lanes)]  # noqa: RUF012


@lower_builtin(operator.neg, lanes)
def _negate(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
    return builder.fneg(args[0])


@infer_global(operator.and_)
class _Both(ConcreteTemplate):
    cases = [signature(mask, mask, mask)]  # noqa: RUF012


@lower_builtin(operator.and_, mask, mask)
def _both(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
    return builder.and_(*args)


def _function(python: Callable, result: types.Type, *arguments: types.Type) -> Callable:
    """Type `python` in compiled code; the decorated function lowers it."""

    class Typing(ConcreteTemplate):
        cases = [signature(result, *arguments)]  # noqa: RUF012

    infer_global(python)(Typing)
    lower: Callable = lower_builtin(python, *arguments)
    return lower


def _call(builder: ir.IRBuilder, name: str, *args: ir.Value) -> ir.Value:
    kind = ir.FunctionType(_VECTOR, [_VECTOR] * len(args))
    return builder.call(
        cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{LANES}f64"), args
    )


def _llvm(python: Callable, name: str, count: int) -> None:
    """Lower `python` to the LLVM intrinsic `name` of `count` vectors."""

    @_function(python, lanes, *[lanes] * count)
    def lowering(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
        return _call(builder, name, *args)


_llvm(fma, "fma", 3)
_llvm(square_root, "sqrt", 1)
_llvm(nearest, "rint", 1)
_llvm(magnitude, "fabs", 1)
_llvm(with_sign, "copysign", 2)


@_function(add_product, types.UniTuple(lanes, 2), *[lanes] * 6)
def _add_product(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
    ar, ai, br, bi, cr, ci = args
    real = _call(builder, "fma", ar, br, _call(builder, "fma", builder.fneg(ai), bi, cr))
    imaginary = _call(builder, "fma", ar, bi, _call(builder, "fma", ai, br, ci))
    return context.make_tuple(builder, sig.return_type, (real, imaginary))


@_function(add_conjugate_product, types.UniTuple(lanes, 2), *[lanes] * 6)
def _add_conjugate_product(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
    ar, ai, *rest = args
    return _add_product(context, builder, sig, [ar, builder.fneg(ai), *rest])


@_function(select, lanes, mask, lanes, lanes)
def _select(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
    return builder.select(*args)


@_function(anywhere, types.boolean, mask)
def _anywhere(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
    bits = ir.IntType(LANES)
    return builder.icmp_unsigned("!=", builder.bitcast(args[0], bits), ir.Constant(bits, 0))


@_function(total, types.float64, lanes)
def _total(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
    parts = [builder.extract_element(args[0], ir.Constant(ir.IntType(32), i)) for i in range(LANES)]
    while len(parts) > 1:
        parts = [builder.fadd(a, b) for a, b in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


@_function(splat, lanes, types.float64)
def _splat(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
    return _broadcast(builder, args[0])


@type_callable(load)
def _type_load(context: Any) -> Callable:
    def typer(array: types.Type, index: types.Type) -> types.Type | None:
        flat = isinstance(array, types.Array) and array.ndim == 1 and array.layout == "C"
        return lanes if flat and isinstance(index, types.Integer) else None

    return typer


@type_callable(store)
def _type_store(context: Any) -> Callable:
    def typer(array: types.Type, index: types.Type, value: types.Type) -> types.Type | None:
        flat = isinstance(array, types.Array) and array.ndim == 1 and array.layout == "C"
        return types.none if flat and isinstance(index, types.Integer) and value is lanes else None

    return typer


@type_callable(store_integers)
def _type_store_integers(context: Any) -> Callable:
    def typer(array: types.Type, index: types.Type, value: types.Type) -> types.Type | None:
        flat = isinstance(array, types.Array) and array.ndim == 1 and array.layout == "C"
        whole = flat and array.dtype == types.int64
        return types.none if whole and isinstance(index, types.Integer) and value is lanes else None

    return typer


@lower_builtin(store_integers, types.Array, types.Integer, lanes)
def _store_integers(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
    integers = ir.VectorType(ir.IntType(64), LANES)
    data = context.make_array(sig.args[0])(context, builder, args[0]).data
    to = builder.bitcast(builder.gep(data, [args[1]]), integers.as_pointer())
    builder.store(builder.fptosi(args[2], integers), to, align=8)
    return context.get_dummy_value()


@type_callable(pair)
def _type_pair(context: Any) -> Callable:
    def typer(array: types.Type, index: types.Type) -> types.Type | None:
        flat = isinstance(array, types.Array) and array.ndim == 1 and array.layout == "C"
        return types.UniTuple(lanes, 2) if flat and isinstance(index, types.Integer) else None

    return typer


@type_callable(store_pair)
def _type_store_pair(context: Any) -> Callable:
    def typer(array: types.Type, index: types.Type, a: types.Type, b: types.Type) -> types.Type | None:
        flat = isinstance(array, types.Array) and array.ndim == 1 and array.layout == "C"
        return types.none if flat and isinstance(index, types.Integer) and a is b is lanes else None

    return typer


def _address(context: Any, builder: ir.IRBuilder, array_type: Any, array: Any, index: Any) -> ir.Value:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), _VECTOR.as_pointer())


@lower_builtin(load, types.Array, types.Integer)
def _load(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
    return builder.load(_address(context, builder, sig.args[0], *args), align=8)


@lower_builtin(store, types.Array, types.Integer, lanes)
def _store(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
    builder.store(args[2], _address(context, builder, sig.args[0], *args[:2]), align=8)
    return context.get_dummy_value()


@lower_builtin(pair, types.Array, types.Integer)
def _pair(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
    at = _address(context, builder, sig.args[0], *args)
    after = builder.gep(at, [ir.Constant(ir.IntType(64), 1)])
    return context.make_tuple(builder, sig.return_type, [builder.load(p, align=8) for p in (at, after)])


@lower_builtin(store_pair, types.Array, types.Integer, lanes, lanes)
def _store_pair(context: Any, builder: ir.IRBuilder, sig: Any, args: Any) -> ir.Value:
    at = _address(context, builder, sig.args[0], *args[:2])
    after = builder.gep(at, [ir.Constant(ir.IntType(64), 1)])
    builder.store(args[2], at, align=8)
    builder.store(args[3], after, align=8)
    return context.get_dummy_value()


@njit
def breadth(n: int) -> int:
    """Columns that a row of an n x n matrix takes: rows half a page apart push each other out of the cache."""
    return n + 1 if n % 16 == 0 else n
