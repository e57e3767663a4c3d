"""What a long computation tells whoever waits for it, how it is stopped, and who shares its work.

Every computation that takes longer than a frame accepts a `Progress`, and a `Pool` where its work can be shared. One
that belongs to a page, where a hand may move at any time, takes a `Watch`: between two fractions it asks whether it is
to go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar, overload, runtime_checkable

T = TypeVar("T")


class Progress(Protocol):
    """Called with the finished fraction of a computation, 0 to 1; an exception that it raises ends the computation.

    Any function of one number will do. It is called in the thread that computes.
    """

    def __call__(self, fraction: float, /) -> object:
        """Hear how much is done."""


@runtime_checkable
class Watch(Progress, Protocol):
    """A progress that may also be asked when there is nothing new to tell."""

    def ask(self) -> None:
        """Return where the computation is to go on; raise where it is not."""


class Pool(Protocol):
    """Threads that share a computation, as `concurrent.futures.ThreadPoolExecutor` does."""

    def map(self, fn: Callable[..., T], /, *iterables: Iterable[Any]) -> Iterator[T]:
        """Results of fn in the order of the arguments, computed as threads become free."""


class Unattended:
    """The watch of a computation for which nobody waits and that nothing stops."""

    def __call__(self, fraction: float, /) -> None:
        """Tell nobody."""

    def ask(self) -> None:
        """Go on."""


UNATTENDED = Unattended()


class _Part:
    """Progress of one part of the work as progress of the whole."""

    def __init__(self, whole: Progress, begin: float, end: float) -> None:
        self._whole, self._begin, self._end = whole, begin, end

    def __call__(self, fraction: float, /) -> None:
        self._whole(self._begin + (self._end - self._begin) * fraction)


class _WatchedPart(_Part):
    """A part of watched work, of which the whole may be asked."""

    def __init__(self, whole: Watch, begin: float, end: float) -> None:
        super().__init__(whole, begin, end)
        self.ask = whole.ask


@overload
def part_of(whole: None, begin: float, end: float) -> None: ...
@overload
def part_of(whole: Watch, begin: float, end: float) -> Watch: ...
@overload
def part_of(whole: Watch | None, begin: float, end: float) -> Watch | None: ...
@overload
def part_of(whole: Progress | None, begin: float, end: float) -> Progress | None: ...
def part_of(whole: Progress | None, begin: float, end: float) -> Progress | None:
    """Progress of the part of a computation that takes it from one fraction to another.

    Parameters
    ----------
    whole : progress of the whole; None, or a `Watch`, makes the part so, too.
    begin, end : fractions of the whole, 0 to 1, between which the part's own 0 and 1 lie.

    >>> part_of(print, 0.5, 1.0)(0.5)
    0.75
    """
    if whole is None:
        return None
    if isinstance(whole, Watch):
        return _WatchedPart(whole, begin, end)
    return _Part(whole, begin, end)


def never_back(whole: Progress | None) -> Progress | None:
    """A progress that stays where it is while work that starts anew has not come as far again.

    >>> tell = never_back(print)
    >>> tell(0.5)
    0.5
    >>> tell(0.1)
    0.5
    """
    if whole is None:
        return None
    reached = 0.0

    def tell(fraction: float, /) -> None:
        nonlocal reached
        reached = max(reached, fraction)
        whole(reached)

    return tell
