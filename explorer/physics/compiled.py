"""The one way to a compiled function: every kernel is compiled by numba under the same rules.

A function decorated with `njit` keeps the types of its signature, for whoever calls it and for the type checker;
numba itself reads the types of the arguments, not the annotations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, overload

import numba

from explorer.physics.kept_code import keep

P = ParamSpec("P")
R = TypeVar("R")


@overload
def njit(function: Callable[P, R], /) -> Callable[P, R]: ...


@overload
def njit(*, fastmath: set[str]) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def njit(
    function: Callable[P, R] | None = None, /, *, fastmath: set[str] | None = None
) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
    """Compile a function at its first call, or read what an earlier run compiled (`kept_code`).

    Compiled code lets other threads run, and divides as numpy does: 1/0 is infinite and raises nothing.

    Parameters
    ----------
    function : of numbers, arrays, and what `explorer.physics.simd` adds; `njit` may stand without parentheses.
    fastmath : liberties that the compiler may take with sums, e.g. {"reassoc", "contract"}; none by default.
    """

    def compiled(plain: Callable[P, R]) -> Callable[P, R]:
        found: Callable[P, R] = numba.njit(nogil=True, error_model="numpy", fastmath=fastmath or False)(plain)
        keep(found)
        return found

    return compiled if function is None else compiled(function)
