r"""The intrinsic response counted otherwise: Kubo's by another multipole convention, and that of a static potential.

With $X_1$ and $X_2$ the two terms of $\chi$ [angstrom], $\chi^K=(e^2/\hbar)(X_1+\frac23X_2)$, theory (6.3), is the same
Kubo response where everything but a totally symmetric tensor is called magnetoelectric, and
$\chi^{st}=(e^2/\hbar)(X_1+\frac23X_2+X_3)$, theory (6.4), is what a static potential induces in equilibrium. All three
are one in a gap; $\chi-\chi^K=(e^2/\hbar)X_2/3$.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.geometry.band_geometry import BandGeometry
from explorer.physics.geometry.static_response import static_density
from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import ALPHA_UNIT, CHI_UNIT

SHARE = 2 / 3
"""Weight of the second term in the other convention."""
NOTICEABLE = 0.1
"""|chi - chi^K| over |chi| above which a comparison with Kubo literature must say which is meant."""

KUBO = Integrand(
    "intrinsic, Kubo multipole convention",
    ("x", "y"),
    lambda g: g.term1,
    lambda g: SHARE * g.surface_density,
    CHI_UNIT,
    ALPHA_UNIT,
    ((0, 3), (1, 3)),
)
"""chi^K [nm/ohm], theory (6.3), and by the Mott relation alpha^K [nA nm/K]."""

SECOND_TERM = Integrand(
    "intrinsic, second term",
    ("x", "y"),
    None,
    lambda g: g.surface_density,
    CHI_UNIT,
    ALPHA_UNIT,
    ((0, 3), (1, 3)),
)
"""Three times chi - chi^K [nm/ohm]."""

_STATIC: WeakKeyDictionary[Hamiltonian, Integrand] = WeakKeyDictionary()


def static(h: Hamiltonian) -> Integrand:
    """chi^st, theory (6.4), of one Hamiltonian [nm/ohm]; kept with it, and its densities with their geometry."""
    found = _STATIC.get(h)
    if found is None:
        found = _STATIC[h] = _static(h)
    return found


def _static(h: Hamiltonian) -> Integrand:
    known: WeakKeyDictionary[BandGeometry, Floats] = WeakKeyDictionary()

    def surface(g: BandGeometry) -> Floats:
        if g not in known:
            # A geometry may leave out bands that are empty.
            known[g] = SHARE * g.surface_density + static_density(h, g.k)[:, : len(g.energy)]
        return known[g]

    return Integrand(
        "intrinsic, static potential",
        ("x", "y"),
        lambda g: g.term1,
        surface,
        CHI_UNIT,
        ALPHA_UNIT,
        ((0, 3), (1, 3)),
    )
