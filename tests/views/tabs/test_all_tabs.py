"""Every tab of the theory: computes off the page, draws, and shows numbers of the right size and unit."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import explorer.views
from explorer.live.frame import Frame, mesh_curves, mesh_point
from explorer.meshes.cache import SHARED
from explorer.physics.geometry.band_geometry import band_geometry
from explorer.physics.geometry.bloch import energies
from explorer.physics.units import HBAR, K_B
from explorer.physics.zone.domain import zone_of
from explorer.session.state import default_state
from explorer.views import VIEWS, View
from explorer.views.figure_tab import LARGER, component_of
from explorer.views.figures.layout import clean
from explorer.views.figures.plots import LinePlot, Raster
from explorer.views.tabs.decomposition import DecompositionView
from explorer.views.tabs.equilibrium import EquilibriumView
from explorer.views.tabs.experiment import NOTHING, TOLERANCE, ExperimentView
from explorer.views.tabs.extrinsic import ExtrinsicView
from explorer.views.tabs.potential import PotentialView
from explorer.views.tabs.scaling import ScalingView
from explorer.views.tabs.spin import SpinView

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


def test_every_view_of_the_folder_has_a_tab_by_its_key() -> None:
    found = [entry.load() for entry in VIEWS]
    assert set(TABS) <= set(found)
    for module in pkgutil.iter_modules(explorer.views.__path__, "explorer.views."):
        importlib.import_module(module.name)
    below = [View, *View.__subclasses__()]
    for part in below:
        below += [v for v in part.__subclasses__() if v not in below]
    assert {v for v in below if v.key and v.__module__.startswith("explorer.")} == set(found)


@pytest.mark.parametrize("source", ["haldane", "cumnas", "tilted-dirac"])
@pytest.mark.parametrize("tab", TABS)
def test_every_tab_draws_twice(tab: type[View], source: str) -> None:
    """A lattice, Kramers pairs, and a disc; a second frame replaces the data of the same figures."""
    frame = frame_of(source)
    view, result, _ = opened(tab, frame)
    figures = list(view._figures)
    view.draw(frame_of(source, mu=frame.state.mu + 0.1), result)
    assert list(view._figures) == figures


def at_rest(frame: Frame, every: int = 20) -> Frame:
    """The frame once the hand rests, with fewer chemical potentials."""
    c = frame.curves
    fewer = {
        name: np.ascontiguousarray(getattr(c, name)[::every])
        for name in ("mu", "chi", "alpha_mott", "alpha_low")
    }
    return replace(frame, stage="sharp", curves=replace(c, **fewer))


@pytest.mark.parametrize("tab", [t for t in TABS if t is not ScalingView])
def test_tabs_show_a_first_picture_and_then_error_bars(
    tab: type[View], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 10 K: first of the mesh and said to be that, then by adaptive quadrature, with bands in the plots."""
    kelvin = 10.0 + 0.1 * TABS.index(tab)  # what is known of a temperature is shown at once
    frame = at_rest(replace_state(frame_of("rashba"), temperature=kelvin, field_angle=60.0))
    shown: list[Any] = []
    view = tab(Page(), lambda: None)
    view.layout()
    monkeypatch.setattr(view, "early", shown.append, raising=False)
    if isinstance(view, ExperimentView):
        view.options = replace(view.options, source=frame.state.source)
    result = view.compute(frame)
    view.draw(frame, shown[0])
    assert "not converged" in words(view)
    view.draw(frame, result)
    assert "by adaptive quadrature at each of their points" in words(view)
    assert "not converged</b>" not in words(view)
    bands = [
        (plot.source.data[low], plot.source.data[high])
        for plot in line_plots(view)
        for low, high in plot._bands.values()
    ]
    assert bands
    assert all(np.all(low <= high) for low, high in bands if np.isfinite(low).all())
    assert any((high > low).any() for low, high in bands)


def test_what_symmetry_forbids_is_not_taken_apart() -> None:
    """By time reversal mos2 has no chi, and its terms are rounding; haldane has chi_y and no chi_x."""
    view, _, _ = opened(DecompositionView, frame_of("mos2"))
    assert "it is zero at every μ" in words(view)
    assert all(not np.any(view._terms.source.data[name]) for name in view._terms.names)
    for component, zero in ((0, True), (1, False)):
        frame = frame_of("haldane")
        view = DecompositionView(Page(), lambda: None)
        view.options = replace(view.options, component=component)
        view.layout()
        view.draw(frame, view.compute(frame))
        assert ("it is zero at every μ" in words(view)) is zero


def test_maps_of_what_pt_forbids_are_empty_and_say_so() -> None:
    for source, zero in (("cumnas", True), ("haldane", False)):
        view, _, _ = opened(EquilibriumView, frame_of(source))
        for plot in (view._omega, view._moment):
            assert (plot._clipped.text == "zero at every k") is zero
            assert bool(np.nan_to_num(plot.source.data["image"][0]).any()) is not zero


