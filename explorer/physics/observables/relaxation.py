r"""Relaxation time of the electrons against temperature: impurities and acoustic phonons in two dimensions.

$$\frac1{\tau(T)}=\frac1{\tau_i}+\frac1{\tau_{ep}(T)},\qquad
  \frac1{\tau_{ep}}=\gamma\,T_{BG}\,\frac{I_c(z)}{I_c^\infty},\quad z=\frac{T_{BG}}{T},\quad
  I_c(z)=\int_0^1\!dx\,\frac{x^4(1-x^2)^{c-1/2}\,z\,e^{zx}}{(e^{zx}-1)^2},$$

with x = q/2k_F, c = 1 for carriers whose backscattering vanishes (Dirac) and 0 for the others. At high T
this is the equipartition rate gamma T, at low T it falls as T^4, theory (4.7).

Source: the energy-averaged momentum relaxation rate of quasi-elastic scattering by unscreened acoustic
phonons; E. H. Hwang, S. Das Sarma, Phys. Rev. B 77, 115449 (2008) for T and T^4 in 2D; the integral with c
= 1 is that of graphene's resistivity, D. K. Efetov, P. Kim, Phys. Rev. Lett. 105, 256805 (2010). The paper
gives T and T^4 only. The defaults are those of n-doped MoS2, whose constants are published; none of them is
a property of the bands shown.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.units import HBAR, K_B

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)
_REACH = 50.0
"""z x beyond which the Bose factor is negligible."""


def _phonon_integral(z: Floats, chirality: int) -> Floats:
    """I_c(z) for z > 0, by Gauss-Legendre in the angle arcsin x, which removes the root at x = 1."""
    top = np.arcsin(np.minimum(1.0, _REACH / z))[..., None]
    angle = 0.5 * top * (_NODES + 1)
    x = np.sin(angle)
    y = z[..., None] * x
    # y^2 e^y/(e^y - 1)^2 tends to 1, and the rest is x^2/z cos^2c
    bose = (0.5 * y / np.sinh(0.5 * y)) ** 2
    values = x**2 * np.cos(angle) ** (2 * chirality) * bose / z[..., None]
    return np.asarray((0.5 * top * _WEIGHTS * values).sum(axis=-1))


def bloch_gruneisen(reduced_temperature: Floats | float, chirality: int = 0) -> Floats:
    """The crossover function I_c(T_BG/T) over its high-temperature slope: T/T_BG above, ~(T/T_BG)^4 below.

    Parameters
    ----------
    reduced_temperature : T/T_BG > 0, any shape.
    chirality : c, 1 where backscattering vanishes (Dirac carriers), else 0.
    """
    t = np.asarray(reduced_temperature, dtype=float)
    if np.any(t <= 0):
        raise ValueError(f"temperature must be above 0 K, got T/T_BG = {t.min()}")
    if chirality not in (0, 1):
        raise ValueError(f"chirality is 0 or 1, got {chirality}")
    # int x^2 (1 - x^2)^(c - 1/2) dx
    slope = np.pi / 16 if chirality else np.pi / 4
    return _phonon_integral(1 / t, chirality) / slope


def bloch_gruneisen_temperature(sound_velocity: float, fermi_wave_vector: float) -> float:
    """T_BG = 2 hbar v_s k_F/k_B [K], from v_s [m/s] and k_F [1/angstrom]."""
    return 2 * HBAR * sound_velocity * 1e10 * fermi_wave_vector / K_B


@dataclass(frozen=True)
class Relaxation:
    """What sets tau(T); every default with its source, every value the user's to change.

    All defaults are of one crystal, monolayer MoS2.

    impurity_time : tau_i [s]. Mobility of an encapsulated monolayer at low temperature, 1020 cm2/(V s) (X. Cui et
        al., Nat. Nanotechnol. 10, 534 (2015)), times m* = 0.48 m_e (K. Kaasbjerg et al., Phys. Rev. B 85, 115317
        (2012)) over |e|; six layers reach 34000 cm2/(V s), 9.3 ps.
    phonon_rate : gamma, slope of 1/tau_ep of acoustic phonons at high temperature [1/(s K)]. Their mobility at
        100 K, about 7000 cm2/(V s) (K. Kaasbjerg et al., Phys. Rev. B 87, 235312 (2013)), with the same mass.
    sound_velocity : v_s [m/s], of the transverse branch, whose unscreened coupling dominates (K. Kaasbjerg et al.
        (2013), as above); the longitudinal one has 6700.
    fermi_wave_vector : k_F [1/angstrom]; 1e13 electrons per cm2 in two valleys and two spins.
    chirality : c of `bloch_gruneisen`.
    optical_energy : of one effective optical phonon [eV], 48 meV (K. Kaasbjerg et al. (2012)).
    optical_rate : Gamma_op of 1/tau_op = Gamma_op/(e^{E/k_B T} - 1) [1/s], its absorption; brings the mobility by
        phonons alone to the 410 cm2/(V s) of room temperature (K. Kaasbjerg et al. (2012)), 0.11 ps.
    """

    impurity_time: float = 0.28e-12
    phonon_rate: float = 5.2e9
    sound_velocity: float = 4.2e3
    fermi_wave_vector: float = 0.056
    chirality: int = 0
    optical_energy: float = 0.048
    optical_rate: float = 4.0e13

    def __post_init__(self) -> None:
        for name in ("impurity_time", "sound_velocity", "fermi_wave_vector", "optical_energy"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")
        for name in ("phonon_rate", "optical_rate"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must not be negative, got {getattr(self, name)}")

    @property
    def crossover_temperature(self) -> float:
        """T_BG [K]."""
        return bloch_gruneisen_temperature(self.sound_velocity, self.fermi_wave_vector)

    def phonon_scattering_rate(self, temperature: Floats | float) -> Floats:
        """1/tau_ep [1/s] at temperatures [K]."""
        scale = self.crossover_temperature
        return self.phonon_rate * scale * bloch_gruneisen(np.asarray(temperature) / scale, self.chirality)

    def optical_scattering_rate(self, temperature: Floats | float) -> Floats:
        """1/tau_op [1/s] at temperatures [K]."""
        x = self.optical_energy / (K_B * np.asarray(temperature, dtype=float))
        return self.optical_rate * np.exp(-x) / -np.expm1(-x)

    def relaxation_time(self, temperature: Floats | float) -> Floats:
        """tau(T) [s] by Matthiessen's rule."""
        phonons = self.phonon_scattering_rate(temperature) + self.optical_scattering_rate(temperature)
        return np.asarray(1 / (1 / self.impurity_time + phonons))
