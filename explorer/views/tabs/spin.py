"""Spin Edelstein response beside the orbital one: an experiment sees their sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.live.frame import Frame
from explorer.physics.progress import Watch, part_of
from explorer.physics.responses import catalogue
from explorer.physics.responses.integrand import Integrand
from explorer.physics.responses.spin_edelstein import CHI_IN_NM_PER_OHM, COMPONENTS
from explorer.studies.at_state import StateValue, at_state
from explorer.studies.curves import ResponseCurve, response_curve
from explorer.studies.induced_moment import response_parts
from explorer.studies.mesh_curves import spin_responses
from explorer.views.curve_quality import bars, standing
from explorer.views.figure_tab import LARGER, FigureTab, component_of, text
from explorer.views.figures.layout import controls_row, hidden_whole, note_html, row, table_html, where
from explorer.views.figures.plots import BLUE, GREEN, ORANGE, PURPLE, LinePlot
from explorer.views.text.standing import component_html

KINDS = ("intrinsic", "extrinsic")
UNIT = catalogue.row("spin").printed_unit
LINES = {
    "orbital, intrinsic": (BLUE, "solid"),
    "spin, intrinsic": (GREEN, "dotdash"),
    "orbital, extrinsic": (ORANGE, "dashed"),
    "spin, extrinsic": (PURPLE, "dotted"),
}
NO_SPIN = (
    "<b>This model has no spin</b>: its orbitals carry none, so nothing can polarise, and only the orbital response is "
    "shown. Models with spin: those whose description names spin-orbit coupling or exchange."
)


@dataclass(frozen=True)
class Options:
    """field : direction of E, 0 x, 1 y, or LARGER: that of the larger intrinsic moment along z."""

    field: int = LARGER


ROWS = {
    ("orbital", "intrinsic"): "chi",
    ("orbital", "extrinsic"): "chi_extrinsic",
    ("spin", "intrinsic"): "spin",
    ("spin", "extrinsic"): "spin_extrinsic",
}
"""Rows of the catalogue by moment and mechanism."""
Values = dict[tuple[str, str], StateValue]


def _at_state(frame: Frame, watch: Watch | None = None) -> Values:
    """Those of `ROWS` that the source has, all in mu_B/nm^2 per V/m."""
    found = {
        key: at_state(frame, name, part_of(watch, n / len(ROWS), (n + 1) / len(ROWS)))
        for n, (key, name) in enumerate(ROWS.items())
    }
    units = {"orbital": 1 / CHI_IN_NM_PER_OHM, "spin": 1.0}
    return {key: value.scaled(units[key[0]]) for key, value in found.items() if value is not None}


@dataclass(frozen=True, eq=False)
class Numbers:
    """Responses in mu_B/nm^2 per V/m, intrinsic and extrinsic, over mu and at the state's own.

    spin : None where the model has none, of six components as `COMPONENTS`. orbital : of two. at_state : by
    (moment, mechanism).
    """

    orbital: tuple[ResponseCurve, ResponseCurve]
    spin: tuple[ResponseCurve, ResponseCurve] | None
    at_state: Values
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
        return [controls_row(self.one_of("field", "Field along", {"larger": LARGER, "x": 0, "y": 1}))]

    def compute(self, frame: Frame) -> Numbers:
        """Spin and orbital responses over mu: from the mesh at once, with error bars once the hand rests."""
        spin_responses(frame.geometry, self.progress)
        first = self._numbers(frame, None)
        if frame.stage != "sharp":
            return first
        self.early(first)
        values = _at_state(frame, part_of(self.progress, 0.0, 0.3))
        self.early(self._numbers(frame, None, values))
        return self._numbers(frame, part_of(self.progress, 0.3, 1.0), values)

    def _numbers(self, frame: Frame, progress: Watch | None, values: Values | None = None) -> Numbers:
        values = _at_state(frame) if values is None else values
        pair, found = spin_responses(frame.geometry), list[ResponseCurve]()
        if pair is not None:
            found += [
                _curve(frame, pair.intrinsic, 1.0, part_of(progress, 0, 1 / 3)),
                _curve(frame, pair.extrinsic, frame.state.relaxation_time, part_of(progress, 1 / 3, 2 / 3)),
            ]
        orbital = response_parts(
            frame, False, part_of(progress, 2 / 3, 1), sharpen=progress is not None, alpha=False
        )
        spin = None if pair is None else (found[0], found[1])
        inner, outer = (p.over_mu.scaled(1 / CHI_IN_NM_PER_OHM, 0.0) for p in orbital)
        return Numbers((inner, outer), spin, values, self.options)

    def build(self) -> list[Any]:
        """z components together, in-plane spin components apart."""
        unit = f"χ [{UNIT}]".replace("μ_B", "μB")
        self._z = LinePlot("Moment along z", "μ [eV]", unit, LINES, height=320, bands=True)
        plane = {"intrinsic": (GREEN, "dotdash"), "extrinsic": (PURPLE, "dotted")}
        self._plane = [LinePlot(f"Spin moment along {a}", "μ [eV]", unit, plane, bands=True) for a in "xy"]
        self._table = text()
        self._in_plane = hidden_whole(row(*(p.pane for p in self._plane)))
        return [row(self._z.pane, self._table), self._in_plane]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        along_z = [COMPONENTS.index(f"z{a}") for a in "xy"]
        intrinsic = [result.orbital[0].chi, *(s.chi[:, along_z] for s in (result.spin or ())[:1])]
        i, mu, at = component_of(result.options.field, *intrinsic), result.orbital[0].mu, frame.state.mu
        curves = [*result.orbital, *(result.spin or ())]
        scale = max(float(np.abs(c.chi).max()) for c in curves)
        pairs = dict(
            zip((("orbital", kind) for kind in KINDS), ((c, i) for c in result.orbital), strict=True)
        )
        if result.spin is not None:
            pairs |= zip(
                (("spin", kind) for kind in KINDS), ((c, along_z[i]) for c in result.spin), strict=True
            )
        nothing = np.full(mu.size, np.nan)
        found = {", ".join(name): (c.chi[:, n], bars(c, "chi", n)) for name, (c, n) in pairs.items()}
        self._z.show(
            mu,
            {name: found[name][0] if name in found else nothing for name in LINES},
            at,
            scale,
            {name: wide for name, (_, wide) in found.items()},
        )
        self._z.figure.title.text = f"Moment along z, E along {'xy'[i]}"
        for a, plot in zip("xy", self._plane if result.spin is not None else (), strict=False):
            n, both = COMPONENTS.index(f"{a}{'xy'[i]}"), dict(zip(KINDS, result.spin or (), strict=True))
            plot.show(
                mu,
                {kind: c.chi[:, n] for kind, c in both.items()},
                at,
                scale,
                {kind: bars(c, "chi", n) for kind, c in both.items()},
            )
            plot.figure.title.text = f"Spin moment along {a}, E along {'xy'[i]}"
        self._in_plane.visible = result.spin is not None
        names = {"orbital": ("zx", "zy"), "spin": COMPONENTS if result.spin is not None else ()}
        rows = [
            (
                f"{moment} M<sub>{c[0]}</sub>, E<sub>{c[1]}</sub>",
                *(component_html(result.at_state[moment, kind], n) for kind in KINDS),
            )
            for moment, components in names.items()
            for n, c in enumerate(components)
        ]
        self._table.object = (
            table_html(
                (f"χ [{UNIT}]", "intrinsic", "extrinsic"),
                rows,
                where(frame.state, tau=True),
            )
            + note_html(f"1 {UNIT} = {CHI_IN_NM_PER_OHM:.0f} nm/Ω. A value below its error is not resolved.")
            + standing(frame, curves, alpha=False)
            + ("" if result.spin is not None else note_html(NO_SPIN))
        )


def _curve(frame: Frame, integrand: Integrand, factor: float, progress: Watch | None) -> ResponseCurve:
    """A response of the spins over mu."""
    m, kelvin = frame.geometry, frame.state.temperature
    found = response_curve(m, integrand, frame.curves.mu, kelvin, progress, alpha=False, operations=())
    return found.scaled(factor, factor)
