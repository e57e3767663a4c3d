"""Lines through the zone: the points of a band-structure path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from explorer.models.kit.arrays import Floats, Integers
from explorer.models.kit.lattice_path import PathPoint


@dataclass(frozen=True, eq=False)
class SampledPath:
    """K points along straight lines between labelled corners.

    k : (2, K) [1/angstrom]. distance : (K,) length from the start [1/angstrom].
    corners : (P,) indices of the corners among the points; labels : their names.
    """

    k: Floats
    distance: Floats
    corners: Integers
    labels: tuple[str, ...]


def sample_path(corners: Sequence[PathPoint], count: int) -> SampledPath:
    """About `count` points (each corner among them), spaced evenly in length; shared, not to be written to.

    Raises ValueError for fewer than two corners or fewer points than corners.
    """
    if len(corners) < 2:
        raise ValueError(f"a path needs two corners or more, got {len(corners)}")
    if count < len(corners):
        raise ValueError(f"a path over {len(corners)} corners needs as many points or more, got {count}")
    return _sampled(tuple(corners), count)


@lru_cache(maxsize=32)
def _sampled(corners: tuple[PathPoint, ...], count: int) -> SampledPath:
    """The points; kept, since most sliders leave the path alone."""
    ends = np.array([corner.k for corner in corners])
    lengths = np.linalg.norm(np.diff(ends, axis=0), axis=1)
    steps = np.maximum(1, np.rint(lengths / lengths.sum() * (count - 1)).astype(int))
    lines = [
        a + (b - a) * (np.arange(n) / n)[:, None] for a, b, n in zip(ends, ends[1:], steps, strict=False)
    ]
    k = np.concatenate([*lines, ends[-1:]]).T
    distance = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(k, axis=1), axis=0))])
    at = np.concatenate([[0], np.cumsum(steps)])
    return SampledPath(k, distance, at, tuple(corner.label for corner in corners))
