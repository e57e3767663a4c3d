"""What an experiment would read: all parts of the induced moment together; and how firm chi is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui

from explorer.live.frame import Frame
from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import Hamiltonian
from explorer.physics.observables.experiment import (
    KERR_ASSUMPTION,
    KERR_PER_MAGNETIZATION,
    FlakeReading,
    Sensitivity,
    flake_reading,
    stray_field,
    symmetric_sensitivity,
    with_tolerance,
)
from explorer.physics.observables.magnetometry import largest_field, offset_of_equal_field, sheet_field
from explorer.physics.units import MAGNETIZATION_UNIT
from explorer.session.source import open_source
from explorer.studies.curves import unresolved
from explorer.studies.induced_moment import Part, driven_current, response_parts
from explorer.threads import WatchedPool
from explorer.views.curve_quality import standing
from explorer.views.figure_tab import Dial, FigureTab, dials, text
from explorer.views.figures.layout import clean, controls_row, hidden_whole, note_html, row, table_html, where
from explorer.views.figures.plots import BLUE, GREEN, GREY, ORANGE, PURPLE, LinePlot
from explorer.views.text.numbers import scientific, with_error
from explorer.views.text.prose import prose

TOLERANCE = "degeneracy tolerance"
NOTHING = "nothing"
SWEEP_MESH = 36
"""Largest mesh on which groups are counted for the sensitivity."""
SETTINGS = 13
QUICK = 8
"""Bands up to which the sensitivity to the tolerance is shown unasked."""
FEW = 32
"""Bands up to which the spin part is computed unasked; of a hundred it takes a minute."""
NANO = 1e9
LINES = {
    "sum": (GREY, "solid"),
    "orbital, intrinsic": (BLUE, "dashed"),
    "orbital, extrinsic": (ORANGE, "dotdash"),
    "spin, intrinsic": (GREEN, "dotted"),
    "spin, extrinsic": (PURPLE, "dotdash"),
}


@dataclass(frozen=True)
class Options:
    """radius, height : of flake and probe [m]. spin : whether to add that part. sweep : what to vary, or NOTHING.

    source : the model for which the last two were chosen; another one has its own start.
    """

    source: str = ""
    radius: float = 5e-6
    height: float = 50e-9
    spin: bool = True
    sweep: str = NOTHING


@dataclass(frozen=True, eq=False)
class Numbers:
    """parts : what adds up. reading : of their sum. current : that the field drives, per width [A/m]. even : what of
    the sum stays where all moments of the magnet are reversed [A]. heights [m], stray [T]. sensitivity, if `options`
    ask for it.

    spin : whether the model has any.
    """

    parts: tuple[Part, ...]
    reading: FlakeReading
    current: float
    even: float
    heights: Floats
    stray: Floats
    sensitivity: Sensitivity | None
    options: Options
    spin: bool


class ExperimentView(FigureTab):
    """Moment, stray field, Kerr rotation of the sum of all parts; sensitivity to tolerance and parameters."""

    key = "experiment"
    intro = (
        "A magnetometer and light see one moment, the <b>sum</b> of four parts: orbital and spin, each intrinsic and "
        "extrinsic (∝ τ). Here is the magnetization δM = χ·(E − ∇μ/e) − α·∇T of the fields, T and τ of the sidebar, "
        "read above the centre of a circular flake. Below: how firm χ is against the degeneracy tolerance, or against "
        "a small change of a parameter, for instance one that breaks PT."
    )

    def __init__(self, session: Any, refresh: Any) -> None:
        super().__init__(session, refresh)
        self.options = Options()
        self._kept: tuple[tuple[object, ...], Sensitivity] | None = None

    def controls(self) -> list[Any]:
        """Flake, probe, spin, and what to vary."""
        o = self.options
        flake = dials(
            (
                Dial("flake radius", "R", "µm", (1e-3, 1e5), o.radius * 1e6, "Radius of the flake"),
                Dial(
                    "probe height",
                    "z",
                    "nm",
                    (1.0, 1e6),
                    o.height * NANO,
                    "Height of the magnetometer above it",
                ),
            ),
            lambda name, v: self.set_option(
                **({"radius": v * 1e-6} if name == "flake radius" else {"height": v / NANO})
            ),
        )
        self._sweep = pmui.Select(
            label="Sensitivity of χ to", options=[NOTHING, TOLERANCE], value=o.sweep, width=260
        )
        self._sweep.param.watch(lambda e: self.set_option(sweep=e.new), "value")
        self._spin = self.switch("spin", "Add the spin part")
        return [flake, controls_row(self._spin, self._sweep)]

    def compute(self, frame: Frame) -> Numbers:
        """Parts of the frame's mesh at once, with error bars once the hand rests; then the sensitivity."""
        h = frame.geometry.source.hamiltonian
        if self.options.source != frame.state.source:
            sweep = TOLERANCE if h.size <= QUICK else NOTHING
            self.options = replace(self.options, source=frame.state.source, spin=h.size <= FEW, sweep=sweep)
        o = self.options
        first = self._numbers(frame, response_parts(frame, o.spin, self.progress, alpha=False))
        if frame.stage != "sharp":
            return first
        self.early(first)
        parts = response_parts(frame, o.spin, self.progress, sharpen=True, alpha=frame.state.gradient != 0)
        sharp = self._numbers(frame, parts)
        self.early(sharp)
        return replace(sharp, sensitivity=self._sensitivity(frame))

    def _numbers(self, frame: Frame, parts: tuple[Part, ...]) -> Numbers:
        o = self.options
        total = sum(p.induced.total for p in parts)
        heights = np.geomspace(1e-9, 1e-3, 80)
        return Numbers(
            parts,
            flake_reading(total, o.radius, o.height),
            driven_current(frame),
            sum(p.induced.total for p in parts if p.mechanism == "extrinsic"),
            heights,
            stray_field(total, o.radius, heights),
            None,
            o,
            frame.geometry.source.model.spin() is not None,
        )

    def _sensitivity(self, frame: Frame) -> Sensitivity | None:
        name, state = self.options.sweep, frame.state
        if name != TOLERANCE and name not in dict(state.parameters):
            return None
        key = state.geometry_key, state.mu, state.temperature, name
        if self._kept is None or self._kept[0] != key:
            build, settings = _sweep(frame, name)
            found = symmetric_sensitivity(
                build,
                settings,
                state.mu,
                state.temperature,
                mesh=min(SWEEP_MESH, frame.geometry.mesh),
                pool=WatchedPool(self.progress.ask),
                progress=self.progress,
            )
            self._kept = key, found
        return self._kept[1]

    def build(self) -> list[Any]:
        """Parts, readings, field against height, sensitivity."""
        self._parts, self._readings, self._words = text(), text(), text()
        self._sum = LinePlot(
            "δM of the fields set, by part", "μ [eV]", "δM [μB/nm²]", LINES, height=320, bands=True
        )
        self._stray = LinePlot(
            "|B| on the axis of the flake", "height [nm]", "|B| [nT]", {"|B|": (BLUE, "solid")}, log=True
        )
        lines = {"χx": (BLUE, "solid"), "χy": (ORANGE, "dashed")}
        self._chi = LinePlot("Sensitivity of χ", "setting", "χ [nm/Ω]", lines, log_x=True, bands=True)
        self._groups = LinePlot(
            "Degenerate groups", "setting", "groups per k", {"groups": (GREY, "solid")}, log_x=True
        )
        self._pair = hidden_whole(row(self._chi.pane, self._groups.pane))
        self._pair.visible = False
        readings = pn.Column(self._parts, self._readings, sizing_mode="stretch_width")
        plots = pn.Column(self._sum.pane, self._stray.pane, sizing_mode="stretch_width")
        return [row(readings, plots), self._words, self._pair]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        self._sweep.options = [NOTHING, TOLERANCE, *(name for name, _ in frame.state.parameters)]
        self._sweep.value, self._spin.value = result.options.sweep, result.options.spin
        self._show_parts(frame, result)
        self._show_readings(frame, result)
        size = np.abs(result.stray) * NANO
        self._stray.show(
            result.heights * NANO, {"|B|": np.where(size > 0, size, np.nan)}, result.reading.height * NANO
        )
        self._show_sensitivity(frame, result)

    def _show_parts(self, frame: Frame, r: Numbers) -> None:
        unit = MAGNETIZATION_UNIT
        names = [f"{p.moment}, {p.mechanism}" for p in r.parts]
        causes = np.array([[p.induced.electric, p.induced.thermal] for p in r.parts]) / unit
        errors = np.array([p.error.total for p in r.parts]) / unit
        top = np.abs(causes).max(axis=0)
        both = causes.sum(axis=1)
        rows = [
            (
                name,
                *(scientific(clean(float(v), t)) for v, t in zip(cause, top, strict=True)),
                with_error(value, error, float(np.abs(both).max())),
            )
            for name, cause, value, error in zip(names, causes, both, errors, strict=True)
        ]
        whole = (
            "sum",
            *map(scientific, causes.sum(axis=0)),
            with_error(float(both.sum()), float(errors.sum())),
        )
        shown = [*rows, tuple(f"<b>{v}</b>" for v in whole)]
        spinless = (
            "The model has no spin. "
            if not r.spin
            else ""
            if len(r.parts) > 2
            else ("<b>The spin part is left out</b>: with many bands it takes a while; switch it on above. ")
        )
        self._parts.object = (
            table_html(("δMz [μ_B/nm²]", "of E", "of ∇T", "both"), shown, where(frame.state, tau=True))
            + note_html(
                f"{spinless}Along +z. "
                + (
                    "Each part carries an error bar of its own."
                    if all(p.over_mu.known for p in r.parts)
                    else "The orbital intrinsic part carries the error bar of the live page; the others come "
                    f"from the mesh of {frame.geometry.mesh}² points, with what two ways of summing differ by."
                )
            )
            + standing(frame, [p.over_mu for p in r.parts], alpha=frame.state.gradient != 0)
        )
        found = {n: (p.curve / unit, p.curve_error / unit) for n, p in zip(names, r.parts, strict=True)}
        found["sum"] = tuple(np.sum(each, axis=0) for each in zip(*found.values(), strict=True))
        size = max(float(np.abs(v).max()) for v, _ in found.values())
        together = np.stack([v for v, _ in found.values()], axis=1)
        lost = unresolved(together, np.stack([e for _, e in found.values()], axis=1))
        nothing = np.full(frame.curves.mu.size, np.nan)
        self._sum.show(
            frame.curves.mu,
            dict.fromkeys(LINES, nothing) | {name: v for name, (v, _) in found.items()},
            frame.state.mu,
            size,
            {name: (e, lost[:, i]) for i, (name, (_, e)) in enumerate(found.items())},
        )

    def _show_readings(self, frame: Frame, result: Numbers) -> None:
        r = result.reading
        moment = r.moment / (np.pi * r.radius**2)
        edge, depth = largest_field(moment, r.radius, r.height)
        odd = moment - result.even
        driven = sheet_field(result.current)
        aside = offset_of_equal_field(r.field, result.current, r.radius, r.height)
        rows = [
            ("magnetization δM<sub>z</sub>", scientific(moment * NANO), "nA"),
            ("moment of the flake", scientific(r.moment_muB), "μ_B"),
            ("", scientific(r.moment), "A m²"),
            (f"B<sub>z</sub> at {r.height * NANO:.4g} nm above the centre", scientific(r.field * NANO), "nT"),
            (f"largest B<sub>z</sub>, {depth * NANO:.3g} nm inside the edge", scientific(edge * NANO), "nT"),
            ("Oersted field of the current that E drives, in the plane", scientific(driven * NANO), "nT"),
            ("Kerr rotation, order of", scientific(r.kerr * NANO, 2), "nrad"),
            (
                "Kerr rotation, two magnetic states subtracted",
                scientific(2 * KERR_PER_MAGNETIZATION * odd / MAGNETIZATION_UNIT * NANO, 2),
                "nrad",
            ),
            (
                "largest B<sub>z</sub>, two magnetic states subtracted",
                scientific(2 * largest_field(odd, r.radius, r.height)[0] * NANO),
                "nT",
            ),
            ("carriers n − n<sub>0</sub>", scientific(frame.point.density, 3), "cm⁻²"),
        ]
        caption = f"The sum, on a flake of radius {r.radius * 1e6:.4g} µm, uniformly magnetised"
        self._readings.object = (
            table_html(("reading", "value", "unit"), rows, caption)
            + note_html(_current_words(result.current, aside))
            + note_html(
                f"<b>Kerr rotation</b>: {prose(KERR_ASSUMPTION)} Here it weighs the spin and the orbital moment alike."
            )
        )

    def _show_sensitivity(self, frame: Frame, r: Numbers) -> None:
        if r.sensitivity is None:
            wanted = r.options.sweep != NOTHING
            self._pair.visible &= wanted
            self._words.object = note_html(
                f"<b>The sensitivity{' below is that of earlier settings: it' * self._pair.visible} is computed once "
                "the sliders rest.</b>"
                if wanted
                else "Choose above what χ is to be tried against: it is computed for settings over many decades."
            )
            return
        self._pair.visible = True
        s, tolerance = r.sensitivity, r.options.sweep == TOLERANCE
        at = frame.geometry.source.hamiltonian.degeneracy_tolerance
        unit = "eV" if tolerance else frame.geometry.source.model.quantities()[r.options.sweep].unit
        label = (
            f"{TOLERANCE} [eV]"
            if tolerance
            else f"change of {r.options.sweep}" + (f" [{unit}]" if unit else "")
        )
        for plot in (self._chi, self._groups):
            plot.figure.xaxis.axis_label = label
            plot.mark.visible, plot.mark.location = tolerance or unit == "eV", at
        lost = unresolved(s.chi, s.chi_error)
        self._chi.show(
            s.setting,
            {"χx": s.chi[:, 0], "χy": s.chi[:, 1]},
            None,
            float(np.abs(s.chi).max()),
            {"χx": (s.chi_error[:, 0], lost[:, 0]), "χy": (s.chi_error[:, 1], lost[:, 1])},
        )
        self._groups.show(s.setting, {"groups": s.groups})
        kept = s.chi[~lost.any(axis=1)]
        spread = float(np.ptp(kept, axis=0).max() / (np.abs(kept).max() or 1.0)) if len(kept) else np.nan
        self._words.object = note_html(
            f"<b>Sensitivity of χ to the {label}</b>: χ changes by {scientific(100 * spread, 2)} % of its largest "
            "value over the settings, by adaptive quadrature to a percent. "
            + (
                f"<b>Not converged at {int(lost.any(axis=1).sum())} of {len(lost)} settings</b>, which are left out. "
                if lost.any()
                else ""
            )
            + "Where the number of groups per k steps, levels merge or part: one pair with its trace and two bands "
            "with terms between them are different physical cases. "
            + ("The dotted line is the tolerance of this page." if tolerance or unit == "eV" else "")
        )


