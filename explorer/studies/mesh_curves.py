"""Every response beside the intrinsic one on a frame's own mesh, kept with it, for the tabs.

A curve at T = 0 knows neither mu nor T: once it is there a move of either costs a convolution.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from explorer.meshes.mesh import NODES_PER_POINT, MeshGeometry
from explorer.models.kit.arrays import Floats
from explorer.physics.integration.uniform.triangles import energy_nodes, triangle_curve
from explorer.physics.integration.uniform.zero_temperature import ZeroTemperatureCurve
from explorer.physics.progress import Progress
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.spin_edelstein import SpinEdelstein, spin_edelstein

_CURVES: WeakKeyDictionary[MeshGeometry, dict[Integrand, ZeroTemperatureCurve]] = WeakKeyDictionary()
_SPINS: WeakKeyDictionary[MeshGeometry, SpinEdelstein] = WeakKeyDictionary()


def mesh_curve(m: MeshGeometry, integrand: Integrand) -> ZeroTemperatureCurve:
    """T = 0 curve of a response by triangles, with the nodes of `MeshGeometry.curve`; kept with the mesh."""
    kept = _CURVES.setdefault(m, {})
    if integrand not in kept:
        kept[integrand] = curve_on_nodes(m, integrand, energy_nodes(m.corners.energy, node_count(m)))
    return kept[integrand]


def node_count(m: MeshGeometry) -> int:
    """Equidistant energies of a curve: finer ones would resolve triangles."""
    return max(100, NODES_PER_POINT * m.mesh)


def curve_on_nodes(m: MeshGeometry, integrand: Integrand, nodes: Floats) -> ZeroTemperatureCurve:
    """The T = 0 curve of a response on nodes of one's own [eV]; not kept."""
    return triangle_curve(m.corners, m.triangles, m.triangle_weights, integrand, nodes)


def spin_responses(m: MeshGeometry, progress: Progress | None = None) -> SpinEdelstein | None:
    """Both spin responses, the extrinsic one at 1 ps; None where the model has no spin.

    The spin at each wave vector of the mesh is kept with it. progress : called with the fraction done; what it
    raises ends the computation.
    """
    spin = m.source.model.spin()
    if spin is None:
        return None
    if m not in _SPINS:
        pair = spin_edelstein(m.source.hamiltonian, spin)
        pair.prepare(m.corners, progress)
        _SPINS[m] = pair
    return _SPINS[m]
