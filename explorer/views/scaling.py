"""Temperature scaling: every contribution to alpha against T on logarithmic axes, beside Table I."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from explorer.frames import Frame
from explorer.physics.extrinsic import EXTRINSIC_PER_PICOSECOND
from explorer.physics.integrand import INTRINSIC
from explorer.physics.live import thermal_curves
from explorer.physics.relaxation import Relaxation
from explorer.physics.temperature_scaling import Phonons, Scaling, sommerfeld_range, temperature_scaling
from explorer.physics.triangles import energy_nodes, triangle_curve
from explorer.views.figures import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    FigureTab,
    LinePlot,
    controls_row,
    note_html,
    row,
    table_html,
)
from explorer.views.foot import scientific

TEMPERATURES = np.geomspace(1.0, 1000.0, 90)
REFERENCE = 30.0
"""Temperature at which the user's prefactors of the phonon contributions hold [K]."""

LINES = {
    "intrinsic": (BLUE, "solid"), "extrinsic": (ORANGE, "solid"), "phonon drag": (GREEN, "dashed"),
    "phonon angular momentum": (PURPLE, "dashed"),
}  # fmt: skip


@dataclass(frozen=True)
class Options:
    """component : 0 x, 1 y. drag, angular_momentum : the user's sizes at REFERENCE [nA nm/K]."""

    component: int = 0
    relaxation: Relaxation = field(default_factory=Relaxation)
    phonons: Phonons = field(default_factory=Phonons)
    drag: float = 0.01
    angular_momentum: float = 0.01


FIELDS = (
    # part, attribute, label with unit, factor from the widget's unit, bounds, source
    ("relaxation", "impurity_time", "Impurity time τᵢ [ps]", 1e-12, (1e-3, 1e3), "Clean MoS₂ (Cui 2015)"),
    ("relaxation", "phonon_rate", "Phonon rate slope γ [1/(ns K)]", 1e9, (0.0, 1e4), "MoS₂ (Kaasbjerg 2013)"),
    ("relaxation", "sound_velocity", "Sound velocity [km/s]", 1e3, (0.1, 50.0), "MoS₂, LA (Kaasbjerg 2012)"),
    (
        "relaxation",
        "fermi_wave_vector",
        "Fermi wave vector [1/Å]",
        1.0,
        (1e-3, 1.0),
        "10¹³ per cm², fourfold",
    ),
    ("phonons", "flake_size", "Flake size L [µm]", 1e-6, (1e-2, 1e4), "Boundary scattering of phonons"),
    ("phonons", "debye_temperature", "Debye temperature [K]", 1.0, (20.0, 3e3), "MoS₂ (Kaasbjerg 2014)"),
    ("phonons", "umklapp_exponent", "Umklapp exponent b", 1.0, (0.5, 10.0), "3 is the usual choice"),
    (
        "phonons",
        "lifetime_at_300K",
        "Phonon lifetime at 300 K [ps]",
        1e-12,
        (0.01, 1e4),
        "MoS₂ (Caruso 2021)",
    ),
)


