"""The line below chi: the same response by the other convention, at rest with its bar, marked where it differs."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from explorer.live.checks import checklist
from explorer.live.frame import Frame, frame_of, sharp_curves, sharp_point
from explorer.physics.progress import UNATTENDED
from explorer.physics.responses.kubo import KUBO
from explorer.results.adaptive import adaptive
from explorer.session.state import default_state
from explorer.studies.at_state import at_state
from explorer.views.live.readouts import KUBO_WORDS, foot_html


def at_rest(name: str, mu: float, kelvin: float) -> Frame:
    frame = frame_of(replace(default_state(name), mu=mu, temperature=kelvin), 24)
    curves = sharp_curves(frame.geometry, frame.state, frame.curves, UNATTENDED)
    point = sharp_point(frame.geometry, frame.state, curves, frame.point, UNATTENDED)
    return replace(frame, stage="sharp", curves=curves, point=point)


def line(frame: Frame) -> str:
    found = re.search(r"<tr class=kubo.*?</tr>", foot_html(frame, checklist(frame))["responses"])
    assert found
    return found.group()


@pytest.mark.parametrize(("name", "mu"), [("haldane", 1.0), ("cumnas", 0.9)])
def test_it_is_what_its_own_quadrature_finds_and_is_marked(name: str, mu: float) -> None:
    frame = at_rest(name, mu, 1500.0)
    found = at_state(frame, "chi_kubo")
    assert found is not None
    own = adaptive(frame.geometry.source.hamiltonian, KUBO, mu, 1500.0, operations=())
    away = np.abs(found.value - own.chi[0, 0])
    assert (away <= found.error + own.chi_error[0, 0] + 1e-9 * np.abs(found.value).max()).all()
    assert found.error.max() < 0.01 * np.abs(found.value).max()
    assert KUBO_WORDS in line(frame)
    assert "differs by more than a tenth" in line(frame)


def test_in_a_gap_it_is_chi_and_not_marked() -> None:
    frame = at_rest("haldane", -0.15, 50.0)
    chi, other = at_state(frame, "chi"), at_state(frame, "chi_kubo")
    assert chi is not None
    assert other is not None
    assert np.abs(chi.value - other.value).max() < 1e-9 * np.abs(chi.value).max()
    assert "differs" not in line(frame)


def test_where_chi_vanishes_there_is_no_line() -> None:
    frame = at_rest("mos2", 1.0, 300.0)
    assert "kubo" not in foot_html(frame, checklist(frame))["responses"]
