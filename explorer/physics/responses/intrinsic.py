"""The intrinsic response (8), (9), in its surface and in its sea form, theory (2.7).

Its two terms apart are X1 and X2 of theory (6.1) and (6.2).
"""

from __future__ import annotations

from explorer.physics.responses.integrand import Integrand
from explorer.physics.units import ALPHA_UNIT, CHI_UNIT

INTRINSIC = Integrand(
    "intrinsic, surface form",
    ("x", "y"),
    lambda g: g.term1,
    lambda g: g.surface_density,
    CHI_UNIT,
    ALPHA_UNIT,
    ((0, 3), (1, 3)),
)
"""(8), (9) with the second term of (11) integrated by parts onto the Fermi surface."""


INTRINSIC_SEA = Integrand(
    "intrinsic, sea form",
    ("x", "y"),
    lambda g: g.lambda_,
    None,
    CHI_UNIT,
    ALPHA_UNIT,
    ((0, 3), (1, 3)),
)
"""(8), (9) as printed."""


FORMS = {"surface": INTRINSIC, "sea": INTRINSIC_SEA}
