"""Chi against plane-wave shells and against the radius of a k.p disc."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.models.tilted_dirac import TiltedDirac
from explorer.models.twisted_bilayer_graphene import TwistedBilayerGraphene
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.integration.uniform.plain_sum import plain_sum
from explorer.physics.responses.intrinsic import INTRINSIC
from explorer.physics.units import CHI_UNIT
from explorer.physics.zone.domain import zone_of
from explorer.session.state import default_state
from explorer.studies.truncation import Truncation, _geometry, settings_of, truncation


def found(source: str, **changes: float) -> Truncation:
    result = truncation(replace(default_state(source), **changes))
    assert result is not None
    return result


def test_most_models_are_not_cut_off() -> None:
    assert truncation(default_state("haldane")) is None


def test_every_shell_of_the_plane_waves() -> None:
    t = found("tbg", mu=0.005, temperature=100.0)
    assert t.settings.tolist() == [1, 2, 3, 4, 5]
    assert t.bands.tolist() == [12, 24, 48, 72, 84]
    h = TwistedBilayerGraphene(shells=2.0).hamiltonian()
    k, weights = zone_of(h).mesh(t.mesh)
    two = plain_sum(band_geometry(h, k), weights, INTRINSIC, np.array([0.005]), np.array([100.0]))[0][0, 0]
    assert np.array_equal(t.chi[1], two)
    # What the model's text promises for its default, three shells, and for four.
    assert t.present == 3
    assert 0.01 < t.change < 0.06
    assert replace(t, present=4.0).change < 0.005


def test_mu_and_temperature_are_free() -> None:
    calls = []
    state = default_state("tilted-dirac")
    truncation(state, calls.append)
    assert calls[-1] == 1.0
    before = _geometry.cache_info().misses
    truncation(replace(state, mu=0.3, temperature=20.0))
    assert _geometry.cache_info().misses == before


def test_the_filled_cone_nears_its_closed_form_as_one_over_the_radius() -> None:
    """|chi| = (e^2/hbar) w/(12 pi |m|) less a tail of one over the cutoff (tests of the model)."""
    t = found("tilted-dirac", mu=0.0, temperature=20.0)
    model = TiltedDirac()
    limit = CHI_UNIT * model.tilt / (12 * np.pi * model.mass)
    missing = np.abs(np.abs(t.chi[:, 1]) / limit - 1)
    assert t.settings[-1] == pytest.approx(2.0)
    assert missing[-1] < 0.05
    wide = t.settings > 0.4
    assert np.allclose(missing[wide] * t.settings[wide], missing[-1] * t.settings[-1], rtol=0.15)


def test_settings_stay_within_the_bounds() -> None:
    cutoff = TiltedDirac.quantities()["cutoff"]
    settings = settings_of(cutoff, 1.5)
    assert settings[0] == pytest.approx(0.375)
    assert settings[-1] == pytest.approx(2.0)
