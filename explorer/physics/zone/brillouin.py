"""The first Brillouin zone of a 2D lattice."""

from __future__ import annotations

import numpy as np

from explorer.models.kit.arrays import Floats
from explorer.models.kit.lattice_path import reduced


def brillouin_zone(reciprocal: Floats) -> Floats:
    """Corners of the first Brillouin zone, anticlockwise, (P, 2) [1/angstrom].

    reciprocal : (2, 2), b1 and b2 as rows [1/angstrom].
    """
    from scipy.spatial import Voronoi  # slow to load, and the page is sent without

    b1, b2 = reduced(reciprocal)
    span = (-2, -1, 0, 1, 2)
    cells = Voronoi([i * b1 + j * b2 for i in span for j in span])
    region = cells.regions[cells.point_region[len(cells.points) // 2]]
    corners = cells.vertices[region]
    return np.asarray(corners[np.argsort(np.arctan2(corners[:, 1], corners[:, 0]))])
