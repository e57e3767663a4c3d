"""Spin Edelstein response beside the orbital one: an experiment sees their sum."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from explorer.frames import Frame
from explorer.physics.extrinsic import extrinsic
from explorer.physics.live import thermal_curves
from explorer.physics.spin import CHI_IN_NM_PER_OHM, COMPONENTS, spin_edelstein
from explorer.physics.triangles import energy_nodes, triangle_curve
from explorer.views.figures import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    FigureTab,
    LinePlot,
    clean,
    controls_row,
    note_html,
    row,
    table_html,
)
from explorer.views.foot import scientific
from models.arrays import Floats

LINES = {
    "orbital, intrinsic": (BLUE, "solid"), "spin, intrinsic": (GREEN, "solid"),
    "orbital, extrinsic": (ORANGE, "dashed"), "spin, extrinsic": (PURPLE, "dashed"),
}  # fmt: skip


@dataclass(frozen=True)
class Options:
    """relaxation_time [ps]. field : direction, 0 x or 1 y."""

    relaxation_time: float = 1.0
    field: int = 0


@dataclass(frozen=True, eq=False)
class Numbers:
    """chi [mu_B/nm^2 per V/m] over mu (M,), both kinds: spin (2, M, 6) or None, orbital (2, M, 2)."""

    mu: Floats
    spin: Floats | None
    orbital: Floats
    options: Options


class SpinView(FigureTab):
    """All components of the spin response, its z component beside the orbital one."""

    key, title, order = "spin", "Spin", 60
    intro = (
        "A field also polarises the spins (Edelstein): intrinsically through interband mixing, odd "
        "under time reversal, "
        "and extrinsically through the shifted Fermi line, proportional to τ and forbidden by PT. "
        "Moment of a spin: "
        "−μ<sub>B</sub>σ (g = 2), e &lt; 0. Orbital and spin parts add in what is measured."
    )

    def __init__(self, session: Any, refresh: Any) -> None:
        super().__init__(session, refresh)
        self.options = Options()

    def controls(self) -> list[Any]:
        """Relaxation time and the direction of the field."""
        tau = pmui.FloatInput(
            label="Relaxation time τ [ps]", value=1.0, start=1e-3, end=100.0, step=0.1, width=220
        )
        tau.param.watch(lambda e: self._set(relaxation_time=float(e.new)) if e.new else None, "value")
        field = pmui.RadioButtonGroup(label="Field along", options={"Ex": 0, "Ey": 1}, value=0)
        field.param.watch(lambda e: self._set(field=int(e.new)), "value")
        return [controls_row(tau, field)]

    def _set(self, **changes: Any) -> None:
        self.options = replace(self.options, **changes)
        self.refresh()

    def compute(self, frame: Frame) -> Numbers:
        """Triangles for all; None where the model has no spin."""
        m, state, o = frame.geometry, frame.state, self.options
        mu = frame.curves.mu
        nodes = energy_nodes(m.corners.energy, max(100, 3 * m.mesh), np.array([state.mu]), state.temperature)

        def chi(integrand: Any) -> Floats:
            curve = triangle_curve(m.corners, m.triangles, m.triangle_weights, integrand, nodes)
            return thermal_curves(curve, mu, state.temperature)[0]

        seconds = o.relaxation_time * 1e-12
        orbital = np.array([frame.curves.chi, chi(extrinsic(seconds))]) / CHI_IN_NM_PER_OHM
        spin = m.source.model.spin()
        if spin is None:
            return Numbers(mu, None, orbital, o)
        pair = spin_edelstein(m.source.hamiltonian, spin, seconds)
        return Numbers(mu, np.array([chi(pair.intrinsic), chi(pair.extrinsic)]), orbital, o)

    def build(self) -> list[Any]:
        """z components together, in-plane spin components apart."""
        unit = "χ [μ_B/nm² per V/m]"
        self._z = LinePlot("Moment along z", "μ [eV]", unit, LINES, height=340)
        plane = {"intrinsic": (GREEN, "solid"), "extrinsic": (PURPLE, "dashed")}
        self._plane = [LinePlot(f"Spin moment along {a}", "μ [eV]", unit, plane) for a in "xy"]
        self._table = pn.pane.HTML("", sizing_mode="stretch_width")
        return [row(self._z.pane, self._table), row(*(p.pane for p in self._plane))]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        i, mu = result.options.field, frame.state.mu
        nothing = np.full((2, result.mu.size, 6), np.nan)
        spin = nothing if result.spin is None else result.spin
        z = spin[:, :, COMPONENTS.index(f"z{'xy'[i]}")]
        orbital = result.orbital[:, :, i]
        sizes = [np.abs(v).max() for v in (result.orbital, spin) if np.isfinite(v).all()]
        scale = float(max(sizes))
        self._z.show(
            result.mu, dict(zip(LINES, (orbital[0], z[0], orbital[1], z[1]), strict=True)), mu, scale
        )
        self._z.figure.title.text = f"Moment along z, E along {'xy'[i]}"
        for a, plot in zip("xy", self._plane, strict=True):
            found = spin[:, :, COMPONENTS.index(f"{a}{'xy'[i]}")]
            plot.show(result.mu, {"intrinsic": found[0], "extrinsic": found[1]}, mu, scale)
        if result.spin is None:
            self._table.object = note_html("This model has no spin: only the orbital response is shown.")
            return

        def at(values: Floats) -> str:
            return scientific(clean(float(np.interp(mu, result.mu, values)), scale))

        rows = [
            (f"spin M<sub>{c[0]}</sub>, E<sub>{c[1]}</sub>", at(spin[0, :, n]), at(spin[1, :, n]))
            for n, c in enumerate(COMPONENTS)
        ] + [
            (
                f"orbital M<sub>z</sub>, E<sub>{a}</sub>",
                at(result.orbital[0, :, n]),
                at(result.orbital[1, :, n]),
            )
            for n, a in enumerate("xy")
        ]
        self._table.object = table_html(
            ("χ [μ_B/nm² per V/m]", "intrinsic", "extrinsic"), rows,
            f"At μ = {mu:.4g} eV, T = {frame.state.temperature:.4g} K, τ = "
            f"{result.options.relaxation_time:.4g} ps",
        ) + note_html(
            f"1 μ_B/nm² per V/m = {CHI_IN_NM_PER_OHM:.0f} nm/Ω. Mesh of {frame.geometry.mesh}² "
            f"points, no error bar."
        )  # fmt: skip
