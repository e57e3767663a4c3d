"""What was read from a Wannier file, and the repairs that are honest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel as pn
import panel_material_ui as pmui

from explorer import assets
from explorer.models.files.formats import WANNIER, format_of
from explorer.models.files.wannier90 import Repair, WannierOptions, WannierReport, read_report
from explorer.session.ranges import mu_bounds
from explorer.session.source_name import SourceName
from explorer.views import View
from explorer.views.figures.layout import controls_row, note_html, table_html
from explorer.views.text.numbers import scientific
from explorer.views.text.prose import minus, prose

if TYPE_CHECKING:
    from explorer.live.frame import Frame
    from explorer.meshes.mesh import MeshGeometry

SHIPPED = {"cri3": "cri3/cri3_bilayer_h0.1r1.npz", "cri3-eg": "cri3/cri3_bilayer_eg_tb.dat"}
GAPS = 4
"""Gaps listed at most."""


def is_wannier_file(source: str) -> bool:
    """Whether a source is a Wannier file rather than a model by name, a lattice file or HDF5."""
    named = SourceName.parse(source)
    known = format_of(named.name)
    return (known is not None and known.reader == WANNIER) or ("/" in named.name and named.path.is_dir())


@dataclass(frozen=True, eq=False)
class Examined:
    """source : what was examined. report : None for what is no Wannier file, or cannot even be read.

    refused : it could not be opened. failure : why it cannot be read.
    """

    source: str
    report: WannierReport | None
    refused: bool
    failure: str = ""


def examine(source: str, refused: bool) -> Examined:
    """Read a source's file and report on it."""
    named = SourceName.parse(source)
    if named.name in SHIPPED:
        return Examined(
            source, read_report(assets.path(SHIPPED[named.name]), WannierOptions(plane="xy")), refused
        )
    if not is_wannier_file(source):
        return Examined(source, None, refused)
    try:
        return Examined(source, read_report(named.path, named.file_options), refused)
    except (ValueError, OSError) as problem:
        return Examined(source, None, refused, str(problem))


class SourceReportView(View):
    """The import report of a file: of the one on the page, or of one that could not be opened."""

    key = "source"

    def __init__(self, session: Any, refresh: Callable[[], None]) -> None:
        super().__init__(session, refresh)
        self._found: Examined | None = None
        self._offered: tuple[Examined, tuple[Repair, ...]] | None = None

    def layout(self) -> Any:
        """A report, and buttons for repairs."""
        self._text = pn.pane.HTML(note_html("Reading …"), sizing_mode="stretch_width")
        self._repairs = pn.Column(sizing_mode="stretch_width")
        self._window = pmui.TextInput(label="Energy window [eV], LOW:HIGH", size="small", width=260)
        self._window.param.watch(lambda e: self.choose_window(e.new), "value")
        self._kept = pn.pane.HTML("", sizing_mode="stretch_width")
        about = (
            "Bands and curves are drawn, and μ can be set, within this window; empty: some bands on either side of the "
            "default μ. Sums over states run over all bands whatever it is."
        )
        # Of the source on the page: nothing of it belongs under the report of a file that was refused.
        self._of_page = pn.Column(
            self._window, self._kept, pn.pane.HTML(note_html(about)), sizing_mode="stretch_width", margin=0
        )
        return pn.Column(
            self._text,
            self._repairs,
            self._of_page,
            sizing_mode="stretch_width",
        )

    def compute(self, frame: Frame) -> Examined:
        """Read once; the reader keeps the matrices."""
        refused = self.session.refused
        source = refused or frame.state.source
        if self._found is None or (self._found.source, self._found.refused) != (source, bool(refused)):
            self._found = examine(source, bool(refused))
        return self._found

    def draw(self, frame: Frame, result: Examined) -> None:
        """Show the report; a button applies a repair."""
        self._of_page.visible = not result.refused
        shown = mu_bounds(frame.state.source)
        self._window.placeholder = f"{shown[0]:g}:{shown[1]:g}"
        self._window.value = self._window_of(frame.state.source)
        self._kept.object = note_html(kept_text(frame.geometry))
        if result.report is None:
            self._text.object = (
                note_html(f"<b>{escape(file_name(result.source))} could not be read.</b>")
                + note_html(prose(escape(without_folder(result.failure, result.source))))
                if result.failure
                else note_html(
                    f"{escape(result.source)} is a model of the explorer's own. Open a Wannier90 file in the sidebar "
                    "to see here what was read from it."
                )
            ) + still(frame, result)
            self._offer(result, [])
            return
        self._text.object = report_html(result) + still(frame, result)
        named = SourceName.parse(result.source)
        taken, own = dict(named.settings), named.name in SHIPPED
        repairs = [r for r in result.report.repairs if r.option not in taken and not own]
        self._offer(result, repairs)

    def _offer(self, result: Examined, repairs: list[Repair]) -> None:
        """Buttons of repairs, made anew only where they change: a click on one that a frame replaces is lost."""
        offered = result, tuple(repairs)
        if offered != self._offered:
            self._offered = offered
            buttons = [self._button(result, r) for r in repairs]
            self._repairs[:] = [controls_row(*buttons)] if buttons else []

    def choose_window(self, text: str) -> None:
        """Show the source in another energy window, LOW:HIGH, or in its own; mu stays where it lies inside."""
        state = self.session.state
        source = str(
            SourceName.parse(state.source).with_setting("window", text.strip().replace(" ", "") or None)
        )
        if source == state.source or text == self._window_of(state.source):
            return
        self.session.open(source)
        if self.session.state.source == source:
            low, high = mu_bounds(source)
            self.session.change(mu=min(max(state.mu, low), high), temperature=state.temperature)

    @staticmethod
    def _window_of(source: str) -> str:
        chosen = SourceName.parse(source).energy_window
        return "" if chosen is None else f"{chosen[0]:g}:{chosen[1]:g}"

    def _button(self, result: Examined, repair: Repair) -> Any:
        button = pmui.Button(
            label=repair_label(repair),
            variant="outlined",
            size="small",
            # an energy can be shifted only where the file is on the page already
            disabled=repair.option == "energy_shift" and result.refused,
        )
        button.on_click(lambda _: self.apply(result, repair))
        return button

    def apply(self, result: Examined, repair: Repair) -> None:
        """Open the file as repaired, or move its zero of energy."""
        if repair.option == "energy_shift":
            self.session.change(parameters={"energy_shift": float(repair.value)}, mu=0.0)
        else:
            value = "" if repair.value is True else str(repair.value)
            self.session.open(str(SourceName.parse(result.source).with_setting(repair.option, value)))