def _current_words(current: float, aside: float) -> str:
    """What the driving current does to a measurement, and what tells the moment from it."""
    beside = (
        f", and {scientific(aside * NANO, 2)} nm beside it is as large as the moment's at the centre"
        if current
        else ""
    )
    return (
        f"<b>The current's own field</b>: E drives {current:.3g} A/m, whose field μ₀K/2 lies in the plane, across the "
        f"current. Along z it vanishes only on the middle line of a strip of the flake's width{beside}. It has the "
        "frequency of the current, as the moment has, so a lock-in does not part the two. What does: two magnetic "
        "states of opposite moments at the same current, subtracted. The current's field and the extrinsic parts drop "
        "out, and twice the intrinsic parts are left. Light sees no field of the current: its spot reads δM itself. A "
        "gradient without E drives no current in an open circuit."
    )


def _sweep(frame: Frame, name: str) -> tuple[Callable[[float], Hamiltonian], Floats]:
    """What makes the Hamiltonian for each setting, and the settings."""
    h = frame.geometry.source.hamiltonian
    if name == TOLERANCE:
        scale = h.degeneracy_tolerance or 1e-6
        return with_tolerance(h), scale * np.geomspace(1e-4, 1e5, SETTINGS)
    state = frame.state
    chosen = dict(state.parameters)
    low, high = frame.geometry.source.model.quantities()[name].bounds
    span = high - low
    sign = 1.0 if chosen[name] + 0.1 * span <= high else -1.0

    def build(change: float) -> Hamiltonian:
        changed = chosen | {name: chosen[name] + sign * change}
        source = open_source(
            state.source,
            changed,
            degeneracy_tolerance=state.degeneracy_tolerance,
            kramers_pairs=state.kramers_pairs,
        )
        return source.hamiltonian

    return build, span * np.geomspace(1e-8, 1e-1, SETTINGS)
