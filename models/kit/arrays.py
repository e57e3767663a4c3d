"""The array types named in signatures. Shapes are in the docstrings, k always on the last axis."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
"""Real array."""
Complexes: TypeAlias = npt.NDArray[np.complex128]
"""Complex array."""
Integers: TypeAlias = npt.NDArray[np.int64]
"""Integer array."""
Bools: TypeAlias = npt.NDArray[np.bool_]
"""Mask."""
