"""What every model of the zoo is held to: declared operations hold, and kill what they should."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Complexes, Floats
from explorer.models.kit.hamiltonian import Hamiltonian, LatticeHamiltonian, PolynomialHamiltonian
from explorer.models.kit.model import Model
from explorer.models.kit.symmetry import Symmetry
from explorer.physics.geometry.band_geometry import BandGeometry, band_geometry
from explorer.physics.geometry.bloch import bloch_matrices, displacements
from explorer.physics.occupations import fermi, fermi_slope
from explorer.physics.zone.domain import zone_of


def matrices(h: Hamiltonian, k: Floats) -> Complexes:
    """H(k) with every phase, (K, N, N)."""
    if not isinstance(h, LatticeHamiltonian):
        return bloch_matrices(h, k).H
    phase = np.exp(1j * np.einsum("xk,xrij->krij", k, displacements(h)))
    return np.einsum("rij,krij->kij", h.hoppings, phase)


def residual(h: Hamiltonian, s: Symmetry, reach: float = 0.3) -> float:
    """Largest element of U H(k) U^-1 - H(gk) over some k, relative to H."""
    k = reach * np.random.default_rng(7).normal(size=(2, 9))
    left = matrices(h, k)
    left = s.matrix @ (left.conj() if s.antiunitary else left) @ s.matrix.conj().T
    return float(np.abs(left - matrices(h, s.image(k))).max() / np.abs(left).max())


def assert_symmetries_hold(model: Model, tolerance: float = 1e-12) -> None:
    h = model.hamiltonian()
    for s in model.symmetries():
        assert np.allclose(s.matrix @ s.matrix.conj().T, np.eye(h.size), atol=1e-12), s.name
        assert residual(h, s) < tolerance, (s.name, model.values())


def names(model: Model) -> set[str]:
    return {s.name for s in model.symmetries()}


def responses(
    model: Model, mesh: int, mu: float, temperature: float
) -> tuple[dict[str, Floats], BandGeometry]:
    """Plain zone sums: intrinsic chi [angstrom], f0 Omega, extrinsic chi over tau [eV angstrom].

    A plane-wave model is summed over the circle inside its zone, on whose edge the cutoff breaks symmetries.
    """
    h = model.hamiltonian()
    k, weight = zone_of(h).mesh(mesh)
    if isinstance(h, PolynomialHamiltonian) and h.cell is not None:
        inside = np.linalg.norm(h.nearest_image(k), axis=0) < 0.999 * h.cutoff
        k, weight = k[:, inside], weight[inside]
    g = band_geometry(h, k)
    f, slope = fermi(g.energy, mu, temperature), fermi_slope(g.energy, mu, temperature)
    total = {
        "intrinsic": np.einsum("k,nk,ink->i", weight, f, g.term1)
        + np.einsum("k,nk,ink->i", weight, slope, g.surface_density),
        "hall": np.einsum("k,nk,nk->", weight, f, g.berry_curvature)[None],
        "extrinsic": np.einsum("k,nk,ink,nk->i", weight, slope, g.velocity, g.orbital_moment),
    }
    return total, g


def allowed(model: Model, time_even: bool) -> Floats:
    """Projector (2, 2) on the in-plane components that every declared operation keeps (theory section 4)."""
    change = [np.zeros((2, 2))]
    for s in model.symmetries():
        sign = -1.0 if s.antiunitary and not time_even else 1.0
        change.append(sign * np.linalg.det(s.rotation) * s.rotation - np.eye(2))
    _, size, directions = np.linalg.svd(np.concatenate(change))
    kept = directions[size < 1e-9]
    return np.asarray(kept.T @ kept)
