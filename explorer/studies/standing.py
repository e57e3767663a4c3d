"""What can be known of a number; apart from what computes it, for the page is drawn before the physics is loaded."""

from __future__ import annotations

from enum import Enum


class Standing(Enum):
    """What is known of a number. Words and shapes for each are `explorer.views.text.standing`."""

    KNOWN = "known"
    """By adaptive quadrature, with an error bar that leaves it its size."""
    COARSE = "coarse"
    """From the mesh: its bar is the difference of two sums over it."""
    OPEN = "open"
    """Above its error bar, but not by much, or the quadrature did not meet its tolerance."""
    UNRESOLVED = "unresolved"
    """Not above its error bar."""
    ZERO = "zero"
    """Nothing but rounding."""
    FORBIDDEN = "forbidden"
    """Not allowed by symmetry, and found to vanish within its bar."""
    PENDING = "pending"
    """Not yet computed."""
