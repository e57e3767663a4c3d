"""Table I live: operations that hold, what they leave of each response, the computed numbers beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import panel as pn

from explorer.live.frame import Frame
from explorer.physics.progress import part_of
from explorer.physics.responses import catalogue
from explorer.physics.responses.row import ALPHA, CHI, Row
from explorer.physics.symmetry.allowed_components import AllowedComponents, ResponseKind
from explorer.physics.symmetry.operations import MagneticPointGroup
from explorer.studies.at_state import StateValue, at_state
from explorer.studies.standing import Standing
from explorer.studies.symmetry_table import VANISHED_SHARE, Amount, Operations, amounts, operations
from explorer.views.figure_tab import FigureTab
from explorer.views.figures.layout import note_html, where
from explorer.views.text.numbers import scientific
from explorer.views.text.prose import prose, raised
from explorer.views.text.standing import component_html, mark_html

MARKS = (
    ("P", -np.eye(2), False, "inversion", "P or C2z: in the plane both send k to −k"),
    ("T", np.eye(2), True, "time reversal", "T or M_z T: reverses every moment and sends k to −k"),
    ("PT", -np.eye(2), True, "their product", "PT or C2z T: keeps k, so every band is a Kramers pair"),
)
STYLE = """
.t1 { container-type: inline-size; font-size: 13.5px; line-height: 1.45; font-family: inherit; color: inherit; }
.t1 h3 { font-size: 15px; margin: 14px 0 4px; } .t1 p { margin: 4px 0; max-width: 90ch; }
.t1 .wide { overflow-x: auto; } .t1 .wide:focus-visible { outline: 2px solid currentColor; }
.t1 table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.t1 sub, .t1 sup { line-height: 0; }
.t1 caption { text-align: left; opacity: .8; padding: 2px 0; }
.t1 th, .t1 td { text-align: left; vertical-align: top; padding: 4px 12px 4px 0;
  border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
.t1 td.n { white-space: nowrap; } .t1 small { opacity: .8; display: block; font-weight: 400; }
.t1 .chip { display: inline-block; white-space: nowrap; border: 1px solid currentColor; border-radius: 9px;
  padding: 0 8px; margin: 2px 4px 2px 0; font-size: 12px; }
.t1 .yes { color: color-mix(in srgb, #22a457 72%, currentColor); }
.t1 .no { color: color-mix(in srgb, #e07b39 72%, currentColor); }
.t1 .bad { color: color-mix(in srgb, #e5484d 75%, currentColor); }
.t1 ul { list-style: none; padding: 0; margin: 6px 0; display: grid; gap: 2px 18px;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 270px), 1fr)); }
.t1 li { display: flex; gap: 8px; align-items: baseline; } .t1 li b { min-width: 90px; font-weight: 600; }
.t1 li .chip { flex: none; min-width: 60px; } .t1 li span:last-child { font-variant-numeric: tabular-nums; }
@container (max-width: 860px) {
  .t1 .table1 thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .t1 .table1 tr { display: block; padding: 6px 0;
    border-bottom: 1px solid color-mix(in srgb, currentColor 30%, transparent); }
  .t1 .table1, .t1 .table1 caption, .t1 .table1 tbody, .t1 .table1 tr { display: block; width: 100%; }
  .t1 .table1 th, .t1 .table1 td { display: block; border: 0; padding: 1px 0; }
  .t1 .table1 td::before { content: attr(data-head) ": "; opacity: .75; }
}
"""
WORDS = (
    "<details><summary>What the words mean</summary><p><b>Operation</b>: a turn, mirror, inversion P or "
    "time reversal T that leaves the crystal as it is. The model says how it acts on the orbitals, and the "
    "page tests U H(k) U⁻¹ = H(gk) at wave vectors without symmetry; the <b>residual</b> is the largest "
    "violation. <b>C3z</b>: a third of a turn about z; <b>M_x</b>: the mirror that reverses x; <b>C2y</b>: "
    "half a turn about y; “M_x T”: both at once; a <b>spin turn</b> moves no orbital and holds only without (some of) "
    "the spin-orbit coupling; it is no part of the group.</p><p><b>Magnetic point group</b>: all operations "
    "together, as the plane sees them; a prime marks those that come with T, 1′ is T itself. P and C2z act "
    "alike on the plane, and so do M_z and nothing.</p><p><b>Allowed</b>: δM<sub>z</sub> answers a field as "
    "a vector does, so a mirror or twofold axis leaves one direction, and a threefold or fourfold axis none. "
    "<b>Forbidden by</b>: each operation named suffices alone; “together” where only their combination does."
    "</p><p><b>Computed</b> knows nothing of operations: it is an integral over the whole zone, with its error bar, "
    "the number that every tab shows. Where symmetry forbids a component it must cancel, and the last column says to "
    "which share of the terms a sum over the mesh does."
    "</p></details>"
)


@dataclass(frozen=True, eq=False)
class Numbers:
    """Operations at the frame's parameters, and every response at its mu and T."""

    operations: Operations
    amounts: Mapping[str, Amount]
    at_state: Mapping[str, StateValue]
    """By the names of rows: the numbers; the amounts say to what they cancel."""


class SymmetryView(FigureTab):
    """Operations, group, allowed components and numbers of every response."""

    key, live = "symmetry", True
    intro = (
        "Which magnetizations exist is decided by symmetry before any number is computed (Table I of the "
        "paper). Move a slider that breaks an operation, or choose a preset: the table changes at once, and "
        "the numbers with it."
    )

    def compute(self, frame: Frame) -> Numbers:
        """Operations are kept by parameters; the sums follow mu and T."""
        s = frame.state
        found = operations(s)
        sums = amounts(frame.geometry, s.mu, s.temperature, s.relaxation_time, self.progress)
        names = _shown(sums)
        values = {name: v for name in names if (v := at_state(frame, name)) is not None}
        if frame.stage == "sharp":
            for n, name in enumerate(names):
                self.early(Numbers(found, sums, dict(values)))
                watch = part_of(self.progress, n / len(names), (n + 1) / len(names))
                value = at_state(frame, name, watch)
                if value is not None:
                    values[name] = value
        return Numbers(found, sums, values)

    def build(self) -> list[Any]:
        """One pane that changes, and the glossary that does not."""
        self._table = pn.pane.HTML("", sizing_mode="stretch_width", stylesheets=[STYLE])
        words = pn.pane.HTML(
            f"<div class=t1>{prose(WORDS)}</div>", sizing_mode="stretch_width", stylesheets=[STYLE]
        )
        return [self._table, words]

    def show(self, frame: Frame, result: Numbers) -> None:
        """Replace the HTML where it changed."""
        parts = _head(result), _table_one(frame, result), _operations(result.operations)
        html = f"<div class=t1>{''.join(parts)}</div>"
        if html != self._table.object:
            self._table.object = html


def _chip(kind: str, text: str, title: str = "") -> str:
    return f'<span class="chip {kind}" title="{escape(title, quote=True)}">{prose(escape(text))}</span>'


def _group(found: Operations) -> MagneticPointGroup | None:
    if found.declared:
        return found.report.group
    return found.structure.group if found.structure else None


def _rows(found: Operations) -> Sequence[AllowedComponents]:
    """Allowed components, from the strongest evidence there is."""
    if found.declared:
        return found.report.table
    if found.structure and found.structure.table:
        return found.structure.table
    suggested = found.report.suggested
    return () if suggested is None else (suggested,)


def _head(r: Numbers) -> str:
    found, group = r.operations, _group(r.operations)
    if group is None:
        pairing = found.report.pairing
        pairs = (
            ""
            if pairing is None or not np.isfinite(pairing)
            else (f" Level pairs split by up to {scientific(pairing, 2)} eV; near zero is a sign of PT.")
        )
        note = f" {escape(found.structure.note)}" if found.structure else ""
        return (
            f"<p>{_chip('no', 'evidence only')} This source declares no operations, so only its bands can be "
            "asked: an operation shows in them, but equal bands prove none, and they cannot tell a turn from "
            f"the opposite turn with T.{note}{pairs}</p>"
        )
    chips = "".join(
        _chip(
            "yes" if group.contains(turn, anti) else "no",
            f"{name} {'holds' if group.contains(turn, anti) else 'broken'}",
            f"{words}: {title}",
        )
        for name, turn, anti, words, title in MARKS
    )
    kind = "" if found.declared else _chip("no", "evidence only: atoms and bands")
    note = "" if found.declared or not found.structure else f" {escape(found.structure.note)}"
    many = "1 operation" if group.order == 1 else f"{group.order} operations"
    return (
        f"<p><b>Magnetic point group in the plane: {escape(group.name)}</b> ({many}, identity included) "
        f"{chips}{kind}{note}</p>"
    )


def _table_one(frame: Frame, r: Numbers) -> str:
    rows = {row.kind.name: row for row in _rows(r.operations)}
    state = frame.state
    caption = f"{where(state, tau=True)} where it enters"
    # What exists without a field first, spin last.
    kinds = sorted(catalogue.kinds(), key=lambda kind: (kind.spin, kind.polar))
    body = "".join(
        _row(r, kind, rows.get(kind.name), r.amounts[kind.name]) for kind in kinds if kind.name in r.amounts
    )
    heads = "".join(f"<th scope=col>{h}</th>" for h in HEADS)
    return (
        f"<h3>What symmetry leaves, and what is computed</h3><div class=wide tabindex=0 role=region "
        f"aria-label='Table I'><table class=table1><caption>{caption}</caption>"
        f"<thead><tr>{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


HEADS = ("response", "needs (Table I)", "allowed here", "forbidden by", "computed", "check")


def _row(r: Numbers, kind: ResponseKind, row: AllowedComponents | None, amount: Amount) -> str:
    name = kind.name
    symbol, meaning = raised(_first(kind).label), raised(kind.meaning)
    if row is None:
        allowed, why, verdict = "not known", "–", "–"
    else:
        open_ = row.rank > 0
        allowed = _chip("yes" if open_ else "no", ("✓ " if open_ else "✗ ") + row.direction)
        why, verdict = _reasons(row), _verdict(row, amount)
    cells = [kind.needs, allowed, why, "<br>".join(_values(r, kind)), verdict]
    data = "".join(
        f"<td data-head='{escape(head)}'{' class=n' if head == 'computed' else ''}>{cell}</td>"
        for head, cell in zip(HEADS[1:], cells, strict=True)
    )
    head = f"<th scope=row>{symbol} {name}<small>{meaning}</small></th>"
    return f"<tr data-response='{escape(name)}'>{head}{data}</tr>"


SILENT = 1e-13
"""Share of the sum of moduli below which a component is nothing though nothing forbids it."""


def _first(kind: ResponseKind) -> Row:
    """The response whose numbers stand in a line."""
    return next(r for r in catalogue.rows() if r.kind == kind)


def _reasons(row: AllowedComponents) -> str:
    """Operations that forbid, components of one reason together."""
    by_reason: dict[tuple[str, ...], list[str]] = {}
    for component, reasons in zip(row.kind.components, row.forbidden_by, strict=True):
        if reasons:
            by_reason.setdefault(reasons, []).append(component)
    if not by_reason:
        return "–"
    shown = []
    for reasons, components in by_reason.items():
        listed = ", ".join(
            prose(escape(r.replace(" T", "\u00a0T"))) for r in reasons[:4]
        )  # no T alone on a line
        listed += f" and {len(reasons) - 4} more" if len(reasons) > 4 else ""
        shown.append(f"{prose(', '.join(components))}: {listed}" if len(row.kind.components) > 1 else listed)
    return "<br>".join(shown)


def _shown(sums: Mapping[str, Amount]) -> list[str]:
    """Rows whose numbers stand in the table: the first of each line, and alpha beside chi."""
    names = [_first(kind).name for kind in catalogue.kinds() if kind.name in sums]
    return [each for name in names for each in ((CHI, ALPHA) if name == CHI else (name,))]


def _values(r: Numbers, kind: ResponseKind) -> list[str]:
    """Components with units, as every tab shows them; of many those that are not zero."""
    found = [r.at_state[name] for name in _shown(r.amounts) if name in r.at_state]
    lines = []
    for v in (v for v in found if v.row.kind == kind):
        symbol, unit = (
            v.row.label.split("^")[0].strip("⟨⟩"),
            v.row.printed_unit.replace("μ_B", "μ<sub>B</sub>"),
        )
        symbol = symbol if v.row.name in (CHI, ALPHA) or len(v.row.components) < 4 else ""
        gone = [s in (Standing.ZERO, Standing.FORBIDDEN) for s in v.standing]
        many = len(v.row.components) > 3
        for i, component in enumerate(v.row.components):
            if many and gone[i]:
                continue
            name = f"{symbol}<sub>{component}</sub>" if symbol else prose(kind.components[i])
            cell = (
                f"<span data-response={v.row.name} data-component={component}>{component_html(v, i)}</span>"
            )
            lines.append(f"{name} = {cell} {unit}")
        if many and any(gone):
            lines.append(f"{'all' if all(gone) else 'the rest'} 0")
    return lines or [mark_html(Standing.PENDING)]


def _verdict(row: AllowedComponents, amount: Amount) -> str:
    outside = amount.value - row.projector() @ amount.value
    share = float((np.abs(outside) / np.where(amount.size > 0, amount.size, 1.0)).max(initial=0.0))
    names, silent = row.kind.components, np.array(row.allowed) & (amount.share < SILENT)
    idle = prose(escape(", ".join(n for n, quiet in zip(names, silent, strict=True) if quiet)))
    note = f"; {idle} allowed, yet 0: this H(k) is simpler than its symmetry asks" if idle else ""
    if row.rank == len(amount.value):
        return f"nothing forbidden{note}"
    # Rounding of sums of thousands of terms: what is below 1e-15 says no more than that.
    text = f"cancels to {scientific(max(share, 1e-16), 1)} of its terms"
    mark = ("yes", "✓") if share < VANISHED_SHARE else ("bad", "✗")
    return f"<span class={mark[0]}>{mark[1]}</span> {text}{note}"


def _operations(found: Operations) -> str:
    """Every operation tried, those that hold first."""
    if found.declared:
        tried = [(c.symmetry.name, c.residual, c.holds) for c in found.report.checks]
        head, what = "Operations tested on H(k)", "largest entry of U H(k) U⁻¹ − H(gk)"
    elif found.structure and found.structure.operations:
        tried = [(o.name, o.residual, o.holds) for o in found.structure.operations]
        head, what = "Operations of the atoms, tested on the bands", "largest change of a band energy"
    else:
        tried = [(" or ".join(e.readings), e.residual, e.holds) for e in found.report.evidence]
        head, what = "Maps of the lattice, tested on the bands", "largest change of an energy"
    if not tried:
        return note_html("No operation is known that this model has at any of its presets.")
    marks = {True: _chip("yes", "✓ holds"), False: _chip("no", "✗ broken")}
    rows = "".join(
        f"<li><b>{prose(escape(name))}</b> {marks[holds]} <span>{scientific(residual, 2)} eV</span></li>"
        for name, residual, holds in sorted(tried, key=lambda t: (not t[2], t[1]))
    )
    known = "Those of the present parameters, the defaults and the presets. " if found.declared else ""
    return f"<h3>{head}</h3><p>{known}Residual: {what}.</p><ul>{rows}</ul>"
