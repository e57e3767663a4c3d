"""What is known of a number, in a shape and a word: the same on every tab, in the foot and on figures.

Zero, not allowed by symmetry, not yet computed and not resolved are four different things. The shape stands before the
word, so that neither colour nor a glance from afar takes one for the other.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from explorer.studies.standing import Standing
from explorer.views.text.numbers import with_error

if TYPE_CHECKING:
    from explorer.studies.at_state import StateValue  # loads the physics

MARKS: dict[Standing, tuple[str, str, str]] = {
    Standing.KNOWN: ("", "", "by adaptive quadrature, with its error bar"),
    Standing.COARSE: (
        "◌",
        "mesh only",
        "of the mesh: the bar is what two sums over it differ by; it sharpens at rest",
    ),
    Standing.OPEN: (
        "△",
        "not converged",
        "the error bar is above a tenth of the value, or the quadrature gave up",
    ),
    Standing.UNRESOLVED: ("≈", "not resolved", "not above its error bar: it may be zero"),
    Standing.ZERO: ("", "", "nothing but rounding beside what cancels in it"),
    Standing.FORBIDDEN: (
        "✗",
        "not allowed",
        "symmetry does not allow it, and it was found to vanish (tab Symmetry)",
    ),
    Standing.PENDING: ("…", "not yet computed", "it is computed when no slider moves"),
}
"""Shape, word and what it means."""
PALE = (Standing.COARSE, Standing.OPEN, Standing.UNRESOLVED, Standing.PENDING)
"""Numbers that are not to be quoted as they stand."""
NOTHING = "zero at every k"
"""What a map says in place of its largest value."""


def mark_html(standing: Standing, brief: bool = False) -> str:
    """Shape and word, or nothing where the number needs none. brief : no word where one beside the table says it."""
    shape, word, meaning = MARKS[standing]
    if not word:
        return ""
    if brief and standing in (Standing.COARSE, Standing.FORBIDDEN):
        word = ""
    return (
        f" <small class=standing data-standing={standing.value} title='{escape(meaning, quote=True)}' "
        f"style='display:inline;opacity:.85;white-space:nowrap'>{shape}{word and chr(160)}{word}</small>"
    )


def number_html(value: float, error: float, standing: Standing) -> str:
    """A number with its error bar and its mark; without a number where there is none."""
    if standing is Standing.PENDING:
        return mark_html(standing).strip()
    number = with_error(value, error)
    body = f"<span style='opacity:.7'>{number}</span>" if standing in PALE else number
    return body + mark_html(standing)


def component_html(found: StateValue, component: int) -> str:
    """One component of a response at a state."""
    i = component
    return number_html(float(found.value[i]), float(found.error[i]), found.standing[i])
