"""Every response of a source at a state, as `compute --response all` lists them: the numbers that the tabs show."""

from __future__ import annotations

import numpy as np

from explorer.live.frame import RTOL, Frame
from explorer.physics.cost import MANY_BANDS
from explorer.physics.progress import UNATTENDED, Watch, part_of
from explorer.physics.responses import catalogue
from explorer.physics.responses.row import POTENTIAL, Row
from explorer.results.response_sweep import ResponseSweep
from explorer.results.responses import ResponseValue, inputs_of, respond
from explorer.studies.at_state import OF_EQUILIBRIUM, at_state
from explorer.studies.standing import Standing

TAKES_MINUTES = "takes minutes of this source: om-explorer compute --response"
QUOTABLE = (Standing.KNOWN, Standing.ZERO, Standing.FORBIDDEN)
"""Standings of a response that counts as converged."""


def responses_at_state(frame: Frame, watch: Watch = UNATTENDED) -> ResponseSweep:
    """All that the source can have, by name: `at_state` of each, potentials by an integration of their own."""
    source, state = frame.geometry.source, frame.state
    rows, lacking = catalogue.available(inputs_of(source, state.relaxation_time))
    left_out = [f"{row.name}: {why}" for row, why in lacking]
    found: dict[str, ResponseValue] = {}
    for n, row in enumerate(rows):
        part = part_of(watch, n / len(rows), (n + 1) / len(rows))
        if row.coefficient == POTENTIAL and row.name not in OF_EQUILIBRIUM:
            if source.hamiltonian.size > MANY_BANDS:
                left_out.append(f"{row.name}: {TAKES_MINUTES}")
            else:
                found |= respond(source, [row], state.mu, state.temperature, rtol=RTOL, progress=part)
        else:
            found[row.name] = _value(frame, row, part)
    return ResponseSweep(
        source,
        np.array([state.mu]),
        np.array([state.temperature]),
        "adaptive",
        "surface",
        frame.geometry.mesh,
        RTOL,
        state.relaxation_time,
        None,
        found,
        tuple(left_out),
    )


def _value(frame: Frame, row: Row, watch: Watch) -> ResponseValue:
    v = at_state(frame, row.name, watch)
    assert v is not None, "the source has it"
    met = np.array([[all(s in QUOTABLE for s in v.standing)]])
    at = np.array([frame.state.mu]), np.array([frame.state.temperature])
    return ResponseValue(row, *at, v.value[None, None], v.error[None, None], met, frame.point.evaluations)
