r"""A filled band set: chi of (8) equals dP/dB of the same lattice in a real magnetic field.

The enthalpy density -P.E - M B gives dM_z/dE_i = dP_i/dB_z, and M = chi.E by (7), so chi_i = dP_i/dB_z.

Field. Charge e (< 0): psi -> exp(i e f/hbar) psi when A -> A + grad f, hence a hopping from r_j to r_i takes
exp((i e/hbar) int_j^i A.dl) along the straight line between the orbitals. With r = u a1 + w a2 and
A.dl = B D u dw, D = det(a1, a2), the curl is B z and the phase is phi (u_i + u_j)/2 (w_i - w_j), with
phi = e B D/hbar. It is unchanged by a2; for phi = 2 pi p/q a step q a1 multiplies it by
exp(2 pi i p (w_i - w_j)), which the local gauge exp(2 pi i p S tau^w_i) of the orbitals of supercell S undoes
(positions are diagonal in the orbitals, so P is not touched). What is left is a periodic Hamiltonian of q N
orbitals on the cell (q a1, a2).

Polarization. P = e/(2 pi)^2 int d2k sum_occ A, A = <u|i d u>: with Berry phases
g_c = -Im ln det prod <u_k|u_k+dk> along the supercell's b_c, averaged over the other direction,
P = (e/cell area)(g_1 A_1 + g_2 A_2)/2 pi, modulo e A_c/area; u_{k+b} = exp(-i b.tau) u_k closes the loop.
Since B = hbar phi/(e D),

    chi/(e^2/hbar) = D d(P/e)/dphi      [angstrom].

The sign of e drops out, in keeping with chi ~ e^2 in (8):
chi/(e^2/hbar) = int d2k/(2 pi)^2 sum_occ (T1 + T2).
The fluxes +1 and -1 through q cells leave an error of order 1/q^2, which two lengths q extrapolate away.
"""

from __future__ import annotations

import numpy as np
import pytest

from explorer.models.cumnas import CuMnAs
from explorer.models.haldane import Haldane
from explorer.models.kit.arrays import Complexes, Floats, Integers
from explorer.models.kit.hamiltonian import LatticeHamiltonian
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.geometry.bloch import displacements
from explorer.physics.zone.domain import ReciprocalCell
from tests.physics.random_hamiltonians import random_hamiltonian

MESH = (3, 32)
"""Wave vectors along the supercell's short and long reciprocal vectors."""
TOLERANCE = 0.03
"""Relative to |chi|."""


def in_field(h: LatticeHamiltonian, flux: int, q: int) -> LatticeHamiltonian:
    """The lattice with `flux` quanta (h/e) through q cells, as a supercell of q cells along a1."""
    n = h.size
    fraction = h.positions @ np.linalg.inv(h.cell)  # (u, w) of each orbital
    phi = 2 * np.pi * flux / q
    blocks: dict[tuple[int, int], Complexes] = {}
    for (r1, r2), hopping in zip(h.vectors, h.hoppings, strict=True):
        for home in range(q):  # row orbital i in cell `home`, column orbital j in cell home + r1
            s, target = divmod(home + int(r1), q)
            u_i, u_j = home + fraction[:, 0, None], home + r1 + fraction[None, :, 0]
            along = fraction[:, 1, None] - r2 - fraction[None, :, 1]  # w_i - w_j
            phase = phi * 0.5 * (u_i + u_j) * along + 2 * np.pi * flux * s * fraction[None, :, 1]
            block = blocks.setdefault((s, int(r2)), np.zeros((q * n, q * n), complex))
            block[home * n : (home + 1) * n, target * n : (target + 1) * n] += hopping * np.exp(1j * phase)
    cell = np.array([q * h.cell[0], h.cell[1]])
    positions = np.concatenate([h.positions + home * h.cell[0] for home in range(q)])
    vectors: Integers = np.array(list(blocks), dtype=np.int64)
    return LatticeHamiltonian(cell, positions, vectors, np.array(list(blocks.values())))