def file_name(source: str) -> str:
    """The name of a source's file, without its folder and options."""
    return SourceName.parse(source).path.name


def without_folder(problem: str, source: str) -> str:
    """What was wrong with a file, said by its name: the folder may be one that the page made for a dropped file."""
    return problem.replace(f"{Path(SourceName.parse(source).name).parent}/", "")


def still(frame: Frame, result: Examined) -> str:
    """What the page shows while a file is refused."""
    title = escape(frame.geometry.source.model.title)
    return note_html(f"The page still shows: {title}.") if result.refused else ""


def repair_label(repair: Repair) -> str:
    """What a button says."""
    if repair.option == "plane":
        return f"Plane {repair.value}: {repair.reason}"
    if repair.option == "energy_shift":
        return f"Shift energies by {minus(f'{repair.value:.6g}')} eV: {repair.reason}"
    if repair.option == "kramers_pairs":
        return f"Force Kramers pairs: {repair.reason}"
    if repair.option == "degeneracy_tolerance":
        return f"Degeneracy tolerance {repair.value:g} eV: {repair.reason}"
    return repair.reason[:1].upper() + repair.reason[1:]


def kept_text(m: MeshGeometry) -> str:
    """Which bands a mesh holds, and in how much memory."""
    every, kept = m.source.hamiltonian.size, len(m.corners.energy)
    which = f"all {every} bands" if kept == every else f"bands 1 to {kept} of {every}"
    left = (
        ""
        if kept == every
        else (
            " The others are empty at every μ of the energy window and every T on offer: a narrower window keeps fewer."
        )
    )
    return f"In memory: {which} on {m.mesh} × {m.mesh} wave vectors, {m.nbytes / 2**20:.0f} MiB.{left}"


def report_html(result: Examined) -> str:
    """The report as a table, notes below."""
    r = result.report
    if r is None:
        return ""
    spreads = "not known"
    if r.spreads is not None and len(r.spreads):
        spreads = f"{r.spreads.min():.3g} to {r.spreads.max():.3g} Å², sum {r.spreads.sum():.4g} Å²"
    position = (
        "none: functions are points"
        if r.hermiticity_r is None
        else f"yes, |r − r†| ≤ {scientific(r.hermiticity_r, 2)} Å"
    )
    pairs = (
        "odd number of bands"
        if r.pair_splitting is None
        else (
            f"{'Kramers pairs' if r.kramers else 'no pairs'}: bands 1 and 2, 3 and 4, … split by at most "
            f"{scientific(r.pair_splitting, 2)} eV"
        )
    )
    gaps = (
        "; ".join(
            f"{g.filled} bands filled: {minus(f'{g.lower:.4g} … {g.upper:.4g}')} eV" for g in r.gaps[:GAPS]
        )
        or "none"
    )
    more = f" and {len(r.gaps) - GAPS} smaller" if len(r.gaps) > GAPS else ""
    rows = [
        ("first line", escape(r.comment.strip()) or "–"),
        ("bands, lattice vectors", f"{r.bands}, {r.vectors} (largest weight {r.largest_weight})"),
        ("hermiticity error of H", f"{scientific(r.hermiticity_h, 2)} eV"),
        ("position matrices", position),
        ("spreads", spreads),
        ("spin and orbital order", escape(r.spinor_order)),
        ("degeneracy on an 8 × 8 mesh", pairs),
        (
            "degeneracy tolerance",
            f"{r.tolerance:g} eV: {r.grouped} of {r.neighbours} neighbouring levels on that mesh are within it, "
            f"{r.split} of them not equal",
        ),
        ("gaps", gaps + more),
        ("Fermi level, a guess", f"{minus(f'{r.fermi_energy:.5g}')} eV: {escape(r.fermi_source)}"),
        ("plane of the crystal", r.plane or "not found: choose one below"),
        ("height of the cell, vacuum", f"{r.cell_height:.4g} Å, {r.vacuum:.4g} Å" if r.plane else "–"),
    ]
    taken = ", ".join(f"{key} {value}".strip() for key, value in SourceName.parse(result.source).settings)
    if taken:
        rows.append(("opened with", escape(taken)))
    state = "could not be opened as it is" if result.refused else "is on the page"
    notes = "".join(note_html(prose(escape(note))) for note in r.notes)
    return table_html(("what", "found"), rows, f"{r.path.name} {state}") + notes
