"""Arithmetic from a file, evaluated safely: a whitelist of syntax, no names but those given."""

from __future__ import annotations

import ast
import cmath
import operator
from collections.abc import Callable, Mapping

LONGEST = 500
"""Characters an expression may have."""

CONSTANTS: Mapping[str, complex] = {"pi": cmath.pi, "i": 1j}
FUNCTIONS: Mapping[str, Callable[[complex], complex]] = {
    "sin": cmath.sin,
    "cos": cmath.cos,
    "tan": cmath.tan,
    "exp": cmath.exp,
    "sqrt": cmath.sqrt,
    "abs": abs,
    "radians": lambda x: x * cmath.pi / 180,
}
BINARY: Mapping[type[ast.operator], Callable[[complex, complex], complex]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
UNARY: Mapping[type[ast.unaryop], Callable[[complex], complex]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}
RESERVED = frozenset(CONSTANTS) | frozenset(FUNCTIONS)
"""Names a parameter may not have."""


def evaluate(text: str | float, values: Mapping[str, complex]) -> complex:
    """Value of an expression such as "t*(1 + d)*exp(i*phi)"; a number stands for itself.

    Numbers, names of `values`, pi, i, + - * / **, parentheses and the functions of `FUNCTIONS`. ValueError
    says what is not understood.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise ValueError(f"expected a number or an expression in quotes, found {text!r}")
    if not isinstance(text, str):
        if not cmath.isfinite(text):
            raise ValueError(f"{text} is not a finite number")
        return complex(text)
    value = _compute(_parse(text), values, text)
    if not cmath.isfinite(value):
        raise ValueError(f"{text!r} has no finite value")
    return value


def holds(text: str, values: Mapping[str, complex]) -> bool:
    """Truth of conditions joined by "and": "delta == 0", "abs(theta) < 1e-9 and J > 0"."""
    tree = _parse(text)
    parts = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    compare: Mapping[type[ast.cmpop], Callable[[float, float], bool]] = {
        ast.Eq: lambda a, b: abs(a - b) < 1e-12,
        ast.NotEq: lambda a, b: abs(a - b) >= 1e-12,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
    }
    for part in parts:
        if not isinstance(part, ast.Compare) or len(part.ops) != 1 or type(part.ops[0]) not in compare:
            raise ValueError(f'{text!r} is not a condition such as "delta == 0" or "a > 0 and b == 1"')
        left, right = _compute(part.left, values, text), _compute(part.comparators[0], values, text)
        if not compare[type(part.ops[0])](left.real, right.real):
            return False
    return True


def _parse(text: str) -> ast.expr:
    if len(text) > LONGEST:
        raise ValueError(f"expression of {len(text)} characters; at most {LONGEST} are read")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{text!r} is not an arithmetic expression") from None


def _compute(node: ast.expr, values: Mapping[str, complex], text: str) -> complex:
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    ):
        try:
            return complex(node.value)
        except OverflowError:
            raise ValueError(f"{text!r} holds a number that is too large") from None
    if isinstance(node, ast.Name):
        if node.id in values:
            return complex(values[node.id])
        if node.id in CONSTANTS:
            return CONSTANTS[node.id]
        known = ", ".join([*values, *CONSTANTS])
        raise ValueError(f"{text!r} names {node.id!r}, which is neither a parameter nor a constant ({known})")
    try:
        if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
            left, right = _compute(node.left, values, text), _compute(node.right, values, text)
            return complex(BINARY[type(node.op)](left, right)) + 0
        if isinstance(node, ast.UnaryOp) and type(node.op) in UNARY:
            # + 0 makes a negative zero positive: sqrt(-1) is i, not -i
            return UNARY[type(node.op)](_compute(node.operand, values, text)) + 0
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            if len(node.args) == 1 and not node.keywords:
                return complex(FUNCTIONS[node.func.id](_compute(node.args[0], values, text)))
            raise ValueError(f"{text!r}: {node.func.id} takes one argument")
    except (ZeroDivisionError, OverflowError) as problem:
        raise ValueError(f"{text!r} has no finite value: {problem}") from None
    known = ", ".join(FUNCTIONS)
    raise ValueError(
        f"{text!r} holds {ast.unparse(node)!r}; + - * / **, parentheses and {known} are understood"
    )
