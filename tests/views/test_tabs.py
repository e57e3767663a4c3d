"""Every tab of the theory: computes off the page, draws, and shows numbers of the right size and unit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from explorer.frames import Frame, mesh_curves, mesh_point
from explorer.meshes import SHARED
from explorer.session import default_state
from explorer.views import View, views
from explorer.views.decomposition import DecompositionView
from explorer.views.equilibrium import EquilibriumView
from explorer.views.experiment import TOLERANCE, ExperimentView
from explorer.views.extrinsic import ExtrinsicView
from explorer.views.figures import Raster, clean
from explorer.views.potential import PotentialView
from explorer.views.scaling import ScalingView
from explorer.views.spin import SpinView

TABS = (
    EquilibriumView,
    ExtrinsicView,
    ScalingView,
    DecompositionView,
    SpinView,
    ExperimentView,
    PotentialView,
)


class Page:
    """What a view may ask of the page, remembered."""

    def __init__(self) -> None:
        self.changes: list[dict[str, Any]] = []
        self.toasts: list[str] = []

    def change(self, **changes: Any) -> None:
        self.changes.append(changes)

    def toast(self, text: str, kind: str = "warning") -> None:
        self.toasts.append(text)


def frame_of(source: str, mesh: int = 24, **changes: Any) -> Frame:
    state = replace(default_state(source), temperature=300.0, **changes)
    m = SHARED.get(state, mesh)
    picture, point = mesh_point(m, state)
    return Frame(state, "mesh", m, picture, mesh_curves(m, state), point)


def opened(tab: type[View], frame: Frame) -> tuple[Any, Any, Page]:
    """The view drawn once, its result, and its page."""
    page = Page()
    view = tab(page, lambda: None)
    view.layout()
    result = view.compute(frame)
    view.draw(frame, result)
    return view, result, page


def test_tabs_are_found_in_order() -> None:
    found = views()
    assert set(TABS) <= set(found)
    assert [v.order for v in found] == sorted(v.order for v in found)


@pytest.mark.parametrize("source", ["haldane", "cumnas", "tilted-dirac"])
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_draws_twice(tab: type[View], source: str) -> None:
    """A lattice, Kramers pairs, and a disc; a second frame replaces the data of the same figures."""
    frame = frame_of(source)
    view, result, _ = opened(tab, frame)
    figures = list(view._figures)
    view.draw(frame_of(source, mu=frame.state.mu + 0.1), result)
    assert list(view._figures) == figures


def test_equilibrium_numbers() -> None:
    view, result, _ = opened(EquilibriumView, frame_of("haldane", 48))
    scale = np.abs(result.streda).max()
    assert np.abs(result.difference - result.streda).max() < 0.1 * scale
    assert "e²/h" in view._table.object


def test_relaxation_time_scales_the_extrinsic_curve() -> None:
    frame = frame_of("rashba")
    view, result, _ = opened(ExtrinsicView, frame)
    view.options = 3.0
    np.testing.assert_allclose(view.compute(frame).chi_extrinsic, 3 * result.chi_extrinsic, rtol=1e-12)


def test_scaling_refuses_impossible_constants() -> None:
    view, _, page = opened(ScalingView, frame_of("haldane"))
    view._constant("relaxation", "impurity_time", 1e-12)(0.0)
    assert "impurity_time" in page.toasts[0]
    assert view.options.relaxation.impurity_time > 0


def test_decomposition_follows_the_chosen_k_and_band() -> None:
    view, result, _ = opened(DecompositionView, frame_of("haldane", k=(0.1, 0.2), band=1))
    assert result.chosen
    assert result.found.levels == (0,)
    np.testing.assert_array_equal(result.found.k, [0.1, 0.2])
    view.options = replace(view.options, band=7)
    with pytest.raises(ValueError, match="no band 7"):
        view.compute(frame_of("haldane"))


def test_spin_says_when_there_is_none() -> None:
    view, result, _ = opened(SpinView, frame_of("haldane"))
    assert result.spin is None
    assert "no spin" in view._table.object
    _, result, _ = opened(SpinView, frame_of("rashba"))
    assert np.abs(result.spin[0]).max() > 1e-12


def test_density_moves_mu_once() -> None:
    frame = frame_of("haldane")
    view, _, page = opened(ExperimentView, frame)
    view._wish("2,5")
    view.draw(frame, view.compute(frame))
    (change,) = page.changes
    # the frame counts carriers with the same mesh: at the new mu it must find the density asked for
    assert frame_of("haldane", mu=change["mu"]).point.density == pytest.approx(2.5e12, rel=1e-6)
    view.draw(frame, view.compute(frame))
    assert len(page.changes) == 1
    view._wish("many")
    assert "number" in page.toasts[0]


@pytest.mark.parametrize("sweep", [TOLERANCE, "staggering"])
def test_sensitivity_is_drawn_on_request(sweep: str) -> None:
    frame = frame_of("cumnas", 16)
    view, result, _ = opened(ExperimentView, frame)
    assert result.sensitivity is None
    assert len(view._sweeps) == 0
    view.options = replace(view.options, sweep=sweep)
    result = view.compute(frame)
    view.draw(frame, result)
    assert len(view._sweeps) == 1
    assert result.sensitivity.groups.min() >= 1
    assert np.isfinite(result.sensitivity.chi).all()


def test_potential_slopes_meet_the_responses() -> None:
    _, result, _ = opened(PotentialView, frame_of("haldane", 96))
    chi = result.found.chi[0]
    assert np.abs(chi - result.chi).max() < 0.05 * np.abs(result.chi).max()


def test_raster_covers_the_zone() -> None:
    """The picture of |k| itself: right at every pixel to half a mesh step, blank outside."""
    for source in ("haldane", "tilted-dirac"):
        m = frame_of(source, 48).geometry
        raster = Raster(m)
        kx, _ = m.picture.k
        image = raster.image(np.cos(2.5 * kx) if source == "haldane" else kx)
        low, high, _, _ = raster.extent
        x = np.linspace(low, high, image.shape[1])
        middle = image[image.shape[0] // 2]
        expected = np.cos(2.5 * x) if source == "haldane" else x
        inside = np.isfinite(middle)
        assert inside.sum() > 100
        assert np.isnan(image[0, 0])
        assert np.abs(middle - expected)[inside].max() < 0.2


def test_rounding_is_shown_as_zero() -> None:
    assert clean(1e-20, 1.0) == 0
    assert clean(1e-3, 1.0) == 1e-3