def replace_state(frame: Frame, **changes: Any) -> Frame:
    state = replace(frame.state, **changes)
    picture, point = mesh_point(frame.geometry, state)
    return Frame(state, frame.stage, frame.geometry, picture, mesh_curves(frame.geometry, state), point)


def words(view: Any) -> str:
    """All that the tab says in its panes of text."""
    return " ".join(
        str(p.object) for p in view._figures.select(lambda x: type(x).__name__ == "HTML") if p.object
    )


def line_plots(view: Any) -> list[LinePlot]:
    """The plots of a tab."""
    found = [v for v in vars(view).values() if isinstance(v, LinePlot | dict | list)]
    flat = [
        p for v in found for p in (v.values() if isinstance(v, dict) else v if isinstance(v, list) else [v])
    ]
    return [p for p in flat if isinstance(p, LinePlot)]


def test_equilibrium_numbers() -> None:
    view, result, _ = opened(EquilibriumView, frame_of("haldane", 48))
    scale = np.abs(result.curves.slope).max()
    assert np.abs(result.difference - result.curves.slope).max() < 0.1 * scale
    assert "e²/h" in view._table.object


def test_relaxation_time_scales_the_extrinsic_curve() -> None:
    frame = frame_of("rashba")
    view, result, _ = opened(ExtrinsicView, frame)
    longer = replace(frame, state=replace(frame.state, relaxation_time=3.0))
    np.testing.assert_allclose(view.compute(longer).extrinsic.chi, 3 * result.extrinsic.chi, rtol=1e-12)
    assert "vanishes" not in view._table.object


def test_extrinsic_says_where_symmetry_forbids_it() -> None:
    view, _, _ = opened(ExtrinsicView, frame_of("cumnas"))
    assert "The extrinsic response vanishes" in view._table.object


def test_extrinsic_shows_an_intrinsic_part_that_is_forbidden_as_zero() -> None:
    view, _, _ = opened(ExtrinsicView, frame_of("mos2"))
    assert "<th scope=row>χ<sub>x</sub></th><td>0</td>" in view._table.object
    assert "10<sup>−2" not in view._table.object


@pytest.mark.parametrize(("source", "shown"), [("haldane", False), ("cumnas", True)])
def test_spin_in_the_plane_is_shown_where_there_is_spin(source: str, shown: bool) -> None:
    view, _, _ = opened(SpinView, frame_of(source))
    assert view._in_plane.visible is shown
    assert "display" not in view._in_plane.styles, "it would outweigh being invisible"


def test_a_sea_form_that_is_off_the_scale_is_left_out_and_said() -> None:
    frame = frame_of("cumnas", k=(0.1, 0.2))
    view, result, _ = opened(DecompositionView, frame)
    assert np.isfinite(view._terms.source.data["second, sea"]).all()
    coarse = result.terms.chi * np.array([1.0, 1.0, 1e9])
    view.draw(frame, replace(result, terms=replace(result.terms, chi=coarse)))
    assert np.isnan(view._terms.source.data["second, sea"]).all()
    assert np.isfinite(view._terms.source.data["total"]).all()
    assert "too coarse for the sea form" in view._terms.figure.title.text


def test_scaling_refuses_impossible_constants() -> None:
    view, _, page = opened(ScalingView, frame_of("haldane"))
    view.move("impurity time", 0.0)
    assert "impurity_time" in page.toasts[0]
    assert view.options.relaxation.impurity_time > 0
    view.move("sound velocity", 5.0)
    assert view.options.relaxation.sound_velocity == view.options.phonons.sound_velocity == 5e3


def test_decomposition_follows_the_chosen_k_and_band() -> None:
    view, result, _ = opened(DecompositionView, frame_of("haldane", k=(0.1, 0.2), band=1))
    assert result.chosen
    assert result.found.levels == (0,)
    np.testing.assert_array_equal(result.found.k, [0.1, 0.2])
    view.options = replace(view.options, band=7)
    with pytest.raises(ValueError, match="no band 7"):
        view.compute(frame_of("haldane"))


def test_decomposition_names_a_wave_vector_of_the_zone_and_the_band_nearest_to_mu_there() -> None:
    frame = frame_of("mnbi2te4", 24, mu=0.1)  # hottest beside Gamma, at one of whose images on the mesh
    _, result, _ = opened(DecompositionView, frame)
    reciprocal = frame.geometry.zone.reciprocal
    assert np.hypot(*result.found.k) < 0.1 * np.hypot(*reciprocal[0])
    # What lies left of or below Gamma is on the mesh at another of its images.
    h = frame_of("honeycomb-afm", 24).geometry
    for at in (-11, 2), (-7, -10), (5, -11), (-3, -2):
        k = np.array(at) / 24 @ h.zone.reciprocal
        energies = band_geometry(h.source.hamiltonian, k[:, None]).energy[:, 0]
        for mu in np.linspace(-0.5, 0.5, 5):
            _, result, _ = opened(DecompositionView, frame_of("honeycomb-afm", 24, mu=mu, k=(k[0], k[1])))
            assert abs(result.found.energy - mu) == pytest.approx(np.abs(energies - mu).min(), abs=1e-9)


