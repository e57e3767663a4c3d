"""Every model of the catalogue and each of its presets against WannierBerri, same mesh: to 1e-6 of the largest value.

What is zero by symmetry counts relative to its bound: |Omega| <= tr G, |m| <= width tr G.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import constants
from wannierberri.calculators import tabulate

from explorer.models.kit.arrays import Floats
from explorer.models.kit.model import Model, catalogue
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.observables.equilibrium import magnetization
from explorer.physics.responses.anomalous_hall import HALL
from explorer.physics.responses.extrinsic import extrinsic
from explorer.physics.units import BOHR_MAGNETON, HBAR, MOMENT_UNIT
from tests.physics.against.wannierberri_runs import (
    GME_TO_CHI,
    HEIGHT,
    TAU,
    Both,
    levels_between,
    load,
    thermal,
)

AGREEMENT = 1e-6
MODELS = catalogue()
MESH = {"tbg": 3, "cri3": 2}
COLD = np.array([1e-4])
"""[K]: a step function between the levels of a mesh."""


def cases() -> list[object]:
    """Every preset; of the continuum model with two shells, and the large ones as they are when asked for."""
    found: list[object] = []
    for key, model in MODELS.items():
        marks = [pytest.mark.long] if key == "cri3" else []
        for title, values in {"defaults": {}, **model.presets}.items():
            small = {"shells": 2.0} if key == "tbg" else {}
            found.append(pytest.param(model(**small | values), id=f"{key}: {title}", marks=marks))
    found.append(pytest.param(MODELS["tbg"](), id="tbg: three shells", marks=pytest.mark.long))
    return found


@pytest.fixture(scope="module", params=cases())
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    model: Model = request.param
    return load(model.hamiltonian(), tmp_path_factory.mktemp("wannierberri"), MESH.get(model.key, 6))


def stretch(both: Both) -> float:
    """Largest trace of the metric [angstrom^2]."""
    return float((both.geometry.metric[0] + both.geometry.metric[2]).max())


def assert_close(computed: Floats, expected: Floats, bound: float = 0.0) -> None:
    scale = max(float(np.abs(expected).max()), 1e-3 * bound)
    assert float(np.abs(computed - expected).max()) < AGREEMENT * scale


def test_energies_velocities_and_curvature(both: Both) -> None:
    g = both.geometry
    assert_close(g.energy, both.data.E_K.T)
    assert_close(g.velocity, both.table(tabulate.Velocity, external=False)[:2])
    curvature = both.table(tabulate.BerryCurvature, external=both.dipoles)[2]
    assert_close(g.berry_curvature, curvature, stretch(both))


def test_metric_and_moment(both: Both) -> None:
    """From WannierBerri's matrices; for point orbitals from its calculators too."""
    g, bound = both.geometry, stretch(both)
    width = float(np.ptp(g.energy))
    metric, moment = both.wannier_space()
    assert_close(g.metric, metric)
    assert_close(g.orbital_moment, moment, width * bound)
    if not both.dipoles:
        assert_close(g.metric, both.metric())
        assert_close(MOMENT_UNIT * g.orbital_moment, both.moment(), MOMENT_UNIT * width * bound)


def test_hall_conductivity_and_magnetization(both: Both) -> None:
    g, mu = both.geometry, levels_between(both.geometry)
    sigma, _ = plain_sum(g, both.weights, HALL, mu, COLD)
    sheet = both.hall(mu, external=both.dipoles) / (constants.e**2 / constants.h)
    bound = 2 * np.pi * float((both.weights * (g.metric[0] + g.metric[2])).sum())
    assert_close(sigma[0, :, 0], sheet, bound)
    if not both.dipoles:  # the moment would lack its <r H r> in both codes, and differently
        computed = magnetization(g, both.weights, mu, COLD).total[0]
        assert_close(
            computed,
            both.magnetization(mu),
            100 * MOMENT_UNIT * float(np.ptp(g.energy)) * bound / (2 * np.pi),
        )


def test_kinetic_response(both: Both) -> None:
    """chi_ext and alpha_ext from WannierBerri's velocities and moments, in SI, against our integrand."""
    g, mu, kelvin = both.geometry, levels_between(both.geometry, 5), 700.0
    _, moment = both.wannier_space()
    velocity = both.table(tabulate.Velocity, external=False)[:2]
    flux = velocity * MOMENT_UNIT * moment * BOHR_MAGNETON
    bound = (
        np.abs(velocity) * MOMENT_UNIT * float(np.ptp(g.energy)) * (g.metric[0] + g.metric[2]) * BOHR_MAGNETON
    )
    chi, alpha = plain_sum(g, both.weights, extrinsic(TAU), mu, np.array([kelvin]))
    to_chi = 1e10 * GME_TO_CHI / (HEIGHT * 1e-10)  # from A per m of height
    expected, most = (thermal(f, both, mu, kelvin, slope=True) * to_chi for f in (flux, bound))
    assert_close(chi[0], expected, float(np.abs(most).max()))
    # (tau/T) int (e - mu) (-f0') v m with v = d_i e/hbar: from A m^2/(angstrom K) to nA nm/K.
    above = [thermal((g.energy - m) * flux, both, mu[[i]], kelvin, slope=True)[0] for i, m in enumerate(mu)]
    most = thermal(np.ptp(g.energy) * bound, both, mu, kelvin, slope=True)
    unit = TAU / HBAR / kelvin * 1e28
    assert_close(alpha[0], np.array(above) * unit, float(np.abs(most).max()) * unit)
