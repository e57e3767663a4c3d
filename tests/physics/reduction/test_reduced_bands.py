"""A group of bands by itself against the full kernel: at nodes to rounding, between them as the check says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.models.haldane import Haldane
from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.integration.adaptive import adaptive_response
from explorer.physics.integration.many_bands import adaptive
from explorer.physics.kernels.rows import ROW_NAMES, ROWS
from explorer.physics.reduction import reduced as module
from explorer.physics.reduction.kernel import RESULTS
from explorer.physics.reduction.matrices import FILLED, nodes
from explorer.physics.reduction.reduced import ReducedBands, reduce_bands
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.results.adaptive import ON_DISK
from tests.physics.random_hamiltonians import in_kramers_pairs, random_hamiltonian, random_wave_vectors


def layered(
    below: int, inside: int, above: int, seed: int, dipoles: bool = False, gap: float = 3.0
) -> LatticeHamiltonian:
    """A random crystal whose bands come in three groups, gaps between them."""
    h = random_hamiltonian(below + inside + above, seed, dipoles=dipoles)
    hoppings = 0.35 * h.hoppings
    home = len(h.vectors) // 2
    hoppings[home] += np.diag(np.repeat([-gap, 0.0, gap], [below, inside, above]))
    return replace(h, hoppings=hoppings, degeneracy_tolerance=1e-8)


def mesh(h: LatticeHamiltonian, n: int) -> Floats:
    steps = np.arange(n) / n
    return np.ascontiguousarray(
        h.reciprocal.T @ np.stack(np.meshgrid(steps, steps, indexing="ij")).reshape(2, -1)
    )


def reduced(h: LatticeHamiltonian, window: slice, n: int) -> ReducedBands:
    return ReducedBands(h, nodes(h, mesh(h, n), window), n)


def off(exact: BandGeometry, found: BandGeometry) -> dict[str, float]:
    """Largest error of each row over its largest value."""
    return {
        name: float(np.abs(exact.values[ROWS[name]] - found.values[ROWS[name]]).max())
        / float(np.abs(exact.values[ROWS[name]]).max())
        for name in RESULTS
    }


@pytest.mark.parametrize("dipoles", [False, True])
@pytest.mark.parametrize("sizes", [(3, 4, 2), (0, 3, 4), (5, 2, 0)])
def test_at_the_nodes_every_row_is_that_of_the_full_kernel(
    sizes: tuple[int, int, int], dipoles: bool
) -> None:
    h = layered(*sizes, seed=5, dipoles=dipoles)
    window = slice(sizes[0], sizes[0] + sizes[1])
    group = reduced(h, window, 6)
    k = mesh(h, 6)
    exact = band_geometry(h, k, bands=window)
    assert max(off(exact, group(h, k)).values()) < 1e-10
    assert np.isnan(group(h, k).term2).all()  # what is not known is not a number


def test_kramers_pairs_and_their_products() -> None:
    h = in_kramers_pairs(layered(1, 2, 1, seed=3), seed=4)
    group = reduced(h, slice(2, 6), 6)
    assert group.pairs
    k = mesh(h, 6)
    exact = band_geometry(h, k, bands=slice(2, 6))
    assert max(off(exact, group(h, k)).values()) < 1e-10


def test_levels_that_cross_with_different_slopes_are_traced_as_products() -> None:
    """Two crystals side by side, shifted until their bands meet at a node."""
    one, other = layered(1, 2, 1, seed=7), layered(1, 2, 1, seed=8)
    k = mesh(one, 4)[:, 5:6]
    levels = [band_geometry(h, k).energy[:, 0] for h in (one, other)]
    n, vectors = one.size, one.vectors
    hoppings = np.zeros((len(vectors), 2 * n, 2 * n), dtype=complex)
    hoppings[:, :n, :n], hoppings[:, n:, n:] = one.hoppings, other.hoppings
    home = len(vectors) // 2
    hoppings[home, n:, n:] += (levels[0][1] - levels[1][1]) * np.eye(n)
    h = LatticeHamiltonian(
        one.cell,
        np.concatenate([one.positions, other.positions]),
        vectors,
        hoppings,
        degeneracy_tolerance=1e-8,
    )
    window = slice(2, 6)
    exact = band_geometry(h, k, bands=window)
    assert len(np.unique(exact.groups)) == 3  # one group of two
    found = ReducedBands(h, nodes(h, mesh(h, 4), window), 4)(h, k)
    assert max(off(exact, found).values()) < 1e-9
    # with means in place of matrices the surface density would be far off
    g = exact.values
    mean = 0.5 * (g[ROWS["v_x"]] * g[ROWS["g_xy"]] - g[ROWS["v_y"]] * g[ROWS["g_xx"]])
    assert np.abs(mean - g[ROWS["surface_x"]]).max() > 0.05 * np.abs(g[ROWS["surface_x"]]).max()


@pytest.mark.parametrize("below", [2, 6])
def test_sums_over_filled_bands_are_those_of_the_full_kernel(below: int) -> None:
    h = layered(below, 3, 2, seed=9, dipoles=True)
    k = random_wave_vectors(h, 7, seed=1)
    found = dict(zip(FILLED, nodes(h, k, slice(below, below + 3)).filled, strict=True))
    g = band_geometry(h, k)
    filled = g.values[:, :below]
    moment = (g.orbital_moment - g.energy * g.berry_curvature)[:below].sum(axis=0)
    for name, right in (
        ("T1_x", filled[ROWS["t1_x"]].sum(axis=0)),
        ("T1_y", filled[ROWS["t1_y"]].sum(axis=0)),
        ("Omega", filled[ROWS["curvature"]].sum(axis=0)),
        ("m - e Omega", moment),
    ):
        size = np.abs(filled).max(axis=(1, 2)).max()
        np.testing.assert_allclose(found[name], right, atol=1e-11 * size)


def test_the_interpolation_converges_exponentially() -> None:
    h = layered(3, 3, 3, seed=2)
    k = random_wave_vectors(h, 50, seed=3)
    exact = band_geometry(h, k, bands=slice(3, 6))
    errors = [max(off(exact, reduced(h, slice(3, 6), n)(h, k)).values()) for n in (8, 16, 32)]
    assert errors[1] < 0.1 * errors[0]
    assert errors[2] < 1e-5


def test_the_check_says_how_far_the_interpolation_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_BANDS", 4)
    h = layered(3, 3, 3, seed=12)
    group = reduce_bands(h, np.array([-0.2, 0.3]), np.array([300.0]), INTRINSIC.densities, 1e-2)
    assert group is not None
    assert group.check is not None
    said = group.check.misfit(INTRINSIC.densities, -0.5, 0.6)
    k = random_wave_vectors(h, 400, seed=4)
    exact, found = band_geometry(h, k, bands=group.window), group(h, k)
    near = (exact.energy > -0.5) & (exact.energy < 0.6)
    true = max(
        float((np.abs(a - b) * near).sum() / (np.abs(a) * near).sum())
        for a, b in zip(INTRINSIC.densities(exact), INTRINSIC.densities(found), strict=True)
    )
    assert said < 1e-3  # a tenth of what was asked for
    assert true < 2 * said + 1e-12


def test_a_response_of_the_group_is_that_of_all_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST_BANDS", 4)
    h = layered(2, 3, 3, seed=6, dipoles=True)
    mu = np.linspace(-0.4, 0.4, 5)
    exact = adaptive_response(h, INTRINSIC, mu, 300.0, rtol=3e-3)
    group = reduce_bands(h, mu, np.array([300.0]), INTRINSIC.densities, 3e-3)
    assert group is not None
    assert group.window == slice(2, 5)
    found = adaptive(h, INTRINSIC, mu, 300.0, rtol=3e-3, kept=ON_DISK, group=group)
    assert found.converged.all()
    assert (np.abs(found.chi - exact.chi) <= found.chi_error + exact.chi_error).all()
    assert (np.abs(found.alpha - exact.alpha) <= found.alpha_error + exact.alpha_error).all()
    # The filled bands below carry a part that is not small beside the bars.
    filled, _ = group.filled_density(INTRINSIC.densities)
    assert np.abs(filled).max() > 0
    assert set(RESULTS) < set(ROW_NAMES)


def test_a_chern_number_leaves_no_smooth_gauge(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lower band of Haldane's model is taken by itself where it has none."""
    monkeypatch.setattr(module, "LEAST_BANDS", 2)
    for mass, chern in ((0.0, True), (2.0, False)):
        h = Haldane(mass=mass, flux=np.pi / 2).hamiltonian()
        assert isinstance(h, LatticeHamiltonian)
        k = mesh(h, 24)
        curl = band_geometry(h, k).berry_curvature[0].mean() * abs(np.linalg.det(h.reciprocal)) / (2 * np.pi)
        assert round(abs(curl)) == chern
        found = reduce_bands(h, np.array([-1.5]), np.array([100.0]), INTRINSIC.densities, 1e-2)
        assert (found is None) == chern
