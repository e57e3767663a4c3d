"""Intrinsic and extrinsic responses side by side at one relaxation time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from explorer.frames import Frame
from explorer.physics.extrinsic import extrinsic
from explorer.physics.live import thermal_curves
from explorer.physics.sums import plain_sum
from explorer.physics.triangles import energy_nodes, triangle_curve
from explorer.views.figures import BLUE, ORANGE, FigureTab, LinePlot, note_html, row, table_html
from explorer.views.foot import scientific, with_error
from models.arrays import Floats

PICOSECONDS = (1e-3, 100.0)


@dataclass(frozen=True, eq=False)
class Numbers:
    """mu (M,); chi [nm/ohm], alpha [nA nm/K]: (M, 2). point, error : extrinsic, (2, 2), at the state's mu."""

    mu: Floats
    chi: Floats
    alpha: Floats
    chi_extrinsic: Floats
    alpha_extrinsic: Floats
    point: Floats
    error: Floats
    tau: float


class ExtrinsicView(FigureTab):
    """chi and alpha of both kinds over mu, and their sizes at mu."""

    key, title, order = "extrinsic", "Extrinsic", 30
    intro = (
        "Beside the intrinsic response, the Boltzmann one: the field or gradient shifts the Fermi line by "
        "τ, and the orbital moments of the two sides no longer cancel. It is even under time "
        "reversal, proportional "
        "to τ, and PT forbids it. Same units, same signs (e &lt; 0) and the same Mott relation."
    )

    def __init__(self, session: Any, refresh: Any) -> None:
        super().__init__(session, refresh)
        self.options = 1.0

    def controls(self) -> list[Any]:
        """The relaxation time."""
        tau = pmui.FloatInput(
            label="Relaxation time τ [ps]",
            value=1.0,
            start=PICOSECONDS[0],
            end=PICOSECONDS[1],
            step=0.1,
            width=220,
            description="Factor of the extrinsic response",
        )

        def changed(event: Any) -> None:
            if event.new is not None:
                self.options = float(event.new)
                self.refresh()

        tau.param.watch(changed, "value")
        return [tau]

    def compute(self, frame: Frame) -> Numbers:
        """Both kinds by triangles; at the state's mu a plain sum of the same mesh gives the spread."""
        m, state, tau = frame.geometry, frame.state, self.options
        integrand = extrinsic(tau * 1e-12)
        mu = frame.curves.mu
        nodes = energy_nodes(m.corners.energy, max(100, 3 * m.mesh), np.array([state.mu]), state.temperature)
        curve = triangle_curve(m.corners, m.triangles, m.triangle_weights, integrand, nodes)
        chi, alpha, _ = thermal_curves(curve, mu, state.temperature)
        here = np.array([state.mu])
        point = np.array([v[0] for v in thermal_curves(curve, here, state.temperature)[:2]])
        summed = plain_sum(m.corners, m.weights, integrand, here, np.array([state.temperature]))
        spread = np.abs(point - np.array([v[0, 0] for v in summed]))
        return Numbers(mu, frame.curves.chi, frame.curves.alpha_mott, chi, alpha, point, spread, tau)

    def build(self) -> list[Any]:
        """Four plots: chi and alpha, x and y."""
        lines = {"intrinsic": (BLUE, "solid"), "extrinsic": (ORANGE, "dashed")}
        self._plots = {
            (name, i): LinePlot(f"{symbol}{'xy'[i]}", "μ [eV]", f"{symbol}{'xy'[i]} [{unit}]", lines)
            for name, symbol, unit in (("chi", "χ", "nm/Ω"), ("alpha", "α", "nA nm/K"))
            for i in (0, 1)
        }
        self._table = pn.pane.HTML("", sizing_mode="stretch_width")
        return [self._table, row(*(p.pane for p in self._plots.values()))]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        r, p = result, frame.point
        for (name, i), plot in self._plots.items():
            inner, outer = getattr(r, name)[:, i], getattr(r, f"{name}_extrinsic")[:, i]
            scale = max(
                float(np.abs(getattr(r, name)).max()), float(np.abs(getattr(r, f"{name}_extrinsic")).max())
            )
            plot.show(r.mu, {"intrinsic": inner, "extrinsic": outer}, frame.state.mu, scale)
        rows = []
        for j, (symbol, values, errors, unit) in enumerate(
            (("χ", p.chi, p.chi_error, "nm/Ω"), ("α", p.alpha, p.alpha_error, "nA nm/K"))
        ):
            for i in (0, 1):
                equal = abs(float(values[i]) / float(r.point[j, i])) * r.tau if r.point[j, i] else np.nan
                rows.append((
                    f"{symbol}<sub>{'xy'[i]}</sub>", with_error(float(values[i]), float(errors[i])),
                    with_error(float(r.point[j, i]), float(r.error[j, i])), unit, scientific(equal, 3),
                ))  # fmt: skip
        self._table.object = table_html(
            ("", "intrinsic", "extrinsic", "unit", "τ at which both are equal [ps]"), rows,
            f"At μ = {frame.state.mu:.4g} eV, T = {frame.state.temperature:.4g} K, τ = {r.tau:.4g} ps",
        ) + note_html(
            f"Extrinsic on the mesh of {frame.geometry.mesh}² points: its error is the difference "
            f"between triangles "
            "and the plain sum, so a value below its error is not resolved."
        )  # fmt: skip
