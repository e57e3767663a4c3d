"""The Rashba magnet by the closed forms of two bands, H = h0 + h.sigma, in SI, on a mesh that resolves k_B T.

Nothing of the explorer is used: bands, curvature, moment and spin follow from h and its derivatives, and a sum over
points closer than k_B T along the band is exact for a periodic integrand.
"""

from __future__ import annotations

import numpy as np

E, HBAR, KB, MU_B = 1.602176634e-19, 1.054571817e-34, 1.380649e-23, 9.2740100783e-24
T, ALPHA, J, POLAR, A = 0.5, 1.0, 0.2, np.radians(60.0), 4.0  # the model's defaults, eV and angstrom


def rashba_by_hand(
    mu: tuple[float, ...], kelvin: float, n: int = 4500, rows: int = 100
) -> dict[str, list[float]]:
    """For each mu, at tau = 1 ps: chi_ext_y [nm/ohm], alpha_ext_y [nA nm/K], sigma [e^2/h], Nernst [nA/K],
    M [mu_B/nm^2], and the extrinsic spin response along z to E along y [mu_B/nm^2 per V/m]."""
    k = 2 * np.pi / A * np.arange(n) / n
    names = "chi", "alpha", "sigma", "nernst", "M", "spin"
    out = {name: [0.0] * len(mu) for name in names}
    for start in range(0, n, rows):
        for i, sums in enumerate(_rows(k[start : start + rows, None], k[None], mu, kelvin)):
            for name, value in zip(names, sums, strict=True):
                out[name][i] += value / n**2
    return out


def _rows(kx: np.ndarray, ky: np.ndarray, mu: tuple[float, ...], kelvin: float) -> list[np.ndarray]:
    sx, cx, sy, cy = np.sin(kx * A), np.cos(kx * A), np.sin(ky * A), np.cos(ky * A)
    h1, h2, h3 = ALPHA / A * sy + J * np.sin(POLAR), -ALPHA / A * sx, J * np.cos(POLAR)
    d = np.sqrt(h1**2 + h2**2 + h3**2)
    # d_x h = (0, -ALPHA cx, 0), d_y h = (ALPHA cy, 0, 0)
    triple, h_hy = h3 * ALPHA**2 * cx * cy, h1 * ALPHA * cy
    base, slope0 = 2 * T * (2 - cx - cy), 2 * T * A * sy
    area = (2 * np.pi / A) ** 2 / (4 * np.pi**2)  # d2k/(2 pi)^2 of the zone [1/angstrom^2]
    kT = KB * kelvin / E
    found = [np.zeros(6) for _ in mu]
    for s in (1.0, -1.0):
        energy, v_y = base + s * d, slope0 + s * h_hy / d
        omega, moment = -s * triple / (2 * d**3), -triple / (2 * d**2)  # angstrom^2, eV angstrom^2
        for level, total in zip(mu, found, strict=True):
            x = (energy - level) / kT
            decay = np.exp(-np.minimum(np.abs(x), 600.0))
            f = np.where(x > 0, decay, 1.0) / (1 + decay)
            peak = decay / (1 + decay) ** 2 / kT
            log = np.maximum(-x, 0.0) + np.log1p(decay)
            shift = E * 1e-12 / HBAR**2 * E * 1e-10  # e tau/hbar^2 eV angstrom
            total += area * np.array(
                [
                    -1e9 * shift * E * (peak * v_y * moment).sum(),
                    1e18 * shift * KB * (x * peak * v_y * moment).sum(),  # over e < 0, k_B for 1/T
                    -2 * np.pi * (f * omega).sum(),
                    1e9 * E / HBAR * KB * ((x * f + log) * omega).sum(),
                    E / HBAR * E / MU_B * 1e-18 * (f * moment + kT * log * omega).sum(),
                    # -mu_B s_z, displaced by -e tau E
                    E * 1e-12 / HBAR * 1e-8 * (peak * v_y * s * h3 / d).sum(),
                ]
            )
    return found
