r"""Extrinsic (Boltzmann) response: E or grad T shifts the Fermi line, the moments weigh it, theory (4.6).

With $v_i=\partial_i\epsilon_n/\hbar$ and m_n the orbital moment,

$$\chi^{ext}_i=-e\tau\int\frac{d^2k}{(2\pi)^2}\sum_n f_0'\,v_i m_n,\qquad
  \alpha^{ext}_i=-\frac{\tau}{T}\int\frac{d^2k}{(2\pi)^2}\sum_n(\epsilon_n-\mu)f_0'\,v_i m_n .$$

It is even under time reversal and odd under inversion; PT forbids it. The relaxation time is a factor, so one
computation serves every tau, and tau(T) of `relaxation` multiplies the result.
"""

from __future__ import annotations

from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import ALPHA_UNIT, CHI_UNIT, HBAR


def extrinsic(relaxation_time: float) -> Integrand:
    r"""The extrinsic response at a relaxation time tau [s], in nm/ohm and nA nm/K.

    The unit of $\int(-f_0')\,b$ with b of `BandGeometry.moment_flux` is eV angstrom; from
    $m_n=-(e/\hbar)\,\mathrm{Im}\langle\ldots\rangle$, $\chi^{ext}=-(e^2/\hbar)(\tau/\hbar)\int(-f_0')\,b$
    and $\alpha^{ext}=-(e/\hbar)(\tau/\hbar)\int\frac{\epsilon-\mu}{T}(-f_0')\,b$.

    Raises
    ------
    ValueError : tau is not above zero.
    """
    if not relaxation_time > 0:
        raise ValueError(f"the relaxation time must be above 0 s, got {relaxation_time}")
    scale = -relaxation_time / HBAR
    return Integrand(
        "extrinsic",
        ("x", "y"),
        None,
        lambda g: g.moment_flux,
        scale * CHI_UNIT,
        scale * ALPHA_UNIT,
        ((0, 0), (2, 3)),
    )


EXTRINSIC_PER_PICOSECOND = extrinsic(1e-12)
"""The extrinsic response for tau = 1 ps; multiply by tau/ps."""
