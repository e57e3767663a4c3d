"""Where chi and alpha are zero at every mu: which operation forbids them, what would break it, what lives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from explorer.session.state import opened
from explorer.studies.rounding import curves_vanish
from explorer.studies.symmetry_table import operations
from explorer.views.text.prose import prose

if TYPE_CHECKING:
    from explorer.live.frame import Frame
    from explorer.physics.symmetry.allowed_components import AllowedComponents

MOST_BANDS = 32
"""Bands up to which operations are tested for this sentence: of more, the tab Symmetry takes its time."""
BREAKERS = (
    (r"T", "time reversal", "magnetic order"),
    (r"P", "inversion", "a polar distortion, or making unequal the sites that it exchanges,"),
    (r"C2z", "the twofold axis", "a polar distortion along the plane, or moments that lean into it,"),
    (r"C[346]z(\^-1)?", "the axis of rotation", "strain, or moments that lean into the plane"),
    (r"M_z T", "time reversal with the mirror of the plane", "another direction of the moments"),
)
"""Operations by name that forbid a vector alone, what they are, and what breaks them; the first that holds is named."""
LIVING = (
    ("extrinsic", "extrinsic", "Extrinsic", "the response proportional to τ"),
    ("equilibrium magnetization", "equilibrium", "Equilibrium", "magnetization without any field"),
    ("spin, extrinsic", "spin", "Spin", "the spin moment of a current"),
)
"""Lines of Table I, key and title of the tab that shows each, and what it is."""


def nothing_html(frame: Frame) -> str:
    """The sentence, with a button for a tab where something lives; "" where chi or alpha is not zero.

    A button carries `data-view`, the key of its tab.
    """
    state = frame.state
    if not curves_vanish(frame) or opened(state).hamiltonian.size > MOST_BANDS:
        return ""
    report = operations(state).report
    row = report.row("intrinsic")
    if row.rank:
        return ""
    sentence = f"<b>χ and α are zero at every μ</b>: {prose(forbidding(row))}."
    allowed = {line.kind.name for line in report.table if line.rank}
    for name, view, title, words in LIVING:
        if name in allowed:
            return f'{sentence} What lives is {words}: <button type="button" data-view="{view}">open {title}</button>'
    return f'{sentence} <button type="button" data-view="symmetry">open Symmetry</button>'


def forbidding(row: AllowedComponents) -> str:
    """Which operation forbids a vector that has no component left, and what would break it.

    The names are those of the tab Symmetry.
    """
    x, y = row.forbidden_by
    alone = [name for name in x if name in y and name != "together"]
    for pattern, meaning, breaker in BREAKERS:
        for name in alone:
            if re.fullmatch(pattern, name):
                return f"{meaning} ({escape(name)}) forbids them; {breaker} would break it"
    if alone:
        return f"{escape(alone[0])} forbids them; what breaks it frees them"
    if "together" in (*x, *y):
        return "only together do the operations forbid them; strain or other moments would break some"
    return f"{_first(x)} forbids the x component and {_first(y)} the y component; what breaks one of them frees it"


def _first(names: Sequence[str]) -> str:
    return escape(names[0])
