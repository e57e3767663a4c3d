"""Equation (11) taken apart at a chosen k, and chi by bands and terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import panel_material_ui as pmui
from bokeh.models import ColumnDataSource, FactorRange
from bokeh.plotting import figure

from explorer.live.frame import Frame
from explorer.meshes.mesh import MeshGeometry
from explorer.models.kit.arrays import Floats
from explorer.models.kit.hamiltonian import first_zone
from explorer.physics.geometry.equation_11_by_terms import TERMS, Decomposition, decompose, hottest
from explorer.physics.progress import Watch
from explorer.physics.responses.intrinsic_by_terms import SHARES, band_shares, band_sums, term_shares
from explorer.physics.responses.kubo import SHARE
from explorer.physics.zone.domain import Disc
from explorer.session.map_band import shown_band
from explorer.session.state import OCCUPIED
from explorer.studies.curves import ResponseCurve, response_curve, unresolved
from explorer.studies.mesh_slopes import half_geometry
from explorer.studies.rounding import chi_rounding
from explorer.views.curve_quality import standing
from explorer.views.figure_tab import LARGER, FigureTab, component_of, text
from explorer.views.figures.layout import boxed, clean, controls_row, note_html, row, table_html, where
from explorer.views.figures.plots import BLUE, GREEN, GREY, ORANGE, PURPLE, LinePlot, styled
from explorer.views.text.numbers import scientific, with_error
from explorer.views.text.prose import minus

LONGEST = 14
"""Terms listed."""
CURVES = 71
"""Chemical potentials of the shares."""
FEW = 8
"""Bands up to which each is integrated by itself; of more, sums over the mesh and half of it."""
SHORT = {"moment": "moment", "pair": "velocity pair", "inertia": "second derivative"}
COLOURS = {"moment": BLUE, "pair": ORANGE, "inertia": GREEN}


@dataclass(frozen=True)
class Options:
    """component : 0 x, 1 y, or LARGER. band : from 1, 0 for the band of the maps or nearest to mu."""

    component: int = LARGER
    band: int = 0


@dataclass(frozen=True, eq=False)
class Numbers:
    """found : the terms at one k. chosen : whether the user picked it. terms : chi_i over mu by term. bands : at mu by
    band, and its error there, (2, N) each."""

    found: Decomposition
    chosen: bool
    component: int
    terms: ResponseCurve
    bands: tuple[Floats, Floats]


SEA = SHARES[2]
KUBO = "X₁ + ⅔ X₂ (Kubo)"
OFF_SCALE = 20.0
"""How far beyond the other lines the sea form of the second term may reach to be drawn beside them."""


class DecompositionView(FigureTab):
    """Which pair of levels, by which term of (11), makes a hot spot; which band makes chi."""

    key = "decomposition"
    intro = (
        "Λ(k) of one band as a sum over pairs of other levels m, m′: <b>moment</b> is the first term of (11), the "
        "interband moment; <b>velocity pair</b> and <b>second derivative</b> make up the second, half the curl of the "
        "quantum metric. Choose k here or by a click on a map of the live tab. Degenerate levels are taken together. "
        "Λ in e/ħ Å³, e &lt; 0 kept outside."
    )

    def __init__(self, session: Any, refresh: Any) -> None:
        super().__init__(session, refresh)
        self.options = Options()
        self._writing = False

    def controls(self) -> list[Any]:
        """Component, band and wave vector."""
        part = self.one_of("component", "Component", {"larger": LARGER, "Λx": 0, "Λy": 1})
        band = pmui.IntInput(label="Band (0: of the maps, or nearest μ)", value=0, start=0, width=280)
        band.param.watch(lambda e: self.set_option(band=int(e.new or 0)), "value")
        self._k = [pmui.FloatInput(label=f"k{a} [1/Å]", value=0.0, step=0.01, width=150) for a in "xy"]
        for box in self._k:
            box.param.watch(lambda _: self._choose(), "value")
        hot = pmui.Button(label="k of largest |Λ|", variant="outlined", size="small")
        hot.on_click(lambda _: self.session.change(k=None))
        return [controls_row(part, band, *self._k, hot)]

    def _choose(self) -> None:
        """A wave vector by hand; what `show` writes into the boxes is none."""
        kx, ky = (box.value for box in self._k)
        if not self._writing and kx is not None and ky is not None:
            self.session.change(k=(kx, ky))

    def compute(self, frame: Frame) -> Numbers:
        """Terms at the chosen k, or at the hottest point of the band on the mesh."""
        m, state, o = frame.geometry, frame.state, self.options
        h = m.source.hamiltonian
        of_maps = shown_band(state.band, m.picture.energy, state.mu)
        band = o.band - 1 if o.band else -1 if of_maps is None else of_maps
        if band >= h.size:
            raise ValueError(f"there is no band {band + 1}: this model has {h.size}")
        if state.k is not None:
            k = np.array(state.k)
        else:
            if band >= len(m.corners.energy):
                raise ValueError(
                    f"band {band + 1} is empty at every μ and T on offer, and not on the mesh: pick a wave vector"
                )
            near = np.abs(m.corners.energy - state.mu).min(axis=1)
            at = hottest(m.corners, band if band >= 0 else int(near.argmin()))[0]
            k = _in_zone(m, m.corners.k[:, [at]])[:, 0]
        if band < 0:
            here = int(np.hypot(*_in_zone(m, m.corners.k - k[:, None])).argmin())
            band = int(np.abs(m.corners.energy[:, here] - state.mu).argmin())
        found = decompose(h, k, band)
        component = component_of(o.component, found.term1 + found.term2)
        start = found, state.k is not None, component
        first = Numbers(*start, *_shares(frame, component, None))
        if frame.stage != "sharp":
            return first
        self.early(first)
        return Numbers(*start, *_shares(frame, component, self.progress))

    def build(self) -> list[Any]:
        """Bars of the largest terms, their table, and the shares."""
        self._bars = ColumnDataSource({"name": [], "value": [], "colour": []})
        plot = figure(
            title="Largest terms",
            y_range=FactorRange(),
            height=360,
            x_axis_label="Λ [e/ħ Å³]",
            sizing_mode="stretch_width",
            tools="save,hover",
            tooltips=[("", "@name"), ("Λ [e/ħ Å³]", "@value")],
        )
        plot.xaxis.ticker.desired_num_ticks = 4  # telephones are narrow
        plot.hbar(y="name", right="value", height=0.75, color="colour", source=self._bars)
        self._plot = styled(plot)
        self._terms = LinePlot(
            "χ(μ) by term",
            "μ [eV]",
            "χ [nm/Ω]",
            {
                "first term": (BLUE, "dotdash"),
                "second, surface": (ORANGE, "dashed"),
                SEA: (GREY, "dotted"),
                "total": (PURPLE, "solid"),
                KUBO: (GREEN, "dashdot"),
            },
            height=360,
            bands=True,
        )
        self._bands, self._table = text(), text()
        return [row(boxed(self._plot), self._table), row(self._terms.pane, self._bands)]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the data."""
        self._writing = True
        for box, value in zip(self._k, result.found.k, strict=True):
            box.value = round(float(value), 6)
        self._writing = False
        self._show_terms(frame, result)
        self._show_shares(frame, result)

    def _show_terms(self, frame: Frame, result: Numbers) -> None:
        d, i = result.found, result.component
        axis = "xy"[i]
        size = float(np.hypot(*(d.term1 + d.term2))) or float(max(np.abs(t.value).max() for t in d.terms))
        terms = sorted(d.terms, key=lambda t: -abs(t.value[i]))[:LONGEST]
        values = [clean(float(t.value[i]), size) for t in terms]
        names = [f"{SHORT[t.term]}: {_levels(t.outer)} · {_levels(t.inner)}" for t in terms]
        self._plot.y_range.factors = names[::-1]
        of_maps = ", the band of the maps" if frame.state.band != OCCUPIED and not self.options.band else ""
        bands = f"band{'s' * (len(d.levels) > 1)} {_levels(d.levels)}"
        self._plot.title.text = f"Largest terms of Λ{axis}, {bands}{of_maps}"
        self._plot.xaxis.axis_label = f"Λ{axis} [e/ħ Å³]"
        self._bars.data = {"name": names, "value": values, "colour": [COLOURS[t.term] for t in terms]}
        whole = clean(float(d.term1[i] + d.term2[i]), size)
        rows = [
            (
                SHORT[t.term],
                _levels(t.outer),
                _levels(t.inner),
                f"{scientific(t.energy[0], 3)}, {scientific(t.energy[1], 3)}",
                scientific(value),
                minus(f"{round(100 * value / whole, 1) + 0.0:.1f} %") if whole else "–",
            )
            for t, value in zip(terms, values, strict=True)
        ]
        found = "chosen" if result.chosen else "largest |Λ| of this band on the mesh"
        first = f"k = ({d.k[0]:.4f}, {d.k[1]:.4f}) 1/Å, {found}; ε = {d.energy:.4g} eV; {len(d.terms)} terms in all"
        meaning = "; ".join(f"{SHORT[k]}: {v}" for k, v in TERMS.items())
        one, two = (scientific(clean(float(t[i]), size)) for t in (d.term1, d.term2))
        self._table.object = table_html(
            ("term", "m", "m′", "energies from the band [eV]", f"Λ{axis} [e/ħ Å³]", "share"),
            rows,
            minus(first),
        ) + note_html(
            f"First term {one}, second {two}, Λ<sub>{axis}</sub> = {scientific(whole)} e/ħ Å³. {meaning}."
        )

    def _show_shares(self, frame: Frame, r: Numbers) -> None:
        c, axis, state = r.terms, "xy"[r.component], frame.state
        parts = {name: c.chi[:, i] for i, name in enumerate(SHARES)}
        parts["total"] = c.chi[:, :2].sum(axis=1)
        parts[KUBO] = c.chi[:, 0] + SHARE * c.chi[:, 1]
        errors = {name: c.chi_error[:, i] for i, name in enumerate(SHARES)}
        errors["total"] = c.chi_error[:, :2].sum(axis=1)
        errors[KUBO] = c.chi_error[:, 0] + SHARE * c.chi_error[:, 1]
        scale = float(np.abs(parts["total"]).max())
        title = f"χ{axis}(μ) by term"
        # What symmetry forbids is the same zero in each term, and rounding is no decomposition of it.
        if all(float(np.abs(parts[name]).max()) <= chi_rounding(frame) for name in parts if name != SEA):
            self._show_nothing(axis, c.mu, frame)
            return
        # On a mesh too coarse for it the sea form would leave the other lines flat.
        others = max(float(np.abs(parts[name]).max()) for name in parts if name != SEA)
        if float(np.abs(parts[SEA]).max()) > OFF_SCALE * others:
            parts[SEA] = np.full(len(c.mu), np.nan)
            title += ", too coarse for the sea form"
        lost = {name: unresolved(np.nan_to_num(parts[name]), errors[name]) for name in parts}
        self._terms.show(c.mu, parts, state.mu, scale, {name: (errors[name], lost[name]) for name in parts})
        self._terms.figure.title.text = title
        self._terms.figure.yaxis.axis_label = f"χ{axis} [nm/Ω]"
        (first, second), (first_error, second_error) = r.bands

        order = np.argsort(-np.abs(first + second))[:LONGEST]
        columns = (first, first_error), (second, second_error), (first + second, first_error + second_error)
        rows = [
            (str(n + 1), *(with_error(float(v[n]), float(e[n]), scale) for v, e in columns)) for n in order
        ]
        rows.append(("all", *(with_error(float(v.sum()), float(e.sum()), scale) for v, e in columns)))
        kubo, bar = (float((a + SHARE * b).sum()) for a, b in ((first, second), (first_error, second_error)))
        self._bands.object = (
            table_html(
                ("band", "first term, X₁", "second, X₂", "X₁ + X₂ [nm/Ω]"),
                rows,
                f"Bands in χ{axis}. {where(state)}",
            )
            + note_html(
                "X₁ and X₂: what the first and the second term of (11) contribute, the second on the Fermi line. "
                f"χ<sup>K</sup> = X₁ + ⅔ X₂ = {with_error(kubo, bar, scale)} nm/Ω: the same Kubo response, counted by "
                "another multipole convention, T2 with 2/3."
            )
            + standing(frame, [replace(c, chi=c.chi[:, :2], chi_error=c.chi_error[:, :2])], alpha=False)
        )

    def _show_nothing(self, axis: str, mu: Floats, frame: Frame) -> None:
        """chi_i is zero at every mu."""
        self._terms.show(mu, dict.fromkeys(self._terms.names, np.zeros(mu.size)), frame.state.mu, 1.0)
        self._terms.figure.title.text = f"χ{axis}(μ) by term: zero"
        self._terms.figure.yaxis.axis_label = f"χ{axis} [nm/Ω]"
        self._bands.object = note_html(
            f"<b>Bands in χ{axis}: it is zero at every μ</b> (tab Symmetry), and so is each term: what Λ(k) has "
            "at one k, another k takes away."
        )