def test_the_component_that_is_not_forbidden_is_shown_unless_another_is_asked_for() -> None:
    frame = frame_of("tilted-dirac", 24, mu=0.2)  # its mirror leaves chi_y and alpha_y
    spin, result, _ = opened(SpinView, frame)
    assert "E along y" in spin._z.figure.title.text
    spin.options = replace(spin.options, field=0)
    spin.draw(frame, replace(result, options=spin.options))
    assert "E along x" in spin._z.figure.title.text
    scaling, (_, component), _ = opened(ScalingView, frame)
    assert component == 1
    assert "Contributions to αy" in scaling._sizes.figure.title.text
    assert np.isfinite(scaling._sizes.source.data["intrinsic"]).all()
    assert component_of(LARGER, np.array([[0.0, -2.0], [1.0, 0.0]])) == 1
    assert component_of(LARGER, np.array([[2.0, 2.0]])) == 0
    assert component_of(0, np.array([[0.0, 2.0]])) == 0


def test_spin_says_when_there_is_none() -> None:
    view, result, _ = opened(SpinView, frame_of("haldane"))
    assert result.spin is None
    assert "no spin" in view._table.object
    _, result, _ = opened(SpinView, frame_of("rashba"))
    assert np.abs(result.spin[0].chi).max() > 1e-12


def test_a_wave_vector_is_chosen_by_hand_and_what_the_tab_shows_is_no_choice() -> None:
    view, _, page = opened(DecompositionView, frame_of("haldane"))
    assert page.changes == []
    view._k[0].value = 0.25
    assert page.changes == [{"k": (0.25, view._k[1].value)}]


@pytest.mark.parametrize("sweep", [TOLERANCE, "staggering"])
def test_sensitivity_is_drawn_on_request(sweep: str) -> None:
    frame = at_rest(frame_of("cumnas", 16), 70)
    view, result, _ = opened(ExperimentView, frame)
    assert result.options.sweep == TOLERANCE
    assert "once the sliders rest" not in view._words.object
    view.set_option(sweep=NOTHING)
    view.draw(frame, view.compute(frame))
    assert not view._pair.visible
    view.set_option(sweep=sweep)
    result = view.compute(frame)
    view.draw(frame, result)
    assert view._pair.visible
    assert result.sensitivity.groups.min() >= 1
    assert np.isfinite(result.sensitivity.chi).all()
    moving = replace(frame, stage="mesh")
    view.draw(moving, view.compute(moving))
    assert view._pair.visible
    assert "earlier settings: it is computed once" in view._words.object


def test_the_experiment_reads_the_sum_of_its_parts() -> None:
    frame = frame_of("rashba", field_angle=30.0, gradient=1e5)
    view, result, _ = opened(ExperimentView, frame)
    assert [(p.moment, p.mechanism) for p in result.parts] == [
        (moment, mechanism) for moment in ("orbital", "spin") for mechanism in ("intrinsic", "extrinsic")
    ]
    total = sum(p.induced.total for p in result.parts)
    moment = total * np.pi * view.options.radius**2
    assert result.reading.moment == pytest.approx(moment, rel=1e-12)
    assert "Order of magnitude" in view._readings.object
    even = sum(p.induced.total for p in result.parts if p.mechanism == "extrinsic")
    assert result.even == pytest.approx(even, rel=1e-12)
    assert "largest B<sub>z</sub>" in view._readings.object
    view.set_option(spin=False)
    assert len(view.compute(frame).parts) == 2
    assert len(opened(ExperimentView, frame_of("haldane"))[1].parts) == 2


def test_the_current_that_the_field_drives() -> None:
    """By a sum over another mesh. Its field is a million times that of the moment above the centre."""
    frame = frame_of("cumnas", 96)
    _, result, _ = opened(ExperimentView, frame)
    state, h = frame.state, frame.geometry.source.hamiltonian
    k, weights = zone_of(h).mesh(300)
    step = np.array([[1e-5], [0.0]])
    slope = (energies(h, k + step) - energies(h, k - step)) / 2e-5
    x = (energies(h, k) - state.mu) / (2 * K_B * state.temperature)
    sigma = (slope**2 / (4 * K_B * state.temperature * np.cosh(np.clip(x, -300, 300)) ** 2) * weights).sum()
    current = sigma * 2.4341349e-4 * state.relaxation_time * 1e-12 / HBAR * state.field
    assert result.current == pytest.approx(current, rel=0.02)
    assert 2e-7 * np.pi * result.current > 1e6 * abs(result.reading.field)
    assert abs(result.reading.field) < 1e-10


def test_potential_slopes_meet_the_responses() -> None:
    _, result, _ = opened(PotentialView, frame_of("haldane", 96))
    # alpha is sharper than chi: on 96 x 96 points the plain sum follows it less well
    for name, share in (("chi", 0.05), ("alpha", 0.1)):
        response = getattr(result.responses, name)
        assert np.abs(result.slopes[name] - response).max() < share * np.abs(response).max()


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
