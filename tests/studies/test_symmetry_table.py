"""Table I by numbers: models that break each combination of P, T and PT, and what is then left of each response.

No operation is given to the sums. They run over the same uniform mesh, which contains -k of each of its points, at
kT of about 50 meV; a response counts as absent below 1e-11 of the sum of the moduli of its terms and as present
above 1e-5 of it. Where a degenerate pair already cancels within its own trace the terms are those of the bound:
|Omega| <= tr g and |m| <= band width tr g.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from explorer.models.cumnas import CuMnAs
from explorer.models.haldane import Haldane
from explorer.models.honeycomb_antiferromagnet import HoneycombAntiferromagnet
from explorer.models.kit.arrays import Floats
from explorer.models.kit.model import Model
from explorer.models.mos2 import MoS2
from explorer.models.rashba_magnet import RashbaMagnet
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.occupations import entropy, fermi, fermi_slope
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.zone.domain import zone_of

KELVIN = 600.0
MESH = 36
ABSENT, PRESENT = 1e-11, 1e-5

EQUILIBRIUM, INNER, OUTER = "equilibrium", "intrinsic", "extrinsic"
NONE: set[str] = set()
ALL = {EQUILIBRIUM, INNER, OUTER}
P_T_PT = (
    # model, parameters, mu [eV], what P, T and PT leave, (P broken, T broken, PT broken)
    pytest.param(Haldane, {"mass": 0.0, "flux": 0.0}, 0.7, NONE, (0, 0, 0), id="P, T and PT hold"),
    pytest.param(CuMnAs, {"exchange": 0.0}, -0.9, NONE, (0, 0, 0), id="P, T and PT hold, spinful"),
    pytest.param(Haldane, {"mass": 0.0, "flux": 1.2}, 0.7, {EQUILIBRIUM}, (0, 1, 1), id="P alone"),
    pytest.param(Haldane, {"mass": 0.5, "flux": 0.0}, 0.7, {OUTER}, (1, 0, 1), id="T alone"),
    pytest.param(MoS2, {}, -0.06, {OUTER}, (1, 0, 1), id="T alone, strained MoS2"),
    pytest.param(CuMnAs, {}, 0.3, {INNER}, (1, 1, 0), id="PT alone, CuMnAs"),
    pytest.param(HoneycombAntiferromagnet, {}, -0.18, {INNER}, (1, 1, 0), id="PT alone, bilayer"),
    pytest.param(Haldane, {}, 0.7, ALL, (1, 1, 1), id="none holds"),
    pytest.param(CuMnAs, {"staggering": 0.15}, 0.3, ALL, (1, 1, 1), id="none holds, spinful"),
    pytest.param(RashbaMagnet, {}, 0.1, ALL, (1, 1, 1), id="none holds, Rashba magnet"),
)


def shares(model: Model, mu: float) -> dict[str, float]:
    """Largest component of each response over the sum of moduli, from the rows of the geometry alone."""
    h = model.hamiltonian()
    k, weights = zone_of(h).mesh(MESH)
    g = band_geometry(h, k)
    kT = KELVIN * 8.617333262e-5
    f, slope = fermi(g.energy, mu, KELVIN), fermi_slope(g.energy, mu, KELVIN)
    # -kT ln(1 + exp(-(e - mu)/kT)), the grand potential per state
    grand = -kT * np.logaddexp(0.0, -(g.energy - mu) / kT)
    stretch = g.metric[0] + g.metric[2]
    width = float(np.ptp(g.energy))

    def share(terms: Floats, bound: Floats) -> float:
        total = np.abs((terms * weights).sum(axis=(-2, -1))).max()
        return float(total / (bound * weights).sum(axis=(-2, -1)).max())

    # m_n = -(e/hbar) Im<..> and the curvature term -(e/hbar) (-grand) Omega: orbital_moment is that Im<..>
    magnetization = grand * g.berry_curvature - f * g.orbital_moment
    hall, inner = f * g.berry_curvature, f * g.term1 + slope * g.surface_density
    outer = slope * g.velocity * g.orbital_moment
    alpha = entropy(g.energy, mu, KELVIN) * g.term1 + (g.energy - mu) / KELVIN * slope * g.surface_density
    hot = slope * np.abs(g.energy - mu) / KELVIN
    thermal = (g.energy - mu) / KELVIN * outer
    return {
        "equilibrium M": share(magnetization, (np.abs(grand) + f * width) * stretch),
        "equilibrium Hall": share(hall, f * stretch),
        "intrinsic chi": share(inner, np.abs(inner)),
        "intrinsic alpha": share(alpha, np.abs(alpha)),
        "extrinsic chi": share(outer, _flux_bound(g, slope, stretch, width)),
        "extrinsic alpha": share(thermal, _flux_bound(g, hot, stretch, width)),
    }


def _flux_bound(g: BandGeometry, slope: Floats, stretch: Floats, width: float) -> Floats:
    """Terms of the extrinsic sum with each moment at its bound."""
    return slope * np.abs(g.velocity) * width * stretch


def broken(model: Model) -> tuple[int, int, int]:
    """Whether P, T, PT are broken, from the model's operations seen in the plane."""
    seen = {
        (bool(s.antiunitary), bool(np.trace(s.rotation) > 0))
        for s in model.symmetries()
        if np.abs(s.rotation - s.rotation[0, 0] * np.eye(2)).max() < 1e-9
    }
    p, t = (False, False) in seen, (True, True) in seen
    return int(not p), int(not t), int(not ((True, False) in seen or (p and t)))


@pytest.mark.parametrize(("model", "parameters", "mu", "left", "breaks"), P_T_PT)
def test_each_row_of_table_one(
    model: type[Model], parameters: dict[str, float], mu: float, left: set[str], breaks: tuple[int, int, int]
) -> None:
    instance: Any = model(**parameters)
    assert broken(instance) == breaks
    found = shares(instance, mu)
    for name, share in found.items():
        kind = name.split()[0]
        assert (share > PRESENT) if kind in left else (share < ABSENT), f"{name}: {share:.1e} of the terms"


def test_rows_as_the_paper_words_them() -> None:
    """The cases agree with the rule: equilibrium T and PT broken, intrinsic P and T, extrinsic P and PT."""
    for case in P_T_PT:
        _, _, _, left, (p, t, pt) = case.values
        expected = {EQUILIBRIUM} if t and pt else set()
        expected |= {INNER} if p and t else set()
        expected |= {OUTER} if p and pt else set()
        assert left == expected, case.id
    combinations = {case.values[4] for case in P_T_PT}
    # two of P, T, PT imply the third, so five combinations of eight exist
    assert combinations == {(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 1, 1)}


@pytest.mark.parametrize(
    ("parameters", "present"),
    [({"mass": 0.0}, False), ({"flux": 0.0}, False), ({}, True)],
    ids=["P alone", "T alone", "none"],
)
def test_the_adaptive_quadrature_agrees(parameters: dict[str, float], present: bool) -> None:
    """chi beside its own error bar, and beside the chi of the model that breaks both: 1 % of it is present."""
    whole = adaptive_response(Haldane().hamiltonian(), INTRINSIC, 0.7, KELVIN, rtol=1e-3)
    scale = tuple(float(np.abs(v).max()) for v in (whole.chi, whole.alpha))
    r = adaptive_response(Haldane(**parameters).hamiltonian(), INTRINSIC, 0.7, KELVIN, rtol=1e-3, scale=scale)
    largest = float(np.abs(r.chi).max())
    assert (largest > 10 * float(r.chi_error.max())) == present
    assert (largest > 1e-2 * scale[0]) == present