class ScalingView(FigureTab):
    """alpha_i(T) by contribution, local exponents, and the comparison with Table I."""

    key, title, order = "scaling", "Temperature scaling", 40
    intro = (
        "Intrinsic and extrinsic α are computed from the bands at this μ. For <b>phonon drag</b> and "
        "<b>phonon "
        "angular momentum</b> theory gives a proportionality only: their shapes follow from the "
        "constants below, "
        "their sizes at 30 K are <b>yours</b>. The material constants start at values of "
        "MoS₂ (sources in "
        "their hints); they are not derived from the bands shown."
    )

    def __init__(self, session: Any, refresh: Any) -> None:
        super().__init__(session, refresh)
        self.options = Options()

    def controls(self) -> list[Any]:
        """Component, material constants and the two sizes."""
        part = pmui.RadioButtonGroup(label="Component", options={"x": 0, "y": 1}, value=0)
        part.param.watch(lambda e: self._set(component=int(e.new)), "value")
        items: list[Any] = [part]
        for group, name, label, factor, bounds, source in FIELDS:
            start = getattr(getattr(self.options, group), name) / factor
            items.append(self._slider(label, start, bounds, source, self._constant(group, name, factor)))
        for name, label in (
            ("drag", "Drag at 30 K [nA nm/K]"),
            ("angular_momentum", "Angular mom. at 30 K [nA nm/K]"),
        ):
            items.append(self._number(label, 0.01, (0.0, 1e6), "Your prefactor", self._size(name)))
        return [controls_row(*items)]

    def _slider(self, label: str, value: float, bounds: tuple[float, float], source: str, hear: Any) -> Any:
        """A material constant: a decade to either side by hand, anything within the bounds typed."""
        widget = pmui.EditableFloatSlider(
            label=label, value=value, start=max(bounds[0], value / 10), end=min(bounds[1], 10 * value),
            fixed_start=bounds[0], fixed_end=bounds[1], step=value / 20, width=235, description=source,
        )  # fmt: skip
        widget.param.watch(lambda e: hear(e.new) if e.new is not None else None, "value_throttled")
        return widget

    def _number(self, label: str, value: float, bounds: tuple[float, float], source: str, hear: Any) -> Any:
        widget = pmui.FloatInput(
            label=label, value=value, start=bounds[0], end=bounds[1], step=value / 10 or 0.01, width=215,
            description=source,
        )  # fmt: skip
        widget.param.watch(lambda e: hear(e.new) if e.new is not None else None, "value")
        return widget

    def _constant(self, group: str, name: str, factor: float) -> Any:
        def hear(value: float) -> None:
            try:
                changed = replace(getattr(self.options, group), **{name: value * factor})
            except ValueError as error:
                self.session.toast(str(error), "error")
                return
            both = {group: changed}
            if name == "sound_velocity":  # one crystal, one velocity
                both["phonons"] = replace(self.options.phonons, sound_velocity=value * factor)
            self._set(**both)

        return hear

    def _size(self, name: str) -> Any:
        return lambda value: self._set(**{name: float(value)})

    def _set(self, **changes: Any) -> None:
        self.options = replace(self.options, **changes)
        self.refresh()

    def compute(self, frame: Frame) -> tuple[Scaling, int]:
        """alpha(T) of both electronic contributions from T = 0 curves of the mesh."""
        m, o = frame.geometry, self.options
        mu = np.array([frame.state.mu])
        nodes = np.unique(np.concatenate(
            [energy_nodes(m.corners.energy, max(100, 3 * m.mesh), mu, t) for t in TEMPERATURES[::8]]
        ))  # fmt: skip
        found = {}
        for name, integrand in (("intrinsic", INTRINSIC), ("extrinsic", EXTRINSIC_PER_PICOSECOND)):
            curve = triangle_curve(m.corners, m.triangles, m.triangle_weights, integrand, nodes)
            pairs = [thermal_curves(curve, mu, float(t))[1:] for t in TEMPERATURES]
            found[name] = np.array([[a[0, o.component], low[0, o.component]] for a, low in pairs])
        limit = sommerfeld_range(TEMPERATURES, found["intrinsic"][:, 0], found["intrinsic"][:, 1])
        scaling = temperature_scaling(
            TEMPERATURES, found["intrinsic"][:, 0], found["extrinsic"][:, 0], o.relaxation, o.phonons,
            drag_size=o.drag, angular_momentum_size=o.angular_momentum, reference_temperature=REFERENCE,
            sommerfeld_limit=limit,
        )  # fmt: skip
        return scaling, o.component

    def build(self) -> list[Any]:
        """Sizes, exponents, tau(T) and the table."""
        self._sizes = LinePlot("Contributions", "T [K]", "|α| [nA nm/K]", LINES, log=True, height=360)
        self._exponents = LinePlot(
            "Local exponent", "T [K]", "d ln|α| / d ln T", LINES, log_x=True, height=360
        )
        self._tau = LinePlot(
            "Relaxation time of the electrons", "T [K]", "τ [ps]", {"τ": (BLUE, "solid")}, log=True
        )
        self._table = pn.pane.HTML("", sizing_mode="stretch_width")
        return [row(self._sizes.pane, self._exponents.pane), row(self._tau.pane, self._table)]

    def show(self, frame: Frame, result: tuple[Scaling, int]) -> None:
        """Replace the data."""
        scaling, component = result
        kelvin = frame.state.temperature
        # a logarithmic axis has no zero: what vanishes, up to rounding, is left out
        top = max(float(np.abs(v).max()) for v in scaling.contributions.values())
        seen = {n: np.abs(v) > 1e-9 * top for n, v in scaling.contributions.items()}
        sizes = {n: np.where(seen[n], np.abs(v), np.nan) for n, v in scaling.contributions.items()}
        self._sizes.show(scaling.temperature, sizes, kelvin)
        self._sizes.figure.title.text = f"Contributions to α{'xy'[component]} at μ = {frame.state.mu:.4g} eV"
        exponents = {
            n: np.where(seen[n] & (np.abs(v) < 12), v, np.nan) for n, v in scaling.exponents().items()
        }
        self._exponents.show(scaling.temperature, exponents, kelvin)
        self._tau.show(scaling.temperature, {"τ": 1e12 * scaling.relaxation_time}, kelvin)
        rows = [
            (
                r.contribution, f"{r.low:.3g} – {r.high:.3g}", f"{r.exponent:.0f}", scientific(found, 3),
                "" if r.degenerate else "k_BT not small against χ(μ)",
            )
            for r, found in scaling.compared()
            if seen[r.contribution].any()
        ]  # fmt: skip
        self._table.object = table_html(
            ("contribution", "T [K]", "Table I", "found (median)", ""), rows, "Exponents of Table I"
        ) + note_html(
            f"Mesh of {frame.geometry.mesh}² points: where k_BT is below what the mesh resolves, the "
            f"exponents of the "
            "computed contributions scatter. The range of α ~ T ends where (12) and its "
            "low-temperature form (13) part "
            "by 10 %."
        )
