r"""The rows of a geometry by name: what every kernel writes for each band and every density reads.

Of a degenerate group each row is the trace over the group, per band. The last four are traces of products of
matrices inside the group, with $V_j=P\,D_jH\,P$, theory (2.6): where the members have different slopes they are
not the products of the other rows.
"""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats

ROW_NAMES = (
    "energy",
    "v_x",
    "v_y",
    "t1_x",
    "t1_y",
    "t2_x",
    "t2_y",
    "g_xx",
    "g_xy",
    "g_yy",
    "curvature",
    "moment",
    "surface_x",
    "surface_y",
    "flux_x",
    "flux_y",
)
r"""Energy [eV]; mean slope [eV angstrom]; T1 and T2 [e/hbar angstrom^3]; metric and Berry curvature
[angstrom^2]; Im <n_x|(H - e)|n_y> [eV angstrom^2]; $\frac12\epsilon_{jl}\mathrm{Tr}(V_jG_{il})$ [eV angstrom^3];
$\mathrm{Tr}(V_i\,\mathrm{Im}\langle n_x|(H-e)|n_y\rangle)$ [eV^2 angstrom^3]."""

ROWS = {name: row for row, name in enumerate(ROW_NAMES)}
"""Index of each row in `BandGeometry.values`."""

ROW_COUNT = len(ROW_NAMES)


def _pair(name: str) -> slice:
    return slice(ROWS[f"{name}_x"], ROWS[f"{name}_y"] + 1)


VELOCITY, TERM1, TERM2, SURFACE, FLUX = (_pair(name) for name in ("v", "t1", "t2", "surface", "flux"))
"""Two rows each: the x and the y component."""
METRIC = slice(ROWS["g_xx"], ROWS["g_yy"] + 1)
"""Three rows: xx, xy, yy."""


def fill_products(values: Floats) -> None:
    """Write the last four rows of values (ROW_COUNT, N, K) where all members of every group have one slope."""
    (v_x, v_y), (xx, xy, yy), moment = values[VELOCITY], values[METRIC], values[ROWS["moment"]]
    for row, (a, b, c, d) in zip(
        range(SURFACE.start, SURFACE.stop), ((v_x, xy, v_y, xx), (v_x, yy, v_y, xy)), strict=True
    ):
        np.multiply(a, b, out=values[row])
        values[row] -= c * d
        values[row] *= 0.5
    np.multiply(values[VELOCITY], moment, out=values[FLUX])