def _in_zone(m: MeshGeometry, k: Floats) -> Floats:
    """Wave vectors (2, K) as near to 0 as the lattice allows."""
    return k if isinstance(m.zone, Disc) else first_zone(k, m.zone.reciprocal)


def _shares(
    frame: Frame, component: int, progress: Watch | None
) -> tuple[ResponseCurve, tuple[Floats, Floats]]:
    """chi_i over mu by term; at the state's own mu by band."""
    m, kelvin, mu = frame.geometry, frame.state.temperature, frame.state.mu
    step = max(1, (frame.curves.mu.size - 1) // (CURVES - 1))
    over_mu, count = np.ascontiguousarray(frame.curves.mu[::step]), len(m.corners.energy)
    terms = response_curve(m, term_shares(component), over_mu, kelvin, progress, alpha=False, operations=())
    if progress is not None and count <= FEW:
        own, at = band_shares(component, count), np.array([mu])
        found = response_curve(m, own, at, kelvin, progress, alpha=False, operations=())
        return terms, (found.chi[0].reshape(2, count), found.chi_error[0].reshape(2, count))
    bands = band_sums(m.corners, m.weights, component, mu, kelvin)
    half = half_geometry(m)
    errors = np.inf if half is None else np.abs(bands - band_sums(*half, component, mu, kelvin))
    return terms, (bands, np.broadcast_to(errors, bands.shape))


def _levels(levels: tuple[int, ...]) -> str:
    """Levels from 1, e.g. "3" or "3, 4"."""
    return ", ".join(str(n + 1) for n in levels)
