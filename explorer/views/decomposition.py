"""Equation (11) taken apart at a chosen k, and chi by bands and terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import panel as pn
import panel_material_ui as pmui
from bokeh.models import ColumnDataSource, FactorRange
from bokeh.plotting import figure

from explorer.frames import Frame
from explorer.physics.decomposition import TERMS, Decomposition, Shares, decompose, hottest, shares
from explorer.session import OCCUPIED
from explorer.views.figures import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    FigureTab,
    LinePlot,
    boxed,
    clean,
    controls_row,
    note_html,
    row,
    styled,
    table_html,
)
from explorer.views.foot import scientific

LONGEST = 14
"""Terms listed."""
CURVES = 41
"""Chemical potentials of the shares."""
SHORT = {"moment": "moment", "pair": "velocity pair", "inertia": "second derivative"}
COLOURS = {"moment": BLUE, "pair": ORANGE, "inertia": GREEN}


@dataclass(frozen=True)
class Options:
    """component : 0 x, 1 y. band : from 1, 0 for the band nearest to mu."""

    component: int = 0
    band: int = 0


@dataclass(frozen=True, eq=False)
class Numbers:
    """found : the terms at one k. chosen : whether the user picked it. shares : chi by band and term."""

    found: Decomposition
    chosen: bool
    shares: Shares
    component: int


class DecompositionView(FigureTab):
    """Which pair of levels, by which term of (11), makes a hot spot; which band makes chi."""

    key, title, order = "decomposition", "Decomposition", 50
    intro = (
        "Λ(k) of one band as a sum over pairs of other levels m, m′: <b>moment</b> is the first term "
        "of (11), the "
        "interband moment; <b>velocity pair</b> and <b>second derivative</b> make up the second, "
        "half the curl of the "
        "quantum metric. Click a map of the live tab to choose k, and a band there or here. "
        "Degenerate levels are "
        "taken together. Λ in e/ħ Å³, e &lt; 0 kept outside."
    )

    def __init__(self, session: Any, refresh: Any) -> None:
        super().__init__(session, refresh)
        self.options = Options()

    def controls(self) -> list[Any]:
        """Component and band."""
        part = pmui.RadioButtonGroup(label="Component", options={"x": 0, "y": 1}, value=0)
        part.param.watch(lambda e: self._set(component=int(e.new)), "value")
        band = pmui.IntInput(
            label="Band (0: the one of the maps, or nearest to μ)", value=0, start=0, width=330
        )
        band.param.watch(lambda e: self._set(band=int(e.new or 0)), "value")
        return [controls_row(part, band)]

    def _set(self, **changes: int) -> None:
        self.options = replace(self.options, **changes)
        self.refresh()

    def compute(self, frame: Frame) -> Numbers:
        """Terms at the chosen k, or at the hottest point of the band on the mesh."""
        m, state, o = frame.geometry, frame.state, self.options
        h = m.source.hamiltonian
        band = (o.band or state.band or 0) - 1
        if band >= h.size:
            raise ValueError(f"there is no band {band + 1}: this model has {h.size}")
        if state.k is not None:
            k = np.array(state.k)
        else:
            near = np.abs(m.corners.energy - state.mu).min(axis=1)
            k = m.corners.k[:, hottest(m.corners, band if band >= 0 else int(near.argmin()))[0]]
        if band < 0:
            here = int(np.abs(m.corners.k - k[:, None]).sum(axis=0).argmin())
            band = int(np.abs(m.corners.energy[:, here] - state.mu).argmin())
        step = max(1, (frame.curves.mu.size - 1) // (CURVES - 1))
        return Numbers(
            decompose(h, k, band),
            state.k is not None,
            shares(m.corners, m.weights, frame.curves.mu[::step], state.temperature),
            o.component,
        )

    def build(self) -> list[Any]:
        """Bars of the largest terms, their table, and the shares."""
        self._bars = ColumnDataSource({"name": [], "value": [], "colour": []})
        plot = figure(
            title="Largest terms", y_range=FactorRange(), height=360, x_axis_label="Λ [e/ħ Å³]",
            sizing_mode="stretch_width", tools="save,hover",
            tooltips=[("", "@name"), ("Λ [e/ħ Å³]", "@value")],
        )  # fmt: skip
        plot.hbar(y="name", right="value", height=0.75, color="colour", source=self._bars)
        self._plot = styled(plot)
        self._terms = LinePlot(
            "χ(μ) by term", "μ [eV]", "χ [nm/Ω]",
            {"first term": (BLUE, "solid"), "second, surface": (ORANGE, "solid"),
             "second, sea": (GREY, "dashed"), "total": (PURPLE, "solid")},
            height=360,
        )  # fmt: skip
        self._bands = pn.pane.HTML("", sizing_mode="stretch_width")
        self._table = pn.pane.HTML("", sizing_mode="stretch_width")
        return [row(boxed(self._plot), self._table), row(self._terms.pane, self._bands)]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        d, i, s = result.found, result.component, result.shares
        axis = "xy"[i]
        size = float(np.hypot(*(d.term1 + d.term2)))
        terms = sorted(d.terms, key=lambda t: -abs(t.value[i]))[:LONGEST]
        names = [f"{SHORT[t.term]}: {_levels(t.outer)} · {_levels(t.inner)}" for t in terms]
        self._plot.y_range.factors = names[::-1]
        self._plot.title.text = f"Largest terms of Λ{axis}, bands {_levels(d.levels)} [e/ħ Å³]"
        self._bars.data = {
            "name": names,
            "value": [clean(t.value[i], size) for t in terms],
            "colour": [COLOURS[t.term] for t in terms],
        }
        whole = clean(float(d.term1[i] + d.term2[i]), size)
        rows = [
            (
                SHORT[t.term], _levels(t.outer), _levels(t.inner),
                f"{scientific(t.energy[0], 3)}, {scientific(t.energy[1], 3)}",
                scientific(clean(t.value[i], size)),
                f"{100 * t.value[i] / whole:.1f} %".replace("-", "−") if whole else "–",
            )
            for t in terms
        ]  # fmt: skip
        where = "chosen on the map" if result.chosen else "largest Λ of this band on the mesh"
        first = f"k = ({d.k[0]:.4f}, {d.k[1]:.4f}) 1/Å, {where}; ε = {d.energy:.4g} eV; "
        self._table.object = table_html(
            ("term", "m", "m′", "energies from the band [eV]", f"Λ{axis} [e/ħ Å³]", "share"), rows,
            f"{first}{len(d.terms)} terms in all",
        ) + note_html(
            f"T1 = {scientific(clean(float(d.term1[i]), size))}, T2 = "
            f"{scientific(clean(float(d.term2[i]), size))}, "
            f"Λ<sub>{axis}</sub> = {scientific(whole)} e/ħ Å³. "
            + "; ".join(f"{SHORT[k]}: {v}" for k, v in TERMS.items())
            + "."
        )  # fmt: skip
        total = s.total[:, i]
        self._terms.show(
            s.mu,
            {
                "first term": s.term1[:, :, i].sum(axis=0),
                "second, surface": s.term2_surface[:, :, i].sum(axis=0),
                "second, sea": s.term2_sea[:, :, i].sum(axis=0), "total": total,
            },
            frame.state.mu,
            float(np.abs(s.total).max()),
        )  # fmt: skip
        self._terms.figure.title.text = f"χ{axis}(μ) by term, mesh of {frame.geometry.mesh}²"
        at = int(np.abs(s.mu - frame.state.mu).argmin())
        by_band = s.term1[:, at, i] + s.term2_surface[:, at, i]
        order = np.argsort(-np.abs(by_band))[:LONGEST]
        self._bands.object = table_html(
            ("band", "first term", "second, surface", "sum [nm/Ω]"),
            [
                (
                    str(n + 1),
                    *(
                        scientific(float(v))
                        for v in (s.term1[n, at, i], s.term2_surface[n, at, i], by_band[n])
                    ),
                )
                for n in order
            ],
            f"Bands in χ{axis} at μ = {s.mu[at]:.4g} eV: sum {by_band.sum():.4g} nm/Ω",
        )
        if frame.state.band != OCCUPIED and not self.options.band:
            self._plot.title.text += ", the band of the maps"


def _levels(levels: tuple[int, ...]) -> str:
    """Levels from 1, e.g. "3" or "3, 4"."""
    return ", ".join(str(n + 1) for n in levels)
