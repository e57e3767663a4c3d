"""Every response of the catalogue at the mu and T of a frame, each with its error bar."""

from __future__ import annotations

import numpy as np

from explorer.live.frame import Frame
from explorer.physics.cost import MANY_BANDS
from explorer.physics.progress import Progress
from explorer.physics.responses import catalogue
from explorer.physics.responses.row import ALPHA, CHI
from explorer.results.response_sweep import ResponseSweep
from explorer.results.responses import ResponseValue, inputs_of, respond

RTOL = 1e-3


def responses_at_state(frame: Frame, progress: Progress | None = None) -> ResponseSweep:
    """All that the source can have, by name; chi and alpha are the frame's own.

    Raises
    ------
    ValueError : a crystal with so many bands that this takes minutes.
    """
    source, state, p = frame.geometry.source, frame.state, frame.point
    if source.hamiltonian.size > MANY_BANDS:
        raise ValueError(
            f"every response of {source.hamiltonian.size} bands takes minutes: om-explorer compute --response all"
        )
    mu, kelvin = np.array([state.mu]), np.array([state.temperature])
    rows, lacking = catalogue.available(inputs_of(source, state.relaxation_time))
    others = [row for row in rows if row.name not in (CHI, ALPHA)]
    found = dict(
        respond(
            source, others, mu, kelvin, relaxation_time=state.relaxation_time, rtol=RTOL, progress=progress
        )
    )
    met = np.array([[p.converged]])
    for name, value, error in ((CHI, p.chi, p.chi_error), (ALPHA, p.alpha, p.alpha_error)):
        row = catalogue.row(name)
        found[name] = ResponseValue(row, mu, kelvin, value[None, None], error[None, None], met, p.evaluations)
    return ResponseSweep(
        source,
        mu,
        kelvin,
        "adaptive",
        "surface",
        frame.geometry.mesh,
        RTOL,
        state.relaxation_time,
        None,
        {row.name: found[row.name] for row in rows},
        tuple(f"{row.name}: {why}" for row, why in lacking),
    )
