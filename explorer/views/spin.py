"""Spin Edelstein response beside the orbital one: an experiment sees their sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.frames import Frame
from explorer.mesh_responses import mesh_curve, spin_responses
from explorer.physics.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.integrand import Integrand
from explorer.physics.live import thermal_curves
from explorer.physics.spin import CHI_IN_NM_PER_OHM, COMPONENTS
from explorer.views.figures import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    LinePlot,
    clean,
    controls_row,
    hidden_whole,
    note_html,
    row,
    table_html,
    where,
)
from explorer.views.foot import scientific
from explorer.views.tab import FigureTab, text
from models.arrays import Floats

LINES = {
    "orbital, intrinsic": (BLUE, "solid"), "spin, intrinsic": (GREEN, "dotdash"),
    "orbital, extrinsic": (ORANGE, "dashed"), "spin, extrinsic": (PURPLE, "dotted"),
}  # fmt: skip
NO_SPIN = (
    "<b>This model has no spin</b>: its orbitals carry none, so nothing can polarise, and only the orbital response is "
    "shown. Models with spin: those whose description names spin-orbit coupling or exchange."
)


@dataclass(frozen=True)
class Options:
    """field : direction of E, 0 x or 1 y."""

    field: int = 0


@dataclass(frozen=True, eq=False)
class Numbers:
    """chi [mu_B/nm^2 per V/m], intrinsic and extrinsic, over mu (M,) and, last, at the state's own mu.

    spin : (2, M + 1, 6), or None. orbital : (2, M + 1, 2).
    """

    mu: Floats
    spin: Floats | None
    orbital: Floats
    options: Options


class SpinView(FigureTab):
    """All components of the spin response, its z component beside the orbital one."""

    key = "spin"
    intro = (
        "A field also polarises the spins (Edelstein): intrinsically through interband mixing, odd under time "
        "reversal, and extrinsically through the shifted Fermi line, proportional to τ (a slider in the sidebar) and "
        "forbidden by PT. Moment of a spin: −μ<sub>B</sub>σ (g = 2), e &lt; 0. Orbital and spin parts add in what is "
        "measured."
    )

    def __init__(self, session: Any, refresh: Any) -> None:
        super().__init__(session, refresh)
        self.options = Options()

    def controls(self) -> list[Any]:
        """The direction of the field."""
        return [controls_row(self.one_of("field", "Field along", {"x": 0, "y": 1}))]

    def compute(self, frame: Frame) -> Numbers:
        """Triangles for all; None where the model has no spin."""
        m, state = frame.geometry, frame.state
        mu = np.append(frame.curves.mu, state.mu)

        def chi(integrand: Integrand, factor: float = 1.0) -> Floats:
            self.ask(float("nan"))
            return factor * thermal_curves(mesh_curve(m, integrand), mu, state.temperature)[0]

        tau = state.relaxation_time
        own = np.concatenate([frame.curves.chi, frame.point.chi[None]])
        orbital = np.array([own, chi(EXTRINSIC_PER_PICOSECOND, tau)]) / CHI_IN_NM_PER_OHM
        pair = spin_responses(m, self.ask)
        spin = None if pair is None else np.array([chi(pair.intrinsic), chi(pair.extrinsic, tau)])
        return Numbers(mu, spin, orbital, self.options)

    def build(self) -> list[Any]:
        """z components together, in-plane spin components apart."""
        unit = "χ [μB/nm² per V/m]"
        self._z = LinePlot("Moment along z", "μ [eV]", unit, LINES, height=320)
        plane = {"intrinsic": (GREEN, "dotdash"), "extrinsic": (PURPLE, "dotted")}
        self._plane = [LinePlot(f"Spin moment along {a}", "μ [eV]", unit, plane) for a in "xy"]
        self._table = text()
        self._in_plane = hidden_whole(row(*(p.pane for p in self._plane)))
        return [row(self._z.pane, self._table), self._in_plane]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        i, mu, at = result.options.field, result.mu[:-1], frame.state.mu
        spin = np.full((2, result.mu.size, 6), np.nan) if result.spin is None else result.spin
        scale = max(float(np.abs(v).max()) for v in (result.orbital, spin) if np.isfinite(v).all())
        z = spin[:, :-1, COMPONENTS.index(f"z{'xy'[i]}")]
        orbital = result.orbital[:, :-1, i]
        self._z.show(mu, dict(zip(LINES, (orbital[0], z[0], orbital[1], z[1]), strict=True)), at, scale)
        self._z.figure.title.text = f"Moment along z, E along {'xy'[i]}"
        for a, plot in zip("xy", self._plane if result.spin is not None else (), strict=False):
            found = spin[:, :-1, COMPONENTS.index(f"{a}{'xy'[i]}")]
            plot.show(mu, {"intrinsic": found[0], "extrinsic": found[1]}, at, scale)
            plot.figure.title.text = f"Spin moment along {a}, E along {'xy'[i]}"
        self._in_plane.visible = result.spin is not None
        moments = [
            (f"orbital M<sub>z</sub>, E<sub>{a}</sub>", result.orbital[:, -1, n]) for n, a in enumerate("xy")
        ]
        if result.spin is not None:
            moments += [
                (f"spin M<sub>{c[0]}</sub>, E<sub>{c[1]}</sub>", spin[:, -1, n])
                for n, c in enumerate(COMPONENTS)
            ]
        rows = [(name, *(scientific(clean(float(v), scale)) for v in values)) for name, values in moments]
        self._table.object = table_html(
            ("χ [μ_B/nm² per V/m]", "intrinsic", "extrinsic"), rows,
            where(frame.state, tau=True),
        ) + note_html(
            f"1 μ<sub>B</sub>/nm² per V/m = {CHI_IN_NM_PER_OHM:.0f} nm/Ω. Mesh of {frame.geometry.mesh}² points, no "
            "error bar."
        ) + ("" if result.spin is not None else note_html(NO_SPIN))  # fmt: skip
