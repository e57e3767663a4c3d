"""A kernel's numbers beside those of `equation_11_gauge_free`, the plain one."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian, PolynomialHamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.geometry.bloch import bloch_matrices
from explorer.physics.geometry.degenerate_groups import group_levels
from explorer.physics.geometry.equation_11_gauge_free import geometry_block
from explorer.physics.kernels.rows import ROWS

TOLERANCE = 1e-9
FAMILIES = (
    ("energy",),
    ("v_x", "v_y"),
    ("t1_x", "t1_y", "t2_x", "t2_y"),
    ("g_xx", "g_xy", "g_yy", "curvature"),
    ("moment",),
    ("surface_x", "surface_y"),
    ("flux_x", "flux_y"),
)
"""Rows with one unit: a component that vanishes by symmetry is judged by the others' size."""


def dense(h: Hamiltonian, k: Floats) -> BandGeometry:
    """Geometry by plain linear algebra, whatever kernel is faster."""
    values = geometry_block(bloch_matrices(h, k), h.degeneracy_tolerance, h.kramers_pairs)
    return BandGeometry(k, values, group_levels(values[0], h.degeneracy_tolerance, h.kramers_pairs))


def deviation(g: BandGeometry, expected: BandGeometry) -> float:
    """Largest error relative to the largest entry of the same unit; 1 where groups differ."""
    if not np.array_equal(g.groups, expected.groups):
        return 1.0
    worst = 0.0
    spread = np.ptp(expected.energy) + 1e-300
    for names in FAMILIES:
        rows = [ROWS[name] for name in names]
        scale = np.abs(expected.values[rows]).max()
        if names in (("moment",), ("flux_x", "flux_y")):  # a moment is a metric times an energy
            speed = 1.0 if names == ("moment",) else np.abs(expected.velocity).max()
            scale = max(scale, np.abs(expected.metric).max() * spread * speed)
        error = np.abs(g.values[rows] - expected.values[rows]).max()
        worst = max(worst, error / scale if scale > 0 else error)
    return float(worst)


def random_polynomial(bands: int, seed: int, degree: int = 3) -> PolynomialHamiltonian:
    """Random k.p Hamiltonian with all monomials up to a degree."""
    rng = np.random.default_rng(seed)
    powers = np.array([(p, q) for p in range(degree + 1) for q in range(degree + 1 - p)], dtype=np.int64)
    shape = (len(powers), bands, bands)
    raw = rng.normal(size=shape) + 1j * rng.normal(size=shape)
    return PolynomialHamiltonian(powers, raw + raw.conj().swapaxes(1, 2), 1.0)
