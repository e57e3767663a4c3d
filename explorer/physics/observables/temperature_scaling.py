r"""The four contributions to alpha against temperature, and Table I of the paper (theory section 4).

Intrinsic and extrinsic are computed from the bands; for the two phonon contributions the paper gives only a
proportionality, so each is a shape here, equal to 1 at a reference temperature, and its size is the user's:

- phonon drag: correction to the occupation ~ (tau_i tau_p/tau_ep) (grad T/T), with tau_p(T) of `Phonons`;
- phonon angular momentum (effect: M. Hamada et al., Phys. Rev. Lett. 121, 175301 (2018)): in the relaxation
  time approximation tau_p times a sum of angular momentum, group velocity and dn_B/dT, which is the 2D Debye
  heat capacity for acoustic phonons whose angular momentum grows as q; T^2 at low T, as the paper says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.physics.observables.relaxation import Relaxation

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(80)


@dataclass(frozen=True)
class Phonons:
    r"""Phonon lifetime, $1/\tau_p = v_s/L + A\,T\,e^{-\Theta_D/bT}$: boundaries, then umklapp processes.

    The second term is the usual umklapp rate, proportional to omega^2 T exp(-Theta_D/bT), at one frequency:
    the paper says only that tau_p is constant at low T and falls above. Defaults: monolayer MoS2, to an order of
    magnitude.

    sound_velocity : v_s [m/s], as in `Relaxation`. flake_size : L [m], the user's.
    debye_temperature : Theta_D [K], the scale of umklapp processes, here the energy of a zone-boundary acoustic
        phonon: 23 meV, transverse branch at K (K. Kaasbjerg et al., Phys. Rev. B 90, 165436 (2014)). It is not fitted
        to a heat capacity.
    umklapp_exponent : b, dimensionless; 3 is the usual choice.
    lifetime_at_300K : tau_p of the umklapp term at 300 K [s], fixes A. Excited phonons of monolayer MoS2 are
        predicted to relax within 10 ps (F. Caruso, J. Phys. Chem. Lett. 12, 1734 (2021)): an order of magnitude.
    """

    sound_velocity: float = 4.2e3
    flake_size: float = 10e-6
    debye_temperature: float = 267.0
    umklapp_exponent: float = 3.0
    lifetime_at_300K: float = 10e-12  # noqa: N815

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0:
                raise ValueError(f"{name} must be above 0, got {value}")

    def umklapp_rate(self, temperature: Floats | float) -> Floats:
        """A T exp(-Theta_D/(b T)) [1/s]."""
        t = np.asarray(temperature, dtype=float)
        scale = self.debye_temperature / self.umklapp_exponent
        return np.asarray((t / 300.0) * np.exp(scale / 300.0 - scale / t) / self.lifetime_at_300K)

    def lifetime(self, temperature: Floats | float) -> Floats:
        """tau_p [s]."""
        return np.asarray(1 / (self.sound_velocity / self.flake_size + self.umklapp_rate(temperature)))

    def heat_capacity(self, temperature: Floats | float) -> Floats:
        r"""2D Debye heat capacity over its classical value, with t = T/Theta_D:

        $2t^2\int_0^{1/t}dx\,x^3e^x/(e^x-1)^2$.
        """
        t = np.asarray(temperature, dtype=float) / self.debye_temperature
        top = np.minimum(1 / t, 60.0)[..., None]
        x = 0.5 * top * (_NODES + 1)
        values = x * (0.5 * x / np.sinh(0.5 * x)) ** 2
        return np.asarray(2 * t**2 * (0.5 * top * _WEIGHTS * values).sum(axis=-1))


def phonon_drag(temperature: Floats, relaxation: Relaxation, phonons: Phonons) -> Floats:
    """tau_i tau_p/(tau_ep T), theory (4.11) [s/K]: T^3 while phonons live long, then falling with tau_p: a peak."""
    t = np.asarray(temperature, dtype=float)
    return np.asarray(
        relaxation.impurity_time * phonons.lifetime(t) * relaxation.phonon_scattering_rate(t) / t
    )


def phonon_angular_momentum(temperature: Floats, phonons: Phonons) -> Floats:
    """tau_p times the reduced heat capacity [s]: T^2 at low T, suppressed with tau_p at high T."""
    return np.asarray(phonons.lifetime(temperature) * phonons.heat_capacity(temperature))


def local_exponent(temperature: Floats, values: Floats) -> Floats:
    r"""$d\ln|\alpha|/d\ln T$ by differences on the given grid.

    temperature : (T,) ascending [K]. values : (..., T); where two neighbours vanish or differ in sign, the
        exponent has no meaning and is NaN.
    """
    values = np.asarray(values, dtype=float)
    sign_kept = np.ones(values.shape, dtype=bool)
    changes = np.sign(values[..., 1:]) != np.sign(values[..., :-1])
    sign_kept[..., 1:] &= ~changes
    sign_kept[..., :-1] &= ~changes
    usable = sign_kept & (values != 0)
    logarithm = np.log(np.abs(np.where(values == 0, 1.0, values)))
    return np.where(usable, np.gradient(logarithm, np.log(temperature), axis=-1, edge_order=1), np.nan)


@dataclass(frozen=True)
class Regime:
    """One row of Table I: where a contribution follows a power of T.

    low, high : ends of the range [K]. exponent : the paper's.
    degenerate : whether k_B T stays small there against the structure of chi(mu), as the paper supposes.
    """

    contribution: str
    low: float
    high: float
    exponent: float
    degenerate: bool = True


@dataclass(frozen=True, eq=False)
class Scaling:
    """Contributions to alpha_i against T.

    temperature : (T,) [K]. contributions : by name, (T,) each [nA nm/K]. relaxation_time : (T,) [s].
    regimes : Table I with the ranges in which it is expected here.
    """

    temperature: Floats
    contributions: dict[str, Floats]
    relaxation_time: Floats
    regimes: tuple[Regime, ...] = field(default=())

    def exponents(self) -> dict[str, Floats]:
        """Local exponent of each contribution, (T,)."""
        return {name: local_exponent(self.temperature, v) for name, v in self.contributions.items()}

    def compared(self) -> tuple[tuple[Regime, float], ...]:
        """Each regime with the exponent found: the median of the local one inside it (NaN without any)."""
        exponents = self.exponents()
        found = []
        for regime in self.regimes:
            inside = (self.temperature >= regime.low) & (self.temperature <= regime.high)
            local = exponents[regime.contribution][inside]
            local = local[np.isfinite(local)]
            found.append((regime, float(np.median(local)) if local.size else float("nan")))
        return tuple(found)


def table_one(
    relaxation: Relaxation,
    phonons: Phonons,
    temperature: Floats,
    intrinsic_limit: float,
    extrinsic_limit: float,
) -> tuple[Regime, ...]:
    """Table I and the discussion, with the ranges that the constants imply.

    Impurities rule below a phonon share of 1/20, acoustic phonons above a share of 5 and while optical ones are below
    1/20 of them; a phonon's lifetime is
    constant while umklapp processes are below 1/20 of the boundaries. Rows without a temperature in their
    range are left out.

    intrinsic_limit, extrinsic_limit : temperature [K] up to which k_B T is small against the structure of each chi(mu),
        from `sommerfeld_range` at a constant relaxation time; they cut these rows, and a row wholly above is marked.
    """
    low, high = float(temperature.min()), float(temperature.max())
    rates = relaxation.phonon_scattering_rate(temperature) * relaxation.impurity_time
    alive = phonons.umklapp_rate(temperature) * phonons.flake_size < 0.05 * phonons.sound_velocity
    optical = relaxation.optical_scattering_rate(temperature) * relaxation.impurity_time
    impure, lived = temperature[rates + optical < 0.05], temperature[alive]
    # 1/tau ~ T holds of acoustic phonons, as long as the optical ones are few beside them.
    phononic = temperature[(rates > 5.0) & (optical < 0.05 * rates)]
    rows = [Regime("intrinsic", low, min(high, intrinsic_limit), 1.0)]
    if impure.size:
        rows.append(Regime("extrinsic", low, min(float(impure.max()), extrinsic_limit), 1.0))
    if phononic.size:
        start, end = float(phononic.min()), float(phononic.max())
        inside = start < extrinsic_limit
        rows.append(Regime("extrinsic", start, min(end, extrinsic_limit) if inside else end, 0.0, inside))
    if lived.size:
        frozen = min(float(lived.max()), 0.1 * relaxation.crossover_temperature)
        cold = min(float(lived.max()), 0.08 * phonons.debye_temperature)
        rows += [Regime("phonon drag", low, frozen, 3.0), Regime("phonon angular momentum", low, cold, 2.0)]
    return tuple(r for r in rows if r.high > r.low)


def sommerfeld_range(
    temperature: Floats, direct: Floats, low_temperature: Floats, tolerance: float = 0.1
) -> float:
    """Temperature [K] up to which alpha follows (13): the range in which alpha ~ T is expected.

    temperature : (T,) ascending [K]. direct, low_temperature : (T,) alpha by (9) or (12), and by (13), same
        units.
    tolerance : largest difference relative to the first. The first temperature is returned where none qualifies.
    """
    agrees = np.abs(direct - low_temperature) <= tolerance * np.abs(direct)
    count = int(np.argmin(agrees)) if not agrees.all() else len(agrees)
    return float(temperature[max(count - 1, 0)])


def linear_range(temperature: Floats, alpha: Floats) -> float:
    """`sommerfeld_range` of an alpha of the bands alone, against the straight line through its lowest temperature.

    temperature : (T,) ascending [K]. alpha : (T,), NaN where it is not known; of one that vanishes all is in range.
    """
    known = np.isfinite(alpha)
    if not known.any():
        return float(temperature[0])
    at, values = temperature[known], alpha[known]
    return sommerfeld_range(at, values, at * values[0] / at[0])


def temperature_scaling(
    temperature: Floats,
    intrinsic: Floats,
    extrinsic: Floats,
    relaxation: Relaxation,
    phonons: Phonons,
    *,
    drag_size: float,
    angular_momentum_size: float,
    reference_temperature: float,
    intrinsic_limit: float = np.inf,
    extrinsic_limit: float = np.inf,
) -> Scaling:
    """All contributions to one component of alpha on one grid of temperatures.

    Parameters
    ----------
    temperature : (T,) ascending [K].
    intrinsic : (T,) alpha of the bands [nA nm/K].
    extrinsic : (T,) alpha of `extrinsic.EXTRINSIC_PER_PICOSECOND` [nA nm/K per ps]; multiplied here by
        tau(T).
    drag_size, angular_momentum_size : the user's sizes at `reference_temperature` [nA nm/K].
    intrinsic_limit, extrinsic_limit : as for `table_one` [K].
    """
    t = np.asarray(temperature, dtype=float)
    if np.any(np.diff(t) <= 0) or t[0] <= 0:
        raise ValueError("temperatures must ascend and be above 0 K")
    at = np.array([reference_temperature])

    def shape(law: Callable[[Floats], Floats]) -> Floats:
        return np.asarray(law(t) / law(at)[0])

    tau = relaxation.relaxation_time(t)
    return Scaling(
        t,
        {
            "intrinsic": np.asarray(intrinsic, dtype=float),
            "extrinsic": np.asarray(extrinsic, dtype=float) * tau * 1e12,
            "phonon drag": drag_size * shape(lambda x: phonon_drag(x, relaxation, phonons)),
            "phonon angular momentum": angular_momentum_size
            * shape(lambda x: phonon_angular_momentum(x, phonons)),
        },
        tau,
        table_one(relaxation, phonons, t, intrinsic_limit, extrinsic_limit),
    )