def berry_phases(h: LatticeHamiltonian, filled: int, mesh: tuple[int, int]) -> Floats:
    """Mean Berry phases (g_1, g_2) of the filled states along b1 and b2, each modulo 2 pi."""
    grid = np.stack(np.meshgrid(*(np.arange(m) / m for m in mesh), indexing="ij"))
    k = np.tensordot(h.reciprocal.T, grid, axes=1).reshape(2, -1)
    d = displacements(h)
    bloch = np.array([(h.hoppings * np.exp(1j * np.tensordot(q, d, axes=1))).sum(axis=0) for q in k.T])
    assert np.abs(bloch - bloch.conj().swapaxes(1, 2)).max() < 1e-12
    energy, states = np.linalg.eigh(bloch)
    assert energy[:, filled].min() - energy[:, filled - 1].max() > 0.2, "no gap: nothing to compare"
    u = states[:, :, :filled].reshape(*mesh, h.size, filled)
    means = []
    for axis in (0, 1):
        closing = np.exp(-1j * (h.positions @ h.reciprocal[axis]))[:, None]
        line = np.moveaxis(u, axis, 0)
        ahead = np.concatenate([line[1:], line[:1] * closing])
        links = np.linalg.det(line.conj().swapaxes(-1, -2) @ ahead)
        phase = np.unwrap(-np.angle(np.prod(links / np.abs(links), axis=0)))
        means.append(phase.mean())
    return np.array(means)


def polarization_slope(h: LatticeHamiltonian, filled: int, q: int) -> Floats:
    """D d(P/e)/dphi from the fluxes +1 and -1 through q cells, (x, y) [angstrom]."""
    phases = []
    for flux in (1, -1):
        magnetic = in_field(h, flux, q)
        phases.append(berry_phases(magnetic, filled * q, MESH))
    change = np.remainder(phases[0] - phases[1] + np.pi, 2 * np.pi) - np.pi
    moved = change / (2 * np.pi) @ magnetic.cell / magnetic.cell_area
    return np.asarray(moved / (4 * np.pi / q) * np.linalg.det(h.cell))


def filled_chi(h: LatticeHamiltonian, filled: int, mesh: int = 120) -> Floats:
    """int d2k/(2 pi)^2 sum_occ (T1 + T2), (x, y) [angstrom]."""
    k, weight = ReciprocalCell(h.reciprocal).mesh(mesh)
    return np.asarray((band_geometry(h, k).lambda_[:, :filled].sum(axis=1) * weight).sum(axis=-1))


INSULATORS = [
    pytest.param(random_hamiltonian(3, seed=3), 1, (18, 30), id="random-lowest-band"),
    pytest.param(random_hamiltonian(3, seed=7), 2, (18, 30), id="random-two-bands"),
    pytest.param(
        Haldane(mass=1.3, flux=0.4, t2=0.3, anisotropy=1.0).hamiltonian(), 1, (36, 60), id="haldane-strained"
    ),
    pytest.param(
        CuMnAs(neel_tilt=30.0, neel_angle=30.0, exchange=1.2, t_prime=0.15).hamiltonian(),
        2,
        (18, 30),
        id="cumnas-kramers-pair",
    ),
    pytest.param(
        CuMnAs(neel_tilt=30.0, neel_angle=30.0, exchange=1.2, t_prime=0.15, staggering=0.1).hamiltonian(),
        2,
        (18, 30),
        id="cumnas-PT-broken",
    ),
]


@pytest.mark.parametrize(("h", "filled", "lengths"), INSULATORS)
def test_chi_of_filled_bands_is_the_slope_of_polarization_in_the_field(
    h: LatticeHamiltonian, filled: int, lengths: tuple[int, int]
) -> None:
    short, long = (polarization_slope(h, filled, q) for q in lengths)
    weight = (lengths[1] / lengths[0]) ** 2
    expected = (weight * long - short) / (weight - 1)
    chi = filled_chi(h, filled)
    assert np.linalg.norm(chi) > 1e-3  # something to compare
    assert np.linalg.norm(expected - chi) < TOLERANCE * np.linalg.norm(chi)


def test_the_field_free_supercell_is_the_lattice() -> None:
    h = random_hamiltonian(3, seed=3)
    k = np.array([[0.13], [-0.21]])
    folded = band_geometry(in_field(h, 0, 3), k).energy[:, 0]
    images = k + np.arange(3) * h.reciprocal[0][:, None] / 3
    assert np.allclose(folded, np.sort(band_geometry(h, images).energy.ravel()), atol=1e-12)


def test_one_quantum_through_every_hexagon_is_no_field() -> None:
    """Mean Tr H^8 counts the closed loops with their fluxes: the same for h/e per hexagon, not for less."""
    h = Haldane(flux=0.0, t2=0.0).hamiltonian()  # the smallest loop is the hexagon, as large as the cell
    q = 4

    def loops(flux: int) -> float:
        magnetic = in_field(h, flux, q)
        k, _ = ReciprocalCell(magnetic.reciprocal).mesh(12)
        return float((band_geometry(magnetic, k).energy ** 8).sum(axis=0).mean())

    assert loops(q) == pytest.approx(loops(0), rel=1e-12)
    assert abs(loops(1) - loops(0)) > 1e-2 * loops(0)
